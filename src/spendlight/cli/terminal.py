"""What the terminal can do: colours, width, and letters beyond ASCII."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

UNLIMITED_WIDTH = 10_000
"""A file or a pipe has no edge; what reads it may want whole rows."""


def has_color(choice: bool | None, stream: TextIO) -> bool:  # noqa: FBT001  # as typed
    """Whether to colour what goes to *stream*.

    Args:
        choice: What was asked for on the command line, if anything.
        stream: Where it goes.
    """
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Return how many cells a line of the terminal has."""
    import shutil  # dear, and most commands do not ask

    return shutil.get_terminal_size().columns


def width() -> int:
    """Return how many cells a line on stdout may have."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return columns()
    return UNLIMITED_WIDTH


def console(choice: bool | None, *, width: int | None = None) -> Console:  # noqa: FBT001  # as typed
    """Return a console on stdout that draws plain text, with colours where they are wanted.

    Args:
        choice: Whether colours were asked for on the command line, or asked away.
        width: How wide to draw; by default as wide as the terminal is at the moment.
    """
    from rich.console import Console

    class OurConsole(Console):
        """A console that leaves it to `main` what happens when nobody reads any more."""

        def on_broken_pipe(self) -> None:
            """Go on with the exception that brought us here."""
            raise BrokenPipeError

    colored = has_color(choice, sys.stdout)
    is_real = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return OurConsole(
        color_system=("auto" if is_real else "standard") if colored else None,
        force_terminal=colored or None,
        no_color=not colored,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def speak_utf8() -> None:
    """Write UTF-8 to stdout, for readers that are programs."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")


def forgive_letters() -> None:
    """Show a substitute for letters that the terminal does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

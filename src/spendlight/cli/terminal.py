"""The terminal's capabilities: colours, width, and characters beyond ASCII.

All text goes through the filter in `cli.output`, so that no name in it can control the terminal:
`say` and `complain` for lines, `console` for what rich draws.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from spendlight.cli.output import own
from spendlight.names import shown, shown_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.segment import Segment
    from rich.text import Text

_MOST_DIGITS = 4
"""The most digits of the width and height of a terminal."""

UNLIMITED_WIDTH = 10_000
"""A file or a pipe has no width; its reader may want whole rows."""


def has_color(choice: bool | None, stream: TextIO) -> bool:  # noqa: FBT001  # as typed
    """Whether to use colours on *stream*.

    Args:
        choice: The command-line option, if given.
        stream: The stream.
    """
    if choice is not None:
        return choice
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def say(*lines: str) -> None:
    """Print lines that may contain names."""
    print("\n".join(map(shown, lines)))


def say_text(text: str) -> None:
    """Print lines given as one text, in whose names line breaks are already escaped."""
    print(text)


def say_colored(line: str) -> None:
    """Print a line with our own colours; names in it must be escaped already."""
    print(line, file=own(sys.stdout))


def say_escaped(text: str) -> None:
    """Print a text with tabs, for a program; names in it must be plain."""
    print(text, file=own(sys.stdout))


def say_json(text: str) -> None:
    """Print JSON, in which `json_out` has escaped control characters."""
    speak_utf8()
    print(text, file=own(sys.stdout))


def has_keyboard() -> bool:
    """Whether somebody can type on stdin."""
    stdin: Any = sys.stdin  # None if it was closed before the program started
    return stdin is not None and bool(stdin.isatty())


def ask(question: str) -> str:
    """Print a question, and return the line that is typed."""
    print(f"{shown(question)} ", end="", flush=True)
    return sys.stdin.readline().strip()


def complain(text: object) -> None:
    """Print a warning or an error that may contain names."""
    print(f"spendlight: {shown(str(text))}", file=sys.stderr)


def columns() -> int:
    """Return how many cells a line of the terminal has."""
    import shutil  # slow to load, and rarely needed

    return min(max(1, shutil.get_terminal_size().columns), UNLIMITED_WIDTH)


def _sensible_environ() -> dict[str, str]:
    """Return the environment without an impossible terminal size, which rich would fill."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"COLUMNS", "LINES"}
        or (value.isdecimal() and len(value) <= _MOST_DIGITS and int(value) > 0)
    }


def width() -> int:
    """Return how many cells a line on stdout may have."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return columns()
    return UNLIMITED_WIDTH


def height() -> int | None:
    """Return how many lines the terminal has; None if stdout is none."""
    if sys.stdout.isatty() or os.environ.get("LINES", "").isdecimal():
        import shutil  # few verbs need it

        return max(1, shutil.get_terminal_size().lines)
    return None


def is_colored(choice: bool | None) -> bool:  # noqa: FBT001  # as typed
    """Return whether to use colours and bold text on stdout."""
    return has_color(choice, sys.stdout)


def console(choice: bool | None, *, width: int | None = None) -> Console:  # noqa: FBT001  # as typed
    """Return a console on stdout that draws plain text, optionally with colours.

    Args:
        choice: The command-line option for colours, if given.
        width: The width; by default the terminal's current width.
    """
    from rich.console import Console
    from rich.segment import Segment

    class OurConsole(Console):
        """A console that draws names as data, and lets `main` handle a closed pipe."""

        def on_broken_pipe(self) -> None:
            """Let the exception propagate."""
            raise BrokenPipeError

        def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401  # rich's own
            """Return plain text, escaped before rich measures it."""
            return super().render_str(shown_lines(text), **options)

        def _render_buffer(self, buffer: Iterable[Segment]) -> str:
            """Return the output, with rich's own text escaped."""
            return super()._render_buffer(
                part
                if part.control or part.text.isprintable()
                else Segment(shown_lines(part.text), part.style)
                for part in buffer
            )

    colored = has_color(choice, sys.stdout)
    is_real = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return OurConsole(
        file=own(sys.stdout),
        _environ=_sensible_environ(),
        color_system=("auto" if is_real else "standard") if colored else None,
        force_terminal=colored or None,
        no_color=not colored,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def speak_utf8(newline: str | None = None) -> None:
    """Write UTF-8 to stdout, for programs.

    Args:
        newline: The line end, if not the system's.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        how = {} if newline is None else {"newline": newline}
        reconfigure(encoding="utf-8", errors="replace", **how)

"""Profiles folders, with progress on stderr, and prints the result."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal, words
from spendlight.cli.output import own
from spendlight.cli.profile_words import file_size
from spendlight.cli.progress import REDRAW_EVERY_S, SHOW_AFTER_S
from spendlight.cli.world import opened
from spendlight.tracker.profile import FileFilter, NoClaudeFolderError, claude_folders
from spendlight.tracker.snapshot import DataState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.world import World
    from spendlight.tracker.profile import FolderProfile, SurveyProgress

OK = 0
FAILED = 1
INTERRUPTED = 130

_CLEAR = "\r\x1b[K"


def run(arguments: Arguments) -> int:
    """Print the profile of a folder, and return the exit code.

    1 if something could not be read, 130 if the user interrupted it.

    Raises:
        UsageError: If there is no such folder, or the options are invalid.
    """
    with opened(arguments) as world:
        if _is_claudes(arguments, world):
            world.read_logs()
        with _stopping() as stop, _counter() as counter:
            profiles = world.tracker.profile(arguments.path, _filter(arguments), stop, counter.show)
        if arguments.json:
            from spendlight.cli import profile_json

            terminal.say_json(json_out.to_text(profile_json.to_json(profiles, arguments.top)))
        elif not profiles:
            terminal.say(words.nothing(DataState.NO_CLAUDE))
        else:
            from spendlight.cli.profile_text import write

            console = terminal.console(arguments.color, width=terminal.width())
            write(console, profiles, arguments, world.zone)
    return _code(profiles)


def _code(profiles: tuple[FolderProfile, ...]) -> int:
    if not all(profile.survey.is_complete for profile in profiles):
        return INTERRUPTED
    return FAILED if any(profile.survey.unreadable for profile in profiles) else OK


def _is_claudes(arguments: Arguments, world: World) -> bool:
    """Whether the folder has Claude Code's logs, so that the ledger should read them."""
    try:
        return bool(claude_folders(world.options, arguments.path))
    except NoClaudeFolderError:
        return False


def _filter(arguments: Arguments) -> FileFilter:
    before = arguments.older_than
    return FileFilter(
        extensions=frozenset(arguments.ext),
        names=tuple(arguments.name),
        pattern=arguments.regex,
        min_bytes=arguments.min_size,
        before_ns=None if before is None else int(before.timestamp() * 10**9),
        has_hidden=not arguments.no_hidden,
        is_on_one_system=arguments.one_file_system,
    )


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C sets; the second time it ends the program as usual."""
    stop = threading.Event()

    def on_interrupt(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, former)

    former = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, former)


class _Counter:
    """Shows progress on stderr, if that is a terminal, and clears it at the end."""

    def __init__(self) -> None:
        self._is_wanted = sys.stderr.isatty()
        self._next_at = time.monotonic() + SHOW_AFTER_S
        self._is_drawn = False

    def show(self, progress: SurveyProgress) -> None:
        """Draw it, unless it is too early."""
        if not self._is_wanted or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + REDRAW_EVERY_S
        seen = f"{progress.files:,} files in {progress.folders:,} folders"
        text = (
            f"Scanning… {seen}, {file_size(progress.size)}  (Ctrl-C stops and shows the results "
            "so far)"
        )
        self._write(_CLEAR + text[: terminal.columns() - 1])
        self._is_drawn = True

    def clear(self) -> None:
        """Clear it."""
        if self._is_drawn:
            self._write(_CLEAR)

    @staticmethod
    def _write(text: str) -> None:
        screen = own(sys.stderr)
        screen.write(text)
        screen.flush()


@contextmanager
def _counter() -> Iterator[_Counter]:
    counter = _Counter()
    try:
        yield counter
    finally:
        counter.clear()

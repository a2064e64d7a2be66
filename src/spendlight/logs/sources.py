"""The kinds of files in which agents write their usage, and how these are named.

There are three kinds: logs to which lines are appended, documents that are rewritten as a whole,
and SQLite databases.
"""

from __future__ import annotations

import os
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

DEEP: Final = "**/"
"""The beginning of a pattern for files at any depth, like in ``glob``."""

ANY: Final = "*"
"""In the name of a folder: any letters."""

WRITE_AHEAD: Final = "-wal"
"""What SQLite adds to a database's name for the file that contains its latest changes."""


class LogKind(IntEnum):
    """How an agent writes a log.

    Attributes:
        LINES: Lines are appended, so it is read from where the last pass ended.
        DOCUMENT: It is rewritten as a whole, so it is read as a whole; see `logs.documents`.
        DATABASE: SQLite changes any part of it, and `WRITE_AHEAD` beside it; see `logs.databases`.
    """

    LINES = 0
    DOCUMENT = 1
    DATABASE = 2


class LogSource(NamedTuple):
    """Some of an agent's logs: those of one kind in one folder.

    Attributes:
        folder: The folder in a data folder, with the system's separators; "" is the data folder. It
            may contain `ANY`, if there is one for each session or profile.
        names: The names of the logs: a text with one star at most, which stands for one letter or
            more. It begins with `DEEP` if they may be in subfolders.
        kind: How they are written.
    """

    folder: str
    names: str = "**/*.jsonl"
    kind: LogKind = LogKind.LINES

    @property
    def is_deep(self) -> bool:
        """Whether the logs may be in subfolders."""
        return self.names.startswith(DEEP)

    def path_below(self, folder: str, path: str) -> str | None:
        """Return the path of a log below the folder of the source, with "/"; None if it is none.

        Args:
            folder: The full path of that folder.
            path: A full path; for a database also that of a file beside it.
        """
        start = folder if folder.endswith(os.sep) else f"{folder}{os.sep}"
        if not path.startswith(start):
            return None
        if self.kind is LogKind.DATABASE:
            path = path.removesuffix(WRITE_AHEAD)
        below = path[len(start) :].replace(os.sep, "/")
        parents, _, name = below.rpartition("/")
        if (parents and not self.is_deep) or not is_named(self.names)(name):
            return None
        return below


def folders_like(top: str, pattern: str) -> list[str]:
    """Return the full paths of the folders that exist below another one and fit to a pattern."""
    found = [top]
    for part in pattern.split(os.sep):  # noqa: PTH206  # text
        found = [path for folder in found for path in _inside(folder, part)]
    return found


def _inside(folder: str, part: str) -> list[str]:
    """Return the folders in a folder whose names fit to a part of a pattern, links excluded."""
    if ANY not in part:
        path = os.path.join(folder, part)  # noqa: PTH118  # text
        return [path] if os.path.isdir(path) else []  # noqa: PTH112  # text
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.path
                for entry in entries
                if _fits(entry.name, part) and entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def folder_like(top: str, pattern: str, path: str) -> str:
    """Return the folder that fits to a pattern and that a path leads through, below the top folder.

    If there is none, or the pattern is the name of a folder, it is the pattern.
    """
    start = top if top.endswith(os.sep) else f"{top}{os.sep}"
    if ANY not in pattern or not path.startswith(start):
        return pattern
    parts = pattern.split(os.sep)  # noqa: PTH206  # text
    names = path[len(start) :].split(os.sep)[: len(parts)]  # noqa: PTH206  # text
    if len(names) < len(parts) or not all(map(_fits, names, parts)):
        return pattern
    return os.sep.join(names)  # noqa: PTH118  # text


def _fits(name: str, part: str) -> bool:
    start, star, end = part.partition(ANY)
    if not star:
        return name == part
    return name.startswith(start) and name.endswith(end) and len(name) >= len(start) + len(end)


@cache  # there are as many as agents have sources
def is_named(names: str) -> Callable[[str], bool]:
    """Return a function that tells whether a file's own name is one of these; see `LogSource`."""
    start, star, end = names.removeprefix(DEEP).partition("*")
    if not star:
        return start.__eq__
    if not start:
        return lambda name: name.endswith(end) and name != end
    fixed = len(start) + len(end)
    return lambda name: name.startswith(start) and name.endswith(end) and len(name) > fixed

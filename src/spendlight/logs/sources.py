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
        folder: The folder in a data folder, with the system's separators; "" is the data folder.
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

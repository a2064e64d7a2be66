"""Filters the files of a survey by extension, name, size and age."""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spendlight.errors import BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


class BadPatternError(BadArgumentError):
    """A regular expression is invalid."""

    def __init__(self, pattern: str, reason: str) -> None:
        super().__init__(
            f"{pattern!r} is not a regular expression: {reason}",
            "To match characters such as ( and * literally, put a backslash before them.",
        )


@dataclass(frozen=True, slots=True)
class FileFilter:
    """The filter of a survey; by default all files.

    It does not affect folders, links and special files.

    Attributes:
        extensions: Only files with one of these, with their dots and in lower case; "" means files
            without any.
        names: Only files whose name matches one of these shell patterns.
        pattern: Only files whose path below the folder contains a match of this regular expression.
        min_bytes: Only files of at least this size.
        before_ns: Only files last modified before this moment, in Unix nanoseconds.
        has_hidden: Whether to include hidden files and folders.
        is_on_one_system: Skip folders on other file systems.
    """

    extensions: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    pattern: str = ""
    min_bytes: int = 0
    before_ns: int | None = None
    has_hidden: bool = True
    is_on_one_system: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether all files match."""
        return not (
            self.extensions
            or self.names
            or self.pattern
            or self.min_bytes
            or self.before_ns is not None
        )

    def compiled(self) -> Callable[[str, str, os.stat_result], bool] | None:
        """Return a function that tells whether a file matches, or None if all do.

        Its arguments are the file's name, its path below the folder, and its status.

        Raises:
            BadPatternError: If the regular expression is invalid.
        """
        if self.is_everything:
            return None
        tests: list[Callable[[str, str, os.stat_result], bool]] = []
        if self.extensions:
            tests.append(lambda name, _path, _status: extension(name) in self.extensions)
        if self.names:
            fits = _globs(self.names)
            tests.append(lambda name, _path, _status: fits.match(name) is not None)
        if self.min_bytes:
            tests.append(lambda _name, _path, status: status.st_size >= self.min_bytes)
        if self.before_ns is not None:
            before_ns = self.before_ns
            tests.append(lambda _name, _path, status: status.st_mtime_ns < before_ns)
        if self.pattern:
            found = _expression(self.pattern)
            tests.append(lambda _name, path, _status: found.search(path) is not None)
        return lambda name, path, status: all(test(name, path, status) for test in tests)


def extension(name: str) -> str:
    """Return a file's extension in lower case with its dot, or "".

    >>> extension("a.JSONL"), extension("a.tar.gz"), extension(".profile"), extension("README")
    ('.jsonl', '.gz', '', '')
    """
    dot = name.rfind(".")
    if dot <= 0 or not name[:dot].strip("."):
        return ""
    return name[dot:].lower() if dot + 1 < len(name) else ""


def _globs(patterns: tuple[str, ...]) -> re.Pattern[str]:
    flags = re.IGNORECASE if os.name == "nt" else 0
    return re.compile("|".join(map(fnmatch.translate, patterns)), flags)


def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadPatternError(pattern, str(error)) from error

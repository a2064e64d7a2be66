"""Segments: the files in which machines publish copies of answers; see docs/team-format.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.entry import ModelVariant, SessionName, UsageEntry

VERSION: Final = 1
"""Version of the format. Increased when an older Spendlight would misread what is written."""

MARK: Final = "spendlight"
"""The key of the version in a file's metadata."""

REPLACES: Final = "replaces"
"""The key of what a merged segment replaces: names of segments in its folder, without the ending,
separated by spaces."""

SEGMENT: Final = "segment"
DAYS: Final = "days"
"""The kinds of files, before the version."""

SUFFIX: Final = ".parquet"
DAYS_SUFFIX: Final = ".days.parquet"

COLUMNS: Final = {
    "answer": "BIGINT",
    "request": "BIGINT",
    "copy": "BIGINT",
    "is_withdrawn": "BOOLEAN",
    "at_ms": "BIGINT",
    "agent": "VARCHAR",
    "vm": "VARCHAR",
    "root": "VARCHAR",
    "path": "VARCHAR",
    "offset": "BIGINT",
    "project": "VARCHAR",
    "project_path": "VARCHAR",
    "session": "VARCHAR",
    "model": "VARCHAR",
    "is_fast": "BOOLEAN",
    "geo": "VARCHAR",
    "role": "TINYINT",
    "is_sidechain": "BOOLEAN",
    "has_speed": "BOOLEAN",
    "is_refused": "BOOLEAN",
    "input": "BIGINT",
    "output": "BIGINT",
    "cache_write_5m": "BIGINT",
    "cache_write_1h": "BIGINT",
    "cache_read": "BIGINT",
    "web_searches": "BIGINT",
    "recorded_cost": "DOUBLE",
    "limit_reset_ms": "BIGINT",
}
"""The columns of a segment and their types, in order."""

TEXTS: Final = tuple(name for name, kind in COLUMNS.items() if kind == "VARCHAR")

OPTIONAL: Final = frozenset({"recorded_cost", "limit_reset_ms"})
"""Columns that may be null."""

TOKENS: Final = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")

_KEY: Final = "[0-9a-f]{16}"
_NAME: Final = re.compile(
    rf"machine=({_KEY})/month=(\d{{4}}-\d{{2}})/(\d{{8,12}})-([0-9a-f]{{16}})(\.merged)?"
    + re.escape(SUFFIX)
)


_RENAMED: Final = re.compile(
    rf"(machine={_KEY}/month=\d{{4}}-\d{{2}}/\d{{8,12}}-[0-9a-f]{{16}}(?:\.merged)?)[^/]+"
    + re.escape(SUFFIX)
)
"""Programs that copy files add something before the ending if there is such a file already."""


MOST_SEQUENCE: Final = 10**11
"""A higher sequence number is not ours: the next ones would soon be too long for a name."""


class SegmentName(NamedTuple):
    """The name of a segment.

    Attributes:
        machine: The key of the machine that published it.
        month: The month, in UTC, of the answers in it, as in "2026-03".
        sequence: Later ones of the same machine have higher numbers.
        digest: The first 16 hexadecimal digits of the file's SHA-256.
        is_merged: Whether it replaces others, which are named in its metadata.
    """

    machine: str
    month: str
    sequence: int
    digest: str
    is_merged: bool = False

    @property
    def path(self) -> str:
        """Its path in the team's folder."""
        return self._stem + SUFFIX

    @property
    def days_path(self) -> str:
        """The path of the sums by day beside it."""
        return self._stem + DAYS_SUFFIX

    @property
    def folder(self) -> str:
        """The folder that it is in, with a slash."""
        return f"machine={self.machine}/month={self.month}/"

    @property
    def _stem(self) -> str:
        merged = ".merged" if self.is_merged else ""
        return f"{self.folder}{self.sequence:08d}-{self.digest}{merged}"


def segment_name(path: str) -> SegmentName | None:
    """Return the segment with a path in the team's folder, or None if it is something else."""
    found = _NAME.fullmatch(path)
    if found is None:
        return None
    machine, month, sequence, digest, merged = found.groups()
    return SegmentName(machine, month, int(sequence), digest, merged is not None)


def not_merged(paths: Iterable[str], names: Iterable[SegmentName]) -> list[str]:
    """Return those paths whose segments none of the named can contain, directly or through others.

    Args:
        paths: Paths of segments.
        names: All segments that there are.
    """
    until: dict[str, int] = {}
    for name in names:
        if name.is_merged:
            until[name.folder] = max(until.get(name.folder, 0), name.sequence)
    old = filter(None, map(segment_name, paths))
    return [name.path for name in old if name.sequence > until.get(name.folder, -1)]


def renamed_segment(path: str) -> str | None:
    """Return the path that a segment had before another program renamed it, or None."""
    found = _RENAMED.fullmatch(path)
    if found is None or path.endswith(DAYS_SUFFIX) or segment_name(path) is not None:
        return None
    return found[1] + SUFFIX


class TeamCopy(NamedTuple):
    """A copy of an answer to be published.

    Attributes:
        copy: Its id, see `ledger.publishing`.
        agent: The coding agent whose log it is in.
        vm: The virtual machine that it is on, or "".
        root: The data folder of its log.
        path: Its log.
    """

    copy: int
    agent: str
    vm: str
    root: str
    path: str
    session: SessionName
    variant: ModelVariant
    entry: UsageEntry


class Withdrawal(NamedTuple):
    """A copy that was published and no longer exists.

    Attributes:
        answer: The hash of its answer.
        copy: Its id.
        at_ms: When its answer was given, in Unix milliseconds; 0 if unknown.
    """

    answer: int
    copy: int
    at_ms: int = 0

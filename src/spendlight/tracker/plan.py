"""Finds what holds now of all that Claude Code said of the plan's limits."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.plan import PlanReading, PlanSource, present, read_plan
from spendlight.tracker.plan_notes import SUFFIX, read_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class _Seen(NamedTuple):
    """What a file said when it was read.

    Attributes:
        stamp: Its size and time then.
    """

    stamp: tuple[int, int]
    readings: tuple[PlanReading, ...]


class PlanBook:
    """Finds what holds now; what has not changed is not read again. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        """Know nothing yet.

        Args:
            folder: Where status lines keep what they heard.
        """
        self._folder = folder
        self._seen: Mapping[Path, _Seen] = {}

    def present(self, homes: Iterable[str], now: datetime) -> tuple[PlanReading, ...]:
        """Return what holds now, one reading at most of each window.

        Args:
            homes: The data folders in effect.
            now: The moment.
        """
        here = {os.path.realpath(home): home for home in homes}
        seen: dict[Path, _Seen] = {}
        for path in self._notes():
            self._look(path, seen, _noted_in)
        for real, home in here.items():
            self._look(_cache_file(home), seen, partial(_cached_in, real))
        self._seen = seen
        readings = (one for file in seen.values() for one in file.readings)
        return present((one for one in readings if one.folder in here or not one.folder), now)

    def _notes(self) -> list[Path]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # names are all it takes
        except OSError:
            return []
        return [
            self._folder / name
            for name in names
            if name.endswith(SUFFIX) and not name.startswith(".")
        ]

    def _look(
        self,
        path: Path,
        seen: dict[Path, _Seen],
        read: Callable[[Path], tuple[PlanReading, ...]],
    ) -> None:
        try:
            status = path.stat()
        except OSError:
            return
        stamp = (status.st_size, status.st_mtime_ns)
        known = self._seen.get(path)
        if known is None or known.stamp != stamp:
            known = _Seen(stamp, read(path))
        seen[path] = known


def _noted_in(path: Path) -> tuple[PlanReading, ...]:
    """Return what a session's file says."""
    note = read_note(path)
    seen_at, folder = _moment(note.get("seen_at")), note.get("folder")
    if seen_at is None:
        return ()
    home = folder if isinstance(folder, str) else ""
    heard_at = _moment(note.get("heard_at"))
    return read_plan(note.get("rate_limits"), seen_at, PlanSource.STATUS_LINE, home, heard_at)


def _cached_in(home: str, path: Path) -> tuple[PlanReading, ...]:
    """Return what Claude Code keeps of the answer to its last ``/usage``."""
    from spendlight.claude_code.usage_cache import read_usage_cache  # many have no such file

    cached = read_usage_cache(path)
    fetched_at = None if cached is None else _moment(cached.fetched_ms / 1_000)
    if cached is None or fetched_at is None:
        return ()
    return read_plan(cached.said, fetched_at, PlanSource.USAGE_CACHE, home, fetched_at)


def _cache_file(home: str) -> Path:
    """Return where Claude Code keeps that: beside its usual data folder, in any other one."""
    place = Path(home)
    return (place.parent if place.name == ".claude" else place) / ".claude.json"


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

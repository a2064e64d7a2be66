"""Finds the valid readings among all that Claude Code reported about the plan limits."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.plan import (
    AgentPlan,
    PlanReading,
    PlanSource,
    read_plan,
    valid_readings,
)
from spendlight.tracker.plan_notes import SUFFIX, read_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.logs.agent import LogRoot


class _Seen(NamedTuple):
    """The contents of a file when it was read.

    Attributes:
        stamp: Its size and time then.
    """

    stamp: tuple[int, int]
    readings: tuple[PlanReading, ...]


class PlanBook:
    """Finds the valid readings; unchanged files are not read again. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Start without any readings.

        Args:
            folder: Where status lines store what they receive.
        """
        self._folder = folder
        self._seen: Mapping[Path, _Seen] = {}

    def readings(self, homes: Iterable[str], now: datetime) -> tuple[PlanReading, ...]:
        """Return the valid readings, at most one of each window.

        Args:
            homes: The data folders in effect.
            now: The current time.
        """
        here = {os.path.realpath(home): home for home in homes}
        seen: dict[Path, _Seen] = {}
        for path in self._notes():
            self._look(path, seen, _noted_in)
        for real, home in here.items():
            self._look(_cache_file(home), seen, partial(_cached_in, real))
        self._seen = seen
        readings = (one for file in seen.values() for one in file.readings)
        return valid_readings(
            (one for one in readings if one.folder in here or not one.folder), now
        )

    def _notes(self) -> list[Path]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # only names are needed
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


def agent_plans(roots: Iterable[LogRoot], now: datetime) -> tuple[AgentPlan, ...]:
    """Return what the logs of agents say about their own plan limits, as far as it is valid.

    Args:
        roots: The data folders in effect.
        now: The current time.
    """
    found: dict[str, tuple[str, list[PlanReading]]] = {}
    for root in roots:
        agent = root.agent
        if agent.limits is not None and root.exists:
            _, readings = found.setdefault(agent.name, (agent.title, []))
            readings += agent.limits()(root)
    plans = (
        AgentPlan(name, title, valid_readings(all_of_it, now))
        for name, (title, all_of_it) in found.items()
    )
    return tuple(plan for plan in plans if plan.readings)


def _noted_in(path: Path) -> tuple[PlanReading, ...]:
    """Return the readings in a session's file."""
    note = read_note(path)
    seen_at, folder = _moment(note.get("seen_at")), note.get("folder")
    if seen_at is None:
        return ()
    home = folder if isinstance(folder, str) else ""
    heard_at = _moment(note.get("heard_at"))
    return read_plan(note.get("rate_limits"), seen_at, PlanSource.STATUS_LINE, home, heard_at)


def _cached_in(home: str, path: Path) -> tuple[PlanReading, ...]:
    """Return the readings in Claude Code's cache of its last ``/usage``."""
    from spendlight.claude_code.usage_cache import read_usage_cache  # rarely needed

    cached = read_usage_cache(path)
    fetched_at = None if cached is None else _moment(cached.fetched_ms / 1_000)
    if cached is None or fetched_at is None:
        return ()
    return read_plan(cached.said, fetched_at, PlanSource.USAGE_CACHE, home, fetched_at)


def _cache_file(home: str) -> Path:
    """Return the file of that cache: beside the default data folder, but inside any other one."""
    folder = Path(home)
    return (folder.parent if folder.name == ".claude" else folder) / ".claude.json"


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None

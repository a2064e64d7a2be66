"""What the newest rollouts say about the limits of the user's ChatGPT plan.

Codex writes them beside the counters:

    "rate_limits":{"limit_id":"codex","primary":{"used_percent":1.0,"window_minutes":300,
        "resets_at":1782494663},"secondary":{…,"window_minutes":10080,…},"plan_type":"pro",…}

"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.discovery import discover
from spendlight.logs.timestamps import parse_timestamp
from spendlight.metering.periods import to_utc
from spendlight.metering.plan import PlanReading, PlanSource, PlanWindow, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.logs.agent import LogRoot

MOST_LOGS: Final = 8
"""How many logs are looked at, the latest first: those of sessions that are open now, mostly."""

TAIL_BYTES: Final = 256 << 10
"""How much of each: counters are written with each answer."""

OLDEST: Final = timedelta(days=8)
"""By then the weekly window has ended."""

_NEEDLE: Final = b'"rate_limits":{'
_OF_ALL_MODELS: Final = frozenset({None, "", "codex"})
"""Some models have limits of their own, under another id."""
_NANOSECONDS: Final = 1e9

_known: Final[dict[str, tuple[tuple[int, int], tuple[PlanReading, ...]]]] = {}
"""What the logs said that were looked at last, and their size and mtime then."""


def read_limits(root: LogRoot) -> tuple[PlanReading, ...]:
    """Return what the latest logs of a data folder say, whether it is still valid or not."""
    oldest_ns = (datetime.now(UTC) - OLDEST).timestamp() * _NANOSECONDS
    files = [file for file in discover([root]).files if file.mtime_ns >= oldest_ns]
    files.sort(key=attrgetter("mtime_ns"), reverse=True)
    found: list[PlanReading] = []
    seen = {}
    for file in files[:MOST_LOGS]:
        stamp = file.size, file.mtime_ns
        known = _known.get(file.path)
        if known is None or known[0] != stamp:
            known = stamp, _said_in(file.path, file.size, root.folder)
        seen[file.path] = known
        found += known[1]
    for path in [path for path in _known if path.startswith(root.folder)]:
        _known.pop(path, None)
    _known.update(seen)
    return tuple(found)


def _said_in(path: str, size: int, folder: str) -> tuple[PlanReading, ...]:
    """Return the last reading of each window in a log."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # text
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES)
    except OSError:
        return ()
    found: dict[PlanWindow, PlanReading] = {}
    for line in _lines_backwards(text):
        for reading in _readings(line, folder):
            found.setdefault(reading.window, reading)
        if len(found) == len(PlanWindow):
            break
    return tuple(found.values())


def _lines_backwards(text: bytes) -> Iterator[bytes]:
    """Yield the whole lines with limits, the last one first."""
    end = len(text)
    while (at := text.rfind(_NEEDLE, 0, end)) >= 0:
        start, stop = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        if start:  # otherwise its beginning may be missing
            yield text[start : stop if stop >= 0 else len(text)]
        end = start


def _readings(line: bytes, folder: str) -> tuple[PlanReading, ...]:
    try:
        said = json.loads(line)
        limits: dict[str, Any] = said["payload"]["rate_limits"]
        seen_ms = parse_timestamp(said["timestamp"])
        is_of_all = said["payload"]["type"] == "token_count" and (
            limits.get("limit_id") in _OF_ALL_MODELS
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()
    if not is_of_all:
        return ()
    seen_at = to_utc(seen_ms)
    told = dict(_windows(limits, seen_at))
    return read_plan(told, seen_at, PlanSource.ROLLOUT, os.fspath(folder), seen_at)


def _windows(limits: dict[str, Any], seen_at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the windows by Claude Code's names, which have the same lengths."""
    for name in ("primary", "secondary"):
        found = limits.get(name)
        if not isinstance(found, dict):
            continue
        length, resets_at = found.get("window_minutes"), found.get("resets_at")
        after_s = found.get("resets_in_seconds")
        if resets_at is None and isinstance(after_s, int) and abs(after_s) < OLDEST.total_seconds():
            resets_at = (seen_at + timedelta(seconds=after_s)).timestamp()
        for window in PlanWindow:
            if length == window.length / timedelta(minutes=1):
                told = {"used_percentage": found.get("used_percent"), "resets_at": resets_at}
                yield window.value, told

"""Reads what Claude Code keeps of the answer to its last ``/usage``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

_FILE: Final = ".claude.json"
_HOME_FOLDER: Final = ".claude"
"""The file of this data folder stands beside it; of any other one, in it."""


class CachedUsage(NamedTuple):
    """The answer to a ``/usage``.

    Attributes:
        said: What it says of the limits, as Claude Code has it.
        fetched_ms: When that was, in Unix milliseconds.
    """

    said: object
    fetched_ms: float


class _Cached(msgspec.Struct):
    fetched_ms: float = msgspec.field(name="fetchedAtMs")
    utilization: Any = None


class _File(msgspec.Struct):
    cached: _Cached | None = msgspec.field(name="cachedUsageUtilization", default=None)


def cache_file(folder: str) -> Path:
    """Return where Claude Code keeps it for a data folder."""
    place = Path(folder)
    return (place.parent if place.name == _HOME_FOLDER else place) / _FILE


def read_usage_cache(path: Path) -> CachedUsage | None:
    """Return the answer to the last ``/usage``; None where there is none that can be read."""
    try:
        cached = msgspec.json.decode(path.read_bytes(), type=_File).cached
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if cached is None else CachedUsage(cached.utilization, cached.fetched_ms)

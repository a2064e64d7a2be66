"""Reads Claude Code's cache of its last ``/usage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES: Final = 64 << 20
"""Claude Code keeps much else in the file, such as histories of projects."""


class CachedUsage(NamedTuple):
    """The result of ``/usage``.

    Attributes:
        said: The limits, in Claude Code's form.
        fetched_ms: When it was fetched, in Unix milliseconds.
    """

    said: object
    fetched_ms: float


class _Cached(msgspec.Struct):
    fetched_ms: float = msgspec.field(name="fetchedAtMs")
    utilization: Any = None


class _File(msgspec.Struct):
    cached: _Cached | None = msgspec.field(name="cachedUsageUtilization", default=None)


def read_usage_cache(path: Path) -> CachedUsage | None:
    """Return the result of the last ``/usage``; None if there is none that can be read.

    Args:
        path: Claude Code's ``.claude.json``, which contains much else.
    """
    try:
        cached = msgspec.json.decode(read_regular(path, _MOST_BYTES), type=_File).cached
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if cached is None else CachedUsage(cached.utilization, cached.fetched_ms)

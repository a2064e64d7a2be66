"""Opens the file of the cache, which only one process can use at a time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from spendlight.errors import UsageError
from spendlight.team.cache import TeamCache
from spendlight.team.engine import connect, duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from spendlight.team.engine import Connection

PATIENCE_S: Final = 20.0
"""How long to wait for another process that uses the cache."""

_PAUSE_S: Final = 0.05
_LOCKED: Final = "lock"


class CacheBusyError(UsageError):
    """Another process uses the cache."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The team's figures are being updated by another process",
            f"It has been using {path} for too long. Try again in a moment.",
        )


@contextmanager
def opened(path: Path, thresholds_of: Callable[[set[str]], Iterable[int]]) -> Iterator[TeamCache]:
    """Open the cache; one that is damaged is made again. Only one process can use it at a time.

    Args:
        path: Its file.
        thresholds_of: See `TeamCache`.

    Raises:
        CacheBusyError: If another process uses it for too long.
        TeamMissingError: If DuckDB is not installed.
    """
    cache = TeamCache(_connected(path), thresholds_of)
    try:
        yield cache
    finally:
        cache.db.close()


def _connected(path: Path) -> Connection:
    deadline = time.monotonic() + PATIENCE_S
    is_new = False
    while True:
        try:
            return connect(path)
        except duckdb().IOException as error:
            if _LOCKED not in str(error).casefold():
                if is_new:
                    raise
                is_new = True
                forget(path)
            elif time.monotonic() > deadline:
                raise CacheBusyError(path) from error
            else:
                time.sleep(_PAUSE_S)
        except duckdb().Error:
            if is_new:
                raise
            is_new = True
            forget(path)


def forget(path: Path) -> None:
    """Delete the cache."""
    for name in (path.name, f"{path.name}.wal"):
        path.with_name(name).unlink(missing_ok=True)

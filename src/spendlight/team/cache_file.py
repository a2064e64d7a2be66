"""Opens the file of the cache, which only one process can use at a time."""

from __future__ import annotations

import time
from shutil import rmtree
from typing import TYPE_CHECKING, Final, TypeVar

from spendlight.errors import UsageError
from spendlight.team.cache import TeamCache
from spendlight.team.engine import connect, duckdb, reason_of
from spendlight.team.kept_segments import KeptSegmentsError, MissingSegmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from spendlight.team.engine import Connection

PATIENCE_S: Final = 20.0
"""How long to wait for another process that uses the cache."""

_PAUSE_S: Final = 0.05
_LOCKED: Final = "lock"
_FULL: Final = ("no space", "could not write", "file too large", "quota")
"""What is said if a disk is full."""

_T = TypeVar("_T")


class CacheBusyError(UsageError):
    """Another process uses the cache."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The team's figures are being updated by another process",
            f"It has been using {path} for too long. Try again in a moment.",
        )


class CacheUnusableError(UsageError):
    """The cache cannot be read or written."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(
            f"The team's figures cannot be updated: {reason_of(error)}",
            f"They are in {path}, which can be deleted: it is made again. Nothing is lost.",
        )


def using(
    path: Path,
    thresholds_of: Callable[[set[str]], Iterable[int]],
    use: Callable[[TeamCache], _T],
) -> _T:
    """Use the cache. Only one process can do it at a time.

    Args:
        path: Its file.
        thresholds_of: See `TeamCache`.
        use: What to do; it is called again if the cache is damaged, with one that is made again.

    Raises:
        CacheBusyError: If another process uses it for too long.
        CacheUnusableError: If it cannot be read or written, as when the disk is full.
        TeamMissingError: If DuckDB is not installed.
    """
    errors = duckdb()
    is_new = not path.exists()
    while True:
        connection = _connected(path)
        try:
            return use(TeamCache(connection, thresholds_of, kept_folder(path)))
        except (errors.BinderException, errors.CatalogException, errors.ParserException):
            raise  # a mistake of ours
        except KeptSegmentsError as error:
            raise CacheUnusableError(path, error) from error
        except MissingSegmentError as error:
            if is_new:
                raise CacheUnusableError(path, error) from error
        except errors.Error as error:
            if is_new or not _is_damaged(path, error):
                raise CacheUnusableError(path, error) from error
        finally:
            connection.close()
        is_new = True
        forget(path)


def _connected(path: Path) -> Connection:
    deadline = time.monotonic() + PATIENCE_S
    is_new = False
    while True:
        try:
            return connect(path)
        except duckdb().IOException as error:
            if _LOCKED not in str(error).casefold():
                if is_new or not _is_damaged(path, error):
                    raise CacheUnusableError(path, error) from error
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


def _is_damaged(path: Path, error: Exception) -> bool:
    """Whether what cannot be used is damaged, rather than out of reach or its disk full."""
    if isinstance(error, duckdb().OutOfMemoryException):
        return False
    told = str(error).casefold()
    try:
        with path.open("r+b"):
            return not any(word in told for word in _FULL)
    except OSError:
        return False


def kept_folder(path: Path) -> Path:
    """Return the folder in which a cache keeps segments."""
    return path.with_suffix(".segments")


def forget(path: Path) -> None:
    """Delete the cache."""
    rmtree(kept_folder(path), ignore_errors=True)
    for name in (path.name, f"{path.name}.wal"):
        path.with_name(name).unlink(missing_ok=True)

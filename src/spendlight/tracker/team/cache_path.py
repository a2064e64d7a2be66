"""Where the team's figures are kept: beside the ledger, or elsewhere if it is read-only."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight import paths
from spendlight.names import shown
from spendlight.tracker.team.membership import CACHE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LETTERS: Final = 16
_LOG: Final = ".wal"
"""What DuckDB adds to the name of the file with changes that are not in the database yet."""


class CachePath(NamedTuple):
    """The cache to use.

    Attributes:
        path: Its file, which may be missing.
        note: What to say if it is not beside the ledger, or "".
    """

    path: Path
    note: str = ""


def cache_path(folder: Path) -> CachePath:
    """Return the cache to use. If there is none, its own error says why.

    Args:
        folder: The ledger's.
    """
    path = folder / CACHE
    if _is_writable(path):
        return CachePath(path)
    for spare in _spares(folder):
        with suppress(OSError):
            paths.make_own(spare.parent)
            if _is_writable(spare):
                _copy(path, spare)
                why = f"as nothing can be written to {shown(str(folder))}"
                return CachePath(spare, f"The team's figures are kept in {spare}, {why}")
    return CachePath(path)


def forget_spares(folder: Path) -> None:
    """Delete what was kept elsewhere."""
    for spare in _spares(folder):
        with suppress(OSError):
            if paths.is_own(spare.parent):
                for path in (spare, _log_of(spare)):
                    path.unlink(missing_ok=True)


def _spares(folder: Path) -> Iterator[Path]:
    """Yield where the cache may be kept instead, the best file first."""
    name = f"team-{sha256(os.fsencode(folder)).hexdigest()[:_LETTERS]}.duckdb"
    for other in (paths.cache_dir({}), paths.temp_dir()):
        yield other / name


def _is_writable(path: Path) -> bool:
    return _may(path.parent, os.W_OK | os.X_OK) and (
        not os.path.lexists(path) or _may(path, os.W_OK)
    )


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _copy(path: Path, spare: Path) -> None:
    """Begin with what is known beside the ledger, as it takes long to make it again."""
    if spare.exists() or not path.exists() or _log_of(path).exists():
        return
    part = spare.with_name(f"{spare.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(path, part)
        part.replace(spare)
    except OSError:
        part.unlink(missing_ok=True)  # it is made again


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + _LOG)

"""Makes the day's backup in a process that nobody waits for.

A copy counts only once all of its contents were checked, a second's work for a million answers. So
a command that is about to end leaves that behind. The process may be ended before it has finished
(with its container, say), or fail, and could tell nobody: then the next command makes the backup
itself.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerError, LedgerUnprovenError
from spendlight.ledger import backups, page_seals
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK_BYTES: Final = 1 << 20
"""A smaller ledger is copied and checked at once, in some hundredths of a second."""

PATIENCE: Final = timedelta(minutes=10)
"""After this time a process that has begun is not expected to finish any more."""

_BEGUN: Final = "begun"
"""The file beside the backups whose time says when such a process began."""


def is_left(path: Path, now: datetime, leave: Callable[[Callable[[], None]], bool]) -> bool:
    """Leave a backup that is due to a process that nobody waits for.

    Args:
        path: The ledger.
        now: The current time.
        leave: Starts a process that does something; returns whether it could.

    Returns:
        Whether such a process makes the backup; if not, whatever is due is to be done here.

    Raises:
        LedgerError: If the ledger cannot be read.
    """
    try:
        if path.stat().st_size < QUICK_BYTES:
            return False
        begun = _begun(path)
        if begun is not None and abs(now - begun) < backups.EVERY:
            return abs(now - begun) < PATIENCE
        if not backups.has_changed(path):
            return False
        _note(path, now)
    except OSError:  # it is told by whoever makes the backup
        return False
    if leave(lambda: _make(path, now)):
        return True
    forget(path)
    return False


def forget(path: Path) -> None:
    """Note that the backup was made, by whomever."""
    with suppress(OSError):
        _mark(path).unlink()


def _make(path: Path, now: datetime) -> None:
    """Make the backup; if that fails, let the next command do it, which can tell why."""
    try:
        if page_seals.prove(path, reads_all=True, corrects=False) is not Proof.SOUND:
            raise LedgerUnprovenError(str(path))
        backups.back_up(path, now)
    except (OSError, LedgerError):
        with suppress(OSError):
            _note(path, now - PATIENCE)
    else:
        forget(path)


def _mark(path: Path) -> Path:
    return path.parent / backups.FOLDER / _BEGUN


def _begun(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(_mark(path).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def _note(path: Path, begun: datetime) -> None:
    mark = _mark(path)
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(mark)
    os.utime(mark, (begun.timestamp(), begun.timestamp()))

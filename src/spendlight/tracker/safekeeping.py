"""Which ledger is in use: the user's, that one restored from a backup, or a temporary one."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from spendlight import paths
from spendlight.errors import (
    BackupFailedError,
    LedgerBusyError,
    LedgerCorruptError,
    LedgerError,
    LedgerReplacedError,
    LedgerUnusableError,
    UsageError,
)
from spendlight.ledger import backups
from spendlight.ledger.checking import demand_sound
from spendlight.ledger.usage_ledger import UsageLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Answer = TypeVar("Answer")


class LedgerKeeper:
    """Keeps a ledger in use, whatever happens to the user's. Any thread may use it.

    A damaged ledger is put aside and restored from its last good backup. One that cannot be used
    at all is left alone, and a temporary one is used instead.

    Args:
        path: Where the user's ledger is.
        stays_open: Whether a connection stays open for the next time. SQLite tidies up whenever the
            last one is closed, which costs more than what is done meanwhile.

    Attributes:
        path: Where the ledger in use is.
        warnings: What the user should know about it.
    """

    def __init__(self, path: Path, *, stays_open: bool = False) -> None:
        self.path = path
        self.warnings: tuple[UsageError, ...] = ()
        self._is_temporary = False
        self._was_damaged = False
        self._is_checked = False
        self._generation = 0
        self._lock = threading.Lock()
        self._stays_open = stays_open and os.name == "posix"  # elsewhere it could not be put aside
        self._spare: UsageLedger | None = None
        self._spare_lock = threading.Lock()

    def use(
        self, action: Callable[[], Answer], refill: Callable[[], object] | None = None
    ) -> Answer:
        """Do something with the ledger; where that fails, with the one that takes its place.

        Args:
            action: What to do.
            refill: What to do first with a ledger that has taken the place of another.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
            LedgerError: If no ledger can be used, not even a temporary one.
        """
        is_other = False
        while True:
            generation = self._generation
            try:
                if is_other and refill is not None:
                    refill()
                return action()
            except LedgerBusyError:
                raise
            except LedgerError as error:
                with self._lock:
                    if generation == self._generation:  # else another thread was faster
                        self._replace(error)
                        self._generation += 1
                is_other = True

    @contextmanager
    def open(self) -> Iterator[UsageLedger]:
        """Give the open ledger; at the first time, look whether it is damaged.

        Raises:
            LedgerError: If it cannot be used.
        """
        ledger = self._take_spare() or UsageLedger(self.path)
        try:
            if not self._is_checked:
                ledger.glance()
                self._is_checked = True
            yield ledger
        except BaseException:
            ledger.close()
            raise
        self._put_aside(ledger)

    def close(self) -> None:
        """Let nothing stay open any longer."""
        self._stays_open = False
        spare = self._take_spare()
        if spare is not None:
            spare.close()

    def _take_spare(self) -> UsageLedger | None:
        """Return what has stayed open, if it is still the ledger in use."""
        with self._spare_lock:
            spare, self._spare = self._spare, None
        if spare is None or spare.is_at(self.path):
            return spare
        spare.close()
        return None

    def _put_aside(self, ledger: UsageLedger) -> None:
        """Let a ledger stay open, unless another does."""
        with self._spare_lock:
            if self._stays_open and self._spare is None:
                self._spare = ledger
                return
        ledger.close()

    def back_up(self) -> None:
        """Copy the ledger if that is due. If it cannot be done, a warning says so, once.

        Raises:
            LedgerCorruptError: If the ledger proves to be damaged.
        """
        if self._is_temporary:
            return
        try:
            backups.back_up(self.path, datetime.now(UTC))
        except LedgerBusyError:
            return  # there will be another time
        except (OSError, LedgerUnusableError) as error:
            if not any(isinstance(warning, BackupFailedError) for warning in self.warnings):
                folder = self.path.parent / backups.FOLDER
                cause = error.__cause__ or error
                self.warnings += (BackupFailedError(str(folder), _reason(cause)),)

    def demand_lasting(self) -> None:
        """Make sure that what is written now stays.

        Raises:
            LedgerError: Why only a temporary ledger can be used.
        """
        if self._is_temporary:
            raise next(error for error in reversed(self.warnings) if isinstance(error, LedgerError))

    def demand_sound(self) -> None:
        """Read all of the ledger.

        Raises:
            LedgerCorruptError: If something is damaged in it.
        """
        demand_sound(self.path)

    def _replace(self, error: LedgerError) -> None:
        """Put another ledger in the place of one that cannot be used.

        Raises:
            LedgerError: If that is a temporary one already.
        """
        if isinstance(error, LedgerCorruptError) and not self._was_damaged:
            self._was_damaged = True
            try:
                recovery = backups.recover(self.path, datetime.now(UTC))
            except LedgerBusyError:
                raise
            except (OSError, LedgerUnusableError):
                self._use_temporary(error)
            else:
                if recovery is not None:
                    self.warnings += (_told(recovery),)
        else:
            self._use_temporary(error)

    def _use_temporary(self, error: LedgerError) -> None:
        if self._is_temporary:
            raise error
        import shutil  # these two are dear, and nearly never needed
        import tempfile

        try:
            folder = tempfile.mkdtemp(prefix="spendlight-")
        except OSError:  # no room there either
            raise error from None
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._is_temporary = True
        self.path = paths.ledger_path(Path(folder))
        self.warnings += (error,)


def _told(recovery: backups.Recovery) -> LedgerReplacedError:
    return LedgerReplacedError(
        str(recovery.kept or ""),
        f"{recovery.made_at.astimezone():%Y-%m-%d %H:%M}" if recovery.made_at else "",
        has_lost=None if recovery.unsaved is None else _are_gone(recovery.unsaved),
    )


def _are_gone(logs: Iterable[str]) -> bool:
    return not all(Path(log).exists() for log in logs)


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

"""Decides which ledger is in use: the user's, one restored from a backup, or a temporary one."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from spendlight import paths
from spendlight.errands import leave_behind
from spendlight.errors import (
    BackupFailedError,
    LedgerBusyError,
    LedgerCorruptError,
    LedgerError,
    LedgerOutOfUseError,
    LedgerReplacedError,
    LedgerUnusableError,
    UsageError,
)
from spendlight.ledger import backups
from spendlight.ledger.checking import demand_sound
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker.mending import demand_proven, may_be_damage, mended, told_losses
from spendlight.tracker.sharing import LedgerGate, SpareConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spendlight.ledger.temporary import TemporaryLedger

Answer = TypeVar("Answer")


MOST_MENDINGS: Final = 3
"""After this many repairs a ledger is given up."""

RETRY_S: Final = 10.0
"""How often a pass tries to use the user's ledger again."""

SLOWEST_RETRY_S: Final = 480.0
RELAPSE_S: Final = 300.0
"""If a fault recurs this soon, the wait is doubled up to this: each fallback reads all logs."""


class _NotLastingError(Exception):
    """Only a temporary ledger can be used, which is not enough here."""

    def __init__(self, cause: LedgerError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class LedgerKeeper:
    """Always provides a ledger, whatever happens to the user's. Thread-safe.

    A damaged ledger is moved aside and restored from its last good backup. One that cannot be used
    at all is left alone, and a temporary one is used instead, until the user's can be used again
    and has taken over what was counted meanwhile.

    Args:
        path: Where the user's ledger is.
        stays_open: Whether a connection stays open for the next time.

    Attributes:
        path: The ledger in use.
        generation: Changes whenever another ledger is in use.
    """

    def __init__(self, path: Path, *, stays_open: bool = False) -> None:
        self.path = path
        self.generation = 0
        self._filled = 0
        self._usual = path
        self._notes: tuple[UsageError, ...] = ()
        self._out_of_use: LedgerOutOfUseError | None = None
        self._temporary: TemporaryLedger | None = None
        self._left_at_exit: weakref.finalize[..., LedgerKeeper] | None = None
        self._failed_folders: set[Path] = set()
        self._mendings: dict[Path, int] = {}
        self._is_checked = False
        self._looks_for_leftovers = True
        self._lock = threading.RLock()
        self._is_long_lived = stays_open
        is_kept = stays_open and os.name == "posix"  # elsewhere the file could not be moved aside
        self._spare = SpareConnection(is_kept=is_kept)
        self._gate = LedgerGate()
        self._retry_at = 0.0
        self._retry_s = RETRY_S
        self._returned_at = -RELAPSE_S

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """What the user should be told about the ledger; last, that it cannot be used."""
        return self._notes if self._out_of_use is None else (*self._notes, self._out_of_use)

    @property
    def is_temporary(self) -> bool:
        """Whether a temporary ledger is in use."""
        return self._temporary is not None

    def use(
        self, action: Callable[[], Answer], refill: Callable[[], object] | None = None
    ) -> Answer:
        """Do something with the ledger; if it fails, with the one that replaces it.

        Args:
            action: What to do.
            refill: What to do first with a ledger that has replaced another one, so that it is
                never asked before it has read the logs.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
            LedgerError: If no ledger can be used, not even a temporary one.
        """
        while True:
            generation = self.generation
            try:
                if refill is not None and self._filled != generation:
                    refill()
                    self.tell_filled(generation)
                answer = action()
                if refill is None or generation == self.generation:
                    return answer
            except LedgerBusyError:
                raise
            except _NotLastingError as error:
                raise error.cause from None
            except Exception as error:  # any error may come from a damaged ledger
                if not may_be_damage(error):
                    raise
                with self._lock:
                    if generation == self.generation:  # otherwise another thread was faster
                        self._replace(error)
                        self.generation += 1

    def tell_filled(self, generation: int) -> None:
        """Note that the ledger in use has read the logs, unless it is another one by now."""
        with self._lock:
            if generation == self.generation:
                self._filled = generation

    @contextmanager
    def open(self) -> Iterator[UsageLedger]:
        """Yield the open ledger; the first time, check it for damage.

        Raises:
            LedgerError: If it cannot be used.
        """
        with self._gate.using(self._leave_temporary):
            path = self.path
            if not self._is_checked:
                self._note(demand_proven(path))
            ledger = self._take_spare() or UsageLedger(path)
            try:
                if not self._is_checked:
                    self._note(told_losses(ledger))
                    self._is_checked = True
                yield ledger
            except BaseException:
                ledger.close()
                raise
            self._spare.put_aside(ledger)

    def come_back(self, fill: Callable[[UsageLedger], bool]) -> bool:
        """Use the user's ledger again if possible, with everything that was counted meanwhile.

        Costs nothing while it is in use, and is tried at intervals only.

        Args:
            fill: Reads the logs into it first; returns whether all of them were read.

        Returns:
            Whether another ledger is in use from now on.
        """
        temporary, now = self._temporary, time.monotonic()
        if temporary is None or now < self._retry_at:
            return False
        self._retry_at = now + self._retry_s
        try:
            return self._carry_home(temporary, fill)
        except LedgerError as error:
            with self._lock:
                if self._temporary is temporary:
                    self._out_of_use = LedgerOutOfUseError(error, str(temporary.folder))
            return False

    def close(self) -> None:
        """Close everything that is open; it may be used again."""
        self._spare.is_kept = False
        self._close_spare()
        self._gate.shut(self._leave_temporary)

    def _close_spare(self) -> None:
        spare = self._take_spare()
        if spare is not None:
            spare.close()

    def _take_spare(self) -> UsageLedger | None:
        """Return the connection that stayed open, if it is still to the ledger in use."""
        spare = self._spare.take()
        if spare is None or spare.is_at(self.path):
            return spare
        spare.close()
        self.generation += 1
        return None

    def back_up(self, *, is_awaited: bool = True) -> None:
        """Back up the ledger if that is due. If that fails, a single warning says so.

        Args:
            is_awaited: Whether it is made when this returns; if not, and if it takes long, a
                process that nobody waits for makes it.

        Raises:
            LedgerCorruptError: If the ledger turns out to be damaged.
        """
        now = datetime.now(UTC)
        if self._temporary is not None or not backups.is_due(self.path, now):
            return
        from spendlight.ledger import unattended  # once a day

        if not is_awaited and unattended.is_left(self.path, now, leave_behind):
            return
        self._note(demand_proven(self.path, reads_all=True))  # again, if this process is long-lived
        try:
            backups.back_up(self.path, now)
            unattended.forget(self.path)
        except LedgerBusyError:
            return  # it will be tried again
        except (OSError, LedgerUnusableError) as error:
            if not any(isinstance(warning, BackupFailedError) for warning in self._notes):
                folder = self.path.parent / backups.FOLDER
                cause = error.__cause__ or error
                self._notes += (BackupFailedError(str(folder), _reason(cause)),)

    def demand_lasting(self) -> None:
        """Make sure that the user's ledger is in use; within `use`.

        Otherwise `use` raises why it cannot be used.
        """
        if self._out_of_use is not None:
            raise _NotLastingError(self._out_of_use.cause)

    def demand_sound(self) -> None:
        """Read all of the ledger.

        Raises:
            LedgerCorruptError: If something in it is damaged.
        """
        self._note(demand_proven(self.path, reads_all=True))
        demand_sound(self.path)

    def _note(self, notes: Iterable[UsageError]) -> None:
        """Add warnings for the user, each once."""
        for note in notes:
            if str(note) not in map(str, self._notes):
                self._notes += (note,)

    def _replace(self, error: Exception) -> None:
        """Repair the ledger after an error, or replace it.

        Raises:
            LedgerError: If no folder can hold a replacement.
            Exception: The original error, if the ledger is undamaged.
        """
        try:
            if self._mend(self.path, error):
                return
        except LedgerBusyError:
            raise
        except (OSError, LedgerError):
            pass  # the first error says more
        if not isinstance(error, LedgerError):
            raise error
        self._use_temporary(error)

    def _mend(self, path: Path, error: Exception) -> bool:
        """Repair a ledger, unless that was done too often; return whether anything was done."""
        count = self._mendings[path] = self._mendings.get(path, 0) + 1
        notes = mended(path, error) if count <= MOST_MENDINGS else None
        if notes is None:
            return False
        self._is_checked = False
        if any(isinstance(note, LedgerReplacedError) for note in notes):
            self._mendings[path] = MOST_MENDINGS  # the second time is no coincidence
        self._note(notes)
        return True

    def _use_temporary(self, error: LedgerError) -> None:
        from spendlight.ledger import temporary  # rarely needed
        from spendlight.tracker.taking_in import copy_alerts  # as above

        failed = self._temporary
        if failed is not None:
            self._failed_folders.add(failed.parent)
        found = temporary.make(self._usual, self._failed_folders)
        if found is None:
            raise error
        if failed is None:
            is_relapse = time.monotonic() - self._returned_at < RELAPSE_S
            self._retry_s = min(self._retry_s * 2, SLOWEST_RETRY_S) if is_relapse else RETRY_S
            self._retry_at = time.monotonic() + self._retry_s
            if self._is_long_lived:
                copy_alerts(self._usual, found)
        else:
            failed.leave()
        self._use(found)
        cause = self._out_of_use.cause if self._out_of_use is not None else error
        self._out_of_use = LedgerOutOfUseError(cause, str(found.folder))

    def _use(self, temporary: TemporaryLedger | None) -> None:
        """Use a temporary ledger from now on, or the user's."""
        if self._left_at_exit is not None:
            self._left_at_exit.detach()
            self._left_at_exit = None
        self._temporary = temporary
        self._is_checked = False
        if temporary is None:
            self.path = self._usual
            self._out_of_use = None
        else:
            self.path = temporary.path
            self._left_at_exit = weakref.finalize(self, temporary.leave)

    def _leave_temporary(self) -> None:
        """Stop using a temporary ledger; the next use starts with the user's."""
        if self._temporary is not None:
            self._temporary.leave()
            self._use(None)
            self.generation += 1

    def take_in_leftovers(self) -> bool:
        """Take over temporary ledgers that others left behind; within `use`, after a pass.

        They are searched for once, and whenever the user's ledger can be used again.

        Returns:
            Whether there were any.
        """
        if self._temporary is not None or not self._looks_for_leftovers:
            return False
        found = any(map(os.path.isdir, paths.temporary_ledgers()))
        if found:
            from spendlight.tracker.taking_in import take_in_leftovers  # rarely needed

            self._notes += take_in_leftovers(self._usual)
        self._looks_for_leftovers = False
        return found

    def _carry_home(self, temporary: TemporaryLedger, fill: Callable[[UsageLedger], bool]) -> bool:
        """Take a temporary ledger over into the user's, and use that again.

        Raises:
            LedgerError: If it cannot be used yet.
        """
        from spendlight.tracker.taking_in import demand_usable, finish, take_in  # rare

        try:
            demand_usable(self._usual)
        except LedgerCorruptError as error:
            try:
                self._mend(self._usual, error)
            except OSError:
                raise error from None
            demand_usable(self._usual)
        with UsageLedger(self._usual) as ledger:
            if not fill(ledger):
                return False
        take_in(temporary, self._usual)  # most of it, while questions are still answered
        with self._gate.changing() as is_free, self._lock:
            if not is_free or self._temporary is not temporary:
                return False
            self._close_spare()
            taken = take_in(temporary, self._usual)
            self._use(None)
            self.generation += 1
            self._filled = self.generation
            self._notes += finish(temporary, taken)
            self._failed_folders.clear()
            self._mendings.clear()
            self._returned_at = time.monotonic()
            self._looks_for_leftovers = True
        return True


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

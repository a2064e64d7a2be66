"""Which ledger is in use: the user's, that one restored from a backup, or a temporary one."""

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
"""A ledger that must be mended again and again is not worth waiting for."""

RETRY_S: Final = 10.0
"""So often a pass tries whether the user's ledger can be used again."""

SLOWEST_RETRY_S: Final = 480.0
RELAPSE_S: Final = 300.0
"""A fault that is back so soon doubles the wait up to the other: a fall costs reading all logs."""


class _NotLastingError(Exception):
    """Only a temporary ledger can be used, and that will not do."""

    def __init__(self, cause: LedgerError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class LedgerKeeper:
    """Keeps a ledger in use, whatever happens to the user's. Any thread may use it.

    A damaged ledger is put aside and restored from its last good backup. One that cannot be used
    at all is left alone, and a temporary one is used instead, until the user's can be used again
    and has taken in what was counted meanwhile.

    Args:
        path: Where the user's ledger is.
        stays_open: Whether a connection stays open for the next time.

    Attributes:
        path: Where the ledger in use is.
        generation: Another number whenever it is another one.
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
        self._failed_places: set[Path] = set()
        self._mendings: dict[Path, int] = {}
        self._is_checked = False
        self._looks_for_leftovers = True
        self._lock = threading.RLock()
        self._is_long_lived = stays_open
        is_kept = stays_open and os.name == "posix"  # elsewhere the file could not be put aside
        self._spare = SpareConnection(is_kept=is_kept)
        self._gate = LedgerGate()
        self._retry_at = 0.0
        self._retry_s = RETRY_S
        self._returned_at = -RELAPSE_S

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """What the user should know about the ledger; last, that it is out of use."""
        return self._notes if self._out_of_use is None else (*self._notes, self._out_of_use)

    def use(
        self, action: Callable[[], Answer], refill: Callable[[], object] | None = None
    ) -> Answer:
        """Do something with the ledger; where that fails, with the one that takes its place.

        Args:
            action: What to do.
            refill: What to do first with a ledger that has taken the place of another, so that it
                is never asked before it knows what is in the logs.

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
            except Exception as error:  # whatever it is, the ledger may be what it comes from
                if not may_be_damage(error):
                    raise
                with self._lock:
                    if generation == self.generation:  # else another thread was faster
                        self._replace(error)
                        self.generation += 1

    def tell_filled(self, generation: int) -> None:
        """Take that the ledger in use knows what is in the logs, unless it is another one now."""
        with self._lock:
            if generation == self.generation:
                self._filled = generation

    @contextmanager
    def open(self) -> Iterator[UsageLedger]:
        """Give the open ledger; at the first time, look whether it is damaged.

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
        """Use the user's ledger again if that can be done, with all that was counted meanwhile.

        Costs nothing while it is in use, and is tried now and then only.

        Args:
            fill: Reads the logs into it first; returns whether that was all of them.

        Returns:
            Whether it is another ledger from now on.
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
        """Let nothing stay open any longer; it may be used again."""
        self._spare.is_kept = False
        self._close_spare()
        self._gate.shut(self._leave_temporary)

    def _close_spare(self) -> None:
        spare = self._take_spare()
        if spare is not None:
            spare.close()

    def _take_spare(self) -> UsageLedger | None:
        """Return what has stayed open, if it is still the ledger in use."""
        spare = self._spare.take()
        if spare is None or spare.is_at(self.path):
            return spare
        spare.close()
        self.generation += 1
        return None

    def back_up(self) -> None:
        """Copy the ledger if that is due. If it cannot be done, a warning says so, once.

        Raises:
            LedgerCorruptError: If the ledger proves to be damaged.
        """
        if self._temporary is not None:
            return
        now = datetime.now(UTC)
        if backups.is_due(self.path, now):  # who stays for days looks at all of it again, too
            self._note(demand_proven(self.path, reads_all=True))
        try:
            backups.back_up(self.path, now)
        except LedgerBusyError:
            return  # there will be another time
        except (OSError, LedgerUnusableError) as error:
            if not any(isinstance(warning, BackupFailedError) for warning in self._notes):
                folder = self.path.parent / backups.FOLDER
                cause = error.__cause__ or error
                self._notes += (BackupFailedError(str(folder), _reason(cause)),)

    def demand_lasting(self) -> None:
        """Make sure that it is the user's ledger that is in use; within `use`.

        That raises then why it cannot be used.
        """
        if self._out_of_use is not None:
            raise _NotLastingError(self._out_of_use.cause)

    def demand_sound(self) -> None:
        """Read all of the ledger.

        Raises:
            LedgerCorruptError: If something is damaged in it.
        """
        self._note(demand_proven(self.path, reads_all=True))
        demand_sound(self.path)

    def _note(self, notes: Iterable[UsageError]) -> None:
        """Tell the user something, once."""
        for note in notes:
            if str(note) not in map(str, self._notes):
                self._notes += (note,)

    def _replace(self, error: Exception) -> None:
        """Mend the ledger after something has failed, or put another in its place.

        Raises:
            LedgerError: If there is no place for another.
            Exception: What has failed, if the ledger is as it was written.
        """
        try:
            if self._mend(self.path, error):
                return
        except LedgerBusyError:
            raise
        except (OSError, LedgerError):
            pass  # what has failed first says more
        if not isinstance(error, LedgerError):
            raise error
        self._use_temporary(error)

    def _mend(self, path: Path, error: Exception) -> bool:
        """Mend a ledger, unless that was done too often; return whether anything was done."""
        count = self._mendings[path] = self._mendings.get(path, 0) + 1
        notes = mended(path, error) if count <= MOST_MENDINGS else None
        if notes is None:
            return False
        self._is_checked = False
        if any(isinstance(note, LedgerReplacedError) for note in notes):
            self._mendings[path] = MOST_MENDINGS  # twice is no chance
        self._note(notes)
        return True

    def _use_temporary(self, error: LedgerError) -> None:
        from spendlight.ledger import temporary  # rarely needed
        from spendlight.tracker.taking_in import copy_alerts  # as above

        failed = self._temporary
        if failed is not None:
            self._failed_places.add(failed.place)
        found = temporary.make(self._usual, self._failed_places)
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
        """Give up a temporary ledger; who uses the ledger later begins with the user's."""
        if self._temporary is not None:
            self._temporary.leave()
            self._use(None)
            self.generation += 1

    def take_in_leftovers(self) -> bool:
        """Take in temporary ledgers that others have left behind; within `use`, after a pass.

        They are looked for once, and whenever the user's ledger has come back.

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
        """Have the user's ledger take in a temporary one, and use it again.

        Raises:
            LedgerError: If it cannot be used yet.
        """
        from spendlight.tracker.taking_in import demand_usable, finish, take_in  # nearly never

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
        take_in(temporary, self._usual)  # most of it, while questions are answered
        with self._gate.changing() as is_free, self._lock:
            if not is_free or self._temporary is not temporary:
                return False
            self._close_spare()
            taken = take_in(temporary, self._usual)
            self._use(None)
            self.generation += 1
            self._filled = self.generation
            self._notes += finish(temporary, taken)
            self._failed_places.clear()
            self._mendings.clear()
            self._returned_at = time.monotonic()
            self._looks_for_leftovers = True
        return True


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

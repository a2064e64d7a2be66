"""Repairs a damaged ledger: from its other contents, from its backups, and last from the logs."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import (
    LedgerCorruptError,
    LedgerTooNewError,
    LedgerUnprovenError,
    LedgerUnusableError,
)
from spendlight.ledger import answer_index, backups, name_repairs, page_seals
from spendlight.ledger.audit import rebuild_and_count_wrong
from spendlight.ledger.checking import UNREADABLE, broken_structure, translated_errors
from spendlight.ledger.connection import connect_to
from spendlight.ledger.losses import Loss, note_losses
from spendlight.ledger.merging import merge
from spendlight.ledger.name_facts import facts_in, take_in
from spendlight.ledger.opening import (
    connect,
    has_flipped_version,
    noted_schema,
    transaction,
)
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.private_files import file_at
from spendlight.ledger.proving import fault_in
from spendlight.ledger.repairing import BeyondRepairError, Repair, is_there
from spendlight.ledger.schema import SCHEMA
from spendlight.metering.packed import WORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from spendlight.ledger.backups import Recovery

_SURROUNDINGS: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
"""SQLite's errors that are not the ledger's fault, unless a bit in its header has flipped."""


class Mending(NamedTuple):
    """What was done about a damaged ledger.

    Attributes:
        recovery: How another file replaced it, if one did.
        flipped: Whether single bits were corrected and nothing else had to be done.
        restored: How many parts of it were restored.
        made_at: When the oldest backup that something was restored from was made.
        reread: How many parts will be read from their logs again.
        unsure: How many names may be wrong, as no backup holds them.
        sums: How many sums did not agree with the answers, and were rebuilt.
        losses: What is lost for good.
    """

    recovery: Recovery | None = None
    flipped: bool = False
    restored: int = 0
    made_at: datetime | None = None
    reread: int = 0
    unsure: int = 0
    sums: int = 0
    losses: tuple[Loss, ...] = ()


_BEYOND_REPAIR: Final = (BeyondRepairError, LookupError, TypeError, ValueError, AttributeError)
"""What interpreting damaged rows of the ledger may raise."""


def mend(path: Path, now: datetime, cause: Exception) -> Mending | None:
    """Find and repair the damage in a ledger on which an operation failed.

    Args:
        path: The ledger.
        now: The current time.
        cause: The error.

    Returns:
        What was done, or None if the ledger is sound. If another process has just repaired it,
        an empty `Mending`.

    Raises:
        OSError: If files cannot be moved or written.
        LedgerBusyError: If another process keeps the ledger locked.
        LedgerUnusableError: If the ledger cannot be read or written.
    """
    if _is_no_ledger_of_ours(cause):
        return Mending(flipped=True) if _is_corrected(path) else None
    unfit = None
    with backups.alone_with_backups(path):
        proof = page_seals.prove(path, reads_all=True)
        if proof is Proof.CORRECTED:
            return Mending(flipped=True)
        if proof is Proof.SOUND and isinstance(cause, LedgerUnprovenError):
            return Mending()
        is_lost = backups.is_lost(path)
        if _is_of_surroundings(cause) and proof is Proof.SOUND and not is_lost:
            return None
        if not is_lost and not broken_structure(path):
            with suppress(LedgerCorruptError, *_BEYOND_REPAIR), translated_errors(path):
                done = _repaired(path, now, proof)
                return Mending() if done is None and isinstance(cause, LedgerCorruptError) else done
            unfit = file_at(path)
    return _replaced(path, now, unfit)


def _is_corrected(path: Path) -> bool:
    return page_seals.prove(path, reads_all=True) is Proof.CORRECTED


def _replaced(path: Path, now: datetime, unfit: tuple[int, int] | None) -> Mending:
    """Replace a ledger by the last good backup and what the ledger still holds.

    Args:
        path: The ledger.
        now: The current time.
        unfit: The file that could not be repaired, though each part of it seems to be sound.
    """
    recovery = backups.recover(path, now, unfit)
    if recovery is None:
        return Mending()  # another process was faster
    if recovery.kept is None and recovery.made_at is None:
        return Mending(recovery)  # a new one will be made from the logs
    recovery = _with_what_was_kept(path, recovery, now)
    with backups.alone_with_backups(path), translated_errors(path):
        more = _repaired(path, now, Proof.NONE) or Mending()
    return more._replace(recovery=recovery, sums=0)


def _is_of_surroundings(cause: Exception) -> bool:
    return _code(cause) in _SURROUNDINGS


def _is_no_ledger_of_ours(cause: Exception) -> bool:
    """Return whether the file is not our ledger, or must not be touched."""
    return isinstance(cause, LedgerTooNewError) or (
        isinstance(cause, LedgerUnusableError) and not isinstance(cause.__cause__, sqlite3.Error)
    )


def _code(cause: Exception) -> int:
    code: int = getattr(cause.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF


def _repaired(path: Path, now: datetime, proof: Proof) -> Mending | None:
    """Repair a ledger whose structure is sound."""
    with closing(connect_to(path, 20.0)) as connection:
        form = connection.execute("PRAGMA user_version").fetchone()[0]
        noted = noted_schema(connection)
        is_flipped = has_flipped_version(connection)
        if is_flipped:
            connection.execute(f"PRAGMA user_version = {noted:d}")
            form = noted
        if form != SCHEMA:
            return Mending() if is_flipped or (proof is Proof.NONE and form < SCHEMA) else None
        fault = fault_in(connection)
        if not (fault or is_flipped) and proof is Proof.SOUND:
            return None
        is_lacking = bool(fault) or name_repairs.is_lacking(connection)
        with transaction(connection), ExitStack() as stack:
            copies = [
                (backup, stack.enter_context(_opened(backup.path)))
                for backup in (backups.usable(path) if is_lacking else ())
            ]
            is_index_spoilt = bool(answer_index.fault_in(connection))
            answer_index.drop(connection)  # chunks that it covers may have other contents now
            repair = Repair(connection, copies)
            repair.mend_rows()
            losses = repair.mend_chunks()
            names = name_repairs.mend(connection, [copy for _, copy in copies])
            note_losses(connection, losses, now)
            wrong_sums = rebuild_and_count_wrong(connection)
    page_seals.seal_all(path)
    return Mending(
        restored=repair.restored + is_index_spoilt + names,
        reread=repair.reread,
        made_at=repair.made_at,
        unsure=repair.unsure,
        sums=wrong_sums,
        losses=tuple(losses),
    )


def _with_what_was_kept(path: Path, recovery: Recovery, now: datetime) -> Recovery:
    """Copy what the damaged file still holds and its replacement does not."""
    kept, unsaved = recovery.kept, recovery.unsaved
    if kept is None:
        return recovery
    with (
        suppress(*UNREADABLE),
        closing(connect(path)) as connection,
        _opened(kept) as source,
    ):
        with transaction(connection):
            whole = merge(connection, source).whole
            with suppress(*UNREADABLE):
                take_in(connection, facts_in(source))
        if unsaved is not None:
            unsaved = tuple(log for log in unsaved if log not in whole)
            with transaction(connection):
                gone = [log for log in unsaved if not is_there(log)]
                note_losses(connection, _lost(source, connection, gone), now)
    return recovery._replace(unsaved=unsaved)


def _lost(
    source: sqlite3.Connection, target: sqlite3.Connection, logs: Iterable[str]
) -> Iterator[Loss]:
    """Yield the losses: how many answers of some logs only the damaged file lists.

    Where the list cannot be read any more, at least one answer is assumed.
    """
    statement = (
        "SELECT TOTAL(LENGTH(a.answers)) FROM files f JOIN chunks c ON c.file = f.id"
        " JOIN chunk_answers a ON a.chunk = c.id WHERE f.path = ?"
    )
    for log in logs:
        known = 0
        with suppress(*UNREADABLE):
            known = int(source.execute(statement, (log,)).fetchone()[0])
        held = int(target.execute(statement, (log,)).fetchone()[0])
        yield Loss(log, 0, 0, max(1, (known - held) // WORD_BYTES))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for reading only, damaged or not."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection

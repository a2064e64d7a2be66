"""Mends a damaged ledger: from what else it holds, from its backups, and at last from the logs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.errors import LedgerCorruptError, LedgerTooNewError, LedgerUnusableError
from spendlight.ledger import backups, chunks, page_seals
from spendlight.ledger.audit import rebuild_and_count_wrong
from spendlight.ledger.checking import UNREADABLE, broken_structure, translated_errors
from spendlight.ledger.connection import connect_to
from spendlight.ledger.losses import Loss, note_losses
from spendlight.ledger.merging import merge
from spendlight.ledger.opening import connect, has_flipped_version, noted_schema, transaction
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.proving import chunk_rows, fault_in, faults_in, signed_row
from spendlight.ledger.repeating import read_again
from spendlight.ledger.schema import SCHEMA, SIGNED_ROWS
from spendlight.ledger.signing import sign_row, without_flipped_bit
from spendlight.metering.packed import WORD_BYTES, hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from spendlight.ledger.backups import Backup, Recovery
    from spendlight.ledger.proving import ChunkRow, Fields, Key

_SURROUNDINGS: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
"""What SQLite says where the fault is not in the ledger; one bit in its header can do it, too."""


class Mending(NamedTuple):
    """What was done about a ledger that was not as it was written.

    Attributes:
        recovery: How another file took its place, if one did.
        flipped: Whether single bits were put right, and nothing else had to be done.
        restored: How many parts of it were restored.
        made_at: Of when the oldest backup is that something was restored from.
        reread: How many parts are to be read from their logs again.
        unsure: How many names may be wrong, as no backup holds them.
        sums: How many sums were not as the answers say, and are made anew.
        losses: What nobody holds any more.
    """

    recovery: Recovery | None = None
    flipped: bool = False
    restored: int = 0
    made_at: datetime | None = None
    reread: int = 0
    unsure: int = 0
    sums: int = 0
    losses: tuple[Loss, ...] = ()


class _BeyondRepairError(Exception):
    """Too much is missing for what is left to be made use of."""


_BEYOND_REPAIR: Final = (_BeyondRepairError, LookupError, TypeError, ValueError, AttributeError)
"""What comes of taking something for rows of the ledger that is none."""


def mend(path: Path, now: datetime, cause: Exception) -> Mending | None:
    """Look for what is damaged in a ledger that made something fail, and mend it.

    Args:
        path: The ledger.
        now: The moment.
        cause: What failed.

    Returns:
        What was done, or None where the ledger is as it was written.

    Raises:
        OSError: If files cannot be moved or written.
        LedgerBusyError: If another process keeps the ledger locked.
        LedgerUnusableError: If the ledger cannot be read or written.
    """
    if _is_no_ledger_of_ours(cause):
        return Mending(flipped=True) if _is_corrected(path) else None
    with backups.alone_with_backups(path):
        proof = page_seals.prove(path, reads_all=True)
        if proof is Proof.CORRECTED:
            return Mending(flipped=True)
        is_lost = backups.is_lost(path)
        if _is_of_surroundings(cause) and proof is Proof.SOUND and not is_lost:
            return None
        if not is_lost and not broken_structure(path):
            with suppress(LedgerCorruptError, *_BEYOND_REPAIR), translated_errors(path):
                return _repaired(path, now, proof)
    return _replaced(path, now)


def _is_corrected(path: Path) -> bool:
    return page_seals.prove(path, reads_all=True) is Proof.CORRECTED


def _replaced(path: Path, now: datetime) -> Mending:
    """Put the last good backup in the place of a ledger, with what the ledger still holds."""
    recovery = backups.recover(path, now)
    if recovery is None:
        return Mending()  # another process has been faster
    if recovery.kept is None and recovery.made_at is None:
        return Mending(recovery)  # a new one is made from the logs
    recovery = _with_what_was_kept(path, recovery, now)
    with backups.alone_with_backups(path), translated_errors(path):
        more = _repaired(path, now, Proof.NONE) or Mending()
    return more._replace(recovery=recovery, sums=0)


def _is_of_surroundings(cause: Exception) -> bool:
    return _code(cause) in _SURROUNDINGS


def _is_no_ledger_of_ours(cause: Exception) -> bool:
    """Return whether the file is one that is not to be touched, or none."""
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
        with transaction(connection), ExitStack() as stack:
            copies = [
                (backup, stack.enter_context(_opened(backup.path)))
                for backup in (backups.usable(path) if fault else ())
            ]
            repair = _Repair(connection, copies)
            repair.mend_rows()
            losses = repair.mend_chunks()
            note_losses(connection, losses, now)
            wrong_sums = rebuild_and_count_wrong(connection)
    page_seals.seal_all(path)
    return Mending(
        restored=repair.restored,
        reread=repair.reread,
        made_at=repair.made_at,
        unsure=repair.unsure,
        sums=wrong_sums,
        losses=tuple(losses),
    )


class _Repair:
    """Repairs the tables of a ledger; to be used within a transaction.

    Args:
        connection: The ledger.
        copies: Its backups, the latest first.

    Attributes:
        restored: How many rows are again as they were.
        made_at: Of when the oldest backup is that one came from.
        reread: How many chunks are to be read from their logs again.
        unsure: How many rows are left as they are found.
    """

    def __init__(
        self, connection: sqlite3.Connection, copies: Sequence[tuple[Backup, sqlite3.Connection]]
    ) -> None:
        self._db = connection
        self._copies = copies
        self.restored = 0
        self.made_at: datetime | None = None
        self.reread = 0
        self.unsure = 0

    def mend_rows(self) -> None:
        """Put rows right that are looked up again and again: names, folders, models."""
        self._db.execute(
            "DELETE FROM signatures WHERE of NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(list(SIGNED_ROWS)),),
        )
        for table, key in faults_in(self._db).rows:
            if _row(self._db, table, key) is None:  # first those that are missing
                self._fill_in(table, key)
        for table, key in faults_in(self._db).rows:
            row = _row(self._db, table, key)
            if row is not None and not self._restore_row(table, key):
                self._accept(table, key, row)
        for statement in (
            "SELECT 1 FROM files WHERE session NOT IN (SELECT id FROM sessions)",
            "SELECT 1 FROM sessions WHERE root NOT IN (SELECT id FROM roots)",
        ):
            if self._db.execute(statement).fetchone():
                raise _BeyondRepairError

    def mend_chunks(self) -> list[Loss]:
        """Put chunks right; return what is lost."""
        numbers = faults_in(self._db).chunks
        gone = [row for number in numbers if (row := self._without_remedy(number)) is not None]
        paths = {row.number: self._path(row) for row in gone}
        for row in gone:
            self._db.execute("DELETE FROM chunks WHERE id = ?", (row.number,))
        has_orphans = self._db.execute(
            "DELETE FROM chunk_answers WHERE chunk NOT IN (SELECT id FROM chunks)"
        ).rowcount > len(gone)
        only = None if has_orphans else set(paths.values())
        for backup, copy in self._copies if gone or has_orphans else ():
            with suppress(*UNREADABLE):
                if merge(self._db, copy, only).answers:
                    self._note(backup)
        for path in set(paths.values()):  # what is still in the log is read once more
            read_again(self._db, path)
        missing = [self._missing(row, paths[row.number]) for row in gone]
        losses = [loss for loss in missing if loss.answers and not _is_there(loss.path)]
        self.reread = sum(bool(loss.answers) for loss in missing) - len(losses)
        return losses

    def _without_remedy(self, number: int) -> ChunkRow | None:
        """Restore a chunk; where that cannot be done, return it as it is."""
        row = next(chunk_rows(self._db, "c.id = ?", number))
        made = row.made_signature()
        if made is not None and (made == row.signature or _is_a_bit_apart(made, row.signature)):
            chunks.write_row(self._db, number, row[1:6], row.answers)  # a signature was damaged
            self.restored += 1
            return None
        for backup, copy in self._copies:
            with suppress(*UNREADABLE, StopIteration):
                held = next(chunk_rows(copy, "c.id = ?", number))
                if held.made_signature() == row.signature:
                    chunks.write_row(self._db, number, held[1:6], held.answers)
                    self._note(backup)
                    return None
        fields = None if made is None else _without_flipped_bit(row)
        if fields is None:
            return row
        chunks.write_row(self._db, number, fields[:5], fields[5])
        self.restored += 1
        return None

    def _missing(self, row: ChunkRow, path: str) -> Loss:
        """Return what of a chunk the ledger does not hold any more."""
        first, last = row.first_ms, row.last_ms
        if not (isinstance(first, int) and isinstance(last, int) and 0 < first <= last):
            first = last = 0
        count = len(row.answers) // WORD_BYTES if isinstance(row.answers, bytes) else 1
        if row.has_signed_answers:
            wanted = set(hashes(row.answers))
            return Loss(path, first, last, len(wanted - self._held(wanted)))
        present = sum(
            first <= entry.at_ms <= last or not first
            for chunk in chunks.load(self._db, "f.path = ?", (path,))
            for entry in chunk.entries
        )
        return Loss(path, first, last, max(0, count - present))

    def _held(self, answers: set[int]) -> set[int]:
        """Return which of some answers the ledger holds."""
        return set().union(*chunks.holding(self._db, answers).values())

    def _path(self, row: ChunkRow) -> str:
        found = self._db.execute("SELECT path FROM files WHERE id = ?", (row.file,)).fetchone()
        return found[0] if found else ""

    def _note(self, backup: Backup) -> None:
        self.restored += 1
        self.made_at = min(self.made_at or backup.made_at, backup.made_at)

    def _fill_in(self, table: str, key: Key) -> None:
        """Restore a row that is missing."""
        if not self._restore_row(table, key):
            self._db.execute("DELETE FROM signatures WHERE of = ? AND key = ?", (table, key))
            self.unsure += table != "meta"

    def _restore_row(self, table: str, key: Key) -> bool:
        for backup, copy in self._copies:
            with suppress(*UNREADABLE):
                held = signed_row(copy, table, key)
                if held is not None:
                    self._write(table, held)
                    self._note(backup)
                    return True
        return False

    def _write(self, table: str, row: Fields) -> None:
        names = SIGNED_ROWS[table].split(", ")
        values = ", ".join("?" * len(names))
        if table != "files":
            self._db.execute(
                f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({values})",  # noqa: S608  # names of ours
                row,
            )
            return
        if _row(self._db, table, row[0]) is None:  # type: ignore[arg-type]  # a number
            self._db.execute(
                "INSERT OR REPLACE INTO files (id, root, session, path, size, mtime_ns, inode,"
                " read_to, fingerprint) VALUES (?, ?, ?, ?, -1, 0, 0, 0, 0)",
                row,
            )
            return
        self._db.execute(
            "UPDATE OR REPLACE files SET root = ?, session = ?, path = ? WHERE id = ?",
            (*row[1:], row[0]),
        )

    def _accept(self, table: str, key: Key, row: Fields) -> None:
        """Sign a row as it is, where nobody knows how it was."""
        if None in row:
            raise _BeyondRepairError
        if table == "meta":  # what is not there is made anew
            self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
            return
        known = self._db.execute(
            "SELECT signature FROM signatures WHERE of = ? AND key = ?", (table, key)
        ).fetchone()
        is_sound = known is not None and _is_a_bit_apart(sign_row(*row), known[0])
        self._db.execute(
            "INSERT OR REPLACE INTO signatures VALUES (?, ?, ?)", (table, key, sign_row(*row))
        )
        if is_sound:
            self.restored += 1
        else:
            self.unsure += 1


def _with_what_was_kept(path: Path, recovery: Recovery, now: datetime) -> Recovery:
    """Take over what the damaged file still holds and the one that took its place does not."""
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
        if unsaved is not None:
            unsaved = tuple(log for log in unsaved if log not in whole)
            with transaction(connection):
                gone = [log for log in unsaved if not _is_there(log)]
                note_losses(connection, _lost(source, connection, gone), now)
    return recovery._replace(unsaved=unsaved)


def _lost(
    source: sqlite3.Connection, target: sqlite3.Connection, logs: Iterable[str]
) -> Iterator[Loss]:
    """Yield of how many answers of some logs a damaged file knows, and another does not.

    Where that cannot be read any more, it is one answer at least.
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
    """Open a file that is only read, be it damaged or not."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def _row(connection: sqlite3.Connection, table: str, key: Key) -> Fields | None:
    columns = SIGNED_ROWS[table]
    row: Fields | None = connection.execute(
        f"SELECT {columns} FROM {table} WHERE {columns.partition(',')[0]} = ?",  # noqa: S608  # names of ours
        (key,),
    ).fetchone()
    return row


def _is_there(log: str) -> bool:
    return bool(log) and Path(log).exists()


def _is_a_bit_apart(one: int, other: object) -> bool:
    return isinstance(other, int) and (one ^ other).bit_count() == 1


def _without_flipped_bit(row: ChunkRow) -> tuple[Any, ...] | None:
    """Return the fields of a chunk and its answers as they were before one bit changed."""
    joined = chunks.joined(*row[1:7])
    right = without_flipped_bit(joined, row.signature)
    return None if right is None else chunks.parted(right)

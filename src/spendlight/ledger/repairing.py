"""Repairs the tables of a ledger whose structure is sound."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from spendlight.ledger import chunks
from spendlight.ledger.answer_search import holding
from spendlight.ledger.checking import UNREADABLE
from spendlight.ledger.losses import Loss
from spendlight.ledger.merging import merge
from spendlight.ledger.proving import (
    chunk_rows,
    chunks_gone,
    faults_in,
    missing_rows,
    sign_again,
    signature_of,
    signed_row,
)
from spendlight.ledger.repeating import read_again
from spendlight.ledger.schema import SIGNED_ROWS, WITH_OWN_SIGNATURE
from spendlight.ledger.signing import sign_row, without_flipped_bit
from spendlight.metering.log_names import file_of
from spendlight.metering.packed import WORD_BYTES, hashes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from spendlight.ledger.backups import Backup
    from spendlight.ledger.proving import ChunkRow, Fields, Key


_LINKS: Final = 3
"""The length of a reference chain: a chunk belongs to a file, that to a session, that to a root."""


class BeyondRepairError(Exception):
    """Too much is missing for the rest to be usable."""


class Repair:
    """Repairs the tables of a ledger; must be used within a transaction.

    Args:
        connection: The ledger.
        copies: Its backups, the latest first.

    Attributes:
        restored: How many rows were restored.
        made_at: When the oldest backup that a row came from was made.
        reread: How many chunks will be read from their logs again.
        unsure: How many rows were left as found.
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
        """Repair the rows of lookup tables: names, folders, models."""
        self._db.execute(
            "DELETE FROM signatures WHERE of NOT IN (SELECT value FROM json_each(?))",
            (json.dumps(list(SIGNED_ROWS.keys() - WITH_OWN_SIGNATURE)),),
        )
        for table, key in faults_in(self._db).rows:
            if _row(self._db, table, key) is None:  # missing ones first
                self._fill_in(table, key)
        for table, key in faults_in(self._db).rows:
            row = _row(self._db, table, key)
            if row is not None and not self._restore_row(table, key):
                self._accept(table, key, row)
        for _ in range(_LINKS):
            for table, number in list(missing_rows(self._db)):
                self._restore_row(table, number)
        if any(missing_rows(self._db)):
            raise BeyondRepairError

    def mend_chunks(self) -> list[Loss]:
        """Repair chunks; return what is lost."""
        numbers = faults_in(self._db).chunks
        gone = [row for number in numbers if (row := self._without_remedy(number)) is not None]
        paths = {row.number: self._path(row) for row in gone}
        of_unknown_logs = [self._answers_of(number) for number in chunks_gone(self._db)]
        for row in gone:
            self._db.execute("DELETE FROM chunks WHERE id = ?", (row.number,))
        self._db.execute("DELETE FROM chunk_answers WHERE chunk NOT IN (SELECT id FROM chunks)")
        only = None if of_unknown_logs else set(paths.values())
        for backup, copy in self._copies if gone or of_unknown_logs else ():
            with suppress(*UNREADABLE):
                if merge(self._db, copy, only).answers:
                    self._note(backup)
        unfilled = sum(not held <= self._held(held) for held in of_unknown_logs)
        for path in self._logs() if unfilled else set(paths.values()):
            read_again(self._db, path)  # what is still in the log is read again
        missing = [self._missing(row, paths[row.number]) for row in gone]
        losses = [loss for loss in missing if loss.answers and not is_there(loss.path)]
        self.reread = sum(bool(loss.answers) for loss in missing) - len(losses) + unfilled
        return losses

    def _without_remedy(self, number: int) -> ChunkRow | None:
        """Restore a chunk; if that is impossible, return it as it is."""
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
        """Return the part of a chunk that the ledger does not hold any more."""
        first, last = row.first_ms, row.last_ms
        if not (isinstance(first, int) and isinstance(last, int) and 0 < first <= last):
            first = last = 0
        count = len(row.answers) // WORD_BYTES if isinstance(row.answers, bytes) else 1
        if row.has_signed_answers:
            wanted = set(hashes(row.answers))
            return Loss(path, first, last, len(wanted - self._held(wanted)))
        found = sum(
            first <= entry.at_ms <= last or not first
            for chunk in chunks.load(self._db, "f.path = ?", (path,))
            for entry in chunk.entries
        )
        return Loss(path, first, last, max(0, count - found))

    def _held(self, answers: set[int]) -> set[int]:
        """Return which of these answers the ledger holds."""
        return set().union(*holding(self._db, answers).values())

    def _answers_of(self, number: int) -> set[int]:
        """Return which answers a chunk held of which nothing else is left."""
        (answers,) = self._db.execute(
            "SELECT answers FROM chunk_answers WHERE chunk = ?", (number,)
        ).fetchone()
        is_list = isinstance(answers, bytes) and len(answers) % WORD_BYTES == 0
        return set(hashes(answers)) if is_list else set()

    def _logs(self) -> set[str]:
        return {path for (path,) in self._db.execute("SELECT path FROM files") if is_there(path)}

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
        names = SIGNED_ROWS[table]
        values = ", ".join("?" * len(row))
        key: Key = row[0]  # type: ignore[assignment]  # it is no blob
        if table != "files":
            self._db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({values})", row)  # noqa: S608  # our own names
        elif _row(self._db, table, key) is None:
            self._db.execute(
                f"INSERT OR REPLACE INTO files ({names}, size, mtime_ns, inode, read_to,"  # noqa: S608  # our own names
                f" fingerprint) VALUES ({values}, -1, 0, 0, 0, 0)",
                row,
            )
        else:
            self._db.execute(
                "UPDATE OR REPLACE files SET root = ?, session = ?, path = ? WHERE id = ?",
                (*row[1:], key),
            )
        sign_again(self._db, table, key)

    def _accept(self, table: str, key: Key, row: Fields) -> None:
        """Sign a row as it is, as its original contents are unknown."""
        if None in row:
            raise BeyondRepairError
        if table == "meta":  # missing values are created again
            self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
            return
        is_sound = _is_a_bit_apart(sign_row(*row), signature_of(self._db, table, key))
        sign_again(self._db, table, key)
        if is_sound:
            self.restored += 1
        else:
            self.unsure += 1


def _row(connection: sqlite3.Connection, table: str, key: Key) -> Fields | None:
    columns = SIGNED_ROWS[table]
    row: Fields | None = connection.execute(
        f"SELECT {columns} FROM {table} WHERE {columns.partition(',')[0]} = ?",  # noqa: S608  # our own names
        (key,),
    ).fetchone()
    return row


def is_there(log: str) -> bool:
    """Return whether a log, by the ledger's name of it, can be read again."""
    return bool(log) and Path(file_of(log)).exists()


def _is_a_bit_apart(one: int, other: object) -> bool:
    return isinstance(other, int) and (one ^ other).bit_count() == 1


def _without_flipped_bit(row: ChunkRow) -> tuple[Any, ...] | None:
    """Return the fields of a chunk and its answers as they were before one bit flipped."""
    joined = chunks.joined(*row[1:7])
    right = without_flipped_bit(joined, row.signature)
    return None if right is None else chunks.parted(right)

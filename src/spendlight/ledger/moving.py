"""Updates the ledger when logs and data folders have been moved."""

from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks, described
from spendlight.ledger.batches import LogName
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.enlisting import root_and_session
from spendlight.ledger.machines import is_of_this_machine
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.recording import Recorder
from spendlight.metering.entry import SessionName
from spendlight.metering.slices import slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from spendlight.metering.entry import UsageEntry

_KNOWN_LOGS: Final = (
    "SELECT f.id, f.path, r.folder, r.parent, f.size, f.mtime_ns, f.inode, f.read_to,"
    " f.fingerprint, r.agent, s.project, s.project_path, s.session"
    " FROM files f JOIN roots r ON r.id = f.root JOIN sessions s ON s.id = f.session"
)

_OF_FILES: Final = ("problems", "named_sessions", "lost_copies", "session_notes")
"""Tables of what was read of logs apart from their answers."""

FEW: Final = 8
"""Up to this many logs are looked up by SQLite; for more, all logs are read."""


class KnownLog(NamedTuple):
    """A log that the ledger knows, in the state in which it was read.

    Attributes:
        number: Its number.
        path: Where it was.
        root: The data folder it was in.
        parent: The folder whose ``vms`` contained the root, or "".
        read_to: How far it was read, in bytes.
        fingerprint: Of the bytes before that.
        agent: The coding agent whose log it is.
        session: The session whose usage it holds.
    """

    number: int
    path: str
    root: str
    parent: str
    size: int
    mtime_ns: int
    inode: int
    read_to: int
    fingerprint: int
    agent: str
    session: SessionName


class Move(NamedTuple):
    """A log that has been moved.

    Attributes:
        number: Its number.
        name: Where it is now.
    """

    number: int
    name: LogName


def logs_like(path: Path, inodes: Collection[int], names: Collection[str]) -> list[KnownLog]:
    """Return the logs of this machine that have one of these inodes, or one of these file names.

    Args:
        path: The ledger.
        inodes: Inode numbers; 0 means none.
        names: File names without folders.

    Raises:
        LedgerError: If it cannot be read.
    """
    statement = _KNOWN_LOGS
    parameters: list[object] = []
    if len(names) <= FEW:
        ends = [f"{os.sep}{name}" for name in names]
        same_name = " OR ".join(["SUBSTR(f.path, ?) = ?"] * len(ends))
        statement += f" WHERE f.inode IN (SELECT value FROM json_each(?)) OR {same_name}"  # noqa: S608  # our own names
        parameters.append(json.dumps(sorted(inodes)))
        for end in ends:
            parameters += (-len(end), end)
    with translated_errors(path), closing(connect(path)) as connection:
        found = [
            KnownLog._make((*row[:10], SessionName(*row[10:])))
            for row in connection.execute(statement, parameters)
        ]
    return [
        log
        for log in found
        if is_of_this_machine(log.root)
        and ((log.inode and log.inode in inodes) or log.path.rpartition(os.sep)[2] in names)
    ]


def logs_below(path: Path, folder: str) -> list[tuple[int, str]]:
    """Return the numbers and paths of the logs that a ledger knows in a folder.

    Args:
        path: The ledger.
        folder: The folder, with a trailing slash.

    Raises:
        LedgerError: If it cannot be read.
    """
    statement = "SELECT id, path FROM files WHERE SUBSTR(path, 1, ?) = ? ORDER BY path"
    with translated_errors(path), closing(connect(path)) as connection:
        return connection.execute(statement, (len(folder), folder)).fetchall()


def follow(
    path: Path, context_thresholds: Sequence[int], folders: Mapping[str, str], moves: Iterable[Move]
) -> frozenset[int]:
    """Store the new locations of folders and logs: all of them or none.

    Entries stay as they are. Where the location decides which copies count, that is decided again;
    where usage now belongs to another session, sums are rebuilt.

    Args:
        path: The ledger.
        context_thresholds: Context sizes by which its sums are separated, ascending.
        folders: New paths of data folders, by the ledger's names. If it knows the new one
            already, the two are merged.
        moves: Moved logs, without those in moved folders.

    Returns:
        The slots whose sums changed.

    Raises:
        LedgerError: If it cannot be written.
    """
    with (
        translated_errors(path),
        closing(connect(path)) as connection,
        transaction(connection),
    ):
        mover = _Mover(connection)
        for old, new in sorted(folders.items()):
            mover.move_folder(old, new)
        for move in moves:
            mover.move_log(move)
        recorder = Recorder(connection, context_thresholds)
        return recorder.settle_again(mover.answers, mover.touched)


class _Mover:
    """Moves folders and logs, and remembers what must be updated.

    Attributes:
        answers: Answers of which other copies may count now.
        touched: The slots, by session, in which usage has changed.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.answers: set[int] = set()
        self.touched: dict[int, set[int]] = {}

    def move_folder(self, old: str, new: str) -> None:
        """Move a data folder with everything in it, for each agent that uses it."""
        known = {
            (folder, agent): number
            for folder, agent, number in self._db.execute(
                "SELECT folder, agent, id FROM roots WHERE folder IN (?, ?)", (old, new)
            )
        }
        for (folder, agent), number in known.items():
            if folder == old and (new, agent) in known:
                self._merge(number, old, known[new, agent])
            elif folder == old:
                self._move_root(old, new, agent)

    def _move_root(self, old: str, new: str, agent: str) -> None:
        begin = len(old) + 1
        here = "(folder = ?1 OR parent = ?1) AND agent = ?4"
        self._db.execute(
            "UPDATE files SET path = ?2 || SUBSTR(path, ?3)"  # noqa: S608  # ours
            f" WHERE root IN (SELECT id FROM roots WHERE {here})",
            (old, new, begin, agent),
        )
        self._db.execute(
            "UPDATE roots SET folder = ?2 || SUBSTR(folder, ?3), parent = IIF(parent = ?1, ?2,"  # noqa: S608  # ours
            f" parent) WHERE {here}",
            (old, new, begin, agent),
        )
        for chunk in chunks.load(self._db, "c.shadows IS NOT NULL"):
            self.answers |= {
                entry.answer
                for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True)
                if shadow
            }

    def move_log(self, move: Move) -> None:
        """Move a log, and assign its contents to the session that the new path names."""
        row = self._db.execute(
            "SELECT session, path, first_name FROM files WHERE id = ?", (move.number,)
        ).fetchone()
        if row is None or row[1] == move.name.path:
            return
        before, old_path, first_name = row
        root, session = root_and_session(self._db, move.name)
        held = list(chunks.load(self._db, "c.file = ?", (move.number,)))
        entries = [entry for chunk in held for entry in chunk.entries]
        self.answers |= {entry.answer for entry in entries}
        old_root = self._db.execute(
            "SELECT root FROM files WHERE id = ?", (move.number,)
        ).fetchone()
        self._read_again(move.number, entries, is_elsewhere=old_root != (root,))
        slots = {slot_of(entry.at_ms) for entry in entries}
        for changed in (before, session):
            self.touched.setdefault(changed, set()).update(slots)
        there = self._db.execute(
            "SELECT id, read_to FROM files WHERE path = ?", (move.name.path,)
        ).fetchone()
        if there is not None:
            self._give(move.number, *there)
            self._hand_over(move.number, there[0], session)
            return
        own_name = move.name.path.rpartition(os.sep)[2]
        first_name = first_name or old_path.rpartition(os.sep)[2]
        self._db.execute(
            "UPDATE files SET path = ?, root = ?, session = ?, first_name = ? WHERE id = ?",
            (
                move.name.path,
                root,
                session,
                "" if first_name == own_name else first_name,
                move.number,
            ),
        )
        self._hand_over(move.number, move.number, session)

    def _read_again(
        self, number: int, entries: Sequence[UsageEntry], *, is_elsewhere: bool
    ) -> None:
        """Mark logs to be read again if they hold copies that may be the best ones now.

        The ledger does not hold copies that lost. A copy that lost in the log's old root may be the
        best in its new one, and copies that lost against this log there may be the best without it.
        """
        answers = json.dumps([entry.answer for entry in entries])
        losers = "SELECT file FROM lost_copies WHERE answer IN (SELECT value FROM json_each(?))"
        self._db.execute(
            f"UPDATE files SET size = -1, read_to = 0 WHERE id IN ({losers}) AND size >= 0",  # noqa: S608  # ours
            (answers,),
        )
        if is_elsewhere:
            self._db.execute(
                "UPDATE files SET size = -1, read_to = 0 WHERE size >= 0 AND id = ?"
                " AND EXISTS (SELECT 1 FROM lost_copies WHERE file = ?)",
                (number, number),
            )

    def _hand_over(self, number: int, other: int, session: int) -> None:
        """Assign described blocks to the file's new root, whose logs hold another part of them."""
        starts = described.hand_over(self._db, number, other)
        self.touched.setdefault(session, set()).update(map(slot_of, starts))

    def _merge(self, root: int, old: str, other: int) -> None:
        """Assign all logs of one data folder to another one that is known."""
        new, machine, parent, agent = self._db.execute(
            "SELECT folder, machine, parent, agent FROM roots WHERE id = ?", (other,)
        ).fetchone()
        for number, path, *session in self._db.execute(
            "SELECT f.id, f.path, s.project, s.project_path, s.session FROM files f"
            " JOIN sessions s ON s.id = f.session WHERE f.root = ?",
            (root,),
        ).fetchall():
            there, name = new + path[len(old) :], SessionName(*session)
            self.move_log(Move(number, LogName(there, new, machine, parent, name, agent=agent)))

    def _give(self, number: int, other: int, read_to: int) -> None:
        """Merge a log into the one that is known at its new path."""
        if not read_to:
            self._db.execute(
                "UPDATE files SET (size, mtime_ns, inode, read_to, fingerprint, state) = (SELECT"
                " size, mtime_ns, inode, read_to, fingerprint, state FROM files WHERE id = ?)"
                " WHERE id = ?",
                (number, other),
            )
        for table in _OF_FILES:
            self._db.execute(
                f"UPDATE OR IGNORE {table} SET file = ? WHERE file = ?",  # noqa: S608  # our own names
                (other, number),
            )
        chunks.give(self._db, number, other)
        for table in _OF_FILES:
            self._db.execute(f"DELETE FROM {table} WHERE file = ?", (number,))  # noqa: S608  # ours
        self._db.execute(
            "UPDATE files SET size = -1, mtime_ns = 0, inode = 0, read_to = 0, fingerprint = 0,"
            " state = NULL WHERE id = ?",
            (number,),
        )

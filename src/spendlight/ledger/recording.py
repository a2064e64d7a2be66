"""Writes what a pass found into the ledger, and renews the sums it touches."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.buckets import rebuild_buckets, renew_buckets
from spendlight.ledger.schema import drop_indexes, make_indexes
from spendlight.ledger.settling import Copy, best_copies, shadows
from spendlight.metering.entry import UsageEntry
from spendlight.metering.slices import slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName

_PARAMETERS: Final = 500
"""SQLite takes at least 999 parameters in a statement."""

_ENTRY_COLUMNS: Final = ", ".join(UsageEntry._fields)
_INSERT: Final = (
    f"INSERT INTO entries ({_ENTRY_COLUMNS}, shadow)"  # noqa: S608  # names of ours
    f" VALUES ({', '.join('?' * len(UsageEntry._fields))}, 0)"
)
_REPLACE: Final = (
    f"UPDATE entries SET {' = ?, '.join(UsageEntry._fields)} = ?,"  # noqa: S608  # names of ours
    " shadow = ? WHERE id = ?"
)
_ANSWER = itemgetter(UsageEntry._fields.index("answer"))

_REBUILD_SHARE: Final = 4
"""If more than one in so many entries is new, all sums are made anew; that is faster then."""

_REBUILD_AT_LEAST: Final = 2_000
"""Fewer new entries than this never make it worth while."""


class LogName(NamedTuple):
    """What the ledger is told of a log file when it meets it.

    Attributes:
        path: In full.
        root: The folder whose ``projects`` it stands in.
        machine: The virtual machine of the root, or "".
        parent: The folder in whose ``vms`` the root stands, or "".
        session: What its path says of the usage in it.
    """

    path: str
    root: str
    machine: str
    parent: str
    session: SessionName


class FileMark(NamedTuple):
    """How far a file was read, and what it looked like then.

    Attributes:
        number: The file's number in the ledger.
        read_to: Where the next pass goes on, in bytes.
        fingerprint: Of the bytes before that.
    """

    number: int
    size: int
    mtime_ns: int
    inode: int
    read_to: int
    fingerprint: int


class Batch(NamedTuple):
    """What a part of a pass found.

    Attributes:
        marks: How far the files were read.
        reread: The numbers of files read from their beginning: problems known of them are void.
        entries: What was found, of each answer the best copy in each root.
        variants: The models that the entries name by number.
        problems: Lines that should have been an answer and are not, by the file's number.
    """

    marks: Sequence[FileMark]
    reread: Collection[int]
    entries: Sequence[UsageEntry]
    variants: Mapping[int, ModelVariant]
    problems: Sequence[tuple[int, LineProblem]]


class Recorded(NamedTuple):
    """What was written.

    Attributes:
        new_answers: Answers that the ledger did not hold in any root.
        slots: The slots whose sums changed.
    """

    new_answers: int
    slots: frozenset[int]


def enlist(connection: sqlite3.Connection, names: Iterable[LogName]) -> dict[str, int]:
    """Give files a number that have none; return the numbers by path. Within a transaction."""
    numbers: dict[str, int] = {}
    for name in names:
        connection.execute(
            "INSERT OR IGNORE INTO roots (folder, machine, parent) VALUES (?, ?, ?)",
            (name.root, name.machine, name.parent),
        )
        connection.execute(
            "INSERT OR IGNORE INTO sessions (root, project, project_path, session)"
            " SELECT id, ?, ?, ? FROM roots WHERE folder = ?",
            (*name.session, name.root),
        )
        connection.execute(
            "INSERT OR IGNORE INTO files (root, session, path, size, mtime_ns, inode, read_to,"
            " fingerprint) SELECT s.root, s.id, ?, -1, 0, 0, 0, 0 FROM sessions s JOIN roots r"
            " ON r.id = s.root WHERE r.folder = ? AND s.project_path = ? AND s.session = ?",
            (name.path, name.root, name.session.project_path, name.session.session),
        )
        row = connection.execute("SELECT id FROM files WHERE path = ?", (name.path,)).fetchone()
        numbers[name.path] = row[0]
    return numbers


class Recorder:
    """Writes one batch; to be used within a transaction.

    Args:
        connection: Where to write.
        cuts: Context sizes at which some price changes, ascending.
    """

    def __init__(self, connection: sqlite3.Connection, cuts: Sequence[int]) -> None:
        self._db = connection
        self._cuts = cuts
        self._files: dict[int, tuple[int, str]] = {}
        self._shadows: dict[frozenset[int], int] = {frozenset(): 0}

    def record(self, batch: Batch) -> Recorded:
        """Write how far files were read, what was found in them, and what was wrong with them."""
        self._write_marks(batch)
        self._db.executemany(
            "INSERT OR IGNORE INTO variants VALUES (?, ?, ?, ?, ?)",
            ((number, *variant) for number, variant in batch.variants.items()),
        )
        count = self._db.execute("SELECT MAX(id) FROM entries").fetchone()[0] or 0
        answers = set(map(_ANSWER, batch.entries))
        held = self._held(answers) if count else {}
        if held or len(answers) < len(batch.entries):
            contested = held.keys() | _repeated(batch.entries, answers)
            new = [entry for entry in batch.entries if entry.answer not in contested]
            touched = self._settle(held, (e for e in batch.entries if e.answer in contested))
        else:
            new, touched = list(batch.entries), set()
        is_first = not count and len(new) > _REBUILD_AT_LEAST
        if is_first:  # an index is made faster than it grows
            drop_indexes(self._db)
        self._db.executemany(_INSERT, new)
        if is_first:
            make_indexes(self._db)
        touched.update(slot_of(entry.at_ms) for entry in new)
        if len(new) > max(_REBUILD_AT_LEAST, count // _REBUILD_SHARE):
            rebuild_buckets(self._db, self._cuts)
        else:
            renew_buckets(self._db, self._cuts, touched)
        return Recorded(len(answers) - len(held), frozenset(touched))

    def _write_marks(self, batch: Batch) -> None:
        self._db.executemany(
            "UPDATE files SET size = ?, mtime_ns = ?, inode = ?, read_to = ?, fingerprint = ?"
            " WHERE id = ?",
            ((*mark[1:], mark.number) for mark in batch.marks),
        )
        self._db.executemany(
            "DELETE FROM problems WHERE file = ?", ((number,) for number in batch.reread)
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?, ?)",
            ((file, p.offset, p.reason, p.is_counted) for file, p in batch.problems),
        )

    def _held(self, answers: Iterable[int]) -> dict[int, list[Copy]]:
        """Return the copies that the ledger holds of some answers."""
        held: dict[int, list[Copy]] = {}
        for chunk in _chunks(answers):
            rows = self._db.execute(
                f"SELECT {_ENTRY_COLUMNS}, id, shadow FROM entries"  # noqa: S608  # names of ours
                f" WHERE answer IN ({','.join('?' * len(chunk))})",
                chunk,
            ).fetchall()
            for *values, row, shadow in rows:
                copy = self._copy(UsageEntry._make(values))
                copy.row, copy.shadow = row, shadow
                held.setdefault(copy.entry.answer, []).append(copy)
        return held

    def _settle(self, held: Mapping[int, list[Copy]], entries: Iterable[UsageEntry]) -> set[int]:
        """Write answers of which there are several copies; return the slots that changed."""
        groups: dict[int, list[Copy]] = {}
        for entry in entries:
            groups.setdefault(entry.answer, []).append(self._copy(entry))
        touched: set[int] = set()
        for answer, fresh in groups.items():
            known = held.get(answer, [])
            before = {copy.row: (copy.entry, copy.shadow) for copy in known}
            kept = best_copies([*known, *fresh])
            for copy, roots in zip(kept, shadows(kept), strict=True):
                shadow = self._shadow(roots)
                was = before.get(copy.row) if copy.row is not None else None
                if was == (copy.entry, shadow):
                    continue
                touched.add(slot_of(copy.entry.at_ms))
                if was is not None:
                    touched.add(slot_of(was[0].at_ms))
                    self._db.execute(_REPLACE, (*copy.entry, shadow, copy.row))
                else:
                    row = self._db.execute(_INSERT, copy.entry).lastrowid
                    self._db.execute("UPDATE entries SET shadow = ? WHERE id = ?", (shadow, row))
        return touched

    def _copy(self, entry: UsageEntry) -> Copy:
        if entry.file not in self._files:
            self._files[entry.file] = self._db.execute(
                "SELECT root, path FROM files WHERE id = ?", (entry.file,)
            ).fetchone()
        return Copy.of(entry, *self._files[entry.file])

    def _shadow(self, roots: frozenset[int]) -> int:
        number = self._shadows.get(roots)
        if number is None:
            text = ",".join(map(str, sorted(roots)))
            self._db.execute("INSERT OR IGNORE INTO shadows (roots) VALUES (?)", (text,))
            row = self._db.execute("SELECT id FROM shadows WHERE roots = ?", (text,)).fetchone()
            number = self._shadows[roots] = int(row[0])
        return number


def _repeated(entries: Sequence[UsageEntry], answers: Collection[int]) -> set[int]:
    """Return the answers that several entries are copies of."""
    if len(answers) == len(entries):
        return set()
    seen: set[int] = set()
    repeated: set[int] = set()
    for answer in map(_ANSWER, entries):
        (repeated if answer in seen else seen).add(answer)
    return repeated


def _chunks(answers: Iterable[int]) -> Iterator[list[int]]:
    everything = list(answers)
    for start in range(0, len(everything), _PARAMETERS):
        yield everything[start : start + _PARAMETERS]

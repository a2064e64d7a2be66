"""The archive: entries in chunks of one file each, and how to find them again."""

from __future__ import annotations

import json
import sqlite3
from array import array
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from spendlight.metering.packed import (
    WORD_BYTES,
    from_bytes,
    hashes,
    to_bytes,
    to_columns,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.periods import Span

FULL_CHUNK: Final = 512
"""A chunk with fewer entries takes in what its file grows by, so that chunks stay few."""

_FEW_ANSWERS: Final = 8
"""So many answers are sought byte by byte; more of them, all at once."""

_CHUNKS_AT_ONCE: Final = 256
"""So many chunks are looked through in one go: mostly none of them holds what is sought."""

_WITH_ROOM: Final = (
    "SELECT c.id FROM chunks c JOIN chunk_answers a ON a.chunk = c.id WHERE c.file = {}"
    " AND LENGTH(a.answers) < ? ORDER BY c.id DESC LIMIT 1"
)

_at_ms = attrgetter("at_ms")


class DamagedChunkError(sqlite3.DatabaseError):
    """SQLite finds a chunk in order, but what it holds is none."""

    def __init__(self, number: int, reason: object) -> None:
        super().__init__(f"chunk {number} cannot be unpacked: {reason}")


class Chunk:
    """Entries of one file.

    Attributes:
        number: Its row.
        file: The number of the file.
        session: The number of the session that the file belongs to.
        shadows: Of each entry, the number of its shadow.
    """

    __slots__ = ("entries", "file", "number", "session", "shadows")

    def __init__(
        self,
        number: int,
        file: int,
        session: int,
        entries: list[UsageEntry],
        shadows: list[int],
    ) -> None:
        self.number = number
        self.file = file
        self.session = session
        self.entries = entries
        self.shadows = shadows

    def without(self, rows: Collection[int]) -> Chunk:
        """Return the chunk without some of its entries."""
        keep = [row for row in range(len(self.entries)) if row not in rows]
        return Chunk(
            self.number,
            self.file,
            self.session,
            [self.entries[row] for row in keep],
            [self.shadows[row] for row in keep],
        )


def add_packed(connection: sqlite3.Connection, found: Sequence[PackedEntries]) -> None:
    """Store entries none of which has a shadow, those of each file in a chunk of their own."""
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM chunks").fetchone()
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, NULL)",
        (
            (number, packed.file, *packed.extent, packed.columns)
            for number, packed in enumerate(found, last + 1)
        ),
    )
    connection.executemany(
        "INSERT INTO chunk_answers VALUES (?, ?)",
        ((number, packed.answers) for number, packed in enumerate(found, last + 1)),
    )


def add_entries(
    connection: sqlite3.Connection,
    file: int,
    entries: Sequence[UsageEntry],
    shadows: Sequence[int],
) -> None:
    """Store entries of one file: in its last chunk, if there is room, else in a new one."""
    room = chunk_with_room(connection, file)
    if room is not None:
        chunk = next(load(connection, "c.id = ?", (room,)))
        chunk.entries += entries
        chunk.shadows += shadows
        replace(connection, chunk)
        return
    number = connection.execute(
        "INSERT INTO chunks VALUES (NULL, ?, 0, 0, x'', NULL)", (file,)
    ).lastrowid
    connection.execute("INSERT INTO chunk_answers VALUES (?, x'')", (number,))
    replace(connection, Chunk(number or 0, file, 0, list(entries), list(shadows)))


def files_with_room(connection: sqlite3.Connection, files: Iterable[int]) -> set[int]:
    """Return which of some files have a chunk that is not full yet."""
    rows = connection.execute(
        f"SELECT e.value FROM json_each(?) e WHERE ({_WITH_ROOM.format('e.value')}) IS NOT NULL",  # noqa: S608  # names of ours
        (json.dumps(list(files)), FULL_CHUNK * WORD_BYTES),
    )
    return {row[0] for row in rows}


def chunk_with_room(connection: sqlite3.Connection, file: int) -> int | None:
    """Return the number of a file's chunk that is not full yet, or None."""
    row = connection.execute(_WITH_ROOM.format("?"), (file, FULL_CHUNK * WORD_BYTES)).fetchone()
    return row[0] if row else None


def replace(connection: sqlite3.Connection, chunk: Chunk) -> None:
    """Store a chunk's entries in place of those it had; without any it is dropped."""
    if not chunk.entries:
        connection.execute("DELETE FROM chunk_answers WHERE chunk = ?", (chunk.number,))
        connection.execute("DELETE FROM chunks WHERE id = ?", (chunk.number,))
        return
    answers, columns = to_columns(chunk.entries)
    marks = to_bytes(array("I", chunk.shadows)) if any(chunk.shadows) else None
    connection.execute(
        "UPDATE chunks SET first_ms = ?, last_ms = ?, columns = ?, shadows = ? WHERE id = ?",
        (
            min(map(_at_ms, chunk.entries)),
            max(map(_at_ms, chunk.entries)),
            columns,
            marks,
            chunk.number,
        ),
    )
    connection.execute(
        "UPDATE chunk_answers SET answers = ? WHERE chunk = ?", (answers, chunk.number)
    )


def load(
    connection: sqlite3.Connection, condition: str, parameters: Sequence[object] = ()
) -> Iterator[Chunk]:
    """Yield chunks.

    Args:
        connection: Where to read.
        condition: Which, in SQL: a chunk is ``c``, its file ``f``.
        parameters: For the question marks in it.
    """
    rows = connection.execute(
        "SELECT c.id, c.file, f.session, a.answers, c.columns, c.shadows FROM chunks c"  # noqa: S608  # conditions are ours
        " JOIN files f ON f.id = c.file JOIN chunk_answers a ON a.chunk = c.id"
        f" WHERE {condition} ORDER BY c.id",
        parameters,
    )
    for number, file, session, answers, columns, marks in rows:
        shadows = (
            list(from_bytes(array("I"), marks)) if marks else [0] * (len(answers) // WORD_BYTES)
        )
        try:
            entries = unpack(file, answers, columns)
        except (ValueError, TypeError) as error:
            raise DamagedChunkError(number, error) from error
        yield Chunk(number, file, session, entries, shadows)


def entries_in(
    connection: sqlite3.Connection, scope: Scope, span: Span, session: str | None = None
) -> Iterator[tuple[int, list[UsageEntry]]]:
    """Yield the entries that count in a scope, each time some of one session.

    Args:
        connection: Where to read.
        scope: Which roots.
        span: When.
        session: Only sessions of this id.
    """
    # most is asked of late, so the index of the ends leads to few chunks
    where = "c.id IN (SELECT id FROM chunks WHERE last_ms >= ? AND +first_ms < ?)"
    parameters: list[object] = [span.start_ms, span.end_ms]
    if session is not None:
        where = "c.last_ms >= ? AND c.first_ms < ?"
        where += " AND f.session IN (SELECT id FROM sessions WHERE session = ?)"
        parameters.append(session)
    if scope.roots is not None:
        where += f" AND f.root IN ({','.join(map(str, scope.roots))})"
    for chunk in load(connection, where, parameters):
        yield (
            chunk.session,
            [
                entry
                for entry, shadow in zip(chunk.entries, chunk.shadows, strict=True)
                if span.start_ms <= entry.at_ms < span.end_ms and shadow in scope.shadows
            ],
        )


def load_numbers(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterator[Chunk]:
    """Yield the chunks with these numbers."""
    for number in numbers:
        yield from load(connection, "c.id = ?", (number,))


def holding(connection: sqlite3.Connection, answers: Collection[int]) -> dict[int, set[int]]:
    """Return the chunks that hold some of these answers: by their number, which answers."""
    found: dict[int, set[int]] = {}
    rows = connection.execute("SELECT chunk, answers FROM chunk_answers")
    if len(answers) <= _FEW_ANSWERS:
        from stringzilla import find  # only where there is something new

        needles = [
            (answer, answer.to_bytes(WORD_BYTES, "little", signed=True)) for answer in answers
        ]
        while batch := rows.fetchmany(_CHUNKS_AT_ONCE):
            together = b"".join([packed for _, packed in batch])
            for answer, needle in needles:
                if find(together, needle) < 0:
                    continue
                for chunk, packed in batch:
                    if _holds(packed, needle):
                        found.setdefault(chunk, set()).add(answer)
        return found
    wanted = set(answers)
    for chunk, packed in rows:
        common = wanted.intersection(hashes(packed))
        if common:
            found[chunk] = common
    return found


def count_answers(connection: sqlite3.Connection) -> int:
    """Return how many entries there are."""
    row = connection.execute("SELECT TOTAL(LENGTH(answers)) FROM chunk_answers").fetchone()
    return int(row[0]) // WORD_BYTES


def _holds(packed: bytes, needle: bytes) -> bool:
    at = packed.find(needle)
    while at >= 0 and at % WORD_BYTES:
        at = packed.find(needle, at + 1)
    return at >= 0

"""The archive: entries in chunks, each of one file, and how to find them again."""

from __future__ import annotations

import json
import sqlite3
from array import array
from itertools import repeat
from operator import attrgetter
from struct import Struct
from struct import error as StructError  # noqa: N812  # it is a class
from typing import TYPE_CHECKING, Final

from spendlight.metering.byte_order import from_bytes, to_bytes
from spendlight.metering.packed import WORD_BYTES, to_columns, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.packed_logs import PackedLogs
    from spendlight.metering.periods import Span

FULL_CHUNK: Final = 512
"""New entries of a file are added to a chunk with fewer than this, so that chunks stay few."""

_CHUNKS_AT_ONCE: Final = 256
"""This many chunks are searched at a time: usually none of them holds what is sought."""

_WITH_ROOM: Final = (
    "SELECT c.id FROM chunks c JOIN chunk_answers a ON a.chunk = c.id WHERE c.file = {}"
    " AND c.id > ? AND LENGTH(a.answers) < ? ORDER BY c.id DESC LIMIT 1"
)
"""Nothing is added to a chunk that the index of answers covers (`answer_index`)."""

DAMAGED: Final = "it was damaged after it was written"
_EXTENT: Final = Struct("<qqqqq")
NO_CHUNK: Final = (ValueError, TypeError, AttributeError, LookupError, OverflowError, StructError)
"""What decoding something that is not a chunk may raise."""

_at_ms = attrgetter("at_ms")


class DamagedChunkError(sqlite3.DatabaseError):
    """A chunk was damaged after it was written, though SQLite can read it."""

    def __init__(self, number: int, reason: object) -> None:
        super().__init__(f"chunk {number} cannot be unpacked: {reason}")


class Chunk:
    """Entries of one file.

    Attributes:
        number: Its row.
        file: The number of the file.
        session: The number of the session that the file belongs to.
        shadows: The number of each entry's shadow.
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


def add_packed(
    connection: sqlite3.Connection, found: Sequence[tuple[PackedEntries, bytes | None]]
) -> None:
    """Store entries, each file's in a chunk of their own.

    Args:
        connection: Where to write, within a transaction.
        found: The entries, with the numbers of their shadows as in `packed_chunks.PackedChunk`.
    """
    rows = [(packed.file, *packed.extent, packed.columns, shadows) for packed, shadows in found]
    if rows:
        files, firsts, lasts, columns, shadows = zip(*rows, strict=True)
        answers = [packed.answers for packed, _ in found]
        _add_columns(connection, files, firsts, lasts, columns, shadows, answers)


def add_logs(connection: sqlite3.Connection, logs: PackedLogs) -> None:
    """Store entries of whole logs, each log's in a chunk of their own. Within a transaction."""
    if logs.files:
        firsts, lasts = zip(*logs.extents, strict=True)
        shadows = [None] * len(logs.files)
        _add_columns(connection, logs.files, firsts, lasts, logs.columns, shadows, logs.answers)


def _add_columns(  # noqa: PLR0913, PLR0917  # the fields of a row
    connection: sqlite3.Connection,
    files: Sequence[int],
    firsts: Sequence[int],
    lasts: Sequence[int],
    columns: Sequence[bytes],
    shadows: Sequence[bytes | None],
    answers: Sequence[bytes],
) -> None:
    """Add chunks, field by field, as there may be thousands; see `write_row`."""
    from spendlight.ledger.answer_index import next_chunk  # reports add nothing
    from spendlight.ledger.inserting import insert_rows  # as above
    from spendlight.ledger.signing import sign_many  # as above

    first = next_chunk(connection)
    numbers = range(first, first + len(files))
    extents = map(_EXTENT.pack, files, firsts, lasts, map(len, columns), map(len, answers))
    marks = (one or b"" for one in shadows)
    values = map(b"".join, zip(extents, columns, answers, marks, strict=True))
    signatures = sign_many(values, repeat(0))
    fields = (numbers, files, firsts, lasts, columns, shadows, signatures)
    insert_rows(connection, "INSERT INTO chunks", list(zip(*fields, strict=True)))
    signed = zip(numbers, answers, sign_many(answers, numbers), strict=True)
    insert_rows(connection, "INSERT INTO chunk_answers", list(signed))


def signature_of(  # noqa: PLR0913, PLR0917  # the fields of a row
    file: int, first_ms: int, last_ms: int, columns: bytes, shadows: bytes | None, answers: bytes
) -> int:
    """Return the signature of a chunk and its answers."""
    from spendlight.ledger.signing import sign  # some reports read no chunks

    return sign(joined(file, first_ms, last_ms, columns, shadows, answers))


def joined(  # noqa: PLR0913, PLR0917  # the fields of a row
    file: int, first_ms: int, last_ms: int, columns: bytes, shadows: bytes | None, answers: bytes
) -> bytes:
    """Return everything that is signed in a chunk as one value."""
    extent = _EXTENT.pack(file, first_ms, last_ms, len(columns), len(answers))
    return b"".join((extent, columns, answers, shadows or b""))


def parted(value: bytes) -> tuple[int, int, int, bytes, bytes | None, bytes]:
    """Return the fields that `joined` joined."""
    file, first_ms, last_ms, *sizes = _EXTENT.unpack_from(value)
    start = _EXTENT.size
    middle, end = start + sizes[0], start + sum(sizes)
    return file, first_ms, last_ms, value[start:middle], value[end:] or None, value[middle:end]


def add_entries(
    connection: sqlite3.Connection,
    file: int,
    entries: Sequence[UsageEntry],
    shadows: Sequence[int],
) -> None:
    """Store entries of one file: in its last chunk if there is room, otherwise in a new one."""
    room = chunk_with_room(connection, file)
    if room is not None:
        chunk = next(load(connection, "c.id = ?", (room,)))
        chunk.entries += entries
        chunk.shadows += shadows
        replace(connection, chunk)
        return
    from spendlight.ledger.answer_index import next_chunk  # reports add nothing

    number = next_chunk(connection)
    connection.execute(
        "INSERT INTO chunks VALUES (?, ?, 0, 0, x'', NULL, 0)",
        (number, file),
    )
    connection.execute("INSERT INTO chunk_answers VALUES (?, x'', 0)", (number,))
    replace(connection, Chunk(number, file, 0, list(entries), list(shadows)))


def files_with_room(connection: sqlite3.Connection, files: Iterable[int]) -> set[int]:
    """Return which of these files have a chunk that is not full yet."""
    from spendlight.ledger.answer_index import covered_to  # reports add nothing

    rows = connection.execute(
        f"SELECT e.value FROM json_each(?) e WHERE ({_WITH_ROOM.format('e.value')}) IS NOT NULL",  # noqa: S608  # our own names
        (json.dumps(list(files)), covered_to(connection), FULL_CHUNK * WORD_BYTES),
    )
    return {row[0] for row in rows}


def chunk_with_room(connection: sqlite3.Connection, file: int) -> int | None:
    """Return the number of a file's chunk that is not full yet, or None."""
    from spendlight.ledger.answer_index import covered_to  # reports add nothing

    parameters = (file, covered_to(connection), FULL_CHUNK * WORD_BYTES)
    row = connection.execute(_WITH_ROOM.format("?"), parameters).fetchone()
    return row[0] if row else None


def replace(connection: sqlite3.Connection, chunk: Chunk) -> None:
    """Replace a chunk's entries in the ledger; an empty chunk is dropped."""
    if not chunk.entries:
        drop(connection, chunk.number)
        return
    answers, columns = to_columns(chunk.entries)
    marks = to_bytes(array("I", chunk.shadows)) if any(chunk.shadows) else None
    first, last = min(map(_at_ms, chunk.entries)), max(map(_at_ms, chunk.entries))
    write_row(connection, chunk.number, (chunk.file, first, last, columns, marks), answers)


def drop(connection: sqlite3.Connection, number: int) -> None:
    """Drop a chunk. Within a transaction."""
    connection.execute("DELETE FROM chunk_answers WHERE chunk = ?", (number,))
    connection.execute("DELETE FROM chunks WHERE id = ?", (number,))


def write_row(
    connection: sqlite3.Connection,
    number: int,
    fields: tuple[int, int, int, bytes, bytes | None],
    answers: bytes,
) -> None:
    """Write a chunk's row, its answers and the signatures of both, replacing any that exist.

    Args:
        connection: Where to write, within a transaction.
        number: The chunk's.
        fields: Its file, the first and last moment, the columns and the shadows.
        answers: Which answers it holds.
    """
    from spendlight.ledger.signing import sign  # reports sign nothing

    connection.execute(
        "UPDATE chunks SET file = ?, first_ms = ?, last_ms = ?, columns = ?, shadows = ?,"
        " signature = ? WHERE id = ?",
        (*fields, signature_of(*fields, answers), number),
    )
    connection.execute(
        "INSERT OR REPLACE INTO chunk_answers VALUES (?, ?, ?)",
        (number, answers, sign(answers, number)),
    )


def give(connection: sqlite3.Connection, file: int, other: int) -> None:
    """Assign all chunks of a file to another one. Within a transaction."""
    rows = connection.execute(
        "SELECT c.id, c.first_ms, c.last_ms, c.columns, c.shadows, a.answers FROM chunks c"
        " JOIN chunk_answers a ON a.chunk = c.id WHERE c.file = ?",
        (file,),
    )
    for number, first, last, columns, shadows, answers in rows.fetchall():
        write_row(connection, number, (other, first, last, columns, shadows), answers)


def load(
    connection: sqlite3.Connection, condition: str, parameters: Sequence[object] = ()
) -> Iterator[Chunk]:
    """Yield chunks.

    Args:
        connection: Where to read.
        condition: Which chunks, in SQL: a chunk is ``c``, its file ``f``.
        parameters: For the question marks in it.
    """
    rows = connection.execute(
        "SELECT c.id, c.file, f.session, a.answers, c.columns, c.shadows, c.first_ms, c.last_ms,"  # noqa: S608  # our own conditions
        " c.signature FROM chunks c"
        " JOIN files f ON f.id = c.file JOIN chunk_answers a ON a.chunk = c.id"
        f" WHERE {condition} ORDER BY c.id",
        parameters,
    )
    for number, file, session, answers, columns, marks, first, last, signature in rows:
        try:
            is_signed = signature_of(file, first, last, columns, marks, answers) == signature
            chunk = unpacked(number, file, session, answers, columns, marks)
        except NO_CHUNK as error:
            raise DamagedChunkError(number, error) from error
        if not is_signed:
            raise DamagedChunkError(number, DAMAGED)
        yield chunk


def unpacked(  # noqa: PLR0913, PLR0917  # the fields of a row
    number: int, file: int, session: int, answers: bytes, columns: bytes, marks: bytes | None
) -> Chunk:
    """Return a chunk from the fields of its row; the caller checks the signature."""
    shadows = list(from_bytes(array("I"), marks)) if marks else [0] * (len(answers) // WORD_BYTES)
    return Chunk(number, file, session, unpack(file, answers, columns), shadows)


def entries_in(
    connection: sqlite3.Connection, scope: Scope, span: Span, session: str | None = None
) -> Iterator[tuple[int, list[UsageEntry]]]:
    """Yield the entries that count in a scope, each time some of a single session.

    Args:
        connection: Where to read.
        scope: Which roots.
        span: When.
        session: Only sessions of this id.
    """
    # recent times are asked for most, so the index on the last moments leads to few chunks
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


def proven_answers(
    connection: sqlite3.Connection, condition: str, parameters: Sequence[object]
) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
    """Yield the numbers of chunks and their lists of answers, some hundreds at a time.

    Args:
        connection: Where to read.
        condition: Which chunks, in SQL.
        parameters: For the question marks in it.

    Raises:
        DamagedChunkError: If one is damaged.
    """
    from spendlight.ledger.signing import are_signed  # as above

    rows = connection.execute(
        f"SELECT chunk, answers, signature FROM chunk_answers WHERE {condition}",  # noqa: S608  # our own conditions
        parameters,
    )
    while batch := rows.fetchmany(_CHUNKS_AT_ONCE):
        numbers, answers, signatures = zip(*batch, strict=True)
        if not are_signed(answers, numbers, signatures):
            raise DamagedChunkError(numbers[0], DAMAGED)
        yield numbers, answers


def count_answers(connection: sqlite3.Connection) -> int:
    """Return how many entries there are."""
    row = connection.execute("SELECT TOTAL(LENGTH(answers)) FROM chunk_answers").fetchone()
    return int(row[0]) // WORD_BYTES

"""Reads and rewrites chunks without unpacking their entries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger import chunks
from spendlight.metering.packed import PackedEntries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class PackedChunk(NamedTuple):
    """Entries of one file, still packed.

    Attributes:
        number: Its row.
        packed: The entries; their sums are not known.
        shadows: The number of each entry's shadow, four bytes each; None if none has one.
        extent: The first and the last moment, in Unix milliseconds.
    """

    number: int
    packed: PackedEntries
    shadows: bytes | None
    extent: tuple[int, int]


def load(connection: sqlite3.Connection, numbers: Iterable[int]) -> list[PackedChunk]:
    """Return the chunks with these numbers, without unpacking them.

    Raises:
        DamagedChunkError: If one is damaged.
    """
    rows = connection.execute(
        "SELECT c.id, c.file, a.answers, c.columns, c.shadows, c.first_ms, c.last_ms, c.signature"
        " FROM json_each(?) e CROSS JOIN chunks c ON c.id = e.value"
        " CROSS JOIN chunk_answers a ON a.chunk = c.id",
        (json.dumps(sorted(numbers)),),
    )
    found = []
    for number, file, answers, columns, shadows, first, last, signature in rows:
        try:
            is_signed = (
                chunks.signature_of(file, first, last, columns, shadows, answers) == signature
            )
        except chunks.NO_CHUNK as error:
            raise chunks.DamagedChunkError(number, error) from error
        if not is_signed:
            raise chunks.DamagedChunkError(number, chunks.DAMAGED)
        packed = PackedEntries(file, answers, columns, {})
        found.append(PackedChunk(number, packed, shadows or None, (first, last)))
    return found


def rewrite(
    connection: sqlite3.Connection,
    chunk: PackedChunk,
    packed: PackedEntries,
    shadows: bytes | None,
) -> None:
    """Replace a chunk by some of its entries; an empty chunk is dropped. Within a transaction.

    Args:
        connection: Where to write.
        chunk: The chunk as it is.
        packed: The entries that stay: all, or some with their sums.
        shadows: The numbers of their shadows, as in `PackedChunk`.
    """
    if not packed.answers:
        chunks.drop(connection, chunk.number)
        return
    extent = packed.extent if packed.sums else chunk.extent
    fields = (packed.file, *extent, packed.columns, shadows)
    chunks.write_row(connection, chunk.number, fields, packed.answers)

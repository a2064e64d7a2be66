"""An index of the archive: which chunks may hold an answer, without looking at all of them.

It covers the chunks up to one number. None of these gets an answer any more, so the index never
lacks one; those behind it, a thousand or so, are looked through. What a chunk has lost stays in it:
it only says where to look. All of it may be dropped, and is made anew from the chunks.

An answer's hash says where it is noted: its lowest bits in which page, the next ones in which place
there. So a search reads one page and, as some answers share what is noted, a chunk or two.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from struct import Struct
from typing import TYPE_CHECKING, Final

from spendlight.ledger.signing import are_signed, sign
from spendlight.metering.packed import from_bytes, hashes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGES: Final = 16_384
"""A fixed number: with 150 answers on each after ten years of heavy use, in 600 bytes; of values
much longer than a thousand, SQLite's pages would be left half empty."""

_PAGE_BITS: Final = 14
_CHUNK_BITS: Final = 24
_MARK: Final = 0xFF
"""An answer is noted in four bytes: eight bits of its hash, and the number of its chunk."""

LAST_CHUNK: Final = (1 << _CHUNK_BITS) - 1
"""Chunks behind this one, which nobody will ever have, are looked through."""

_EXTENT: Final = PAGES
"""The row behind the last page says up to which chunk the index goes."""

_NUMBER: Final = Struct("<q")


class DamagedIndexError(sqlite3.DatabaseError):
    """SQLite finds a page of the index in order, but it is not as it was written."""

    def __init__(self, page: int) -> None:
        super().__init__(f"page {page} of the index of answers is not as it was written")


def covered_to(connection: sqlite3.Connection) -> int:
    """Return the number of the last chunk that the index covers; 0 without an index.

    Raises:
        DamagedIndexError: If it is not as it was written.
    """
    row = connection.execute(
        "SELECT places, signature FROM answer_index WHERE page = ?", (_EXTENT,)
    ).fetchone()
    if row is None:
        return 0
    if not are_signed(row[:1], (_EXTENT,), row[1:]):
        raise DamagedIndexError(_EXTENT)
    return int(_NUMBER.unpack(row[0])[0])


def next_chunk(connection: sqlite3.Connection) -> int:
    """Return the number that the next new chunk gets: never one that the index covers."""
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM chunks").fetchone()
    return max(int(last), covered_to(connection)) + 1


def chunks_noted(connection: sqlite3.Connection, answer: int) -> Iterator[int]:
    """Yield the numbers of the covered chunks that may hold an answer. Where there is an index.

    Raises:
        DamagedIndexError: If it is not as it was written.
    """
    places = _page(connection, answer & (PAGES - 1))
    noted = (answer >> _PAGE_BITS) & _MARK
    for place in range(bisect_left(places, noted << _CHUNK_BITS), len(places)):
        mark, chunk = divmod(places[place], 1 << _CHUNK_BITS)
        if mark != noted:
            return
        yield chunk


def add(connection: sqlite3.Connection, chunks: Iterable[tuple[int, bytes]], last: int) -> None:
    """Have the index cover more chunks. Within a transaction.

    Args:
        connection: Where to write.
        chunks: All behind those that it covers, by their numbers, and which answers they hold.
        last: The number of the last one, at most `LAST_CHUNK`.

    Raises:
        DamagedIndexError: If it is not as it was written.
    """
    added = [array("I") for _ in range(PAGES)]
    for number, answers in chunks:
        for answer in hashes(answers):
            mark = (answer >> _PAGE_BITS) & _MARK
            added[answer & (PAGES - 1)].append(mark << _CHUNK_BITS | number)
    has_pages = covered_to(connection) > 0
    for page, new in enumerate(added):
        if has_pages:
            new.extend(_page(connection, page))
        _write(connection, page, to_bytes(array("I", sorted(new))))
    _write(connection, _EXTENT, _NUMBER.pack(last))


def drop(connection: sqlite3.Connection) -> None:
    """Forget it; then all chunks are looked through until it is made anew."""
    connection.execute("DELETE FROM answer_index")


def fault_in(connection: sqlite3.Connection) -> str:
    """Return in words what is not as it was written, or "" where all is."""
    rows = connection.execute("SELECT page, places, signature FROM answer_index ORDER BY page")
    expected = 0
    for page, places, signature in rows:
        if page != expected or not are_signed((places,), (page,), (signature,)):
            return f"row {expected} of answer_index is not as it was written"
        expected += 1
    return "" if expected in {0, PAGES + 1} else f"row {expected} of answer_index is missing"


def _page(connection: sqlite3.Connection, page: int) -> array[int]:
    row = connection.execute(
        "SELECT places, signature FROM answer_index WHERE page = ?", (page,)
    ).fetchone()
    if row is None or not are_signed(row[:1], (page,), row[1:]):
        raise DamagedIndexError(page)
    return from_bytes(array("I"), row[0])


def _write(connection: sqlite3.Connection, page: int, places: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO answer_index VALUES (?, ?, ?)", (page, places, sign(places, page))
    )

"""An index of the archive: tells which chunks may hold an answer, without searching all of them.

It covers the chunks up to a certain number. No answer is added to these any more, so the index is
never incomplete; the later ones, a thousand or so, are searched. An answer that is removed from a
chunk stays in the index, which only says where to look. It can be dropped at any time, and is then
rebuilt from the chunks.

An answer's hash decides where it is noted: its lowest bits select the page, the next ones the
position in the page. So a search reads one page and, as some answers share a note, a chunk or two.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from struct import Struct
from typing import TYPE_CHECKING, Final

from spendlight.ledger.signing import are_signed, sign
from spendlight.metering.byte_order import from_bytes, to_bytes
from spendlight.metering.packed import hashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGES: Final = 16_384
"""A fixed number: after ten years of heavy use each holds 150 answers in 600 bytes. Values much
longer than 1,000 bytes would leave SQLite's pages half empty."""

_PAGE_BITS: Final = 14
_CHUNK_BITS: Final = 24
_MARK: Final = 0xFF
"""An answer is noted in four bytes: eight bits of its hash, and the number of its chunk."""

LAST_CHUNK: Final = (1 << _CHUNK_BITS) - 1
"""Later chunks, which nobody will ever have, are searched one by one."""

_EXTENT: Final = PAGES
"""The row after the last page says up to which chunk the index goes."""

_NUMBER: Final = Struct("<q")


class DamagedIndexError(sqlite3.DatabaseError):
    """A page of the index was damaged after it was written, though SQLite can read it."""

    def __init__(self, page: int) -> None:
        super().__init__(f"page {page} of the index of answers was damaged after it was written")


def covered_to(connection: sqlite3.Connection) -> int:
    """Return the number of the last chunk that the index covers; 0 without an index.

    Raises:
        DamagedIndexError: If the index is damaged.
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
    """Return the number of the next new chunk: never one that the index covers."""
    (last,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM chunks").fetchone()
    return max(int(last), covered_to(connection)) + 1


def chunks_noted(connection: sqlite3.Connection, answer: int) -> Iterator[int]:
    """Yield the numbers of the covered chunks that may hold an answer. Needs an index.

    Raises:
        DamagedIndexError: If the index is damaged.
    """
    postings = _page(connection, answer & (PAGES - 1))
    noted = (answer >> _PAGE_BITS) & _MARK
    for index in range(bisect_left(postings, noted << _CHUNK_BITS), len(postings)):
        mark, chunk = divmod(postings[index], 1 << _CHUNK_BITS)
        if mark != noted:
            return
        yield chunk


def add(connection: sqlite3.Connection, chunks: Iterable[tuple[int, bytes]], last: int) -> None:
    """Extend the index by more chunks. Within a transaction.

    Args:
        connection: Where to write.
        chunks: All chunks after those that it covers: their numbers and the answers they hold.
        last: The number of the last one, at most `LAST_CHUNK`.

    Raises:
        DamagedIndexError: If the index is damaged.
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
    """Drop the index; all chunks are searched until it is rebuilt."""
    connection.execute("DELETE FROM answer_index")


def fault_in(connection: sqlite3.Connection) -> str:
    """Return in words what is damaged, or "" if nothing is."""
    rows = connection.execute("SELECT page, places, signature FROM answer_index ORDER BY page")
    expected = 0
    for page, postings, signature in rows:
        if page != expected or not are_signed((postings,), (page,), (signature,)):
            return f"row {expected} of answer_index was damaged after it was written"
        expected += 1
    return "" if expected in {0, PAGES + 1} else f"row {expected} of answer_index is missing"


def _page(connection: sqlite3.Connection, page: int) -> array[int]:
    row = connection.execute(
        "SELECT places, signature FROM answer_index WHERE page = ?", (page,)
    ).fetchone()
    if row is None or not are_signed(row[:1], (page,), row[1:]):
        raise DamagedIndexError(page)
    return from_bytes(array("I"), row[0])


def _write(connection: sqlite3.Connection, page: int, postings: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO answer_index VALUES (?, ?, ?)",
        (page, postings, sign(postings, page)),
    )

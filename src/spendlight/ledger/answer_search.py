"""Finds the copies of an answer: in the index of the archive, and in the chunks outside it."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING, Final

from stringzilla import find

from spendlight.ledger import answer_index
from spendlight.ledger.answer_index import chunks_noted, covered_to
from spendlight.ledger.chunks import proven_answers
from spendlight.metering.byte_order import to_bytes
from spendlight.metering.packed import WORD_BYTES
from spendlight.metering.settling import PYTHON

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Sequence

FEW_ANSWERS: Final = 8
"""Up to this many answers are sought byte by byte; above it, all at once."""

_CHUNKS_PER_SEARCH: Final = 8
"""This many chunks can be searched in the time that the index takes to find one answer."""

MOST_CHUNKS_BEHIND: Final = 1024
"""This many chunks can be searched in two milliseconds; beyond it, the index is extended."""

MOST_CHUNKS_AT_REST: Final = 256
"""This many can be searched in half a millisecond; beyond it, the index is extended when there is
nothing else to do."""

_TIMES_WITHOUT: Final = 3
"""How many times that may be searched without any index: the first one takes a fifth of a second,
for which the first new answer after a first scan would have to wait."""


def holding(
    connection: sqlite3.Connection,
    answers: Collection[int],
    common: Callable[[Sequence[bytes]], dict[int, set[int]]] | None = None,
    without: Sequence[tuple[int, int]] = (),
) -> dict[int, set[int]]:
    """Return the chunks that hold some of these answers: the answers by the chunk's number.

    Args:
        connection: Where to search.
        answers: Which answers.
        common: Returns which answers of which lists are among them (see `AnswerSet.common`), if
            that can be done fast.
        without: The first and the last number of chunks that are known to hold none of them.

    Raises:
        DamagedChunkError: If a list of answers is damaged.
        DamagedIndexError: If the index of answers is damaged.
    """
    found: dict[int, set[int]] = {}
    covered = covered_to(connection)
    if len(answers) * _CHUNKS_PER_SEARCH <= covered:
        _search_index(connection, answers, found)
    else:  # all at once, index or not
        covered = 0
    gaps = []
    for first, last in sorted(without):
        if first <= covered + 1:
            covered = max(covered, last)  # SQLite would go through them one by one
        else:
            gaps.append((first, last))
    where = "chunk > ?" + " AND chunk NOT BETWEEN ? AND ?" * len(gaps)
    behind = proven_answers(connection, where, (covered, *chain.from_iterable(gaps)))
    if len(answers) <= FEW_ANSWERS:
        _search_bytes(behind, answers, found)
        return found
    if common is None:
        common = PYTHON.answer_set([to_bytes(array("q", answers))]).common
    for numbers, lists in behind:
        found |= {numbers[position]: held for position, held in common(lists).items()}
    return found


def extend_index(connection: sqlite3.Connection, most_behind: int | None = None) -> None:
    """Extend the index to all chunks if too many are not covered. Within a transaction.

    Args:
        connection: Where to write.
        most_behind: How many chunks may be left uncovered; by default as many as are searched fast.

    Raises:
        DamagedChunkError: If the list of answers of one of them is damaged.
        DamagedIndexError: If the index is damaged.
    """
    covered, last = covered_to(connection), _last_to_cover(connection)
    if most_behind is None:
        most_behind = MOST_CHUNKS_BEHIND * (1 if covered else _TIMES_WITHOUT)
    if last - covered > most_behind:
        behind = proven_answers(connection, "chunk > ? AND chunk <= ?", (covered, last))
        lists = chain.from_iterable(zip(*part, strict=True) for part in behind)
        answer_index.add(connection, lists, last)


def is_index_short(connection: sqlite3.Connection) -> bool:
    """Return whether the index should be extended when there is nothing else to do.

    Raises:
        DamagedIndexError: If the index is damaged.
    """
    return _last_to_cover(connection) - covered_to(connection) > MOST_CHUNKS_AT_REST


def _last_to_cover(connection: sqlite3.Connection) -> int:
    return min(answer_index.next_chunk(connection) - 1, answer_index.LAST_CHUNK)


def _search_index(
    connection: sqlite3.Connection, answers: Iterable[int], found: dict[int, set[int]]
) -> None:
    """Add to *found* the chunks covered by the index that hold some of the answers."""
    for answer in answers:
        needle = _to_needle(answer)
        for number in set(chunks_noted(connection, answer)):
            for _, lists in proven_answers(connection, "chunk = ?", (number,)):
                if any(_holds(packed, needle) for packed in lists):
                    found.setdefault(number, set()).add(answer)


def _search_bytes(
    parts: Iterable[tuple[Sequence[int], Sequence[bytes]]],
    answers: Iterable[int],
    found: dict[int, set[int]],
) -> None:
    """Add to *found* the chunks that hold some answers; faster than decoding their lists."""
    needles = [(answer, _to_needle(answer)) for answer in answers]
    for numbers, lists in parts:
        together = b"".join(lists)
        for answer, needle in needles:
            if find(together, needle) < 0:
                continue
            for chunk, packed in zip(numbers, lists, strict=True):
                if _holds(packed, needle):
                    found.setdefault(chunk, set()).add(answer)


def _to_needle(answer: int) -> bytes:
    return answer.to_bytes(WORD_BYTES, "little", signed=True)


def _holds(packed: bytes, needle: bytes) -> bool:
    at = packed.find(needle)
    while at >= 0 and at % WORD_BYTES:
        at = packed.find(needle, at + 1)
    return at >= 0

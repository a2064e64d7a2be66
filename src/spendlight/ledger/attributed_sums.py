"""Sums of answers by their circumstances, made on demand from the chunks, which stay packed."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final

from spendlight.ledger import chunks
from spendlight.ledger.attributions import Names
from spendlight.ledger.signing import are_signed
from spendlight.metering.attributed_sums import LEFT_OUT, PackedAnswers, Wanted
from spendlight.metering.session_names import order_in_session
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.attributed_sums import Adder, Labels
    from spendlight.metering.entry import SessionName

_CHUNKS_AT_ONCE: Final = 256


class AttributedSums(NamedTuple):
    """Which sums of answers are asked for, and by what they are separated.

    Attributes:
        label: Returns the labels by which they are separated.
        ranges: Ranges of time, see `metering.attributed_sums.Wanted`.
        adder: Makes what sums up.
        of_session: Returns the label of a session; by default all have 0.
        by_session: Whether sessions are separate in the rows.
    """

    label: Callable[[Names], Labels]
    ranges: Sequence[tuple[int, int]]
    adder: Callable[[Wanted], Adder]
    of_session: Callable[[SessionName], int] | None = None
    by_session: bool = True


Key = tuple[int, int, int]
"""The labels of an attribution, of tools and of a session."""


def read(
    connection: sqlite3.Connection,
    slicer: Slicer,
    scope: Scope,
    asked: AttributedSums,
    context_thresholds: Sequence[int],
) -> dict[Key, list[Row]]:
    """Return rows of sums by labels; their group is the index of the range.

    Args:
        connection: Where to read.
        slicer: Knows the names of sessions.
        scope: Which roots.
        asked: What is asked for.
        context_thresholds: The context sizes by which sums are separated, ascending.

    Raises:
        DamagedChunkError: If a chunk is damaged.
    """
    labels = asked.label(Names(connection))
    adder = asked.adder(Wanted(labels, asked.ranges, scope.shadows, context_thresholds))
    of_sessions = _labels_of_sessions(connection, slicer, asked.of_session)
    if asked.ranges:
        span = asked.ranges[0][0], asked.ranges[-1][1]
        for number, found in _packed(connection, scope, *span):
            of_session = of_sessions.get(found.session, 0)
            if of_session == LEFT_OUT:
                continue
            one = found if asked.by_session else found._replace(session=of_session, start=0)
            try:
                adder.add(one)
            except chunks.NO_CHUNK as error:
                raise chunks.DamagedChunkError(number, error) from error
    rows: dict[Key, list[Row]] = {}
    for label, at, session, variant, price_class, total in adder.sums():
        if asked.by_session:
            key, number = (*label, of_sessions.get(session, 0)), session
        else:
            key, number = (*label, session), 0
        rows.setdefault(key, []).append((at, number, variant, price_class, *total))
    return rows


def _labels_of_sessions(
    connection: sqlite3.Connection, slicer: Slicer, label_of: Callable[[SessionName], int] | None
) -> dict[int, int]:
    """Return the labels of all sessions by number; nothing if all have 0."""
    if label_of is None:
        return {}
    numbers = [number for (number,) in connection.execute("SELECT id FROM sessions")]
    names = slicer.sessions(numbers)
    return {number: label_of(names[number]) for number in numbers}


def _packed(
    connection: sqlite3.Connection, scope: Scope, start_ms: int, end_ms: int
) -> Iterator[tuple[int, PackedAnswers]]:
    """Yield the chunks with answers in a span of time, by number."""
    where = "c.id IN (SELECT id FROM chunks WHERE last_ms >= ? AND +first_ms < ?)"
    if scope.roots is not None:
        where += f" AND f.root IN ({','.join(map(str, scope.roots))})"
    rows = connection.execute(
        "SELECT c.id, c.file, c.first_ms, c.last_ms, c.columns, c.shadows, a.answers, f.session,"  # noqa: S608  # our own conditions
        " f.path, c.signature FROM chunks c JOIN files f ON f.id = c.file"
        f" JOIN chunk_answers a ON a.chunk = c.id WHERE {where} ORDER BY c.id",
        (start_ms, end_ms),
    )
    while batch := rows.fetchmany(_CHUNKS_AT_ONCE):
        number = batch[0][0]
        try:
            values = [chunks.joined(*row[1:7]) for row in batch]
            is_signed = are_signed(values, repeat(0), [row[-1] for row in batch])
        except chunks.NO_CHUNK as error:
            raise chunks.DamagedChunkError(number, error) from error
        if not is_signed:
            raise chunks.DamagedChunkError(number, chunks.DAMAGED)
        for number, _, _, _, columns, shadows, answers, session, path, _ in batch:
            start = order_in_session(path)
            yield number, PackedAnswers(answers, columns, shadows or None, session, start)

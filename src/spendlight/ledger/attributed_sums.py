"""Sums of answers by their circumstances, made on demand from the chunks, which stay packed."""

from __future__ import annotations

from itertools import chain, groupby, islice, pairwise, repeat
from typing import TYPE_CHECKING, Final

from spendlight.ledger import chunks
from spendlight.ledger.signing import are_signed
from spendlight.ledger.sums.buckets import price_steps_in
from spendlight.ledger.sums.packing import pack_sums
from spendlight.ledger.sums.runs import Runs
from spendlight.ledger.sums.slicing import kinds
from spendlight.metering.attributed_sums import LEFT_OUT, PackedAnswers, Wanted
from spendlight.metering.entry import NO_SESSION
from spendlight.metering.runs import values_in
from spendlight.metering.session_names import order_in_session
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from spendlight.ledger.attributions import Names
    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.attributed_sums import Adder, LabelledSum, Labels, PackedRun
    from spendlight.metering.entry import SessionName

_CHUNKS_AT_ONCE: Final = 256

_FEW_CHUNKS: Final = 1_024
"""Of this many, the circumstances that occur are looked up; of more, all that the ledger knows."""


class AttributedSums(NamedTuple):
    """Which sums of answers are asked for, and by what they are separated.

    Attributes:
        label: Returns the labels by which they are separated, of some attributions by number, or of
            all.
        ranges: Ranges of time, see `metering.attributed_sums.Wanted`.
        adder: Makes what sums up.
        of_session: Returns the label of a session; by default all have 0.
    """

    label: Callable[[Names, AbstractSet[int] | None], Labels]
    ranges: Sequence[tuple[int, int]]
    adder: Callable[[Wanted], Adder]
    of_session: Callable[[SessionName], int] | None = None


Key = tuple[int, int, int]
"""The labels of an attribution, of tools and of a session."""


class AttributedReading(NamedTuple):
    """What sums are made from.

    Attributes:
        connection: Where to read.
        slicer: Knows the names of sessions.
        names: Knows those of circumstances.
        scope: Which roots.
        context_thresholds: The context sizes by which sums are separated, ascending.
    """

    connection: sqlite3.Connection
    slicer: Slicer
    names: Names
    scope: Scope
    context_thresholds: Sequence[int]

    def rows(self, asked: AttributedSums) -> dict[Key, list[Row]]:
        """Return rows of sums by labels and session; their group is the index of the range.

        Raises:
            DamagedChunkError: If a chunk is damaged.
        """
        adder, of_sessions = self._added(asked, by_session=True)
        rows: dict[Key, list[Row]] = {}
        group = [index for _, index in self._parts(asked.ranges)]
        for label, at, session, variant, price_class, total in adder.sums():
            key = (*label, of_sessions.get(session, 0))
            rows.setdefault(key, []).append((group[at], session, variant, price_class, *total))
        return rows

    def runs(self, asked: AttributedSums) -> tuple[list[Key], Runs]:
        """Return a run of sums for each range and labels, and the labels.

        Raises:
            DamagedChunkError: If a chunk is damaged.
        """
        adder, _ = self._added(asked, by_session=False)
        order = kinds(self.connection)
        of_kinds = sorted(order, key=order.__getitem__)
        found = adder.packed(of_kinds)
        if found is None:
            found = in_runs(adder.sums(), of_kinds)
        keys: list[Key] = []
        runs = []
        group = [index for _, index in self._parts(asked.ranges)]
        for label, at, session, packed in found:
            keys.append((*label, session))
            runs.append((group[at], NO_SESSION, packed))
        return keys, Runs(runs, self.slicer, self.context_thresholds)

    def _added(self, asked: AttributedSums, *, by_session: bool) -> tuple[Adder, Mapping[int, int]]:
        """Return what has summed up all that is asked for, and the labels of sessions.

        Args:
            asked: What is asked for.
            by_session: Whether sessions are separate; otherwise those with the same label are one.
        """
        start, end = (asked.ranges[0][0], asked.ranges[-1][1]) if asked.ranges else (0, 0)
        found = self._chunks(start, end)
        first = list(islice(found, _FEW_CHUNKS + 1))
        numbers = sessions = None
        if len(first) <= _FEW_CHUNKS:
            numbers = {number for one in first for number in values_in(one.columns)[0]}
            sessions = {one.session for one in first}
        of_sessions = self._labels_of_sessions(asked.of_session, sessions)
        labels = asked.label(self.names, numbers)
        ranges = [bounds for bounds, _ in self._parts(asked.ranges)]
        wanted = Wanted(labels, ranges, self.scope.shadows, self.context_thresholds)
        adder = asked.adder(wanted)
        every = chain(first, found)
        while some := list(islice(every, _CHUNKS_AT_ONCE)):
            packed = []
            for one in some:
                of_session, start = of_sessions.get(one.session, 0), 0
                if of_session == LEFT_OUT:
                    continue
                if by_session:
                    of_session, start = one.session, order_in_session(one.path)
                packed.append(
                    PackedAnswers(one.answers, one.columns, one.shadows, of_session, start)
                )
            try:
                adder.add_all(packed)
            except chunks.NO_CHUNK as error:
                raise chunks.DamagedChunkError(some[0].number, error) from error
        return adder, of_sessions

    def _parts(self, ranges: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], int]]:
        """Return ranges of time divided where prices change, each with the index of the whole."""
        steps = price_steps_in(self.connection)
        return [
            (bounds, index)
            for index, (start, end) in enumerate(ranges)
            for bounds in pairwise([start, *(at for at in steps if start < at < end), end])
        ]

    def _labels_of_sessions(
        self, label_of: Callable[[SessionName], int] | None, numbers: Collection[int] | None
    ) -> Mapping[int, int]:
        """Return the labels of sessions by number, by default of all; nothing if all have 0."""
        if label_of is None:
            return {}
        if numbers is None:
            numbers = [number for (number,) in self.connection.execute("SELECT id FROM sessions")]
        names = self.slicer.sessions(numbers)
        return {number: label_of(names[number]) for number in numbers}

    def _chunks(self, start_ms: int, end_ms: int) -> Iterator[_Chunk]:
        """Yield the chunks with answers in a span of time."""
        where = "c.id IN (SELECT id FROM chunks WHERE last_ms >= ? AND +first_ms < ?)"
        if self.scope.roots is not None:
            where += f" AND f.root IN ({','.join(map(str, self.scope.roots))})"
        rows = self.connection.execute(
            "SELECT c.id, c.file, c.first_ms, c.last_ms, c.columns, c.shadows, a.answers,"  # noqa: S608  # our own conditions
            " f.session, f.path, c.signature FROM chunks c JOIN files f ON f.id = c.file"
            f" JOIN chunk_answers a ON a.chunk = c.id WHERE {where} ORDER BY c.id",
            (start_ms, end_ms),
        )
        while batch := rows.fetchmany(_CHUNKS_AT_ONCE):
            try:
                values = [chunks.joined(*row[1:7]) for row in batch]
                is_signed = are_signed(values, repeat(0), [row[-1] for row in batch])
            except chunks.NO_CHUNK as error:
                raise chunks.DamagedChunkError(batch[0][0], error) from error
            if not is_signed:
                raise chunks.DamagedChunkError(batch[0][0], chunks.DAMAGED)
            for number, _, _, _, columns, shadows, answers, session, path, _ in batch:
                yield _Chunk(number, answers, columns, shadows or None, session, path)


class _Chunk(NamedTuple):
    """What is needed of a chunk."""

    number: int
    answers: bytes
    columns: bytes
    shadows: bytes | None
    session: int
    path: str


def in_runs(sums: Iterable[LabelledSum], of_kinds: Sequence[int]) -> list[PackedRun]:
    """Return sums packed in runs, those of each in the order of time."""
    rank = {number: at for at, number in enumerate(of_kinds)}

    def order(one: LabelledSum) -> tuple[object, ...]:
        label, at, session, variant, price_class, total = one
        time = total.first_ms, total.first_offset
        return label, at, session, *time, rank.get(variant, len(rank)), price_class

    return [
        (*run, pack_sums((*one[3:5], *one[5]) for one in found))
        for run, found in groupby(sorted(sums, key=order), lambda one: one[:3])
    ]

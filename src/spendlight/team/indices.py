"""The indices of many segments at once, in columns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from spendlight.metering.described_blocks import MOST_BLOCK_DOLLARS, MOST_BLOCK_TOKENS, UNLOGGED
from spendlight.metering.entry import MAX_COUNT, MAX_OFFSET, Role
from spendlight.metering.periods import TOO_LATE_MS
from spendlight.team.known_answers import SEGMENT_BITS, keys_of
from spendlight.team.ordering import VARIANTS
from spendlight.team.segment_index import (
    COUNTS,
    GROUP,
    ROW,
    BadIndexError,
    IndexNames,
    names_of,
)
from spendlight.team.settling import QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from spendlight.team.segment_index import SegmentIndex

    Integers = NDArray[np.int64]

NAMES: Final = 1 << 40
"""What stands for a log and a variant in a segment is below this."""

_MOST_LETTERS: Final = 8_192
_FILTER_BITS: Final = 24
_HASH_BITS: Final = 63
_SHIFT: Final = _HASH_BITS - _FILTER_BITS
_NO_MOMENT: Final = 1 << 62


class Indices:
    """The indices of some segments.

    Args:
        found: The indices, by the numbers of their segments.

    Attributes:
        numbers: The numbers of the segments.
        segment: Of each group, the position of its segment in `numbers`.
        answer: The answer of each row.
        group: The group of each row.
        lengths: How many rows each segment has.
    """

    def __init__(self, found: Mapping[int, SegmentIndex]) -> None:
        each = list(found.values())
        self.numbers = np.fromiter(found, np.int64, len(found))
        groups = _side_by_side([one.groups for one in each], len(GROUP))
        self._columns = dict(zip(GROUP, groups, strict=True))
        self._whole: dict[str, NDArray[Any]] = {}
        sizes = [one.groups.shape[1] for one in each]
        self.segment = np.repeat(np.arange(len(found), dtype=np.int32), sizes)
        self.answer = np.concatenate([one.answers for one in each] or [np.empty(0, "<i8")])
        self.lengths = np.array([len(one.answers) for one in each], np.int64)
        self._rows = _side_by_side([one.rows for one in each], len(ROW))
        counts = self["rows"]
        self.group = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self.starts = np.cumsum(counts) - counts
        self._names = [(one.names, one.groups.shape[1]) for one in each]
        self._row_numbers = {
            at: one.row_numbers for at, one in enumerate(each) if one.row_numbers is not None
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column of groups."""
        found = self._whole.get(name)
        if found is None:
            column = self._columns.pop(name)
            whole = column.astype(np.int64)
            found = self._whole[name] = whole.view(np.float64) if name == "cost" else whole
        return found

    @cached_property
    def names(self) -> list[IndexNames]:
        """The names in each segment."""
        return [_names_of(*one) for one in self._names]

    @cached_property
    def name(self) -> Integers:
        """Of each group, what stands for its log and its variant in its segment."""
        names: Integers = self["log"] * VARIANTS + self["variant"]
        return names

    @cached_property
    def first_rows(self) -> Integers:
        """The number of the first row of each segment."""
        firsts: Integers = np.cumsum(self.lengths) - self.lengths
        return firsts

    @property
    def moment(self) -> Integers:
        """Milliseconds of each row since its quarter of an hour began."""
        moments: Integers = self._rows[0].astype(np.int64)
        return moments

    @cached_property
    def at_ms(self) -> Integers:
        """When the answer of each row was given."""
        moments: Integers = self.moment + (self["quarter"] * QUARTER_MS)[self.group]
        return moments

    @cached_property
    def offset(self) -> Integers:
        """Where the line of each row begins in its log, in bytes."""
        steps = self._rows[1].astype(np.uint64)
        steps = (steps >> np.uint64(1)) ^ (~(steps & np.uint64(1)) + np.uint64(1))
        total = np.cumsum(steps.view(np.int64))
        before = np.concatenate([[0], total])[self.first_rows]
        offsets: Integers = total - np.repeat(before, self.lengths)
        return offsets

    def row_numbers(self, rows: Integers) -> tuple[Integers, Integers]:
        """Return the segments of rows, as positions in `numbers`, and the rows' numbers in them."""
        segments: Integers = self.segment[self.group[rows]].astype(np.int64)
        row_numbers = rows - self.first_rows[segments]
        for at, found in self._row_numbers.items():
            here = segments == at
            row_numbers[here] = found[row_numbers[here]]
        return segments, row_numbers

    def rows_of(self, numbers: Integers, row_numbers: Integers) -> Integers:
        """Return the rows with some numbers in the segments with some numbers."""
        order = np.argsort(self.numbers)
        segments = order[np.searchsorted(self.numbers[order], numbers)]
        within = row_numbers.copy()
        for at, found in self._row_numbers.items():
            here = segments == at
            within[here] = np.argsort(found)[within[here]]
        rows: Integers = self.first_rows[segments] + within
        return rows

    def keys(self) -> Integers:
        """Return what stands for each row, see `known_answers.keys_of`."""
        return keys_of(self.answer, np.repeat(self.numbers, self.lengths))

    def which_are(self, beginnings: Integers) -> NDArray[np.bool_]:
        """Return which rows have one of some answers, by the beginnings of their hashes."""
        likely = np.zeros(1 << _FILTER_BITS, bool)
        likely[beginnings >> (_SHIFT - SEGMENT_BITS)] = True
        found: NDArray[np.bool_] = likely[self.answer >> _SHIFT]
        rows = np.flatnonzero(found)
        found[rows] = np.isin(self.answer[rows] >> SEGMENT_BITS, beginnings)
        return found

    def count(self, which: NDArray[np.bool_]) -> Integers:
        """Return how many rows of each group are among some."""
        if not len(which):
            return np.zeros(0, np.int64)
        counts: Integers = np.add.reduceat(which.astype(np.int64), self.starts)
        return counts

    def least(self, values: Integers, which: NDArray[np.bool_]) -> Integers:
        """Return the least value of some rows in each group; a group without any has a high one."""
        if not len(values):
            return np.zeros(0, np.int64)
        found: Integers = np.minimum.reduceat(np.where(which, values, _NO_MOMENT), self.starts)
        return found

    def greatest(self, values: Integers, which: NDArray[np.bool_]) -> Integers:
        """Return the greatest value of some rows in each group, or 0."""
        if not len(values):
            return np.zeros(0, np.int64)
        found: Integers = np.maximum.reduceat(np.where(which, values, 0), self.starts)
        return found

    def price_classes(
        self, thresholds: Sequence[int], fits: Callable[[str, tuple[int, ...]], bool]
    ) -> tuple[Integers, list[int]]:
        """Return the price class of each group, and which segments must be separated otherwise.

        Args:
            thresholds: The context sizes by which sums are to be separated, ascending.
            fits: Whether sums of a model that are separated by some context sizes will do.
        """
        classes: dict[tuple[int, ...], list[int]] = {}
        first: list[int] = []
        lookup: list[int] = []
        unfit = []
        known: dict[tuple[str, tuple[int, ...]], bool] = {}
        for at, names in enumerate(self.names):
            for (model, *_), sizes in zip(names.variants, names.thresholds, strict=True):
                first.append(len(lookup))
                if sizes not in classes:
                    passed = (0, *sizes)
                    classes[sizes] = [sum(one <= size for one in thresholds) for size in passed]
                lookup += classes[sizes]
                key = model, sizes
                if key not in known:
                    known[key] = fits(model, sizes)
                if not known[key]:
                    unfit.append(at)
        if not first:
            return np.zeros(len(self.segment), np.int64), unfit
        counts = [len(names.variants) for names in self.names]
        of_segment = np.cumsum(counts) - counts
        number = np.minimum(of_segment[self.segment] + self["variant"], len(first) - 1)
        position = np.array(first)[number] + self["passed"]
        passed = np.array(lookup)[np.minimum(position, len(lookup) - 1)]
        return 2 * passed + self["is_recorded"], sorted(set(unfit))


def _names_of(packed: bytes, groups: int) -> IndexNames:
    try:
        return names_of(packed, groups)
    except BadIndexError:
        return IndexNames([], [], [])  # which does not go with its groups


def _side_by_side(matrices: list[NDArray[Any]], rows: int) -> NDArray[Any]:
    if not matrices:
        return np.empty((rows, 0), np.uint32)
    return np.concatenate(matrices, axis=1)


def impossible(found: Indices) -> list[int]:
    """Return the positions in `numbers` of segments with something that no answer can have."""
    bad = {at for at, names in enumerate(found.names) if not _are_possible(names)}
    firsts = np.array([len(one.variants) for one in found.names], np.int64)
    firsts = np.cumsum(firsts) - firsts
    models = [one[0] for names in found.names for one in names.variants]
    most = [MOST_BLOCK_TOKENS if one == UNLOGGED.name else MAX_COUNT for one in models] or [0]
    sizes = [len(one) for names in found.names for one in names.thresholds] or [0]
    is_counted = found["is_withdrawn"] == 0
    rows, segment = found["rows"], found.segment
    logs = np.array([len(names.logs) for names in found.names], np.int64)
    variants = np.array([len(names.variants) for names in found.names], np.int64)
    odd = is_counted & ((found["log"] >= logs[segment]) | (found["variant"] >= variants[segment]))
    odd |= (found["quarter"] > TOO_LATE_MS // QUARTER_MS) | (found["is_withdrawn"] > 1)
    variant = np.minimum(firsts[segment] + np.where(odd, 0, found["variant"]), len(most) - 1)
    most_tokens = np.where(is_counted, np.array(most)[variant], 0)
    for name in COUNTS:
        odd |= (found[name] < 0) | (found[name] // rows > most_tokens)
    odd |= is_counted & (found["passed"] > np.array(sizes)[variant])
    odd |= (found["is_recorded"] > 1) | (found["reset"] < 0) | (found["reset"] > TOO_LATE_MS)
    odd |= ~(np.abs(found["cost"]) <= MOST_BLOCK_DOLLARS * rows)
    bad.update(np.unique(segment[odd]).tolist())
    odd_rows = (found.answer < 0) | (found.offset < 0) | (found.offset > MAX_OFFSET)
    odd_rows |= (found.moment < 0) | (found.moment >= QUARTER_MS)
    bad.update(np.unique(segment[found.group[odd_rows]]).tolist())
    return sorted(bad)


def _are_possible(names: IndexNames) -> bool:
    texts = [text for log in names.logs for text in log]
    texts += [text for model, _, geo, _ in names.variants for text in (model, geo)]
    return (
        len(names.variants) == len(names.thresholds)
        and len(names.variants) < VARIANTS
        and max(map(len, texts), default=0) <= _MOST_LETTERS
        and all(0 <= role <= max(Role) for *_, role in names.variants)
    )

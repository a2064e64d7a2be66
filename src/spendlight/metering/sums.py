"""Defines the sums over answers: one table, from which SQL, packing and indices follow.

A new quantity is a row of `MEASURES`, a field of `Sum` and of `UsageSlice`, and one of
`UsageEntry`, each after the existing ones; a reader of logs that fills it; a migration step; and
whatever shows it.
"""

from __future__ import annotations

from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.entry import ModelVariant, SessionName, TokenCounts, UsageEntry
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Merging(Enum):
    """How two sums are merged."""

    ADDED = "SUM"
    LEAST = "MIN"
    GREATEST = "MAX"


class Measure(NamedTuple):
    """One of the sums.

    Attributes:
        name: Its name in `Sum`, `UsageSlice` and the ledger's tables.
        merging: How two of them are merged.
        letter: The ``struct`` type in which it is packed: "q" or "d"; "" if it is packed in bits
            that the keys of a sum leave free (`ledger.sums.packing`), as it is usually 0.
        of_entry: The field of `UsageEntry` that it sums up; "" means 1, the answer itself.
        may_be_none: Whether it may be None; the greatest of None and a value is the value.
    """

    name: str
    merging: Merging
    letter: str = "q"
    of_entry: str = ""
    may_be_none: bool = False

    @property
    def is_count(self) -> bool:
        """Whether it is an integer that only grows."""
        return self.merging is Merging.ADDED and self.letter != "d"


def _count(name: str) -> Measure:
    return Measure(name, Merging.ADDED, of_entry=name)


MEASURES: Final = (
    _count("input"),
    _count("output"),
    _count("cache_write_5m"),
    _count("cache_write_1h"),
    _count("cache_read"),
    Measure("recorded_cost", Merging.ADDED, "d", "recorded_cost"),
    _count("web_searches"),
    Measure("answers", Merging.ADDED),
    Measure("first_ms", Merging.LEAST, of_entry="at_ms"),
    Measure("last_ms", Merging.GREATEST, of_entry="at_ms"),
    Measure("limit_reset_ms", Merging.GREATEST, of_entry="limit_reset_ms", may_be_none=True),
    Measure("first_offset", Merging.LEAST, of_entry="offset"),
    Measure("reasoning", Merging.ADDED, "", "reasoning"),
)
"""All sums, in the order that is used everywhere."""


class Sum(NamedTuple):
    """Sums of entries of one slot, one model and one price per token, ordered like `MEASURES`."""

    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    recorded_cost: float
    web_searches: int
    answers: int
    first_ms: int
    last_ms: int
    limit_reset_ms: int | None
    first_offset: int
    reasoning: int


class UsageSlice(NamedTuple):
    """Usage of one model within one group, at one price per token.

    Attributes:
        group: The key it is grouped by: a local day's number since 1970-01-01, or a slot, or 0.
        session: Its session, if slices are by session.
        variant: The model and what else decides its price.
        context_threshold: Each request in it read more tokens than this, which decides the
            price.
        is_recorded: Whether Claude Code recorded the cost of these answers itself.
        recorded_cost: The sum of the recorded costs, in dollars.
        answers: The number of answers.
        first_ms: The first answer's moment.
        last_ms: The last answer's moment.
        first_offset: The offset of the first of them in its log, or in those of its session
            (`session_names.order_in_session`).
        reasoning: Tokens of reasoning, which are contained in the output.
    """

    group: int
    session: SessionName
    variant: ModelVariant
    context_threshold: int
    is_recorded: bool
    # from here on in the order of `MEASURES`
    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    recorded_cost: float
    web_searches: int
    answers: int
    first_ms: int
    last_ms: int
    limit_reset_ms: int | None = None
    first_offset: int = 0
    reasoning: int = 0

    @property
    def tokens(self) -> TokenCounts:
        """The tokens by kind."""
        return TokenCounts._make(tokens_in(self))


NAMES: Final = tuple(measure.name for measure in MEASURES)
COUNTS: Final = tuple(measure.name for measure in MEASURES if measure.is_count)
"""The integers that only grow; they do not depend on the order of addition."""

tokens_in: Final[Callable[[UsageSlice], tuple[int, int, int, int, int]]] = itemgetter(
    slice(
        UsageSlice._fields.index(TokenCounts._fields[0]),
        UsageSlice._fields.index(TokenCounts._fields[-1]) + 1,
    )
)
"""Return a slice's tokens by kind, in the order of `TokenCounts`."""

_ONE: Final = len(UsageEntry._fields)
_ZERO: Final = _ONE + 1
_CONSTANTS: Final = (1, 0.0)
"""Constants appended to an entry's fields, to be selected like them."""


def _taking(*, is_recorded: bool) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Return a function that selects an entry's sums from its fields and the constants."""
    index_of = {"": _ONE} | {name: index for index, name in enumerate(UsageEntry._fields)}
    if not is_recorded:
        index_of["recorded_cost"] = _ZERO
    return itemgetter(*(index_of[measure.of_entry] for measure in MEASURES))


_take_recorded, _take = _taking(is_recorded=True), _taking(is_recorded=False)


def sum_of(entry: UsageEntry) -> Sum:
    """Return the sums of a single entry."""
    take = _take if entry.recorded_cost is None else _take_recorded
    return Sum._make(take(entry + _CONSTANTS))


def merged(sums: Iterable[Sum]) -> Sum:
    """Return the sum of one or more sums."""
    columns = zip(*sums, strict=True)
    return Sum._make(map(_merged, MEASURES, columns))


def _merged(measure: Measure, values: Iterable[Any]) -> Any:  # noqa: ANN401  # of the column's type
    known = [value for value in values if value is not None] if measure.may_be_none else values
    if measure.merging is Merging.ADDED:
        return sum(known)
    if measure.may_be_none and not known:
        return None
    return min(known) if measure.merging is Merging.LEAST else max(known)

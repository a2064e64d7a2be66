"""Sums of usage: the ledger's slices, and what they add up to in tokens and money."""

from __future__ import annotations

import math
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from spendlight.metering.entry import TokenCounts
from spendlight.metering.pricing import CostMode
from spendlight.metering.sums import tokens_in
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spendlight.metering.entry import ModelVariant, SessionName
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.sums import UsageSlice

SLOT_MS = 450_000
"""Half a quarter of an hour: the unit in which the ledger's buckets are numbered.

Quarter *q* has two slots: 2q for the moment at which it begins, 2q + 1 for the rest. A block may
end exactly on a quarter, and still includes that very millisecond.
"""

QUARTER_MS = 2 * SLOT_MS
"""A quarter of an hour; the offsets of all time zones in use are multiples of it."""


def slot_of(at_ms: int) -> int:
    """Return the slot of a moment in Unix milliseconds."""
    quarter, rest = divmod(at_ms, QUARTER_MS)
    return 2 * quarter + (rest > 0)


def cost_of(piece: UsageSlice, prices: PricingTable, mode: CostMode) -> float | None:
    """Return the cost of a slice in dollars, or None if its model has no known price.

    Auto uses what Claude Code recorded and calculates the rest; calculate uses tokens only; display
    uses recorded costs only, and counts the rest as 0. The cost of an advisor is never recorded, so
    it is calculated, and is 0 in display mode (like ccusage 20.0.24).
    """
    if mode is CostMode.DISPLAY:
        return piece.recorded_cost
    if mode is CostMode.AUTO and piece.is_recorded:
        return piece.recorded_cost
    rates = prices.rates(piece.variant, piece.context_threshold, piece.first_ms)
    return None if rates is None else rates.cost(tokens_in(piece))


class ModelSpending(NamedTuple):
    """The usage and cost of one model.

    Attributes:
        label: The model as reports show it.
        cost: Dollars, without usage whose price is unknown.
        is_priced: Whether the price of all its usage is known.
        reasoning: Tokens of reasoning, which are contained in the output.
    """

    label: str
    tokens: TokenCounts
    cost: float
    is_priced: bool
    answers: int
    reasoning: int = 0


_cost_of_model = attrgetter("cost")


class Spending(NamedTuple):
    """Tokens and money of a day, a session, a block, or in total.

    Attributes:
        cost: Dollars at list prices or as recorded, without usage whose price is unknown.
        models: Each model's share, in the order of first use; without synthetic messages.
        answers: The number of answers of the API.
        web_searches: Searches made by the server.
        web_search_cost: Dollars for them at list prices; not included in the cost.
        first_ms: The first answer's moment in Unix milliseconds, or None without any.
        last_ms: The last answer's moment.
        limit_reset_ms: When a usage limit ends that was reached here.
        reasoning: Tokens of reasoning, which are contained in the output.
    """

    tokens: TokenCounts = TokenCounts()
    cost: float = 0.0
    models: tuple[ModelSpending, ...] = ()
    answers: int = 0
    web_searches: int = 0
    web_search_cost: float = 0.0
    first_ms: int | None = None
    last_ms: int | None = None
    limit_reset_ms: int | None = None
    reasoning: int = 0

    @property
    def models_by_cost(self) -> tuple[ModelSpending, ...]:
        """The models, the most expensive first."""
        return tuple(sorted(self.models, key=_cost_of_model, reverse=True))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The models without a known price, in alphabetical order."""
        return tuple(sorted(model.label for model in self.models if not model.is_priced))


class _ModelTally:
    """Sums of one model."""

    __slots__ = (
        "answers",
        "cache_read",
        "cache_write_1h",
        "cache_write_5m",
        "cost",
        "input",
        "is_priced",
        "output",
        "reasoning",
    )

    def __init__(self) -> None:
        self.input = self.output = self.cache_write_5m = self.cache_write_1h = self.cache_read = 0
        self.cost = 0.0
        self.is_priced = True
        self.answers = self.reasoning = 0

    @property
    def tokens(self) -> TokenCounts:
        """The tokens by kind."""
        return TokenCounts(
            self.input, self.output, self.cache_write_5m, self.cache_write_1h, self.cache_read
        )


class Tally:
    """Adds up slices into a `Spending`."""

    __slots__ = (
        "_first_ms",
        "_is_auto",
        "_is_display",
        "_last_ms",
        "_limit_reset_ms",
        "_models",
        "_prices",
        "_variants",
        "_web_search_cost",
        "_web_searches",
    )

    def __init__(self, prices: PricingTable, mode: CostMode) -> None:
        self._prices = prices
        self._is_auto = mode is CostMode.AUTO
        self._is_display = mode is CostMode.DISPLAY
        self._models: dict[str, _ModelTally] = {}
        self._variants: dict[ModelVariant, _ModelTally] = {}
        self._first_ms: int | None = None
        self._last_ms: int | None = None
        self._limit_reset_ms: int | None = None
        self._web_searches = 0
        self._web_search_cost = 0.0

    @property
    def last_ms(self) -> int | None:
        """The last moment added so far."""
        return self._last_ms

    def add(self, piece: UsageSlice) -> None:
        """Add a slice."""
        self.add_all((piece,))

    def add_all(self, pieces: Iterable[UsageSlice]) -> None:
        """Add slices, without looking attributes up: reports over years add a hundred thousand."""
        variants, rates_of = self._variants, self._prices.rates
        is_auto, is_display = self._is_auto, self._is_display
        earliest_ms, latest_ms = self._first_ms, self._last_ms
        for (
            _,
            _,
            variant,
            threshold,
            is_recorded,
            read,
            output,
            write_5m,
            write_1h,
            cache_read,
            recorded,
            searches,
            answers,
            first_ms,
            last_ms,
            reset_ms,
            _,
            reasoning,
        ) in pieces:
            model = variants.get(variant) or self._share(variant)
            model.input += read
            model.output += output
            model.cache_write_5m += write_5m
            model.cache_write_1h += write_1h
            model.cache_read += cache_read
            model.answers += answers
            model.reasoning += reasoning
            if is_display or (is_recorded and is_auto):
                model.cost += recorded
            elif (rates := rates_of(variant, threshold, first_ms)) is None:
                model.is_priced = False
            else:
                model.cost += rates.cost((read, output, write_5m, write_1h, cache_read))
            if earliest_ms is None or first_ms < earliest_ms:
                earliest_ms = first_ms
            if latest_ms is None or last_ms > latest_ms:
                latest_ms = last_ms
            if reset_ms is not None:
                self._limit_reset_ms = max(self._limit_reset_ms or 0, reset_ms)
            if searches:
                self._web_searches += searches
                cost = self._prices.web_search_cost(variant, searches)
                self._web_search_cost += cost or 0.0
        self._first_ms, self._last_ms = earliest_ms, latest_ms

    def _share(self, variant: ModelVariant) -> _ModelTally:
        """Return the tally of a model; variants with the same label share one."""
        share = self._models.setdefault(variant.label, _ModelTally())
        self._variants[variant] = share
        return share

    def total(self) -> Spending:
        """Return what has been added up."""
        read = output = write_5m = write_1h = cache_read = answers = reasoning = 0
        cost = 0.0
        models: list[ModelSpending] = []
        for label, model in self._models.items():
            tokens = model.tokens
            read += tokens[0]
            output += tokens[1]
            write_5m += tokens[2]
            write_1h += tokens[3]
            cache_read += tokens[4]
            cost += model.cost
            answers += model.answers
            reasoning += model.reasoning
            if label:
                share = label, tokens, model.cost, model.is_priced, model.answers, model.reasoning
                models.append(ModelSpending(*share))
        return Spending(
            tokens=TokenCounts(read, output, write_5m, write_1h, cache_read),
            cost=cost,
            models=tuple(models),
            answers=answers,
            web_searches=self._web_searches,
            web_search_cost=self._web_search_cost,
            first_ms=self._first_ms,
            last_ms=self._last_ms,
            limit_reset_ms=self._limit_reset_ms,
            reasoning=reasoning,
        )


def add_up(pieces: Iterable[UsageSlice], prices: PricingTable, mode: CostMode) -> Spending:
    """Return the total of slices."""
    tally = Tally(prices, mode)
    tally.add_all(pieces)
    return tally.total()


class AnyRuns(Protocol):
    """Runs of sums: what belongs to one group and one session, in the order to add it up."""

    @property
    def keys(self) -> Sequence[tuple[int, SessionName]]:
        """The group and the session of each run."""

    @property
    def counts(self) -> Sequence[int]:
        """How many sums there are in each run."""

    def slices(self) -> Sequence[UsageSlice]:
        """Return all sums as slices, in the same order."""


class SliceRuns:
    """Runs of sums that are slices already.

    Args:
        pieces: The slices.
    """

    def __init__(self, pieces: Sequence[UsageSlice]) -> None:
        self._pieces = pieces
        runs = [
            (key, len(list(found)))
            for key, found in groupby(pieces, attrgetter("group", "session"))
        ]
        self.keys: list[tuple[int, SessionName]] = [key for key, _ in runs]
        self.counts = [count for _, count in runs]

    def slices(self) -> Sequence[UsageSlice]:
        """Return the slices."""
        return self._pieces


def tallied(  # noqa: PLR0913  # what to add up, and how
    runs: AnyRuns,
    rows: Sequence[int],
    count: int,
    *,
    named: Callable[[Iterable[UsageSlice]], Iterable[UsageSlice]],
    prices: PricingTable,
    mode: CostMode,
) -> list[Spending | None]:
    """Return the total of each row of a report, or None for rows without selected usage.

    Args:
        runs: The sums, in the order in which they are added up.
        rows: The number of the row to which each run belongs.
        count: How many rows there are.
        named: Yields those slices of a run that are selected, with their models renamed.
        prices: The price list.
        mode: How costs are determined.
    """
    tallies: list[Tally | None] = [None] * count
    pieces = iter(runs.slices())
    for row, number in zip(rows, runs.counts, strict=True):
        selected = list(named(islice(pieces, number)))
        if selected:
            tally = tallies[row] = tallies[row] or Tally(prices, mode)
            tally.add_all(selected)
    return [None if tally is None else tally.total() for tally in tallies]


def combine(parts: Iterable[Spending]) -> Spending:
    """Return the total of several days, sessions or blocks."""
    known = [part for part in parts if part.first_ms is not None]
    if not known:
        return Spending()
    columns = zip(*known, strict=True)  # there may be tens of thousands of parts
    tokens, costs, models, answers, searches, search_costs, *moments, reasoning = columns
    firsts_ms, lasts_ms, resets_ms = moments
    shares: dict[str, list[ModelSpending]] = {}
    for model in chain.from_iterable(models):
        shares.setdefault(model[0], []).append(model)
    return Spending(
        tokens=_sum_of(tokens),
        cost=math.fsum(costs),
        models=tuple(map(_merged, shares.values())),
        answers=sum(answers),
        web_searches=sum(searches),
        web_search_cost=math.fsum(search_costs),
        first_ms=min(firsts_ms),
        last_ms=max(lasts_ms),
        limit_reset_ms=max((at_ms for at_ms in resets_ms if at_ms is not None), default=None),
        reasoning=sum(reasoning),
    )


def _merged(parts: Iterable[ModelSpending]) -> ModelSpending:
    (label, *_), tokens, costs, are_priced, *counts = zip(*parts, strict=True)
    return ModelSpending(label, _sum_of(tokens), sum(costs), all(are_priced), *map(sum, counts))


def _sum_of(counts: Iterable[Sequence[int]]) -> TokenCounts:
    return TokenCounts._make(map(sum, zip(*counts, strict=True)))

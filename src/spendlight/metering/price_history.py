"""What models cost before, as a report prices each answer by its own day.

Prices change at the beginning of a day in UTC; so no slot of the ledger's sums has two prices.
Which listed models the price of a model comes from follows from today's list.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Protocol

from spendlight.metering.litellm import BadPriceError, parse_entry
from spendlight.metering.standing_names import periods_of
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from spendlight.metering.model_pricing import ModelPricing
    from spendlight.metering.price_search import PriceOf

    Search = Callable[[str, PriceOf], ModelPricing | None]
    """Finds the price of a model, given the prices of listed models."""

ALL_TIME_MS: Final = (-(1 << 62), 1 << 62)
"""From before the first until after the last moment."""

_CLAUDE: Final = "claude"


class EarlierPrice(NamedTuple):
    """A price that a list had for a model before today's.

    Attributes:
        until_ms: When it ended: the beginning of a day in UTC, in Unix milliseconds.
        source: Where it is from, as in "LiteLLM 1.71.3".
        entry: The prices in LiteLLM's format.
    """

    until_ms: int
    source: str
    entry: object


class EarlierPrices(Protocol):
    """The earlier prices of models whose price has changed, by listed name."""

    def of(self, name: str, /) -> Sequence[EarlierPrice]:
        """Return the earlier prices under a listed name, the oldest first."""

    def __len__(self) -> int:
        """Return how many names have earlier prices."""

    @property
    def since(self) -> date | None:
        """The day from which on changes of prices are known."""

    @property
    def fingerprint(self) -> str:
        """An identifier of the prices themselves."""


class DatedPrice(NamedTuple):
    """The price of a model in a period.

    Attributes:
        from_ms: When it begins, in Unix milliseconds; 0 for the first that is known.
        pricing: The price, None if it is unknown.
        source: Where it is from; "" for the list in force.
    """

    from_ms: int
    pricing: ModelPricing | None
    source: str = ""


class PriceHistory:
    """The prices of models by date.

    Args:
        earlier: What listed models cost before.
        search: Finds the price of a model.
        price_of: Returns today's price of a listed model.
        own: The names for which the user has prices, which hold for all time.
    """

    def __init__(
        self,
        earlier: EarlierPrices | None,
        search: Search,
        price_of: PriceOf,
        own: Mapping[str, object],
    ) -> None:
        self._earlier = earlier
        self._search = search
        self._price_of = price_of
        self._own = own
        self._found: dict[str, tuple[DatedPrice, ...]] = {}
        self._starts: dict[str, list[int]] = {}

    def of(self, model: str) -> tuple[DatedPrice, ...]:
        """Return the prices of a model, the first that is known first; the last is today's."""
        try:
            return self._found[model]
        except KeyError:
            found = self._found[model] = self._find(model)
            self._starts[model] = [price.from_ms for price in found[1:]]
            return found

    def index_at(self, model: str, at_ms: int) -> int:
        """Return the index of the price of a model at a moment in Unix milliseconds."""
        try:
            starts = self._starts[model]
        except KeyError:
            self.of(model)
            starts = self._starts[model]
        return bisect_right(starts, at_ms) if starts else 0

    def period_at(self, model: str, at_ms: int) -> tuple[int, int]:
        """Return from when until when that price holds; the end is exclusive."""
        index = self.index_at(model, at_ms)
        starts = [ALL_TIME_MS[0], *self._starts[model], ALL_TIME_MS[1]]
        return starts[index], starts[index + 1]

    def steps(self, models: Iterable[str]) -> tuple[int, ...]:
        """Return the moments at which the price of one of some models changes, ascending."""
        return tuple(sorted({price.from_ms for model in models for price in self.of(model)[1:]}))

    def _find(self, model: str) -> tuple[DatedPrice, ...]:
        periods = periods_of(model)
        if periods and self._price_of(model) is None:
            return self._of_periods(periods)
        earlier = self._earlier
        today = DatedPrice(0, self._search(model, self._price_of))
        if earlier is None or _CLAUDE in model.lower():  # see maintenance/price_steps.py
            return (today,)
        known: dict[str, Sequence[EarlierPrice]] = {}

        def noted(name: str) -> ModelPricing | None:
            steps = () if name in self._own else earlier.of(name)
            if steps:
                known[name] = steps
            return self._price_of(name)

        self._search(model, noted)
        ends = sorted({step.until_ms for steps in known.values() for step in steps})
        found: list[DatedPrice] = []
        for from_ms, until_ms in zip((0, *ends), (*ends, ALL_TIME_MS[1]), strict=True):
            then = {
                name: next(step for step in steps if step.until_ms >= until_ms)
                for name, steps in known.items()
                if steps[-1].until_ms >= until_ms
            }
            pricing = self._search(model, self._prices_with(then))
            if not found or found[-1].pricing != pricing:
                source = ", ".join(sorted({step.source for step in then.values()}))
                found.append(DatedPrice(from_ms, pricing, source))
        return tuple(found)

    def _of_periods(self, periods: Sequence[tuple[int, str]]) -> tuple[DatedPrice, ...]:
        """Return the prices of a name that stands for other models, see `periods_of`."""
        found: list[DatedPrice] = []
        ends = [from_ms for from_ms, _ in periods[1:]] + [ALL_TIME_MS[1]]
        for (from_ms, name), end_ms in zip(periods, ends, strict=True):
            prices = self.of(name)
            until = [price.from_ms for price in prices[1:]] + [ALL_TIME_MS[1]]
            found += [
                price._replace(from_ms=max(price.from_ms, from_ms))
                for price, until_ms in zip(prices, until, strict=True)
                if price.from_ms < end_ms and until_ms > from_ms
            ]
        return tuple(found)

    def _prices_with(self, then: Mapping[str, EarlierPrice]) -> PriceOf:
        """Return what gives the prices of listed models at a time, given the earlier ones."""

        def price_of(name: str) -> ModelPricing | None:
            if name in then:
                try:
                    return parse_entry(then[name].entry)
                except BadPriceError:  # edited by hand
                    return self._price_of(name)
            return self._price_of(name)

        return price_of

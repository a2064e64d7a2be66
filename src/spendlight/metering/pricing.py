"""A price list of a certain date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from spendlight.errors import PriceListError
from spendlight.metering.entry import ModelVariant
from spendlight.metering.litellm import (
    BadPriceError,
    long_context_kind,
    override_entry,
    parse_entry,
)
from spendlight.metering.model_pricing import FREE, ModelPricing, TokenRates
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.metering.model_names import NameIndex
    from spendlight.metering.price_history import EarlierPrices, PriceHistory
    from spendlight.metering.price_search import PriceOf

MOST_CHARS = 200
"""No model has a longer name; longer names are not searched for."""

_TODAY = -1
"""The index of a price, if no moment is given."""

_NO_MODELS: Mapping[str, object] = MappingProxyType({})


class MoreModels(Protocol):
    """Models by name, each in LiteLLM's format; too many to read unless one is needed."""

    def get(self, name: str, /) -> object:
        """Return the entry of a model, or None."""

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all models."""

    @property
    def fingerprint(self) -> str:
        """An identifier of the prices themselves."""


class CostMode(StrEnum):
    """Whether the cost of an answer is calculated or taken as recorded."""

    AUTO = "auto"
    CALCULATE = "calculate"
    DISPLAY = "display"


class PriceSource(NamedTuple):
    """Where a price list came from, so that a report can say which one priced it.

    Attributes:
        name: What it is, as in "LiteLLM list", or the name of the user's file.
        dated: Its date, or the moment; None if unknown.
        origin: How it got here, as in "shipped" or "fetched"; empty if the name says it.
        overridden: How many prices in it the user has replaced.
        below: The list that is used if this one, a file of the user's, has no price.
        refused: The user's own prices that are invalid and were left out: the reason by the
            name of the model, or of the file.
        by_date: The models in use whose price has changed, each with the last day on which it did.
    """

    name: str
    dated: date | None = None
    origin: str = ""
    overridden: int = 0
    below: PriceSource | None = None
    refused: tuple[tuple[str, str], ...] = ()
    by_date: tuple[tuple[str, date], ...] = ()

    @property
    def words(self) -> str:
        """Its description in reports: "mine.json over LiteLLM list of 2026-11-20, shipped"."""
        words = self.name if self.dated is None else f"{self.name} from {self.dated:%Y-%m-%d}"
        if self.origin:
            words += f", {self.origin}"
        if self.below is not None:
            words += f", on top of {self.below.words}"
        if self.overridden:
            words += f", {self.overridden} overridden"
        return words


class PricingTable:
    """A price list of a certain date.

    It is made at every start of the program and used for a few models only, so an entry is parsed
    when it is first looked up.

    Attributes:
        source: Where the list came from.
        earlier: What listed models cost before, if that is known.
    """

    def __init__(
        self,
        raw: Mapping[str, object],
        source: PriceSource,
        *,
        others: MoreModels | None = None,
        own: Mapping[str, object] = _NO_MODELS,
        earlier: EarlierPrices | None = None,
    ) -> None:
        """Make a table of lists in LiteLLM's format, each by name and as decoded from JSON.

        Args:
            raw: The common models.
            source: Where the list came from.
            others: More models, searched only for a name that *raw* does not have.
            own: The user's own prices, which take precedence and hold for all time.
            earlier: What listed models cost before.
        """
        self.source = source
        self._raw = {**raw, **own} if own else raw
        self._base = raw
        self._others = others
        self._own = own
        self.earlier = earlier
        self._prices: dict[str, ModelPricing | None] = {}
        self._reasons: dict[str, str] = {}
        self._found: dict[str, ModelPricing | None] = {}
        self._rates: dict[tuple[ModelVariant, int, int], TokenRates | None] = {}

    @classmethod
    def from_litellm(
        cls,
        raw: Mapping[str, object],
        source: PriceSource,
        overrides: Mapping[str, object] | None = None,
        others: MoreModels | None = None,
        earlier: EarlierPrices | None = None,
    ) -> PricingTable:
        """Make a table of a list in LiteLLM's format.

        Args:
            raw: The models by name, as decoded from JSON. Invalid entries are left out and
                listed in `skipped`.
            source: Where the list came from.
            overrides: The user's own prices, see `with_overrides`.
            others: More models, searched only for a name that *raw* does not have.
            earlier: What listed models cost before.

        Raises:
            PriceListError: If no model in it has a price.
        """
        table = cls(raw, source, others=others, earlier=earlier)
        if not any(table._price(name) for name in raw):
            raise PriceListError(source.name, "it contains no model with a price per token")
        return table.with_overrides(overrides) if overrides else table

    def with_list(self, models: Mapping[str, object], source: PriceSource) -> PricingTable:
        """Return the table with a user's list on top, which takes precedence for its models.

        Args:
            models: The models in the list, by name, each in LiteLLM's format.
            source: Where it came from.
        """
        source = source._replace(below=self.source)
        own = {**self._own, **models}
        return self._with(source, own)

    def with_overrides(self, overrides: Mapping[str, object]) -> PricingTable:
        """Return the table with the user's own prices on top.

        Args:
            overrides: By the exact name of the model, the prices to replace, under ccusage's
                names (``inputCostPerToken``, ``cacheReadInputTokenCostAbove200kTokens``,
                ``fastMultiplier`` …) or LiteLLM's. The other prices of a listed model stay.
                Invalid ones are left out and listed in `PriceSource.refused`.
        """
        own = dict(self._own)
        refused = []
        for name, override in overrides.items():
            listed = self._entry(name)
            merged = {**listed} if isinstance(listed, Mapping) else {}
            try:
                override_entry(merged, override)
                parse_entry(merged)
            except BadPriceError as error:
                refused.append((name, str(error)))
            else:
                own[name] = merged
        used = len(overrides) - len(refused)
        source = self.source._replace(
            overridden=self.source.overridden + used,
            refused=(*self.source.refused, *refused),
        )
        return self._with(source, own)

    def _with(self, source: PriceSource, own: Mapping[str, object]) -> PricingTable:
        return PricingTable(self._base, source, others=self._others, own=own, earlier=self.earlier)

    def find(self, model: str) -> ModelPricing | None:
        """Return today's price of a model, or None if the list has none.

        The exact name comes first; for the rest see `spendlight.metering.price_search`.

        Args:
            model: The name as logged; case-sensitive.
        """
        try:
            return self._found[model]
        except KeyError:
            found = self._found[model] = self._search(model, self._price)
            return found

    @cached_property
    def history(self) -> PriceHistory:
        """The prices of models by date."""
        from spendlight.metering.price_history import PriceHistory

        return PriceHistory(self.earlier, self._search, self._price, self._own)

    def period_at(self, variant: ModelVariant, at_ms: int) -> tuple[int, int]:
        """Return from when until when the rates hold that a variant has at a moment.

        The end is exclusive; both are Unix milliseconds.
        """
        from spendlight.metering.price_history import ALL_TIME_MS

        return self.history.period_at(variant.name, at_ms) if variant.is_paid else ALL_TIME_MS

    def steps(self, models: Iterable[str]) -> tuple[int, ...]:
        """Return the moments at which the price of one of some models changes, ascending.

        Each is the beginning of a day in UTC, in Unix milliseconds.

        Args:
            models: The models that have been used, as logged.
        """
        return self.history.steps(model for model in models if ModelVariant(model).is_paid)

    def rates(
        self, variant: ModelVariant, context_threshold: int = 0, at_ms: int | None = None
    ) -> TokenRates | None:
        """Return the rates of a model, or None if its price is unknown.

        Args:
            variant: The model and what else decides its price; without a model it is free.
            context_threshold: Each of the requests read more tokens than this.
            at_ms: A moment of the requests, between which the price did not change, in Unix
                milliseconds; None for today's price.
        """
        index = _TODAY
        if at_ms is not None and variant.is_paid:
            index = self.history.index_at(variant.name, at_ms)
        try:
            return self._rates[variant, context_threshold, index]
        except KeyError:
            rates = self._rates[variant, context_threshold, index] = self._find_rates(
                variant, context_threshold, index
            )
            return rates

    def web_search_cost(self, variant: ModelVariant, requests: int) -> float | None:
        """Return the cost of web searches in dollars, or None if their price is unknown."""
        if not requests:
            return 0.0
        pricing = self.find(variant.name) if variant.is_paid else None
        if pricing is None or pricing.web_search_per_request is None:
            return None
        return requests * pricing.web_search_per_request

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The names of all models with a price, sorted."""
        return tuple(sorted(name for name in self._names if self._price(name)))

    @property
    def everyday_models(self) -> Collection[str]:
        """The names of the common models, whether they have a price or not."""
        return self._base.keys()

    @cached_property
    def skipped(self) -> Mapping[str, str]:
        """The entries that were left out: the reason by name."""
        for name in self._names:
            self._price(name)
        return dict(sorted(self._reasons.items()))

    def thresholds(self, models: Iterable[str]) -> tuple[int, ...]:
        """Return the context sizes beyond which a model may cost more, ascending.

        Separating sums by them takes time, so those of uncommon models are included only if the
        model has been used.

        Args:
            models: The models that have been used, as logged.
        """
        paid = [model for model in models if ModelVariant(model).is_paid]
        prices = [one.pricing for model in paid for one in self.history.of(model)]
        own = {tier.threshold_tokens for price in prices if price for tier in price.long_context}
        return tuple(sorted(own | self._everyday_thresholds))

    @cached_property
    def _everyday_thresholds(self) -> frozenset[int]:
        entries = (entry for entry in self._base.values() if isinstance(entry, Mapping))
        keys = {key for entry in entries for key in entry if "_above_" in key}
        found = (long_context_kind(key) for key in keys)
        return frozenset(threshold for _, threshold in filter(None, found))

    @cached_property
    def fingerprint(self) -> str:
        """An identifier of the prices themselves: the same for two lists with the same prices."""
        prices = ((name, self._price(name)) for name in sorted(self._raw))
        facts: list[object] = [(name, *_facts(price)) for name, price in prices if price]
        facts.append(self._others.fingerprint if self._others is not None else "")
        facts += [self.earlier.fingerprint] if self.earlier is not None else []
        return format(crc32(repr(facts).encode()), "08x")

    @property
    def _names(self) -> Collection[str]:
        return list(dict.fromkeys((*self._raw, *(self._others or ()))))

    @cached_property
    def _everyday_index(self) -> NameIndex:
        from spendlight.metering.model_names import NameIndex  # most are listed as logged

        return NameIndex(self._raw)

    @cached_property
    def _own_index(self) -> NameIndex:
        from spendlight.metering.model_names import NameIndex  # as above

        return NameIndex(self._own)

    @cached_property
    def _index(self) -> NameIndex:
        from spendlight.metering.model_names import NameIndex  # as above

        return NameIndex(self._names)

    def _find_rates(
        self, variant: ModelVariant, context_threshold: int, index: int
    ) -> TokenRates | None:
        if not variant.is_paid:
            return FREE
        is_today = index == _TODAY
        name = variant.name
        pricing = self.find(name) if is_today else self.history.of(name)[index].pricing
        if pricing is None:
            return None
        return pricing.rates(context_threshold, is_fast=variant.is_fast, geo=variant.geo)

    def _entry(self, name: str) -> object:
        entry = self._raw.get(name)
        return self._others.get(name) if entry is None and self._others is not None else entry

    def _price(self, name: str) -> ModelPricing | None:
        try:
            return self._prices[name]
        except KeyError:
            pass
        entry = self._entry(name) if name else None
        price = None
        if entry is not None:
            try:
                price = parse_entry(entry)
            except BadPriceError as error:
                self._reasons.setdefault(name, str(error))
            self._prices[name] = price
        return price

    def _search(self, model: str, price_of: PriceOf) -> ModelPricing | None:
        exact = price_of(model)
        if exact or not model or len(model) > MOST_CHARS:
            return exact
        from spendlight.metering.model_names import is_of_claude  # most are listed as logged
        from spendlight.metering.price_search import search, search_own

        found = search_own(model, self._own_index, self._own_price) if self._own else None
        if found is None and is_of_claude(model):
            found = search(model, self._everyday_index, price_of)
        return found or search(model, self._index, price_of)

    def _own_price(self, name: str) -> ModelPricing | None:
        return self._price(name) if name in self._own else None


def _facts(price: ModelPricing) -> tuple[object, ...]:
    """Return all values of a price, in a canonical order."""
    return (
        (price.input, price.output, price.cache_write, price.cache_read),
        tuple(map(tuple, price.long_context)),
        (price.fast_multiplier, sorted(price.geo_multipliers.items())),
        (price.web_search_per_request, price.context_window_tokens),
    )

"""A price list of one day: which model costs what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
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


class CostMode(StrEnum):
    """Whose word to take for the cost of an answer."""

    AUTO = "auto"
    CALCULATE = "calculate"
    DISPLAY = "display"


class PriceSource(NamedTuple):
    """Where a price list came from, so that a report can say which one priced it.

    Attributes:
        name: What it is, as in "LiteLLM list", or the name of the user's file.
        dated: The day, or the moment, from which it is; None where nobody knows.
        origin: How it came here, as in "shipped" or "fetched"; empty where the name says it.
        overridden: How many prices in it the user has replaced.
    """

    name: str
    dated: date | None = None
    origin: str = ""
    overridden: int = 0

    @property
    def words(self) -> str:
        """The words for a report, as in "LiteLLM list of 2026-11-20, shipped"."""
        words = self.name if self.dated is None else f"{self.name} of {self.dated:%Y-%m-%d}"
        if self.origin:
            words += f", {self.origin}"
        if self.overridden:
            words += f", {self.overridden} of your own"
        return words


class PricingTable:
    """A price list of one day.

    It is made at every start of the program and asked for a few models only, so an entry is
    read when it is first looked for.

    Attributes:
        source: Where the list came from.
    """

    def __init__(self, raw: Mapping[str, object], source: PriceSource) -> None:
        self.source = source
        self._raw = raw
        self._prices: dict[str, ModelPricing | None] = {}
        self._reasons: dict[str, str] = {}
        self._found: dict[str, ModelPricing | None] = {}
        self._rates: dict[tuple[ModelVariant, int], TokenRates | None] = {}

    @classmethod
    def from_litellm(
        cls,
        raw: Mapping[str, object],
        source: PriceSource,
        overrides: Mapping[str, Mapping[str, object]] | None = None,
    ) -> PricingTable:
        """Make a table of a list in the form of LiteLLM's.

        Args:
            raw: The models by name, as decoded from JSON. Entries that make no sense are left
                out and remembered in `skipped`.
            source: Where the list came from.
            overrides: The user's own prices, see `with_overrides`.

        Raises:
            PriceListError: No model in it has a price.
        """
        table = cls(raw, source)
        if not any(table._price(name) for name in raw):
            raise PriceListError(source.name, "it has no model with a price per token")
        return table.with_overrides(overrides) if overrides else table

    def with_overrides(self, overrides: Mapping[str, Mapping[str, object]]) -> PricingTable:
        """Return the table with prices of the user's own on top.

        Args:
            overrides: By the exact name of the model, the prices to replace, under ccusage's
                names (``inputCostPerToken``, ``cacheReadInputTokenCostAbove200kTokens``,
                ``fastMultiplier`` …) or LiteLLM's. The other prices of a model that the list
                knows stay. What makes no sense is left out and remembered in `skipped`.
        """
        raw = dict(self._raw)
        reasons = {}
        for name, override in overrides.items():
            listed = raw.get(name)
            merged = {**listed} if isinstance(listed, Mapping) else {}
            try:
                override_entry(merged, override)
                parse_entry(merged)
            except BadPriceError as error:
                reasons[name] = f"your own price: {error}"
            else:
                raw[name] = merged
        used = len(overrides) - len(reasons)
        table = PricingTable(raw, self.source._replace(overridden=self.source.overridden + used))
        table._reasons.update(reasons)
        return table

    def find(self, model: str) -> ModelPricing | None:
        """Return the price of a model, or None where the list has none.

        The exact name counts first, then the best of the `matching_names`.

        Args:
            model: The name as logged, upper and lower case told apart.
        """
        try:
            return self._found[model]
        except KeyError:
            found = self._found[model] = self._search(model)
            return found

    def rates(self, variant: ModelVariant, context_floor: int = 0) -> TokenRates | None:
        """Return what tokens of a model cost, or None where its price is unknown.

        Args:
            variant: The model and what else decides its price; what no model answered is free.
            context_floor: Each of the requests read more tokens than this.
        """
        try:
            return self._rates[variant, context_floor]
        except KeyError:
            rates = self._rates[variant, context_floor] = self._find_rates(variant, context_floor)
            return rates

    def web_search_cost(self, variant: ModelVariant, requests: int) -> float | None:
        """Return what web searches cost in dollars, or None where their price is unknown."""
        if not requests:
            return 0.0
        pricing = self.find(variant.name) if variant.is_paid else None
        if pricing is None or pricing.web_search_per_request is None:
            return None
        return requests * pricing.web_search_per_request

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The names of all models with a price, sorted."""
        return tuple(sorted(name for name in self._raw if self._price(name)))

    @cached_property
    def skipped(self) -> Mapping[str, str]:
        """What was left out, by name, and why."""
        for name in self._raw:
            self._price(name)
        return dict(sorted(self._reasons.items()))

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """All sizes of context beyond which any model may cost more, ascending."""
        entries = (entry for entry in self._raw.values() if isinstance(entry, Mapping))
        keys = {key for entry in entries for key in entry if "_above_" in key}
        found = (long_context_kind(key) for key in keys)
        return tuple(sorted({threshold for _, threshold in filter(None, found)}))

    @cached_property
    def fingerprint(self) -> str:
        """A name for the prices themselves: two lists with the same prices share it."""
        prices = ((name, self._prices[name]) for name in self.models)
        facts = [(name, *_facts(price)) for name, price in prices if price]
        return format(crc32(repr(facts).encode()), "08x")

    def _find_rates(self, variant: ModelVariant, context_floor: int) -> TokenRates | None:
        if not variant.is_paid:
            return FREE
        pricing = self.find(variant.name)
        if pricing is None:
            return None
        long = pricing.long_context
        is_long_context = long is not None and context_floor >= long.threshold_tokens
        return pricing.rates(
            is_long_context=is_long_context, is_fast=variant.is_fast, geo=variant.geo
        )

    def _price(self, name: str) -> ModelPricing | None:
        try:
            return self._prices[name]
        except KeyError:
            pass
        price = None
        if name and name in self._raw:
            try:
                price = parse_entry(self._raw[name])
            except BadPriceError as error:
                self._reasons.setdefault(name, str(error))
            self._prices[name] = price
        return price

    def _search(self, model: str) -> ModelPricing | None:
        exact = self._price(model)
        if exact:
            return exact
        from spendlight.metering.model_names import matching_names  # most are listed as logged

        prices = (self._price(name) for name in matching_names(model, self._raw))
        return next((price for price in prices if price), None)


def _facts(price: ModelPricing) -> tuple[object, ...]:
    """Return all that a price says, in an order that depends on nothing."""
    long = price.long_context
    return (
        (price.input, price.output, price.cache_write, price.cache_read),
        (long.threshold_tokens, long.input, long.output, long.cache_write, long.cache_read)
        if long
        else None,
        (price.fast_multiplier, sorted(price.geo_multipliers.items())),
        (price.web_search_per_request, price.context_window_tokens),
    )

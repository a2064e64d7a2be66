"""What tokens cost: dollars per token, model by model, as a price list of one day has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple
from zlib import crc32

from spendlight.errors import BadArgumentError, PriceListError
from spendlight.metering.entry import ModelVariant

ONE_HOUR_WRITE = 2.0
"""A cache write for one hour costs this many times an input token; no list needs to say so."""

DEFAULT_CACHE_WRITE = 1.25
"""A cache write for five minutes, in input tokens, where a list names no price for it."""

DEFAULT_CACHE_READ = 0.1
"""A cache read, in input tokens, where a list names no price for it."""

FAST = "fast"
"""The one key of LiteLLM's ``provider_specific_entry`` that is a speed; the others are places."""

_INPUT = "input_cost_per_token"
_OUTPUT = "output_cost_per_token"
_CACHE_WRITE = "cache_creation_input_token_cost"
_CACHE_READ = "cache_read_input_token_cost"
WINDOW = "max_input_tokens"
"""LiteLLM's name for how many tokens a model can read at once."""

MULTIPLIERS = "provider_specific_entry"
"""Its name for what multiplies the price: a speed, or a place."""

SEARCHES = "search_context_cost_per_query"
"""Its name for what a web search costs, by the size of what is read."""

MEDIUM_SEARCH = "search_context_size_medium"
"""The size that is asked for where nobody says otherwise."""

_PLAIN_KEYS = {_INPUT, _OUTPUT, _CACHE_WRITE, _CACHE_READ, WINDOW, MULTIPLIERS, SEARCHES}

_TOKEN_PRICES = (_INPUT, _OUTPUT, _CACHE_WRITE, _CACHE_READ)
_MOST_DIGITS = 6
"""No context is longer than that many thousands can say."""

_HUMP = r"(?<=[a-z])(?=[A-Z])|(?<=[Aa]bove)(?=[0-9])"
_QUOTED_PAIR = r'\s*"([^"\\]+)"\s*:\s*"([^"\\]+)"\s*'
"""Both are compiled when they are needed, as few people have prices or names of their own."""


class CostMode(StrEnum):
    """Whose word to take for the cost of an answer."""

    AUTO = "auto"
    CALCULATE = "calculate"
    DISPLAY = "display"


class TokenRates(NamedTuple):
    """Dollars per token, kind by kind as `TokenCounts` has them, for requests of one sort.

    Attributes:
        factor: What multiplies the cost of all kinds.
    """

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    factor: float

    def cost(self, tokens: Sequence[int]) -> float:
        """Return what tokens cost, in dollars.

        Args:
            tokens: A `TokenCounts` or the like: one request, or the sum of many of the same sort,
                as the price is linear.
        """
        a, b, c, d, e = tokens
        p, q, r, s, t, factor = self
        return (a * p + b * q + c * r + d * s + e * t) * factor


FREE: Final = TokenRates(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""What is due where no model answered."""


class LongContextPricing(NamedTuple):
    """Dollars per token of a request that reads more than the threshold.

    All of its tokens cost these prices, not only those beyond the threshold: that is how it
    is billed.
    """

    threshold_tokens: int
    input: float
    output: float
    cache_write: float
    cache_read: float


class ModelPricing(NamedTuple):
    """What one model costs.

    Attributes:
        input: Dollars per token, as `output`, `cache_write` (for five minutes) and
            `cache_read` are.
        long_context: The prices beyond a threshold, where the list names one.
        fast_multiplier: What the fast speed multiplies the cost by.
        geo_multipliers: The same for each ``inference_geo`` that costs more.
        web_search_per_request: Dollars for one search; None where the list names no price.
        context_window_tokens: The most the model can read; None where the list does not say.
    """

    input: float
    output: float
    cache_write: float
    cache_read: float
    long_context: LongContextPricing | None = None
    fast_multiplier: float = 1.0
    geo_multipliers: Mapping[str, float] = MappingProxyType({})
    web_search_per_request: float | None = None
    context_window_tokens: int | None = None

    def is_long_context(self, context_tokens: int) -> bool:
        """Whether a request that reads so many tokens is billed at the long-context price."""
        return self.long_context is not None and context_tokens > self.long_context.threshold_tokens

    def rates(self, *, is_long_context: bool, is_fast: bool = False, geo: str = "") -> TokenRates:
        """Return the prices of requests of one sort.

        Args:
            is_long_context: Whether the requests passed the threshold, each by itself.
            is_fast: Whether they ran at the fast speed.
            geo: Where they ran, if that was asked for.
        """
        long = self.long_context if is_long_context else None
        price = self if long is None else long
        return TokenRates(
            price.input,
            price.output,
            price.cache_write,
            ONE_HOUR_WRITE * price.input,
            price.cache_read,
            (self.fast_multiplier if is_fast else 1.0) * self.geo_multipliers.get(geo, 1.0),
        )


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
                _override(merged, override)
                _parse(merged)
            except _BadPriceError as error:
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
        found = (_long_context_kind(key) for key in keys)
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
                price = _parse(self._raw[name])
            except _BadPriceError as error:
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


def parse_aliases(text: str) -> dict[str, str]:
    """Read other names for models, as ``CCUSAGE_MODEL_ALIASES`` gives them.

    Args:
        text: ``logged=other,logged=other`` or a JSON object of strings; a backslash has no
            place in the name of a model.

    Returns:
        The name to use, by the name as logged.

    Raises:
        BadArgumentError: It is neither.
    """
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        inside = text[1:-1].strip()
        matches = [re.fullmatch(_QUOTED_PAIR, part) for part in inside.split(",")] if inside else []
        pairs = [(match[1], match[2]) if match else ("", "") for match in matches]
    else:
        parts = [part.partition("=") for part in text.split(",") if part.strip()]
        pairs = [(name.strip(), other.strip()) for name, _, other in parts]
    if not all(name and other and "=" not in other for name, other in pairs):
        title = f"These model aliases make no sense: {text}"
        advice = 'Write them as logged=other,logged=other or as {"logged": "other"}.'
        raise BadArgumentError(title, advice)
    return dict(pairs)


class _BadPriceError(ValueError):
    """An entry of a price list that makes no sense."""

    def __init__(self, subject: str, problem: str) -> None:
        super().__init__(f"{subject} {problem}")


def _parse(entry: object) -> ModelPricing:
    if not isinstance(entry, Mapping):
        raise _BadPriceError(repr(entry), "is no object")
    base_input = _number(entry, _INPUT)
    base_output = _number(entry, _OUTPUT)
    if base_input is None or base_output is None:
        raise _BadPriceError(_INPUT if base_input is None else _OUTPUT, "is missing")
    cache_write = _number(entry, _CACHE_WRITE)
    cache_read = _number(entry, _CACHE_READ)
    cache_write = base_input * DEFAULT_CACHE_WRITE if cache_write is None else cache_write
    cache_read = base_input * DEFAULT_CACHE_READ if cache_read is None else cache_read
    multipliers = _multipliers(entry)
    searches = _numbers(entry, SEARCHES)
    window = _number(entry, WINDOW)
    return ModelPricing(
        input=base_input,
        output=base_output,
        cache_write=cache_write,
        cache_read=cache_read,
        long_context=_long_context(entry, (base_input, base_output, cache_write, cache_read)),
        fast_multiplier=multipliers.pop(FAST, 1.0),
        geo_multipliers=multipliers,
        web_search_per_request=searches.get(MEDIUM_SEARCH, next(iter(searches.values()), None)),
        context_window_tokens=None if window is None else int(window),
    )


def _long_context(
    entry: Mapping[str, object], base: tuple[float, float, float, float]
) -> LongContextPricing | None:
    """Return the prices beyond the lowest threshold that an entry names; no list names two."""
    by_threshold: dict[int, dict[str, float]] = {}
    for key in entry:
        found = _long_context_kind(key)
        price = _number(entry, key) if found else None
        if found and price is not None:
            kind, threshold = found
            by_threshold.setdefault(threshold, {})[kind] = price
    if not by_threshold:
        return None
    threshold = min(by_threshold)
    prices = by_threshold[threshold]
    kinds = zip(_TOKEN_PRICES, base, strict=True)
    return LongContextPricing(threshold, *(prices.get(kind, price) for kind, price in kinds))


def _long_context_kind(key: str) -> tuple[str, int] | None:
    """Return which price a key of a list names, and from how many tokens on; None for others."""
    kind, _, size = key.partition("_above_")
    thousands = size.removesuffix("k_tokens")
    is_number = thousands.isdecimal() and thousands.isascii() and thousands[0] != "0"
    if kind not in _TOKEN_PRICES or thousands == size or not is_number:
        return None
    return (kind, int(thousands) * 1000) if len(thousands) <= _MOST_DIGITS else None


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


def _number(entry: Mapping[str, object], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if (type(value) is float or type(value) is int) and value >= 0:
        return float(value)
    raise _BadPriceError(key, "is no price")


def _numbers(entry: Mapping[str, object], key: str) -> dict[str, float]:
    values = _mapping(entry, key)
    numbers = ((name, _number(values, name)) for name in values)
    return {name: number for name, number in numbers if number is not None}


def _multipliers(entry: Mapping[str, object]) -> dict[str, float]:
    """Return what multiplies a price; LiteLLM keeps other things in the same place."""
    values = _mapping(entry, MULTIPLIERS)
    names = (name for name, value in values.items() if name == FAST or type(value) in {int, float})
    numbers = ((name, _number(values, name)) for name in names)
    return {name: number for name, number in numbers if number is not None}


def _mapping(entry: Mapping[str, object], key: str) -> Mapping[str, object]:
    values = entry.get(key)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise _BadPriceError(key, "is no object")
    return values


def _override(entry: dict[str, object], override: object) -> None:
    """Put a user's own prices into an entry of the list, whichever names they go by."""
    if not isinstance(override, Mapping):
        raise _BadPriceError(repr(override), "is no object")
    for key, value in override.items():
        name = re.sub(_HUMP, "_", key).lower()
        if name == "fast_multiplier":
            entry[MULTIPLIERS] = {**_mapping(entry, MULTIPLIERS), FAST: value}
        elif name in _PLAIN_KEYS or _long_context_kind(name):
            entry[name] = value
        else:
            raise _BadPriceError(key, "is the name of no price")

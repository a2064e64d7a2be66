"""Reads prices in the form of LiteLLM's list, and puts a user's own into it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from spendlight.metering.model_pricing import LongContextPricing, ModelPricing

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
"""Compiled when it is needed, as few people have prices of their own."""


class BadPriceError(ValueError):
    """An entry of a price list that makes no sense."""

    def __init__(self, subject: str, problem: str) -> None:
        super().__init__(f"{subject} {problem}")


def parse_entry(entry: object) -> ModelPricing:
    """Return what one model of a list costs.

    Raises:
        BadPriceError: If that cannot be said.
    """
    if not isinstance(entry, Mapping):
        raise BadPriceError(repr(entry), "is no object")
    base_input = _number(entry, _INPUT)
    base_output = _number(entry, _OUTPUT)
    if base_input is None or base_output is None:
        raise BadPriceError(_INPUT if base_input is None else _OUTPUT, "is missing")
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
        found = long_context_kind(key)
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


def long_context_kind(key: str) -> tuple[str, int] | None:
    """Return which price a key of a list names, and from how many tokens on; None for others."""
    kind, _, size = key.partition("_above_")
    thousands = size.removesuffix("k_tokens")
    is_number = thousands.isdecimal() and thousands.isascii() and thousands[0] != "0"
    if kind not in _TOKEN_PRICES or thousands == size or not is_number:
        return None
    return (kind, int(thousands) * 1000) if len(thousands) <= _MOST_DIGITS else None


def _number(entry: Mapping[str, object], key: str) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if (type(value) is float or type(value) is int) and value >= 0:
        return float(value)
    raise BadPriceError(key, "is no price")


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
        raise BadPriceError(key, "is no object")
    return values


def override_entry(entry: dict[str, object], override: object) -> None:
    """Put a user's own prices into an entry of the list, whichever names they go by.

    Raises:
        BadPriceError: If one of them makes no sense.
    """
    if not isinstance(override, Mapping):
        raise BadPriceError(repr(override), "is no object")
    for key, value in override.items():
        name = re.sub(_HUMP, "_", key).lower()
        if name == "fast_multiplier":
            entry[MULTIPLIERS] = {**_mapping(entry, MULTIPLIERS), FAST: value}
        elif name in _PLAIN_KEYS or long_context_kind(name):
            entry[name] = value
        else:
            raise BadPriceError(key, "is the name of no price")

"""Reads prices in the format of LiteLLM's list, and merges a user's own prices into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from spendlight.metering.model_pricing import LongContextPricing, ModelPricing

DEFAULT_CACHE_WRITE = 1.25
"""The price of a five-minute cache write, in input tokens, if a list has none."""

DEFAULT_CACHE_READ = 0.1
"""The price of a cache read, in input tokens, if a list has none."""

FAST = "fast"
"""The only key of LiteLLM's ``provider_specific_entry`` that is a speed; the others are regions."""

INPUT = "input_cost_per_token"
OUTPUT = "output_cost_per_token"
CACHE_WRITE = "cache_creation_input_token_cost"
CACHE_READ = "cache_read_input_token_cost"
WINDOW = "max_input_tokens"
"""LiteLLM's key for how many tokens a model can read at once."""

MULTIPLIERS = "provider_specific_entry"
"""Its key for multipliers of the price: a speed or a region."""

SEARCHES = "search_context_cost_per_query"
"""Its key for the price of a web search, by the amount of text that is read."""

MEDIUM_SEARCH = "search_context_size_medium"
"""The default amount."""

TIERS = "tiered_pricing"
"""Its key for prices by context size, one object for each range of sizes."""

RETIRED = "retired"
"""Our mark on a model that LiteLLM no longer lists; its last prices follow."""

MOST_DOLLARS = 0.01
"""No token costs more; a higher price is probably meant in dollars per million tokens.

The most expensive output costs 6e-4.
"""

MOST_FOR_A_SEARCH = 10.0
"""In dollars; at present a search costs a few cents."""

MOST_TIMES = 1000.0
"""No speed and no region multiplies a price by more; at present the highest is 6."""

MOST_TOKENS = 10**9
"""No model reads more at once; at present the most is some millions."""

_TOKEN_PRICES = (INPUT, OUTPUT, CACHE_WRITE, CACHE_READ)
_PLAIN_KEYS = {*_TOKEN_PRICES, WINDOW, MULTIPLIERS, SEARCHES}

_SAME_RATIO = 0.01

_MOST_DIGITS = 6
"""The most digits of a context size in thousands."""

_SHOWN_CHARS = 40

_HUMP = r"(?<=[a-z])(?=[A-Z])|(?<=[Aa]bove)(?=[0-9])"
"""Compiled on demand, as few people have prices of their own."""


class BadPriceError(ValueError):
    """An invalid entry of a price list.

    Attributes:
        is_price: Whether the price of a token is invalid, as opposed to missing.
    """

    def __init__(self, subject: str, problem: str, *, is_price: bool = False) -> None:
        super().__init__(f"{subject} {problem}")
        self.is_price = is_price


def parse_entry(entry: object) -> ModelPricing:
    """Return the prices of one model of a list.

    Raises:
        BadPriceError: If they are missing or invalid.
    """
    if not isinstance(entry, Mapping):
        raise BadPriceError(_shown(entry), "is not an object")
    if TIERS in entry:
        entry = without_tiers(entry)
    base_input = _number(entry, INPUT)
    base_output = _number(entry, OUTPUT)
    if base_input is None or base_output is None:
        missing = INPUT if base_input is None else OUTPUT
        raise BadPriceError(missing, "is missing")
    cache_write = _number(entry, CACHE_WRITE)
    cache_read = _number(entry, CACHE_READ)
    cache_write = base_input * DEFAULT_CACHE_WRITE if cache_write is None else cache_write
    cache_read = base_input * DEFAULT_CACHE_READ if cache_read is None else cache_read
    multipliers = _multipliers(entry)
    searches = _searches(entry)
    window = _number(entry, WINDOW, MOST_TOKENS)
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
) -> tuple[LongContextPricing, ...]:
    """Return the prices beyond each threshold; those that are missing are the same as below it."""
    by_threshold: dict[int, dict[str, float]] = {}
    for key in entry:
        found = long_context_kind(key)
        price = _number(entry, key) if found else None
        if found and price is not None:
            kind, threshold = found
            by_threshold.setdefault(threshold, {})[kind] = price
    tiers = []
    for threshold in sorted(by_threshold):
        prices = by_threshold[threshold]
        kinds = zip(_TOKEN_PRICES, base, strict=True)
        tier = LongContextPricing(threshold, *(prices.get(kind, below) for kind, below in kinds))
        tiers.append(tier)
        base = tier[1:]
    return tuple(tiers)


def long_context_kind(key: str) -> tuple[str, int] | None:
    """Return which price a key of a list names, and beyond how many tokens; None for other keys."""
    kind, _, size = key.partition("_above_")
    thousands = size.removesuffix("k_tokens")
    is_number = thousands.isdecimal() and thousands.isascii() and thousands[0] != "0"
    if kind not in _TOKEN_PRICES or thousands == size or not is_number:
        return None
    return (kind, int(thousands) * 1000) if len(thousands) <= _MOST_DIGITS else None


def priority_multiplier(entry: Mapping[str, object]) -> float | None:
    """Return by what LiteLLM's prices of the service tier "priority" exceed the others, if at all.

    OpenAI asks the same multiple of each price; Codex calls the tier "fast". With different
    multiples there is none.
    """
    ratios = []
    for key in (INPUT, OUTPUT):
        usual, price = entry.get(key), entry.get(f"{key}_priority")
        if not (isinstance(usual, int | float) and isinstance(price, int | float) and usual):
            return None
        ratios.append(price / usual)
    first, second = ratios
    is_one = abs(first - second) < _SAME_RATIO * first and first <= MOST_TIMES
    return round(first, 6) if is_one else None


def is_price_key(key: str) -> bool:
    """Return whether a key of a list names the price of a token."""
    return key in _TOKEN_PRICES or long_context_kind(key) is not None


def without_tiers(entry: Mapping[str, object]) -> dict[str, object]:
    """Return an entry whose prices by ranges of context sizes are rewritten as thresholds.

    The range that a request falls in decides the price of all its tokens, as Alibaba and
    Volcengine bill. A range that does not begin at whole thousands is left out.
    """
    flat = {key: value for key, value in entry.items() if key != TIERS}
    for tier, thousands in _tiers(entry.get(TIERS)):
        above = f"_above_{thousands}k_tokens" if thousands else ""
        flat |= {kind + above: tier[kind] for kind in _TOKEN_PRICES if kind in tier}
    return flat


def _tiers(value: object) -> Iterator[tuple[Mapping[str, object], int]]:
    for tier in value if isinstance(value, list) else []:
        bounds = tier.get("range") if isinstance(tier, Mapping) else None
        start = bounds[0] if isinstance(bounds, list) and bounds else None
        if not isinstance(start, int | float) or not 0 <= start <= MOST_TOKENS:
            continue
        if start % 1000 == 0:
            yield tier, int(start) // 1000


def _number(entry: Mapping[str, object], key: str, most: float = MOST_DOLLARS) -> float | None:
    value = entry.get(key)
    if value is None:
        return None
    if (type(value) is float or type(value) is int) and 0 <= value <= most:
        return float(value)
    is_price = most == MOST_DOLLARS
    if is_price and (type(value) is float or type(value) is int) and value > most:
        raise BadPriceError(key, f"is more than ${most} for one token", is_price=True)
    raise BadPriceError(key, "is not a price", is_price=is_price)


def _searches(entry: Mapping[str, object]) -> dict[str, float]:
    values = _mapping(entry, SEARCHES)
    numbers = ((name, _number(values, name, MOST_FOR_A_SEARCH)) for name in values)
    return {name: number for name, number in numbers if number is not None}


def _multipliers(entry: Mapping[str, object]) -> dict[str, float]:
    """Return the multipliers of a price; LiteLLM keeps other things in the same object."""
    values = _mapping(entry, MULTIPLIERS)
    names = (name for name, value in values.items() if name == FAST or type(value) in {int, float})
    numbers = ((name, _number(values, name, MOST_TIMES)) for name in names)
    found = {name: number for name, number in numbers if number is not None}
    if FAST not in found and (fast := priority_multiplier(entry)) is not None:
        found[FAST] = fast
    return found


def _mapping(entry: Mapping[str, object], key: str) -> Mapping[str, object]:
    values = entry.get(key)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise BadPriceError(key, "is not an object")
    return values


def _shown(value: object) -> str:
    if type(value) is int and abs(value) >= 10**_SHOWN_CHARS:  # too long to convert
        return "a huge number"
    return repr(value)[:_SHOWN_CHARS]


def override_entry(entry: dict[str, object], override: object) -> None:
    """Merge a user's own prices into an entry of the list, under either spelling of the keys.

    Raises:
        BadPriceError: If one of them is invalid.
    """
    if not isinstance(override, Mapping):
        raise BadPriceError(_shown(override), "is not an object")
    for key, value in override.items():
        name = re.sub(_HUMP, "_", key).lower()
        if name == "fast_multiplier":
            entry[MULTIPLIERS] = {**_mapping(entry, MULTIPLIERS), FAST: value}
        elif name in _PLAIN_KEYS or long_context_kind(name):
            entry[name] = value
        else:
            raise BadPriceError(key, "is not a known price")

"""Selects the relevant part of LiteLLM's list: chat models, and the prices of their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spendlight.metering.litellm import (
    FAST,
    INPUT,
    MEDIUM_SEARCH,
    MULTIPLIERS,
    OUTPUT,
    RETIRED,
    SEARCHES,
    TIERS,
    WINDOW,
    BadPriceError,
    is_price_key,
    long_context_kind,
    parse_entry,
    priority_multiplier,
    without_tiers,
)
from spendlight.metering.model_names import LOCAL_SELLERS, identity, maker_of, seller_of
from spendlight.metering.pricing import MOST_CHARS
from spendlight.pricelist.files import Models

CLAUDE = re.compile(r"(?:(?:[a-z-]+\.)?anthropic\.|vertex_ai/)?claude-")
"""Claude's models under the names that Claude Code itself logs: Anthropic, Bedrock, Vertex."""

MODES = frozenset({"chat", "completion", "responses"})
"""LiteLLM's modes of other models to keep; the rest are for images, speech or ranking."""

LOWEST_DOLLARS = 1e-10
"""The lowest plausible price of a token of Claude's; the cheapest cache read is 1e-8."""


class Selection(NamedTuple):
    """The relevant part of a list.

    Attributes:
        claude: Claude's models, by Claude Code's names.
        others: All others.
    """

    claude: Models
    others: Models


def select_models(raw: Mapping[str, object]) -> Selection:
    """Return the relevant part of LiteLLM's list.

    Models without a valid price per token are left out, and those listed as free only because their
    price is unknown: free are only local servers and what a maker itself offers for free.

    Args:
        raw: The whole list.
    """
    claude: Models = {}
    others: Models = {}
    for name, entry in raw.items():
        if not isinstance(entry, Mapping) or len(name) > MOST_CHARS or not name.isprintable():
            continue
        kept = _kept(entry)
        if not _makes_sense(kept):
            continue
        if CLAUDE.match(name):
            claude[name] = kept
        elif entry.get("mode") in MODES and (kept[INPUT] or kept[OUTPUT] or _is_free(name)):
            others[name] = kept
    return Selection(claude, others)


def _kept(entry: Mapping[str, object]) -> dict[str, object]:
    if TIERS in entry:
        entry = without_tiers(entry)
    kept = {key: value for key, value in entry.items() if key == WINDOW or is_price_key(key)}
    multipliers = entry.get(MULTIPLIERS)
    fast = priority_multiplier(entry)
    numbers = {} if fast is None else {FAST: fast}
    if isinstance(multipliers, Mapping):
        given = {key: value for key, value in multipliers.items() if type(value) in {int, float}}
        numbers |= given
    if numbers:
        kept[MULTIPLIERS] = numbers
    searches = entry.get(SEARCHES)
    if isinstance(searches, Mapping) and searches:
        size = MEDIUM_SEARCH if MEDIUM_SEARCH in searches else next(iter(searches))
        kept[SEARCHES] = {size: searches[size]}
    return kept


def _makes_sense(entry: Mapping[str, object]) -> bool:
    try:
        parse_entry(entry)
    except BadPriceError:
        return False
    return True


def _is_free(name: str) -> bool:
    seller = seller_of(name)
    return seller in LOCAL_SELLERS or seller == maker_of(identity(name))


def is_sane(entry: Mapping[str, object]) -> bool:
    """Return whether the prices of one of Claude's models are plausible."""
    try:
        price = parse_entry(entry)
    except BadPriceError:
        return False
    prices = (price.input, price.output, price.cache_write, price.cache_read)
    return all(dollars >= LOWEST_DOLLARS for dollars in prices)


def merge_models(
    known: Mapping[str, Mapping[str, object]], fresh: Mapping[str, Mapping[str, object]]
) -> Models:
    """Return a fresh list, supplemented by the last prices of what is no longer sold.

    LiteLLM removes models and terms when they are withdrawn, but old logs still need them: a model,
    a fast speed or a region that the fresh list no longer has, and a long-context price for
    contexts that the model can no longer read.

    Args:
        known: The known list.
        fresh: The new list, which takes precedence.
    """
    merged: Models = {
        name: {**entry, RETIRED: True} for name, entry in known.items() if name not in fresh
    }
    for name, entry in fresh.items():
        merged[name] = {**dict(_withdrawn(known.get(name, {}), entry)), **entry}
        multipliers = {
            **_mapping(known.get(name, {}), MULTIPLIERS),
            **_mapping(entry, MULTIPLIERS),
        }
        if multipliers:
            merged[name][MULTIPLIERS] = multipliers
    return dict(sorted(merged.items()))


def _withdrawn(
    known: Mapping[str, object], fresh: Mapping[str, object]
) -> Iterator[tuple[str, object]]:
    window = fresh.get(WINDOW)
    if not isinstance(window, int) or any("_above_" in key for key in fresh):
        return
    for key, price in known.items():
        found = long_context_kind(key)
        if found and found[1] >= window:
            yield key, price


def _mapping(entry: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = entry.get(key)
    return value if isinstance(value, Mapping) else {}

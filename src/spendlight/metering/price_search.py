"""Finds the price of a model that a list does not name exactly; a price is never invented.

These are tried in order; if none applies, the price is unknown:

1. The name without options in brackets and without sellers: ``x/claude-opus-5[1m]``.
2. A name of Claude's: the longest listed name that is part of it, like ccusage 20.0.24.
3. The same model under other names: of the seller that the name begins with, or without a seller,
   or of its maker, or else the price that most sellers ask, or the median.
4. ``opus``, ``sonnet`` and similar: the longest listed name that contains it, like ccusage.
5. The same without the thinking effort.
6. Longer names that begin with this one, if all have the same price.

OpenRouter's names that end with ``:free`` cost nothing. Otherwise a price of 0 is accepted only if
the name is listed exactly, or from the maker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from spendlight.metering.model_names import is_of_claude, sellers, spellings, without_effort
from spendlight.metering.model_pricing import ModelPricing
from spendlight.metering.standing_names import periods_of

if TYPE_CHECKING:
    from spendlight.metering.model_names import NameIndex

    PriceOf = Callable[[str], ModelPricing | None]

_NOTHING = ModelPricing(0.0, 0.0, 0.0, 0.0)
_FREE = ":free"


def search(model: str, index: NameIndex, price_of: PriceOf) -> ModelPricing | None:
    """Return the price of a model, or None if it is unknown.

    Args:
        model: The name as logged.
        index: The names in the list.
        price_of: Returns the list's price for a name, if it has one.
    """
    found = _first(spellings(model), price_of)
    if found is None and (periods := periods_of(model)):
        return price_of(periods[-1][1])
    if found is None and model.endswith(_FREE):
        return _NOTHING
    if found is None and is_of_claude(model):
        found = _first(index.inside(model), price_of)
    found = found or _same(model, index, price_of) or _first(index.family(model), price_of)
    if found is None and (shorter := without_effort(model)) != model:
        return search(shorter, index, price_of)
    return found or _beginning(model, index, price_of)


def search_own(model: str, index: NameIndex, price_of: PriceOf) -> ModelPricing | None:
    """Return the price of a model from the few names in a user's own list, without guessing."""
    return _first(spellings(model), price_of) or _same(model, index, price_of)


def _first(names: Iterable[str], price_of: PriceOf) -> ModelPricing | None:
    return next((price for name in names if (price := price_of(name))), None)


def _same(model: str, index: NameIndex, price_of: PriceOf) -> ModelPricing | None:
    same = index.same(model)
    for group in same.trusted:
        prices = [price for name in group if (price := price_of(name))]
        if prices and len({_rounded(price) for price in prices}) == 1:
            return prices[0]
    return _most_asked(same.for_sale, price_of)


def _beginning(model: str, index: NameIndex, price_of: PriceOf) -> ModelPricing | None:
    prices = [_most_asked(sellers(names), price_of) for names in index.longer(model)]
    if None in prices or len({_rounded(price) for price in prices if price}) != 1:
        return None
    return prices[0]


def _most_asked(names: Iterable[str], price_of: PriceOf) -> ModelPricing | None:
    """Return the price that most sellers ask; if there is no such price, the median."""
    prices = [price for name in names if (price := price_of(name))]
    prices = sorted((p for p in prices if p.input or p.output), key=lambda price: price[:4])
    asked: dict[tuple[str, ...], list[ModelPricing]] = {}
    for price in prices:
        asked.setdefault(_rounded(price), []).append(price)
    ranked = sorted(asked.values(), key=len, reverse=True)
    if len(ranked) > 1 and len(ranked[0]) == len(ranked[1]):
        return _middle(prices)
    return _middle(ranked[0]) if ranked else None


def _middle(prices: list[ModelPricing]) -> ModelPricing:
    return prices[(len(prices) - 1) // 2]


def _rounded(price: ModelPricing) -> tuple[str, ...]:
    """Return the prices to compare, without errors from conversions."""
    long = (
        f"{tier.threshold_tokens} {tier.input:.2e} {tier.output:.2e}" for tier in price.long_context
    )
    return (f"{price.input:.2e}", f"{price.output:.2e}", *long)

"""What the same tokens would have cost with the next cheaper model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.entry import ModelVariant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.leaks import Request
    from spendlight.metering.pricing import PricingTable

_CLAUDE: Final = re.compile(r"claude-([a-z]+)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?")
"""The names of Claude's models: family, version, and perhaps a date."""


_FIRST_VERSION: Final = 4
"""From this version on names have this form; older ones are retired, and no choice any more."""

_CLEARLY: Final = 1 - 1e-9
"""Two models with the same prices must not differ by the noise of floating point."""


class Comparison(NamedTuple):
    """One model and the next cheaper one.

    Attributes:
        label: The model as reports show it.
        cheaper: The model whose price for these tokens is the highest that is lower.
        answers: How many answers are compared.
        tokens: Their tokens.
        cost: What they cost at list prices, in dollars.
        cheaper_cost: What they would have cost.
        left_out: How many answers are not compared, as their context is longer than the cheaper
            model can read.
    """

    label: str
    cheaper: str
    answers: int
    tokens: int
    cost: float
    cheaper_cost: float
    left_out: int


def comparisons(
    requests: Iterable[Request], prices: PricingTable, candidates: Sequence[str]
) -> list[Comparison]:
    """Return each model with the next cheaper one, if there is one; the greatest difference first.

    Another model would have used other tokens for the same work, so this is not a forecast.

    Args:
        requests: The answers.
        prices: The price list.
        candidates: The names of the models to compare with.
    """
    by_label: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        if request.is_wanted and request.variant.is_paid:
            by_label[request.variant.label].append(request)
    compared = [
        one
        for label, found in by_label.items()
        if (one := _compared(label, found, prices, candidates)) is not None
    ]
    return sorted(compared, key=lambda one: (one.cheaper_cost - one.cost, one.label))


def newest_claude_models(names: Iterable[str]) -> list[str]:
    """Return the newest model of each of Claude's families.

    >>> newest_claude_models(["claude-opus-4-1", "claude-opus-4-5-20251101", "claude-haiku-4-5"])
    ['claude-haiku-4-5', 'claude-opus-4-5-20251101']
    """
    newest: dict[str, tuple[tuple[int, int], int, str]] = {}
    for name in names:
        found = _CLAUDE.fullmatch(name)
        if found is not None and int(found[2]) >= _FIRST_VERSION:
            version = (int(found[2]), int(found[3] or 0))
            newest[found[1]] = max(
                newest.get(found[1], ((0, 0), 0, "")), (version, -len(name), name)
            )
    return sorted(name for *_, name in newest.values())


def _compared(
    label: str, requests: Sequence[Request], prices: PricingTable, candidates: Sequence[str]
) -> Comparison | None:
    everything = _sums(requests, prices)
    own = _cost(everything, prices)
    if own is None:
        return None
    costs = {
        name: cost
        for name in candidates
        if (cost := _cost(everything, prices, name)) is not None and cost < own * _CLEARLY
    }
    if not costs:
        return None
    cheaper = max(costs, key=lambda name: (costs[name], name))
    pricing = prices.find(cheaper)
    window = pricing.context_window_tokens if pricing is not None else None
    kept = [request for request in requests if window is None or request.tokens.context <= window]
    compared = _sums(kept, prices)
    return Comparison(
        label,
        cheaper,
        len(kept),
        sum(map(sum, compared.values())),
        _cost(compared, prices) or 0.0,
        _cost(compared, prices, cheaper) or 0.0,
        len(requests) - len(kept),
    )


_Sums = dict[tuple[ModelVariant, int, int], Sequence[int]]
"""Tokens in the order of `TokenCounts`, by what decides their price; the last is since when."""


def _sums(requests: Iterable[Request], prices: PricingTable) -> _Sums:
    """Return the tokens of answers, as a price is linear in them."""
    found: dict[tuple[ModelVariant, int, int], list[tuple[int, ...]]] = defaultdict(list)
    for request in requests:
        since_ms, _ = prices.period_at(request.variant, request.at_ms)
        found[request.variant, request.context_threshold, since_ms].append(request.tokens)
    return {key: tuple(map(sum, zip(*each, strict=True))) for key, each in found.items()}


def _cost(sums: _Sums, prices: PricingTable, name: str = "") -> float | None:
    """Return the cost of answers in dollars, None if a price is unknown.

    Args:
        sums: Their tokens.
        prices: The price list.
        name: The model that is paid for, at its normal speed; "" means the one that answered.
    """
    total = 0.0
    for (variant, context_threshold, since_ms), tokens in sums.items():
        paid = ModelVariant(name, geo=variant.geo) if name else variant
        rates = prices.rates(paid, context_threshold, since_ms)
        if rates is None:
            return None
        total += rates.cost(tokens)
    return total

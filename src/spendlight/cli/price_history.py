"""Prints what a model has cost: its prices by day, and where each is from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from spendlight.cli import json_out, terminal
from spendlight.names import name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.metering.model_pricing import LongContextPricing, ModelPricing
    from spendlight.metering.price_history import DatedPrice
    from spendlight.metering.pricing import PricingTable

    Json = dict[str, object]

_PER_MILLION: Final = 1e6
_KINDS: Final = {
    "input": "inputCostPerToken",
    "output": "outputCostPerToken",
    "cache_write": "cacheCreationInputTokenCost",
    "cache_read": "cacheReadInputTokenCost",
}


def run(prices: PricingTable, model: str, *, as_json: bool) -> int:
    """Print the prices of a model, and return the exit code: 1 if it has none."""
    found = prices.history.of(model)
    is_known = any(price.pricing is not None for price in found)
    since = None if prices.earlier is None else prices.earlier.since
    if as_json:
        told = {
            "model": model,
            "prices": [_json(price, prices) for price in found if price.pricing is not None],
            "stepsSince": None if since is None else since.isoformat(),
        }
        terminal.say_json(json_out.to_text(told))
        return 0 if is_known else 1
    if not is_known:
        terminal.complain(f"There is no price for {name(model)}")
        return 1
    terminal.say(f"{name(model)}, in dollars per million tokens:", *_lines(found, prices))
    if len(found) == 1 and since is not None:
        terminal.say(f"No change is known since {since}: this price is used for all time.")
    return 0


def _lines(found: Sequence[DatedPrice], prices: PricingTable) -> Iterator[str]:
    for number, price in enumerate(found):
        begin = day_of(price.from_ms) if number else ""
        end = day_of(found[number + 1].from_ms) if number + 1 < len(found) else ""
        when = f"from {begin}" if begin else f"before {end}" if end else "always"
        source = price.source or prices.source.words
        if price.pricing is None:
            yield f"  {when}: not known"
            continue
        yield f"  {when}: {_words(price.pricing)} ({source})"
        yield from (
            f"    above {tier.threshold_tokens:,} tokens of context: {_words(tier)}"
            for tier in price.pricing.long_context
        )


def _words(pricing: ModelPricing | LongContextPricing) -> str:
    return ", ".join(
        f"{kind.replace('_', ' ')} {getattr(pricing, kind) * _PER_MILLION:,.6g}" for kind in _KINDS
    )


def _json(price: DatedPrice, prices: PricingTable) -> Json:
    pricing = price.pricing
    assert pricing is not None  # noqa: S101  # the caller's
    return {
        "from": day_of(price.from_ms) if price.from_ms else None,
        "source": price.source or prices.source.words,
        **_costs(pricing),
        "longContext": [
            {"thresholdTokens": tier.threshold_tokens, **_costs(tier)}
            for tier in pricing.long_context
        ],
    }


def _costs(pricing: ModelPricing | LongContextPricing) -> Json:
    return {key: getattr(pricing, kind) for kind, key in _KINDS.items()}


def day_of(at_ms: int) -> str:
    """Return a day in UTC as text."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"

"""Prints which price list is in force, after fetching a newer one if that is due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal
from spendlight.cli.price_history import day_of
from spendlight.cli.words import counted, refused
from spendlight.cli.world import tracker_options
from spendlight.metering.entry import ModelVariant
from spendlight.names import name, shown
from spendlight.tracker.tracker import UsageTracker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spendlight.cli.arguments import Arguments
    from spendlight.metering.pricing import PricingTable


def run(arguments: Arguments) -> int:
    """Print which list is in force, and return the exit code.

    Raises:
        UsageError: If there is no list.
    """
    tracker = UsageTracker.open(tracker_options(arguments))
    if arguments.history is not None:
        from spendlight.cli.price_history import run as run_history  # rarely asked for

        return run_history(tracker.prices, arguments.history, as_json=arguments.json)
    reason = tracker.refresh_prices()
    source = tracker.prices.source
    steps = tracker.prices.earlier
    if arguments.json:
        dated = source.dated.isoformat() if source.dated is not None else None
        told = {
            "name": source.name,
            "dated": dated,
            "origin": source.origin or None,
            "over": None if source.below is None else source.below.words,
            "overridden": source.overridden,
            "pricedByDate": {
                model: list(map(day_of, days))
                for model in tracker.used_models()
                if (days := tracker.prices.steps([model]))
            },
            "stepsSince": None if steps is None or not steps.since else steps.since.isoformat(),
            "refused": dict(source.refused),
            "unpricedModels": _unpriced(tracker),
            "problem": reason,
        }
        terminal.say_json(json_out.to_text(told))
    else:
        by_day = by_date(tracker.prices, tracker.used_models())
        terminal.say(f"Prices: {source.words}", *_missing(tracker), *by_day)
        if reason is not None:
            terminal.complain(f"No newer price list: {reason}")
    return 0 if reason is None else 1


def by_date(prices: PricingTable, models: Iterable[str]) -> Iterator[str]:
    """Yield which of the models in use have earlier prices, and which have today's for all time.

    Claude's models are left out, as none has changed its price.
    """
    if prices.earlier is None or prices.earlier.since is None:
        return
    used = [one for one in models if "claude" not in one and prices.find(one) is not None]
    dated = {one: prices.steps([one]) for one in used}
    told = [
        f"{name(one)} (changed on {', '.join(map(day_of, steps))})"
        for one, steps in dated.items()
        if steps
    ]
    if told:
        yield f"Priced by date: {'; '.join(told)}"
    if others := [name(one) for one, steps in dated.items() if not steps]:
        since = f"no change is known since {prices.earlier.since}"
        yield f"Today's price for all time, as {since}: {', '.join(others)}"


def _missing(tracker: UsageTracker) -> Iterator[str]:
    """Yield which models have no price, and how to set one."""
    yield from refused(tracker.prices.source)
    models = _unpriced(tracker)
    if not models:
        return
    prices = '{"inputCostPerToken": 0.000001, "outputCostPerToken": 0.000005}'
    yield f"{counted(len(models), 'model')} without a price: {', '.join(map(name, models))}"
    yield f"To add one, put the price of a token in dollars into {_file(tracker)}:"
    yield f'  {{"pricingOverrides": {{{json.dumps(models[0])}: {prices}}}}}'
    yield "or into a price list in LiteLLM's format: --prices FILE, or prices_file in the settings."


def _unpriced(tracker: UsageTracker) -> list[str]:
    """Return the models with usage and without a price."""
    rates = tracker.prices.rates
    return [one for one in tracker.used_models() if rates(ModelVariant(one)) is None]


def _file(tracker: UsageTracker) -> str:
    return shown(str(tracker.override_file()))

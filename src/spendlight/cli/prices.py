"""Prints which price list is in force, after fetching a newer one if that is due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal
from spendlight.cli.words import counted, refused
from spendlight.cli.world import tracker_options
from spendlight.names import name, shown
from spendlight.tracker.tracker import UsageTracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.cli.arguments import Arguments


def run(arguments: Arguments) -> int:
    """Print which list is in force, and return the exit code.

    Raises:
        UsageError: If there is no list.
    """
    tracker = UsageTracker.open(tracker_options(arguments))
    reason = tracker.refresh_prices()
    source = tracker.prices.source
    if arguments.json:
        dated = source.dated.isoformat() if source.dated is not None else None
        told = {
            "name": source.name,
            "dated": dated,
            "origin": source.origin or None,
            "over": None if source.below is None else source.below.words,
            "overridden": source.overridden,
            "refused": dict(source.refused),
            "unpricedModels": list(tracker.unpriced_models()),
            "problem": reason,
        }
        terminal.say_json(json_out.to_text(told))
    else:
        terminal.say(f"Prices: {source.words}", *_missing(tracker))
        if reason is not None:
            terminal.complain(f"No newer price list: {reason}")
    return 0 if reason is None else 1


def _missing(tracker: UsageTracker) -> Iterator[str]:
    """Yield which models have no price, and how to set one."""
    yield from refused(tracker.prices.source)
    models = tracker.unpriced_models()
    if not models:
        return
    prices = '{"inputCostPerToken": 0.000001, "outputCostPerToken": 0.000005}'
    yield f"{counted(len(models), 'model')} without a price: {', '.join(map(name, models))}"
    yield f"To add one, put the price of a token in dollars into {_file(tracker)}:"
    yield f'  {{"pricingOverrides": {{{json.dumps(models[0])}: {prices}}}}}'
    yield "or into a price list in LiteLLM's format: --prices FILE, or prices_file in the settings."


def _file(tracker: UsageTracker) -> str:
    return shown(str(tracker.override_file()))

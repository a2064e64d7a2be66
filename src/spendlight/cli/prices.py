"""Which price list is in force; a newer one is fetched first if that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.cli import json_out, terminal
from spendlight.cli.world import tracker_options
from spendlight.tracker.tracker import UsageTracker

if TYPE_CHECKING:
    from spendlight.cli.arguments import Arguments


def run(arguments: Arguments) -> int:
    """Print which list is in force, and return the exit code.

    Raises:
        UsageError: If there is no list at all.
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
            "overridden": source.overridden,
            "problem": reason,
        }
        terminal.say_json(json_out.to_text(told))
    else:
        terminal.say(f"Prices: {source.words}")
        if reason is not None:
            terminal.complain(f"No newer price list: {reason}")
    return 0 if reason is None else 1

"""Opens a tracker for a command that reads the logs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from spendlight.tracker.early_reading import begin_listing, begin_reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.tracker import UsageTracker


@contextmanager
def opened_tracker(options: TrackerOptions) -> Iterator[UsageTracker]:
    """Yield a tracker that will be asked to read the logs.

    The first reading of all logs, or else listing them, begins at once.

    Raises:
        PriceListError: If the price list named cannot be used.
        BadArgumentError: If the configuration named cannot be read.
    """
    early = begin_reading(options)
    listings = begin_listing(options) if early is None else None
    try:
        from spendlight.tracker.tracker import UsageTracker  # loaded while threads read or list

        yield UsageTracker(options, early, listings)
    finally:
        if early is not None:
            early.end()

"""The tracker as the desktop reaches it: opened late, and not on the thread that draws."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Final

from spendlight.errors import UsageError
from spendlight.metering.pricing import PriceSource
from spendlight.tracker.snapshot import Refreshed, ScanProgress
from spendlight.tracker.tracker import UsageTracker

log = logging.getLogger(__name__)

MANY_ANSWERS: Final = 50
"""After this many new answers memory is tidied up, which takes some milliseconds; after fewer, when
a minute has passed."""


class Door:
    """Opens the tracker when it is first needed, on the thread that needs it.

    Opening reads files and may fail; then the next call tries again.

    Args:
        open_tracker: Opens it.
        tidy_up: Called after passes that found much, on their thread.
    """

    def __init__(
        self, open_tracker: Callable[[], UsageTracker], tidy_up: Callable[[], object] | None = None
    ) -> None:
        self._open_tracker = open_tracker
        self._tidy_up = tidy_up
        self._answers_since = 0
        self._tracker: UsageTracker | None = None
        self._zone: tzinfo | None = None
        self._lock = threading.Lock()

    def __call__(self) -> UsageTracker:
        """Return the tracker."""
        with self._lock:
            if self._tracker is None:
                self._tracker = self._open_tracker()
            return self._tracker

    def reopen(self) -> None:
        """Open the tracker anew when it is next needed, for it is to count otherwise.

        Called last, it lets go of the ledger.
        """
        with self._lock:
            tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """What the tracker warns of, so far as there is one."""
        return self._tracker.warnings if self._tracker is not None else ()

    @property
    def zone(self) -> tzinfo | None:
        """Where days began at the end of the last pass; None before the first."""
        return self._zone

    def refresh(
        self,
        stop: threading.Event,
        on_progress: Callable[[ScanProgress], None],
        only: frozenset[str] | None = None,
    ) -> Refreshed:
        """Make a pass over the logs."""
        tracker = self()
        refreshed = tracker.refresh(stop, on_progress, only)
        self._answers_since += refreshed.new_answers
        is_due = self._answers_since >= MANY_ANSWERS or (self._answers_since and not only)
        if is_due and self._tidy_up is not None:
            self._answers_since = 0
            self._tidy_up()
        self._zone = tracker.time_zone
        return refreshed

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str] | None]:
        """Yield whenever logs change."""
        yield from self().changes(stop)

    def back_up(self) -> None:
        """Copy the ledger if that is due, and be ready for new answers."""
        tracker = self()
        tracker.load_ahead()
        tracker.back_up()

    def renew_prices(self) -> PriceSource:
        """Renew the price list if that is due, and return where the one in force is from."""
        tracker = self()
        reason = tracker.refresh_prices()
        if reason is not None:
            log.info("The price list was not updated: %s", reason)
        return tracker.prices.source

"""The desktop's access to the tracker: opened on demand, and not on the GUI thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from typing import Any, Final

from spendlight.errors import UsageError
from spendlight.metering.pricing import PriceSource
from spendlight.tracker.questions.question import Question
from spendlight.tracker.snapshot import Refreshed, ScanProgress
from spendlight.tracker.team.publishing_failure import PublishingFailure
from spendlight.tracker.tracker import UsageTracker

log = logging.getLogger(__name__)

MANY_ANSWERS: Final = 50
"""Memory is tidied up, which takes some milliseconds, after this many new answers, or after a
minute."""


class Door:
    """Opens the tracker on first use, on the thread that uses it.

    Opening reads files and may fail; the next call then tries again.

    Args:
        open_tracker: Opens it.
        tidy_up: Called after large passes, on their thread.
        while_answering: Makes what surrounds each answer.
    """

    def __init__(
        self,
        open_tracker: Callable[[], UsageTracker],
        tidy_up: Callable[[], object] | None = None,
        while_answering: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._open_tracker = open_tracker
        self._tidy_up = tidy_up
        self._while_answering = while_answering
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
        """Have the tracker opened again on its next use, as its options have changed.

        At the end, this closes the ledger.
        """
        with self._lock:
            tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """The tracker's warnings, if it is open."""
        return self._tracker.warnings if self._tracker is not None else ()

    @property
    def zone(self) -> tzinfo | None:
        """The time zone at the end of the last pass; None before the first."""
        return self._zone

    def refresh(
        self,
        stop: threading.Event,
        on_progress: Callable[[ScanProgress], None],
        only: frozenset[str] | None = None,
    ) -> Refreshed:
        """Run a pass over the logs."""
        tracker = self()
        refreshed = tracker.refresh(stop, on_progress, only)
        self._answers_since += refreshed.new_answers
        is_due = self._answers_since >= MANY_ANSWERS or (self._answers_since and not only)
        if is_due and self._tidy_up is not None:
            self._answers_since = 0
            self._tidy_up()
        self._zone = tracker.time_zone
        return refreshed

    def ask(self, question: Question[object]) -> tuple[object, str]:
        """Return the answer to a question, and why the team's folder cannot be used, if it is.

        Raises:
            UsageError: If there is no answer.
        """
        with self._while_answering():
            return self._ask(question)

    def _ask(self, question: Question[object]) -> tuple[object, str]:
        tracker = self()
        if not question.selection.is_of_team:
            return tracker.ask(question), ""
        asked: Any = question  # those that the pages ask about a team can be answered by it
        told = tracker.team.ask(asked)
        return told.value, told.problem

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str] | None]:
        """Yield whenever logs change."""
        yield from self().changes(stop)

    def back_up(self) -> None:
        """Back up the ledger if that is due, and do what new answers would have to wait for."""
        tracker = self()
        tracker.get_ready()
        tracker.back_up()

    def publish(self) -> PublishingFailure | None:
        """Publish new usage, if this machine belongs to a team; return whether that fails."""
        team = self().team
        try:
            team.publish_if_new()
        except UsageError as error:
            log.info("New usage was not published to the team: %s", error)
        return team.publishing_failure

    def publishing_failure(self) -> PublishingFailure | None:
        """Return since when nothing could be published, and why; None if that works."""
        return self().team.publishing_failure

    def renew_prices(self) -> PriceSource:
        """Renew the price list if that is due, and return the source of the one in force."""
        tracker = self()
        reason = tracker.refresh_prices()
        if reason is not None:
            log.info("The price list was not updated: %s", reason)
        return tracker.prices.source

"""Periodic work while the tray runs: prices, backups, a team, and the demo's new answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from spendlight.desktop.door import Door
from spendlight.desktop.workers import TaskPool

HOUR_MS: Final = 3_600_000
"""How often the tracker is asked to renew the price list and to back up the ledger; each is due
once a day."""

PUBLISH_MS: Final = 300_000
"""How often new usage is published, if this machine belongs to a team."""

FEED_MS: Final = 10_000
"""How often the demo logs something new."""


class Upkeep(QObject):
    """Renews prices, backs up the ledger, publishes and feeds the demo, on other threads.

    Signals:
        prices_known: The price list was renewed, or is up to date; carries its source.
        publishing_told: Whether publishing fails; carries `PublishingFailure` or None.
    """

    prices_known = Signal(object)
    publishing_told = Signal(object)

    def __init__(
        self,
        door: Door,
        fetching: TaskPool,
        working: TaskPool,
        feed: Callable[[], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Do not start anything yet.

        Args:
            door: Gives access to the tracker.
            fetching: For work that may wait for the network.
            working: For backups of the ledger.
            feed: Makes the demo log something new.
            parent: The owner.
        """
        super().__init__(parent)
        self._door = door
        self._fetching = fetching
        self._working = working
        self._feed = feed
        self._hourly = QTimer(self)
        self._hourly.setInterval(HOUR_MS)
        self._hourly.timeout.connect(self.look_after)
        self._publishing = QTimer(self)
        self._publishing.setInterval(PUBLISH_MS)
        self._publishing.timeout.connect(self._publish)
        self._feeding = QTimer(self)
        self._feeding.setInterval(FEED_MS)
        self._feeding.timeout.connect(self._feed_demo)

    def start(self) -> None:
        """Start the timers."""
        self._hourly.start()
        self._publishing.start()
        if self._feed is not None:
            self._feeding.start()

    def shut_down(self) -> None:
        """Stop starting new work."""
        self._hourly.stop()
        self._publishing.stop()
        self._feeding.stop()

    def look_after(self) -> None:
        """Do what is due."""
        self._working.run(self._door.back_up, failure="The ledger was not backed up")
        self._fetching.run(
            self._door.publishing_failure,
            self.publishing_told.emit,
            failure="Whether publishing to the team has failed is not known",
        )
        self.renew_prices()

    def renew_prices(self) -> None:
        """Renew the price list, if that is due."""
        self._fetching.run(
            self._door.renew_prices,
            self.prices_known.emit,
            failure="The price list was not updated",
        )

    def _publish(self) -> None:
        self._fetching.run(
            self._door.publish,
            self.publishing_told.emit,
            failure="New usage was not published to the team",
        )

    def _feed_demo(self) -> None:
        if self._feed is not None:
            self._fetching.run(self._feed)  # the watcher notices what was written

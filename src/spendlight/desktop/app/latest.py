"""Keeps the current situation: the last good figures, why there are no newer ones, and progress."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from spendlight.desktop import words
from spendlight.desktop.door import Door
from spendlight.desktop.workers import TaskPool
from spendlight.settings import TrayText
from spendlight.tracker.snapshot import Refreshed, ScanProgress, UsageSnapshot
from spendlight.tracker.team.publishing_failure import PublishingFailure

log = logging.getLogger(__name__)

BACKLOG_BYTES: Final = 32 << 20
"""Except for the first one, a pass over less than this is over too soon to show its progress."""

EARLY_MS: Final = 400
"""During the first scan, figures are read after this time..."""

EARLY_AGAIN_MS: Final = 3_000
"""...and this often once there are some: each time slows down the scan."""


class LatestSnapshot(QObject):
    """What there is to show, with signals when it changes.

    Signals:
        changed: There is something else to show.
        reports_changed: Reports may have changed.
        zone_changed: The time zone has changed; carries it. Sent before the others.
        told: A pass has ended; carries its alerts. Sent after the others.
        first_pass_ended: All logs were read for the first time.
    """

    changed = Signal()
    reports_changed = Signal()
    zone_changed = Signal(object)
    told = Signal(object)
    first_pass_ended = Signal()

    def __init__(self, door: Door, zone: tzinfo, pool: TaskPool, parent: QObject) -> None:
        """Start without figures.

        Args:
            door: Where the figures come from.
            zone: The time zone of days.
            pool: Where questions are asked.
            parent: The owner.
        """
        super().__init__(parent)
        self._door = door
        self._pool = pool
        self._situation = words.Situation(datetime.now(UTC), zone=zone)
        self._is_first_pass = True
        self._early = QTimer(self)
        self._early.setSingleShot(True)
        self._early.timeout.connect(self.look_early)

    @property
    def situation(self) -> words.Situation:
        """What was last shown."""
        return self._situation

    def now(self) -> words.Situation:
        """Return what there is to show at this moment."""
        self._situation = replace(self._situation, now=datetime.now(UTC))
        return self._situation

    def choose(self, beside: TrayText, *, is_private: bool) -> None:
        """Set what the user wants to see of it."""
        self._situation = replace(self._situation, beside=beside, is_private=is_private)

    def on_publishing_told(self, failure: PublishingFailure | None) -> None:
        """Handle that publishing to the team fails, or works."""
        if failure != self._situation.unpublished:
            self._situation = replace(self._situation, unpublished=failure)
            self.changed.emit()

    def look_early(self) -> None:
        """Ask for the figures before the running pass has ended."""
        self._pool.run(lambda: self._door().snapshot(), self._on_early, self._on_early_failed)

    def shut_down(self) -> None:
        """Stop asking."""
        self._early.stop()

    def on_refreshed(self, refreshed: Refreshed) -> None:
        """Handle the result of a pass."""
        before, after = self._situation.snapshot, refreshed.snapshot
        self._early.stop()
        zone = self._door.zone
        if zone is not None and zone != self._situation.zone:
            self._situation = replace(self._situation, zone=zone)
            self.zone_changed.emit(zone)
        self._situation = replace(
            self._situation,
            snapshot=after,
            error=None,
            progress=None,
            is_cut_short=not refreshed.is_complete,
            warnings=self._door.warnings,
        )
        self.changed.emit()
        if refreshed.days or before is None or before.prices != after.prices:
            self.reports_changed.emit()
        self.told.emit(refreshed.alerts)
        if self._is_first_pass:
            self._is_first_pass = False
            self.first_pass_ended.emit()

    def on_failed(self, error: Exception) -> None:
        """Handle the failure of a pass; the last good figures stay."""
        self._early.stop()
        self._situation = replace(self._situation, error=error, progress=None)
        self.changed.emit()

    def on_progressed(self, progress: ScanProgress) -> None:
        """Handle the progress of a pass, if it is worth showing."""
        if not self._is_first_pass and progress.bytes_total < BACKLOG_BYTES:
            return
        self._situation = replace(self._situation, progress=progress)
        self.changed.emit()
        if not self._early.isActive():
            self._early.start(EARLY_MS if self._situation.snapshot is None else EARLY_AGAIN_MS)

    def _on_early(self, snapshot: UsageSnapshot) -> None:
        is_newer = self._situation.snapshot is None or self._situation.progress is not None
        if is_newer and snapshot.state in words.STATES_WITH_FIGURES:
            self._situation = replace(self._situation, snapshot=snapshot)
            self.changed.emit()
            self.reports_changed.emit()

    def _on_early_failed(self, error: Exception) -> None:
        log.debug("No early figures; the first pass will report why: %s", error)

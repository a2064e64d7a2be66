"""Makes the parts of the desktop and joins them."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, cast

from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from spendlight import paths
from spendlight.assets import resource
from spendlight.desktop import words
from spendlight.desktop.door import Door
from spendlight.desktop.glyph import Glyph, GlyphPainter, Mark, panel_ink, steps_of
from spendlight.desktop.quit_signals import QuitSignals
from spendlight.desktop.refresh import LogWatch, RefreshController
from spendlight.desktop.single_instance import SingleInstance, instance_folder, instance_name
from spendlight.desktop.theme import Theme
from spendlight.desktop.tray import Tray
from spendlight.desktop.window import MainWindow, Work
from spendlight.desktop.workers import PoolMap, TaskPool
from spendlight.metering.reports import Report
from spendlight.tracker.queries import ReportRequest
from spendlight.tracker.snapshot import DataState, Refreshed, ScanProgress, UsageSnapshot
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

log = logging.getLogger(__name__)

PARSE_THREADS: Final = 2
"""The JSON decoder holds the interpreter's lock, so more threads only take turns more often."""

BACKGROUND_NICENESS: Final = 10
"""Processes that read a backlog step back behind what the user is doing."""

BACKLOG_BYTES: Final = 32 << 20
"""A pass over less than this, the first one aside, is over before its progress could be read."""

EARLY_MS: Final = 400
"""While the logs are read for the first time, figures are looked for so soon..."""

EARLY_AGAIN_MS: Final = 3_000
"""...and so often once there are some: each look costs the reading some of its time."""

LIVE_S: Final = 120
"""So long after an answer the glyph has its dot."""

PRICES_MS: Final = 3_600_000
"""How often the tracker is asked whether the price list should be renewed."""

FEED_MS: Final = 10_000
"""How often the demo logs something new."""

_MARKS = {
    DataState.NO_CLAUDE: Mark.NO_CLAUDE,
    DataState.NO_LOGS: Mark.NO_USAGE,
    DataState.IDLE: Mark.IDLE,
    DataState.ACTIVE: Mark.ACTIVE,
}


class Desktop(QObject):
    """Tray and window on one tracker.

    Attributes:
        tray: The icon and its menu.
        window: The window; hidden until somebody wants it.
    """

    def __init__(
        self,
        app: QApplication,
        door: Door,
        zone: tzinfo,
        *,
        current_desktop: str = "",
        feed: Callable[[], object] | None = None,
    ) -> None:
        """Make the parts and join them.

        Args:
            app: The application; it ends when the user quits.
            door: Where the figures come from.
            zone: Where days begin.
            current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
            feed: Lets the demo log something new.
        """
        super().__init__(app)
        self._app = app
        self._door = door
        self._zone = zone
        self._current_desktop = current_desktop
        self._feed = feed
        self._situation = words.Situation(datetime.now(UTC), zone=zone)
        self._is_first_pass = True
        self._painter = GlyphPainter(is_template=sys.platform == "darwin")
        self._refreshing = TaskPool(1, self)
        self._watching = TaskPool(1, self)
        self._reading = TaskPool(2, self)
        self._fetching = TaskPool(1, self)
        self._working = TaskPool(1, self)
        self._controller = RefreshController(door.refresh, self._refreshing.run, self)
        self._watch = LogWatch(door.changes, self._watching.run, self)
        self.window = MainWindow(zone)
        self.tray = Tray(self)
        self._theme = Theme(app)
        self._early = QTimer(self)
        self._early.setSingleShot(True)
        self._prices = QTimer(self)
        self._prices.setInterval(PRICES_MS)
        self._feeding = QTimer(self)
        self._feeding.setInterval(FEED_MS)
        self._join()

    def start(self) -> None:
        """Appear, show what is known already, and look for what is new."""
        self._theme.apply()
        self._show()
        self.tray.show()
        self._look_early()
        self._watch.start()
        self._controller.start()
        self._prices.start()
        if self._feed is not None:
            self._feeding.start()

    def raise_window(self) -> None:
        """Bring the window up."""
        self.window.come_up()

    def shut_down(self) -> None:
        """Disappear, tell every thread to stop, and wait for them."""
        self.tray.remove()
        self.window.shut_down()
        for timer in (self._early, self._prices, self._feeding):
            timer.stop()
        self._controller.shut_down()
        self._watch.shut_down()
        for pool in (
            self._refreshing,
            self._watching,
            self._reading,
            self._fetching,
            self._working,
        ):
            pool.shut_down()

    def _join(self) -> None:
        tray, window, controller = self.tray, self.window, self._controller
        tray.toggle_requested.connect(window.toggle)
        tray.open_requested.connect(window.come_up)
        tray.refresh_requested.connect(controller.request_by_user)
        tray.quit_requested.connect(self._app.quit)
        tray.missing.connect(self._on_tray_missing)
        tray.found.connect(self._on_tray_found)
        window.report_requested.connect(self._on_report_requested)
        window.work_requested.connect(self._on_work_requested)
        window.refresh_requested.connect(controller.request_by_user)
        window.cancel_requested.connect(controller.cancel)
        window.quit_requested.connect(self._app.quit)
        controller.refreshed.connect(self._on_refreshed)
        controller.failed.connect(self._on_failed)
        controller.progressed.connect(self._on_progressed)
        self._watch.changed.connect(controller.request)
        self._early.timeout.connect(self._look_early)
        self._prices.timeout.connect(self._renew_prices)
        self._feeding.timeout.connect(self._feed_demo)
        self._app.styleHints().colorSchemeChanged.connect(self._show)

    def _on_refreshed(self, refreshed: Refreshed) -> None:
        before = self._situation.snapshot
        self._early.stop()
        self._situation = replace(
            self._situation,
            snapshot=refreshed.snapshot,
            error=None,
            progress=None,
            is_cut_short=not refreshed.is_complete,
            warnings=self._door.warnings,
        )
        self._show()
        if refreshed.days or before is None or before.prices != refreshed.snapshot.prices:
            self.window.on_days_changed()
        if self._is_first_pass:
            self._is_first_pass = False
            self._renew_prices()

    def _on_failed(self, error: object) -> None:
        self._early.stop()
        self._situation = replace(self._situation, error=cast("Exception", error), progress=None)
        self._show()

    def _on_progressed(self, progress: ScanProgress) -> None:
        if not self._is_first_pass and progress.bytes_total < BACKLOG_BYTES:
            return
        self._situation = replace(self._situation, progress=progress)
        self._show()
        if not self._early.isActive():
            self._early.start(EARLY_MS if self._situation.snapshot is None else EARLY_AGAIN_MS)

    def _look_early(self) -> None:
        """Ask for the figures as they are before the pass under way has ended."""
        self._reading.run(lambda: self._door().snapshot(), self._on_early, self._on_early_failed)

    def _on_early(self, result: object) -> None:
        snapshot = cast("UsageSnapshot", result)
        is_newer = self._situation.snapshot is None or self._situation.progress is not None
        if is_newer and snapshot.state in words.STATES_WITH_FIGURES:
            self._situation = replace(self._situation, snapshot=snapshot)
            self._show()
            self.window.on_days_changed()

    def _on_early_failed(self, error: object) -> None:
        log.debug("No early figures; the pass will tell why: %s", error)

    def _on_report_requested(self, number: int, request: ReportRequest) -> None:
        local = replace(request, zone=self._zone)
        self._reading.run(
            lambda: (number, self._door().report(local)), self._on_report, self._on_report_failed
        )

    def _on_report(self, result: object) -> None:
        number, report = cast("tuple[int, Report[Any]]", result)
        self.window.on_report(number, report)

    def _on_report_failed(self, error: object) -> None:
        self.window.on_report_failed(words.failure(cast("Exception", error)))

    def _on_work_requested(self, work: Work) -> None:
        self._working.run(lambda: work.run(self._door()), work.done, work.failed)

    def _renew_prices(self) -> None:
        self._fetching.run(self._door.renew_prices, self._on_prices, self._on_prices_failed)

    def _on_prices(self, source: object) -> None:
        snapshot = self._situation.snapshot
        if snapshot is not None and snapshot.prices != source:
            self._controller.request()

    def _on_prices_failed(self, error: object) -> None:
        log.warning("The price list cannot be renewed: %s", error)

    def _feed_demo(self) -> None:
        if self._feed is not None:
            self._fetching.run(self._feed, self._on_fed, self._on_fed)

    def _on_fed(self, _: object) -> None:
        """Nothing to do: the watch sees what was written, and a failure is in the log."""

    def _on_tray_missing(self) -> None:
        self._app.setQuitOnLastWindowClosed(True)
        self.window.show_hint(words.no_tray_hint(self._current_desktop))
        self.window.come_up()

    def _on_tray_found(self) -> None:
        self._app.setQuitOnLastWindowClosed(False)
        self.window.show_hint(None)

    def _show(self) -> None:
        """Show the situation as it is at this moment."""
        self._situation = now = replace(self._situation, now=datetime.now(UTC))
        texts = words.tray_texts(now)
        ink = panel_ink(sys.platform, self._current_desktop, self._app.styleHints().colorScheme())
        icon = self._painter.icon(glyph_of(now), ink)
        self.tray.show_state(icon, texts.tooltip, texts.block, texts.today)
        self.tray.check()
        self.window.show_snapshot(now.snapshot)
        self.window.show_figures(
            words.window_title(now),
            words.cards(now),
            words.price_line(now),
            words.notice(now),
            words.empty_state(now),
        )
        progress = now.progress
        if progress is None:
            self.window.show_progress(0, 0, "")
        else:
            self.window.show_progress(
                progress.bytes_done, progress.bytes_total, words.progress_text(progress)
            )


def glyph_of(situation: words.Situation) -> Glyph:
    """Return the glyph that stands for a situation."""
    snapshot = situation.snapshot
    if snapshot is None:
        progress = situation.progress
        share = (
            progress.bytes_done / progress.bytes_total if progress and progress.bytes_total else 0
        )
        return Glyph(Mark.READING if situation.error is None else Mark.ERROR, steps_of(share))
    steps = steps_of(words.share_of_block(situation) or 0)
    if words.is_old(situation):
        return Glyph(Mark.STALE, steps)
    if words.limit_reset(situation) is not None:
        return Glyph(Mark.LIMIT, steps)
    last = snapshot.last_at
    is_live = last is not None and 0 <= (situation.now - last).total_seconds() < LIVE_S
    return Glyph(_MARKS[snapshot.state], steps, is_live)


def main(
    options: TrackerOptions, *, is_demo: bool = False, feed: Callable[[], object] | None = None
) -> int:
    """Run the desktop until the user quits.

    The caller has made sure that there is a display.

    Args:
        options: How to count.
        is_demo: Whether the logs are made up; one demo may run beside the real thing.
        feed: Lets the demo log something new; called now and then on a thread of its own.

    Returns:
        The exit code.

    Raises:
        SilentInstanceError: Another instance runs and does not answer.
        NoAddressError: A second start could not reach this one.
    """
    QApplication.setDesktopFileName("spendlight")
    app = QApplication([words.NAME])
    app.setApplicationName("spendlight")
    app.setApplicationDisplayName(words.NAME)
    app.setWindowIcon(QIcon(str(resource("icons", "spendlight.svg"))))
    app.setQuitOnLastWindowClosed(False)
    instance = SingleInstance(
        instance_folder(os.environ), instance_name(_instance_key(options, is_demo=is_demo)), app
    )
    if not instance.claim():
        return 0
    parse_map = PoolMap(min(PARSE_THREADS, QThread.idealThreadCount()))
    in_background = replace(options, parse_map=parse_map, niceness=BACKGROUND_NICENESS)
    desktop = Desktop(
        app,
        Door(lambda: UsageTracker.open(in_background)),
        options.time_zone,
        current_desktop=os.environ.get("XDG_CURRENT_DESKTOP", ""),
        feed=feed,
    )
    signals = QuitSignals(app)
    signals.quit_requested.connect(app.quit)
    instance.raise_requested.connect(desktop.raise_window)
    desktop.start()
    try:
        return app.exec()
    finally:
        desktop.shut_down()
        parse_map.shut_down()
        signals.shut_down()
        instance.release()


def _instance_key(options: TrackerOptions, *, is_demo: bool) -> str:
    """Return what tells this instance from others of the user: each ledger has its own tray."""
    if is_demo:
        return "demo"
    place = options.data_dir or paths.data_dir(options.environment)
    return hashlib.sha256(os.fsencode(place.absolute())).hexdigest()[:8]

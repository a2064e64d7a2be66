"""Creates the parts of the desktop application and connects them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from spendlight.desktop import words
from spendlight.desktop.app.alerts import AlertBell, may_disturb, muted_until
from spendlight.desktop.app.choices import (
    alert_rules,
    repair_start_at_login,
    start_at_login,
    tracker_sources,
)
from spendlight.desktop.app.latest import LatestSnapshot
from spendlight.desktop.app.looks import glyph_of, make_tray_item
from spendlight.desktop.app.settings_desk import SettingsDesk
from spendlight.desktop.app.surroundings import Surroundings
from spendlight.desktop.app.update_desk import UpdateDesk
from spendlight.desktop.app.upkeep import Upkeep
from spendlight.desktop.app.window_desk import WindowDesk
from spendlight.desktop.door import Door
from spendlight.desktop.glyph import GlyphPainter, Ink
from spendlight.desktop.notifications import Notifier
from spendlight.desktop.plan_watch import PlanWatch
from spendlight.desktop.refresh import NOTHING, LogWatch, RefreshController
from spendlight.desktop.theme import Theme
from spendlight.desktop.tray import Mute, Tray
from spendlight.desktop.window_geometry import WindowGeometry
from spendlight.desktop.workers import TaskPool
from spendlight.settings import Appearance, LoadedSettings, Settings, TrayText

if TYPE_CHECKING:
    from spendlight.desktop.settings_dialog import SettingsDialog, TrayPreview
    from spendlight.desktop.window import MainWindow
    from spendlight.metering.budgets import Alert
    from spendlight.metering.pricing import PriceSource
    from spendlight.settings import SettingsFile
    from spendlight.updates.lookout import Lookout

log = logging.getLogger(__name__)


class Desktop(QObject):
    """Tray and window on one tracker.

    Attributes:
        tray: The icon and its menu.
    """

    def __init__(  # noqa: PLR0913  # all of them are needed
        self,
        app: QApplication,
        door: Door,
        zone: tzinfo,
        *,
        settings_file: SettingsFile | None = None,
        geometry: WindowGeometry | None = None,
        current_desktop: str = "",
        feed: Callable[[], object] | None = None,
        lookout: Lookout | None = None,
    ) -> None:
        """Create the parts and connect them.

        Args:
            app: The application; it ends when the user quits.
            door: Where the figures come from.
            zone: The time zone of days.
            settings_file: The user's settings; None in a demo, which stores nothing.
            geometry: Where the window was; None in a demo, too.
            current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
            feed: Makes the demo log something new.
            lookout: Whether and how to check for newer versions; None means not at all.
        """
        super().__init__(app)
        self._app = app
        self._door = door
        self._current_desktop = current_desktop
        self._surroundings = Surroundings(app, current_desktop)
        self._feed = feed
        self._settings_file = settings_file
        loaded = LoadedSettings(Settings()) if settings_file is None else settings_file.load()
        self._settings, self._setting_problems = loaded.settings, loaded.problems
        for problem in loaded.problems:
            log.warning("%s", problem)
        self._is_shut_down = False
        self._muted_until: datetime | None = None
        self._painter = GlyphPainter(is_template=sys.platform == "darwin")
        self._refreshing = TaskPool(1, self)
        self._watching = TaskPool(1, self)
        self._reading = TaskPool(2, self)
        self._fetching = TaskPool(1, self)
        self._working = TaskPool(1, self)
        self._controller = RefreshController(door.refresh, self._refreshing.run, self)
        self._watch = LogWatch(door.changes, self._watching.run, self)
        self._plan = PlanWatch(self)
        self._latest = LatestSnapshot(door, zone, self._reading, self)
        self._windows = WindowDesk(door, zone, self._reading, self._working, geometry, self)
        self._desk = SettingsDesk(door, self._reading, self._preview, self)
        self.tray = Tray(self, make_item=make_tray_item)
        self._notifier = Notifier(self._show_message, self)
        self._bell = AlertBell(self._notifier, self)
        self._theme = Theme(app)
        self._upkeep = Upkeep(door, self._fetching, self._working, feed, self)
        self._updates = UpdateDesk(lookout, self._notifier, self._fetching, self._may_tell, self)
        self._join()

    @property
    def settings(self) -> Settings:
        """The user's settings."""
        return self._settings

    @property
    def is_hearing(self) -> bool:
        """Whether new plan limits are noticed at once."""
        return self._plan.is_watching

    def start(self) -> None:
        """Show the icon with what is known already, and start reading what is new."""
        self._desk.start()
        self._theme.apply()
        self._obey()
        self.tray.show()
        self._latest.look_early()
        self._watch.start()
        self._controller.start()
        self._working.run(
            lambda: self._door().plan_folder(), self._plan.watch, self._on_no_plan_folder
        )
        self._upkeep.start()
        if self._settings.starts_at_login:
            self._working.run(repair_start_at_login, failure="Starting at login was not repaired")

    @property
    def window(self) -> MainWindow:
        """The window; created on demand."""
        return self._windows.window

    def use_settings(self, settings: Settings) -> None:
        """Apply settings and store them."""
        before, self._settings = self._settings, settings
        self._obey()
        if tracker_sources(settings) != tracker_sources(before):
            self._door.reopen()
            self._watch.restart()
            self._controller.request_by_user()
            self._desk.look_at_sources()
        elif alert_rules(settings) != alert_rules(before):
            self._working.run(
                self._use_budgets,
                lambda _: self._controller.request_by_user(),
                failure="The budgets cannot be read",
            )
        is_wanted = settings.starts_at_login
        if is_wanted != before.starts_at_login:
            self._working.run(
                lambda: start_at_login(is_wanted=is_wanted), failed=self._on_not_saved
            )
        if self._settings_file is not None:
            file = self._settings_file
            self._working.run(lambda: file.save(settings), failed=self._on_not_saved)

    def raise_window(self) -> None:
        """Show the window in front."""
        self._windows.open()

    def shut_down(self) -> None:
        """Remove the icon, tell every thread to stop, and wait for them; once is enough."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        self.tray.remove()
        self._surroundings.shut_down()
        self._notifier.shut_down()
        self._desk.shut_down()
        self._windows.shut_down()
        self._latest.shut_down()
        self._upkeep.shut_down()
        self._updates.shut_down()
        self._controller.shut_down()
        self._watch.shut_down()
        for pool in self.findChildren(TaskPool):  # in the order of their creation
            pool.shut_down()
        self._door.reopen()

    def _join(self) -> None:
        tray, controller = self.tray, self._controller
        tray.toggle_requested.connect(self._windows.toggle)
        tray.open_requested.connect(self._windows.open)
        tray.page_requested.connect(self._windows.open_page)
        tray.mute_requested.connect(self._mute)
        tray.refresh_requested.connect(controller.request_by_user)
        tray.quit_requested.connect(self._app.quit)
        tray.message_clicked.connect(self._notifier.message_clicked)
        self._notifier.delivery_changed.connect(self._desk.show_delivery)
        self._desk.applied.connect(self.use_settings)
        self._desk.login_found.connect(self._on_login_found)
        self._desk.test_requested.connect(self._notifier.send_test)
        self._desk.mute_requested.connect(self._mute)
        self._desk.prices_requested.connect(self._upkeep.renew_prices)
        self._bell.opened.connect(self._windows.open_alert)
        self._bell.muted.connect(lambda: self._mute(Mute.HOUR))
        tray.settings_requested.connect(self._open_settings)
        tray.update_requested.connect(self._updates.open_notes)
        self._updates.found.connect(tray.show_update)
        tray.missing.connect(self._on_tray_missing)
        tray.found.connect(self._on_tray_found)
        self._join_present()
        self._watch.changed.connect(controller.request)
        self._plan.heard.connect(lambda: controller.request(NOTHING))
        self._upkeep.prices_known.connect(self._on_prices)
        self._upkeep.publishing_told.connect(self._latest.on_publishing_told)
        self._surroundings.panel_changed.connect(self._show)
        self._surroundings.woken.connect(controller.wake)

    def _join_present(self) -> None:
        latest, controller = self._latest, self._controller
        controller.refreshed.connect(latest.on_refreshed)
        controller.failed.connect(latest.on_failed)
        controller.progressed.connect(latest.on_progressed)
        latest.changed.connect(self._show)
        latest.zone_changed.connect(self._windows.use_zone)
        latest.reports_changed.connect(self._windows.on_reports_changed)
        latest.told.connect(self._tell)
        latest.first_pass_ended.connect(self._on_first_pass)
        self._windows.made.connect(self._on_window)

    def _obey(self) -> None:
        """Apply the settings everywhere."""
        settings = self._settings
        is_chosen = settings.appearance is not Appearance.SYSTEM
        self._surroundings.tell_scheme_chosen(is_chosen=is_chosen)
        self._theme.choose(settings.appearance)
        self._latest.choose(settings.tray_text, is_private=settings.is_private)
        self._windows.mode = settings.cost_mode
        self._updates.obey(settings)
        if self._windows.is_made:
            self._obey_in_window(self.window)
        self._show()

    def _obey_in_window(self, window: MainWindow) -> None:
        window.set_private(self._settings.is_private)
        window.use_week_start(self._settings.week_start)

    def _use_budgets(self) -> None:
        settings = self._settings
        self._door().use_budgets(settings.budgets, settings.alerts, settings.week_start)

    def _on_not_saved(self, error: Exception) -> None:
        self.window.show_hint(words.failure(error))
        self.window.come_up()

    def _on_window(self, window: MainWindow) -> None:
        """React to the window being created."""
        window.refresh_requested.connect(self._controller.request_by_user)
        window.cancel_requested.connect(self._controller.cancel)
        window.settings_requested.connect(self._open_settings)
        window.budgets_requested.connect(self._open_budgets)
        window.quit_requested.connect(self._app.quit)
        window.private_toggled.connect(self._on_private)
        if self._feed is not None:
            window.show_demo()
        self._obey_in_window(window)
        self._show()

    def _on_private(self, is_private: bool) -> None:  # noqa: FBT001  # a slot
        if is_private != self._settings.is_private:
            self.use_settings(replace(self._settings, is_private=is_private))

    def _open_settings(self) -> SettingsDialog:
        """Show the settings dialog."""
        dialog = self._desk.open(
            self._settings,
            self._setting_problems,
            self._notifier.delivery,
            is_looking_usual=self._updates.is_usual,
        )
        self._show()
        return dialog

    def _open_budgets(self) -> None:
        from spendlight.desktop.settings_dialog import BUDGETS_PAGE  # comes with the dialog

        self._open_settings().show_page(BUDGETS_PAGE)

    def _offer_budgets(self, window: MainWindow) -> None:
        """Offer budgets, as soon as there are figures, and only once ever."""
        snapshot, settings = self._latest.situation.snapshot, self._settings
        has_figures = snapshot is not None and snapshot.state in words.STATES_WITH_FIGURES
        is_settled = settings.has_offered_budgets or settings.budgets or self._settings_file is None
        is_readable = not self._setting_problems  # otherwise there may be unreadable budgets
        if has_figures and is_readable and not is_settled:
            window.offer_budgets()
            self.use_settings(replace(settings, has_offered_budgets=True))

    def _preview(self, beside: TrayText) -> TrayPreview:
        """Return what the tray would show with this text beside its icon."""
        from spendlight.desktop.settings_dialog import TrayPreview  # comes with the dialog

        situation, ink = replace(self._latest.situation, beside=beside), self._surroundings.ink()
        texts = words.tray_texts(situation)
        return TrayPreview(
            self._painter.icon(glyph_of(situation), ink),
            texts.beside,
            texts.tooltip,
            is_panel_dark=ink is not Ink.ON_LIGHT,
            has_room=sys.platform == "darwin",
        )

    def _on_login_found(self, is_on: bool) -> None:  # noqa: FBT001  # a slot
        """Adopt the system's setting, which may have been changed elsewhere."""
        self._settings = replace(self._settings, starts_at_login=is_on)

    def _show_message(self, title: str, text: str, is_critical: bool) -> None:  # noqa: FBT001  # a callback
        self.tray.show_message(title, text, is_critical=is_critical)

    def _may_tell(self) -> bool:
        """Whether other notifications may be shown now."""
        return may_disturb(self._settings.alerts, self._muted_until, self._latest.now())

    def _mute(self, mute: Mute) -> None:
        """Mute alerts for as long as the user has chosen."""
        until = muted_until(mute, self._latest.situation)
        self._working.run(
            lambda: self._door().mute(until),
            lambda _: self._on_muted(until),
            failure="Alerts cannot be muted",
        )

    def _on_muted(self, until: datetime | None) -> None:
        self._muted_until = until
        self._show()

    def _tell(self, alerts: tuple[Alert, ...]) -> None:
        self._bell.tell(alerts, self._latest.situation)

    def _on_first_pass(self) -> None:
        self._working.run(
            lambda: self._door().muted_until(),
            self._on_muted,
            failure="Cannot tell whether alerts are muted",
        )
        self._upkeep.look_after()
        self._updates.begin()

    def _on_prices(self, source: PriceSource) -> None:
        snapshot = self._latest.situation.snapshot
        if snapshot is not None and snapshot.prices != source:
            self._controller.request()

    def _on_no_plan_folder(self, error: Exception) -> None:
        log.info("%s", error)

    def _on_tray_missing(self) -> None:
        self._app.setQuitOnLastWindowClosed(True)
        self._windows.show_hint(words.no_tray_hint(self._current_desktop))
        self._windows.open()

    def _on_tray_found(self) -> None:
        self._app.setQuitOnLastWindowClosed(False)
        self._windows.show_hint(None)

    def _show(self) -> None:
        """Show the current situation."""
        now = self._latest.now()
        texts = words.tray_texts(now)
        icon = self._painter.icon(glyph_of(now), self._surroundings.ink())
        self.tray.show_state(icon, texts.tooltip, texts.rows, texts.beside)
        until = self._muted_until
        muted_until = now.clock(until) if until is not None and until > now.now else ""
        self.tray.show_muted(muted_until)
        self._desk.show_situation(now, muted_until)
        self.tray.check()
        self._windows.show(now)
        if self._windows.is_made:
            self._offer_budgets(self.window)

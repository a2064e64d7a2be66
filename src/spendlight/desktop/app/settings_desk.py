"""Opens the settings dialog, keeps it up to date, and forwards the user's requests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QObject, Signal

from spendlight.autostart import LoginState
from spendlight.desktop.app.choices import known_scopes, login_state
from spendlight.desktop.diagnostics import (
    LedgerFacts,
    ProcessMeter,
    RecentErrors,
    diagnostics_text,
)
from spendlight.desktop.tray import Mute
from spendlight.desktop.words import price_details
from spendlight.settings import Settings, TrayText
from spendlight.tracker.options import FOLDERS_VARIABLE

if TYPE_CHECKING:
    from spendlight.desktop.app.choices import KnownScopes
    from spendlight.desktop.change_dialog import ChangeTask
    from spendlight.desktop.door import Door
    from spendlight.desktop.settings_dialog import SettingsDialog, TrayPreview
    from spendlight.desktop.words import Situation
    from spendlight.desktop.workers import TaskPool
    from spendlight.tracker.health import HealthReport

translate = QCoreApplication.translate

UNKNOWN: Final = "The settings dialog cannot show everything"
"""Logged if a question of the dialog fails."""


class SettingsDesk(QObject):
    """Creates the settings dialog on demand, and releases it when it is closed.

    Signals:
        applied: The user has applied settings; carries `Settings`.
        login_found: The system was asked whether it starts the program; carries a bool.
        test_requested: The user wants to see a notification.
        mute_requested: The user wants no alerts for a while; carries `Mute`.
        prices_requested: The user wants a newer price list, if there is one.
    """

    applied = Signal(object)
    login_found = Signal(bool)
    test_requested = Signal()
    mute_requested = Signal(object)
    prices_requested = Signal()

    def __init__(
        self,
        door: Door,
        pool: TaskPool,
        preview: Callable[[TrayText], TrayPreview],
        parent: QObject | None = None,
    ) -> None:
        """Start measuring the program's resource usage.

        Args:
            door: Where the figures come from.
            pool: Where questions are asked.
            preview: Returns what the tray would show now with a text beside its icon.
            parent: The owner.
        """
        super().__init__(parent)
        self._door = door
        self._pool = pool
        self._preview = preview
        self._dialog: SettingsDialog | None = None
        self._has_applied = False
        self._ledger: LedgerFacts | None = None
        self._meter = ProcessMeter()
        self._errors = RecentErrors()

    def start(self) -> None:
        """Start recording errors."""
        self._errors.listen()

    def open(
        self,
        settings: Settings,
        problems: tuple[str, ...],
        delivery: str,
        *,
        is_looking_usual: bool,
    ) -> SettingsDialog:
        """Show the dialog.

        Args:
            settings: The current settings.
            problems: What in the settings file cannot be used.
            delivery: How notifications are shown.
            is_looking_usual: Whether newer versions are checked for by default.
        """
        if self._dialog is None:
            from spendlight.desktop.settings_dialog import SettingsDialog  # rarely needed

            self._dialog = dialog = SettingsDialog(self._preview, self._diagnose)
            self._has_applied = False
            dialog.applied.connect(self._on_applied)
            dialog.test_requested.connect(self.test_requested)
            dialog.mute_requested.connect(self._on_mute)
            dialog.prices_requested.connect(self.prices_requested)
            dialog.work_requested.connect(self._on_work)
            dialog.sources_changed.connect(self.look_at_sources)
            dialog.finished.connect(self._on_closed)
            dialog.show_updates(is_usual=is_looking_usual)
            dialog.show_settings(settings)
            dialog.show_problems(problems)
            dialog.show_delivery(delivery)
            self._pool.run(login_state, self._on_login, failure=UNKNOWN)
            self._pool.run(lambda: known_scopes(self._door()), self._on_scopes, failure=UNKNOWN)
            self.look_at_sources()
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        return self._dialog

    def look_at_sources(self) -> None:
        """Update the data sources, if that page is visible."""
        if self._dialog is not None:
            self._pool.run(lambda: self._door().health(), self._on_health, failure=UNKNOWN)

    def show_situation(self, situation: Situation, muted_until: str) -> None:
        """Show the current situation.

        Args:
            situation: The current situation.
            muted_until: Until when alerts are muted, or "".
        """
        if self._dialog is not None:
            snapshot = situation.snapshot
            self._dialog.show_prices("" if snapshot is None else price_details(snapshot.prices))
            self._dialog.show_muted(muted_until)
            self._dialog.refresh_preview()

    def show_delivery(self, words: str) -> None:
        """Show how notifications are delivered."""
        if self._dialog is not None:
            self._dialog.show_delivery(words)

    def shut_down(self) -> None:
        """Close the dialog and stop recording."""
        self._errors.stop()
        if self._dialog is not None:
            self._dialog.close()

    def _diagnose(self) -> str:
        return diagnostics_text(
            self._meter.measure(), self._errors.lines, self._ledger, str(Path.home())
        )

    def _on_applied(self, settings: object) -> None:
        self._has_applied = True
        self.applied.emit(settings)

    def _on_mute(self, name: str) -> None:
        self.mute_requested.emit(Mute[name])

    def _on_work(self, task: ChangeTask[Any]) -> None:
        self._pool.run(task.run, task.done, task.failed)

    def _on_closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _on_login(self, state: LoginState) -> None:
        if self._has_applied:
            return  # asked before that
        blocked = translate("settings", "It was turned off in the system’s settings.")
        self.login_found.emit(state is LoginState.ON)
        if self._dialog is not None:
            note = blocked if state is LoginState.BLOCKED else ""
            self._dialog.show_login(is_on=state is LoginState.ON, note=note)

    def _on_scopes(self, known: KnownScopes) -> None:
        from spendlight.desktop.settings_dialog import Scopes

        if self._dialog is not None:
            self._dialog.show_scopes(Scopes(*known))

    def _on_health(self, health: HealthReport) -> None:
        logs = sum(root.files for root in health.roots)
        self._ledger = LedgerFacts(health.ledger_path, health.ledger_bytes, health.answers, logs)
        if self._dialog is not None:
            self._dialog.show_sources(health, is_listed=FOLDERS_VARIABLE in os.environ)
            self._dialog.refresh_diagnostics()

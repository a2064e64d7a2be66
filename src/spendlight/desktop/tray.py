"""The tray icon and its menu."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

HOST_SERVICE = "org.kde.StatusNotifierWatcher"
"""Who takes tray icons on Linux, where the panel does not take them by X11."""

WAIT_MS = 10_000
"""A panel that starts with the session may be later than we are; after this there is none."""


class Tray(QObject):
    """Shows the state, and has the menu.

    The menu's rows are made once and changed in place, so that an open menu stays open. The icon
    itself is made anew when a host for it appears: on X11 Qt never registers one that is older
    than its host.

    Attributes:
        menu: The menu; the same for every icon.

    Signals:
        toggle_requested: The icon was clicked.
        open_requested: A row of the menu wants the window.
        refresh_requested: The menu wants the figures of this moment.
        quit_requested: The menu wants the end.
        found: There is a tray after all.
        missing: There is no tray, or none any more, and it has been waited for.
    """

    toggle_requested = Signal()
    open_requested = Signal()
    refresh_requested = Signal()
    quit_requested = Signal()
    found = Signal()
    missing = Signal()

    def __init__(self, parent: QObject | None = None, *, wait_ms: int = WAIT_MS) -> None:
        super().__init__(parent)
        self._icon = QIcon()
        self._tooltip = ""
        self._is_missing = False
        self.menu = QMenu()
        self._block = self._add_row("", self.open_requested)
        self._today = self._add_row("", self.open_requested)
        self.menu.addSeparator()
        self._add_row("&Open window", self.open_requested)
        self._add_row("&Refresh now", self.refresh_requested)
        self.menu.addSeparator()
        self._add_row("&Quit", self.quit_requested)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(wait_ms)
        self._wait.timeout.connect(self._give_up)
        self._host = self._watch_host()
        self._item: QSystemTrayIcon | None = None

    @property
    def tooltip(self) -> str:
        """What the icon says on hovering."""
        return self._tooltip

    def show(self) -> None:
        """Appear in the tray, as soon as there is one."""
        # on X11 Qt docks a waiting icon by itself; elsewhere it complains of one that has to wait
        if self._item is None and QGuiApplication.platformName() == "xcb":
            self._make_item()
        self.check()

    def show_state(self, icon: QIcon, tooltip: str, block: str, today: str) -> None:
        """Show the state; nothing is touched that stays the same.

        Args:
            icon: The glyph.
            tooltip: Up to three lines.
            block: The menu's first row.
            today: Its second row; empty for none.
        """
        if icon.cacheKey() != self._icon.cacheKey():
            self._icon = icon
            if self._item is not None:
                self._item.setIcon(icon)
        if tooltip != self._tooltip:
            self._tooltip = tooltip
            if self._item is not None:
                self._item.setToolTip(tooltip)
        for row, text in ((self._block, block), (self._today, today)):
            escaped = text.replace("&", "&&")
            if row.text() != escaped:
                row.setText(escaped)
            row.setVisible(bool(text))

    def check(self) -> None:
        """See whether there is a tray. Costs nothing; to be called now and then."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            if not self._wait.isActive() and not self._is_missing:
                self._wait.start()
            return
        self._wait.stop()
        if self._item is None:
            self._make_item()
        if self._is_missing:
            self._is_missing = False
            self.found.emit()

    def remove(self) -> None:
        """Leave the tray."""
        self._wait.stop()
        if self._item is not None:
            self._item.hide()
            self._item.deleteLater()
            self._item = None

    def _add_row(self, text: str, wanted: SignalInstance) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(wanted)
        return action

    def _watch_host(self) -> QDBusServiceWatcher | None:
        bus = QDBusConnection.sessionBus()
        if sys.platform in ("win32", "darwin") or not bus.isConnected():
            return None
        watcher = QDBusServiceWatcher(
            HOST_SERVICE, bus, QDBusServiceWatcher.WatchModeFlag.WatchForRegistration, self
        )
        watcher.serviceRegistered.connect(self._on_host)
        return watcher

    def _on_host(self) -> None:
        self._make_item()
        self.check()

    def _make_item(self) -> None:
        self.remove()
        self._item = QSystemTrayIcon(self._icon, self)
        self._item.setToolTip(self._tooltip)
        self._item.setContextMenu(self.menu)
        self._item.activated.connect(self._on_activated)
        self._item.show()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # on macOS a click opens the menu, and is reported as well
        if reason == QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self.toggle_requested.emit()

    def _give_up(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._is_missing = True
            self.missing.emit()

"""The tray icon and its menu."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

HOST_SERVICE = "org.kde.StatusNotifierWatcher"
"""The D-Bus service for tray icons on Linux, unless the panel uses X11."""

WAIT_MS = 10_000
"""A panel that starts with the session may start after us; after this time there is none."""


STATUS_ROWS = 9
"""The rows of the menu for the state: the block, two plan limits, two budgets and one of the team,
today, and what is wrong with the ledger or with publishing. Unused ones are hidden."""


class Mute(Enum):
    """How long alerts are muted."""

    HOUR = "for an hour"
    TOMORROW = "until tomorrow"
    RESET = "until the block ends"
    NOT = "not at all"


class TrayItem(Protocol):
    """An icon in a tray."""

    def set_icon(self, icon: QIcon) -> None:
        """Show another glyph."""
        ...

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip."""
        ...

    def set_text(self, text: str) -> None:
        """Show a text beside the glyph, where there is room for it."""
        ...

    def show_message(self, title: str, text: str, *, is_critical: bool) -> None:
        """Show a message."""
        ...

    def remove(self) -> None:
        """Remove the icon."""
        ...


MakeItem: TypeAlias = Callable[[QMenu, Callable[[], None], Callable[[], None]], TrayItem]
"""Creates an icon with a menu; calls the first function for a click, the second for one on its
message."""


class QtItem:
    """Qt's tray icon, which has no text."""

    def __init__(
        self, menu: QMenu, on_click: Callable[[], None], on_message_click: Callable[[], None]
    ) -> None:
        self._on_click = on_click
        self._item = QSystemTrayIcon(menu)
        self._item.setContextMenu(menu)
        self._item.activated.connect(self._on_activated)
        self._item.messageClicked.connect(on_message_click)
        self._is_shown = False

    def set_icon(self, icon: QIcon) -> None:
        """Show another glyph; the first one makes the icon appear."""
        self._item.setIcon(icon)
        if not self._is_shown:  # Qt warns about a visible icon without an image
            self._is_shown = True
            self._item.show()

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip."""
        self._item.setToolTip(text.replace("<", "\u2039"))  # some panels interpret HTML

    def set_text(self, text: str) -> None:
        """Ignore the text, which this icon cannot show."""

    def show_message(self, title: str, text: str, *, is_critical: bool) -> None:
        """Show a message."""
        kinds = QSystemTrayIcon.MessageIcon
        self._item.showMessage(title, text, kinds.Critical if is_critical else kinds.Information)

    def remove(self) -> None:
        """Remove the icon."""
        self._item.hide()
        self._item.deleteLater()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # on macOS a click opens the menu, and is also reported
        if reason == QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self._on_click()


class Tray(QObject):
    """Shows the state in an icon with a menu.

    The menu's rows are created once and changed in place, so that an open menu stays open. The icon
    itself is created again when a host for it appears: on X11 Qt never registers one that is older
    than its host.

    Attributes:
        menu: The menu; the same for every icon.

    Signals:
        toggle_requested: The icon was clicked.
        open_requested: The user wants the window.
        page_requested: The user wants the page of the window for a row of the menu.
        mute_requested: The user wants no alerts; carries until when, a `Mute`.
        settings_requested: The user wants the settings.
        update_requested: The user wants to know what is new in a newer version.
        refresh_requested: The user wants a refresh.
        quit_requested: The user wants to quit.
        message_clicked: The message at the icon was clicked.
        found: A tray has appeared after all.
        missing: There is no tray, or none any more, even after waiting for it.
    """

    toggle_requested = Signal()
    open_requested = Signal()
    page_requested = Signal(str)
    mute_requested = Signal(object)
    settings_requested = Signal()
    update_requested = Signal()
    refresh_requested = Signal()
    quit_requested = Signal()
    message_clicked = Signal()
    found = Signal()
    missing = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        make_item: MakeItem = QtItem,
        wait_ms: int = WAIT_MS,
    ) -> None:
        """Create the menu; `show` creates the icon.

        Args:
            parent: The owner.
            make_item: Creates the icon.
            wait_ms: How long to wait for a panel.
        """
        super().__init__(parent)
        self._make = make_item
        self._icon = QIcon()
        self._tooltip = ""
        self._text = ""
        self._is_missing = False
        self.menu = QMenu()
        self.destroyed.connect(self.menu.deleteLater)  # its parent must be a widget
        self._pages = [""] * STATUS_ROWS
        self._rows = [self._add_status_row(index) for index in range(STATUS_ROWS)]
        self.menu.addSeparator()
        self._add_row(self.tr("&Open window"), self.open_requested)
        self._add_row(self.tr("&Refresh now"), self.refresh_requested)
        self._mutes = self._add_mutes()
        self._add_row(self.tr("&Settings…"), self.settings_requested)
        self._update = self._add_row("", self.update_requested)
        self._update.setVisible(False)
        self.menu.addSeparator()
        self._add_row(self.tr("&Quit"), self.quit_requested)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(wait_ms)
        self._wait.timeout.connect(self._give_up)
        self._host = self._watch_host()
        self._item: TrayItem | None = None

    @property
    def tooltip(self) -> str:
        """The tooltip of the icon."""
        return self._tooltip

    def show(self) -> None:
        """Show the icon as soon as there is a tray."""
        # on X11 Qt docks a waiting icon by itself; elsewhere it warns about one that has to wait
        if self._item is None and QGuiApplication.platformName() == "xcb":
            self._make_item()
        self.check()

    def show_state(
        self, icon: QIcon, tooltip: str, rows: Sequence[tuple[str, str]], text: str = ""
    ) -> None:
        """Show the state; what stays the same is not touched.

        Args:
            icon: The glyph.
            tooltip: Up to three lines.
            rows: The menu's first rows, at most `STATUS_ROWS`: each a text, and the page of the
                window with the details.
            text: The text beside the icon, if it can be shown.
        """
        if icon.cacheKey() != self._icon.cacheKey():
            self._icon = icon
            if self._item is not None:
                self._item.set_icon(icon)
        if tooltip != self._tooltip:
            self._tooltip = tooltip
            if self._item is not None:
                self._item.set_tooltip(tooltip)
        if text != self._text:
            self._text = text
            if self._item is not None:
                self._item.set_text(text)
        for index, row in enumerate(self._rows):
            text, self._pages[index] = rows[index] if index < len(rows) else ("", "")
            _set_text(row, text.replace("&", "&&"))
            if row.isVisible() != bool(text):
                row.setVisible(bool(text))

    def show_muted(self, until: str) -> None:
        """Show until when alerts are muted; "" if they are not."""
        is_muted = bool(until)
        title = self.tr("Alerts muted until {time}").format(time=until) if is_muted else ""
        _set_text(self._mutes.menuAction(), title or self.tr("&Mute alerts"))
        for row in self._mutes.actions():
            wants_none = row.data() is Mute.NOT
            if row.isVisible() is not (wants_none is is_muted):
                row.setVisible(wants_none is is_muted)

    def show_update(self, text: str) -> None:
        """Show that there is a newer version; "" if there is none."""
        _set_text(self._update, text.replace("&", "&&"))
        if self._update.isVisible() != bool(text):
            self._update.setVisible(bool(text))

    def show_message(self, title: str, text: str, *, is_critical: bool) -> None:
        """Show a message at the icon, if the system has no notification service."""
        if self._item is not None:
            self._item.show_message(title, text, is_critical=is_critical)

    def check(self) -> None:
        """Check whether there is a tray. Cheap; to be called at intervals."""
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
        """Remove the icon."""
        self._wait.stop()
        if self._item is not None:
            self._item.remove()
            self._item = None

    def _add_row(self, text: str, wanted: SignalInstance) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(wanted)
        return action

    def _add_status_row(self, index: int) -> QAction:
        action = self.menu.addAction("")
        action.triggered.connect(lambda: self.page_requested.emit(self._pages[index]))
        return action

    def _add_mutes(self) -> QMenu:
        menu = self.menu.addMenu(self.tr("&Mute alerts"))
        for mute, text in (
            (Mute.HOUR, self.tr("For &1 hour")),
            (Mute.TOMORROW, self.tr("Until &tomorrow")),
            (Mute.RESET, self.tr("Until the block &ends")),
            (Mute.NOT, self.tr("&Unmute")),
        ):
            action = menu.addAction(text)
            action.setData(mute)
            action.triggered.connect(lambda _=False, mute=mute: self.mute_requested.emit(mute))
            action.setVisible(mute is not Mute.NOT)
        return menu

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
        self._item = self._make(self.menu, self.toggle_requested.emit, self.message_clicked.emit)
        self._item.set_tooltip(self._tooltip)
        self._item.set_text(self._text)
        self._item.set_icon(self._icon)

    def _give_up(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._is_missing = True
            self.missing.emit()


def _set_text(row: QAction, text: str) -> None:
    if row.text() != text:
        row.setText(text)

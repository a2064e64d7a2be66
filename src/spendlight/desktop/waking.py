"""Reports when the computer has woken up, so that outdated figures are refreshed."""

from __future__ import annotations

import sys
from typing import Any, Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

SERVICE: Final = "org.freedesktop.login1"
OBJECT_PATH: Final = "/org/freedesktop/login1"
INTERFACE: Final = "org.freedesktop.login1.Manager"
MEMBER: Final = "PrepareForSleep"

_SLOT: Final[Any] = "1on_sleep(bool)"
"""In the form of Qt's SLOT macro; the stubs want bytes, which PySide rejects."""


class Waking(QObject):
    """Listens to the system, which sends a signal before and after sleep.

    Signals:
        woken: The computer has woken up.
    """

    woken = Signal()

    def __init__(self, bus: QDBusConnection | None, parent: QObject | None = None) -> None:
        """Start listening.

        Args:
            bus: The system bus; without it, the next minute's refresh must suffice.
            parent: The owner.
        """
        super().__init__(parent)
        self._bus = bus
        if bus is not None:
            bus.connect(SERVICE, OBJECT_PATH, INTERFACE, MEMBER, self, _SLOT)

    @Slot(bool)
    def on_sleep(self, begins: bool) -> None:  # noqa: FBT001  # a slot
        """Handle the computer's going to sleep or waking up."""
        if not begins:
            self.woken.emit()

    def shut_down(self) -> None:
        """Stop listening."""
        if self._bus is not None:
            self._bus.disconnect(SERVICE, OBJECT_PATH, INTERFACE, MEMBER, self, _SLOT)
            self._bus = None


def system_bus(platform: str = sys.platform) -> QDBusConnection | None:
    """Return the system bus, or None if there is none."""
    if platform in ("win32", "darwin"):
        return None
    bus = QDBusConnection.systemBus()
    return bus if bus.isConnected() else None

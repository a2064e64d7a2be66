"""Says when the computer has woken up, so that nobody looks at the figures of last night."""

from __future__ import annotations

import sys
from typing import Any, Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

SERVICE: Final = "org.freedesktop.login1"
PLACE: Final = "/org/freedesktop/login1"
INTERFACE: Final = "org.freedesktop.login1.Manager"
MEMBER: Final = "PrepareForSleep"

_SLOT: Final[Any] = "1on_sleep(bool)"
"""As Qt's macro for slots has it; the stubs want bytes, which PySide refuses."""


class Waking(QObject):
    """Listens to the system, which tells before it sleeps and after.

    Signals:
        woken: The computer has woken up.
    """

    woken = Signal()

    def __init__(self, bus: QDBusConnection | None, parent: QObject | None = None) -> None:
        """Begin to listen.

        Args:
            bus: The system's; where there is none, the next minute must do.
            parent: The owner.
        """
        super().__init__(parent)
        self._bus = bus
        if bus is not None:
            bus.connect(SERVICE, PLACE, INTERFACE, MEMBER, self, _SLOT)

    @Slot(bool)
    def on_sleep(self, begins: bool) -> None:  # noqa: FBT001  # a slot
        """Take that the computer goes to sleep, or has woken up."""
        if not begins:
            self.woken.emit()

    def shut_down(self) -> None:
        """Listen no more."""
        if self._bus is not None:
            self._bus.disconnect(SERVICE, PLACE, INTERFACE, MEMBER, self, _SLOT)
            self._bus = None


def system_bus(platform: str = sys.platform) -> QDBusConnection | None:
    """Return the bus on which the system speaks, or None where there is none."""
    if platform in ("win32", "darwin"):
        return None
    bus = QDBusConnection.systemBus()
    return bus if bus.isConnected() else None

"""A window that a click on the tray shows, and the next one hides."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

CLICK_S: Final = 0.3
"""A click on the tray takes the focus from the window up to this long before it is reported."""


class RaisedWindow(QWidget):
    """A window that can be raised above all others, or hidden."""

    def __init__(self) -> None:
        super().__init__()
        self._deactivated_at = 0.0

    def toggle(self) -> None:
        """Hide the window if the user sees it; otherwise raise it."""
        is_active = self.isActiveWindow() or time.monotonic() - self._deactivated_at < CLICK_S
        if self.isVisible() and not self.isMinimized() and is_active:
            self.hide()
        else:
            self.come_up()

    def come_up(self) -> None:
        """Show the window above all others."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """Note when the focus was lost, to recognize a click on the tray."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._deactivated_at = time.monotonic()

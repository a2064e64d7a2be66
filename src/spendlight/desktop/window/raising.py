"""A window that comes up at a click on the tray, and goes away at the next one."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

CLICK_S: Final = 0.3
"""A click on the tray takes the focus from the window this much before it is reported."""


class RaisedWindow(QWidget):
    """Comes up above all others, or goes away."""

    def __init__(self) -> None:
        super().__init__()
        self._deactivated_at = 0.0

    def toggle(self) -> None:
        """Disappear, if the user sees the window; else come up."""
        is_active = self.isActiveWindow() or time.monotonic() - self._deactivated_at < CLICK_S
        if self.isVisible() and not self.isMinimized() and is_active:
            self.hide()
        else:
            self.come_up()

    def come_up(self) -> None:
        """Appear above all other windows."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        """Remember when the focus went, to tell a click on the tray from any other."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._deactivated_at = time.monotonic()

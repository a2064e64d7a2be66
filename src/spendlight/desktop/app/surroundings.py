"""Events around the program: panels change colour, the computer wakes up, sessions end."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from spendlight.desktop.glyph import Ink, panel_ink
from spendlight.desktop.panel import taskbar_theme
from spendlight.desktop.waking import Waking, system_bus


class Surroundings(QObject):
    """Reports changes around the program, without polling.

    Signals:
        panel_changed: The panel may have another colour.
        woken: The computer has woken up.
    """

    panel_changed = Signal()
    woken = Signal()

    def __init__(self, app: QApplication, current_desktop: str) -> None:
        """Start listening.

        Args:
            app: The application.
            current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
        """
        super().__init__(app)
        self._hints = app.styleHints()
        self._current_desktop = current_desktop
        self._taskbar = taskbar_theme(self)
        self._waking = Waking(system_bus(), self)
        self._scheme = self._hints.colorScheme()
        self._is_scheme_chosen = False
        self._hints.colorSchemeChanged.connect(self._on_scheme)
        self._taskbar.changed.connect(self.panel_changed)
        self._waking.woken.connect(self.woken)
        app.commitDataRequest.connect(leave_starting_to_the_settings)

    def tell_scheme_chosen(self, *, is_chosen: bool) -> None:
        """Set whether dark or light was chosen for the windows, which does not affect panels."""
        self._is_scheme_chosen = is_chosen

    def ink(self) -> Ink:
        """Return the colours for the current panel."""
        return panel_ink(
            sys.platform,
            self._current_desktop,
            self._scheme,
            is_taskbar_light=self._taskbar.is_light,
        )

    def shut_down(self) -> None:
        """Stop listening."""
        self._taskbar.shut_down()
        self._waking.shut_down()

    def _on_scheme(self, scheme: Qt.ColorScheme) -> None:
        if not self._is_scheme_chosen:
            self._scheme = scheme
            self.panel_changed.emit()


def leave_starting_to_the_settings(manager: QSessionManager) -> None:
    """Keep the session manager from restarting the program by itself.

    If it starts at login, there is an entry for that. An additional start by the session manager
    would be the second one, and raise the window.
    """
    manager.setRestartHint(QSessionManager.RestartHint.RestartNever)

"""The page of how the program fares, live while it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit

from spendlight.desktop.settings_dialog.parts import SettingsPage

translate = QCoreApplication.translate

LOOK_MS: Final = 5_000
"""How often it is looked; each look is a wake-up of its own."""

LINES: Final = 10
"""So many lines are seen where there is room for no more."""


class DiagnosticsPage(SettingsPage):
    """Shows a text about the program's health, and copies it."""

    def __init__(self, diagnose: Callable[[], str]) -> None:
        """Make the page.

        Args:
            diagnose: Tells how the program fares; asked while the page is looked at.
        """
        super().__init__(translate("settings", "Diagnostics"))
        self._diagnose = diagnose
        self.add_text(
            translate("settings", "The resources that Spendlight uses, and recent errors."),
            is_secondary=True,
        )
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(self.title)
        self._text.setMinimumHeight(LINES * self._text.fontMetrics().lineSpacing())
        self.column.addWidget(self._text, 1)
        copy = self.add_button(translate("settings", "Cop&y"))
        copy.clicked.connect(self._copy)
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self.look)

    def look(self) -> None:
        """Show how the program fares now; a text that is being marked stays as it is."""
        text = self._diagnose()
        if text == self._text.toPlainText() or self._text.textCursor().hasSelection():
            return
        across, down = self._text.horizontalScrollBar(), self._text.verticalScrollBar()
        places = across.value(), down.value()
        self._text.setPlainText(text)
        across.setValue(places[0])
        down.setValue(places[1])

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.look()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._clock.stop()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())

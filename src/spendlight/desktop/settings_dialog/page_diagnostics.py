"""The page of diagnostics, updated while it is visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit

from spendlight.desktop.settings_dialog.parts import SettingsPage

translate = QCoreApplication.translate

LOOK_MS: Final = 5_000
"""How often they are updated; each update is a wake-up."""

LINES: Final = 10
"""The number of visible lines if there is no space for more."""


class DiagnosticsPage(SettingsPage):
    """Shows the diagnostics as text, and copies it."""

    def __init__(self, diagnose: Callable[[], str]) -> None:
        """Create the page.

        Args:
            diagnose: Returns the diagnostics; called while the page is visible.
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
        """Update the text, unless a part of it is selected."""
        text = self._diagnose()
        if text == self._text.toPlainText() or self._text.textCursor().hasSelection():
            return
        across, down = self._text.horizontalScrollBar(), self._text.verticalScrollBar()
        positions = across.value(), down.value()
        self._text.setPlainText(text)
        across.setValue(positions[0])
        down.setValue(positions[1])

    def showEvent(self, event: QShowEvent) -> None:
        """Start updating."""
        super().showEvent(event)
        self.look()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop updating."""
        super().hideEvent(event)
        self._clock.stop()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())

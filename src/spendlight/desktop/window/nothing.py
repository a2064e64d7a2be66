"""The widget shown if there is nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from spendlight.desktop.window.labels import RELATED_PX, TITLE, Label


class Nothing(QWidget):
    """Explains that there is no data, why, and what can be done about it."""

    def __init__(self, *buttons: QPushButton) -> None:
        """Start without a text.

        Args:
            buttons: The possible actions.
        """
        super().__init__()
        self._title, self._advice = Label(TITLE), Label(is_secondary=True)
        layout = QVBoxLayout(self)
        layout.setSpacing(RELATED_PX)
        layout.addStretch(2)
        for label in (self._title, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        line = QHBoxLayout()
        line.setSpacing(RELATED_PX)
        line.addStretch(1)
        for button in buttons:
            line.addWidget(button)
        line.addStretch(1)
        layout.addSpacing(RELATED_PX)
        layout.addLayout(line)
        layout.addStretch(3)

    def explain(self, title: str, advice: str) -> None:
        """Show what is the matter, and why or what to do."""
        self._title.show_text(title)
        self._advice.show_text(advice)

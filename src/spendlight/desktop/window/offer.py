"""Offers budgets, once, to users who have none."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from spendlight.desktop.window.labels import RELATED_PX, Notice


class BudgetOffer(QWidget):
    """A sentence with two buttons, both of which close it.

    Signals:
        accepted: The user wants to set a budget.
    """

    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        words = Notice()
        words.show_message(
            (
                self.tr("Spendlight can tell you before a budget is used up"),
                self.tr("For a block, a day, a week or a month. The ring shows how much is used."),
            )
        )
        accept = QPushButton(self.tr("Set a budget…"))
        accept.clicked.connect(self._accept)
        decline = QPushButton(self.tr("No, thanks"))
        decline.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(words, 1)
        layout.addWidget(accept)
        layout.addWidget(decline)
        self.hide()

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()

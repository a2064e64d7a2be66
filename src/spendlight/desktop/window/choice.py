"""A few choices side by side, one of which is selected."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Choice(QWidget):
    """A few choices side by side, one of which is selected.

    Signals:
        chosen: Another one was chosen; carries its data.
    """

    chosen = Signal(object)

    def __init__(self, name: str, choices: Mapping[str, object]) -> None:
        """Create it.

        Args:
            name: Its name for screen readers.
            choices: Texts and their data; the first one is selected initially.
        """
        super().__init__()
        self.setAccessibleName(name)
        self._data = list(choices.values())
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for number, text in enumerate(choices):
            button = QToolButton()
            button.setText(text)
            button.setAccessibleName(f"{name}: {text}")
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setChecked(number == 0)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.idToggled.connect(self._on_toggled)

    @property
    def current(self) -> object:
        """The data of the selected choice."""
        return self._data[max(0, self._group.checkedId())]

    def choose(self, data: object) -> None:
        """Select a choice."""
        self._group.button(self._data.index(data)).setChecked(True)

    def _on_toggled(self, number: int, is_on: bool) -> None:  # noqa: FBT001  # a slot
        if is_on:
            self.chosen.emit(self._data[number])

"""What the pages of the settings are made of."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

Choice = TypeVar("Choice", bound=Enum)

EDGE_PX = 24
GAP_PX = 8
GROUP_PX = 16


class SettingsPage(QScrollArea):
    """A page that scrolls where there is not room for all of it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        self.column.setSpacing(GAP_PX)
        self.setWidget(inner)
        heading = QLabel(title)
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        heading.setFont(font)
        self.column.addWidget(heading)
        self.column.addSpacing(GAP_PX)

    def add_form(self) -> QFormLayout:
        """Return a form below what is there."""
        form = QFormLayout()
        form.setHorizontalSpacing(GROUP_PX)
        form.setVerticalSpacing(GAP_PX)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self.column.addLayout(form)
        return form

    def add_text(self, text: str = "") -> QLabel:
        """Return a paragraph below what is there."""
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.column.addWidget(label)
        return label

    def add_gap(self) -> None:
        """Begin a new group."""
        self.column.addSpacing(GROUP_PX)

    def add_check(self, text: str) -> QCheckBox:
        """Return a box to tick below what is there."""
        box = QCheckBox(text)
        self.column.addWidget(box)
        return box

    def finish(self) -> None:
        """Keep everything at the top."""
        self.column.addStretch(1)


def choice_box(name: str, choices: Sequence[tuple[Any, str]]) -> QComboBox:
    """Return a box to choose from: values and their texts."""
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box


def choose(box: QComboBox, value: object) -> None:
    """Choose a value in a box; what is not in it is not chosen."""
    for place in range(box.count()):
        if box.itemData(place) == value:
            box.setCurrentIndex(place)
            return

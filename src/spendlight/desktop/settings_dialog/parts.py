"""Building blocks of the pages of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QIcon, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QCompleter,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from spendlight.names import shown_lines
from spendlight.settings import Settings

EDGE_PX: Final = 24
RELATED_PX: Final = 8
GROUP_PX: Final = 16

TITLE: Final = 1.4
"""The size of a page's title, relative to the system's font."""

TEXT_CHARS: Final = 72
"""Longer lines than this are hard to read."""

RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
"""How figures are aligned."""

BREAK: Final = "\u200b"
"""A zero-width space, where a text may wrap."""


_OVERHANG_PX: Final = 2
"""A last letter may extend beyond its reported width."""


class Problem(NamedTuple):
    """An invalid input.

    Attributes:
        text: A sentence on what to do about it.
        field: The field of the input.
    """

    text: str
    field: QWidget


class SettingsPage(QScrollArea):
    """A page that scrolls if there is not enough space.

    Attributes:
        column: The layout of everything on it, from top to bottom.

    Signals:
        edited: The user has changed something.
    """

    edited = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX)
        self.column.setSpacing(RELATED_PX)
        self.setWidget(inner)
        self.column.addWidget(_heading(title, TITLE))
        self.column.addSpacing(RELATED_PX)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        return settings

    def problem(self) -> Problem | None:
        """Return the first invalid input on this page, if any."""
        return None

    def add_group(self, title: str) -> QLabel:
        """Start a new group at the end, and return its heading."""
        self.column.addSpacing(GROUP_PX)
        heading = _heading(title, 1.0)
        self.column.addWidget(heading)
        return heading

    def add_gap(self) -> None:
        """Start a new group without a heading."""
        self.column.addSpacing(GROUP_PX)

    def add_form(self) -> QFormLayout:
        """Add a form at the end, and return it."""
        made = form()
        self.column.addLayout(made)
        return made

    def add_text(self, text: str = "", *, is_secondary: bool = False) -> QLabel:
        """Add a paragraph at the end, and return it."""
        label = paragraph(text, is_secondary=is_secondary)
        self.column.addWidget(label)
        return label

    def add_check(self, text: str) -> QCheckBox:
        """Add a checkbox at the end, and return it."""
        box = QCheckBox(text)
        box.toggled.connect(self.edited)
        self.column.addWidget(box)
        return box

    def add_row(self, *widgets: QWidget) -> None:
        """Add widgets side by side at the end."""
        row = QHBoxLayout()
        row.setSpacing(RELATED_PX)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.column.addLayout(row)

    def add_button(self, text: str) -> QPushButton:
        """Add a button on its own line, and return it."""
        button = plain_button(text)
        self.add_row(button)
        return button

    def finish(self) -> None:
        """Align everything to the top, and let the wheel scroll without changing fields."""
        self.column.addStretch(1)
        for kind in (QComboBox, QAbstractSpinBox):
            for field in self.findChildren(kind):
                field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                field.installEventFilter(self)

    def eventFilter(self, watched: QWidget, event: Any) -> bool:  # type: ignore[override]  # noqa: ANN401  # any event
        """Ignore the wheel over fields that are not being edited."""
        if event.type() == event.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


class ProblemLine(QWidget):
    """A sentence on an invalid input, with a mark; takes no space if empty."""

    def __init__(self) -> None:
        super().__init__()
        mark = QLabel()
        style = self.style()
        size = style.pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        icon = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        mark.setPixmap(icon.pixmap(size, size))
        self._text = paragraph("")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """Its text."""
        return self._text.text()

    def show_problem(self, problem: Problem | None) -> None:
        """Show a problem, also to screen readers; None hides it."""
        self.show_text(problem.text if problem else "")
        if problem is not None:
            problem.field.setAccessibleDescription(problem.text)

    def show_text(self, text: str) -> None:
        """Show a text; "" hides it."""
        self._text.setText(text)
        self.setVisible(bool(text))


def form() -> QFormLayout:
    """Return a form; if it is narrow, its fields are below their labels."""
    made = QFormLayout()
    made.setHorizontalSpacing(GROUP_PX)
    made.setVerticalSpacing(RELATED_PX)
    made.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return made


def add_field(form: QFormLayout, text: str, field: QWidget) -> None:
    """Add a field with its label to a form."""
    label = QLabel(text)
    label.setBuddy(field)
    label.setContentsMargins(0, 0, _OVERHANG_PX, 0)
    form.addRow(label, field)


def paragraph(text: str, *, is_secondary: bool = False) -> QLabel:
    """Return a text that wraps and can be copied."""
    label = _Paragraph()
    label.setText(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMaximumWidth(label.fontMetrics().averageCharWidth() * TEXT_CHARS)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if is_secondary:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def plain_button(text: str) -> QPushButton:
    """Return a button that Enter elsewhere in the dialog does not press."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    return button


def dialog_buttons(which: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """Return the buttons of a dialog, without the icons that some systems show on them."""
    box = QDialogButtonBox(which)
    for button in box.buttons():
        button.setIcon(QIcon())
    return box


def ticked_table(name: str, headings: Sequence[str], *, stretched: int, right: int) -> QTreeWidget:
    """Return an empty table whose rows have a checkbox in their first column.

    Args:
        name: Its name for screen readers.
        headings: The headings of its columns.
        stretched: The column that takes the room that is left.
        right: The column of figures.
    """
    table = QTreeWidget()
    table.setAccessibleName(name)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setAllColumnsShowFocus(True)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHeaderLabels(headings)
    corner = QWidget()  # otherwise it is painted like an outline
    corner.setAutoFillBackground(True)
    table.setCornerWidget(corner)
    header = table.header()
    header.setSectionsMovable(False)
    header.setStretchLastSection(False)
    for column in range(len(headings)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    table.headerItem().setTextAlignment(right, RIGHT)
    return table


def choice_box(name: str, choices: Sequence[tuple[object, str]]) -> QComboBox:
    """Return a box to choose from: values and their texts."""
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in choices:
        box.addItem(text, value)
    return box


def searched_box(name: str, choices: Sequence[str], chars: int) -> QComboBox:
    """Return a box into which anything can be typed; it finds choices by any part of them.

    Args:
        name: Its name for screen readers.
        choices: The choices.
        chars: Its width in characters.
    """
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(chars)
    box.addItems(choices)
    completer, edit = box.completer(), box.lineEdit()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    box.setAccessibleName(name)
    if edit is not None:
        edit.setAccessibleName(name)
    return box


def choose(box: QComboBox, value: object) -> None:
    """Choose a value in a box, if it is in it."""
    for index in range(box.count()):
        if box.itemData(index) == value:
            box.setCurrentIndex(index)
            return


def _heading(text: str, size: float) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * size)
    if size == 1:
        font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


class _Paragraph(QLabel):
    """A label whose height takes its maximum width into account, which Qt does not."""

    def setText(self, text: str) -> None:
        """Show a text that may contain names; only our own marks allow it to wrap."""
        super().setText(BREAK.join(map(shown_lines, text.split(BREAK))))

    def heightForWidth(self, width: int) -> int:
        """Return the height for a width."""
        return super().heightForWidth(min(width, self.maximumWidth()))

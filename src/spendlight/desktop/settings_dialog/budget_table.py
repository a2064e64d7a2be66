"""The table of the rules without their own field, with buttons to edit it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.budget_editor import BudgetEditor, Scopes
from spendlight.desktop.settings_dialog.budget_words import (
    OWN_NAMES,
    amount_words,
    level_words,
    rule_words,
    scope_words,
)
from spendlight.desktop.settings_dialog.parts import (
    EDGE_PX,
    RELATED_PX,
    RIGHT,
    paragraph,
    plain_button,
    ticked_table,
)
from spendlight.metering.budgets import Budget
from spendlight.names import hint, shown

translate = QCoreApplication.translate

_SCOPE: Final = 1
_AMOUNT: Final = 3
"""Column numbers."""


ROWS: Final = 5
"""The number of visible rules; more are scrolled."""


class BudgetTable(QWidget):
    """Rules with checkboxes, and buttons to add, edit and remove them.

    Signals:
        edited: The user has changed something.
    """

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._budgets: list[Budget] = []
        self._scopes = Scopes()
        self._editor: BudgetEditor | None = None
        self._empty = paragraph(
            translate(
                "settings",
                "Rules for a project or a model, tokens, the burn rate or a forecast.",
            ),
            is_secondary=True,
        )
        self._table = ticked_table(
            translate("settings", "More rules"),
            [
                translate("settings", "Rule"),
                translate("settings", "For"),
                translate("settings", "Notify at, %"),
                translate("settings", "Amount"),
            ],
            stretched=_SCOPE,
            right=_AMOUNT,
        )
        self._table.itemChanged.connect(self._on_ticked)
        self._table.itemDoubleClicked.connect(self._change)
        self._table.itemSelectionChanged.connect(self._on_selected)
        self._table.installEventFilter(self)
        add = plain_button(translate("settings", "Add &rule…"))
        self._change_button = plain_button(translate("settings", "Ed&it…"))
        self._remove_button = plain_button(translate("settings", "Remo&ve"))
        add.clicked.connect(self._add)
        self._change_button.clicked.connect(self._change)
        self._remove_button.clicked.connect(self._remove)
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED_PX)
        for button in (add, self._change_button, self._remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(RELATED_PX)
        column_.addWidget(self._empty)
        column_.addWidget(self._table)
        column_.addLayout(buttons)
        self._show()

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The current rules."""
        return tuple(self._budgets)

    def show_budgets(self, budgets: Sequence[Budget]) -> None:
        """Show rules."""
        self._budgets = list(budgets)
        self._show()

    def show_scopes(self, scopes: Scopes) -> None:
        """Set the projects and models to choose from."""
        self._scopes = scopes
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt to the new width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Edit a rule with Enter and remove it with Delete."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._row() >= 0:
                self._change()
                return True
            if event.key() == Qt.Key.Key_Delete and self._row() >= 0:
                self._remove()
                return True
        return super().eventFilter(watched, event)

    def _row(self) -> int:
        chosen = self._table.selectedItems()
        return self._table.indexOfTopLevelItem(chosen[0]) if chosen else -1

    def _select(self, row: int) -> None:
        item = self._table.topLevelItem(row)
        if item is not None:
            self._table.setCurrentItem(item)

    def _show(self) -> None:
        row = self._row()
        names = dict(self._scopes.projects)
        row_px = self.fontMetrics().height() + RELATED_PX
        self._table.blockSignals(True)  # noqa: FBT003  # as Qt has it
        self._table.clear()
        for budget in self._budgets:
            texts = [
                rule_words(budget),
                scope_words(budget, names),
                level_words(budget),
                amount_words(budget),
            ]
            item = QTreeWidgetItem(texts)
            item.setCheckState(
                0, Qt.CheckState.Checked if budget.is_on else Qt.CheckState.Unchecked
            )
            item.setTextAlignment(_AMOUNT, RIGHT)
            item.setToolTip(_SCOPE, hint(shown(budget.project)))
            for column, text in enumerate(texts):
                width = self.fontMetrics().horizontalAdvance(text) + EDGE_PX
                box = self._table.iconSize().width() + EDGE_PX if column == 0 else 0
                item.setSizeHint(column, QSize(width + box, row_px))
            self._table.addTopLevelItem(item)
        self._table.blockSignals(False)  # noqa: FBT003  # as Qt has it
        if self._budgets and row >= 0:
            self._select(min(row, len(self._budgets) - 1))
        for widget in (self._table, self._change_button, self._remove_button):
            widget.setVisible(bool(self._budgets))
        self._empty.setVisible(not self._budgets)
        self._fit()
        self._on_selected()

    def _fit(self) -> None:
        """Set the height to that of the rules, with a scroll bar if they are too wide."""
        rows = min(max(len(self._budgets), 2), ROWS)
        policies = Qt.ScrollBarPolicy
        has_more = len(self._budgets) > ROWS
        self._table.setVerticalScrollBarPolicy(
            policies.ScrollBarAsNeeded if has_more else policies.ScrollBarAlwaysOff
        )
        row = self._table.sizeHintForRow(0) if self._budgets else self.fontMetrics().height()
        header = self._table.header()
        height = header.sizeHint().height() + rows * row + 2 * self._table.frameWidth()
        bar = self._table.horizontalScrollBar()
        if header.length() > self._table.viewport().width():
            height += bar.sizeHint().height()
        self._table.setFixedHeight(height)

    def _on_selected(self) -> None:
        for button in (self._change_button, self._remove_button):
            button.setEnabled(self._row() >= 0)

    def _on_ticked(self, item: QTreeWidgetItem) -> None:
        row = self._table.indexOfTopLevelItem(item)
        is_on = item.checkState(0) == Qt.CheckState.Checked
        if self._budgets[row].is_on != is_on:
            self._budgets[row] = replace(self._budgets[row], is_on=is_on)
            self.edited.emit()

    def _add(self) -> None:
        taken = OWN_NAMES | {budget.name for budget in self._budgets}
        self._edit(BudgetEditor(None, taken, self._scopes, self), len(self._budgets))

    def _change(self) -> None:
        row = self._row()
        if row >= 0:
            self._edit(BudgetEditor(self._budgets[row], (), self._scopes, self), row)

    def _edit(self, editor: BudgetEditor, row: int) -> None:
        """Open the editor for a rule, and adopt the result if it is accepted."""

        def take() -> None:
            self._budgets[row : row + 1] = [editor.budget]
            self._show()
            self._select(row)
            self.edited.emit()

        self._editor = editor
        editor.accepted.connect(take)
        editor.finished.connect(editor.deleteLater)
        editor.open()

    def _remove(self) -> None:
        row = self._row()
        if row >= 0:
            del self._budgets[row]
            self._show()
            self.edited.emit()

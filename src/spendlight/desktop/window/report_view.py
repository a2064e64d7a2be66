"""The table of a report with its totals pinned below, as a widget."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import ceil
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.cells import PADDING_PX, ROW_LINES
from spendlight.desktop.window.column_choices import DEFAULT, ColumnChoice, ColumnChoices
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.row_table import RowTable
from spendlight.desktop.window.tables import (
    PROJECT,
    SESSION,
    VITAL_ROLE,
    AnyReport,
    ReportModel,
    TotalModel,
    heading_words,
)
from spendlight.metering.reports import Column

WIDEST_COUNT: Final = "888.8 M"
"""The widest count; no amount is wider than the total below, which is measured."""

WIDEST_TITLE: Final = "An ordinary title for a session"
"""A longer title is cut off where columns are narrow; the tooltip has all of it."""

MOST_SHARE: Final = 4
"""The stretched column gets at most this many times the width it needs."""

STRETCH_PX: Final = 120
"""The least width of the stretched column."""


class ReportView(QWidget):
    """Shows a report's rows, which scroll and sort, above its totals, which do neither.

    Signals:
        row_opened: The user wants the details of a row; carries the row.
        export_requested: The user wants the table as a file.
        columns_chosen: Other columns than before are wanted of those that reports may do without.
    """

    row_opened = Signal(object)
    export_requested = Signal()
    columns_chosen = Signal()

    def __init__(
        self,
        name: str,
        formats: Formats,
        *,
        order: Qt.SortOrder = Qt.SortOrder.DescendingOrder,
        sort_by: str = "",
        extra: Sequence[str] = (),
    ) -> None:
        """Create the view.

        Args:
            name: The table's name for screen readers.
            formats: How figures are written.
            order: The initial sort order.
            sort_by: The heading of the column it is initially sorted by; "" means the first one.
            extra: The headings of columns that are hidden unless they are chosen; reports may do
                without those that are not chosen.
        """
        super().__init__()
        self._extra = tuple(extra)
        self._choices, self._table = ColumnChoices(), ""
        self.model = ReportModel(formats, self)
        self.total = TotalModel(formats, self)
        self._sort_by = sort_by
        self._order = order
        self._needs: list[int] = []
        self._is_showing = False
        self._sums = self._make_sums()
        self._rows = self._make_rows(name)
        self.setFocusProxy(self._rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rows)
        layout.addWidget(self._sums)
        for model in (self.model, self.total):
            model.modelReset.connect(self._fit)
        self.model.dataChanged.connect(self._fit)
        self._rows.resized.connect(self._arrange)
        self._rows.doubleClicked.connect(self._open_current)
        self._rows.opened.connect(self._open_current)
        self._rows.headings.columns_requested.connect(self._show_column_menu)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.activated.connect(self.copy)
        self._fit()

    @property
    def rows(self) -> Sequence[Any]:
        """The rows in the order shown."""
        return self.model.rows

    def show_report(self, report: AnyReport) -> None:
        """Show a report with its totals."""
        is_first = not self.model.columns
        self._is_showing = True
        self.model.show_report(report)
        self.total.show_report(report)
        self._is_showing = False
        self._fit()
        if is_first and report.columns:
            self._sort_at_first()

    def show_rows(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> None:
        """Show rows without totals; if the columns are others than before, in the given order."""
        is_other = [c.heading for c in columns] != [c.heading for c in self.model.columns]
        if is_other:
            self._rows.horizontalHeader().setSortIndicator(-1, self._order)
            self.model.sort(-1)
        self.model.show_rows(columns, rows)

    def mark(self, row: object) -> None:
        """Select a row, and scroll to it."""
        number = next((n for n, known in enumerate(self.rows) if known is row), None)
        if number is not None:
            self._rows.selectRow(number)
            self._rows.scrollTo(self.model.index(number, 0))

    def say_where_empty(self, text: str) -> None:
        """Set the text that is shown without rows."""
        self._rows.empty = text
        self._rows.viewport().update()

    def copy(self) -> None:
        """Copy the selected rows, or all, to the clipboard as tab-separated values."""
        stretches = self._rows.selectionModel().selection().toList()
        chosen = {row for one in stretches for row in range(one.top(), one.bottom() + 1)}
        QGuiApplication.clipboard().setText(self.model.tsv(chosen))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the context menu, by mouse or by the menu key."""
        menu = self.make_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """Return the context menu."""
        menu = QMenu(self)
        opening = menu.addAction(self.tr("Open"))
        opening.setEnabled(self._rows.currentIndex().isValid())
        opening.triggered.connect(self._open_current)
        menu.addAction(self.tr("Copy")).triggered.connect(self.copy)
        menu.addAction(self.tr("Export table…")).triggered.connect(self.export_requested)
        sorting = menu.addMenu(self.tr("Sort by"))
        for number, column in enumerate(self.model.columns):
            action = sorting.addAction(heading_words(column.heading))
            action.setData(number)
            action.triggered.connect(self._sort_by_action)
        self._add_columns(menu.addMenu(self.tr("Columns")))
        return menu

    def make_column_menu(self) -> QMenu:
        """Return the menu of the headings."""
        menu = QMenu(self.tr("Columns"), self)
        self._add_columns(menu)
        return menu

    def _show_column_menu(self, at: QPoint) -> None:
        menu = self.make_column_menu()
        menu.exec(at)
        menu.deleteLater()

    def _add_columns(self, menu: QMenu) -> None:
        """Add a check box for each column, and one action to show the usual ones."""
        headings = [column.heading for column in self.model.columns]
        usual = [heading for heading in headings if heading not in self._extra]
        for number, heading in enumerate((*usual, *self._extra)):
            if number == len(usual):
                menu.addSeparator()
            choice = menu.addAction(heading_words(heading))
            choice.setCheckable(True)
            choice.setChecked(self.is_wanted(heading))
            choice.setEnabled(number > 0)
            choice.setData(heading)
            choice.toggled.connect(self._choose_by_action)
        menu.addSeparator()
        resetting = menu.addAction(self.tr("Usual columns"))
        resetting.setEnabled(self._choices.of(self._table) != DEFAULT)
        resetting.triggered.connect(self._choose_usual)

    def sort_by_column(self, column: int) -> None:
        """Sort by a column; if sorted by it already, reverse the order."""
        header = self._rows.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder
        is_again = header.sortIndicatorSection() == column
        if is_again and header.sortIndicatorOrder() == order:
            order = Qt.SortOrder.AscendingOrder
        self._rows.sortByColumn(column, order)

    def use_choices(self, choices: ColumnChoices, table: str) -> None:
        """Show the columns that were chosen earlier.

        Args:
            choices: Where choices are kept.
            table: The name of this table there.
        """
        self._choices, self._table = choices, table
        self._arrange()

    @property
    def wanted_extra(self) -> tuple[str, ...]:
        """The headings of the chosen columns among those that are hidden unless they are."""
        return tuple(filter(self.is_wanted, self._extra))

    def is_wanted(self, heading: str) -> bool:
        """Return whether a column is to be shown, if it fits."""
        chosen = self._choices.of(self._table)
        return heading in chosen.added if heading in self._extra else heading not in chosen.removed

    def choose_column(self, heading: str, *, is_wanted: bool) -> None:
        """Show a column, if it fits, or hide it."""
        choice = self._choices.of(self._table)
        self._choose(choice.changed(heading, is_extra=heading in self._extra, is_wanted=is_wanted))

    def _choose_usual(self) -> None:
        self._choose(DEFAULT)

    def _choose(self, choice: ColumnChoice) -> None:
        before = self.wanted_extra
        self._choices.choose(self._table, choice)
        self._arrange()
        if self.wanted_extra != before:
            self.columns_chosen.emit()

    def _sort_by_action(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.sort_by_column(int(action.data()))

    def _choose_by_action(self, is_wanted: bool) -> None:  # noqa: FBT001  # a slot
        action = self.sender()
        if isinstance(action, QAction):
            self.choose_column(str(action.data()), is_wanted=is_wanted)

    def _open_current(self) -> None:
        row = self._rows.currentIndex().row()
        if 0 <= row < len(self.model.rows):
            self.row_opened.emit(self.model.rows[row])

    def _sort_at_first(self) -> None:
        headings = [column.heading for column in self.model.columns]
        number = headings.index(self._sort_by) if self._sort_by in headings else 0
        self._rows.sortByColumn(number, self._order)

    def _make_rows(self, name: str) -> RowTable:
        table = RowTable(self, is_total=False)
        table.setModel(self.model)
        table.setAccessibleName(name)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = table.horizontalHeader()
        header.setSortIndicator(0, self._order)
        table.setSortingEnabled(True)
        return table

    def _make_sums(self) -> RowTable:
        table = RowTable(self, is_total=True)
        table.setModel(self.total)
        table.setAccessibleName(self.tr("Total"))
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.horizontalHeader().hide()
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        font = table.font()
        font.setWeight(QFont.Weight.DemiBold)
        table.setFont(font)
        return table

    def _fit(self) -> None:
        """Measure the report, and set the width of each column."""
        if self._is_showing:
            return
        height = round(self.fontMetrics().height() * ROW_LINES)
        for table in (self._rows, self._sums):
            table.verticalHeader().setDefaultSectionSize(height)
        self._sums.setFixedHeight(height)
        self._sums.setVisible(self.total.rowCount() > 0)
        columns = range(self.model.columnCount()) if self.total.rowCount() else ()
        money = self._money_column()
        counts = [column for column in columns if self._is_number(column) and column != money]
        rows = self._rows.needed_widths(spared=counts)  # none is wider than the total
        pairs = zip_longest(rows, self._sums.needed_widths(), fillvalue=0)
        count = ceil(QFontMetricsF(self.font(), self).horizontalAdvance(WIDEST_COUNT))
        self._needs = [
            max(*pair, count + 2 * PADDING_PX if self._is_number(column) else 0)
            for column, pair in enumerate(pairs)
        ]
        for column, shown in enumerate(self.model.columns):
            if column >= len(self._needs) or shown.is_number:
                continue
            if shown.heading in {PROJECT, SESSION}:
                self._needs[column] = min(self._needs[column], self._title_px)
            elif shown.heading in self._extra:
                self._needs[column] = min(self._needs[column], STRETCH_PX)
        self._arrange()

    @property
    def _title_px(self) -> int:
        """The width of an ordinary title."""
        width = QFontMetricsF(self.font(), self).horizontalAdvance(WIDEST_TITLE)
        return ceil(width) + 2 * PADDING_PX

    def _stretched(self) -> int:
        """Return the column to be stretched: the last text before the numbers."""
        model = self._rows.model()
        for column in range(model.columnCount()):
            if self._is_number(column):
                return max(0, column - 1)
        return self._needs.index(max(self._needs)) if self._needs else 0

    def _is_number(self, column: int) -> bool:
        alignment = self._rows.model().headerData(
            column, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
        )
        return bool(Qt.AlignmentFlag(alignment) & Qt.AlignmentFlag.AlignRight)

    def _arrange(self) -> None:
        """Show what fits: all columns, or fewer, or the vital ones, or the first and the money.

        Numbers get the width they need, one column of text much more; the rest is distributed.
        """
        headings = [column.heading for column in self.model.columns]
        columns = range(len(self._needs))
        if not columns or self._rows.model().columnCount() != len(columns):
            return
        stretched = self._stretched()
        needs = dict(enumerate(self._needs))
        needs[stretched] = max(STRETCH_PX, 0 if stretched else min(needs[0], self._title_px))
        wanted = [c for c in columns if c == 0 or self.is_wanted(headings[c])]
        added = [column for column in wanted if headings[column] in self._extra]
        if added:  # names make room for what was asked for
            for column in (c for c in wanted if headings[c] in {PROJECT, SESSION}):
                needs[column] = min(needs[column], STRETCH_PX * 4 // 3)
        vital = [c for c in wanted if self._is_vital(c) and c not in added]
        short, money = [c for c in vital if c != stretched], self._money_column()
        less = [c for c in vital if added and c not in {0, money} and headings[c] != SESSION]
        less.sort(key=self._is_number, reverse=True)
        extra = [*(c for c in wanted if c not in vital and c not in added), *less, *added]
        choices = (
            *([c for c in wanted if c not in extra[:left_out]] for left_out in range(len(extra))),
            vital,
            short,
            [c for c in wanted if c in {0, money} or headings[c] == SESSION],
            [columns[0], money],
        )
        room = self._rows.viewport().width()
        shown = next(
            (c for c in choices if sum(needs[column] for column in c) <= room), choices[-1]
        )
        titled = [column for column in shown if headings[column] == SESSION]
        taker = next((column for column in (stretched, *titled) if column in shown), 0)
        free = room - sum(needs[column] for column in shown)
        if free > 0:
            own = min(free, max(0, MOST_SHARE * self._needs[taker] - needs[taker]))
            needs[taker] += own
            each, rest = divmod(free - own, len(shown))
            for number, column in enumerate(shown):
                needs[column] += each + (number < rest)
        for table in (self._rows, self._sums):
            for column in columns:
                if table.isColumnHidden(column) is (column in shown):
                    table.setColumnHidden(column, column not in shown)
                if column in shown and table.columnWidth(column) != needs[column]:
                    table.setColumnWidth(column, needs[column])

    def _money_column(self) -> int:
        """Return the column of the cost, or the last one."""
        headings = [column.heading for column in self.model.columns]
        return headings.index("Cost") if "Cost" in headings else len(headings) - 1

    def _is_vital(self, column: int) -> bool:
        model = self._rows.model()
        return bool(model.headerData(column, Qt.Orientation.Horizontal, VITAL_ROLE))

"""Shows any report as a table: the report's columns say how, this says it to Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from spendlight.metering.reports import Column, Report, compact_count
from spendlight.metering.slices import Spending

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
AnyReport: TypeAlias = Report[Any]

VITAL_ROLE: Final = Qt.ItemDataRole.UserRole
"""A heading says under this role whether its column stays where there is little room."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Stands for a row where the columns of numbers are asked for the sum of all rows."""

    spending: Spending


def short_text(column: Column[Any], row: object) -> str:
    """Return what a cell shows: large counts in three digits, several lines in one."""
    value = column.value(row)
    if column.is_number and isinstance(value, int):
        return compact_count(value)
    return ", ".join(column.text(row).splitlines())


def plain_text(column: Column[Any], row: object) -> str:
    """Return what a cell holds for another program: numbers without separators or units."""
    value = column.value(row)
    if column.is_number and isinstance(value, int):
        return str(value)
    if column.is_number and isinstance(value, float):
        return f"{value:.6f}"
    return ", ".join(column.text(row).splitlines())


def as_tsv(columns: Sequence[Column[Any]], rows: Iterable[object]) -> str:
    """Return rows with their headings as tab-separated values."""
    lines = ["\t".join(column.heading for column in columns)]
    lines.extend("\t".join(plain_text(column, row) for column in columns) for row in rows)
    return "\n".join(lines) + "\n"


class ReportModel(QAbstractTableModel):
    """The rows of a report, in any order the user likes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[Column[Any]] = ()
        self._rows: list[Any] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def show_report(self, report: AnyReport) -> None:
        """Show a report. Where its rows are the ones already shown, only their figures change."""
        rows = self._in_order(report.columns, report.rows)
        if self._keys(self._columns, self._rows) == self._keys(report.columns, rows):
            self._columns, self._rows = report.columns, rows
            if rows:
                last = self.index(len(rows) - 1, len(report.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._columns, self._rows = report.columns, rows
        self.endResetModel()

    def tsv(self, rows: Iterable[int]) -> str:
        """Return some of the rows as tab-separated values; all of them for none."""
        numbers = sorted(rows) or range(len(self._rows))
        return as_tsv(self._columns, [self._rows[number] for number in numbers])

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows, how, and in full on hovering."""
        if not index.isValid():
            return None
        column, row = self._columns[index.column()], self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return short_text(column, row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's heading."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        if role == VITAL_ROLE:
            return column.is_vital
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the values of a column; rows that are equal in it stay as they are."""
        self._sorted_by = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        former = {id(row): number for number, row in enumerate(self._rows)}
        self._rows = self._in_order(self._columns, self._rows)
        place = {former[id(row)]: number for number, row in enumerate(self._rows)}
        moved = [self.index(place[index.row()], index.column()) for index in indexes]
        self.changePersistentIndexList(indexes, moved)
        self.layoutChanged.emit()

    def _in_order(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> list[Any]:
        if self._sorted_by is None or self._sorted_by[0] >= len(columns):
            return list(rows)
        column, order = self._sorted_by
        value: Callable[[Any], Any] = columns[column].value
        return sorted(rows, key=value, reverse=order == Qt.SortOrder.DescendingOrder)

    @staticmethod
    def _keys(columns: Sequence[Column[Any]], rows: Sequence[Any]) -> list[object]:
        headings: list[object] = [column.heading for column in columns]
        return headings + [columns[0].value(row) for row in rows if columns]


class TotalModel(QAbstractTableModel):
    """One row with the sums of a report; it stands below the table and does not scroll."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: Sequence[Column[Any]] = ()
        self._row = TotalRow(Spending())

    def show_report(self, report: AnyReport) -> None:
        """Show the sums of a report."""
        self.beginResetModel()
        self._columns = report.columns if report.rows else ()
        self._row = TotalRow(report.total)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return 1, or 0 where there is nothing to add up."""
        return 0 if parent.isValid() or not self._columns else 1

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a sum; nothing in columns that cannot be added up."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        if role == Qt.ItemDataRole.DisplayRole and index.column() == 0:
            return "Total"
        if column.is_number and role == Qt.ItemDataRole.DisplayRole:
            return short_text(column, self._row)
        if column.is_number and role == Qt.ItemDataRole.ToolTipRole:
            return column.text(self._row)
        return None

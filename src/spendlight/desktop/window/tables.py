"""Qt models that show any report as a table, from the report's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from spendlight.desktop.window.cells import IS_NAME_ROLE
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.part_words import dimension_text, is_list
from spendlight.metering.reports import MODELS, BlockRow, Column, Report
from spendlight.metering.slices import Spending
from spendlight.names import guarded, hint, shown

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
AnyReport: TypeAlias = Report[Any]

VITAL_ROLE: Final = Qt.ItemDataRole.UserRole
"""The role of headings that says whether a column stays when space is short."""

PROJECT: Final = "Project"
SESSION: Final = "Session"
MODEL: Final = "Model"
"""Headings of columns with shortened names; tooltips show the full names."""

KIND: Final = "Kind"
STATE: Final = "State"
SHARE: Final = "Share of cost"
SESSIONS: Final = "Sessions"

CACHE_CELLS: Final = 20_000
"""The number of cells whose texts are cached."""

COMPARED_ROWS: Final = 5_000
"""In longer tables it is not checked whether only the figures have changed."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class TotalRow:
    """Passed to the columns of numbers instead of a row to get the total."""

    spending: Spending
    share: float = 1.0
    sessions: int = 0


def heading_words(heading: str) -> str:
    """Return a heading in the user's language."""
    return QCoreApplication.translate("Column", heading)


def heading_text(column: Column[Any]) -> str:
    """Return a column's heading in the user's language."""
    return heading_words(column.heading)


def short_text(column: Column[Any], row: object, formats: Formats) -> str:
    """Return the text of a cell: large counts in three digits, several lines joined into one."""
    value = column.value(row)
    if column.is_number and isinstance(row, BlockRow) and row.block.is_gap:
        return ""
    if column.heading == SHARE and isinstance(value, float):
        return formats.share(value)
    if column.is_number and isinstance(value, int):
        return formats.compact(value, has_zeros=True)
    text = ", ".join(column.text(row).split("\n"))
    if column.is_number or not isinstance(value, str):
        return formats.text(text)
    words = dimension_text(column, row, formats)
    if words is not None:
        return words
    named = _NAMES.get(column.heading)
    if column.heading == SESSION:
        text = formats.session(value, getattr(row, "title", ""))
    return shown(text if named is None else named(formats, value))


def full_text(column: Column[Any], row: object, formats: Formats) -> str:
    """Return the full contents of a cell, with all digits."""
    value = column.value(row)
    text = column.text(row)
    if column.is_number and isinstance(value, int):
        return formats.text(f"{value:,}")
    if column.is_number or not isinstance(value, str):
        return formats.text(text)
    words = dimension_text(column, row, formats, is_whole=True)
    if words is not None:
        return words
    title = "" if formats.is_private else getattr(row, "title", "")
    if title and column.heading == SESSION:
        return shown(f"{title} ({value})")
    return shown(value or text)


def plain_value(column: Column[Any], row: object) -> str | int | float:
    """Return the value of a cell for other programs, with full, unescaped names."""
    value = column.value(row)
    if column.is_number and isinstance(value, int | float):
        return value
    text = column.text(row)
    return (value or text) if isinstance(value, str) else text


def plain_text(column: Column[Any], row: object) -> str:
    """Return the text of a cell for other programs: numbers without separators or units."""
    value = plain_value(column, row)
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def safe_text(column: Column[Any], row: object) -> str:
    """Return the text of a cell for a spreadsheet, protected from being a formula."""
    text = plain_text(column, row)
    return guarded(text) if isinstance(plain_value(column, row), str) else text


def as_tsv(columns: Sequence[Column[Any]], rows: Iterable[object]) -> str:
    """Return rows with their headings as tab-separated values for a spreadsheet."""
    lines = ["\t".join(column.heading for column in columns)]
    known = list(rows)
    cells = ([shown(safe_text(column, row)) for row in known] for column in columns)
    lines.extend(map("\t".join, zip(*cells, strict=True)))
    return "\n".join(lines) + "\n"


_NAMES: dict[str, Callable[[Formats, str], str]] = {
    PROJECT: Formats.project,
    MODEL: lambda formats, text: formats.model(text),
    KIND: lambda _, text: QCoreApplication.translate("Kind", text) if text else "",
    STATE: lambda _, text: QCoreApplication.translate("State", text) if text else "",
}


class ReportModel(QAbstractTableModel):
    """The rows of a report, in the user's order."""

    def __init__(self, formats: Formats, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._columns: Sequence[Column[Any]] = ()
        self._rows: list[Any] = []
        self._texts: dict[tuple[int, int], str] = {}
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        formats.changed.connect(self._rewrite)

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """The columns of the report."""
        return self._columns

    @property
    def rows(self) -> Sequence[Any]:
        """The rows in the order shown."""
        return self._rows

    def show_report(self, report: AnyReport) -> None:
        """Show a report. If its rows are the ones already shown, only their figures change."""
        self.show_rows(report.columns, report.rows)

    def show_rows(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> None:
        """Show rows that are not a report, in the same way."""
        ordered = self._in_order(columns, rows)
        if self._has_keys(columns, ordered):
            self._columns, self._rows = columns, ordered
            self._rewrite()
            return
        self.beginResetModel()
        self._texts.clear()
        self._columns, self._rows = columns, ordered
        self.endResetModel()

    def tsv(self, rows: Iterable[int]) -> str:
        """Return some rows as tab-separated values; all if none are given."""
        numbers = sorted(rows) or range(len(self._rows))
        return as_tsv(self._columns, [self._rows[number] for number in numbers])

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell, its style, or its tooltip."""
        if not index.isValid():
            return None
        if role == _Role.DisplayRole:
            return self.text(index.row(), index.column())
        column, row = self._columns[index.column()], self._rows[index.row()]
        if role in {_Role.TextAlignmentRole, IS_NAME_ROLE}:
            return _appearance(column, row, role)
        if role == _Role.ToolTipRole:
            return hint(full_text(column, row, self._formats))
        if role == _Role.AccessibleTextRole:
            return f"{heading_text(column)}: {self.text(index.row(), index.column())}"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's heading."""
        return _heading(self._columns, section, orientation, role)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the values of a column; equal rows keep their order."""
        self._sorted_by = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        indexes = self.persistentIndexList()
        rows = self._in_order(self._columns, self._rows)
        if indexes:
            wanted = {id(self._rows[index.row()]) for index in indexes}
            new = {id(row): number for number, row in enumerate(rows) if id(row) in wanted}
            moved = [
                self.index(new[id(self._rows[index.row()])], index.column()) for index in indexes
            ]
            self.changePersistentIndexList(indexes, moved)
        self._rows = rows
        self._texts.clear()
        self.layoutChanged.emit()

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        text = self._texts.get((row, column))
        if text is None:
            text = short_text(self._columns[column], self._rows[row], self._formats)
            if len(self._texts) > CACHE_CELLS:
                self._texts.clear()
            self._texts[row, column] = text
        return text

    def _rewrite(self) -> None:
        """Emit that every text may have changed."""
        self._texts.clear()
        if self._rows and self._columns:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _in_order(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> list[Any]:
        if self._sorted_by is None or self._sorted_by[0] >= len(columns):
            return list(rows)
        column, order = self._sorted_by
        value: Callable[[Any], Any] = columns[column].value
        return sorted(rows, key=value, reverse=order == Qt.SortOrder.DescendingOrder)

    def _has_keys(self, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> bool:
        """Return whether rows are the ones already shown, possibly with other figures."""
        if [c.heading for c in columns] != [c.heading for c in self._columns]:
            return False
        texts = [c.value for c in columns if not c.is_number][:2]
        is_short = len(rows) <= COMPARED_ROWS
        return (
            is_short
            and len(rows) == len(self._rows)
            and all(
                all(value(one) == value(other) for value in texts)
                for one, other in zip(rows, self._rows, strict=True)
            )
        )


class TotalModel(QAbstractTableModel):
    """One row with the totals of a report, which is below the table and does not scroll."""

    def __init__(self, formats: Formats, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._columns: Sequence[Column[Any]] = ()
        self._row = TotalRow(Spending())
        formats.changed.connect(self._rewrite)

    def show_report(self, report: AnyReport) -> None:
        """Show the totals of a report."""
        self.beginResetModel()
        self._columns = report.columns if report.rows else ()
        has_sessions = bool(report.rows) and hasattr(report.rows[0], "sessions")
        sessions = sum(row.sessions for row in report.rows) if has_sessions else 0
        self._row = TotalRow(report.total, sessions=sessions)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return 1, or 0 if there is nothing to add up."""
        return 0 if parent.isValid() or not self._columns else 1

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a total; empty in columns that cannot be added up."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_number else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column()) or None
        if _has_total(column) and role == Qt.ItemDataRole.ToolTipRole:
            return hint(full_text(column, self._row, self._formats))
        return None

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell; empty in columns that cannot be added up."""
        del row
        if column == 0:
            return self.tr("Total")
        found = self._columns[column]
        return short_text(found, self._row, self._formats) if _has_total(found) else ""

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's heading, which is for screen readers only."""
        return _heading(self._columns, section, orientation, role)

    def _rewrite(self) -> None:
        if self._columns:
            self.dataChanged.emit(self.index(0, 0), self.index(0, len(self._columns) - 1))


def _has_total(column: Column[Any]) -> bool:
    """Return whether a column has a total: a sum of usage, or a column that supports `TotalRow`."""
    return column.is_sum or column.heading in {SESSIONS, SHARE}


def _appearance(column: Column[Any], row: object, role: int) -> object:
    """Return how the cells of a column are drawn."""
    if role == IS_NAME_ROLE:
        is_several = column.heading == MODELS or is_list(column, row)
        return not (column.is_number or is_several)
    return _RIGHT if column.is_number else _LEFT


def _heading(
    columns: Sequence[Column[Any]], section: int, orientation: Qt.Orientation, role: int
) -> object:
    if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(columns):
        return None
    column = columns[section]
    if role == _Role.DisplayRole:
        return heading_text(column)
    if role == _Role.TextAlignmentRole:
        return _RIGHT if column.is_number else _LEFT
    return column.is_vital if role == VITAL_ROLE else None

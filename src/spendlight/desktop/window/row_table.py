"""A plain table of rows: no grid, no row numbers, and a sentence if it is empty."""

from __future__ import annotations

from collections.abc import Container
from math import ceil
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from spendlight.desktop.window.cells import PADDING_PX, CellDelegate, Header, toned
from spendlight.desktop.window.tables import ReportModel, TotalModel
from spendlight.desktop.window.tones import SECONDARY

MEASURED_ROWS: Final = 100
"""The number of rows that are measured to determine the widths of columns."""


class RowTable(QTableView):
    """Shows rows that are selected as a whole.

    Attributes:
        empty: The text that is shown without rows.
        headings: The headings.

    Signals:
        resized: The width for columns has changed.
        opened: The user wants the details of the current row.
    """

    resized = Signal()
    opened = Signal()

    def __init__(self, parent: QWidget, *, is_total: bool) -> None:
        super().__init__(parent)
        self.empty = ""
        self.setItemDelegate(CellDelegate(self, is_total=is_total))
        self.headings = Header(self)
        self.setHorizontalHeader(self.headings)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Emit that the width has changed, perhaps because of a scroll bar."""
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row with the usual keys."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def needed_widths(self, spared: Container[int] = ()) -> list[int]:
        """Return the width that each column needs for its texts, and its heading if there is one.

        Only the texts are measured: asking the delegate cell by cell would take a tenth of a
        second.

        Args:
            spared: Columns whose texts need no measuring.
        """
        model, metrics = self.model(), QFontMetricsF(self.font(), self)
        assert isinstance(model, ReportModel | TotalModel)  # noqa: S101  # told to mypy
        header = self.horizontalHeader()
        rows = range(min(model.rowCount(), MEASURED_ROWS))
        widths = []
        for column in range(model.columnCount()):
            heading = 0 if header.isHidden() else header.sectionSizeFromContents(column).width()
            texts = () if column in spared else {model.text(row, column) for row in rows}
            widest = max(map(metrics.horizontalAdvance, texts), default=0.0)
            widths.append(max(heading, ceil(widest)) + 2 * PADDING_PX)
        return widths

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or the text for an empty table."""
        super().paintEvent(event)
        if not self.empty or self.model().rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(toned(self.palette(), SECONDARY))
        painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.empty)

"""Draws the cells and headings of tables."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QPainter,
    QPalette,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from spendlight.desktop.window.tones import HAIRLINE, SECONDARY, mixed

PADDING_PX: Final = 8

ROW_LINES: Final = 1.8
"""The height of a row, in lines of text."""

STRONG_LINE: Final = 0.4
"""Share of the text's colour in the lines below headings and above sums."""

MARK_PX: Final = 7
"""The width of the mark on the column that the table is sorted by."""

IS_NAME_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The role of cells that says whether they are cut in the middle, as names differ at both ends."""

_Role = QPalette.ColorRole


def toned(palette: QPalette, share: float) -> QColor:
    """Return the colour of the text, mixed with its background."""
    return mixed(palette.color(_Role.Text), palette.color(_Role.Base), share)


class CellDelegate(QStyledItemDelegate):
    """Draws a cell: its text with padding at both sides, and a hairline."""

    def __init__(self, parent: QWidget, *, is_total: bool) -> None:
        super().__init__(parent)
        self._is_total = is_total

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the cell."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        font: QFont = option.font
        state: QStyle.StateFlag = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(rect, palette.color(_Role.Highlight))
        if state & QStyle.StateFlag.State_HasFocus and not is_selected:
            painter.fillRect(rect, toned(palette, HAIRLINE))
        line_y = rect.top() if self._is_total else rect.bottom()
        line = toned(palette, STRONG_LINE if self._is_total else HAIRLINE)
        painter.fillRect(rect.left(), line_y, rect.width(), 1, line)
        painter.setFont(font)
        painter.setPen(palette.color(_Role.HighlightedText if is_selected else _Role.Text))
        inner = rect.adjusted(PADDING_PX, 0, -PADDING_PX, 0)
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignVCenter
        side = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag(alignment))
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        text, metrics = index.data() or "", painter.fontMetrics()
        if metrics.horizontalAdvance(text) > inner.width():
            is_name = index.data(IS_NAME_ROLE)
            where = Qt.TextElideMode.ElideMiddle if is_name else Qt.TextElideMode.ElideRight
            text = metrics.elidedText(text, where, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignAbsolute, text)


class Header(QHeaderView):
    """Headings in the secondary tone, aligned with their cells; a mark shows the sorting.

    Signals:
        columns_requested: The user wants to choose columns; carries where to show the menu.
    """

    columns_requested = Signal(QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(PADDING_PX * 4)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of columns."""
        self.columns_requested.emit(event.globalPos())

    def sectionSizeFromContents(self, section: int) -> QSize:
        """Return the space for a heading and its mark, so that sorting moves nothing."""
        metrics = QFontMetricsF(self.font(), self)
        width = ceil(metrics.horizontalAdvance(self._text(section))) + 2 * MARK_PX
        return QSize(width, round(metrics.height() * ROW_LINES))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw a heading."""
        palette = self.palette()
        painter.fillRect(rect, palette.color(_Role.Base))
        line = toned(palette, STRONG_LINE)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        inner = rect.adjusted(PADDING_PX, 0, -PADDING_PX, 0)
        side = QStyle.visualAlignment(self.layoutDirection(), self._alignment(section))
        is_right = bool(side & Qt.AlignmentFlag.AlignRight)
        text = self._text(section)
        painter.setPen(toned(palette, SECONDARY))
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignAbsolute, text)
        if self.sortIndicatorSection() == section:
            width = painter.fontMetrics().horizontalAdvance(text) + MARK_PX
            x = inner.right() - width if is_right else inner.left() + width
            self._paint_mark(painter, QPointF(x, rect.center().y() + 0.5))

    def _paint_mark(self, painter: QPainter, middle: QPointF) -> None:
        """Draw a triangle that points towards the greater values."""
        is_down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        half, tip = MARK_PX / 2, MARK_PX / 3 * (1 if is_down else -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(painter.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(
            [middle + QPointF(-half, -tip), middle + QPointF(half, -tip), middle + QPointF(0, tip)]
        )
        painter.restore()

    def _text(self, section: int) -> str:
        return str(self.model().headerData(section, self.orientation()) or "")

    def _alignment(self, section: int) -> Qt.AlignmentFlag:
        role = Qt.ItemDataRole.TextAlignmentRole
        return Qt.AlignmentFlag(self.model().headerData(section, self.orientation(), role))

"""The base class of all surfaces, and horizontal bars."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from spendlight.desktop.window.charts.palette import color_of, toned
from spendlight.desktop.window.charts.values import ChartData
from spendlight.desktop.window.formats import Formats

GAP_PX: Final = 8
ROW_LINES: Final = 1.9
"""The height of a bar with its name, in lines of text."""

BAR_SHARE: Final = 0.56
"""The height of a bar, as a share of its row."""

MOST_BARS: Final = 12

ROUNDING_PX: Final = 2
"""On screens with a scale, a text may be wider than it was measured."""


class Surface(QWidget):
    """A drawing surface with data points.

    Signals:
        hovered: The mouse is over a data point; carries its index and position.
        left: The mouse is over no data point.
        opened: The user wants the details of a data point; carries its index.
        zoomed: Carries whether only a part is visible.
    """

    hovered = Signal(int, QPoint)
    left = Signal()
    opened = Signal(int)
    zoomed = Signal(bool)

    @property
    def count(self) -> int:
        """The number of data points."""
        return 0

    def set_mark(self, index: int) -> None:
        """Mark a data point; -1 removes the mark."""

    def position_of(self, index: int) -> QPoint:
        """Return the position of a data point, in pixels."""
        del index
        return self.rect().center()

    def reset_zoom(self) -> None:
        """Show everything."""

    def zoom(self, factor: float) -> None:
        """Zoom."""
        del factor


class PaintedSurface(Surface):
    """A surface that paints itself and finds data points by position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = -1
        self.setMouseTracking(True)

    def index_at(self, position: QPointF) -> int:
        """Return the index of the data point at a position, or -1."""
        raise NotImplementedError

    def set_mark(self, index: int) -> None:
        """Mark a data point; -1 removes the mark."""
        if index != self._mark:
            self._mark = index
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Emit which data point the mouse is over."""
        index = self.index_at(event.position())
        if index < 0:
            self.left.emit()
        else:
            self.hovered.emit(index, event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        """Emit that the mouse is over no data point."""
        super().leaveEvent(event)
        self.left.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the point that was clicked."""
        index = self.index_at(event.position())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(index)


class ShareBars(PaintedSurface):
    """Horizontal bars with their names and values, without a legend."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._data = ChartData("")

    @property
    def count(self) -> int:
        """The number of bars."""
        room = max(1, int(self.height() // self._row_height))
        return min(len(self._data.points), room, MOST_BARS)

    @property
    def needed_height(self) -> int:
        """The height needed for all bars."""
        return round(self._row_height * min(MOST_BARS, max(1, len(self._data.points))))

    def show_data(self, data: ChartData) -> None:
        """Show bars, one for each point."""
        self._data = data
        self.setMinimumHeight(round(self._row_height * min(4, max(1, len(data.points)))))
        self.update()

    def position_of(self, index: int) -> QPoint:
        """Return the position of a bar."""
        return QPoint(self.width() // 2, round((index + 1) * self._row_height))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the bars."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        palette = self.palette()
        text_color = palette.text().color()
        if self._data.is_empty:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._data.empty)
            return
        metrics = painter.fontMetrics()
        totals = self._data.totals
        whole = sum(totals) if self._data.whole is None else self._data.whole
        shown = range(self.count)
        names = [self._data.points[index].tick for index in shown]
        values = [self._value_text(totals[index], whole) for index in shown]
        widest = max(metrics.horizontalAdvance(name) for name in names) + ROUNDING_PX
        left = min(widest, round(self.width() * 0.3))
        right = max(metrics.horizontalAdvance(value) for value in values)
        room = max(20, self.width() - left - right - 4 * GAP_PX)
        most = max(totals) or 1.0
        height = self._row_height
        for index in shown:
            top = index * height
            if index == self._mark:
                ground = toned(text_color, palette, 0.06)
                painter.fillRect(QRectF(0, top, self.width(), height), ground)
            painter.setPen(text_color)
            name = metrics.elidedText(names[index], Qt.TextElideMode.ElideMiddle, left)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(GAP_PX, top, left, height), Qt.AlignmentFlag.AlignLeft | middle, name
            )
            width = max(2.0, totals[index] / most * room)
            bar = QRectF(
                left + 2 * GAP_PX, top + height * (1 - BAR_SHARE) / 2, width, height * BAR_SHARE
            )
            painter.fillRect(bar, color_of(self._data.series[index].slot, palette))
            painter.drawText(
                QRectF(bar.right() + GAP_PX, top, right + GAP_PX, height),
                Qt.AlignmentFlag.AlignLeft | middle,
                values[index],
            )

    @property
    def _row_height(self) -> float:
        return self.fontMetrics().height() * ROW_LINES

    def _value_text(self, value: float, whole: float) -> str:
        amount = self._formats.amount(value, is_money=self._data.is_money)
        return f"{amount} · {self._formats.share(value / whole)}" if whole else amount

    def index_at(self, position: QPointF) -> int:
        """Return the bar at a position, or -1."""
        index = int(position.y() // self._row_height)
        return index if 0 <= index < self.count else -1

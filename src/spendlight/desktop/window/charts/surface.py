"""What every surface that is drawn on can do, and the bars that need no axis of time."""

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
"""A bar with its name takes so many lines of text."""

BAR_SHARE: Final = 0.56
"""How much of a row its bar is high."""

MOST_BARS: Final = 12


class Surface(QWidget):
    """Something drawn on, place by place.

    Signals:
        hovered: The mouse is over a place; carries its number and where it is.
        left: The mouse is over none.
        opened: The user wants what is behind a place; carries its number.
        zoomed: Whether not all is in sight.
    """

    hovered = Signal(int, QPoint)
    left = Signal()
    opened = Signal(int)
    zoomed = Signal(bool)

    @property
    def count(self) -> int:
        """How many places there are."""
        return 0

    def set_mark(self, place: int) -> None:
        """Mark a place; -1 is none."""

    def point_of(self, place: int) -> QPoint:
        """Return where a place is."""
        del place
        return self.rect().center()

    def reset_zoom(self) -> None:
        """Show all there is."""

    def zoom(self, factor: float) -> None:
        """Show more or less."""
        del factor


class PaintedSurface(Surface):
    """A surface that paints itself, and finds its places without anybody's help."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = -1
        self.setMouseTracking(True)

    def place_at(self, position: QPointF) -> int:
        """Return the place at a position, or -1."""
        raise NotImplementedError

    def set_mark(self, place: int) -> None:
        """Mark a place; -1 is none."""
        if place != self._mark:
            self._mark = place
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which place the mouse is over."""
        place = self.place_at(event.position())
        if place < 0:
            self.left.emit()
        else:
            self.hovered.emit(place, event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse is over no place."""
        super().leaveEvent(event)
        self.left.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the place that was clicked."""
        place = self.place_at(event.position())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(place)


class ShareBars(PaintedSurface):
    """Horizontal bars with their names and values; nobody needs a legend for them."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._data = ChartData("")

    @property
    def count(self) -> int:
        """How many bars are shown."""
        room = max(1, int(self.height() // self._row_height))
        return min(len(self._data.places), room, MOST_BARS)

    @property
    def needed_height(self) -> int:
        """How high it must be for all bars that may be shown."""
        return round(self._row_height * min(MOST_BARS, max(1, len(self._data.places))))

    def show_data(self, data: ChartData) -> None:
        """Show bars, one for each place."""
        self._data = data
        self.setMinimumHeight(round(self._row_height * min(4, max(1, len(data.places)))))
        self.update()

    def point_of(self, place: int) -> QPoint:
        """Return where a bar is."""
        return QPoint(self.width() // 2, round((place + 1) * self._row_height))

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
        whole = sum(totals)
        shown = range(self.count)
        names = [self._data.places[place].tick for place in shown]
        values = [self._value_text(totals[place], whole) for place in shown]
        left = min(
            max(metrics.horizontalAdvance(name) for name in names), round(self.width() * 0.3)
        )
        right = max(metrics.horizontalAdvance(value) for value in values)
        room = max(20, self.width() - left - right - 4 * GAP_PX)
        most = max(totals) or 1.0
        height = self._row_height
        for place in shown:
            top = place * height
            if place == self._mark:
                ground = toned(text_color, palette, 0.06)
                painter.fillRect(QRectF(0, top, self.width(), height), ground)
            painter.setPen(text_color)
            name = metrics.elidedText(names[place], Qt.TextElideMode.ElideRight, left)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(GAP_PX, top, left, height), Qt.AlignmentFlag.AlignLeft | middle, name
            )
            width = max(2.0, totals[place] / most * room)
            bar = QRectF(
                left + 2 * GAP_PX, top + height * (1 - BAR_SHARE) / 2, width, height * BAR_SHARE
            )
            painter.fillRect(bar, color_of(self._data.series[place].slot, palette))
            painter.drawText(
                QRectF(bar.right() + GAP_PX, top, right + GAP_PX, height),
                Qt.AlignmentFlag.AlignLeft | middle,
                values[place],
            )

    @property
    def _row_height(self) -> float:
        return self.fontMetrics().height() * ROW_LINES

    def _value_text(self, value: float, whole: float) -> str:
        amount = self._formats.amount(value, is_money=self._data.is_money)
        return f"{amount} · {self._formats.share(value / whole)}" if whole else amount

    def place_at(self, position: QPointF) -> int:
        """Return the bar at a position, or -1."""
        place = int(position.y() // self._row_height)
        return place if 0 <= place < self.count else -1

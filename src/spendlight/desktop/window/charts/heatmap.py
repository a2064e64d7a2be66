"""A year of days, with a square for each, the more intense the more was used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from PySide6.QtCore import QLocale, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from spendlight.desktop.window.charts.palette import SERIES, toned
from spendlight.desktop.window.charts.surface import PaintedSurface
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.tones import SECONDARY

WEEKS: Final = 53
DAYS: Final = WEEKS * 7
GAP_SHARE: Final = 0.18
"""The gap between two squares, as a share of their width."""

STEPS: Final = (0.28, 0.48, 0.72, 1.0)
"""The intensity of the colour in each quartile of the days with usage."""

NOTHING: Final = 0.08

MOST_SIDE: Final = 28.0
"""The largest size of a square."""


class HeatMap(PaintedSurface):
    """The last year, week by week from left to right."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._values: Mapping[date, float] = {}
        self._begin = self._end = date(2000, 1, 1)
        self._bounds: tuple[float, ...] = ()
        self.setMinimumHeight(self.fontMetrics().height() * 9)

    @property
    def count(self) -> int:
        """The number of days."""
        return (self._end - self._begin).days + 1

    def height_for(self, width: int) -> int:
        """Return the height for a width."""
        side = min((width - self._left) / WEEKS, MOST_SIDE)
        return round(self._top + 7 * side + self.fontMetrics().height() + 20)

    def day_at(self, index: int) -> date:
        """Return the day at an index."""
        return self._begin + timedelta(days=index)

    def show_year(self, values: Mapping[date, float], today: date, week_start: int) -> None:
        """Show the year that ends today.

        Args:
            values: The usage of each day.
            today: The last day.
            week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        """
        back = (today.weekday() - week_start) % 7 + (WEEKS - 1) * 7
        self._begin, self._end = today - timedelta(days=back), today
        self._values = values
        used = sorted(value for day, value in values.items() if value and day >= self._begin)
        self._bounds = tuple(
            used[len(used) * number // len(STEPS)] for number in range(1, len(STEPS)) if used
        )
        self.update()

    def position_of(self, index: int) -> QPoint:
        """Return the position of a day."""
        return self._square(index).center().toPoint()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the squares, with the names of months and days of the week."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        palette, locale = self.palette(), self._formats.locale
        secondary = toned(palette.text().color(), palette, SECONDARY)
        painter.setPen(secondary)
        side, left, top = self._side, self._left, self._top
        for row in (1, 3, 5):
            weekday = (self._begin + timedelta(days=row)).isoweekday()
            name = locale.dayName(weekday, QLocale.FormatType.ShortFormat)
            box = QRectF(0, top + row * side, left - 6, side)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        free = 0.0
        for index in range(self.count):
            day = self.day_at(index)
            square = self._square(index)
            painter.fillRect(square, self._color(day))
            if day.day == 1 and square.left() >= free:
                name = locale.standaloneMonthName(day.month, QLocale.FormatType.ShortFormat)
                painter.drawText(QPointF(square.left(), top - 5), name)
                free = square.left() + painter.fontMetrics().horizontalAdvance(name) + 6
        if self._mark >= 0:
            painter.setPen(palette.text().color())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._square(self._mark).adjusted(-1, -1, 0, 0))
        self._draw_legend(painter, secondary)

    def _draw_legend(self, painter: QPainter, color: QColor) -> None:
        metrics = painter.fontMetrics()
        less, more = self.tr("Less"), self.tr("More")
        y = self._top + 7 * self._side + 8
        x = self._left
        painter.setPen(color)
        size = float(metrics.height() - 4)
        painter.drawText(QPointF(x, y + size - 2), less)
        x += metrics.horizontalAdvance(less) + 6
        for fill in (0.0, *STEPS):
            painter.fillRect(QRectF(x, y, size, size), self._fill(fill))
            x += size + 3
        painter.drawText(QPointF(x + 3, y + size - 2), more)

    def _color(self, day: date) -> QColor:
        value = self._values.get(day, 0.0)
        if not value:
            return self._fill(0.0)
        step = sum(value >= bound for bound in self._bounds)
        return self._fill(STEPS[step])

    def _fill(self, share: float) -> QColor:
        palette = self.palette()
        if not share:
            return toned(palette.text().color(), palette, NOTHING)
        return toned(QColor(SERIES[0]), palette, share)

    @property
    def _left(self) -> float:
        metrics = self.fontMetrics()
        names = (
            self._formats.locale.dayName(day, QLocale.FormatType.ShortFormat) for day in range(1, 8)
        )
        return max(metrics.horizontalAdvance(name) for name in names) + 8.0

    @property
    def _top(self) -> float:
        return self.fontMetrics().height() + 4.0

    @property
    def _side(self) -> float:
        below = self.fontMetrics().height() + 12
        wide = (self.width() - self._left) / WEEKS
        return max(6.0, min(wide, (self.height() - self._top - below) / 7, MOST_SIDE))

    def _square(self, index: int) -> QRectF:
        week, weekday = divmod(index, 7)
        side = self._side
        gap = max(1.0, side * GAP_SHARE)
        x = round(self._left + week * side)
        y = round(self._top + weekday * side)
        return QRectF(x, y, round(side - gap), round(side - gap))

    def index_at(self, position: QPointF) -> int:
        """Return the day at a position, or -1."""
        side = self._side
        week = int((position.x() - self._left) // side)
        weekday = int((position.y() - self._top) // side)
        index = week * 7 + weekday
        return index if 0 <= weekday < 7 and week >= 0 and index < self.count else -1  # noqa: PLR2004  # days of the week

"""Stacked bars, or stacked areas over time."""

from __future__ import annotations

from math import ceil
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPolygonF,
)

from spendlight.desktop.window.charts.palette import color_of, toned
from spendlight.desktop.window.charts.values import ChartData

BAR_SHARE: Final = 0.76
"""The width of a bar, as a share of the distance between two points."""


class StackItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Stacked bars or areas."""

    def __init__(self) -> None:
        super().__init__()
        self._data = ChartData("")
        self._palette = QPalette()
        self._bounds = QRectF()
        self._mark = -1

    def show_data(self, data: ChartData, palette: QPalette, most: float) -> None:
        """Draw this."""
        self.prepareGeometryChange()
        self._data, self._palette = data, palette
        self._bounds = QRectF(-0.5, 0, len(data.points), most)
        self.update()

    def set_mark(self, index: int) -> None:
        """Mark a data point; -1 removes the mark."""
        if index != self._mark:
            self._mark = index
            self.update()

    def boundingRect(self) -> QRectF:
        """Return the area that it may cover."""
        return self._bounds

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._data.is_course)
        if self._mark >= 0:
            ink = QColor(self._palette.text().color())
            ink.setAlphaF(0.08 if not self._data.is_course else 0.5)
            width = 1.0 if not self._data.is_course else 0.0
            if width:
                painter.fillRect(
                    QRectF(self._mark - 0.5, 0, width, self._bounds.height()), QBrush(ink)
                )
            else:
                pen = QPen(ink, 1)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.drawLine(QPointF(self._mark, 0), QPointF(self._mark, self._bounds.height()))
        if self._data.is_course:
            self._paint_areas(painter)
        else:
            self._paint_bars(painter)

    def _paint_bars(self, painter: QPainter) -> None:
        bottoms = [0.0] * len(self._data.points)
        for series in self._data.series:
            brush = QBrush(color_of(series.slot, self._palette))
            for index, value in enumerate(series.values):
                if value:
                    bar = QRectF(index - BAR_SHARE / 2, bottoms[index], BAR_SHARE, value)
                    painter.fillRect(bar, brush)
                    bottoms[index] += value

    def _paint_areas(self, painter: QPainter) -> None:
        forecast = self._data.forecast
        last = len(self._data.points) - 1
        end = min(last, forecast.now) if forecast is not None else float(last)
        lows = [0.0] * (last + 1)
        for series in self._data.series:
            highs = [low + value for low, value in zip(lows, series.values, strict=True)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color_of(series.slot, self._palette))
            painter.drawPath(_area(lows, highs, end))
            lows = highs
        if forecast is not None and forecast.value is not None and self._data.series:
            self._paint_forecast(painter, end, lows[-1], last, forecast.value)

    def _paint_forecast(  # two points
        self, painter: QPainter, x: float, y: float, end_x: float, end_y: float
    ) -> None:
        """Draw the forecast: lighter, with a dashed upper edge."""
        ink = QColor(self._palette.text().color())
        ground = QColor(ink)
        ground.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(
            QPolygonF([QPointF(x, 0), QPointF(x, y), QPointF(end_x, end_y), QPointF(end_x, 0)])
        )
        pen = QPen(toned(ink, self._palette, 0.7), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, y), QPointF(end_x, end_y))


def _area(lows: list[float], highs: list[float], end: float) -> QPainterPath:
    """Return the area between two lines, up to a position between two points."""
    last = min(len(highs) - 1, ceil(end))
    upper = [QPointF(min(index, end), highs[index]) for index in range(last + 1)]
    lower = [QPointF(min(index, end), lows[index]) for index in range(last, -1, -1)]
    path = QPainterPath()
    path.addPolygon(QPolygonF([*upper, *lower]))
    path.closeSubpath()
    return path

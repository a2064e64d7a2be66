"""Charts with axes, drawn by pyqtgraph: bars side by side, areas along a block, dots over time.

Imported when the first of them is shown, as pyqtgraph is slow to load and needs memory.
"""

from __future__ import annotations

from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QMouseEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from spendlight.desktop.window.charts.axes import AmountAxis, DayAxis, PointAxis, nice_steps
from spendlight.desktop.window.charts.dots import DotCloud
from spendlight.desktop.window.charts.palette import WARN, toned
from spendlight.desktop.window.charts.stack import StackItem
from spendlight.desktop.window.charts.surface import Surface
from spendlight.desktop.window.charts.values import ChartData, DotData
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.tones import HAIRLINE, SECONDARY

HEADROOM: Final = 1.06
LEFT_PX: Final = 60
"""The same for every chart, so that their axes are aligned."""

FEWEST: Final = 4
"""The least number of visible points at the highest zoom."""


class PlotSurface(Surface):
    """A chart with axes: bars or areas by point, or dots by day."""

    def __init__(self, formats: Formats, *, is_by_day: bool, parent: QWidget | None = None) -> None:
        """Create it.

        Args:
            formats: How figures are written.
            is_by_day: Whether there are dots on an axis of days; otherwise the axis has points.
            parent: The parent widget.
        """
        super().__init__(parent)
        self._formats = formats
        self._data: ChartData | DotData = ChartData("")
        self._most = 1.0
        self._range = (-0.5, 0.5)
        self._amounts = AmountAxis(formats)
        self._point_axis = PointAxis()
        self._day_axis = DayAxis(formats)
        self._plot = pg.PlotWidget(
            axisItems={
                "left": self._amounts,
                "bottom": self._day_axis if is_by_day else self._point_axis,
            },
            enableMenu=False,
        )
        self._plot.getPlotItem().getMenu().setParent(self)  # otherwise without a parent
        self._box = self._plot.getViewBox()
        self._stack = StackItem()
        self._dots = DotCloud(self._plot, formats.zone)
        self._lines: list[Any] = []
        self._prepare()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)

    @property
    def count(self) -> int:
        """The number of data points."""
        return len(self._data.points)

    def show_data(self, data: ChartData | DotData) -> None:
        """Draw this; the zoom is kept if the points are the same."""
        is_same = [p.tick for p in data.points] == [p.tick for p in self._data.points]
        self._data = data
        self._amounts.is_money = data.is_money
        if isinstance(data, ChartData):
            self._draw_stack(data)
        else:
            self._draw_dots(data)
        low, high = self._range
        self._box.setLimits(
            xMin=low,
            xMax=high,
            yMin=0,
            yMax=self._most,
            minXRange=min(high - low, float(FEWEST)),
            minYRange=self._most,
            maxYRange=self._most,
        )
        if not is_same or not self._is_zoomed():
            self.reset_zoom()
        self._point_axis.picture = self._amounts.picture = None
        self._plot.viewport().update()  # of the view itself it would be the frame only

    @property
    def visible_range(self) -> tuple[float, float]:
        """The visible range, in points or days."""
        low, high = self._box.viewRange()[0]
        return float(low), float(high)

    def set_mark(self, index: int) -> None:
        """Mark a data point; -1 removes the mark."""
        if isinstance(self._data, ChartData):
            self._stack.set_mark(index)
            return
        self._dots.mark(index, self.palette().text().color())

    def position_of(self, index: int) -> QPoint:
        """Return the position of a data point, in pixels."""
        if isinstance(self._data, ChartData):
            at = QPointF(index, self._data.total_at(index))
        else:
            at = self._dots.at(index)
        scene = self._box.mapViewToScene(at)
        found: QPoint = self._plot.mapTo(self, self._plot.mapFromScene(scene))
        return found

    def reset_zoom(self) -> None:
        """Show everything."""
        low, high = self._range
        self._box.setRange(xRange=(low, high), yRange=(0, self._most), padding=0)

    def zoom(self, factor: float) -> None:
        """Zoom around the middle."""
        self._box.scaleBy(x=factor)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange} and self._plot:
            self._dress()
            self.show_data(self._data)

    def eventFilter(self, _: object, event: QEvent) -> bool:
        """Handle the mouse over the plot; pyqtgraph handles dragging and the wheel."""
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self.left.emit()
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            if event.buttons() == Qt.MouseButton.NoButton:
                self._hover(event.position())
        elif kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._pressed_at = event.position()
        elif kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            moved = (event.position() - self._pressed_at).manhattanLength()
            index = self._index_at(event.position())
            if event.button() == Qt.MouseButton.LeftButton and moved < 4 and index >= 0:  # noqa: PLR2004  # tolerance for a shaky hand
                self.opened.emit(index)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self.reset_zoom()
        return False

    def _prepare(self) -> None:
        plot = self._plot
        plot.hideButtons()
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        plot.getPlotItem().setContentsMargins(0, 8, 8, 0)
        plot.getPlotItem().setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.sigXRangeChanged.connect(self._tell_zoom)
        plot.addItem(self._stack)
        plot.setMouseTracking(True)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)
        self._pressed_at = QPointF(-1, -1)
        self._amounts.setWidth(LEFT_PX)
        self._amounts.setStyle(tickLength=0, autoExpandTextSpace=False)
        for axis in (self._point_axis, self._day_axis):
            axis.setStyle(tickLength=0)
        self._amounts.setGrid(False)
        self._dress()

    def _dress(self) -> None:
        """Set colours and fonts from the palette."""
        palette = self.palette()
        ink = palette.text().color()
        font = self.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.9))
        self._plot.setBackground(palette.base().color())
        for axis in (self._amounts, self._point_axis, self._day_axis):
            axis.setTextPen(pg.mkPen(toned(ink, palette, SECONDARY)))
            axis.setPen(pg.mkPen(toned(ink, palette, 0.25)))
            axis.setStyle(tickFont=font)
        self._amounts.setPen(None)

    def _draw_stack(self, data: ChartData) -> None:
        forecast = data.forecast
        highest = max(data.totals, default=0.0)
        if forecast is not None:
            highest = max(highest, forecast.value or 0.0, forecast.budget or 0.0)
        self._most = highest * HEADROOM or 1.0
        last = max(1, len(data.points))
        self._range = (0.0, float(last - 1)) if data.is_course else (-0.5, last - 0.5)
        if self._range[0] == self._range[1]:
            self._range = (-0.5, 0.5)
        self._point_axis.ticks = [point.tick for point in data.points]
        self._point_axis.has_last = not data.is_course
        self._point_axis.clock = data.clock
        self._stack.show_data(data, self.palette(), self._most)
        lines = self._grid(nice_steps(self._most))
        if forecast is not None and forecast.budget is not None:
            text = self._formats.money(forecast.budget)
            lines.append(self._line(forecast.budget, 0, WARN, self.tr("Budget {0}").format(text)))
        if forecast is not None and 0 < forecast.now < last - 1:
            color = toned(self.palette().text().color(), self.palette(), 0.45)
            lines.append(self._line(forecast.now, 90, color.name(), ""))
        self._use_lines(lines)

    def _draw_dots(self, data: DotData) -> None:
        self._dots.show_dots(data.dots, self.palette())
        self._most = self._dots.most * HEADROOM or 1.0
        low, high = self._dots.reach
        margin = max(0.5, (high - low) * 0.02)
        self._range = (low - margin, high + margin)
        self._use_lines(self._grid(nice_steps(self._most)))

    def _use_lines(self, lines: list[Any]) -> None:
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = lines
        for line in lines:
            self._plot.addItem(line, ignoreBounds=True)

    def _grid(self, steps: list[float]) -> list[Any]:
        color = toned(self.palette().text().color(), self.palette(), HAIRLINE)
        found = []
        for step in steps[1:]:
            line = pg.InfiniteLine(step, angle=0, pen=pg.mkPen(color, width=1))
            line.setZValue(-10)
            found.append(line)
        return found

    def _line(self, value: float, angle: int, color: str, label: str) -> Any:  # noqa: ANN401  # pyqtgraph has no types
        pen = pg.mkPen(color, width=1.5, style=Qt.PenStyle.DashLine)
        line = pg.InfiniteLine(
            value,
            angle=angle,
            pen=pen,
            label=label or None,
            labelOpts={
                "position": 0.02,
                "anchors": [(0, 1), (0, 1)],
                "color": self.palette().text().color(),
            },
        )
        line.setZValue(20)
        return line

    def _is_zoomed(self) -> bool:
        low, high = self._box.viewRange()[0]
        return bool(high - low < (self._range[1] - self._range[0]) * 0.999)

    def _tell_zoom(self) -> None:
        self.zoomed.emit(self._is_zoomed())

    def _hover(self, position: QPointF) -> None:
        index = self._index_at(position)
        if index < 0:
            self.left.emit()
        else:
            self.hovered.emit(index, self._plot.mapTo(self, position.toPoint()))

    def _index_at(self, position: QPointF) -> int:
        """Return the index of the point at a position of the viewport, or -1."""
        scene = self._plot.mapToScene(position.toPoint())
        if not self._box.sceneBoundingRect().contains(scene):
            return -1
        here = self._box.mapSceneToView(scene)
        if isinstance(self._data, ChartData):
            index = round(here.x())
            return index if 0 <= index < self.count and not self._data.is_empty else -1
        return self._dots.nearest(here, self._box.mapSceneToView(scene + QPointF(1, 1)) - here)

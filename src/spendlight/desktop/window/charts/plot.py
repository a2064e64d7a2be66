"""Charts with axes, drawn by pyqtgraph: bars side by side, areas along a block, dots over time.

Imported when the first of them is shown, as pyqtgraph takes its time and memory.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor, log10
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from spendlight.desktop.window.charts.data import ChartData, DotData
from spendlight.desktop.window.charts.palette import WARN, color_of, toned
from spendlight.desktop.window.charts.surface import Surface
from spendlight.desktop.window.formats import Formats

BAR_SHARE: Final = 0.76
"""How much of a place its bar is wide."""

MOST_LINES: Final = 5
HEADROOM: Final = 1.06
LEFT_PX: Final = 60
"""The same for every chart, so that their axes stand below each other."""

BOTTOM_PX: Final = 24
FEWEST: Final = 4
"""So many places stay in sight however far one zooms."""

DAY_MS: Final = 86_400_000


def nice_steps(most: float) -> list[float]:
    """Return round numbers from 0 up to *most*, at most six with the 0.

    >>> nice_steps(9.4)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    if most <= 0:
        return [0.0]
    rough = most / MOST_LINES
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    return [step * number for number in range(floor(most / step + 1e-9) + 1)]


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis with names and no marks: the lines of the grid are marks enough."""

    def generateDrawSpecs(self, painter: QPainter) -> Any:  # noqa: ANN401  # pyqtgraph has no types
        """Return what to draw."""
        found = super().generateDrawSpecs(painter)
        return None if found is None else (found[0], [], found[2])


class AmountAxis(Axis):
    """An axis of dollars or tokens, with a few round numbers."""

    def __init__(self, formats: Formats) -> None:
        super().__init__("left")
        self._formats = formats
        self.is_money = True

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return where the lines are."""
        del low, size
        steps = nice_steps(high)
        return [(steps[1] if len(steps) > 1 else 1.0, steps)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return what stands beside them."""
        del scale
        if self.is_money and spacing >= 1 and not self._formats.is_private:
            return [self._formats.money(round(value)).removesuffix(".00") for value in values]
        return [self._formats.amount(value, is_money=self.is_money) for value in values]


class PlaceAxis(Axis):
    """An axis of places: as many names as there is room for.

    Attributes:
        ticks: The names.
        has_last: Whether the last place always has its name, as mostly it is today; else the first.
    """

    def __init__(self) -> None:
        super().__init__("bottom")
        self.ticks: list[str] = []
        self.has_last = True
        self.setStyle(hideOverlappingLabels=False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
        """Return which places have their name below them."""
        if not self.ticks:
            return []
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(tick) for tick in self.ticks) + 18
        room = max(1, int(size / widest))
        step = max(1, ceil((high - low) / room))
        step = next((nice for nice in (1, 2, 3, 6, 7, 12, 14, 24, 28) if nice >= step), step)
        last = len(self.ticks) - 1
        first = max(0, ceil(low))
        first += ((last if self.has_last else 0) - first) % step
        return [(step, list(range(first, min(last, floor(high)) + 1, step)))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the names."""
        del scale, spacing
        names = [self.ticks[int(value)] for value in values if 0 <= value < len(self.ticks)]
        return [
            "" if place and name == names[place - 1] else name for place, name in enumerate(names)
        ]

    def fontMetrics(self) -> Any:  # noqa: ANN401  # Qt's metrics, of what pyqtgraph paints with
        """Return the measures of the letters."""
        from PySide6.QtGui import QFontMetricsF, QGuiApplication

        return QFontMetricsF(self.style["tickFont"] or QGuiApplication.font())


class DayAxis(Axis):
    """An axis of days, numbered since 1970-01-01."""

    def __init__(self, formats: Formats) -> None:
        super().__init__("bottom")
        self._formats = formats

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
        """Return which days have their name below them."""
        step = max(1, ceil((high - low) / max(1, size / 80)))
        first = ceil(low)
        return [(step, list(range(first + -first % step, floor(high) + 1, step)))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the days."""
        del scale, spacing
        return [
            self._formats.short_day(datetime.fromtimestamp(value * 86_400, UTC).date())
            for value in values
        ]


class StackItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Bars of several colours on top of each other, or areas."""

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
        self._bounds = QRectF(-0.5, 0, len(data.places), most)
        self.update()

    def set_mark(self, place: int) -> None:
        """Mark a place; -1 is none."""
        if place != self._mark:
            self._mark = place
            self.update()

    def boundingRect(self) -> QRectF:
        """Return where there may be something."""
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
        bottoms = [0.0] * len(self._data.places)
        for series in self._data.series:
            brush = QBrush(color_of(series.slot, self._palette))
            for place, value in enumerate(series.values):
                if value:
                    bar = QRectF(place - BAR_SHARE / 2, bottoms[place], BAR_SHARE, value)
                    painter.fillRect(bar, brush)
                    bottoms[place] += value

    def _paint_areas(self, painter: QPainter) -> None:
        forecast = self._data.forecast
        last = len(self._data.places) - 1
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
        """Draw where it leads: lighter, with a dashed upper edge."""
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


class PlotSurface(Surface):
    """A chart with axes: bars or areas by place, or dots by day."""

    def __init__(self, formats: Formats, *, is_by_day: bool, parent: QWidget | None = None) -> None:
        """Make it.

        Args:
            formats: How figures are written.
            is_by_day: Whether dots lie on an axis of days; else places follow each other.
            parent: The widget it is in.
        """
        super().__init__(parent)
        self._formats = formats
        self._data: ChartData | DotData = ChartData("")
        self._most = 1.0
        self._range = (-0.5, 0.5)
        self._amounts = AmountAxis(formats)
        self._place_axis = PlaceAxis()
        self._day_axis = DayAxis(formats)
        self._plot = pg.PlotWidget(
            axisItems={
                "left": self._amounts,
                "bottom": self._day_axis if is_by_day else self._place_axis,
            }
        )
        self._box = self._plot.getViewBox()
        self._stack = StackItem()
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._marked = pg.ScatterPlotItem(pxMode=True)
        self._lines: list[Any] = []
        self._prepare()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self._data.places)

    def show_data(self, data: ChartData | DotData) -> None:
        """Draw this; the zoom stays where the places are the same ones."""
        is_same = [p.tick for p in data.places] == [p.tick for p in self._data.places]
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
        self._place_axis.picture = self._amounts.picture = None
        self._plot.update()

    @property
    def visible_range(self) -> tuple[float, float]:
        """From where to where is in sight, in places or days."""
        low, high = self._box.viewRange()[0]
        return float(low), float(high)

    def set_mark(self, place: int) -> None:
        """Mark a place; -1 is none."""
        if isinstance(self._data, ChartData):
            self._stack.set_mark(place)
            return
        ink = self.palette().text().color()
        dots = [] if place < 0 else [self._data.dots[place]]
        self._marked.setData(
            [_day(dot.at_ms) for dot in dots],
            [dot.value for dot in dots],
            size=14,
            pen=pg.mkPen(ink, width=2),
            brush=None,
        )

    def point_of(self, place: int) -> QPoint:
        """Return where a place is."""
        if isinstance(self._data, ChartData):
            at = QPointF(place, self._data.total_at(place))
        else:
            dot = self._data.dots[place]
            at = QPointF(_day(dot.at_ms), dot.value)
        scene = self._box.mapViewToScene(at)
        found: QPoint = self._plot.mapTo(self, self._plot.mapFromScene(scene))
        return found

    def reset_zoom(self) -> None:
        """Show all there is."""
        low, high = self._range
        self._box.setRange(xRange=(low, high), yRange=(0, self._most), padding=0)

    def zoom(self, factor: float) -> None:
        """Show so much more or less, around the middle."""
        self._box.scaleBy(x=factor)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application from light to dark and back."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange} and self._plot:
            self._dress()
            self.show_data(self._data)

    def eventFilter(self, _: object, event: QEvent) -> bool:
        """See what the mouse does above the plot; pyqtgraph keeps dragging and the wheel."""
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
            place = self._place_at(event.position())
            if event.button() == Qt.MouseButton.LeftButton and moved < 4 and place >= 0:  # noqa: PLR2004  # a hand trembles
                self.opened.emit(place)
        elif kind == QEvent.Type.MouseButtonDblClick:
            self.reset_zoom()
        return False

    def _prepare(self) -> None:
        plot = self._plot
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        plot.getPlotItem().setContentsMargins(0, 8, 8, 0)
        plot.getPlotItem().setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.sigXRangeChanged.connect(self._tell_zoom)
        for item in (self._stack, self._dots, self._marked):
            plot.addItem(item)
        plot.setMouseTracking(True)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)
        self._pressed_at = QPointF(-1, -1)
        self._amounts.setWidth(LEFT_PX)
        self._amounts.setStyle(tickLength=0, autoExpandTextSpace=False)
        for axis in (self._place_axis, self._day_axis):
            axis.setStyle(tickLength=0)
        self._amounts.setGrid(False)
        self._dress()

    def _dress(self) -> None:
        """Take colours and letters from the palette."""
        palette = self.palette()
        ink = palette.text().color()
        font = self.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.9))
        self._plot.setBackground(palette.base().color())
        for axis in (self._amounts, self._place_axis, self._day_axis):
            axis.setTextPen(pg.mkPen(toned(ink, palette, 0.7)))
            axis.setPen(pg.mkPen(toned(ink, palette, 0.25)))
            axis.setStyle(tickFont=font)
        self._amounts.setPen(None)

    def _draw_stack(self, data: ChartData) -> None:
        forecast = data.forecast
        highest = max(data.totals, default=0.0)
        if forecast is not None:
            highest = max(highest, forecast.value or 0.0, forecast.budget or 0.0)
        self._most = highest * HEADROOM or 1.0
        last = max(1, len(data.places))
        self._range = (0.0, float(last - 1)) if data.is_course else (-0.5, last - 0.5)
        if self._range[0] == self._range[1]:
            self._range = (-0.5, 0.5)
        self._place_axis.ticks = [place.tick for place in data.places]
        self._place_axis.has_last = not data.is_course
        self._stack.show_data(data, self.palette(), self._most)
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = self._grid(nice_steps(self._most))
        if forecast is not None and forecast.budget is not None:
            text = self._formats.money(forecast.budget)
            self._lines.append(
                self._line(forecast.budget, 0, WARN, self.tr("Budget {0}").format(text))
            )
        if forecast is not None and 0 < forecast.now < last - 1:
            color = toned(self.palette().text().color(), self.palette(), 0.45)
            self._lines.append(self._line(forecast.now, 90, color.name(), ""))
        for line in self._lines:
            self._plot.addItem(line, ignoreBounds=True)

    def _draw_dots(self, data: DotData) -> None:
        palette = self.palette()
        days = [_day(dot.at_ms) for dot in data.dots]
        self._most = max((dot.value for dot in data.dots), default=0.0) * HEADROOM or 1.0
        low, high = (min(days), max(days)) if days else (0.0, 1.0)
        margin = max(0.5, (high - low) * 0.02)
        self._range = (low - margin, high + margin)
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = self._grid(nice_steps(self._most))
        for line in self._lines:
            self._plot.addItem(line, ignoreBounds=True)
        brushes = {slot: pg.mkBrush(_clear(slot, palette)) for slot in {d.slot for d in data.dots}}
        edges = {slot: pg.mkPen(color_of(slot, palette)) for slot in brushes}
        self._dots.setData(
            days,
            [dot.value for dot in data.dots],
            size=9,
            brush=[brushes[dot.slot] for dot in data.dots],
            pen=[edges[dot.slot] for dot in data.dots],
        )
        self._marked.setData([], [])

    def _grid(self, steps: list[float]) -> list[Any]:
        color = toned(self.palette().text().color(), self.palette(), 0.12)
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
        place = self._place_at(position)
        if place < 0:
            self.left.emit()
        else:
            self.hovered.emit(place, self._plot.mapTo(self, position.toPoint()))

    def _place_at(self, position: QPointF) -> int:
        """Return the number of the place at a position of the viewport, or -1."""
        scene = self._plot.mapToScene(position.toPoint())
        if not self._box.sceneBoundingRect().contains(scene):
            return -1
        if isinstance(self._data, ChartData):
            place = round(self._box.mapSceneToView(scene).x())
            return place if 0 <= place < self.count and not self._data.is_empty else -1
        return self._nearest(position)

    def _nearest(self, position: QPointF) -> int:
        assert isinstance(self._data, DotData)  # noqa: S101  # told to mypy
        best, best_px = -1, 14.0
        for place, dot in enumerate(self._data.dots):
            scene = self._box.mapViewToScene(QPointF(_day(dot.at_ms), dot.value))
            at = self._plot.mapFromScene(scene)
            away = (QPointF(at) - position).manhattanLength()
            if away < best_px:
                best, best_px = place, away
        return best


def _area(lows: list[float], highs: list[float], end: float) -> QPainterPath:
    """Return the area between two lines, up to a place between two points."""
    last = min(len(highs) - 1, ceil(end))
    upper = [QPointF(min(place, end), highs[place]) for place in range(last + 1)]
    lower = [QPointF(min(place, end), lows[place]) for place in range(last, -1, -1)]
    path = QPainterPath()
    path.addPolygon(QPolygonF([*upper, *lower]))
    path.closeSubpath()
    return path


def _day(at_ms: int) -> float:
    return at_ms / DAY_MS


def _clear(slot: int, palette: QPalette) -> QColor:
    color = QColor(color_of(slot, palette))
    color.setAlphaF(0.55)
    return color

"""A chart widget: legend, tooltip, keys, export, and text for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.charts.overlays import GAP_PX, HoverLine, Legend, Tooltip
from spendlight.desktop.window.charts.speech import dot_summary, hover_lines, summary
from spendlight.desktop.window.charts.surface import ShareBars, Surface
from spendlight.desktop.window.charts.values import ChartData, DataPoint, DotData
from spendlight.desktop.window.formats import Formats

if TYPE_CHECKING:
    from spendlight.desktop.window.charts.plot import PlotSurface

PNG_SCALE: Final = 2
"""The resolution of saved pictures, relative to the screen."""

ZOOM_STEP: Final = 0.8


class Chart(QWidget):
    """A surface with everything that makes it an accessible chart.

    The arrow keys move from point to point, which screen readers read, Return opens it, + and -
    zoom, 0 shows everything again.

    Signals:
        opened: The user wants the details of a data point; carries its meaning.
        save_requested: The user wants a picture.
    """

    opened = Signal(object)
    save_requested = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._surface: Surface | None = None
        self._is_lent = False
        self._title = ""
        self._summary = ""
        self._points: Sequence[DataPoint] = ()
        self._lines: Callable[[int], list[HoverLine]] = lambda _: []
        self._at = -1
        self._redraw: Callable[[], None] = lambda: None
        self._legend = Legend()
        self._reset = QPushButton(self.tr("Reset zoom"))
        self._reset.clicked.connect(self.reset_zoom)
        self._reset.hide()
        self._empty = QLabel()
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._empty.setParent(self)
        self._empty.hide()
        self._top = QHBoxLayout()
        self._top.setContentsMargins(GAP_PX, GAP_PX // 2, GAP_PX, 0)
        self._top.addWidget(self._legend, 1)
        self._top.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP_PX // 2)
        self._layout.addLayout(self._top)
        self._tooltip = Tooltip(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(96)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        formats.changed.connect(self._write_again)

    @property
    def title(self) -> str:
        """The title."""
        return self._title

    @property
    def spoken(self) -> str:
        """The text for screen readers."""
        return self._summary

    @property
    def points(self) -> Sequence[DataPoint]:
        """The data points that the mouse or keyboard can choose."""
        return self._points

    @property
    def surface(self) -> Surface | None:
        """The surface it is drawn on, once something was drawn."""
        return self._surface

    def show_stack(self, data: ChartData) -> None:
        """Show bars or areas by point."""
        self._redraw = lambda: self.show_stack(data)
        if not self._is_ready():
            return
        self._plot(is_by_day=False).show_data(data)
        legend = [(series.name, series.slot) for series in data.series]
        self._describe(
            data.title,
            summary(data, self._formats),
            data.points,
            lambda index: hover_lines(data, index, self._formats),
            legend if len(legend) > 1 else [],
            data.empty if data.is_empty else "",
        )

    def show_dots(self, data: DotData) -> None:
        """Show dots by day."""
        self._redraw = lambda: self.show_dots(data)
        if not self._is_ready():
            return
        self._plot(is_by_day=True).show_data(data)

        def lines(index: int) -> list[HoverLine]:
            dot = data.dots[index]
            return [(self.tr("Cost"), self._formats.amount(dot.value, is_money=True), dot.slot)]

        self._describe(
            data.title,
            dot_summary(data, self._formats),
            data.points,
            lines,
            data.legend,
            "" if data.dots else data.empty,
        )

    def show_shares(
        self, data: ChartData, lines: Callable[[int], list[HoverLine]] | None = None
    ) -> None:
        """Show a bar with its name for each data point.

        Args:
            data: The data points.
            lines: Returns the lines of the tooltip for one of them; by default its value.
        """
        if not isinstance(self._surface, ShareBars):
            self._use(ShareBars(self._formats))
        assert isinstance(self._surface, ShareBars)  # noqa: S101  # told to mypy
        self._surface.show_data(data)
        self._redraw = lambda: self.show_shares(data, lines)
        self._describe(
            data.title,
            summary(data, self._formats),
            data.points,
            lines or (lambda index: hover_lines(data, index, self._formats)[:1]),
            [],
            "",
        )

    def show_surface(
        self,
        surface: Surface,
        title: str,
        spoken: str,
        points: Sequence[DataPoint],
        lines: Callable[[int], list[HoverLine]],
    ) -> None:
        """Show a surface that draws itself, and that its owner reuses."""
        if self._surface is not surface:
            self._use(surface, is_lent=True)
        self._redraw = surface.update
        self._describe(title, spoken, points, lines, [], "")

    def reset_zoom(self) -> None:
        """Show everything."""
        if self._surface is not None:
            self._surface.reset_zoom()

    def picture(self, path: Path) -> Callable[[], None]:
        """Return a function that writes a picture of the current chart; any thread may call it.

        Args:
            path: The file; its extension decides the format.
        """
        self._leave()
        return self._svg(path) if path.suffix.lower() == ".svg" else self._png(path)

    def make_menu(self) -> QMenu:
        """Return the context menu."""
        menu = QMenu(self)
        menu.addAction(self.tr("Save picture…")).triggered.connect(self.save_requested)
        menu.addAction(self.tr("Reset zoom")).triggered.connect(self.reset_zoom)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the context menu."""
        menu = self.make_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from point to point, open one, zoom."""
        surface = self._surface
        count = 0 if surface is None else surface.count
        key = event.key()
        if surface is None or not count:
            super().keyPressEvent(event)
        elif key in {Qt.Key.Key_Right, Qt.Key.Key_Down}:
            self._walk(min(count - 1, self._at + 1))
        elif key in {Qt.Key.Key_Left, Qt.Key.Key_Up}:
            self._walk(count - 1 if self._at < 0 else max(0, self._at - 1))
        elif key == Qt.Key.Key_Home:
            self._walk(0)
        elif key == Qt.Key.Key_End:
            self._walk(count - 1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._at >= 0:
            self._open(self._at)
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Minus}:
            surface.zoom(ZOOM_STEP if key == Qt.Key.Key_Plus else 1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            surface.reset_zoom()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the message of an empty chart centred."""
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())

    def _is_ready(self) -> bool:
        """Whether axes can be drawn; otherwise the chart draws itself as soon as they can."""
        loader = plot_loader()
        if loader.is_loaded:
            return True
        loader.loaded.connect(self._write_again, Qt.ConnectionType.UniqueConnection)
        loader.load()
        return False

    def _plot(self, *, is_by_day: bool) -> PlotSurface:
        from spendlight.desktop.window.charts.plot import PlotSurface

        if not isinstance(self._surface, PlotSurface):
            self._use(PlotSurface(self._formats, is_by_day=is_by_day))
        assert isinstance(self._surface, PlotSurface)  # noqa: S101  # told to mypy
        return self._surface

    def _use(self, surface: Surface, *, is_lent: bool = False) -> None:
        """Use another surface; a borrowed one is hidden and kept for the next time."""
        if self._surface is not None:
            self._layout.removeWidget(self._surface)
            self._surface.hide()
            self._surface.disconnect(self)
            if not self._is_lent:
                self._surface.deleteLater()
        self._surface, self._is_lent = surface, is_lent
        self._layout.addWidget(surface, 1)
        surface.show()
        surface.hovered.connect(self._hover)
        surface.left.connect(self._leave)
        surface.opened.connect(self._open)
        surface.zoomed.connect(self._reset.setVisible)

    def _describe(  # noqa: PLR0913, PLR0917  # all of them are needed
        self,
        title: str,
        spoken: str,
        points: Sequence[DataPoint],
        lines: Callable[[int], list[HoverLine]],
        legend: Sequence[tuple[str, int]],
        empty: str,
    ) -> None:
        self._title, self._summary = title, spoken
        self._points, self._lines = points, lines
        self._legend.show_items(legend)
        self._empty.setText(empty)
        self._empty.setVisible(bool(empty))
        self._empty.raise_()
        self._leave()
        self.setAccessibleName(title)
        self.setAccessibleDescription(spoken)

    def _hover(self, index: int, at: QPoint) -> None:
        if self._surface is None or index >= len(self._points):
            return
        self._mark(index)
        self._tooltip.show_lines(
            self._points[index].label, self._lines(index), self._surface.mapTo(self, at)
        )

    def _walk(self, index: int) -> None:
        """Move to a data point by keyboard, and announce it."""
        assert self._surface is not None  # noqa: S101  # told to mypy
        self._hover(index, self._surface.position_of(index))
        said = [f"{name} {value}" for name, value, _ in self._lines(index)]
        self.setAccessibleDescription(f"{self._points[index].label}: {', '.join(said)}")
        change = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(change)

    def _mark(self, index: int) -> None:
        self._at = index
        if self._surface is not None:
            self._surface.set_mark(index)

    def _leave(self) -> None:
        self._tooltip.hide()
        self._mark(-1)

    def _open(self, index: int) -> None:
        if 0 <= index < len(self._points):
            self.opened.emit(self._points[index].meaning)

    def _write_again(self) -> None:
        self._redraw()

    def _png(self, path: Path) -> Callable[[], None]:
        image = QImage(self.size() * PNG_SCALE, QImage.Format.Format_ARGB32)
        image.setDevicePixelRatio(PNG_SCALE)
        image.fill(self.palette().base().color())
        self.render(image)

        def write() -> None:
            if not image.save(str(path), "PNG"):  # type: ignore[call-overload]  # its stubs want bytes
                message = f"{path} cannot be written"
                raise OSError(message)

        return write

    def _svg(self, path: Path) -> Callable[[], None]:
        from PySide6.QtSvg import QSvgGenerator

        buffer = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self.size())
        generator.setViewBox(self.rect())
        generator.setTitle(self._title)
        generator.setDescription(self._summary)
        painter = QPainter(generator)
        self.render(painter, QPoint())
        painter.end()
        drawing = bytes(buffer.data().data())
        return lambda: _write(path, drawing)


def _write(path: Path, drawing: bytes) -> None:
    path.write_bytes(drawing)

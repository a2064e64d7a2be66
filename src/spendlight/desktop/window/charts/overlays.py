"""The legend and the tooltip of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QSizePolicy,
    QWidget,
)

from spendlight.desktop.window.charts.palette import color_of

SWATCH_PX: Final = 10
GAP_PX: Final = 8

HoverLine = tuple[str, str, int | None]


class Legend(QWidget):
    """Names with their colours, in as many lines as needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_items(self, items: Sequence[tuple[str, int]]) -> None:
        """Show names with the slots of their colours."""
        self._items = tuple(items)
        self.setVisible(bool(items))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many lines as needed at this width."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the names."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        palette = self.palette()
        for (name, slot), box in zip(self._items, self._boxes(), strict=True):
            top = box.top() + (box.height() - SWATCH_PX) // 2
            painter.fillRect(box.left(), top, SWATCH_PX, SWATCH_PX, color_of(slot, palette))
            painter.setPen(palette.text().color())
            painter.drawText(
                box.adjusted(SWATCH_PX + 6, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                name,
            )

    def _fit(self) -> None:
        bottom = max((box.bottom() + 1 for box in self._boxes()), default=0)
        if bottom != self.height():
            self.setFixedHeight(bottom)

    def _boxes(self) -> list[QRect]:
        metrics = self.fontMetrics()
        x, y, height = 0, 0, metrics.height() + 4
        boxes: list[QRect] = []
        for name, _ in self._items:
            width = SWATCH_PX + 6 + metrics.horizontalAdvance(name)
            if x and x + width > self.width():
                x, y = 0, y + height
            boxes.append(QRect(x, y, width, height))
            x += width + 2 * GAP_PX
        return boxes


class Tooltip(QWidget):
    """The values of the data point under the mouse: one tooltip for the whole chart."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._chart = parent
        self._title = ""
        self._lines: list[HoverLine] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def lines(self) -> list[HoverLine]:
        """Names, values and colours."""
        return list(self._lines)

    def show_lines(self, title: str, lines: list[HoverLine], at: QPoint) -> None:
        """Show a title and lines of names, values and colours, near a point of the chart."""
        self._title, self._lines = title, lines
        size = self._size()
        x = at.x() + 16
        if x + size.width() > self._chart.width():
            x = max(0, at.x() - 16 - size.width())
        y = min(max(0, at.y() - size.height() - 8), max(0, self._chart.height() - size.height()))
        self.setGeometry(x, y, size.width(), size.height())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        palette = self.palette()
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(palette.toolTipBase())
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(palette.toolTipText().color())
        line = self._line_height
        inner = self.rect().adjusted(GAP_PX, GAP_PX // 2, -GAP_PX, 0)
        painter.drawText(
            QRect(inner.left(), inner.top(), inner.width(), line),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self._title,
        )
        for number, (name, value, slot) in enumerate(self._lines, start=1):
            box = QRect(inner.left(), inner.top() + number * line, inner.width(), line)
            if slot is not None:
                top = box.top() + (line - SWATCH_PX) // 2
                painter.fillRect(box.left(), top, SWATCH_PX, SWATCH_PX, color_of(slot, palette))
            painter.drawText(
                box.adjusted(SWATCH_PX + 6, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                name,
            )
            painter.drawText(
                box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value
            )

    @property
    def _line_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _size(self) -> QSize:
        metrics = self.fontMetrics()
        widest = max(
            (
                metrics.horizontalAdvance(name) + metrics.horizontalAdvance(value)
                for name, value, _ in self._lines
            ),
            default=0,
        )
        width = max(metrics.horizontalAdvance(self._title), SWATCH_PX + 6 + widest + 3 * GAP_PX)
        height = (len(self._lines) + 1) * self._line_height + GAP_PX
        return QSize(width + 2 * GAP_PX, height)

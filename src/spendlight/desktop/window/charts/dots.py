"""Dots by day: one cloud for each colour, as clouds of a single colour are drawn quickly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from operator import attrgetter
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPalette

from spendlight.desktop.window.charts.palette import color_of
from spendlight.desktop.window.charts.values import Dot
from spendlight.metering.periods import to_utc

SIZE_PX: Final = 9
MARK_PX: Final = 14

REACH_PX: Final = 14
"""The mouse is over a dot within this distance, horizontally and vertically."""

OPACITY: Final = 0.55
"""The opacity of a dot, so that overlapping ones are visible."""

DAY_MS: Final = 86_400_000

_slot = attrgetter("slot")


class DotCloud:
    """The dots of a plot."""

    def __init__(self, plot: Any, zone: tzinfo) -> None:  # noqa: ANN401  # pyqtgraph has no types
        """Start without dots.

        Args:
            plot: The widget they are drawn in.
            zone: The time zone of days.
        """
        self._plot = plot
        self._zone = zone
        self._clouds: list[Any] = []
        self._days = self._values = np.zeros(0)
        self._marked = pg.ScatterPlotItem(pxMode=True)
        self._marked.setZValue(10)
        plot.addItem(self._marked)

    @property
    def reach(self) -> tuple[float, float]:
        """The first and the last day."""
        return (self._days.min(), self._days.max()) if len(self._days) else (0.0, 1.0)

    @property
    def most(self) -> float:
        """The greatest value."""
        return float(self._values.max()) if len(self._values) else 0.0

    def show_dots(self, dots: Sequence[Dot], palette: QPalette) -> None:
        """Draw dots."""
        self.clear()
        offset_ms = self._offset_ms(dots[-1].at_ms) if dots else 0
        self._days = np.fromiter((dot.at_ms for dot in dots), float, len(dots))
        self._days = (self._days + offset_ms) / DAY_MS
        self._values = np.fromiter((dot.value for dot in dots), float, len(dots))
        slots = np.fromiter(map(_slot, dots), int, len(dots))
        for slot in np.unique(slots):
            edge = color_of(int(slot), palette)
            inner = QColor(edge)
            inner.setAlphaF(OPACITY)
            chosen = slots == slot
            cloud = pg.ScatterPlotItem(
                self._days[chosen],
                self._values[chosen],
                size=SIZE_PX,
                pen=pg.mkPen(edge),
                brush=pg.mkBrush(inner),
                pxMode=True,
            )
            self._clouds.append(cloud)
            self._plot.addItem(cloud)

    def clear(self) -> None:
        """Remove all dots."""
        for cloud in self._clouds:
            self._plot.removeItem(cloud)
        self._clouds.clear()
        self._marked.setData([], [])

    def mark(self, index: int, ink: QColor) -> None:
        """Draw a ring around a dot; -1 removes it."""
        chosen = slice(index, index + 1) if index >= 0 else slice(0)
        pen = pg.mkPen(ink, width=2)
        self._marked.setData(
            self._days[chosen], self._values[chosen], size=MARK_PX, pen=pen, brush=None
        )

    def at(self, index: int) -> QPointF:
        """Return the position of a dot: its day and its value."""
        return QPointF(self._days[index], self._values[index])

    def nearest(self, here: QPointF, pixel: QPointF) -> int:
        """Return the dot at a position, or -1.

        Args:
            here: The position, as a day and a value.
            pixel: The size of a pixel, as days and a value.
        """
        if not len(self._days):
            return -1
        along = abs(self._days - here.x()) / abs(pixel.x())
        away = along + abs(self._values - here.y()) / abs(pixel.y())
        index = int(away.argmin())
        return index if away[index] < REACH_PX else -1

    def _offset_ms(self, at_ms: int) -> int:
        """Return the offset of the user's time zone from UTC; the last dot's is used for all."""
        offset = to_utc(at_ms).astimezone(self._zone).utcoffset()
        return 0 if offset is None else round(offset.total_seconds() * 1000)

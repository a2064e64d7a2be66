"""Axes with a few round numbers, or with as many names as there is room for."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor, log10
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtGui import QPainter

from spendlight.desktop.window.formats import Formats

MOST_LINES: Final = 5


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

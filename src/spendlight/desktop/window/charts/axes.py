"""Axes with a few round numbers, or with as many names as fit."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtGui import QPainter

from spendlight.desktop.window.charts.values import LONG, Clock
from spendlight.desktop.window.formats import Formats

MOST_LINES: Final = 5

OVERHANG_PX: Final = 60
"""How far a name at the end of an axis may extend beyond it."""

RIGHT_PX: Final = 8
"""The space on the right of an axis."""

LINE_PX: Final = 16
"""The least vertical distance between amounts."""

GAP_PX: Final = 18
"""The least distance between names."""

DAY_NAME_PX: Final = 80
"""The space for the name of a day and its gap."""

MONTH_DAYS: Final = 30.4
YEAR_DAYS: Final = 365.25
EPOCH: Final = date(1970, 1, 1)

MINUTE_MS: Final = 60_000
ROUND_MS: Final = tuple(
    minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
)
"""The intervals between names of times of day."""


def nice_steps(most: float) -> list[float]:
    """Return round numbers from 0 up to *most*, at most six with the 0.

    >>> nice_steps(9.4)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    >>> nice_steps(29.0)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
    """
    if most <= 0:
        return [0.0]
    size = 10.0 ** floor(log10(most / MOST_LINES))
    sizes = (size * factor for factor in (1, 2, 5, 10))
    step = next(size for size in sizes if most < size * (MOST_LINES + 1))
    return [step * number for number in range(floor(most / step + 1e-9) + 1)]


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis with names and no ticks, as there are grid lines."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.setStyle(hideOverlappingLabels=OVERHANG_PX)

    def generateDrawSpecs(self, painter: QPainter) -> Any:  # noqa: ANN401  # pyqtgraph has no types
        """Return what to draw; names at the ends are moved so that nothing is cut off."""
        found = super().generateDrawSpecs(painter)
        if found is None:
            return None
        if self.orientation == "bottom":
            for rect, _, _ in found[2]:
                rect.moveRight(min(rect.right(), self.size().width() + RIGHT_PX))
                rect.moveLeft(max(rect.left(), 0.0))
        return found[0], [], found[2]


class AmountAxis(Axis):
    """An axis of dollars or tokens, with a few round numbers."""

    def __init__(self, formats: Formats) -> None:
        super().__init__("left")
        self._formats = formats
        self.is_money = True

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return which lines get their amount: as many as fit."""
        del low
        steps = nice_steps(high)
        spacing = steps[1] if len(steps) > 1 else 1.0
        room = spacing / high * size if high > 0 else size
        every = max(1, ceil(LINE_PX / room)) if room > 0 else 1
        return [(spacing, steps[::every])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the amounts as text."""
        del scale
        if self.is_money and spacing >= 1:
            return [self._formats.text(f"${round(value):,}") for value in values]
        return [self._formats.amount(value, is_money=self.is_money) for value in values]


class PointAxis(Axis):
    """An axis of data points, with as many names as fit.

    Attributes:
        ticks: The names.
        has_last: Whether the last point always has its name, as it is usually today; otherwise
            the first one has.
        clock: The times of the points, if names are to be at round times of day.
    """

    def __init__(self) -> None:
        super().__init__("bottom")
        self.ticks: list[str] = []
        self.has_last = True
        self.clock: Clock | None = None

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
        """Return which points get their name."""
        if not self.ticks:
            return []
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(tick) for tick in set(self.ticks)) + GAP_PX
        room = max(1, int(size / widest))
        step = max(1, ceil((high - low) / room))
        if self.clock is not None:
            return self._round_times(self.clock, low, high, step)
        step = next((nice for nice in (1, 2, 3, 6, 7, 12, 14, 24, 28) if nice >= step), step)
        last = len(self.ticks) - 1
        first = max(0, ceil(low))
        first += ((last if self.has_last else 0) - first) % step
        return [(step, list(range(first, min(last, floor(high)) + 1, step)))]

    def _round_times(
        self, clock: Clock, low: float, high: float, least: int
    ) -> list[tuple[float, list[int]]]:
        """Return the points at round times of day, at least *least* steps apart."""
        needed = least * clock.step_ms
        every_ms = next(
            (ms for ms in ROUND_MS if ms >= needed and ms % clock.step_ms == 0),
            ceil(needed / ROUND_MS[-1]) * ROUND_MS[-1],
        )
        indices = range(max(0, ceil(low)), min(len(self.ticks) - 1, floor(high)) + 1)
        found = [
            index
            for index in indices
            if (clock.begin_ms + index * clock.step_ms) % every_ms < clock.step_ms
        ]
        return [(every_ms / clock.step_ms, found)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the names."""
        del scale, spacing
        names = [self.ticks[int(value)] for value in values if 0 <= value < len(self.ticks)]
        return [
            "" if index and name == names[index - 1] else name for index, name in enumerate(names)
        ]

    def fontMetrics(self) -> Any:  # noqa: ANN401  # metrics of the font that pyqtgraph uses
        """Return the metrics of the font."""
        from PySide6.QtGui import QFontMetricsF, QGuiApplication

        return QFontMetricsF(self.style["tickFont"] or QGuiApplication.font())


class DayAxis(Axis):
    """An axis of days, numbered since 1970-01-01."""

    def __init__(self, formats: Formats) -> None:
        super().__init__("bottom")
        self._formats = formats
        self._has_months = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
        """Return which days get their name; over years, the first days of months."""
        least = max(1.0, (high - low) / max(1, size / DAY_NAME_PX))
        self._has_months = high - low > LONG.days
        first, last = ceil(low), floor(high)
        if self._has_months:
            every = next((nice for nice in (1, 2, 3, 6, 12) if nice * MONTH_DAYS >= least), 0)
            every = every or ceil(least / YEAR_DAYS) * 12
            return [(every * MONTH_DAYS, _first_days(first, last, every))]
        step = next((nice for nice in (1, 2, 3, 7, 14, 28) if nice >= least), ceil(least))
        return [(step, list(range(first + -first % step, last + 1, step)))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the days."""
        del scale, spacing
        name = self._formats.month if self._has_months else self._formats.short_day
        return [name(_day(value)) for value in values]


def _first_days(first: int, last: int, every: int) -> list[int]:
    """Return the first day of each month, or of every *every*-th month from January."""
    found: list[int] = []
    day = _day(first).replace(day=1)
    while (number := (day - EPOCH).days) <= last:
        if number >= first and (day.year * 12 + day.month - 1) % every == 0:
            found.append(number)
        day = (day + timedelta(days=31)).replace(day=1)
    return found


def _day(number: float) -> date:
    return EPOCH + timedelta(days=floor(number))

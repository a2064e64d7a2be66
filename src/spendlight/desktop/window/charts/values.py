"""The contents of a chart: data points, series, dots, and a forecast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

LONG: Final = timedelta(days=366)
"""Beyond a year, the day and month alone would be ambiguous."""


class Measure(StrEnum):
    """What the length of bars shows."""

    COST = "cost"
    TOKENS = "tokens"


class Split(StrEnum):
    """What a total is split by."""

    MODEL = "model"
    PROJECT = "project"


class DataPoint(NamedTuple):
    """One data point, with its labels.

    Attributes:
        name: The full name, for the tooltip and screen readers; or a function that makes it from
            the meaning, as it is not needed for most points.
        tick: The short name, for the axis.
        meaning: What it represents, for clicks.
    """

    name: str | Callable[[Any], str]
    tick: str
    meaning: object = None

    @property
    def label(self) -> str:
        """The full name."""
        return self.name if isinstance(self.name, str) else self.name(self.meaning)


class Series(NamedTuple):
    """One colour of a chart.

    Attributes:
        values: One for each point.
        slot: Its colour.
    """

    name: str
    values: tuple[float, ...]
    slot: int = 0


class Forecast(NamedTuple):
    """A forecast.

    Attributes:
        now: The current time, as an index between points.
        value: The value at the last point, or None if it is too early for a forecast.
        budget: The budget, or None if there is none.
    """

    now: float
    value: float | None = None
    budget: float | None = None


class Clock(NamedTuple):
    """The times of points.

    Attributes:
        begin_ms: The first point in local time, in Unix milliseconds.
        step_ms: The time between points.
    """

    begin_ms: int
    step_ms: int


class ChartData(NamedTuple):
    """The contents of a chart.

    Attributes:
        title: Its title.
        is_money: Whether the values are dollars; otherwise they are tokens.
        is_course: Whether values are cumulative.
        clock: The times of the points, if they are consecutive moments.
        empty: The message if there is nothing to draw.
        whole: The sum of everything, if the points are only its greatest parts.
    """

    title: str
    points: tuple[DataPoint, ...] = ()
    series: tuple[Series, ...] = ()
    is_money: bool = True
    is_course: bool = False
    forecast: Forecast | None = None
    clock: Clock | None = None
    empty: str = ""
    whole: float | None = None

    def total_at(self, index: int) -> float:
        """Return the sum of all series at an index."""
        return sum(series.values[index] for series in self.series)

    @property
    def totals(self) -> tuple[float, ...]:
        """The sum at each point."""
        if not self.series:
            return (0.0,) * len(self.points)
        return tuple(map(sum, zip(*(series.values for series in self.series), strict=True)))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(self.totals)


class Dot(NamedTuple):
    """One dot of a chart over time.

    Attributes:
        at_ms: When, Unix milliseconds.
        slot: Its colour.
    """

    at_ms: int
    value: float
    point: DataPoint
    slot: int = 0


class DotData(NamedTuple):
    """A chart of dots.

    Attributes:
        legend: Names and slots of the colours.
    """

    title: str
    dots: tuple[Dot, ...] = ()
    legend: tuple[tuple[str, int], ...] = ()
    is_money: bool = True
    empty: str = ""
    points: tuple[DataPoint, ...] = ()

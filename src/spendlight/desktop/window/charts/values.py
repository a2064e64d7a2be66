"""The contents of a chart: places, series, dots, and a forecast."""

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


class Place(NamedTuple):
    """One place on the axis.

    Attributes:
        name: The full name, for the tooltip and screen readers; or a function that makes it from
            the meaning, as it is not needed for most places.
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
        values: One for each place.
        slot: Its colour.
    """

    name: str
    values: tuple[float, ...]
    slot: int = 0


class Forecast(NamedTuple):
    """A forecast.

    Attributes:
        now: The present, as a place.
        value: The value at the last place, or None if it is too early for a forecast.
        budget: The budget, or None if there is none.
    """

    now: float
    value: float | None = None
    budget: float | None = None


class Clock(NamedTuple):
    """The times of places.

    Attributes:
        begin_ms: The first place in local time, in Unix milliseconds.
        step_ms: The time between places.
    """

    begin_ms: int
    step_ms: int


class ChartData(NamedTuple):
    """The contents of a chart.

    Attributes:
        title: Its title.
        is_money: Whether the values are dollars; otherwise they are tokens.
        is_course: Whether values are cumulative.
        clock: The times of the places, if they are consecutive moments.
        empty: The message if there is nothing to draw.
    """

    title: str
    places: tuple[Place, ...] = ()
    series: tuple[Series, ...] = ()
    is_money: bool = True
    is_course: bool = False
    forecast: Forecast | None = None
    clock: Clock | None = None
    empty: str = ""

    def total_at(self, place: int) -> float:
        """Return the sum of all series at a place."""
        return sum(series.values[place] for series in self.series)

    @property
    def totals(self) -> tuple[float, ...]:
        """The sum at each place."""
        if not self.series:
            return (0.0,) * len(self.places)
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
    place: Place
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
    places: tuple[Place, ...] = ()

"""What is in a chart: places, series, dots, and where a course leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

LONG: Final = timedelta(days=366)
"""Beyond a year, the day of a month alone would not tell which year it is."""


class Measure(StrEnum):
    """What bars are as long as."""

    COST = "cost"
    TOKENS = "tokens"


class Split(StrEnum):
    """What a sum is taken apart by."""

    MODEL = "model"
    PROJECT = "project"


class Place(NamedTuple):
    """One place on the axis.

    Attributes:
        name: In full, for the tooltip and to be read aloud; or what makes it of the meaning, as of
            most places nobody ever wants to know.
        tick: In short, for the axis.
        meaning: What a click on it is about.
    """

    name: str | Callable[[Any], str]
    tick: str
    meaning: object = None

    @property
    def label(self) -> str:
        """The name in full."""
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
    """Where a course leads.

    Attributes:
        now: The moment, in places.
        value: What is reached at the last place, or None where it is too early to tell.
        budget: What may be reached, or None without a budget.
    """

    now: float
    value: float | None = None
    budget: float | None = None


class Clock(NamedTuple):
    """How places follow the time of day.

    Attributes:
        begin_ms: The first place in local time, Unix milliseconds.
        step_ms: How far the next one is.
    """

    begin_ms: int
    step_ms: int


class ChartData(NamedTuple):
    """All that is in a chart.

    Attributes:
        title: What it is called.
        is_money: Whether the values are dollars; else they are tokens.
        is_course: Whether values add up along the places.
        clock: When the places are, where they are moments that follow each other.
        empty: What is said where there is nothing to draw.
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

"""The limits of a Claude plan: how much of them is used, by whose word, and how old that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.budgets import BudgetPeriod, Outlook

WHOLE: Final = 100.0
"""All of a limit, in percent."""

FRESH: Final = timedelta(minutes=30)
"""What was said longer ago is shown with its age, and no alert is made of it."""

REMEMBERED: Final = timedelta(days=1)
"""For so long after a window's end it is worth saying that it has begun anew."""

MOST_PERCENT: Final = 1_000.0
"""Claude Code has been seen to say 105; more than this is no percentage."""

OPENING: Final = timedelta(minutes=5)
"""So soon after its beginning no window is used up, whoever says so."""

SETTLING: Final = timedelta(hours=1)
"""What is heard so soon after a window's beginning may be the figure of the window before."""

NEARLY_WHOLE: Final = 95.0
"""From here on a limit counts as used up, in percent."""

CLEARLY_LESS: Final = 20.0
"""By so many percent of the limit less, it is no late word of the same window but a better one."""

_MINUTE_S: Final = 60
_MILLISECONDS_FROM: Final = 1e11
"""As seconds this would be the year 5138, so it is milliseconds."""


class PlanWindow(StrEnum):
    """A stretch of time with a limit of its own, named as Claude Code names it."""

    FIVE_HOURS = "five_hour"
    WEEK = "seven_day"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return timedelta(hours=5) if self is PlanWindow.FIVE_HOURS else timedelta(days=7)


class PlanSource(StrEnum):
    """Whose word a percentage is."""

    STATUS_LINE = "statusline"
    """What Claude Code hands to its status line."""
    USAGE_CACHE = "usage-cache"
    """The answer to its last ``/usage``, which Claude Code keeps."""


class PlanReading(NamedTuple):
    """What Claude Code said of one window.

    Attributes:
        percent: How much of the limit is used; it may be more than all.
        resets_at: When the window ends, to the minute; None where it was not said.
        seen_at: When it was said.
        folder: The data folder whose account it is of; "" where nobody knows.
        heard_at: When it was said for the first time, so that it was news; None where nobody knows.
    """

    window: PlanWindow
    percent: float
    resets_at: datetime | None
    seen_at: datetime
    source: PlanSource = PlanSource.STATUS_LINE
    folder: str = ""
    heard_at: datetime | None = None

    @property
    def starts_at(self) -> datetime | None:
        """When the window began."""
        return None if self.resets_at is None else self.resets_at - self.window.length

    @property
    def instance(self) -> str:
        """The name of this very window ("2026-03-01T14:00Z"); "" where its end was not said."""
        return "" if self.resets_at is None else f"{self.resets_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


class Standing(Enum):
    """What a reading is worth now."""

    FRESH = auto()
    STALE = auto()
    """It was so once, and is at least as much now."""
    OVER = auto()
    """Its window has ended; what is used of the next one is unknown."""
    GONE = auto()
    """That is long ago."""


def standing(reading: PlanReading, now: datetime) -> Standing:
    """Return what a reading is worth now."""
    ends = reading.resets_at or reading.seen_at + reading.window.length
    if now >= ends:
        return Standing.OVER if now - ends < REMEMBERED else Standing.GONE
    return Standing.FRESH if abs(now - reading.seen_at) <= FRESH else Standing.STALE


def pace(reading: PlanReading, now: datetime) -> Outlook:
    """Return where a window leads if it goes on as since its beginning; an estimate of ours.

    Nothing is said of it in its first part, nor by what was heard too long ago.
    """
    from spendlight.metering.budgets import Outlook, outlook  # whoever hears only needs none

    starts_at, resets_at = reading.starts_at, reading.resets_at
    if starts_at is None or resets_at is None or standing(reading, now) is not Standing.FRESH:
        return Outlook()
    hours = (reading.seen_at - starts_at) / timedelta(hours=1)
    return outlook(
        WHOLE,
        reading.percent,
        reading.percent / hours if hours > 0 else None,
        starts_at=starts_at,
        resets_at=resets_at,
        now=reading.seen_at,
    )


def present(readings: Iterable[PlanReading], now: datetime) -> tuple[PlanReading, ...]:
    """Return what holds now, one reading at most of each window, whatever their order.

    Of several accounts the one speaks whose limit is nearest, as far as they were heard of lately.
    """
    groups: dict[tuple[PlanWindow, str], list[PlanReading]] = {}
    for reading in readings:
        if standing(reading, now) is not Standing.GONE:
            groups.setdefault((reading.window, reading.folder), []).append(reading)
    found: dict[PlanWindow, list[PlanReading]] = {}
    for (window, _), group in groups.items():
        if believed := [one for one in group if not _is_carried_over(one, group, now)]:
            found.setdefault(window, []).append(_current(believed, now))
    return tuple(_nearest(found[window], now) for window in PlanWindow if window in found)


def window_of(period: BudgetPeriod) -> PlanWindow | None:
    """Return the window that a rule for a period is about."""
    return {"block": PlanWindow.FIVE_HOURS, "week": PlanWindow.WEEK}.get(period.value)


def read_plan(
    said: object,
    seen_at: datetime,
    source: PlanSource = PlanSource.STATUS_LINE,
    folder: str = "",
    heard_at: datetime | None = None,
) -> tuple[PlanReading, ...]:
    """Return what Claude Code said of its limits; what makes no sense is left out.

    Args:
        said: Its ``rate_limits``, or the ``utilization`` of its ``/usage``: an object that has
            another one for each window, which says a percentage and when it is reset, as Unix
            seconds or in ISO form.
        seen_at: When it was said.
        source: Whose word it is.
        folder: The data folder whose account it is of.
        heard_at: When it was said for the first time.
    """
    if not isinstance(said, dict):
        return ()
    readings = []
    for window in PlanWindow:
        found = said.get(window.value)
        if not isinstance(found, dict):
            continue
        percent = _percent(found.get("used_percentage", found.get("utilization")))
        resets_at = _moment(found.get("resets_at"))
        if resets_at is not None and not _is_near(resets_at, seen_at, window):
            continue  # what is over, or of no window that we know, says nothing of this one
        if percent is not None:
            readings.append(
                PlanReading(window, percent, resets_at, seen_at, source, folder, heard_at)
            )
    return tuple(readings)


def _current(group: list[PlanReading], now: datetime) -> PlanReading:
    """Return what holds of one account.

    Several sessions speak, and one that rests repeats what it heard long ago. In a window usage
    only grows, so the most that was said lately is right; what is old gives way to what is new.
    """
    running = [one for one in group if standing(one, now) is not Standing.OVER] or group
    newest = max(running, key=lambda one: (one.seen_at - now <= FRESH, *_rank(one)))
    is_fresh = standing(newest, now) is Standing.FRESH
    lately = now if is_fresh else newest.seen_at
    same = (
        one
        for one in running
        if one.instance == newest.instance and abs(lately - one.seen_at) <= FRESH
    )
    return max(same, key=lambda one: (one.percent, *_rank(one)))


def _is_carried_over(reading: PlanReading, group: list[PlanReading], now: datetime) -> bool:
    """Return whether a percentage is of the window before, though it names this one's end.

    Just after a window has begun Claude Code may still be told what was used of the one before, and
    a session that rests repeats it. Nobody uses up a window in minutes; and as usage only grows, a
    session that hears clearly less later on proves it wrong.
    """
    if reading.starts_at is None:
        return False
    heard_at = reading.heard_at or reading.seen_at
    since_start = heard_at - reading.starts_at
    if since_start <= OPENING and reading.percent >= NEARLY_WHOLE:
        return True
    return since_start <= SETTLING and any(
        other.heard_at is not None
        and heard_at < other.heard_at <= now + FRESH
        and other.instance == reading.instance
        and other.percent <= reading.percent - CLEARLY_LESS
        for other in group
    )


def _nearest(found: list[PlanReading], now: datetime) -> PlanReading:
    fresh = [one for one in found if standing(one, now) is Standing.FRESH]
    if fresh:
        return max(fresh, key=lambda one: (one.percent, *_rank(one)))
    return max(found, key=_rank)


def _rank(reading: PlanReading) -> tuple[datetime, str, float, str, str]:
    """Return what orders readings by their age, and leaves no two equal that are not."""
    return (reading.seen_at, reading.instance, reading.percent, reading.source, reading.folder)


def _percent(said: object) -> float | None:
    number = _number(said)
    return number if number is not None and 0 <= number <= MOST_PERCENT else None


def _moment(said: object) -> datetime | None:
    """Return a moment, to the minute: what Claude Code says of one window differs by seconds."""
    number = _number(said)
    if number is None and isinstance(said, str):
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            return None
        number = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if number is None:
        return None
    seconds = number / 1_000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(round(seconds / _MINUTE_S) * _MINUTE_S, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_near(resets_at: datetime, seen_at: datetime, window: PlanWindow) -> bool:
    return seen_at < resets_at <= seen_at + window.length + timedelta(hours=1)


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        number = float(said)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None

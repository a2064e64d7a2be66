"""Plan limits: how much of them is used, according to which source, and how old that figure is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from math import isfinite
from typing import TYPE_CHECKING, Final

from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.budgets import BudgetPeriod, Outlook

WHOLE: Final = 100.0
"""All of a limit, in percent."""

FRESH: Final = timedelta(minutes=30)
"""A figure older than this is shown with its age, and raises no alert."""

REMEMBERED: Final = timedelta(days=1)
"""For this long after a window's end, its reset is worth mentioning."""

MOST_PERCENT: Final = 1_000.0
"""Claude Code has been seen to report 105; more than this is not a percentage."""

OPENING: Final = timedelta(minutes=5)
"""No window is used up this soon after its beginning, whatever is reported."""

SETTLING: Final = timedelta(hours=1)
"""A figure reported this soon after a window's beginning may be that of the previous one."""

NEARLY_WHOLE: Final = 95.0
"""A limit counts as used up from this percentage on."""

CLEARLY_LESS: Final = 20.0
"""A figure lower by this much, in percent of the limit, is not an older one of the same window, but
a correct one."""

_MINUTE_S: Final = 60
_MILLISECONDS_FROM: Final = 1e11
"""In seconds this would be the year 5138, so it must be milliseconds."""


class PlanWindow(StrEnum):
    """A usage window with its own limit, by Claude Code's name of it."""

    FIVE_HOURS = "five_hour"
    WEEK = "seven_day"

    @property
    def length(self) -> timedelta:
        """Its length."""
        return timedelta(hours=5) if self is PlanWindow.FIVE_HOURS else timedelta(days=7)


class PlanSource(StrEnum):
    """The source of a percentage."""

    STATUS_LINE = "statusline"
    """The input of Claude Code's status line."""
    USAGE_CACHE = "usage-cache"
    """The result of its last ``/usage``, which Claude Code keeps."""
    ROLLOUT = "rollout"
    """A log of Codex."""


class PlanReading(NamedTuple):
    """What Claude Code reported about one window.

    Attributes:
        percent: How much of the limit is used; may exceed 100.
        resets_at: When the window ends, to the minute; None if not reported.
        seen_at: When it was reported.
        folder: The data folder whose account it belongs to; "" if unknown.
        heard_at: When it was reported for the first time; None if unknown.
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
        """The name of this window ("2026-03-01T14:00Z"); "" if its end was not reported."""
        return "" if self.resets_at is None else f"{self.resets_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


class AgentPlan(NamedTuple):
    """What the logs of an agent say about its own plan limits.

    Attributes:
        agent: The agent's name in the ledger.
        title: Its name on the screen.
        readings: At most one of each window, the shortest first.
    """

    agent: str
    title: str
    readings: tuple[PlanReading, ...]


class Standing(Enum):
    """Whether a reading is still valid."""

    FRESH = auto()
    STALE = auto()
    """It was valid, and is a lower bound now."""
    OVER = auto()
    """Its window has ended; the usage of the next one is unknown."""
    GONE = auto()
    """Its window ended long ago."""


def standing(reading: PlanReading, now: datetime) -> Standing:
    """Return whether a reading is still valid."""
    ends = reading.resets_at or reading.seen_at + reading.window.length
    if now >= ends:
        return Standing.OVER if now - ends < REMEMBERED else Standing.GONE
    return Standing.FRESH if abs(now - reading.seen_at) <= FRESH else Standing.STALE


def pace(reading: PlanReading, now: datetime) -> Outlook:
    """Return the forecast for a window at its average rate so far; our own estimate.

    It is empty in the first part of the window, and for figures that are too old.
    """
    from spendlight.metering.budgets import Outlook, outlook  # not needed to record readings

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


def valid_readings(readings: Iterable[PlanReading], now: datetime) -> tuple[PlanReading, ...]:
    """Return the valid readings, at most one of each window, whatever their order.

    Of several accounts with recent figures, the one nearest to its limit counts.
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
    """Return the window that a rule for a period refers to."""
    return {"block": PlanWindow.FIVE_HOURS, "week": PlanWindow.WEEK}.get(period.value)


def read_plan(
    said: object,
    seen_at: datetime,
    source: PlanSource = PlanSource.STATUS_LINE,
    folder: str = "",
    heard_at: datetime | None = None,
) -> tuple[PlanReading, ...]:
    """Return what Claude Code reported about its limits; invalid parts are left out.

    Args:
        said: Its ``rate_limits``, or the ``utilization`` of its ``/usage``: an object with
            another one for each window, which has a percentage and the time of its reset, in
            Unix seconds or ISO 8601.
        seen_at: When it was reported.
        source: Where it comes from.
        folder: The data folder whose account it belongs to.
        heard_at: When it was reported for the first time.
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
            continue  # over, or of an unknown window
        if percent is not None:
            readings.append(
                PlanReading(window, percent, resets_at, seen_at, source, folder, heard_at)
            )
    return tuple(readings)


def _current(group: list[PlanReading], now: datetime) -> PlanReading:
    """Return the valid reading of one account.

    Several sessions report, and an idle one repeats what it received long ago. Usage only grows
    within a window, so the highest recent figure is right; a recent one replaces an old one.
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
    """Return whether a percentage is of the previous window, though it names the end of this one.

    Just after a window has begun, Claude Code may still receive the usage of the previous one, and
    an idle session repeats it. Nobody uses up a window in minutes; and as usage only grows, a
    clearly lower figure that a session receives later proves it wrong.
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
    """Return a sort key by age that is equal only for equal readings."""
    return (reading.seen_at, reading.instance, reading.percent, reading.source, reading.folder)


def _percent(said: object) -> float | None:
    number = _number(said)
    return number if number is not None and 0 <= number <= MOST_PERCENT else None


def _moment(said: object) -> datetime | None:
    """Return a moment to the minute: Claude Code's times for one window differ by seconds."""
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

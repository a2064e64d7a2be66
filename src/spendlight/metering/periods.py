"""Days, weeks and months: which local day a moment falls on, and when days begin."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Self

from spendlight.errors import BadArgumentError
from spendlight.values import NamedTuple

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DEFAULT_BLOCK_MS = 5 * HOUR_MS
"""Claude's usage window. Its true start is unknown; we round down to the hour, like ccusage."""

TOO_LATE_MS = 7_258_118_400_000
"""The year 2200: a later clock is wrong, and calendars would have to extend that far."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MINUTE = timedelta(minutes=1)


class Period(StrEnum):
    """A calendar period that usage is summed over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class _Ends(NamedTuple):
    since: date | None
    until: date | None


class DateRange(_Ends):
    """Local days from *since* to *until*, inclusive; None means open.

    Raises:
        BadArgumentError: If it ends before it begins.
    """

    __slots__ = ()

    def __new__(cls, since: date | None = None, until: date | None = None) -> Self:
        """Check the order of the ends."""
        if since and until and since > until:
            title = f"The range ends before it begins: {since} to {until}"
            raise BadArgumentError(title, "Swap the two dates.")
        return super().__new__(cls, since, until)

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )


EVER = DateRange()
"""All days."""


class Span(NamedTuple):
    """A span of time over which a zone keeps one offset from UTC.

    Attributes:
        start_ms: Its beginning, in Unix milliseconds.
        end_ms: Its end, exclusive.
        offset_ms: What to add to UTC for local time.
    """

    start_ms: int
    end_ms: int
    offset_ms: int


def to_ms(moment: datetime) -> int:
    """Return an aware moment in Unix milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_utc(at_ms: int) -> datetime:
    """Return Unix milliseconds as a moment in UTC."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def day_of(at_ms: int, zone: tzinfo) -> date:
    """Return the local day of a moment in Unix milliseconds."""
    return to_utc(at_ms).astimezone(zone).date()


def day_from_number(number: int) -> date:
    """Return the day that is *number* days after 1970-01-01."""
    return date.fromordinal(_EPOCH_ORDINAL + number)


def day_number(day: date) -> int:
    """Return the number of days from 1970-01-01 to a day."""
    return day.toordinal() - _EPOCH_ORDINAL


def period_start(day: date, period: Period, week_start: int = 0) -> date:
    """Return the first day of the period that contains *day*.

    Args:
        day: Any day.
        period: How long the period is.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
    """
    if period is Period.MONTH:
        return day.replace(day=1)
    if period is Period.WEEK:
        back = (day.weekday() - week_start) % 7
        return day - timedelta(days=back) if day.toordinal() > back else day
    return day


def periods_back(day: date, period: Period, count: int, week_start: int = 0) -> date:
    """Return the first day of the *count* periods that end with the one that contains *day*."""
    start = period_start(day, period, week_start)
    if period is Period.MONTH:
        months = max(start.year * 12 + start.month - count, 12)
        return date(months // 12, months % 12 + 1, 1)
    days = (count - 1) * (7 if period is Period.WEEK else 1)
    return date.fromordinal(max(1, start.toordinal() - days))


def spans(zone: tzinfo, first_ms: int, last_ms: int, days: DateRange = EVER) -> list[Span]:
    """Split a span of time where a zone changes its offset, and restrict it to local days.

    Within each span the local day of a moment is ``(at_ms + offset_ms) // DAY_MS``.

    Args:
        zone: Any time zone.
        first_ms: The first moment wanted, Unix milliseconds.
        last_ms: The last moment wanted; it is included.
        days: Only the local days in this range.
    """
    found: list[Span] = []
    start = to_utc(first_ms)
    last = to_utc(last_ms)
    while start <= last:
        offset = _offset(start, zone)
        end = _next_change(start, last, offset, zone)
        found.append(
            _clip(Span(to_ms(start), to_ms(end), offset // timedelta(milliseconds=1)), days)
        )
        start = end
    return [span for span in found if span.start_ms < span.end_ms]


def offsets_in(zone: tzinfo, first_ms: int, last_ms: int) -> list[int]:
    """Return the offsets from UTC that a zone usually has in a span of time, the latest first.

    Only its offsets in winter and in summer are considered, not one that lasts for weeks only.

    Args:
        zone: Any time zone.
        first_ms: The first moment, Unix milliseconds.
        last_ms: The last moment.
    """
    years = range(to_utc(last_ms).year, to_utc(first_ms).year - 1, -1)
    moments = (datetime(year, month, 1, tzinfo=UTC) for year in years for month in (7, 1))
    return list(dict.fromkeys(_offset(one, zone) // timedelta(milliseconds=1) for one in moments))


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _next_change(start: datetime, last: datetime, offset: timedelta, zone: tzinfo) -> datetime:
    """Return the first moment after *start* with another offset, or the one just after *last*."""
    end = last + timedelta(milliseconds=1)
    before = start
    while before < end:
        after = min(before + timedelta(days=1), end)
        if _offset(after, zone) != offset:
            while after - before > _MINUTE:
                middle = before + (after - before) / 2
                if _offset(middle, zone) == offset:
                    before = middle
                else:
                    after = middle
            return _floor_to_minute(after)
        before = after
    return end


def _floor_to_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _clip(span: Span, days: DateRange) -> Span:
    start, end, offset = span
    if days.since is not None:
        start = max(start, day_number(days.since) * DAY_MS - offset)
    if days.until is not None:
        end = min(end, (day_number(days.until) + 1) * DAY_MS - offset)
    return Span(start, end, offset)

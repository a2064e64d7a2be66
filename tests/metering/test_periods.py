from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.errors import BadArgumentError
from spendlight.metering.periods import (
    DAY_MS,
    EVER,
    DateRange,
    Period,
    Span,
    day_from_number,
    day_number,
    day_of,
    offsets_in,
    period_start,
    periods_back,
    spans,
    to_ms,
    to_utc,
)

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
ZONES = [
    UTC,
    BERLIN,
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    APIA,
    ZoneInfo("Asia/Kathmandu"),
    ZoneInfo("America/Sao_Paulo"),
    ZoneInfo("America/Havana"),
    ZoneInfo("Africa/Casablanca"),
    ZoneInfo("Pacific/Kiritimati"),
    timezone(timedelta(hours=-9, minutes=-30)),
]
HOUR_MS = 3_600_000
FIRST_MS = to_ms(datetime(2009, 1, 1, tzinfo=UTC))
LAST_MS = to_ms(datetime(2031, 1, 1, tzinfo=UTC))

zones = st.sampled_from(ZONES)
moments = st.integers(FIRST_MS, LAST_MS)
near_changes = st.builds(
    lambda change, distance: to_ms(change) + distance,
    st.sampled_from(
        [
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            datetime(2026, 10, 25, 1, tzinfo=UTC),
            datetime(2026, 3, 8, 7, tzinfo=UTC),
            datetime(2026, 4, 4, 15, tzinfo=UTC),
            datetime(2011, 12, 30, 10, tzinfo=UTC),
            datetime(2018, 11, 4, 3, tzinfo=UTC),
            datetime(2026, 11, 1, 5, tzinfo=UTC),
        ]
    ),
    st.integers(-3 * HOUR_MS, 3 * HOUR_MS),
)
instants = st.one_of(moments, near_changes)


def local_day(at_ms: int, zone: tzinfo) -> date:
    """Return the local day according to the standard library."""
    return datetime.fromtimestamp(at_ms // 1000, zone).date()


@settings(deadline=None)
@given(zones, instants, st.lists(instants, min_size=1, max_size=8))
def test_within_a_span_days_agree_with_the_zone(
    zone: tzinfo, start: int, others: list[int]
) -> None:
    first, last = min(start, *others), max(start, *others)

    found = spans(zone, first, last)

    assert (found[0].start_ms, found[-1].end_ms) == (first, last + 1)
    assert [one.end_ms for one in found[:-1]] == [one.start_ms for one in found[1:]]
    assert all(one.offset_ms != two.offset_ms for one, two in itertools.pairwise(found))
    for at_ms in (start, *others):
        (span,) = (one for one in found if one.start_ms <= at_ms < one.end_ms)
        assert day_from_number((at_ms + span.offset_ms) // DAY_MS) == local_day(at_ms, zone)
        assert day_of(at_ms, zone) == local_day(at_ms, zone)


@settings(deadline=None)
@given(
    zones,
    instants,
    st.integers(0, 40),
    st.integers(-3, 40),
    st.integers(0, 5),
    st.lists(st.integers(-4 * DAY_MS, 50 * DAY_MS), max_size=10),
)
def test_a_range_includes_exactly_the_times_of_its_days(  # noqa: PLR0913, PLR0917  # drawn
    zone: tzinfo, first: int, length: int, since: int, days: int, distances: list[int]
) -> None:
    last = first + length * DAY_MS
    day = local_day(first, zone) + timedelta(days=since)
    wanted = DateRange(day, day + timedelta(days=days))

    found = spans(zone, first, last, wanted)

    for at_ms in [first, last, *(first + distance for distance in distances)]:
        is_kept = any(one.start_ms <= at_ms < one.end_ms for one in found)
        assert is_kept == (first <= at_ms <= last and local_day(at_ms, zone) in wanted)


@pytest.mark.parametrize(
    ("zone", "change", "before_hours", "after_hours"),
    [
        (BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC), 1, 2),
        (BERLIN, datetime(2026, 10, 25, 1, tzinfo=UTC), 2, 1),
        (ZoneInfo("America/New_York"), datetime(2026, 11, 1, 6, tzinfo=UTC), -4, -5),
        (ZoneInfo("Australia/Lord_Howe"), datetime(2026, 4, 4, 15, tzinfo=UTC), 11, 10.5),
        (APIA, datetime(2011, 12, 30, 10, tzinfo=UTC), -10, 14),
    ],
)
def test_a_span_ends_to_the_millisecond_where_the_clocks_change(
    zone: tzinfo, change: datetime, before_hours: float, after_hours: float
) -> None:
    at = to_ms(change)
    offsets = (int(before_hours * HOUR_MS), int(after_hours * HOUR_MS))

    for before, after in ((1, 0), (DAY_MS + 7, 3), (20 * DAY_MS, 20 * DAY_MS)):
        assert spans(zone, at - before, at + after) == [
            Span(at - before, at, offsets[0]),
            Span(at, at + after + 1, offsets[1]),
        ]


def test_the_day_that_apia_skipped_has_no_moments() -> None:
    skipped = DateRange(date(2011, 12, 30), date(2011, 12, 30))

    assert spans(APIA, FIRST_MS, LAST_MS, skipped) == []


def test_without_times_there_are_no_spans() -> None:
    assert spans(BERLIN, 1000, 999) == []


@pytest.mark.parametrize(
    ("since", "until", "day", "is_in"),
    [
        (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 2), True),
        (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 4), True),
        (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 1), False),
        (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 5), False),
        (date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 2), True),
        (date(2026, 3, 2), None, date(9999, 12, 31), True),
        (None, date(2026, 3, 2), date(1, 1, 1), True),
        (None, None, date(2026, 3, 2), True),
    ],
)
def test_a_range_includes_both_its_ends_and_may_be_open(
    since: date | None, until: date | None, day: date, *, is_in: bool
) -> None:
    assert (day in DateRange(since, until)) is is_in
    assert day in EVER


def test_a_range_that_ends_before_it_begins_is_rejected() -> None:
    with pytest.raises(BadArgumentError, match="2026-03-04 to 2026-03-02") as caught:
        DateRange(date(2026, 3, 4), date(2026, 3, 2))

    assert caught.value.advice


@pytest.mark.parametrize(
    ("period", "week_start", "expected"),
    [
        (Period.DAY, 0, date(2026, 3, 4)),
        (Period.MONTH, 0, date(2026, 3, 1)),
        (Period.WEEK, 0, date(2026, 3, 2)),
        (Period.WEEK, 1, date(2026, 3, 3)),
        (Period.WEEK, 2, date(2026, 3, 4)),
        (Period.WEEK, 3, date(2026, 2, 26)),
        (Period.WEEK, 6, date(2026, 3, 1)),
    ],
)
def test_a_period_begins_on_its_first_day(period: Period, week_start: int, expected: date) -> None:
    assert expected == period_start(date(2026, 3, 4), period, week_start)


@settings(deadline=None)
@given(st.dates(), st.integers(0, 6))
def test_a_week_begins_on_the_chosen_day_at_most_six_days_ago(day: date, start: int) -> None:
    week = period_start(day, Period.WEEK, start)

    assert 0 <= (day - week).days <= 6
    assert week.weekday() == start or day < date(1, 1, 8)


@pytest.mark.parametrize(
    ("period", "count", "expected"),
    [
        (Period.DAY, 1, date(2026, 3, 4)),
        (Period.DAY, 30, date(2026, 2, 3)),
        (Period.WEEK, 1, date(2026, 3, 2)),
        (Period.WEEK, 3, date(2026, 2, 16)),
        (Period.MONTH, 1, date(2026, 3, 1)),
        (Period.MONTH, 3, date(2026, 1, 1)),
        (Period.MONTH, 4, date(2025, 12, 1)),
        (Period.MONTH, 15, date(2025, 1, 1)),
        (Period.MONTH, 16, date(2024, 12, 1)),
        (Period.DAY, 10**7, date(1, 1, 1)),
        (Period.MONTH, 10**7, date(1, 1, 1)),
    ],
)
def test_the_last_periods_end_with_the_one_that_holds_the_day(
    period: Period, count: int, expected: date
) -> None:
    assert expected == periods_back(date(2026, 3, 4), period, count)


@settings(deadline=None)
@given(st.integers(0, LAST_MS))
def test_milliseconds_and_datetimes_convert_exactly(at_ms: int) -> None:
    assert to_ms(to_utc(at_ms)) == to_ms(to_utc(at_ms).astimezone(BERLIN)) == at_ms


@settings(deadline=None)
@given(st.dates())
def test_days_and_their_numbers_convert_exactly(day: date) -> None:
    assert day_from_number(day_number(day)) == day
    assert day_number(date(1970, 1, 1)) == 0


@given(st.integers(1, 86_400_000))
def test_a_span_ends_where_the_clocks_change_however_long_before_it_begins(before_ms: int) -> None:
    change_ms = to_ms(datetime(2026, 3, 29, 1, tzinfo=UTC))

    first, second = spans(BERLIN, change_ms - before_ms, change_ms + 5 * DAY_MS, EVER)

    assert first.end_ms == second.start_ms == change_ms


def test_offsets_of_other_years_are_omitted() -> None:
    istanbul = ZoneInfo("Europe/Istanbul")  # without winter time since the autumn of 2016
    first, last = (to_ms(datetime(year, 5, 1, tzinfo=UTC)) for year in (2017, 2018))

    assert offsets_in(istanbul, first, last) == [3 * 3_600_000]

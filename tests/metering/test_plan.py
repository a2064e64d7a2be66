from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.metering.budgets import BudgetPeriod, Outlook
from spendlight.metering.plan import (
    FRESH,
    PlanReading,
    PlanSource,
    PlanWindow,
    Standing,
    pace,
    read_plan,
    standing,
    valid_readings,
    window_of,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BLOCK, WEEK = PlanWindow.FIVE_HOURS, PlanWindow.WEEK


def reading(
    percent: float = 41.0,
    window: PlanWindow = BLOCK,
    *,
    resets_in: timedelta | None = 2 * HOUR,
    age: timedelta = MINUTE,
    folder: str = "/home/ada/.claude",
) -> PlanReading:
    resets_at = None if resets_in is None else NOW + resets_in
    return PlanReading(window, percent, resets_at, NOW - age, PlanSource.STATUS_LINE, folder)


def said(percent: object, resets_at: object) -> dict[str, object]:
    return {"five_hour": {"used_percentage": percent, "resets_at": resets_at}}


def test_both_windows_are_read_in_claude_codes_documented_form() -> None:
    at = datetime(2025, 2, 1, 15, 30, tzinfo=UTC)

    block, week = read_plan(
        {
            "five_hour": {"used_percentage": 23.5, "resets_at": 1738425600},
            "seven_day": {"used_percentage": 41.2, "resets_at": 1738857600},
        },
        at,
        folder="/f",
    )

    assert block == PlanReading(
        BLOCK, 23.5, datetime(2025, 2, 1, 16, tzinfo=UTC), at, PlanSource.STATUS_LINE, "/f"
    )
    assert week[:3] == (WEEK, 41.2, datetime(2025, 2, 6, 16, tzinfo=UTC))


def test_the_cached_usage_is_read_with_its_own_field_names() -> None:
    limits = {"five_hour": {"utilization": 46, "resets_at": "2026-03-02T13:59:59.665316+00:00"}}

    (found,) = read_plan(limits, NOW, PlanSource.USAGE_CACHE)

    assert found[1:3] == (46, datetime(2026, 3, 2, 14, tzinfo=UTC))


@pytest.mark.parametrize(
    "resets_at",
    [
        NOW.timestamp() + 7200,
        (NOW.timestamp() + 7200) * 1000,
        str(int(NOW.timestamp() + 7200)),
        "2026-03-02T14:00:00Z",
        "2026-03-02T15:00:00+01:00",
        "2026-03-02T14:00:00",
        "2026-03-02T14:00:00.29Z",
        "2026-03-02T13:59:59.9Z",
    ],
)
def test_a_reset_time_is_read_in_any_form(resets_at: object) -> None:
    (found,) = read_plan(said(41, resets_at), NOW)

    assert found.instance == "2026-03-02T14:00Z"


@pytest.mark.parametrize(
    "resets_at", [None, "", "soon", True, [], {}, "1e999", float("nan"), -1e30]
)
def test_without_a_valid_reset_time_only_the_percentage_is_known(resets_at: object) -> None:
    (found,) = read_plan(said(41, resets_at), NOW)

    assert (found.percent, found.resets_at, found.starts_at, found.instance) == (41, None, None, "")


ODD_PERCENTAGES: tuple[object, ...] = (None, "", "much", True, [], -1, 1e9, float("nan"))


@pytest.mark.parametrize(
    "limits",
    [
        None,
        [],
        "rate_limits",
        {},
        {"five_hour": None},
        {"five_hour": 41},
        {"five_hour": {}},
        {"one_month": {"used_percentage": 3, "resets_at": 1}},
        *(said(odd, None) for odd in ODD_PERCENTAGES),
        said(41, (NOW - HOUR).timestamp()),
        said(41, (NOW + DAY).timestamp()),
    ],
)
def test_invalid_plan_limits_are_omitted(limits: object) -> None:
    assert read_plan(limits, NOW) == ()


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.dictionaries(
        st.sampled_from(["five_hour", "seven_day", "used_percentage", "resets_at", "x"]), inner
    ),
    max_leaves=12,
)


@given(junk)
def test_any_input_is_read_without_an_error(limits: object) -> None:
    for found in read_plan(limits, NOW):
        assert 0 <= found.percent <= 1000
        assert found.resets_at is None or found.resets_at > NOW


@pytest.mark.parametrize(
    ("age", "resets_in", "expected"),
    [
        (FRESH, 2 * HOUR, Standing.FRESH),
        (FRESH + MINUTE, 2 * HOUR, Standing.STALE),
        (-FRESH - MINUTE, 2 * HOUR, Standing.STALE),
        (MINUTE, timedelta(), Standing.OVER),
        (MINUTE, -DAY + MINUTE, Standing.OVER),
        (MINUTE, -DAY, Standing.GONE),
        (MINUTE, None, Standing.FRESH),
        (4 * HOUR, None, Standing.STALE),
        (6 * HOUR, None, Standing.OVER),
        (30 * HOUR, None, Standing.GONE),
    ],
)
def test_the_state_of_a_reading_depends_on_its_age_and_its_windows_end(
    age: timedelta, resets_in: timedelta | None, expected: Standing
) -> None:
    assert standing(reading(age=age, resets_in=resets_in), NOW) is expected


def test_a_week_that_will_not_last_has_a_forecast() -> None:
    half = reading(60, WEEK, resets_in=3.5 * DAY, age=timedelta())

    seen = pace(half, NOW)

    assert seen.projected == pytest.approx(120)
    assert seen.exhausted_at == NOW + 40 / 60 * 3.5 * DAY


def test_a_week_that_will_last_has_no_forecast() -> None:
    assert pace(reading(40, WEEK, resets_in=3.5 * DAY, age=timedelta()), NOW) == Outlook(80)


@pytest.mark.parametrize(
    "unsure",
    [
        reading(30, WEEK, resets_in=6 * DAY),
        reading(60, WEEK, resets_in=3 * DAY, age=HOUR),
        reading(60, WEEK, resets_in=None),
        reading(60, WEEK, resets_in=-HOUR),
    ],
    ids=["early", "stale", "without an end", "over"],
)
def test_a_forecast_is_not_always_possible(unsure: PlanReading) -> None:
    assert pace(unsure, NOW) == Outlook()


def test_a_forecast_does_not_change_with_time() -> None:
    seen = reading(60, WEEK, resets_in=3 * DAY, age=timedelta())

    assert pace(seen, NOW) == pace(seen, NOW + 20 * MINUTE)


def test_an_idle_session_does_not_override_a_newer_figure() -> None:
    busy, resting = reading(60, age=5 * MINUTE), reading(41, age=MINUTE)

    assert valid_readings([busy, resting], NOW) == (busy,)


def test_an_old_figure_is_replaced_by_a_lower_one() -> None:
    before, upgraded = reading(60, age=HOUR), reading(12, age=MINUTE)

    assert valid_readings([before, upgraded], NOW) == (upgraded,)


def test_a_repeated_figure_has_the_age_of_its_last_report() -> None:
    old, new = reading(60, age=5 * MINUTE), reading(60, age=MINUTE)

    assert valid_readings([new, old], NOW) == (new,)


def test_a_new_window_replaces_the_previous_one() -> None:
    over, new = reading(97, resets_in=-MINUTE, age=10 * MINUTE), reading(2, age=2 * MINUTE)

    assert valid_readings([over, new], NOW) == (new,)
    assert valid_readings([over], NOW) == (over,)


def test_figures_from_a_clock_that_was_ahead_do_not_stay_for_ever() -> None:
    ahead, right = reading(90, age=-HOUR), reading(41)

    assert valid_readings([ahead, right], NOW) == (right,)


def test_of_two_accounts_the_one_closer_to_its_limit_counts() -> None:
    work = reading(80, folder="/work")
    private, old = reading(41, folder="/private"), reading(95, folder="/old", age=HOUR)

    assert valid_readings([private, work, old], NOW) == (work,)
    assert valid_readings([old], NOW) == (old,)


def heard(percent: float, minute: float, *, again: float | None = None) -> PlanReading:
    """Return a report some minutes after a window's start, repeated later."""
    starts_at = NOW - HOUR
    heard_at = starts_at + minute * MINUTE
    seen_at = heard_at if again is None else starts_at + again * MINUTE
    return PlanReading(
        BLOCK, percent, starts_at + 5 * HOUR, seen_at, folder="/f", heard_at=heard_at
    )


def minute(number: float) -> datetime:
    return NOW - HOUR + number * MINUTE


def test_a_window_that_has_just_started_is_not_used_up() -> None:
    carried = heard(100, 2, again=6)

    assert valid_readings([carried], minute(6)) == ()
    assert valid_readings([carried, heard(2, 4)], minute(6)) == (heard(2, 4),)
    assert valid_readings([heard(94, 2)], minute(6)) == (heard(94, 2),)
    assert valid_readings([heard(100, 6)], minute(6)) == (heard(100, 6),)


def test_with_only_implausible_reports_the_previous_window_has_ended() -> None:
    before = heard(100, -10)._replace(resets_at=minute(0))

    assert valid_readings([before, heard(100, 1)], minute(2)) == (before,)


def test_an_early_figure_is_replaced_by_a_clearly_lower_later_one() -> None:
    carried, less = heard(70, 6, again=20), heard(4, 12)

    assert valid_readings([carried, less], minute(20)) == (less,)
    assert valid_readings([carried, heard(55, 12)], minute(20)) == (carried,)


def test_a_repeated_report_of_one_session_is_no_confirmation() -> None:
    busy, resting = heard(70, 50), heard(30, 10, again=55)

    assert valid_readings([busy, resting], minute(56)) == (busy,)


def test_a_figure_from_the_middle_of_a_window_is_never_lowered() -> None:
    late, resting = heard(80, 61), heard(30, 62)  # the other session was unknown before

    assert valid_readings([late, resting], minute(63)) == (late,)


class PlanOfSessions:
    """A window that is being used up, and sessions that report it at intervals."""

    def __init__(self) -> None:
        self.used = 0.0
        self.heard: dict[int, PlanReading] = {}

    def hear(self, session: int, at: float, percent: float) -> None:
        self.heard[session] = heard(percent, at)

    def repeat(self, at: float) -> None:
        self.heard = {
            session: one._replace(seen_at=minute(at)) for session, one in self.heard.items()
        }


@given(
    st.floats(30, 100),
    st.floats(0, 4),
    st.lists(st.tuples(st.integers(1, 3), st.floats(0.1, 4), st.floats(0.5, 8)), max_size=12),
)
def test_a_figure_of_the_previous_window_is_replaced_by_the_first_report_of_this_one(
    before: float, at: float, course: list[tuple[int, float, float]]
) -> None:
    plan = PlanOfSessions()
    plan.hear(0, at, before)  # session 0 is idle from here on
    for session, used, minutes in course:
        plan.used = min(plan.used + used, before - 20)
        at += minutes
        plan.hear(session, at, plan.used)
        plan.repeat(at)

        (found,) = valid_readings(plan.heard.values(), minute(at))

        assert found.percent == plan.used


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(0, 30), st.floats(0.5, 8)), min_size=1, max_size=12
    )
)
def test_without_carried_over_figures_the_highest_counts(
    course: list[tuple[int, float, float]],
) -> None:
    plan = PlanOfSessions()
    at = 6.0
    for session, used, minutes in course:
        plan.used += used
        at += minutes
        plan.hear(session, at, plan.used)
        plan.repeat(at)

        (found,) = valid_readings(plan.heard.values(), minute(at))

        assert found.percent == plan.used


readings = st.builds(
    reading,
    st.sampled_from([0.0, 41.0, 60.0, 105.0]),
    st.sampled_from(list(PlanWindow)),
    resets_in=st.sampled_from([None, -2 * DAY, -HOUR, 2 * HOUR, 2 * HOUR + MINUTE]),
    age=st.sampled_from([-HOUR, timedelta(), MINUTE, FRESH, HOUR]),
    folder=st.sampled_from(["", "/a", "/b"]),
) | st.builds(heard, st.sampled_from([2.0, 41.0, 100.0]), st.sampled_from([2.0, 30.0, 59.0]))


@given(st.lists(readings, max_size=4))
def test_the_order_of_reports_does_not_matter(said: list[PlanReading]) -> None:
    answers = {valid_readings(order, NOW) for order in itertools.permutations(said)}

    (answer,) = answers
    assert [one.window for one in answer] == sorted({one.window for one in answer})
    assert all(one in said for one in answer)
    if any(standing(one, NOW) is Standing.FRESH and one.window is BLOCK for one in said):
        assert standing(answer[0], NOW) is not Standing.OVER


def test_a_rule_for_a_block_or_a_week_is_about_a_window() -> None:
    assert [window_of(period) for period in BudgetPeriod] == [BLOCK, None, WEEK, None]


def test_an_unused_window_is_known() -> None:
    (block,) = read_plan(said(0, (NOW + HOUR).timestamp()), NOW, folder="/f")

    assert block.percent == 0


def test_the_stored_names_of_sources_do_not_change() -> None:
    assert [source.value for source in PlanSource] == ["statusline", "usage-cache", "rollout"]

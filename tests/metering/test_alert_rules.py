from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.purse import DAY, FORECAST, HOUR, MINUTE, START, Purse, Watcher, watched

from spendlight.metering.alert_rules import settled_until
from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric, Severity

BLOCK = Budget(name="block", amount=50)
TODAY = Budget(name="day", amount=50, period=BudgetPeriod.DAY)


def test_a_level_is_reported_once_when_it_is_reached() -> None:
    watcher = watched(BLOCK, used=30)

    watcher.purse.spend(10, START + 2 * MINUTE)
    (alert,) = watcher.look(START + 2 * MINUTE)

    assert (alert.level, alert.severity, alert.used) == (0.8, Severity.WARN, 40)
    assert alert.at == START + 2 * MINUTE
    assert alert.resets_at == START + 5 * HOUR
    assert all(not watcher.look(START + n * MINUTE) for n in range(3, 200))


def test_the_last_level_is_critical_and_includes_the_lower_ones() -> None:
    watcher = watched(BLOCK, used=30)

    watcher.purse.spend(25, START + 2 * MINUTE)
    (alert,) = watcher.look(START + 2 * MINUTE)

    assert (alert.level, alert.severity, alert.others) == (1.0, Severity.CRITICAL, 0)
    assert not watcher.look(START + 10 * MINUTE)


def test_the_next_period_has_separate_alerts() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(10, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("day", 0.8)]

    tomorrow = START + DAY
    assert not watcher.look(tomorrow - 1 * MINUTE)
    watcher.purse.spend(45, tomorrow)

    assert watcher.told(tomorrow) == [("day", 0.8)]


def test_usage_before_the_first_look_causes_no_alert() -> None:
    watcher = Watcher(Purse(BLOCK, TODAY))
    watcher.purse.spend(45, START)

    assert not watcher.look(START)
    watcher.purse.spend(1, START + MINUTE)
    assert not watcher.look(START + MINUTE)
    watcher.purse.spend(5, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]


def test_budgets_used_up_before_the_first_look_cause_one_alert() -> None:
    watcher = Watcher(Purse(BLOCK, TODAY))
    watcher.purse.spend(70, START)

    (alert,) = watcher.look(START)

    assert (alert.level, alert.used, alert.others) == (1.0, 70, 1)
    assert not watcher.look(START + 5 * MINUTE)


def test_a_changed_limit_is_treated_as_new() -> None:
    watcher = watched(BLOCK, used=45)

    watcher.purse.budgets = (Budget(name="block", amount=55),)
    assert not watcher.look(START + 2 * MINUTE)
    watcher.purse.budgets = (Budget(name="block", amount=40),)
    assert watcher.told(START + 4 * MINUTE) == [("block", 1.0)]
    watcher.purse.budgets = (BLOCK,)
    assert not watcher.look(START + 6 * MINUTE)
    watcher.purse.budgets = (Budget(name="block", amount=40),)
    assert not watcher.look(START + 8 * MINUTE)


def test_a_raised_limit_is_reported_again_when_it_is_reached() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(20, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]

    watcher.purse.budgets = (Budget(name="block", amount=100),)
    assert not watcher.look(START + 4 * MINUTE)
    watcher.purse.spend(30, START + 5 * MINUTE)

    assert watcher.told(START + 5 * MINUTE) == [("block", 0.8)]


def test_the_first_look_after_a_missed_start_of_a_period_causes_no_alert() -> None:
    watcher = watched(TODAY)
    tomorrow = START + DAY
    watcher.purse.spend(45, tomorrow - MINUTE)

    assert not watcher.look(tomorrow)


def test_usage_between_two_looks_in_one_period_causes_an_alert() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(15, START + HOUR)

    assert watcher.told(START + 5 * HOUR) == [("day", 0.8)]


def test_an_expensive_first_answer_of_a_block_causes_an_alert() -> None:
    watcher = watched(BLOCK)

    watcher.purse.spend(60, START + 2 * MINUTE)

    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]


def test_projects_and_models_have_separate_limits() -> None:
    watcher = watched(
        Budget(name="project", amount=10, project="engine"),
        Budget(name="model", amount=10, model="claude-haiku"),
        BLOCK,
    )

    watcher.purse.spend(9, START + 2 * MINUTE, project="engine")
    assert watcher.told(START + 2 * MINUTE) == [("project", 0.8)]
    watcher.purse.spend(9, START + 4 * MINUTE, model="claude-haiku")
    assert watcher.told(START + 4 * MINUTE) == [("model", 0.8)]


def test_limits_can_be_in_tokens() -> None:
    watcher = watched(Budget(name="tokens", amount=5e6, metric=Metric.TOKENS))

    watcher.purse.spend(4, START + 2 * MINUTE)

    assert watcher.told(START + 2 * MINUTE) == [("tokens", 0.8)]


def test_cents_that_add_up_to_the_level_reach_it() -> None:
    watcher = watched(Budget(name="dollar", amount=1.0, levels=(1.0,)))
    for number in range(10):
        watcher.purse.spend(0.1, START + 2 * MINUTE + number * timedelta(seconds=1))

    assert watcher.told(START + 3 * MINUTE) == [("dollar", 1.0)]


# Stale, late and recalculated


@pytest.mark.parametrize("age", [timedelta(minutes=4), timedelta(minutes=-4)])
def test_outdated_figures_cause_no_alert(age: timedelta) -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(25, START + 2 * MINUTE)
    now = START + 3 * MINUTE

    assert not watcher.look(now, at=now - age)
    assert watcher.told(now) == [("block", 1.0)]


def test_an_incomplete_pass_causes_no_alert() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(25, START + 2 * MINUTE)

    assert not watcher.look(START + 2 * MINUTE, is_whole=False)
    assert watcher.told(START + 3 * MINUTE) == [("block", 1.0)]


@pytest.mark.parametrize(("limit", "late"), [(BLOCK, 40), (TODAY, 25), (FORECAST, 15)])
def test_a_late_log_causes_no_alert(limit: Budget, late: float) -> None:
    watcher = watched(limit, used=20)
    now = START + 2 * HOUR
    watcher.look(now)

    watcher.purse.spend(late, now - HOUR)

    assert all(not watcher.look(now + number * MINUTE) for number in range(1, 60))


def test_a_late_log_that_moves_the_block_causes_no_alert() -> None:
    watcher = watched(BLOCK, used=45)

    watcher.purse.spend(10, START - HOUR)

    assert not watcher.look(START + 2 * MINUTE)
    assert not watcher.look(START + 3 * MINUTE)


def test_a_block_moved_by_a_late_log_is_recognized_later() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(30, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]

    watcher.purse.spend(1, START - HOUR)

    assert not watcher.look(START + 2 * HOUR)


def test_a_complete_late_block_causes_no_alert_even_if_the_previous_was_as_full() -> None:
    watcher = watched(BLOCK, used=45)
    end = START + 5 * HOUR
    for minutes in range(-5, 21, 5):
        assert not watcher.look(end + minutes * MINUTE)

    watcher.purse.spend(45, end + 5 * MINUTE)

    assert not watcher.look(end + 21 * MINUTE)
    assert not watcher.look(end + 22 * MINUTE)


def test_new_usage_causes_an_alert_despite_a_late_log() -> None:
    watcher = watched(TODAY, used=30)
    now = START + 2 * HOUR
    watcher.look(now)

    watcher.purse.spend(1, now - HOUR)
    watcher.purse.spend(15, now)

    assert watcher.told(now) == [("day", 0.8)]


def test_an_answer_that_moves_to_a_later_time_hides_no_alert() -> None:
    watcher = watched(TODAY, used=30)
    now = START + HOUR
    watcher.look(now)

    watcher.purse = Purse(TODAY)  # its last line came, with all tokens
    watcher.purse.spend(45, now)

    assert watcher.told(now + MINUTE) == [("day", 0.8)]


@pytest.mark.parametrize("limit", [BLOCK, FORECAST])
def test_another_price_list_causes_no_alert(limit: Budget) -> None:
    watcher = watched(limit, used=10)
    watcher.purse.spend(10, START + HOUR)
    watcher.look(START + HOUR)

    watcher.purse.factor = 2.0
    now = START + HOUR + MINUTE
    assert all(not watcher.look(now + number * MINUTE) for number in range(30))

    watcher.purse.spend(10, now + 30 * MINUTE)
    expected = [("block", 1.0)] if limit is BLOCK else []
    assert watcher.told(now + 30 * MINUTE) == expected


# Clocks


@pytest.mark.parametrize("jump", [HOUR, DAY, 40 * DAY, -HOUR, -DAY, -40 * DAY])
def test_a_clock_that_was_wrong_for_a_while_repeats_no_alert(jump: timedelta) -> None:
    watcher = watched(TODAY, BLOCK, used=30)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert len(watcher.look(START + 2 * MINUTE)) == 1

    wrong = START + 4 * MINUTE + jump
    told = [watcher.look(wrong), watcher.look(wrong + 2 * MINUTE)]
    told += [watcher.look(START + number * MINUTE) for number in range(8, 20)]

    assert not any(told)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_with_a_clock_change_is_one_day(day: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    watcher = Watcher(Purse(TODAY, zone=zone))
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    watcher.look(midnight - MINUTE)
    told = []
    for minutes in range(0, 26 * 60, 5):
        now = midnight + minutes * MINUTE
        if now.astimezone(zone).date().isoformat() == day:
            watcher.purse.spend(0.25, now)
        told += [(name, level, minutes) for name, level in watcher.told(now)]

    assert told == [("day", 0.8, 159 * 5), ("day", 1.0, 199 * 5)]


def test_a_new_time_zone_repeats_no_alert() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert watcher.look(START + 2 * MINUTE)

    for zone in ("Asia/Tokyo", "America/Los_Angeles", "UTC", "Pacific/Kiritimati"):
        watcher.purse.zone = ZoneInfo(zone)
        assert not watcher.look(START + 10 * MINUTE)


# Everything together


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 9)), max_size=40),
    st.sets(st.sampled_from([0.25, 0.5, 0.8, 0.9, 1.0]), min_size=1),
)
def test_gradual_spending_reports_each_level_unless_a_higher_one_overtakes_it(
    bits: list[tuple[float, int]], levels: set[float]
) -> None:
    limit = Budget(name="day", amount=50, period=BudgetPeriod.DAY, levels=tuple(levels))
    watcher = watched(limit)
    now = START + MINUTE
    used, expected = 0.0, []
    for dollars, minutes in bits:
        now += minutes * MINUTE
        watcher.purse.spend(dollars, now)
        crossed = [
            level for level in levels if used < level * 50 - 1e-7 and used + dollars >= level * 50
        ]
        used += dollars
        expected += [max(crossed)] if crossed else []
        watcher.look(now)

    assert [record.alert.level for record in watcher.records] == expected


def test_disabled_alerts_are_neither_shown_nor_summarized() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.policy = AlertPolicy(is_on=False)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert not watcher.look(START + 2 * MINUTE)

    watcher.policy = AlertPolicy()

    assert not watcher.look(START + 4 * MINUTE)
    assert not watcher.records


def test_settled_usage_ends_at_a_full_quarter_of_an_hour() -> None:
    assert settled_until(START + 4 * MINUTE) == START - 15 * MINUTE
    assert settled_until(START + 5 * MINUTE) == START
    assert settled_until(START + 19 * MINUTE) == START

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


def test_a_level_is_told_when_it_is_reached_and_never_again() -> None:
    watcher = watched(BLOCK, used=30)

    watcher.purse.spend(10, START + 2 * MINUTE)
    (alert,) = watcher.look(START + 2 * MINUTE)

    assert (alert.level, alert.severity, alert.used) == (0.8, Severity.WARN, 40)
    assert alert.at == START + 2 * MINUTE
    assert alert.resets_at == START + 5 * HOUR
    assert all(not watcher.look(START + n * MINUTE) for n in range(3, 200))


def test_the_last_level_is_critical_and_tells_the_lower_ones_too() -> None:
    watcher = watched(BLOCK, used=30)

    watcher.purse.spend(25, START + 2 * MINUTE)
    (alert,) = watcher.look(START + 2 * MINUTE)

    assert (alert.level, alert.severity, alert.others) == (1.0, Severity.CRITICAL, 0)
    assert not watcher.look(START + 10 * MINUTE)


def test_the_next_period_has_its_own_alerts() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(10, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("day", 0.8)]

    tomorrow = START + DAY
    assert not watcher.look(tomorrow - 1 * MINUTE)
    watcher.purse.spend(45, tomorrow)

    assert watcher.told(tomorrow) == [("day", 0.8)]


def test_what_is_used_at_first_sight_is_no_news() -> None:
    watcher = Watcher(Purse(BLOCK, TODAY))
    watcher.purse.spend(45, START)

    assert not watcher.look(START)
    watcher.purse.spend(1, START + MINUTE)
    assert not watcher.look(START + MINUTE)
    watcher.purse.spend(5, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]


def test_what_is_used_up_at_first_sight_is_told_once_in_one_alert() -> None:
    watcher = Watcher(Purse(BLOCK, TODAY))
    watcher.purse.spend(70, START)

    (alert,) = watcher.look(START)

    assert (alert.level, alert.used, alert.others) == (1.0, 70, 1)
    assert not watcher.look(START + 5 * MINUTE)


def test_a_limit_that_was_changed_is_seen_for_the_first_time() -> None:
    watcher = watched(BLOCK, used=45)

    watcher.purse.budgets = (Budget(name="block", amount=55),)
    assert not watcher.look(START + 2 * MINUTE)
    watcher.purse.budgets = (Budget(name="block", amount=40),)
    assert watcher.told(START + 4 * MINUTE) == [("block", 1.0)]
    watcher.purse.budgets = (BLOCK,)
    assert not watcher.look(START + 6 * MINUTE)
    watcher.purse.budgets = (Budget(name="block", amount=40),)
    assert not watcher.look(START + 8 * MINUTE)


def test_a_limit_that_was_raised_is_told_of_again_when_that_is_reached() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(20, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]

    watcher.purse.budgets = (Budget(name="block", amount=100),)
    assert not watcher.look(START + 4 * MINUTE)
    watcher.purse.spend(30, START + 5 * MINUTE)

    assert watcher.told(START + 5 * MINUTE) == [("block", 0.8)]


def test_where_nobody_looked_when_a_period_began_the_first_look_is_no_news() -> None:
    watcher = watched(TODAY)
    tomorrow = START + DAY
    watcher.purse.spend(45, tomorrow - MINUTE)

    assert not watcher.look(tomorrow)


def test_what_was_used_while_nobody_looked_is_told_in_the_same_period() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(15, START + HOUR)

    assert watcher.told(START + 5 * HOUR) == [("day", 0.8)]


def test_a_block_that_begins_with_a_dear_answer_is_news_where_somebody_looked() -> None:
    watcher = watched(BLOCK)

    watcher.purse.spend(60, START + 2 * MINUTE)

    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]


def test_a_project_and_a_model_have_limits_of_their_own() -> None:
    watcher = watched(
        Budget(name="project", amount=10, project="engine"),
        Budget(name="model", amount=10, model="claude-haiku"),
        BLOCK,
    )

    watcher.purse.spend(9, START + 2 * MINUTE, project="engine")
    assert watcher.told(START + 2 * MINUTE) == [("project", 0.8)]
    watcher.purse.spend(9, START + 4 * MINUTE, model="claude-haiku")
    assert watcher.told(START + 4 * MINUTE) == [("model", 0.8)]


def test_tokens_are_counted_in_their_own_unit() -> None:
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
def test_old_figures_are_no_reason_for_an_alert(age: timedelta) -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(25, START + 2 * MINUTE)
    now = START + 3 * MINUTE

    assert not watcher.look(now, at=now - age)
    assert watcher.told(now) == [("block", 1.0)]


def test_half_a_pass_is_no_reason_for_an_alert() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(25, START + 2 * MINUTE)

    assert not watcher.look(START + 2 * MINUTE, is_whole=False)
    assert watcher.told(START + 3 * MINUTE) == [("block", 1.0)]


@pytest.mark.parametrize(("limit", "late"), [(BLOCK, 40), (TODAY, 25), (FORECAST, 15)])
def test_a_log_that_comes_late_is_no_news(limit: Budget, late: float) -> None:
    watcher = watched(limit, used=20)
    now = START + 2 * HOUR
    watcher.look(now)

    watcher.purse.spend(late, now - HOUR)

    assert all(not watcher.look(now + number * MINUTE) for number in range(1, 60))


def test_a_log_that_comes_late_and_moves_the_block_is_no_news() -> None:
    watcher = watched(BLOCK, used=45)

    watcher.purse.spend(10, START - HOUR)

    assert not watcher.look(START + 2 * MINUTE)
    assert not watcher.look(START + 3 * MINUTE)


def test_a_block_that_a_late_log_has_moved_is_the_same_to_who_comes_back() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.purse.spend(30, START + 2 * MINUTE)
    assert watcher.told(START + 2 * MINUTE) == [("block", 1.0)]

    watcher.purse.spend(1, START - HOUR)

    assert not watcher.look(START + 2 * HOUR)


def test_a_whole_block_that_comes_late_is_no_news_though_the_one_before_was_as_full() -> None:
    watcher = watched(BLOCK, used=45)
    end = START + 5 * HOUR
    for minutes in range(-5, 21, 5):
        assert not watcher.look(end + minutes * MINUTE)

    watcher.purse.spend(45, end + 5 * MINUTE)

    assert not watcher.look(end + 21 * MINUTE)
    assert not watcher.look(end + 22 * MINUTE)


def test_what_is_new_is_told_though_something_else_came_late() -> None:
    watcher = watched(TODAY, used=30)
    now = START + 2 * HOUR
    watcher.look(now)

    watcher.purse.spend(1, now - HOUR)
    watcher.purse.spend(15, now)

    assert watcher.told(now) == [("day", 0.8)]


def test_an_answer_that_moves_to_a_later_moment_hides_nothing() -> None:
    watcher = watched(TODAY, used=30)
    now = START + HOUR
    watcher.look(now)

    watcher.purse = Purse(TODAY)  # its last line came, with the whole of it
    watcher.purse.spend(45, now)

    assert watcher.told(now + MINUTE) == [("day", 0.8)]


@pytest.mark.parametrize("limit", [BLOCK, FORECAST])
def test_another_price_list_is_no_news(limit: Budget) -> None:
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
def test_a_clock_that_is_set_wrong_and_right_again_repeats_nothing(jump: timedelta) -> None:
    watcher = watched(TODAY, BLOCK, used=30)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert len(watcher.look(START + 2 * MINUTE)) == 1

    wrong = START + 4 * MINUTE + jump
    told = [watcher.look(wrong), watcher.look(wrong + 2 * MINUTE)]
    told += [watcher.look(START + number * MINUTE) for number in range(8, 20)]

    assert not any(told)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_on_which_the_clocks_change_is_one_day(day: str) -> None:
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


def test_who_travels_is_not_told_again() -> None:
    watcher = watched(TODAY, used=30)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert watcher.look(START + 2 * MINUTE)

    for zone in ("Asia/Tokyo", "America/Los_Angeles", "UTC", "Pacific/Kiritimati"):
        watcher.purse.zone = ZoneInfo(zone)
        assert not watcher.look(START + 10 * MINUTE)


# All of it at once


@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 9)), max_size=40),
    st.sets(st.sampled_from([0.25, 0.5, 0.8, 0.9, 1.0]), min_size=1),
)
def test_what_is_spent_bit_by_bit_tells_each_level_that_no_higher_one_overtook(
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


def test_who_turns_alerts_off_hears_nothing_and_no_summary_of_it() -> None:
    watcher = watched(BLOCK, used=30)
    watcher.policy = AlertPolicy(is_on=False)
    watcher.purse.spend(15, START + 2 * MINUTE)
    assert not watcher.look(START + 2 * MINUTE)

    watcher.policy = AlertPolicy()

    assert not watcher.look(START + 4 * MINUTE)
    assert not watcher.records


def test_settled_is_what_lies_before_a_full_quarter_of_an_hour() -> None:
    assert settled_until(START + 4 * MINUTE) == START - 15 * MINUTE
    assert settled_until(START + 5 * MINUTE) == START
    assert settled_until(START + 19 * MINUTE) == START

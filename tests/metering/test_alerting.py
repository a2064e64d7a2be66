from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.purse import DAY, HOUR, MINUTE, START, Purse, Watcher

from spendlight.metering.alerting import is_hushed
from spendlight.metering.budgets import (
    AlertFate,
    AlertPolicy,
    Budget,
    BudgetPeriod,
    Mute,
    Severity,
)

TODAY = Budget(name="day", amount=50, period=BudgetPeriod.DAY)
SMALL = Budget(name="small", amount=10, period=BudgetPeriod.DAY)
WEEK = Budget(name="week", amount=100, period=BudgetPeriod.WEEK)
SECOND = timedelta(seconds=1)
NIGHT = AlertPolicy(quiet_from=time(22), quiet_until=time(7))


def watched(*budgets: Budget, policy: AlertPolicy | None = None) -> Watcher:
    watcher = Watcher(Purse(*budgets), policy)
    watcher.look(START)
    return watcher


def test_several_alerts_are_combined_with_the_critical_one_first() -> None:
    watcher = watched(TODAY, SMALL, WEEK)

    watcher.purse.spend(41, START + MINUTE)
    (alert,) = watcher.look(START + MINUTE)

    assert (alert.budget.name, alert.severity, alert.others) == ("small", Severity.CRITICAL, 1)
    assert [record.alert.budget.name for record in watcher.records] == ["day", "small"]
    assert {record.fate for record in watcher.records} == {AlertFate.SHOWN}


def test_at_most_one_alert_a_minute_is_shown_and_others_wait() -> None:
    watcher = watched(TODAY, SMALL)
    now = START + MINUTE
    watcher.purse.spend(8, now)
    assert watcher.told(now) == [("small", 0.8)]

    watcher.purse.spend(2, now + 10 * SECOND)
    assert not watcher.look(now + 10 * SECOND)
    watcher.purse.spend(31, now + 20 * SECOND)
    assert not watcher.look(now + 20 * SECOND)
    assert not watcher.look(now + 59 * SECOND)

    (alert,) = watcher.look(now + 60 * SECOND)
    assert (alert.budget.name, alert.level, alert.others) == ("small", 1.0, 1)
    assert [record.fate for record in watcher.records[1:]] == [AlertFate.DELAYED] * 2
    assert not watcher.look(now + 2 * MINUTE)


def test_alerts_stay_a_minute_apart_if_the_clock_is_set_back() -> None:
    watcher = watched(TODAY, SMALL)
    watcher.purse.spend(8, START + MINUTE)
    assert watcher.look(START + MINUTE)

    earlier = START - HOUR
    assert not watcher.look(earlier)
    watcher.purse.spend(2, earlier + 30 * SECOND)
    told = [watcher.look(earlier + number * SECOND) for number in range(30, 60)]

    assert not any(told)


def test_muted_alerts_are_summarized_in_one() -> None:
    watcher = watched(TODAY, SMALL)
    watcher.mute = Mute(START, START + HOUR)
    for minutes, dollars in ((1, 8), (2, 2), (3, 31)):
        watcher.purse.spend(dollars, START + minutes * MINUTE)
        assert not watcher.look(START + minutes * MINUTE)

    assert not watcher.look(START + HOUR - SECOND)
    (alert,) = watcher.look(START + HOUR)

    assert alert.was_muted
    assert (alert.budget.name, alert.level, alert.others) == ("small", 1.0, 2)
    assert alert.at == START + 2 * MINUTE
    assert {record.fate for record in watcher.records} == {AlertFate.MUTED}
    assert not watcher.look(START + 2 * HOUR)


def test_a_new_alert_precedes_the_muted_ones() -> None:
    watcher = watched(TODAY, SMALL)
    watcher.mute = Mute(START, START + HOUR)
    watcher.purse.spend(10, START + MINUTE)
    assert not watcher.look(START + MINUTE)

    watcher.purse.spend(30, START + HOUR)
    (alert,) = watcher.look(START + HOUR)

    assert (alert.budget.name, alert.was_muted, alert.others) == ("day", False, 1)


def test_waiting_alerts_are_muted() -> None:
    watcher = watched(TODAY, SMALL)
    watcher.purse.spend(8, START + MINUTE)
    assert watcher.look(START + MINUTE)
    watcher.purse.spend(2, START + MINUTE + SECOND)
    assert not watcher.look(START + MINUTE + SECOND)

    watcher.mute = Mute(START + MINUTE, START + HOUR)
    assert not watcher.look(START + 3 * MINUTE)

    assert [alert.was_muted for alert in watcher.look(START + HOUR)] == [True]


def test_in_quiet_hours_only_critical_alerts_are_shown() -> None:
    watcher = watched(TODAY, SMALL, policy=NIGHT)
    evening = START.replace(hour=23)
    watcher.look(evening)

    watcher.purse.spend(8, evening)
    assert not watcher.look(evening)
    watcher.purse.spend(2, evening + MINUTE)
    (alert,) = watcher.look(evening + MINUTE)
    assert (alert.level, alert.others, alert.was_muted) == (1.0, 0, False)

    morning = START.replace(hour=7) + DAY
    assert not watcher.look(morning - SECOND)
    (summary,) = watcher.look(morning)
    assert (summary.level, summary.others, summary.was_muted) == (0.8, 0, True)
    assert summary.at == evening


def test_in_quiet_hours_no_alert_is_shown_if_so_configured() -> None:
    policy = AlertPolicy(quiet_from=time(22), quiet_until=time(7), critical_breaks_quiet=False)
    watcher = watched(SMALL, policy=policy)
    evening = START.replace(hour=23)
    watcher.look(evening)
    watcher.purse.spend(20, evening)

    assert not watcher.look(evening)
    (summary,) = watcher.look(START.replace(hour=7) + DAY)

    assert (summary.level, summary.severity) == (1.0, Severity.CRITICAL)


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [
        (22, 7, {22, 23, 0, 1, 2, 3, 4, 5, 6}),
        (9, 12, {9, 10, 11}),
        (9, 9, set()),
    ],
)
def test_quiet_hours_may_span_midnight(start: int, end: int, quiet: set[int]) -> None:
    zone = ZoneInfo("Asia/Kathmandu")
    policy = AlertPolicy(quiet_from=time(start), quiet_until=time(end))

    hushed = {
        hour
        for hour in range(24)
        if is_hushed(policy, None, Severity.WARN, datetime(2026, 3, 2, hour, tzinfo=zone), zone)
    }

    assert hushed == quiet


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  # the zone is added below
    st.sampled_from(list(Severity)),
)
def test_muting_applies_to_all_alerts(now: datetime, severity: Severity) -> None:
    zone = ZoneInfo("Europe/Berlin")
    moment = now.replace(tzinfo=zone)

    assert not is_hushed(AlertPolicy(), None, severity, moment, zone)
    assert is_hushed(AlertPolicy(), Mute(moment, moment + MINUTE), severity, moment, zone)


_STEPS = st.lists(
    st.tuples(st.sampled_from([0, 1, 10, 30, 60, 61, 300]), st.sampled_from([0.0, 1.0, 3.0, 9.0])),
    max_size=60,
)


@given(_STEPS, st.sets(st.integers(0, 59), max_size=6))
def test_no_alert_is_lost_or_shown_twice(steps: list[tuple[int, float]], mutes: set[int]) -> None:
    budgets = [
        Budget(name=str(number), amount=10 * number, period=BudgetPeriod.DAY)
        for number in range(1, 6)
    ]
    watcher = watched(*budgets)
    now, told, shown_at = START, 0, START - DAY
    for place, (seconds, dollars) in enumerate(steps):
        now += seconds * SECOND
        if place in mutes:
            watcher.mute = Mute(now, now + 3 * MINUTE)
        if dollars:
            watcher.purse.spend(dollars, now)
        for alert in watcher.look(now):
            assert watcher.mute is None or not watcher.mute.holds(now)
            assert now - shown_at >= MINUTE
            shown_at = now
            told += alert.others + 1
    for alert in watcher.look(now + 5 * MINUTE):
        told += alert.others + 1

    assert told == len(watcher.records)
    assert len({record.alert.key for record in watcher.records}) == told

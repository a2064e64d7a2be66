"""No alert is shown twice when the ledger in use changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.makers import append, line, write_log
from tests.tracker.faults import Fault
from tests.tracker.worlds import World

from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.tracker.tracker import UsageTracker

pytestmark = pytest.mark.usefixtures("at_once")

BUDGET = Budget(
    name="budget", amount=1, metric=Metric.TOKENS, period=BudgetPeriod.MONTH, levels=(1.0,)
)


def alerts(tracker: UsageTracker) -> int:
    return len(tracker.refresh().alerts)


def with_budget(world: World) -> UsageTracker:
    tracker = world.tracker(is_long_lived=True)
    tracker.use_budgets([BUDGET], AlertPolicy())
    return tracker


def now_line(name: str) -> bytes:
    return line(id=name, timestamp=datetime.now(UTC).isoformat())


@pytest.mark.parametrize("is_restarted", [False, True])
def test_no_alert_is_shown_twice_when_the_ledger_changes(
    world: World, fault: Fault, *, is_restarted: bool
) -> None:
    write_log(world.root, "p/s.jsonl")
    tray = with_budget(world)
    assert alerts(tray) == 0
    log = write_log(world.root, "p/s.jsonl", now_line("a"))
    assert alerts(tray) == 1
    fault.begin()
    append(log, now_line("b"))
    assert alerts(tray) == 0
    if is_restarted:
        tray.close()
        tray = with_budget(world)
    assert alerts(tray) == 0
    fault.end()

    assert alerts(tray) == 0
    assert tray.warnings == ()
    assert len(tray.alert_log(10)) == 1
    tray.close()


def test_an_alert_shown_meanwhile_is_not_shown_again(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl")
    tray = with_budget(world)
    assert alerts(tray) == 0
    fault.begin()
    assert alerts(tray) == 0
    write_log(world.root, "p/s.jsonl", now_line("a"))
    assert alerts(tray) == 1
    fault.end()
    assert alerts(tray) == 0
    tray.close()
    again = with_budget(world)

    assert alerts(again) == 0
    assert len(again.alert_log(10)) == 1
    again.close()


@pytest.mark.parametrize("is_muted", [True, False])
def test_the_users_last_muting_applies(world: World, fault: Fault, *, is_muted: bool) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    tray = world.read(is_long_lived=True)
    tray.mute(None if is_muted else until)
    fault.begin()
    tray.refresh()
    tray.mute(until if is_muted else None)
    fault.end()
    tray.refresh()

    assert tray.warnings == ()
    assert world.tracker().muted_until() == (until if is_muted else None)
    tray.close()

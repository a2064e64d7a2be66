from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.makers import OPUS, append, line, price_list, write_log
from tests.purse import MINUTE, START, Purse
from tests.tracker.worlds import World

from spendlight import paths
from spendlight.ledger import opening
from spendlight.ledger.alerts import AlertStore
from spendlight.metering.budgets import (
    AlertFate,
    AlertPolicy,
    Budget,
    BudgetPeriod,
    Metric,
    Severity,
)
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker import alerting
from spendlight.tracker.alerting import AlertDesk, cause_of
from spendlight.tracker.questions.budgets import BudgetQuestion
from spendlight.tracker.safekeeping import LedgerKeeper
from spendlight.tracker.snapshot import RecentUsage, UsageSnapshot
from spendlight.tracker.tracker import UsageTracker


class Trays:
    """Several trays with one ledger and one purse.

    Attributes:
        now: The time of their clocks.
    """

    def __init__(self, folder: Path, *budgets: Budget) -> None:
        self.keeper = LedgerKeeper(paths.ledger_path(folder))
        self.purse = Purse(*budgets)
        self.now = START

    def new(self) -> AlertDesk:
        """Start another tray."""
        desk = AlertDesk(self.keeper)
        desk.use(self.purse.budgets, AlertPolicy(), 0)
        return desk

    def look(self, desk: AlertDesk, *, meanwhile: AlertDesk | None = None) -> list[float]:
        """Let one check, and possibly another meanwhile; return the levels that it reports."""

        def snapshot(question: BudgetQuestion) -> UsageSnapshot:
            if meanwhile is not None:
                self.look(meanwhile)
            return self.purse.snapshot(self.now, question)

        _, alerts = desk.look(snapshot, self.now, UTC, lambda: "prices", is_whole=True)
        return [alert.level for alert in alerts]


@pytest.fixture
def trays(tmp_path: Path) -> Trays:
    return Trays(tmp_path, Budget(name="block", amount=10))


def test_only_one_of_two_trays_shows_an_alert(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.look(other)

    trays.purse.spend(8, trays.now)

    assert trays.look(one) == [0.8]
    assert trays.look(other) == []
    assert trays.look(trays.new()) == []


def test_a_tray_that_was_overtaken_while_checking_shows_nothing(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.purse.spend(8, trays.now)

    assert trays.look(one, meanwhile=other) == []
    assert len(alerting.alert_log(trays.keeper, 9)) == 1


def test_a_tray_that_was_overtaken_keeps_the_minute_between_alerts(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.purse.spend(8, trays.now)

    def snapshot(question: BudgetQuestion) -> UsageSnapshot:
        assert trays.look(other) == [0.8]
        trays.purse.spend(2, trays.now)
        return trays.purse.snapshot(trays.now, question)

    assert one.look(snapshot, trays.now, UTC, lambda: "prices", is_whole=True)[1] == ()
    trays.now += MINUTE
    assert trays.look(one) == [1.0]


def test_prices_that_change_during_a_check_cause_no_alert(trays: Trays) -> None:
    tray = trays.new()
    trays.look(tray)
    trays.purse.spend(5, trays.now)
    prices = iter(["prices", "dearer ones"])

    def snapshot(question: BudgetQuestion) -> UsageSnapshot:
        trays.purse.factor = 2.0
        return trays.purse.snapshot(trays.now, question)

    alerts = tray.look(snapshot, trays.now, UTC, lambda: next(prices), is_whole=True)[1]

    assert alerts == ()


def test_a_forecast_is_confirmed_by_the_next_check(tmp_path: Path) -> None:
    trays = Trays(tmp_path, Budget(name="forecast", amount=50, metric=Metric.FORECAST))
    tray = trays.new()
    trays.purse.spend(10, trays.now)
    for minutes in (0, 46):
        trays.now = START + minutes * MINUTE
        assert trays.look(tray) == []
    trays.now += 4 * MINUTE
    trays.purse.spend(15, trays.now)

    assert trays.look(tray) == []
    trays.now += MINUTE
    assert trays.look(tray) == [1.0]


def test_an_idle_tray_writes_twice_an_hour(trays: Trays) -> None:
    tray = trays.new()
    trays.purse.spend(1, trays.now)
    written = set()
    for _ in range(180):
        trays.look(tray)
        trays.now += MINUTE
        with closing(sqlite3.connect(trays.keeper.path)) as connection:
            written.add(connection.execute("SELECT value FROM alert_state").fetchone()[0])

    assert len(written) == 6


def test_a_locked_ledger_delays_the_alert(trays: Trays, monkeypatch: pytest.MonkeyPatch) -> None:
    tray = trays.new()
    trays.look(tray)
    trays.purse.spend(8, trays.now)

    with (
        monkeypatch.context() as patch,
        closing(sqlite3.connect(trays.keeper.path, isolation_level=None)) as other,
    ):
        patch.setattr(opening, "BUSY_TIMEOUT_S", 0.01)
        other.execute("BEGIN IMMEDIATE")
        assert trays.look(tray) == []

    assert trays.look(tray) == [0.8]


# Through the front door, with logs


def ago(minutes: float = 0.0) -> str:
    moment = datetime.now(UTC) - timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def dollars(amount: float, name: str, *, minutes: float = 0.0) -> bytes:
    """Return an answer of Opus with a given cost, some minutes ago."""
    return line(
        id=name,
        timestamp=ago(minutes),
        input_tokens=0,
        cache_creation_input_tokens=0,
        cache_read_input_tokens=0,
        cache_creation={"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        output_tokens=round(amount / 25e-6),
    )


BUDGET = Budget(name="block", amount=10)


def tray(world: World, *budgets: Budget) -> UsageTracker:
    tracker = world.tracker()
    tracker.use_budgets(budgets or (BUDGET,), AlertPolicy())
    return tracker


def levels(tracker: UsageTracker) -> list[float]:
    return [alert.level for alert in tracker.refresh().alerts]


def test_a_pass_reports_alerts_with_their_cause(world: World) -> None:
    log = write_log(world.root, "engine/s.jsonl", dollars(5, "a"))
    tracker = tray(world)
    assert levels(tracker) == []

    append(log, dollars(3.5, "b"))
    refreshed = tracker.refresh()
    (alert,) = refreshed.alerts

    assert (alert.level, alert.severity) == (0.8, Severity.WARN)
    assert (alert.project, alert.session, alert.model) == ("engine", "s", OPUS)
    (state,) = refreshed.snapshot.budgets
    assert state.used == alert.used == pytest.approx(8.5)
    assert refreshed.snapshot.block is not None
    assert state.used == pytest.approx(refreshed.snapshot.block.spending.cost)
    assert [(record.alert, record.fate) for record in tracker.alert_log(10)] == [
        (alert, AlertFate.SHOWN)
    ]
    assert levels(tracker) == []


def test_a_restart_repeats_nothing(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    levels(tray(world))
    append(log, dollars(3.5, "b"))

    assert levels(tray(world)) == [0.8]
    assert levels(tray(world)) == []
    assert len(tray(world).alert_log(10)) == 1


def test_a_first_scan_causes_at_most_one_alert(world: World) -> None:
    lines = [dollars(4, f"m{number}", minutes=number) for number in range(20)]
    write_log(world.root, "p/s.jsonl", *lines)
    periods = [Budget(name=period, amount=10, period=period) for period in BudgetPeriod]
    tracker = tray(world, *periods)

    (alert,) = tracker.refresh().alerts

    assert alert.level == 1.0
    assert alert.others == len(tracker.alert_log(10)) - 1
    assert levels(tracker) == []


def test_the_terminal_claims_no_alert(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    tracker = tray(world)
    levels(tracker)
    append(log, dollars(3.5, "b"))

    assert world.tracker().refresh().alerts == ()
    assert world.tracker().snapshot().budgets == ()
    assert levels(tracker) == [0.8]


def test_a_log_that_is_found_late_causes_no_alert(world: World) -> None:
    write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    week = Budget(name="month", amount=10, period=BudgetPeriod.MONTH)
    tracker = tray(world, BUDGET, week)
    levels(tracker)

    write_log(world.root, "q/old.jsonl", dollars(30, "old", minutes=90))

    assert levels(tracker) == []
    assert levels(tray(world, BUDGET, week)) == []
    assert tracker.alert_log(10) == ()


def test_new_prices_cause_no_alert(world: World) -> None:
    write_log(world.root, "p/s.jsonl", dollars(6, "a"))
    levels(tray(world))
    dear = price_list()
    dear[OPUS] |= {"output_cost_per_token": 100e-6}
    world.prices_file.write_text(json.dumps(dear))

    tracker = tray(world)

    assert levels(tracker) == []
    assert tracker.snapshot().budgets[0].used == pytest.approx(24)
    assert levels(tracker) == []


def test_muted_alerts_are_shown_afterwards(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    tracker = tray(world)
    levels(tracker)
    until = datetime.now(UTC) + timedelta(hours=1)
    tracker.mute(until)
    append(log, dollars(3.5, "b"))
    append(log, dollars(3.5, "c"))

    assert levels(tracker) == []
    assert tray(world).muted_until() == until
    assert [record.fate for record in tracker.alert_log(10)] == [AlertFate.MUTED]
    tracker.mute(None)
    assert tracker.muted_until() is None
    (alert,) = tray(world).refresh().alerts
    assert (alert.level, alert.was_muted) == (1.0, True)


def test_without_budgets_the_ledger_is_not_queried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(world.root, "p/s.jsonl", dollars(50, "a"))
    monkeypatch.setattr(AlertStore, "memory", None)
    tracker = world.tracker()

    tracker.use_budgets((), AlertPolicy())

    assert levels(tracker) == []


# Where it comes from


def usage(project: str, cost: float, tokens: int, model: str = OPUS) -> RecentUsage:
    counts = TokenCounts(output=tokens)
    part = ModelSpending(model, counts, cost, is_priced=True, answers=1)
    spending = Spending(counts, cost, (part,), answers=1)
    return RecentUsage(SessionName(project, project, f"of-{project}"), START, spending)


@pytest.mark.parametrize(
    ("limit", "session"),
    [
        (Budget(name="all", amount=1), "of-dear"),
        (Budget(name="tokens", amount=1, metric=Metric.TOKENS), "of-long"),
        (Budget(name="project", amount=1, project="long"), "of-long"),
        (Budget(name="model", amount=1, model="claude-haiku"), "of-small"),
        (Budget(name="none", amount=1, project="elsewhere"), ""),
    ],
)
def test_the_cause_is_the_largest_usage_of_the_last_hour(limit: Budget, session: str) -> None:
    recent = [
        usage("dear", 9.0, 100),
        usage("long", 1.0, 900),
        usage("small", 0.1, 10, "claude-haiku"),
    ]

    assert cause_of(limit, recent).session == session

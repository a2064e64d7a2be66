from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.makers import OPUS, append, line, price_list, write_log
from tests.purse import DAY, HOUR, MINUTE, START, Purse
from tests.tracker.worlds import World

from spendlight import paths
from spendlight.ledger import opening
from spendlight.ledger.alerts import AlertStore
from spendlight.metering.alerting import is_hushed
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.limits import (
    Alert,
    AlertFate,
    AlertPolicy,
    LimitPeriod,
    Metric,
    Severity,
    SpendLimit,
)
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker import alerting
from spendlight.tracker.alerting import AlertDesk, cause_of
from spendlight.tracker.limits import LimitQuestion
from spendlight.tracker.safekeeping import LedgerKeeper
from spendlight.tracker.snapshot import RecentUsage, UsageSnapshot
from spendlight.tracker.tracker import UsageTracker

LIMITS = (
    SpendLimit(name="block", amount=10),
    SpendLimit(name="day", amount=20, period=LimitPeriod.DAY, levels=(0.5, 0.8, 1.0)),
    SpendLimit(name="month", amount=60e6, metric=Metric.TOKENS, period=LimitPeriod.MONTH),
    SpendLimit(name="project", amount=8, period=LimitPeriod.WEEK, project="engine"),
    SpendLimit(name="forecast", amount=10, metric=Metric.FORECAST),
    SpendLimit(name="burn", amount=15, metric=Metric.BURN),
    SpendLimit(name="reset", metric=Metric.RESET),
)
NIGHT = AlertPolicy(quiet_from=time(22), quiet_until=time(7))
SPRING = datetime(2026, 3, 28, 20, tzinfo=UTC)
"""A few hours before the clocks of Berlin go forward."""
AUTUMN = datetime(2026, 10, 24, 20, tzinfo=UTC)


class AlertsOverTime(RuleBasedStateMachine):
    """A user who works, sleeps, mutes and restarts, with clocks and logs that misbehave."""

    @initialize(start=st.sampled_from([START, SPRING, AUTUMN]))
    def begin(self, start: datetime) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.keeper = LedgerKeeper(paths.ledger_path(Path(self.folder.name)))
        self.purse = Purse(*LIMITS, zone=ZoneInfo("Europe/Berlin"))
        self.policy = AlertPolicy()
        self.now = start
        self.shown_at: datetime | None = None
        self.told = 0
        self.is_honest = False
        self.desk = self.new_desk()
        self.look()

    def new_desk(self) -> AlertDesk:
        desk = AlertDesk(self.keeper)
        desk.use(LIMITS, self.policy, 0)
        return desk

    @rule(
        dollars=st.sampled_from([0.1, 1.0, 2.0, 5.0, 12.0]),
        project=st.sampled_from(["p", "engine"]),
    )
    def spend(self, dollars: float, project: str) -> None:
        self.purse.spend(dollars, self.now, project=project)
        self.is_honest = True

    @rule(minutes=st.sampled_from([0.1, 0.5, 1, 1, 5, 20, 60, 301, 700]))
    def wait(self, minutes: float) -> None:
        self.now += minutes * MINUTE
        self.is_honest = True

    @rule(dollars=st.sampled_from([0.5, 4.0, 30.0]), hours=st.integers(1, 40))
    def find_old_log(self, dollars: float, hours: int) -> None:
        self.purse.spend(dollars, self.now - hours * HOUR)

    @rule(factor=st.sampled_from([0.5, 1.0, 2.0, 5.0]))
    def reprice(self, factor: float) -> None:
        self.purse.factor = factor

    @rule(jump=st.sampled_from([-40 * DAY, -DAY, -HOUR, -MINUTE, HOUR, DAY, 40 * DAY]))
    def set_clock(self, jump: timedelta) -> None:
        self.now += jump
        if self.shown_at is not None and jump < timedelta():
            self.shown_at = min(self.shown_at, self.now)
        self.is_honest = True

    @rule(hours=st.sampled_from([1, 9]))
    def mute(self, hours: int) -> None:
        alerting.mute(self.keeper, self.now + hours * HOUR, self.now)

    @rule()
    def unmute(self) -> None:
        alerting.mute(self.keeper, None, self.now)
        self.is_honest = True

    @rule(is_quiet=st.booleans())
    def set_quiet_hours(self, *, is_quiet: bool) -> None:
        self.policy = NIGHT if is_quiet else AlertPolicy()
        self.desk.use(LIMITS, self.policy, 0)
        self.is_honest = True

    @rule()
    def restart(self) -> None:
        self.desk = self.new_desk()

    @rule(age=st.sampled_from([timedelta(minutes=5), timedelta(hours=3)]))
    def look_at_old_figures(self, age: timedelta) -> None:
        assert not self.looked(self.now - age)

    @rule()
    def look(self) -> None:
        before = len(self.records())
        is_honest, self.is_honest = self.is_honest, False

        alerts = self.looked(self.now)

        assert len(alerts) <= 1
        for alert in alerts:
            assert not self.is_hushed(alert.severity)
            assert self.shown_at is None or self.now - self.shown_at >= MINUTE
            self.shown_at = self.now
            self.told += alert.others + 1
        if not is_honest:  # only old logs, other prices or a restart since the last look
            assert len(self.records()) == before
            assert not alerts

    def looked(self, at: datetime) -> tuple[Alert, ...]:
        return self.desk.look(
            lambda question: self.purse.snapshot(at, question),
            self.now,
            self.purse.zone,
            str(self.purse.factor),
            is_whole=True,
        )[1]

    def is_hushed(self, severity: Severity) -> bool:
        is_muted = alerting.muted_until(self.keeper, self.now) is not None
        return is_muted or is_hushed(self.policy, None, severity, self.now, self.purse.zone)

    def records(self) -> list[str]:
        return [record.alert.key for record in alerting.alert_log(self.keeper, 10_000)]

    @invariant()
    @precondition(lambda self: hasattr(self, "keeper"))
    def nothing_is_told_twice_and_nothing_is_lost(self) -> None:
        records = self.records()
        with AlertStore(self.keeper.path) as store:
            memory = store.memory()
        assert memory is not None
        waiting = [alert for alert in (memory.pending, memory.held) if alert is not None]

        assert len(set(records)) == len(records)
        assert self.told + sum(alert.others + 1 for alert in waiting) == len(records)

    def teardown(self) -> None:
        if not hasattr(self, "keeper"):
            return
        self.unmute()
        self.set_quiet_hours(is_quiet=False)
        for _ in range(2):
            self.wait(2)
            self.look()
        with AlertStore(self.keeper.path) as store:
            memory = store.memory()
        assert memory is not None
        assert (memory.pending, memory.held) == (None, None)
        self.nothing_is_told_twice_and_nothing_is_lost()
        self.folder.cleanup()


AlertsOverTime.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
TestAlertsOverTime = AlertsOverTime.TestCase


class Trays:
    """Some trays on one ledger and one purse.

    Attributes:
        now: What their clocks say.
    """

    def __init__(self, folder: Path, *limits: SpendLimit) -> None:
        self.keeper = LedgerKeeper(paths.ledger_path(folder))
        self.purse = Purse(*limits)
        self.now = START

    def new(self) -> AlertDesk:
        """Start another tray."""
        desk = AlertDesk(self.keeper)
        desk.use(self.purse.limits, AlertPolicy(), 0)
        return desk

    def look(self, desk: AlertDesk, *, meanwhile: AlertDesk | None = None) -> list[float]:
        """Let one look, and maybe another while it does; return the levels that it tells."""

        def snapshot(question: LimitQuestion) -> UsageSnapshot:
            if meanwhile is not None:
                self.look(meanwhile)
            return self.purse.snapshot(self.now, question)

        _, alerts = desk.look(snapshot, self.now, UTC, "prices", is_whole=True)
        return [alert.level for alert in alerts]


@pytest.fixture
def trays(tmp_path: Path) -> Trays:
    return Trays(tmp_path, SpendLimit(name="block", amount=10))


def test_of_two_trays_only_one_tells(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.look(other)

    trays.purse.spend(8, trays.now)

    assert trays.look(one) == [0.8]
    assert trays.look(other) == []
    assert trays.look(trays.new()) == []


def test_who_was_overtaken_while_looking_tells_nothing(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.purse.spend(8, trays.now)

    assert trays.look(one, meanwhile=other) == []
    assert len(alerting.alert_log(trays.keeper, 9)) == 1


def test_who_was_overtaken_does_not_tell_the_next_thing_at_once(trays: Trays) -> None:
    one, other = trays.new(), trays.new()
    trays.look(one)
    trays.purse.spend(8, trays.now)

    def snapshot(question: LimitQuestion) -> UsageSnapshot:
        assert trays.look(other) == [0.8]
        trays.purse.spend(2, trays.now)
        return trays.purse.snapshot(trays.now, question)

    assert one.look(snapshot, trays.now, UTC, "prices", is_whole=True)[1] == ()
    trays.now += MINUTE
    assert trays.look(one) == [1.0]


def test_a_forecast_becomes_sure_from_one_look_to_the_next(tmp_path: Path) -> None:
    trays = Trays(tmp_path, SpendLimit(name="forecast", amount=50, metric=Metric.FORECAST))
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


def test_a_tray_at_rest_writes_twice_an_hour(trays: Trays) -> None:
    tray = trays.new()
    trays.purse.spend(1, trays.now)
    written = set()
    for _ in range(180):
        trays.look(tray)
        trays.now += MINUTE
        with closing(sqlite3.connect(trays.keeper.path)) as connection:
            written.add(connection.execute("SELECT value FROM alert_state").fetchone()[0])

    assert len(written) == 6


def test_a_ledger_that_is_locked_puts_the_alert_off(
    trays: Trays, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    """Return an answer of Opus that costs so much, so many minutes ago."""
    return line(
        id=name,
        timestamp=ago(minutes),
        input_tokens=0,
        cache_creation_input_tokens=0,
        cache_read_input_tokens=0,
        cache_creation={"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        output_tokens=round(amount / 25e-6),
    )


BUDGET = SpendLimit(name="block", amount=10)


def tray(world: World, *limits: SpendLimit) -> UsageTracker:
    tracker = world.tracker()
    tracker.use_limits(limits or (BUDGET,), AlertPolicy())
    return tracker


def levels(tracker: UsageTracker) -> list[float]:
    return [alert.level for alert in tracker.refresh().alerts]


def test_a_refresh_tells_what_the_log_has_grown_by_and_where(world: World) -> None:
    log = write_log(world.root, "engine/s.jsonl", dollars(5, "a"))
    tracker = tray(world)
    assert levels(tracker) == []

    append(log, dollars(3.5, "b"))
    refreshed = tracker.refresh()
    (alert,) = refreshed.alerts

    assert (alert.level, alert.severity) == (0.8, Severity.WARN)
    assert (alert.project, alert.session, alert.model) == ("engine", "s", OPUS)
    (state,) = refreshed.snapshot.limits
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


def test_history_that_is_read_for_the_first_time_makes_at_most_one_alert(world: World) -> None:
    lines = [dollars(4, f"m{number}", minutes=number) for number in range(20)]
    write_log(world.root, "p/s.jsonl", *lines)
    periods = [SpendLimit(name=period, amount=10, period=period) for period in LimitPeriod]
    tracker = tray(world, *periods)

    (alert,) = tracker.refresh().alerts

    assert alert.level == 1.0
    assert alert.others == len(tracker.alert_log(10)) - 1
    assert levels(tracker) == []


def test_the_terminal_takes_no_alert_away(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    tracker = tray(world)
    levels(tracker)
    append(log, dollars(3.5, "b"))

    assert world.tracker().refresh().alerts == ()
    assert world.tracker().snapshot().limits == ()
    assert levels(tracker) == [0.8]


def test_a_log_that_is_found_late_makes_no_alert(world: World) -> None:
    write_log(world.root, "p/s.jsonl", dollars(5, "a"))
    week = SpendLimit(name="month", amount=10, period=LimitPeriod.MONTH)
    tracker = tray(world, BUDGET, week)
    levels(tracker)

    write_log(world.root, "q/old.jsonl", dollars(30, "old", minutes=90))

    assert levels(tracker) == []
    assert levels(tray(world, BUDGET, week)) == []
    assert tracker.alert_log(10) == ()


def test_another_price_list_makes_no_alert(world: World) -> None:
    write_log(world.root, "p/s.jsonl", dollars(6, "a"))
    levels(tray(world))
    dear = price_list()
    dear[OPUS] |= {"output_cost_per_token": 100e-6}
    world.prices_file.write_text(json.dumps(dear))

    tracker = tray(world)

    assert levels(tracker) == []
    assert tracker.snapshot().limits[0].used == pytest.approx(24)
    assert levels(tracker) == []


def test_what_is_muted_is_told_when_that_has_ended(world: World) -> None:
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


def test_without_limits_nothing_is_asked_of_the_ledger(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(world.root, "p/s.jsonl", dollars(50, "a"))
    monkeypatch.setattr(alerting, "AlertStore", None)
    tracker = world.tracker()

    tracker.use_limits((), AlertPolicy())

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
        (SpendLimit(name="all", amount=1), "of-dear"),
        (SpendLimit(name="tokens", amount=1, metric=Metric.TOKENS), "of-long"),
        (SpendLimit(name="project", amount=1, project="long"), "of-long"),
        (SpendLimit(name="model", amount=1, model="claude-haiku"), "of-small"),
        (SpendLimit(name="none", amount=1, project="elsewhere"), ""),
    ],
)
def test_the_cause_is_what_used_most_of_it_in_the_last_hour(
    limit: SpendLimit, session: str
) -> None:
    recent = [
        usage("dear", 9.0, 100),
        usage("long", 1.0, 900),
        usage("small", 0.1, 10, "claude-haiku"),
    ]

    assert cause_of(limit, recent).session == session

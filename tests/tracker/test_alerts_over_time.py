from __future__ import annotations

import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.purse import DAY, HOUR, MINUTE, START, Purse

from spendlight import paths
from spendlight.ledger.alerts import AlertStore
from spendlight.metering.alerting import is_hushed
from spendlight.metering.budgets import Alert, AlertPolicy, Budget, BudgetPeriod, Metric, Severity
from spendlight.metering.plan import PlanWindow
from spendlight.tracker import alerting
from spendlight.tracker.alerting import AlertDesk
from spendlight.tracker.safekeeping import LedgerKeeper

LIMITS = (
    Budget(name="block", amount=10),
    Budget(name="day", amount=20, period=BudgetPeriod.DAY, levels=(0.5, 0.8, 1.0)),
    Budget(name="month", amount=60e6, metric=Metric.TOKENS, period=BudgetPeriod.MONTH),
    Budget(name="project", amount=8, period=BudgetPeriod.WEEK, project="engine"),
    Budget(name="forecast", amount=10, metric=Metric.FORECAST),
    Budget(name="burn", amount=15, metric=Metric.BURN),
    Budget(name="reset", metric=Metric.RESET),
    Budget(name="plan", amount=100, metric=Metric.PLAN),
    Budget(name="plan-week", amount=100, metric=Metric.PLAN, period=BudgetPeriod.WEEK),
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

    @rule(
        percent=st.sampled_from([1.0, 30.0, 79.0, 85.0, 100.0, 104.0]),
        window=st.sampled_from(list(PlanWindow)),
    )
    def hear_of_the_plan(self, percent: float, window: PlanWindow) -> None:
        ends = self.now - (self.now - START) % window.length + window.length
        self.purse.hear(percent, self.now, ends, window)
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
            lambda: str(self.purse.factor),
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

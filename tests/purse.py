"""A purse and its watchers: tests alerts without logs and ledgers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import cast

from tests.makers import OPUS, piece, prices, variant

from spendlight.metering.alert_rules import AlertMemory, Look, keys_in_question, settled_until
from spendlight.metering.alerting import decide
from spendlight.metering.blocks import split_into_blocks
from spendlight.metering.budgets import (
    Alert,
    AlertPolicy,
    AlertRecord,
    Budget,
    BudgetState,
    Metric,
    Mute,
)
from spendlight.metering.entry import SessionName
from spendlight.metering.periods import Span, to_ms
from spendlight.metering.plan import PlanReading, PlanWindow, valid_readings
from spendlight.metering.pricing import CostMode, PriceSource
from spendlight.metering.slices import Spending
from spendlight.metering.sums import UsageSlice
from spendlight.metering.team_budgets import TeamReading
from spendlight.tracker.questions.budgets import BudgetQuestion, measure_budgets
from spendlight.tracker.questions.source import Source
from spendlight.tracker.snapshot import DataState, UsageSnapshot

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning before any usage."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FORECAST = Budget(name="forecast", amount=50, metric=Metric.FORECAST)
RESET = Budget(name="reset", metric=Metric.RESET)


class Purse:
    """Records spending.

    Attributes:
        budgets: The budgets in force.
        zone: Where days begin.
        factor: The factor of all costs; another price list has another one.
        plan: The plan limits reported by Claude Code.
        team: What is known of the team's usage.
    """

    def __init__(self, *budgets: Budget, zone: tzinfo = UTC) -> None:
        self.budgets = budgets
        self.zone = zone
        self.factor = 1.0
        self.plan: list[PlanReading] = []
        self.team: list[TeamReading] = []
        self._pieces: list[UsageSlice] = []

    def spend(
        self,
        dollars: float,
        at: datetime,
        *,
        project: str = "p",
        model: str = OPUS,
        limit_reset_at: datetime | None = None,
    ) -> None:
        """Spend dollars at a time, and a million tokens for each."""
        self._pieces.append(
            piece(
                to_ms(at),
                session=SessionName(project, project, "s"),
                variant=variant(model),
                is_recorded=True,
                recorded_cost=dollars,
                input=round(dollars * 1e6),
                output=0,
                cache_write_5m=0,
                cache_read=0,
                limit_reset_ms=limit_reset_at and to_ms(limit_reset_at),
            )
        )
        self._pieces.sort(key=lambda one: one.first_ms)

    def hear(
        self,
        percent: float,
        at: datetime,
        resets_at: datetime,
        window: PlanWindow = PlanWindow.FIVE_HOURS,
    ) -> None:
        """Store a plan limit as reported by Claude Code."""
        self.plan.append(PlanReading(window, percent, resets_at, at))

    def by_day(
        self, scope: None, spans: Iterable[Span], *, with_sessions: bool
    ) -> Iterator[UsageSlice]:
        """Yield the spending, as the ledger does."""
        assert with_sessions
        return self.by_day_in_order(scope, spans)

    def by_day_in_order(self, scope: None, spans: Iterable[Span]) -> Iterator[UsageSlice]:
        """Yield the spending, as the ledger does."""
        assert scope is None
        for span in spans:
            for one in self._priced():
                if span.start_ms <= one.first_ms < span.end_ms:
                    yield one

    def states(self, now: datetime, question: BudgetQuestion) -> tuple[BudgetState, ...]:
        """Return the states of the budgets."""
        blocks = split_into_blocks(self._priced(), prices(), CostMode.AUTO)
        active = next((block for block in reversed(blocks) if block.is_active(now)), None)
        told = SimpleNamespace(
            ledger=self, scope=None, prices=prices(), named=lambda pieces: pieces
        )
        told.with_blocks = lambda: told  # all of it is Claude Code's
        source = cast("Source", told)
        asked = question.knowing(valid_readings(self.plan, now)).knowing_team(tuple(self.team))
        return measure_budgets(source, asked, active, now, self.zone, CostMode.AUTO)

    def snapshot(self, now: datetime, question: BudgetQuestion) -> UsageSnapshot:
        """Return a snapshot with the budgets only."""
        states = self.states(now, question)
        source = PriceSource("test list")
        return UsageSnapshot(
            now, DataState.ACTIVE, None, None, None, Spending(), (), None, source, budgets=states
        )

    def _priced(self) -> list[UsageSlice]:
        return [one._replace(recorded_cost=one.recorded_cost * self.factor) for one in self._pieces]


class Watcher:
    """Checks a purse at intervals, and stores all alerts.

    Attributes:
        policy: When alerts may be shown.
        mute: Until when alerts are muted.
        records: All alerts.
    """

    def __init__(self, purse: Purse, policy: AlertPolicy | None = None) -> None:
        self.purse = purse
        self.policy = policy or AlertPolicy()
        self.mute: Mute | None = None
        self.records: list[AlertRecord] = []
        self.memory: AlertMemory | None = None
        self._delivered: set[str] = set()

    def look(
        self, now: datetime, *, at: datetime | None = None, is_whole: bool = True, basis: str = ""
    ) -> tuple[Alert, ...]:
        """Check the purse, and return the alerts to show."""
        settled = settled_until(now)
        asked = (settled if self.memory is None else self.memory.settled_until, settled)
        look = Look(
            now=now,
            at=at or now,
            zone=self.purse.zone,
            basis=f"{basis}{self.purse.factor}{self.purse.zone}",
            states=self.purse.states(now, BudgetQuestion(self.purse.budgets, 0, asked)),
            settled_until=settled,
            is_whole=is_whole,
        )
        delivered = self._delivered & keys_in_question(self.memory, look.states)
        decision = decide(self.policy, self.mute, self.memory, delivered, look)
        self.memory = decision.memory
        self._delivered.update(decision.delivered)
        self.records += decision.records
        return decision.alerts

    def told(self, now: datetime, *, basis: str = "") -> list[tuple[str, float]]:
        """Check, and return the names and levels of the alerts."""
        return [(alert.budget.name, alert.level) for alert in self.look(now, basis=basis)]


def watched(*budgets: Budget, used: float = 0.0) -> Watcher:
    """Return a watcher that has checked an amount at ten o'clock."""
    watcher = Watcher(Purse(*budgets))
    if used:
        watcher.purse.spend(used, START)
    watcher.look(START)
    watcher.look(START + MINUTE)
    return watcher

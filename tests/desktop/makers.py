"""Makers of what the desktop shows."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol, Self, cast

from PySide6.QtWidgets import QLabel

from spendlight.desktop.app import Desktop
from spendlight.desktop.window_geometry import WindowGeometry
from spendlight.errors import PlanFolderError, UsageError
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.budgets import Alert, AlertPolicy, Budget, BudgetState
from spendlight.metering.burnrate import burn_rate, project
from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import Period, to_ms
from spendlight.metering.plan import PlanReading
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.metering.reports import PeriodRow, Report, period_columns
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.settings import SettingsFile
from spendlight.tracker.questions.choices import Choices, KnownNames, ModelsUsed
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question
from spendlight.tracker.snapshot import DataState, Refreshed, ScanProgress, UsageSnapshot
from spendlight.tracker.team.membership import Membership
from spendlight.tracker.team.publishing_failure import PublishingFailure
from spendlight.tracker.tracker import UsageTracker

NOON = datetime(2026, 8, 7, 12, 0, tzinfo=UTC)
PRICES = PriceSource("LiteLLM list", date(2026, 8, 1), "shipped")


class Open(Protocol):
    """Starts a desktop."""

    def __call__(
        self,
        open_tracker: Callable[[], UsageTracker],
        *,
        settings_file: SettingsFile | None = None,
        geometry: WindowGeometry | None = None,
        feed: Callable[[], object] | None = None,
    ) -> Desktop:
        """Start one on the tracker that a function opens; see `Desktop` for the rest."""
        ...


def make_spending(cost: float = 1.0, tokens: int = 1_000) -> Spending:
    """Return the spending of one answer of one model."""
    counts = TokenCounts(input=tokens)
    model = ModelSpending("claude-opus-4-5-20251101", counts, cost, is_priced=True, answers=1)
    return Spending(tokens=counts, cost=cost, models=(model,), answers=1)


def make_snapshot(  # noqa: PLR0913  # each is varied by a test
    at: datetime = NOON,
    *,
    state: DataState = DataState.ACTIVE,
    block_cost: float = 3.75,
    today_cost: float = 9.10,
    block_start: datetime | None = None,
    first_at: datetime | None = None,
    last_at: datetime | None = None,
    limit_reset: datetime | None = None,
    budgets: tuple[BudgetState, ...] = (),
    plan: tuple[PlanReading, ...] = (),
) -> UsageSnapshot:
    """Return a snapshot; by default a block from 09:00 with $1.20 an hour since 08:52:30."""
    start = block_start or at.replace(minute=0) - timedelta(hours=3)
    last = last_at or at - timedelta(minutes=5)
    first = first_at or last - timedelta(hours=block_cost / 1.20)
    block = SessionBlock(
        to_ms(start),
        to_ms(start + timedelta(hours=5)),
        make_spending(block_cost)._replace(
            first_ms=to_ms(first),
            last_ms=to_ms(last),
            limit_reset_ms=None if limit_reset is None else to_ms(limit_reset),
        ),
    )
    rate = burn_rate(block)
    is_active = state is DataState.ACTIVE
    has_figures = state in (DataState.ACTIVE, DataState.IDLE)
    return UsageSnapshot(
        at=at,
        state=state,
        block=block if is_active else None,
        rate=rate if is_active else None,
        projection=project(block, rate, at) if is_active and rate else None,
        today=make_spending(today_cost, 1_280_000) if has_figures else Spending(),
        recent=(),
        last_at=last if has_figures else None,
        prices=PRICES,
        budgets=budgets,
        plan=plan,
    )


def make_report(*costs: float, first_day: date = date(2026, 8, 1)) -> Report[PeriodRow]:
    """Return a daily report with a day for each cost."""
    rows = tuple(
        PeriodRow(first_day + timedelta(days=number), make_spending(cost, 1_000 * (number + 1)))
        for number, cost in enumerate(costs)
    )
    total = make_spending(sum(costs), sum(row.spending.tokens.total for row in rows))
    return Report(period_columns(Period.DAY), rows, total, PRICES)


def make_refreshed(snapshot: UsageSnapshot | None = None, *, is_complete: bool = True) -> Refreshed:
    return Refreshed(
        frozenset({NOON.date()}), 1, 0, is_complete, snapshot=snapshot or make_snapshot()
    )


@dataclass
class FakeTracker:
    """A fake tracker; its answers can be set, and its questions are kept."""

    snapshots: UsageSnapshot = field(default_factory=lambda: make_snapshot(datetime.now(UTC)))
    reports: Report[PeriodRow] = field(default_factory=lambda: make_report(1.0, 2.0))
    error: Exception | None = None
    warnings: tuple[UsageError, ...] = ()
    progress: tuple[ScanProgress, ...] = ()
    is_complete: bool = True
    prices: PricingTable = field(default_factory=lambda: PricingTable({}, PRICES))
    new_prices: PricingTable | None = None
    passes: int = 0
    backups: int = 0
    is_ready: bool = False
    time_zone: tzinfo = UTC
    is_closed: bool = False
    questions: list[Question[object]] = field(default_factory=list)
    changed: threading.Event = field(default_factory=threading.Event)
    budgets: tuple[Budget, ...] = ()
    alerts: tuple[Alert, ...] = ()
    looked_at: list[frozenset[str] | None] = field(default_factory=list)
    silent_until: datetime | None = None
    notes_folder: Path | None = None
    published: int = 0
    publishing_failure: PublishingFailure | None = None
    other_machines: tuple[str, ...] = ()
    membership: Membership | None = None

    @property
    def team(self) -> Self:
        return self

    def publish_if_new(self) -> bool:
        self.published += 1
        return True

    def use_budgets(
        self, budgets: tuple[Budget, ...], policy: AlertPolicy, week_start: int = 6
    ) -> None:
        assert isinstance(policy, AlertPolicy)
        assert 0 <= week_start <= 6
        self.budgets = budgets

    def plan_folder(self) -> Path:
        if self.notes_folder is None:
            raise PlanFolderError(os.strerror(errno.EROFS))
        return self.notes_folder

    def mute(self, until: datetime | None) -> None:
        self.silent_until = until

    def muted_until(self) -> datetime | None:
        return self.silent_until

    def refresh(
        self,
        stop: threading.Event,
        on_progress: Callable[[ScanProgress], None],
        only: frozenset[str] | None = None,
    ) -> Refreshed:
        self.looked_at.append(only)
        self.passes += 1
        for progress in self.progress:
            stop.wait(0.11)
            on_progress(progress)
        if self.error is not None:
            raise self.error
        refreshed = make_refreshed(
            self.snapshots, is_complete=self.is_complete and not stop.is_set()
        )
        alerts, self.alerts = self.alerts, ()
        return refreshed._replace(alerts=alerts)

    def snapshot(self) -> UsageSnapshot:
        return self.snapshots

    def get_ready(self) -> None:
        self.is_ready = True

    def back_up(self) -> None:
        self.backups += 1

    def close(self) -> None:
        self.is_closed = True

    def ask(self, question: Question[object]) -> object:
        self.questions.append(question)
        if isinstance(question, Choices):
            return KnownNames()
        if isinstance(question, ModelsUsed):
            return Spending()
        if isinstance(question, Periods):
            return self.reports
        return Report((), (), Spending(), PRICES)

    def refresh_prices(self) -> str | None:
        if self.new_prices is None:
            return "The network is not asked in tests"
        self.prices = self.new_prices
        return None

    def changes(self, stop: threading.Event) -> Iterator[None]:
        while not stop.wait(0.01):
            if self.changed.is_set():
                self.changed.clear()
                yield None

    def as_tracker(self) -> UsageTracker:
        return cast("UsageTracker", self)


def visible_texts(desktop: Desktop) -> set[str]:
    labels = desktop.window.findChildren(QLabel)
    return {label.text() for label in labels if label.isVisible()}

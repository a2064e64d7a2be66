"""Measures how much of budgets is used; all of them with a single read of the ledger's sums."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.budgets import (
    BURN_FROM,
    Budget,
    BudgetPeriod,
    BudgetState,
    Metric,
    is_early,
    outlook,
)
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.periods import Period, Span, period_start, to_ms, to_utc
from spendlight.metering.plan import WHOLE, Standing, pace, standing, window_of
from spendlight.metering.slices import QUARTER_MS, cost_of
from spendlight.metering.sums import tokens_in
from spendlight.metering.team_budgets import team_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, tzinfo

    from spendlight.ledger.machines import Scope
    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.plan import PlanReading
    from spendlight.metering.pricing import CostMode
    from spendlight.metering.sums import UsageSlice
    from spendlight.metering.team_budgets import TeamReading
    from spendlight.tracker.questions.source import Source

_PERIODS: Final = {
    BudgetPeriod.DAY: Period.DAY,
    BudgetPeriod.WEEK: Period.WEEK,
    BudgetPeriod.MONTH: Period.MONTH,
}
_BUDGETS: Final = (Metric.COST, Metric.TOKENS, Metric.FORECAST)
_HOUR: Final = timedelta(hours=1)
_HOUR_MS: Final = _HOUR // timedelta(milliseconds=1)
_BURN_FROM_MS: Final = BURN_FROM // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class BudgetQuestion:
    """A question about budgets.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        settled: Also return the usage before each of these moments; full quarters of an hour.
        plan: What Claude Code reported about the plan limits.
        team: What is known of the team's usage.
    """

    budgets: tuple[Budget, ...] = ()
    week_start: int = 6
    settled: tuple[datetime, ...] = ()
    plan: tuple[PlanReading, ...] = ()
    team: tuple[TeamReading, ...] = ()

    @property
    def of_team(self) -> tuple[Budget, ...]:
        """The budgets of a team that are in force."""
        return tuple(one for one in self.budgets if one.is_of_team and one.is_in_force)

    def knowing(self, plan: tuple[PlanReading, ...]) -> BudgetQuestion:
        """Return the question with what Claude Code reported about the plan limits."""
        return replace(self, plan=plan)

    def knowing_team(self, team: tuple[TeamReading, ...]) -> BudgetQuestion:
        """Return the question with what is known of the team's usage."""
        return replace(self, team=team)


class Window(NamedTuple):
    """The current period of a budget.

    Attributes:
        start_ms: Where its sums begin, in whole slots.
        end_ms: Where they end, exclusive.
    """

    instance: str
    starts_at: datetime
    resets_at: datetime
    start_ms: int
    end_ms: int


class _Sum:
    """The usage in a window that a budget applies to."""

    __slots__ = ("budget", "cost", "first_ms", "last_ms", "settled", "tokens", "window")

    def __init__(self, budget: Budget, window: Window | None, settled: int) -> None:
        self.budget = budget
        self.window = window
        self.cost = 0.0
        self.tokens = 0
        self.first_ms: int | None = None
        self.last_ms: int | None = None
        self.settled = [0.0] * settled

    def covers(self, start_ms: int, end_ms: int) -> bool:
        """Whether a span is within the window."""
        window = self.window
        return window is not None and window.start_ms <= start_ms and end_ms <= window.end_ms

    def add(self, piece: UsageSlice, cost: float, settled: Iterable[int]) -> None:
        """Add a slice if the budget applies to it; also to the usage before the given moments."""
        budget = self.budget
        if budget.project not in {"", piece.session.project}:
            return
        if budget.model not in {"", piece.variant.label}:
            return
        tokens = sum(tokens_in(piece))
        self.cost += cost
        self.tokens += tokens
        if self.first_ms is None or piece.first_ms < self.first_ms:
            self.first_ms = piece.first_ms
        if self.last_ms is None or piece.last_ms > self.last_ms:
            self.last_ms = piece.last_ms
        for index in settled:
            self.settled[index] += tokens if budget.metric is Metric.TOKENS else cost

    @property
    def used(self) -> float:
        """The usage, in dollars or tokens."""
        return self.tokens if self.budget.metric is Metric.TOKENS else self.cost

    @property
    def span_ms(self) -> int:
        """The time from the first answer to the last."""
        return 0 if self.first_ms is None or self.last_ms is None else self.last_ms - self.first_ms

    @property
    def per_hour(self) -> float | None:
        """The usage per hour between the first answer and the last, like the burn rate."""
        return self.used / self.span_ms * _HOUR_MS if self.span_ms else None


def measure_budgets(  # noqa: PLR0913, PLR0917  # the snapshot's own arguments, and the question
    source: Source,
    question: BudgetQuestion,
    block: SessionBlock | None,
    now: datetime,
    zone: tzinfo,
    mode: CostMode,
) -> tuple[BudgetState, ...]:
    """Return how much of each budget in force is used.

    Args:
        source: Where to read.
        question: Which budgets, and what else to return about them.
        block: The active block.
        now: The current time.
        zone: The time zone of days.
        mode: How costs are determined.
    """
    budgets = [budget for budget in question.budgets if budget.is_in_force]
    if not budgets:
        return ()
    counted = [
        budget for budget in budgets if budget.metric is not Metric.PLAN and not budget.is_of_team
    ]
    windows = _windows(budgets, block, now, zone, question.week_start)
    sums = [
        _Sum(
            budget,
            windows.get(BudgetPeriod.BLOCK if budget.metric is Metric.BURN else budget.period),
            len(question.settled),
        )
        for budget in counted
    ]
    settled_ms = [to_ms(moment) for moment in question.settled]
    parts: dict[Scope, tuple[Source, list[_Sum]]] = {}
    for total in sums:
        part = _part_for(source, total.budget)
        parts.setdefault(part.scope, (part, []))[1].append(total)
    for part, members in parts.values():
        _sum_up(part, members, settled_ms, mode)
    states = [_state(total, windows.get(total.budget.period), now) for total in sums]
    known = {state.budget.name: state for state in states}
    for budget in budgets:
        if budget.is_of_team:
            known[budget.name] = _team_state(budget, question, windows[budget.period], now)
        elif budget.metric is Metric.PLAN:
            known[budget.name] = _plan_state(budget, question, now)
        elif budget.metric is Metric.RESET:
            state = _reset_state(known[budget.name], states, block, now)
            known[budget.name] = _plan_reset(state, question.plan, now)
    return tuple(known[budget.name] for budget in budgets)


def _part_for(source: Source, budget: Budget) -> Source:
    """Return the part of the usage that a budget is about, apart from its project and model."""
    if budget.period is BudgetPeriod.BLOCK or budget.metric is Metric.BURN:
        source = source.with_blocks()
    return source.of_agents((budget.agent,)) if budget.agent else source


def _windows(
    budgets: Iterable[Budget],
    block: SessionBlock | None,
    now: datetime,
    zone: tzinfo,
    week_start: int,
) -> dict[BudgetPeriod, Window]:
    """Return the window of each period of a budget; that of the block only if one is active."""
    periods = {budget.period for budget in budgets}
    if any(budget.metric is Metric.BURN for budget in budgets):
        periods.add(BudgetPeriod.BLOCK)
    today = now.astimezone(zone).date()
    windows: dict[BudgetPeriod, Window] = {
        period: calendar_window(period, today, zone, week_start)
        for period in periods
        if period is not BudgetPeriod.BLOCK
    }
    if block is not None and BudgetPeriod.BLOCK in periods:
        windows[BudgetPeriod.BLOCK] = _block_window(block)
    return windows


def calendar_window(period: BudgetPeriod, day: date, zone: tzinfo, week_start: int) -> Window:
    """Return the period that contains a local day.

    Args:
        period: Any period but the block.
        day: The day.
        zone: The time zone of days.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
    """
    first = period_start(day, _PERIODS[period], week_start)
    if period is BudgetPeriod.MONTH:
        following = (first + timedelta(days=32)).replace(day=1)
    else:
        following = first + timedelta(days=7 if period is BudgetPeriod.WEEK else 1)
    start, end = (
        datetime.combine(midnight, time(), zone).astimezone(UTC) for midnight in (first, following)
    )
    start_ms, end_ms = (to_ms(moment) // QUARTER_MS * QUARTER_MS for moment in (start, end))
    return Window(first.isoformat(), start, end, start_ms, end_ms)


def _block_window(block: SessionBlock) -> Window:
    """Return the block's window: from its first answer to its end, inclusive.

    The very moment at which it begins may still belong to the previous block.
    """
    first_ms = block.start_ms if block.spending.first_ms is None else block.spending.first_ms
    start_ms = first_ms // QUARTER_MS * QUARTER_MS
    if start_ms != first_ms:
        start_ms += 1
    return Window(
        f"{block.start:%Y-%m-%dT%H:%MZ}", block.start, block.end, start_ms, block.end_ms + 1
    )


def _sum_up(source: Source, sums: Sequence[_Sum], settled: Sequence[int], mode: CostMode) -> None:
    """Add up the usage in each window, split where one begins or ends; each part is read once."""
    windows = {total.window for total in sums if total.window is not None}
    edges = {edge for window in windows for edge in (window.start_ms, window.end_ms)}
    for start, end in pairwise(sorted({*edges, *settled})):
        members = [total for total in sums if total.covers(start, end)]
        if not members:
            continue
        before = [index for index, moment in enumerate(settled) if end <= moment]
        span = [Span(start, end, 0)]
        pieces: Iterable[UsageSlice]
        if any(total.budget.project for total in members):
            pieces = source.ledger.by_day(source.scope, span, with_sessions=True)
        else:
            pieces = source.ledger.by_day_in_order(source.scope, span)
        for piece in source.named(pieces):
            cost = cost_of(piece, source.prices, mode) or 0.0
            for total in members:
                total.add(piece, cost, before)


def _state(total: _Sum, window: Window | None, now: datetime) -> BudgetState:
    budget = total.budget
    if budget.metric is Metric.BURN:
        used = total.per_hour or 0.0
        is_unsure = total.span_ms < _BURN_FROM_MS
    else:
        used = total.used
        is_unsure = window is None or is_early(window.starts_at, window.resets_at, now)
    state = BudgetState(budget=budget, used=used, is_early=is_unsure, settled=tuple(total.settled))
    if window is None:
        return state
    state = replace(
        state,
        instance=window.instance,
        starts_at=window.starts_at,
        resets_at=window.resets_at,
    )
    if budget.metric not in _BUDGETS:
        return state
    if budget.period is BudgetPeriod.BLOCK:
        per_hour = total.per_hour
    else:
        per_hour = used / ((now - window.starts_at) / _HOUR) if now > window.starts_at else None
    seen = outlook(
        budget.amount,
        used,
        per_hour,
        starts_at=window.starts_at,
        resets_at=window.resets_at,
        now=now,
    )
    return replace(state, projected=seen.projected, exhausted_at=seen.exhausted_at)


def _reset_state(
    state: BudgetState, states: Iterable[BudgetState], block: SessionBlock | None, now: datetime
) -> BudgetState:
    """Return the state of a reset: the share used of the fullest budget of its period and scope.

    A block in which Claude's own limit was reached is full, and is reset when that limit says.
    """
    budget = state.budget
    shares = [
        other.share
        for other in states
        if other.budget.metric in _BUDGETS
        and other.budget.period is budget.period
        and (other.budget.project, other.budget.model, other.budget.agent)
        == (budget.project, budget.model, budget.agent)
    ]
    state = replace(state, used=max(shares, default=0.0), is_early=False)
    reset_ms = block.spending.limit_reset_ms if block is not None else None
    if budget.period is BudgetPeriod.BLOCK and reset_ms is not None and to_utc(reset_ms) > now:
        return replace(state, used=max(1.0, state.used), resets_at=to_utc(reset_ms))
    return state


def _team_state(
    budget: Budget, question: BudgetQuestion, window: Window, now: datetime
) -> BudgetState:
    """Return how much of a team's budget is used; other machines' usage always arrives late."""
    period = window.instance, window.starts_at, window.resets_at
    state = team_state(budget, question.team, period, now)
    return replace(state, settled=(0.0,) * len(question.settled))


def _plan_state(budget: Budget, question: BudgetQuestion, now: datetime) -> BudgetState:
    """Return how much of a plan limit is used; nothing without a recent report."""
    state = BudgetState(budget=budget, used=0.0, settled=(0.0,) * len(question.settled))
    window = window_of(budget.period)
    reading = next((one for one in question.plan if one.window == window), None)
    if reading is None or not reading.instance or standing(reading, now) is not Standing.FRESH:
        return state
    seen = pace(reading, now)
    return replace(
        state,
        used=reading.percent,
        instance=reading.instance,
        starts_at=reading.starts_at,
        resets_at=reading.resets_at,
        is_early=seen.projected is None,
        projected=seen.projected,
        exhausted_at=seen.exhausted_at,
    )


def _plan_reset(state: BudgetState, plan: Iterable[PlanReading], now: datetime) -> BudgetState:
    """Return the state of a reset, or that of the plan's window if more of it is used.

    The age of the reading does not matter: until the window ends, usage does not decrease.
    """
    budget = state.budget
    if budget.project or budget.model or budget.agent not in {"", CLAUDE_CODE}:
        return state
    for reading in plan:
        share = reading.percent / WHOLE
        is_running = standing(reading, now) in {Standing.FRESH, Standing.STALE}
        is_fuller = reading.window == window_of(budget.period) and share > state.used
        if is_running and is_fuller and reading.instance:
            return replace(
                state,
                used=share,
                instance=f"plan {reading.instance}",
                starts_at=reading.starts_at,
                resets_at=reading.resets_at,
            )
    return state

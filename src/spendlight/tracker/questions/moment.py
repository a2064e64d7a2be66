"""Asks for a snapshot of one moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.burnrate import burn_rate, project
from spendlight.metering.periods import DAY_MS, DateRange, Span, spans, to_ms, to_utc
from spendlight.metering.slices import QUARTER_MS, Tally, add_up
from spendlight.tracker.questions.blocks import active_block
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.snapshot import DataState, RecentUsage, UsageSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.budgets import BudgetState
    from spendlight.metering.entry import SessionName
    from spendlight.metering.plan import AgentPlan, PlanReading
    from spendlight.metering.pricing import CostMode
    from spendlight.metering.slices import Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.budgets import BudgetQuestion
    from spendlight.tracker.questions.source import Source

RECENT: Final = timedelta(hours=1)
"""How far back the recent activity goes."""


class Moment(NamedTuple):
    """A snapshot of one moment; of the selection, only zone and cost mode are used.

    Attributes:
        at: The moment.
        has_root: Whether there is a Claude data folder.
        budgets: The question about budgets.
        plan: What Claude Code reported about the plan limits.
        agent_plans: What the logs of other agents say about theirs.
    """

    at: datetime
    has_root: bool
    budgets: BudgetQuestion | None = None
    plan: tuple[PlanReading, ...] = ()
    selection: Selection = EVERYTHING
    agent_plans: tuple[AgentPlan, ...] = ()

    def answer(self, source: Source) -> UsageSnapshot:
        """Return the snapshot."""
        now, zone, mode = self.at, self.selection.zone, self.selection.mode
        extent = source.ledger.extent(source.scope)
        block = active_block(source, now, mode) if extent else None
        rate = burn_rate(block) if block else None
        today = now.astimezone(zone).date()
        around = (to_ms(now - timedelta(days=2)), to_ms(now + timedelta(days=2)))
        days = spans(zone, *around, DateRange(today, today))
        agents = source.of_each_agent()
        if block is not None:
            state = DataState.ACTIVE
        elif extent is not None:
            state = DataState.IDLE
        else:
            state = DataState.NO_LOGS if self.has_root else DataState.NO_CLAUDE
        recent = _recent(agents, now, mode)
        return UsageSnapshot(
            at=now,
            state=state,
            block=block,
            rate=rate,
            projection=project(block, rate, now) if block and rate else None,
            today=_used(source, days, mode),
            recent=recent,
            last_at=_last_at(source, now, extent, recent) if extent else None,
            prices=source.prices.source,
            unread_lines=source.ledger.unread_lines(source.scope),
            budgets=self._budgets(source, block),
            plan=self.plan,
            agent_plans=self.agent_plans,
            today_by_agent=_used_by_agent(agents, days, mode),
        )

    def _budgets(self, source: Source, block: SessionBlock | None) -> tuple[BudgetState, ...]:
        if self.budgets is None:
            return ()
        from spendlight.tracker.questions.budgets import measure_budgets  # rarely needed

        asked, chosen = self.budgets.knowing(self.plan), self.selection
        return measure_budgets(source, asked, block, self.at, chosen.zone, chosen.mode)


def _used(source: Source, days: Sequence[Span], mode: CostMode) -> Spending:
    return add_up(source.named(source.ledger.by_day(source.scope, days)), source.prices, mode)


def _used_by_agent(
    agents: Sequence[tuple[str, Source]], days: Sequence[Span], mode: CostMode
) -> tuple[tuple[str, Spending], ...]:
    """Return what each agent used, the most expensive first; nothing if there is only one."""
    if len(agents) <= 1:
        return ()
    used = [(agent, _used(source, days, mode)) for agent, source in agents]
    used.sort(key=lambda one: (-one[1].cost, one[0]))
    return tuple((agent, spending) for agent, spending in used if spending.answers)


def _last_at(
    source: Source, now: datetime, extent: tuple[int, int], recent: Sequence[RecentUsage]
) -> datetime:
    """Return when the last answer was made; the very last one if all are in the future.

    Answers dated by a clock that is ahead were made at an unknown time.
    """
    if extent[1] <= to_ms(now):
        return to_utc(extent[1])
    if recent:
        return recent[0].last_at
    end_ms = to_ms(now) // QUARTER_MS * QUARTER_MS  # nothing was used in the last hour
    back_ms = DAY_MS
    while True:
        pieces = source.ledger.by_slot(source.scope, Span(end_ms - back_ms, end_ms, 0))
        last_ms = max((piece.last_ms for piece in pieces), default=None)
        if last_ms is not None or end_ms - back_ms <= extent[0]:
            return to_utc(extent[1] if last_ms is None else last_ms)
        back_ms *= 4


def _pieces_within(source: Source, span: Span) -> Iterator[UsageSlice]:
    """Yield the usage in a span by session, roughly in chronological order.

    Agents may have made a hundred thousand answers in it. So sums are used, and single answers only
    for the quarters of an hour at its ends, without holding all of them in memory.
    """
    pieces = list(source.ledger.by_slot(source.scope, span, with_sessions=True))
    cut = {
        piece.group // 2
        for piece in pieces
        if piece.first_ms < span.start_ms or piece.last_ms >= span.end_ms
    }
    for quarter in sorted(cut):
        start_ms = max(span.start_ms, quarter * QUARTER_MS)
        end_ms = min(span.end_ms, (quarter + 1) * QUARTER_MS)
        yield from source.ledger.answers(source.scope, Span(start_ms, end_ms, 0), in_order=False)
    yield from (piece for piece in pieces if piece.group // 2 not in cut)


def _recent(
    agents: Sequence[tuple[str, Source]], now: datetime, mode: CostMode
) -> tuple[RecentUsage, ...]:
    span = Span(to_ms(now - RECENT), to_ms(now) + 1, 0)
    tallies: dict[tuple[SessionName, str], Tally] = {}
    for agent, source in agents:
        for piece in source.named(_pieces_within(source, span)):
            key = piece.session, agent
            if key not in tallies:
                tallies[key] = Tally(source.prices, mode)
            tallies[key].add(piece)
    recent = [
        RecentUsage(name, to_utc(tally.last_ms or 0), tally.total(), agent)
        for (name, agent), tally in tallies.items()
    ]
    by_name = sorted(recent)  # sessions that were last used in the same millisecond
    return tuple(sorted(by_name, key=lambda usage: usage.last_at, reverse=True))

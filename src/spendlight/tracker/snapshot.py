"""A snapshot of the usage, and what a refresh changed: what the faces show of it now."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from spendlight.metering.entry import CLAUDE_CODE
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.budgets import Alert, BudgetState
    from spendlight.metering.burnrate import BurnRate, Projection
    from spendlight.metering.entry import SessionName
    from spendlight.metering.plan import AgentPlan, PlanReading
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending


class DataState(StrEnum):
    """What there is to show. No data is not the same as zero, so these look different."""

    NO_CLAUDE = "no-claude"
    """No Claude Code data folder was found, and the ledger knows none."""
    NO_LOGS = "no-logs"
    """There is a folder, but no usage in it yet."""
    IDLE = "idle"
    """There was usage, but no block is active."""
    ACTIVE = "active"
    """A block is active."""


class RecentUsage(NamedTuple):
    """The usage of one session in the last hour.

    Attributes:
        last_at: Its last answer, in UTC.
        agent: The coding agent, by its name in the ledger.
    """

    name: SessionName
    last_at: datetime
    spending: Spending
    agent: str = CLAUDE_CODE


class UsageSnapshot(NamedTuple):
    """One moment: all current figures on every face come from one of these.

    Attributes:
        at: The moment, in UTC.
        block: The active block.
        rate: Its burn rate, or None if all its usage is at a single moment.
        projection: Its projection.
        today: The local day so far.
        recent: Sessions of the last hour, the latest first.
        last_at: The last known answer.
        prices: The price list used.
        unread_lines: Lines that should have been an answer and could not be read.
        budgets: How much of the budgets in force is used.
        plan: What Claude Code reported about the plan limits, the shortest window first.
        agent_plans: What the logs of other agents say about theirs.
        today_by_agent: What each agent has used of *today*, by its name in the ledger, if there
            are several; the most expensive first.
    """

    at: datetime
    state: DataState
    block: SessionBlock | None
    rate: BurnRate | None
    projection: Projection | None
    today: Spending
    recent: tuple[RecentUsage, ...]
    last_at: datetime | None
    prices: PriceSource
    unread_lines: int = 0
    budgets: tuple[BudgetState, ...] = ()
    plan: tuple[PlanReading, ...] = ()
    agent_plans: tuple[AgentPlan, ...] = ()
    today_by_agent: tuple[tuple[str, Spending], ...] = ()


class ScanProgress(NamedTuple):
    """The progress of a refresh.

    Attributes:
        files_done: Files read so far.
        files_total: Files to read.
        bytes_done: Bytes read so far.
        bytes_total: Bytes to read.
    """

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


class LogsRead(NamedTuple):
    """The result of reading what is new in the logs.

    Attributes:
        days: The local days whose sums may have changed.
        new_answers: Answers never seen before.
        problems: Lines that should have been an answer and are not, found this time.
        is_complete: False if it was stopped before the end; the rest comes next time.
    """

    days: frozenset[date]
    new_answers: int
    problems: int
    is_complete: bool = True


class Refreshed(NamedTuple):
    """What a refresh changed, so that nothing else need be redrawn.

    Attributes:
        days: The local days whose sums may have changed, as in `LogsRead`.
        new_answers: Answers never seen before.
        problems: Lines that should have been an answer and are not, found this time.
        is_complete: False if it was stopped before the end; the rest comes next time.
        snapshot: The snapshot after it.
        alerts: The alerts to show now; they are returned only once.
    """

    days: frozenset[date]
    new_answers: int
    problems: int
    is_complete: bool
    snapshot: UsageSnapshot
    alerts: tuple[Alert, ...] = ()

"""One moment of the usage, and what a refresh changed: all that the faces show of the present."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from spendlight.metering.blocks import SessionBlock
    from spendlight.metering.budgets import Alert, BudgetState
    from spendlight.metering.burnrate import BurnRate, Projection
    from spendlight.metering.entry import SessionName
    from spendlight.metering.plan import PlanReading
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending


class DataState(StrEnum):
    """What there is to show. Missing is not zero, so these look different."""

    NO_CLAUDE = "no-claude"
    """No Claude Code data folder was found, and none is remembered."""
    NO_LOGS = "no-logs"
    """There is a folder, but no usage in it yet."""
    IDLE = "idle"
    """There was usage, but no block is active."""
    ACTIVE = "active"
    """A block is active."""


class RecentUsage(NamedTuple):
    """What one session used in the last hour.

    Attributes:
        last_at: Its last answer, in UTC.
    """

    name: SessionName
    last_at: datetime
    spending: Spending


class UsageSnapshot(NamedTuple):
    """One moment: every figure on every face that speaks of "now" comes from one of these.

    Attributes:
        at: The moment, in UTC.
        block: The active block.
        rate: How fast it goes, or None where it has one moment only.
        projection: Where it leads.
        today: The local day so far.
        recent: Sessions of the last hour, the latest first.
        last_at: The last answer known at all.
        prices: Which price list the money comes from.
        unread_lines: Lines that should have been an answer and could not be read.
        limits: How far the limits in force are used.
        plan: What Claude Code said of the plan's limits, the shortest window first.
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
    limits: tuple[BudgetState, ...] = ()
    plan: tuple[PlanReading, ...] = ()


class ScanProgress(NamedTuple):
    """How far a refresh has come.

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
    """What reading what is new in the logs came to.

    Attributes:
        days: The local days whose sums may have changed.
        new_answers: Answers never seen before.
        problems: Lines that should have been an answer and are not, found this time.
        is_complete: False where it was stopped before the end; the rest comes next time.
    """

    days: frozenset[date]
    new_answers: int
    problems: int
    is_complete: bool = True


class Refreshed(NamedTuple):
    """What one refresh changed, so that nothing else need be redrawn.

    Attributes:
        days: The local days whose sums may have changed, as in `LogsRead`.
        new_answers: Answers never seen before.
        problems: Lines that should have been an answer and are not, found this time.
        is_complete: False where it was stopped before the end; the rest comes next time.
        snapshot: The moment after it.
        alerts: What the user is to be told now; told nowhere else and never again.
    """

    days: frozenset[date]
    new_answers: int
    problems: int
    is_complete: bool
    snapshot: UsageSnapshot
    alerts: tuple[Alert, ...] = ()

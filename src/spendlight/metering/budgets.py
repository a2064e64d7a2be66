"""Budgets and alert rules: what may be used in a period, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import isfinite

TOLERANCE = 1e-9
"""Sums of money differ by less when they are added in another order."""

FORECAST_FROM = 0.15
"""The share of a period that must be over before anything is said about its end."""

BURN_FROM = timedelta(minutes=10)
"""A burn rate between answers that are nearer to each other is an accident."""


class Metric(StrEnum):
    """What a limit is about."""

    COST = "cost"
    TOKENS = "tokens"
    BURN = "burn"
    """Dollars an hour in the active block, whatever the period; that says how often to tell."""
    FORECAST = "forecast"
    """Whether a budget of dollars will be spent before its period ends."""
    RESET = "reset"
    """Whether a period has ended in which nearly all was used that its other limits allow."""
    PLAN = "plan"
    """Percent of a limit of the plan's, by Claude Code's word: a block's is that of five hours."""


class BudgetPeriod(StrEnum):
    """Over which stretch of time a limit holds."""

    BLOCK = "block"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Severity(StrEnum):
    """How much it matters."""

    WARN = "warn"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget or alert rule.

    Attributes:
        name: Unique and stable.
        amount: Dollars, tokens for `Metric.TOKENS`, dollars an hour for `Metric.BURN`, percent for
            `Metric.PLAN`; a reset has none.
        project: Only this project (the first folder below ``projects``); "" is all.
        model: Only this model, by the name that reports show; "" is all.
        levels: Shares of the amount to tell of; the last one is critical.
    """

    name: str
    amount: float = 0.0
    metric: Metric = Metric.COST
    period: BudgetPeriod = BudgetPeriod.BLOCK
    project: str = ""
    model: str = ""
    levels: tuple[float, ...] = (0.8, 1.0)
    is_on: bool = True

    @property
    def steps(self) -> tuple[float, ...]:
        """The levels that make sense, ascending."""
        return tuple(sorted({level for level in self.levels if isfinite(level) and level > 0}))

    @property
    def is_in_force(self) -> bool:
        """Whether it is on, and says something that can come about."""
        has_amount = self.metric is Metric.RESET or (isfinite(self.amount) and self.amount > 0)
        return self.is_on and has_amount

    @property
    def rule(self) -> str:
        """What stands for it in the keys of alerts: another amount or scope is another rule."""
        return "|".join(
            (
                self.name,
                self.metric,
                self.period,
                self.project,
                self.model,
                f"{self.amount:.9g}",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """When alerts may be heard.

    Attributes:
        is_on: Whether there are alerts at all.
        quiet_from: Where the quiet hours begin on the local clock; None is never.
        quiet_until: Where they end; may be before `quiet_from`, then they span midnight.
        critical_breaks_quiet: Whether critical alerts are heard all the same.
    """

    is_on: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    critical_breaks_quiet: bool = True

    def is_quiet(self, now: datetime, zone: tzinfo | None) -> bool:
        """Return whether a moment lies in the quiet hours of a zone; None is the computer's own."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return False
        clock = now.astimezone(zone).time()
        return start <= clock < end if start < end else clock >= start or clock < end


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """How far a limit is used now.

    Attributes:
        used: In the unit of the limit's amount; for a reset, the share of the fullest limit of
            its period.
        resets_at: When the period ends, or None where no block is active.
        starts_at: When it began.
        instance: The name of this very period ("2026-03-01"); "" where no block is active.
        projected: What is used at its end if it goes on like this; None where it is too early or
            there is nothing to tell it by.
        exhausted_at: When the amount is used up then, if that is before the end.
        is_early: Whether it is too early to tell where it leads.
        settled: What was used before each of the moments that were asked for, in dollars or tokens.
    """

    limit: Budget
    used: float
    resets_at: datetime | None = None
    starts_at: datetime | None = None
    instance: str = ""
    projected: float | None = None
    exhausted_at: datetime | None = None
    is_early: bool = False
    settled: tuple[float, ...] = ()

    @property
    def share(self) -> float:
        """How much of the amount is used; 1 is all of it."""
        if self.limit.metric is Metric.RESET:
            return self.used
        return self.used / self.limit.amount if self.limit.amount > 0 else 0.0

    @property
    def severity(self) -> Severity | None:
        """What it looks like: a verdict about the period's end, where that can be told.

        Nearly all used with ten minutes left is fine, nearly half in the first hour is not.
        """
        steps = self.limit.steps
        is_unsure = self.limit.metric is Metric.BURN and self.is_early
        if not steps or is_unsure or self.limit.metric is Metric.RESET:
            return None
        if reaches(self.share, steps[-1]):
            return Severity.CRITICAL
        if self.projected is not None:
            is_too_much = reaches(self.projected, steps[-1] * self.limit.amount)
        else:
            is_too_much = reaches(self.share, steps[0])
        return Severity.WARN if is_too_much else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something to tell the user.

    Attributes:
        key: Stands for the rule, the very period and the level; told once, ever.
        level: The share of the amount that was reached; 1 for a forecast and a reset.
        used: In the unit of the limit's amount, at that moment.
        at: When it came about.
        project: Where most of the last hour's usage was, for the click; "" if nowhere.
        session: The session of it.
        model: The model of it.
        resets_at: When the period ends, or has ended.
        exhausted_at: For a forecast, when the amount is used up.
        others: How many further alerts this one stands for.
        was_muted: Whether it came about while alerts were muted, and is told now.
    """

    key: str
    limit: Budget
    level: float
    severity: Severity
    used: float
    at: datetime
    project: str = ""
    session: str = ""
    model: str = ""
    resets_at: datetime | None = None
    exhausted_at: datetime | None = None
    others: int = 0
    was_muted: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """The user's wish to hear nothing for a while.

    Attributes:
        since: When it was made.
        until: When alerts may be heard again.
    """

    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is in force; it lapses where the clock is set back by more than a day."""
        return self.since - timedelta(days=1) <= now < self.until


class AlertFate(StrEnum):
    """What became of an alert at first."""

    SHOWN = "shown"
    DELAYED = "delayed"
    """Another one was on the screen; it was told a minute later."""
    MUTED = "muted"
    """It was told in a summary later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """An alert as the log of alerts keeps it."""

    alert: Alert
    fate: AlertFate


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a period leads if it goes on as it does.

    Attributes:
        projected: What is used at its end.
        exhausted_at: When the amount is used up, if that is before the end and not yet so.
    """

    projected: float | None = None
    exhausted_at: datetime | None = None


def outlook(  # noqa: PLR0913  # a pace, two ends, a moment and an amount: none can be left out
    amount: float,
    used: float,
    per_hour: float | None,
    *,
    starts_at: datetime,
    resets_at: datetime,
    now: datetime,
) -> Outlook:
    """Return where a period leads; nothing is known of it in its first part.

    Args:
        amount: What may be used.
        used: What is used so far.
        per_hour: How fast it goes; None where nobody knows.
        starts_at: When the period began.
        resets_at: When it ends.
        now: The moment.
    """
    if per_hour is None or is_early(starts_at, resets_at, now):
        return Outlook()
    hour = timedelta(hours=1)
    projected = used + per_hour * ((resets_at - now) / hour)
    if reaches(used, amount) or not reaches(projected, amount) or per_hour <= 0:
        return Outlook(projected)
    return Outlook(projected, min(resets_at, now + (amount - used) / per_hour * hour))


def is_early(starts_at: datetime, resets_at: datetime, now: datetime) -> bool:
    """Return whether too little of a period is over to tell where it leads."""
    return now - starts_at < (resets_at - starts_at) * FORECAST_FROM


def reaches(value: float, threshold: float) -> bool:
    """Return whether a value has come to a threshold, but for what adding up may lose."""
    return value >= threshold - TOLERANCE * max(1.0, abs(threshold))

"""Budgets and alert rules: what may be used in a period, and how much of it has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import isfinite

TOLERANCE = 1e-9
"""More than the rounding error of a sum of money that is added in another order."""

FORECAST_FROM = 0.15
"""The share of a period that must be over before its end is forecast."""

BURN_FROM = timedelta(minutes=10)
"""The least span of answers from which a burn rate is meaningful."""


class Metric(StrEnum):
    """What a budget or rule measures."""

    COST = "cost"
    TOKENS = "tokens"
    BURN = "burn"
    """Dollars per hour in the active block; the period only says how often to alert."""
    FORECAST = "forecast"
    """Whether a dollar budget will be used up before its period ends."""
    RESET = "reset"
    """Whether a period has ended whose other budgets were nearly used up."""
    PLAN = "plan"
    """Percent of a plan limit, as reported by Claude Code; for a block, the five-hour limit."""


class BudgetPeriod(StrEnum):
    """The period of a budget."""

    BLOCK = "block"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class BudgetOf(StrEnum):
    """Whose usage a budget limits."""

    LEDGER = "ledger"
    """All that is in this machine's ledger."""
    TEAM = "team"
    """The team's, or one person's in it."""


TEAM_METRICS = (Metric.COST, Metric.TOKENS, Metric.FORECAST)
TEAM_PERIODS = (BudgetPeriod.DAY, BudgetPeriod.WEEK, BudgetPeriod.MONTH)
"""The metrics and periods of a team's budgets: blocks are those of one account."""


class Severity(StrEnum):
    """How serious an alert is."""

    WARN = "warn"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget or alert rule.

    Attributes:
        name: Unique and stable.
        amount: Dollars, tokens for `Metric.TOKENS`, dollars per hour for `Metric.BURN`, percent
            for `Metric.PLAN`; a reset has none.
        project: Only this project (the first folder below ``projects``); "" means all.
        model: Only this model, by the name that reports show; "" means all.
        agent: Only this coding agent, by its name in the ledger; "" means all. Blocks are Claude
            Code's in any case.
        levels: Shares of the amount at which to alert; the last one is critical.
        person: Of a team only this person's usage, by the name in reports; "" means all.
    """

    name: str
    amount: float = 0.0
    metric: Metric = Metric.COST
    period: BudgetPeriod = BudgetPeriod.BLOCK
    project: str = ""
    model: str = ""
    levels: tuple[float, ...] = (0.8, 1.0)
    is_on: bool = True
    of: BudgetOf = BudgetOf.LEDGER
    person: str = ""
    agent: str = ""

    @property
    def is_of_team(self) -> bool:
        """Whether it limits a team's usage."""
        return self.of is BudgetOf.TEAM

    @property
    def steps(self) -> tuple[float, ...]:
        """The valid levels, ascending."""
        return tuple(sorted({level for level in self.levels if isfinite(level) and level > 0}))

    @property
    def is_in_force(self) -> bool:
        """Whether it is switched on and can ever be reached."""
        has_amount = self.metric is Metric.RESET or (isfinite(self.amount) and self.amount > 0)
        return self.is_on and has_amount

    @property
    def rule(self) -> str:
        """Its identifier in the keys of alerts: with another amount or scope it is another rule."""
        parts = (
            self.name,
            self.metric,
            self.period,
            self.project,
            self.model,
            f"{self.amount:.9g}",
        )
        whose = (self.of, self.person) if self.is_of_team else ()
        return "|".join((*parts, *whose, *([f"agent {self.agent}"] if self.agent else [])))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """When alerts may be shown.

    Attributes:
        is_on: Whether there are alerts at all.
        quiet_from: The local time at which quiet hours begin; None means never.
        quiet_until: When they end; if before `quiet_from`, they span midnight.
        critical_breaks_quiet: Whether critical alerts are shown nevertheless.
    """

    is_on: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    critical_breaks_quiet: bool = True

    def is_quiet(self, now: datetime, zone: tzinfo | None) -> bool:
        """Return whether a moment is in the quiet hours; the zone None means the computer's."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return False
        clock = now.astimezone(zone).time()
        return start <= clock < end if start < end else clock >= start or clock < end


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """How much of a budget is used now.

    Attributes:
        used: In the unit of the budget's amount; for a reset, the share of the fullest budget of
            its period.
        resets_at: When the period ends, or None if no block is active.
        starts_at: When it began.
        instance: The name of this particular period ("2026-03-01"); "" if no block is active.
        projected: The usage at its end at the current rate; None if it is too early or there is
            nothing to base it on.
        exhausted_at: When the amount will be used up at that rate, if that is before the end.
        is_early: Whether it is too early for a forecast.
        settled: The usage before each of the moments that were asked for, in dollars or tokens.
        measured_at: When that was measured; None means now.
        is_lower_bound: Whether that was so long ago that more may have been used since; then it
            raises no alert.
        basis: What a team's figures are based on: prices, and how they are used.
    """

    budget: Budget
    used: float
    resets_at: datetime | None = None
    starts_at: datetime | None = None
    instance: str = ""
    projected: float | None = None
    exhausted_at: datetime | None = None
    is_early: bool = False
    settled: tuple[float, ...] = ()
    measured_at: datetime | None = None
    is_lower_bound: bool = False
    basis: str = ""

    @property
    def share(self) -> float:
        """The share of the amount that is used; 1 is all of it."""
        if self.budget.metric is Metric.RESET:
            return self.used
        return self.used / self.budget.amount if self.budget.amount > 0 else 0.0

    @property
    def severity(self) -> Severity | None:
        """Its severity: a judgement of the period's end, if that can be forecast.

        Nearly all used with ten minutes left is fine, nearly half in the first hour is not.
        """
        steps = self.budget.steps
        is_unsure = self.budget.metric is Metric.BURN and self.is_early
        if not steps or is_unsure or self.budget.metric is Metric.RESET:
            return None
        if reaches(self.share, steps[-1]):
            return Severity.CRITICAL
        if self.projected is not None:
            is_too_much = reaches(self.projected, steps[-1] * self.budget.amount)
        else:
            is_too_much = reaches(self.share, steps[0])
        return Severity.WARN if is_too_much else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that the user is notified of.

    Attributes:
        key: Identifies the rule, the particular period and the level; shown only once, ever.
        level: The share of the amount that was reached; 1 for a forecast and a reset.
        used: In the unit of the budget's amount, at that moment.
        at: When it was raised.
        project: Where most of the last hour's usage was, to open on a click; "" if nowhere.
        session: The session of that usage.
        model: The model of that usage.
        resets_at: When the period ends, or has ended.
        exhausted_at: For a forecast, when the amount is used up.
        others: How many further alerts this one represents.
        was_muted: Whether it was raised while alerts were muted, and is shown now.
    """

    key: str
    budget: Budget
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
    """Alerts muted by the user for a while.

    Attributes:
        since: When they were muted.
        until: When alerts may be shown again.
    """

    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is in force; it lapses if the clock is set back by more than a day."""
        return self.since - timedelta(days=1) <= now < self.until


class AlertFate(StrEnum):
    """What first happened to an alert."""

    SHOWN = "shown"
    DELAYED = "delayed"
    """Another one was on the screen; it was shown a minute later."""
    MUTED = "muted"
    """It was shown in a summary later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """An alert in the log of alerts."""

    alert: Alert
    fate: AlertFate


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast for a period at the current rate.

    Attributes:
        projected: The usage at its end.
        exhausted_at: When the amount will be used up, if that is in the future and before the end.
    """

    projected: float | None = None
    exhausted_at: datetime | None = None


def outlook(  # noqa: PLR0913  # a rate, two ends, a moment and an amount: none can be left out
    amount: float,
    used: float,
    per_hour: float | None,
    *,
    starts_at: datetime,
    resets_at: datetime,
    now: datetime,
) -> Outlook:
    """Return the forecast for a period; it is empty in the first part of the period.

    Args:
        amount: How much may be used.
        used: How much is used so far.
        per_hour: The usage per hour; None if unknown.
        starts_at: When the period began.
        resets_at: When it ends.
        now: The current time.
    """
    if per_hour is None or is_early(starts_at, resets_at, now):
        return Outlook()
    hour = timedelta(hours=1)
    projected = used + per_hour * ((resets_at - now) / hour)
    if reaches(used, amount) or not reaches(projected, amount) or per_hour <= 0:
        return Outlook(projected)
    return Outlook(projected, min(resets_at, now + (amount - used) / per_hour * hour))


def is_early(starts_at: datetime, resets_at: datetime, now: datetime) -> bool:
    """Return whether too little of a period is over for a forecast."""
    return now - starts_at < (resets_at - starts_at) * FORECAST_FROM


def reaches(value: float, threshold: float) -> bool:
    """Return whether a value has reached a threshold, allowing for rounding errors."""
    return value >= threshold - TOLERANCE * max(1.0, abs(threshold))

"""Budgets of a team: how much was used when the team was last asked, and how old that figure is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from spendlight.metering.budgets import BudgetState, is_early, outlook
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from spendlight.metering.budgets import Budget
    from spendlight.metering.pricing import CostMode

FRESH: Final = timedelta(minutes=30)
"""A figure older than this is a lower bound, and raises no alert."""

_HOUR: Final = timedelta(hours=1)


class TeamBudgets(NamedTuple):
    """The budgets of a team that are in force, and how they are measured.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        zone: The time zone of days.
        mode: How costs are determined.
    """

    budgets: tuple[Budget, ...]
    week_start: int
    zone: tzinfo
    mode: CostMode


class TeamReading(NamedTuple):
    """How much of a budget a team had used.

    Attributes:
        rule: The budget's `Budget.rule`.
        used: In the unit of the budget's amount.
        starts_at: When the period began.
        measured_at: When the team's folder was looked at.
        basis: What the figure is based on: prices, and how they are used.
    """

    rule: str
    used: float
    starts_at: datetime
    measured_at: datetime
    basis: str


def team_state(
    budget: Budget,
    readings: Iterable[TeamReading],
    period: tuple[str, datetime, datetime],
    now: datetime,
) -> BudgetState:
    """Return how much of a team's budget is used; its instance is empty if that is not known.

    Args:
        budget: The budget.
        readings: What is known of the team.
        period: The name of the current period, its beginning and its end.
        now: The current time.
    """
    instance, starts_at, resets_at = period
    reading = next(
        (one for one in readings if one.rule == budget.rule and one.starts_at == starts_at), None
    )
    if reading is None:
        return BudgetState(budget=budget, used=0.0)
    measured_at = reading.measured_at
    state = BudgetState(
        budget=budget,
        used=reading.used,
        instance=instance,
        starts_at=starts_at,
        resets_at=resets_at,
        is_early=is_early(starts_at, resets_at, measured_at),
        measured_at=measured_at,
        is_lower_bound=abs(now - measured_at) > FRESH,
        basis=reading.basis,
    )
    if state.is_lower_bound or measured_at <= starts_at:
        return state
    seen = outlook(
        budget.amount,
        reading.used,
        reading.used / ((measured_at - starts_at) / _HOUR),
        starts_at=starts_at,
        resets_at=resets_at,
        now=measured_at,
    )
    return replace(state, projected=seen.projected, exhausted_at=seen.exhausted_at)

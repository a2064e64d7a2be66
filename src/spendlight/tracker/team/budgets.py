"""Measures how much of its budgets a team has used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight.metering.budgets import Budget, BudgetState, Metric
from spendlight.metering.periods import Span
from spendlight.metering.team_budgets import TeamReading, team_state
from spendlight.team.spending import ModelPrices, spending_of
from spendlight.team.totals import PERSON, TeamFilter
from spendlight.tracker.questions.budgets import Window, calendar_window
from spendlight.tracker.team.budget_readings import known_readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from spendlight.metering.entry import ModelVariant
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.slices import Spending
    from spendlight.metering.team_budgets import TeamBudgets
    from spendlight.team.totals import TeamTotals


class Measuring:
    """Measures a team's budgets as of now.

    Args:
        asked: The budgets, if any.
        folder: The ledger's, where it is kept what was measured last.
        table: The prices in force.
        aliases: Other names by which models are shown and priced.
    """

    def __init__(
        self,
        asked: TeamBudgets | None,
        folder: Path,
        table: PricingTable,
        aliases: Mapping[str, str],
    ) -> None:
        self._asked = asked
        self._folder = folder
        self._table = table
        self._aliases = aliases
        self._now = datetime.now(UTC)  # the team's folder is looked at after this

    def __call__(self, totals: TeamTotals, *, is_current: bool) -> tuple[BudgetState, ...]:
        """Return the state of each budget.

        Args:
            totals: The team's sums.
            is_current: Whether the team's folder could be looked at; if not, what was measured
                last is all that is known.
        """
        if self._asked is None:
            return ()
        if is_current:
            return self._states(self._measured(totals, self._asked), self._asked)
        return self._states(known_readings(self._folder), self._asked)

    def _measured(self, totals: TeamTotals, asked: TeamBudgets) -> tuple[TeamReading, ...]:
        """Return how much of each budget is used; nothing for a person the team does not have."""
        people = frozenset(totals.labels(PERSON))
        prices = ModelPrices(self._table, asked.mode, self._renamed)
        basis = f"{self._table.fingerprint}|{asked.mode}"
        readings: list[TeamReading] = []
        for budget in asked.budgets:
            if budget.person and budget.person not in people:
                continue
            window = self._window(budget, asked)
            which = TeamFilter([Span(window.start_ms, window.end_ms, 0)], budget.project or None)
            by = (PERSON,) if budget.person else ()
            names = (budget.person,) if budget.person else ()
            rows = spending_of(totals, which, prices._replace(model=budget.model), by=by)
            used = sum(_used(budget, row.spending) for row in rows if row.names == names)
            readings.append(TeamReading(budget.rule, used, window.starts_at, self._now, basis))
        return tuple(readings)

    def _states(
        self, readings: Iterable[TeamReading], asked: TeamBudgets
    ) -> tuple[BudgetState, ...]:
        known = tuple(readings)
        states: list[BudgetState] = []
        for budget in asked.budgets:
            window = self._window(budget, asked)
            period = window.instance, window.starts_at, window.resets_at
            states.append(team_state(budget, known, period, self._now))
        return tuple(states)

    def _window(self, budget: Budget, asked: TeamBudgets) -> Window:
        today = self._now.astimezone(asked.zone).date()
        return calendar_window(budget.period, today, asked.zone, asked.week_start)

    def _renamed(self, variant: ModelVariant) -> ModelVariant:
        return variant._replace(name=self._aliases.get(variant.name, variant.name))


def _used(budget: Budget, spending: Spending) -> float:
    return spending.tokens.total if budget.metric is Metric.TOKENS else spending.cost

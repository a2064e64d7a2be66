"""Current usage, budgets and plan limits, and alerts about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.budgets import Alert, AlertPolicy, Budget
    from spendlight.metering.plan import AgentPlan, PlanReading
    from spendlight.metering.team_budgets import TeamBudgets
    from spendlight.tracker.alerting import AlertDesk
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.plan import PlanBook
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.questions.budgets import BudgetQuestion
    from spendlight.tracker.questions.desk import QuestionDesk
    from spendlight.tracker.reading import LogReader
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.snapshot import UsageSnapshot


class CurrentUsage:
    """Takes snapshots of current usage, and checks the budgets that were set.

    One thread at a time may check; any thread may take snapshots and set other budgets meanwhile.

    Args:
        options: The time zone, the cost mode, and where plan limits are kept.
        keeper: Keeps the ledger that stores alerts.
        reader: Knows the data folders.
        prices: Those in force; a change of prices must not raise alerts.
        desk: Answers questions.
    """

    def __init__(
        self,
        options: TrackerOptions,
        keeper: LedgerKeeper,
        reader: LogReader,
        prices: PricesInForce,
        desk: QuestionDesk,
    ) -> None:
        self._options = options
        self._keeper = keeper
        self._reader = reader
        self._prices = prices
        self._desk = desk
        self._alerts: AlertDesk | None = None
        self._plan_book: PlanBook | None = None

    def use_budgets(self, budgets: Iterable[Budget], policy: AlertPolicy, week_start: int) -> None:
        """Check the usage against budgets from now on; see `UsageTracker.use_budgets`."""
        if self._alerts is None:
            from spendlight.tracker.alerting import AlertDesk  # the terminal raises no alerts

            self._alerts = AlertDesk(self._keeper)
        self._alerts.use(budgets, policy, week_start)

    def look(self, *, is_whole: bool) -> tuple[UsageSnapshot, tuple[Alert, ...]]:
        """Return a snapshot of current usage, and the alerts to show.

        Args:
            is_whole: Whether all logs were read.
        """
        now = datetime.now(UTC)
        if self._alerts is None:
            return self._snapshot(now, None), ()
        return self._alerts.look(
            lambda question: self._snapshot(now, question),
            now,
            self._options.time_zone,
            lambda: f"{self._prices.table.fingerprint}|{self._options.cost_mode}",
            is_whole=is_whole,
        )

    def snapshot(
        self, now: datetime, *, with_plan: bool, agents: tuple[str, ...] = ()
    ) -> UsageSnapshot:
        """Return a snapshot of a moment.

        Args:
            now: The moment.
            with_plan: Whether to include the plan limits.
            agents: Only usage of these agents, by their names in the ledger; by default all.
        """
        question = self._alerts.question if self._alerts is not None else None
        return self._snapshot(now, question, with_plan=with_plan, agents=agents)

    def plan_limits(self, now: datetime) -> tuple[PlanReading, ...]:
        """Return what Claude Code last reported about the plan limits, if it is still valid."""
        if self._plan_book is None:
            from spendlight.tracker.plan import PlanBook  # reports need none
            from spendlight.tracker.plan_notes import limits_folder

            self._plan_book = PlanBook(limits_folder(self._options))
        homes = [root.folder for root in self._reader.roots if not root.parent]
        return self._plan_book.readings(homes, now)

    def agent_plans(self, now: datetime) -> tuple[AgentPlan, ...]:
        """Return what the logs of other agents say about their plan limits, if still valid."""
        if all(root.agent.limits is None or not root.exists for root in self._reader.roots):
            return ()
        from spendlight.tracker.plan import agent_plans  # few have such an agent

        return agent_plans(self._reader.roots, now)

    @property
    def team_budgets(self) -> TeamBudgets | None:
        """The team's budgets that are in force; None if there is none."""
        question = self._alerts.question if self._alerts is not None else None
        if question is None or not question.of_team:
            return None
        from spendlight.metering.team_budgets import TeamBudgets  # most people have no team

        options = self._options
        return TeamBudgets(
            question.of_team, question.week_start, options.time_zone, options.cost_mode
        )

    def _snapshot(
        self,
        now: datetime,
        question: BudgetQuestion | None,
        *,
        with_plan: bool = True,
        agents: tuple[str, ...] = (),
    ) -> UsageSnapshot:
        from spendlight.tracker.questions.moment import Moment  # most reports are of the past
        from spendlight.tracker.questions.selection import Selection

        if question is not None and question.of_team:
            from spendlight.tracker.team.budget_readings import known_readings  # as above

            question = question.knowing_team(known_readings(self._options.ledger_folder))
        options = self._options
        selection = Selection(options.time_zone, mode=options.cost_mode, agents=agents)
        has_root = any(root.exists for root in self._reader.roots)
        plan = self.plan_limits(now) if with_plan else ()
        plans = self.agent_plans(now) if with_plan else ()
        return self._desk.ask(Moment(now, has_root, question, plan, selection, plans))

"""The present: how it looks, how far its limits are used, and what the user is told of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.budgets import Alert, AlertPolicy, Budget
    from spendlight.metering.plan import PlanReading
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
    """Looks at the present, and tells of the limits that were set.

    One thread at a time may look; snapshots may be taken and other limits be given from any thread
    meanwhile.

    Args:
        options: Where days begin, whose word to take for the cost, and where the plan's limits are.
        keeper: Keeps the ledger that remembers alerts.
        reader: Knows the data folders.
        prices: Those in force; no alert may come of others taking their place.
        desk: Answers what there is to know.
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

    def use_limits(self, limits: Iterable[Budget], policy: AlertPolicy, week_start: int) -> None:
        """Hold the usage against limits from now on; see `UsageTracker.use_limits`."""
        if self._alerts is None:
            from spendlight.tracker.alerting import AlertDesk  # the terminal tells no alerts

            self._alerts = AlertDesk(self._keeper)
        self._alerts.use(limits, policy, week_start)

    def look(self, *, is_whole: bool) -> tuple[UsageSnapshot, tuple[Alert, ...]]:
        """Return the present moment, and what to tell of it.

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

    def snapshot(self, now: datetime, *, with_plan: bool) -> UsageSnapshot:
        """Return how a moment looks in what is known.

        Args:
            now: The moment.
            with_plan: Whether the limits of the plan are wanted, too.
        """
        question = self._alerts.question if self._alerts is not None else None
        return self._snapshot(now, question, with_plan=with_plan)

    def plan_limits(self, now: datetime) -> tuple[PlanReading, ...]:
        """Return what Claude Code said last of its plan's limits, and what is left of that now."""
        if self._plan_book is None:
            from spendlight.tracker.plan import PlanBook  # reports need none
            from spendlight.tracker.plan_notes import limits_folder

            self._plan_book = PlanBook(limits_folder(self._options))
        homes = [root.folder for root in self._reader.roots if not root.parent]
        return self._plan_book.present(homes, now)

    def _snapshot(
        self, now: datetime, question: BudgetQuestion | None, *, with_plan: bool = True
    ) -> UsageSnapshot:
        from spendlight.tracker.questions.moment import Moment  # most reports are of the past
        from spendlight.tracker.questions.selection import Selection

        selection = Selection(self._options.time_zone, mode=self._options.cost_mode)
        has_root = any(root.exists for root in self._reader.roots)
        plan = self.plan_limits(now) if with_plan else ()
        return self._desk.ask(Moment(now, has_root, question, plan, selection))

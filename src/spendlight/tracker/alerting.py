"""Checks the budgets after each refresh, and decides which alerts to show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from spendlight.errors import LedgerBusyError
from spendlight.metering.alert_rules import Cause, Look, keys_in_question, settled_until
from spendlight.metering.alerting import decide
from spendlight.metering.budgets import AlertPolicy, Budget, Metric, Mute
from spendlight.tracker.questions.budgets import BudgetQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, tzinfo

    from spendlight.metering.alert_rules import AlertMemory
    from spendlight.metering.budgets import Alert, AlertRecord
    from spendlight.metering.slices import ModelSpending
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.snapshot import RecentUsage, UsageSnapshot

KEPT_FOR: Final = timedelta(minutes=30)
"""How long the ledger may lag behind the last check, as an idle tray writes little. After that the
state is written even if unchanged, or a restart would take an added old log for new usage."""


@dataclass(frozen=True, slots=True)
class _Rules:
    budgets: tuple[Budget, ...] = ()
    policy: AlertPolicy = field(default_factory=AlertPolicy)
    week_start: int = 6


class AlertDesk:
    """Decides about alerts, and keeps its state in the ledger: no process repeats another's alert.

    One thread at a time may check; any thread may set other budgets meanwhile.
    """

    def __init__(self, keeper: LedgerKeeper) -> None:
        self._keeper = keeper
        self._rules = _Rules()
        self._stored: AlertMemory | None = None
        self._latest: AlertMemory | None = None
        self._delivered: set[str] = set()

    def use(self, budgets: Iterable[Budget], policy: AlertPolicy, week_start: int) -> None:
        """Check the usage against these budgets from now on."""
        self._rules = _Rules(tuple(budgets), policy, week_start)

    @property
    def question(self) -> BudgetQuestion:
        """The question about budgets that a snapshot must answer."""
        return BudgetQuestion(self._rules.budgets, self._rules.week_start)

    def look(
        self,
        take_snapshot: Callable[[BudgetQuestion], UsageSnapshot],
        now: datetime,
        zone: tzinfo,
        prices: Callable[[], str],
        *,
        is_whole: bool,
    ) -> tuple[UsageSnapshot, tuple[Alert, ...]]:
        """Take a snapshot and decide which alerts to show; none if another process is doing so.

        Args:
            take_snapshot: Takes it at *now*, and answers a question about budgets with it.
            now: The current time.
            zone: The user's time zone, which also decides where days begin.
            prices: Returns an identifier of the prices in force and of how they are used; another
                thread may change them.
            is_whole: Whether all logs were read.
        """
        rules = self._rules
        question = BudgetQuestion(rules.budgets, rules.week_start)
        if not any(budget.is_in_force for budget in rules.budgets):
            return take_snapshot(question), ()
        memory = self._keeper.use(self._recall)
        settled = settled_until(now)
        asked = (settled if memory is None else memory.settled_until, settled)
        fingerprint = prices()
        snapshot = take_snapshot(replace(question, settled=asked))
        look = Look(
            now=now,
            at=snapshot.at,
            zone=zone,
            basis=f"{fingerprint}|{zone}|{rules.week_start}",
            states=snapshot.budgets,
            settled_until=settled,
            causes={budget.name: cause_of(budget, snapshot.recent) for budget in rules.budgets},
            is_whole=is_whole and prices() == fingerprint,
        )
        try:
            return snapshot, self._keeper.use(lambda: self._decide(rules.policy, memory, look))
        except LedgerBusyError:
            return snapshot, ()  # there will be another check

    def _recall(self) -> AlertMemory | None:
        """Return the state at the last check, in whichever process that was.

        A ledger that replaced another one may have none.
        """
        with self._keeper.open() as ledger:
            stored = ledger.alerts.memory()
        if stored != self._stored:
            self._stored = stored
            self._latest = stored or self._latest
        return self._latest

    def _decide(
        self, policy: AlertPolicy, memory: AlertMemory | None, look: Look
    ) -> tuple[Alert, ...]:
        with self._keeper.open() as ledger, ledger.alerts.as_only_writer():
            store = ledger.alerts
            if store.memory() != self._stored:
                return ()  # another process was faster
            keys = keys_in_question(memory, look.states)
            delivered = store.delivered(keys)
            unknown = (self._delivered & keys) - delivered  # to a ledger that replaced another one
            decision = decide(policy, store.mute(), memory, delivered | unknown, look)
            store.deliver((*sorted(unknown), *decision.delivered), decision.records)
            is_kept = _is_due(self._stored, decision.memory)
            if is_kept:
                store.remember(decision.memory)
        self._delivered.update(delivered, decision.delivered)
        self._latest = decision.memory
        if is_kept:
            self._stored = decision.memory
        return decision.alerts


def mute(keeper: LedgerKeeper, until: datetime | None, now: datetime) -> None:
    """Mute alerts until a moment; None unmutes them.

    Unmuting is stored, too, so that of two ledgers the later decision is known.
    """

    def write() -> None:
        with keeper.open() as ledger:
            ledger.alerts.set_mute(Mute(now, now if until is None else until))

    keeper.use(write)


def muted_until(keeper: LedgerKeeper, now: datetime) -> datetime | None:
    """Return until when the user has muted alerts, or None."""

    def read() -> Mute | None:
        with keeper.open() as ledger:
            return ledger.alerts.mute()

    wish = keeper.use(read)
    return wish.until if wish is not None and wish.holds(now) else None


def alert_log(keeper: LedgerKeeper, count: int) -> tuple[AlertRecord, ...]:
    """Return the last alerts, the latest first."""

    def read() -> tuple[AlertRecord, ...]:
        with keeper.open() as ledger:
            return ledger.alerts.log(count)

    return keeper.use(read)


def cause_of(budget: Budget, recent: Iterable[RecentUsage]) -> Cause:
    """Return which session and model used most of a budget in the last hour."""

    def amount(model: ModelSpending) -> float:
        return model.tokens.total if budget.metric is Metric.TOKENS else model.cost

    found = [
        (amount(model), usage.last_at, usage.name, model.label)
        for usage in recent
        for model in usage.spending.models
        if budget.project in {"", usage.name.project}
        and budget.model in {"", model.label}
        and budget.agent in {"", usage.agent}
    ]
    if not found or budget.is_of_team:  # another machine may have caused it
        return Cause()
    _, _, name, label = max(found)
    return Cause(name.project, name.session, label)


def _is_due(stored: AlertMemory | None, latest: AlertMemory | None) -> bool:
    """Return whether the state must be written now."""
    if stored is None or latest is None:
        return stored is not latest
    return stored.lasting != latest.lasting or abs(latest.seen_at - stored.seen_at) >= KEPT_FOR

"""Looks at the limits after each refresh, and says what the user must be told of them."""

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
"""So long the ledger may lag behind what a look saw, as an idle tray writes little. What has not
changed by then is written all the same, lest a restart take an old log that was added for use."""


@dataclass(frozen=True, slots=True)
class _Rules:
    limits: tuple[Budget, ...] = ()
    policy: AlertPolicy = field(default_factory=AlertPolicy)
    week_start: int = 6


class AlertDesk:
    """Decides about alerts, with the ledger as its memory: what one process told, none repeats.

    One thread at a time may look; other limits may be given from any thread meanwhile.
    """

    def __init__(self, keeper: LedgerKeeper) -> None:
        self._keeper = keeper
        self._rules = _Rules()
        self._stored: AlertMemory | None = None
        self._latest: AlertMemory | None = None
        self._delivered: set[str] = set()

    def use(self, limits: Iterable[Budget], policy: AlertPolicy, week_start: int) -> None:
        """Hold the usage against these limits from now on."""
        self._rules = _Rules(tuple(limits), policy, week_start)

    @property
    def question(self) -> BudgetQuestion:
        """What a snapshot is asked about the limits."""
        return BudgetQuestion(self._rules.limits, self._rules.week_start)

    def look(
        self,
        take_snapshot: Callable[[BudgetQuestion], UsageSnapshot],
        now: datetime,
        zone: tzinfo,
        prices: Callable[[], str],
        *,
        is_whole: bool,
    ) -> tuple[UsageSnapshot, tuple[Alert, ...]]:
        """Take a snapshot and decide what to tell of it; where another process does, nothing.

        Args:
            take_snapshot: Takes it at *now*, and answers a question about limits along with it.
            now: The moment.
            zone: Where days begin, and where the user's clock is.
            prices: Names the prices in force and how they are used; another thread may change that.
            is_whole: Whether all logs were read.
        """
        rules = self._rules
        question = BudgetQuestion(rules.limits, rules.week_start)
        if not any(limit.is_in_force for limit in rules.limits):
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
            states=snapshot.limits,
            settled_until=settled,
            causes={limit.name: cause_of(limit, snapshot.recent) for limit in rules.limits},
            is_whole=is_whole and prices() == fingerprint,
        )
        try:
            return snapshot, self._keeper.use(lambda: self._decide(rules.policy, memory, look))
        except LedgerBusyError:
            return snapshot, ()  # there will be another look

    def _recall(self) -> AlertMemory | None:
        """Return what the last look saw, by whichever process that was.

        A ledger that has taken the place of another may know of none.
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
            unknown = (self._delivered & keys) - delivered  # to a ledger that stands in for another
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
    """Tell nothing until a moment; None ends that.

    That it has ended is kept as a wish, too, so that of two ledgers the later one can be told.
    """

    def write() -> None:
        with keeper.open() as ledger:
            ledger.alerts.set_mute(Mute(now, now if until is None else until))

    keeper.use(write)


def muted_until(keeper: LedgerKeeper, now: datetime) -> datetime | None:
    """Return until when the user wants to hear nothing, or None."""

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


def cause_of(limit: Budget, recent: Iterable[RecentUsage]) -> Cause:
    """Return which session, by which model, used most of a limit in the last hour."""

    def amount(model: ModelSpending) -> float:
        return model.tokens.total if limit.metric is Metric.TOKENS else model.cost

    found = [
        (amount(model), usage.last_at, usage.name, model.label)
        for usage in recent
        for model in usage.spending.models
        if limit.project in {"", usage.name.project} and limit.model in {"", model.label}
    ]
    if not found:
        return Cause()
    _, _, name, label = max(found)
    return Cause(name.project, name.session, label)


def _is_due(stored: AlertMemory | None, latest: AlertMemory | None) -> bool:
    """Return whether what was seen must be written now."""
    if stored is None or latest is None:
        return stored is not latest
    return stored.lasting != latest.lasting or abs(latest.seen_at - stored.seen_at) >= KEPT_FOR

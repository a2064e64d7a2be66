"""Checks one budget: whether an alert is due, and whether the figures are reliable."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum, auto
from typing import Final

from spendlight.metering.budgets import (
    TOLERANCE,
    Alert,
    Budget,
    BudgetState,
    Metric,
    Severity,
    reaches,
)

UNBROKEN: Final = timedelta(minutes=10)
"""If the last check was that recent, it saw a new period begin with nothing used in it."""

SETTLED_AFTER: Final = timedelta(minutes=5)
"""Usage older than this no longer changes, unless logs arrive late or sums are recomputed."""

STABLE: Final = timedelta(seconds=30)
"""A forecast must hold for this long, as a single expensive answer is not a trend."""

IN_GOOD_TIME: Final = timedelta(minutes=10)
"""A budget that lasts until this shortly before the end of its period is sufficient."""

NEARLY_ALL: Final = 0.9
"""If less was used, nobody is waiting for the period to end."""

NEWS: Final = timedelta(hours=1)
"""A period that ended longer ago than this is not announced."""

_WHOLE: Final = (1.0,)
_NO_TIME: Final = timedelta()
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cause:
    """The source of most of the last hour's usage, within the scope of a budget."""

    project: str = ""
    session: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One check of the budgets.

    Attributes:
        now: The current time.
        at: The time of the figures.
        zone: The user's time zone.
        basis: Identifies what the figures are based on: prices, time zone, first day of the week.
        states: Each budget in force. Its `settled` is the usage before the memory's
            `settled_until`, and before `settled_until` here.
        settled_until: The next check compares the usage before this moment.
        causes: By the budget's name.
        is_whole: Whether all logs were read.
    """

    now: datetime
    at: datetime
    zone: tzinfo
    basis: str
    states: tuple[BudgetState, ...]
    settled_until: datetime
    causes: Mapping[str, Cause] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMemory:
    """What is remembered of one budget.

    Attributes:
        definition: How the budget was defined.
        instance: The last period that was seen.
        resets_at: When that ends.
        share: The share of it that was used.
        settled: The usage before the memory's `settled_until`.
        since: Since when a forecast has held.
        basis: What a team's figures were based on.
    """

    definition: str
    instance: str = ""
    resets_at: datetime | None = None
    share: float = 0.0
    settled: float = 0.0
    since: datetime | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMemory:
    """What is remembered from one check to the next.

    Attributes:
        basis: What the figures were based on.
        seen_at: When the last check was.
        settled_until: The moment before which nothing should change any more.
        rules: By the budget's name.
        shown_at: When an alert was last shown.
        pending: Alerts that must wait because another one was just shown.
        held: Alerts that were raised while muted.
    """

    basis: str
    seen_at: datetime
    settled_until: datetime
    rules: dict[str, RuleMemory] = field(default_factory=dict)
    shown_at: datetime | None = None
    pending: Alert | None = None
    held: Alert | None = None

    @property
    def lasting(self) -> AlertMemory:
        """The part without which a restart would repeat an alert or miss one."""
        rules = {
            name: replace(rule, share=float(rule.share >= NEARLY_ALL), settled=0.0, since=None)
            for name, rule in self.rules.items()
        }
        return replace(self, rules=rules, seen_at=_NEVER, settled_until=_NEVER)


def settled_until(now: datetime) -> datetime:
    """Return the moment before which nothing should change any more: a full quarter of an hour."""
    settled = now - SETTLED_AFTER
    return settled.replace(minute=settled.minute // 15 * 15, second=0, microsecond=0)


def keys_in_question(memory: AlertMemory | None, states: Iterable[BudgetState]) -> set[str]:
    """Return all keys that a decision may look up."""
    keys: set[str] = set()
    for state in states:
        known = _known(memory, state.budget)
        instance = state.instance
        if state.budget.metric is Metric.RESET:
            instance = known.instance if known else ""
        keys.update(_key(state.budget, instance, level) for level in _levels(state.budget))
    return keys


class _Footing(Enum):
    """How the figures of a budget relate to those of the last check."""

    FIRST = auto()
    """There are no earlier figures."""
    RENEWED = auto()
    """They have another basis."""
    ONWARD = auto()
    """They continue the earlier ones."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for a budget.

    Attributes:
        rule: What to remember of it.
        alert: The alert to show.
        delivered: Keys that are never to be shown again.
    """

    rule: RuleMemory
    alert: Alert | None = None
    delivered: tuple[str, ...] = ()


def judge(
    state: BudgetState, memory: AlertMemory | None, delivered: Collection[str], look: Look
) -> Verdict:
    """Return the outcome for one budget."""
    budget = state.budget
    if budget.metric is Metric.RESET:
        return _judge_reset(state, memory, delivered, look)
    known = _known(memory, budget)
    if not state.instance or state.is_lower_bound:
        return Verdict(known or RuleMemory(definition=_definition(budget)))
    footing = _footing(state, known, memory, look)
    late = _late(state, known) if footing is _Footing.ONWARD else 0.0
    since = _since(state, known, memory, look)
    rule = RuleMemory(
        definition=_definition(budget),
        instance=state.instance,
        resets_at=state.resets_at,
        share=state.share,
        settled=state.settled[1],
        since=since,
        basis=state.basis,
    )
    met = _met(state, state.used)
    keys = tuple(_key(budget, state.instance, level) for level in met)
    new = tuple(key for key in keys if key not in delivered)
    if not met or keys[-1] not in new:
        return Verdict(rule, None, new)
    if budget.metric is Metric.FORECAST:
        if footing is _Footing.RENEWED or (late and since == look.now):
            return Verdict(rule, None, new)
        is_due = since is not None and look.now - since >= STABLE
        return Verdict(rule, _alert(state, 1.0, look), new) if is_due else Verdict(rule)
    if footing is _Footing.FIRST:
        is_due = met[-1] == budget.steps[-1]
    elif footing is _Footing.RENEWED or (late and budget.metric is Metric.BURN):
        is_due = False
    else:
        is_due = met[-1] in _met(state, state.used - late)
    return Verdict(rule, _alert(state, met[-1], look) if is_due else None, new)


def _footing(
    state: BudgetState, known: RuleMemory | None, memory: AlertMemory | None, look: Look
) -> _Footing:
    if known is None or memory is None:
        return _Footing.FIRST
    if state.budget.is_of_team and not known.instance:
        return _Footing.FIRST  # it was not known how much was used before
    if _has_other_basis(state, known, memory, look):
        return _Footing.RENEWED
    if known.instance == state.instance:
        return _Footing.ONWARD
    if known.resets_at and state.starts_at and state.starts_at < known.resets_at:
        # Periods do not overlap; if these do, the clock or the first answer has changed.
        return _Footing.RENEWED
    return _Footing.ONWARD if _is_unbroken(memory, look) else _Footing.FIRST


def _has_other_basis(
    state: BudgetState, known: RuleMemory, memory: AlertMemory, look: Look
) -> bool:
    if state.budget.is_of_team:  # measured by another process, with the prices that it had
        return bool(known.basis != state.basis)
    # Claude Code's figures do not depend on prices.
    return memory.basis != look.basis and state.budget.metric is not Metric.PLAN


def _is_unbroken(memory: AlertMemory, look: Look) -> bool:
    return _NO_TIME <= look.now - memory.seen_at <= UNBROKEN


def _late(state: BudgetState, known: RuleMemory | None) -> float:
    """Return how much usage arrived late: the growth of what was settled before."""
    before = known.settled if known is not None and known.instance == state.instance else 0.0
    late = state.settled[0] - before
    return late if late > TOLERANCE * max(1.0, abs(before)) else 0.0


def _since(
    state: BudgetState, known: RuleMemory | None, memory: AlertMemory | None, look: Look
) -> datetime | None:
    """Return since when the current forecast has held."""
    if state.budget.metric is not Metric.FORECAST or not _met(state, state.used):
        return None
    if known is None or memory is None or known.instance != state.instance:
        return look.now
    return known.since if known.since and _is_unbroken(memory, look) else look.now


def _met(state: BudgetState, used: float) -> tuple[float, ...]:
    """Return the levels that have been reached, ascending."""
    budget = state.budget
    if budget.metric is Metric.FORECAST:
        if state.exhausted_at is None or state.resets_at is None:
            return ()
        return _WHOLE if state.exhausted_at <= state.resets_at - IN_GOOD_TIME else ()
    if budget.metric is Metric.BURN and state.is_early:
        return ()
    return tuple(level for level in budget.steps if reaches(used, level * budget.amount))


def _judge_reset(
    state: BudgetState, memory: AlertMemory | None, delivered: Collection[str], look: Look
) -> Verdict:
    budget = state.budget
    known = _known(memory, budget)
    fresh = RuleMemory(
        definition=_definition(budget),
        instance=state.instance,
        resets_at=state.resets_at,
        share=state.used,
    )
    if known is None or memory is None or known.resets_at is None:
        return Verdict(fresh)
    if look.now < known.resets_at:  # wait for its end, if no other one has begun
        return Verdict(fresh if state.instance or look.now < memory.seen_at else known)
    key = _key(budget, known.instance, 1.0)
    if not reaches(known.share, NEARLY_ALL) or key in delivered:
        return Verdict(fresh)
    if look.now - known.resets_at > NEWS:
        return Verdict(fresh, None, (key,))
    told = replace(state, used=known.share, resets_at=known.resets_at)
    return Verdict(fresh, replace(_alert(told, 1.0, look), key=key), (key,))


def _alert(state: BudgetState, level: float, look: Look) -> Alert:
    budget = state.budget
    is_critical = budget.metric not in {Metric.FORECAST, Metric.RESET} and level == budget.steps[-1]
    cause = look.causes.get(budget.name, Cause())
    return Alert(
        key=_key(budget, state.instance, level),
        budget=budget,
        level=level,
        severity=Severity.CRITICAL if is_critical else Severity.WARN,
        used=state.used,
        at=look.now,
        project=cause.project,
        session=cause.session,
        model=cause.model,
        resets_at=state.resets_at,
        exhausted_at=state.exhausted_at if budget.metric is Metric.FORECAST else None,
    )


def _known(memory: AlertMemory | None, budget: Budget) -> RuleMemory | None:
    known = memory.rules.get(budget.name) if memory is not None else None
    return known if known is not None and known.definition == _definition(budget) else None


def _definition(budget: Budget) -> str:
    return f"{budget.rule}|{budget.steps}"


def _levels(budget: Budget) -> tuple[float, ...]:
    return _WHOLE if budget.metric in {Metric.FORECAST, Metric.RESET} else budget.steps


def _key(budget: Budget, instance: str, level: float) -> str:
    return f"{budget.rule}|{instance}|{level:.9g}"

"""What one look says of one limit: whether there is something to tell, and whether it is sure."""

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
"""Who looked that recently has seen a new period begin, and with nothing used in it."""

SETTLED_AFTER: Final = timedelta(minutes=5)
"""What was used longer ago does not change any more, unless logs come late or sums are renewed."""

STABLE: Final = timedelta(seconds=30)
"""A forecast must hold for so long, as one dear answer at a time is no trend."""

IN_GOOD_TIME: Final = timedelta(minutes=10)
"""A budget that is spent only so shortly before its period ends is enough."""

NEARLY_ALL: Final = 0.9
"""Nobody waits for the end of a period in which less was used."""

NEWS: Final = timedelta(hours=1)
"""A period that ended longer ago is no news."""

_WHOLE: Final = (1.0,)
_NO_TIME: Final = timedelta()
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cause:
    """Where most of the last hour's usage was, as far as a limit is about it."""

    project: str = ""
    session: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the limits.

    Attributes:
        now: The moment of looking.
        at: The moment that the figures are of.
        zone: Where the user's clock is.
        basis: Names what the figures are reckoned by: prices, time zone, the week's first day.
        states: Each limit in force. Settled is what was used before the memory's `settled_until`,
            and before `settled_until` here.
        settled_until: What was used before will be held against this at the next look.
        causes: By the limit's name.
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
    """What is remembered of one limit.

    Attributes:
        definition: What the limit was then.
        instance: The last period that was seen.
        resets_at: When that ends.
        share: What was used of it.
        settled: What was used of it before the memory's `settled_until`.
        since: Since when a forecast has held.
    """

    definition: str
    instance: str = ""
    resets_at: datetime | None = None
    share: float = 0.0
    settled: float = 0.0
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMemory:
    """What is remembered from one look to the next.

    Attributes:
        basis: What the figures were reckoned by.
        seen_at: When the last look was.
        settled_until: The moment before which nothing should change any more.
        rules: By the limit's name.
        shown_at: When there was an alert last.
        pending: What must wait, as there was one just before.
        held: What came about while alerts were muted.
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
        """The part without which a restart would tell something twice, or not at all."""
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
    """Return all keys that a decision may ask for."""
    keys: set[str] = set()
    for state in states:
        known = _known(memory, state.limit)
        instance = state.instance
        if state.limit.metric is Metric.RESET:
            instance = known.instance if known else ""
        keys.update(_key(state.limit, instance, level) for level in _levels(state.limit))
    return keys


class _Footing(Enum):
    """How the figures of a limit stand to those of the last look."""

    FIRST = auto()
    """There are none to compare them with."""
    RENEWED = auto()
    """They are reckoned in another way."""
    ONWARD = auto()
    """They have grown from them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a limit.

    Attributes:
        rule: What to remember of it.
        alert: What to tell.
        delivered: Keys that are never told again.
    """

    rule: RuleMemory
    alert: Alert | None = None
    delivered: tuple[str, ...] = ()


def judge(
    state: BudgetState, memory: AlertMemory | None, delivered: Collection[str], look: Look
) -> Verdict:
    """Return what comes of one limit."""
    limit = state.limit
    if limit.metric is Metric.RESET:
        return _judge_reset(state, memory, delivered, look)
    known = _known(memory, limit)
    if not state.instance:
        return Verdict(known or RuleMemory(definition=_definition(limit)))
    footing = _footing(state, known, memory, look)
    late = _late(state, known) if footing is _Footing.ONWARD else 0.0
    since = _since(state, known, memory, look)
    rule = RuleMemory(
        definition=_definition(limit),
        instance=state.instance,
        resets_at=state.resets_at,
        share=state.share,
        settled=state.settled[1],
        since=since,
    )
    met = _met(state, state.used)
    keys = tuple(_key(limit, state.instance, level) for level in met)
    new = tuple(key for key in keys if key not in delivered)
    if not met or keys[-1] not in new:
        return Verdict(rule, None, new)
    if limit.metric is Metric.FORECAST:
        if footing is _Footing.RENEWED or (late and since == look.now):
            return Verdict(rule, None, new)
        is_due = since is not None and look.now - since >= STABLE
        return Verdict(rule, _alert(state, 1.0, look), new) if is_due else Verdict(rule)
    if footing is _Footing.FIRST:
        is_due = met[-1] == limit.steps[-1]
    elif footing is _Footing.RENEWED or (late and limit.metric is Metric.BURN):
        is_due = False
    else:
        is_due = met[-1] in _met(state, state.used - late)
    return Verdict(rule, _alert(state, met[-1], look) if is_due else None, new)


def _footing(
    state: BudgetState, known: RuleMemory | None, memory: AlertMemory | None, look: Look
) -> _Footing:
    if known is None or memory is None:
        return _Footing.FIRST
    if memory.basis != look.basis and state.limit.metric is not Metric.PLAN:
        return _Footing.RENEWED  # what Claude Code says is not reckoned by any prices
    if known.instance == state.instance:
        return _Footing.ONWARD
    if known.resets_at and state.starts_at and state.starts_at < known.resets_at:
        # Periods follow one another; where they overlap, the clock or the first answer has moved.
        return _Footing.RENEWED
    return _Footing.ONWARD if _is_unbroken(memory, look) else _Footing.FIRST


def _is_unbroken(memory: AlertMemory, look: Look) -> bool:
    return _NO_TIME <= look.now - memory.seen_at <= UNBROKEN


def _late(state: BudgetState, known: RuleMemory | None) -> float:
    """Return how much came late: of what was settled already, there is more now."""
    before = known.settled if known is not None and known.instance == state.instance else 0.0
    late = state.settled[0] - before
    return late if late > TOLERANCE * max(1.0, abs(before)) else 0.0


def _since(
    state: BudgetState, known: RuleMemory | None, memory: AlertMemory | None, look: Look
) -> datetime | None:
    """Return since when a forecast has held that holds now."""
    if state.limit.metric is not Metric.FORECAST or not _met(state, state.used):
        return None
    if known is None or memory is None or known.instance != state.instance:
        return look.now
    return known.since if known.since and _is_unbroken(memory, look) else look.now


def _met(state: BudgetState, used: float) -> tuple[float, ...]:
    """Return the levels reached, ascending."""
    limit = state.limit
    if limit.metric is Metric.FORECAST:
        if state.exhausted_at is None or state.resets_at is None:
            return ()
        return _WHOLE if state.exhausted_at <= state.resets_at - IN_GOOD_TIME else ()
    if limit.metric is Metric.BURN and state.is_early:
        return ()
    return tuple(level for level in limit.steps if reaches(used, level * limit.amount))


def _judge_reset(
    state: BudgetState, memory: AlertMemory | None, delivered: Collection[str], look: Look
) -> Verdict:
    limit = state.limit
    known = _known(memory, limit)
    fresh = RuleMemory(
        definition=_definition(limit),
        instance=state.instance,
        resets_at=state.resets_at,
        share=state.used,
    )
    if known is None or memory is None or known.resets_at is None:
        return Verdict(fresh)
    if look.now < known.resets_at:  # while no other period has begun, that one is waited for
        return Verdict(fresh if state.instance or look.now < memory.seen_at else known)
    key = _key(limit, known.instance, 1.0)
    if not reaches(known.share, NEARLY_ALL) or key in delivered:
        return Verdict(fresh)
    if look.now - known.resets_at > NEWS:
        return Verdict(fresh, None, (key,))
    told = replace(state, used=known.share, resets_at=known.resets_at)
    return Verdict(fresh, replace(_alert(told, 1.0, look), key=key), (key,))


def _alert(state: BudgetState, level: float, look: Look) -> Alert:
    limit = state.limit
    is_critical = limit.metric not in {Metric.FORECAST, Metric.RESET} and level == limit.steps[-1]
    cause = look.causes.get(limit.name, Cause())
    return Alert(
        key=_key(limit, state.instance, level),
        limit=limit,
        level=level,
        severity=Severity.CRITICAL if is_critical else Severity.WARN,
        used=state.used,
        at=look.now,
        project=cause.project,
        session=cause.session,
        model=cause.model,
        resets_at=state.resets_at,
        exhausted_at=state.exhausted_at if limit.metric is Metric.FORECAST else None,
    )


def _known(memory: AlertMemory | None, limit: Budget) -> RuleMemory | None:
    known = memory.rules.get(limit.name) if memory is not None else None
    return known if known is not None and known.definition == _definition(limit) else None


def _definition(limit: Budget) -> str:
    return f"{limit.rule}|{limit.steps}"


def _levels(limit: Budget) -> tuple[float, ...]:
    return _WHOLE if limit.metric in {Metric.FORECAST, Metric.RESET} else limit.steps


def _key(limit: Budget, instance: str, level: float) -> str:
    return f"{limit.rule}|{instance}|{level:.9g}"

"""Decides which alerts are shown now: each once, one at a time, and none in quiet hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from spendlight.metering.alert_rules import AlertMemory, Look, judge
from spendlight.metering.budgets import (
    Alert,
    AlertFate,
    AlertPolicy,
    AlertRecord,
    Mute,
    Severity,
)

APART: Final = timedelta(seconds=60)
"""The least time between two alerts on the screen."""

TOO_OLD: Final = timedelta(minutes=3)
"""No alert is raised from figures older than this."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a check.

    Attributes:
        alerts: To be shown now: one or none, as several are merged.
        delivered: Keys that are never to be shown again.
        records: Every alert that was raised.
        memory: For the next check.
    """

    alerts: tuple[Alert, ...]
    delivered: tuple[str, ...]
    records: tuple[AlertRecord, ...]
    memory: AlertMemory | None


def decide(
    policy: AlertPolicy,
    mute: Mute | None,
    memory: AlertMemory | None,
    delivered: Collection[str],
    look: Look,
) -> Decision:
    """Decide what to show now.

    Args:
        policy: When alerts may be shown.
        mute: Whether and for how long the user has muted alerts.
        memory: Of the last check; None before the first.
        delivered: Which of the `keys_in_question` have been delivered.
        look: The current figures.
    """
    if not look.is_whole or abs(look.now - look.at) > TOO_OLD:
        return Decision((), (), (), memory)
    if not policy.is_on:
        off = AlertMemory(basis=look.basis, seen_at=look.now, settled_until=look.settled_until)
        return Decision((), (), (), off)
    verdicts = {state.budget.name: judge(state, memory, delivered, look) for state in look.states}
    fired = [verdict.alert for verdict in verdicts.values() if verdict.alert is not None]
    told = _tell(fired, policy, mute, memory, look)
    return Decision(
        told.alerts,
        tuple(key for verdict in verdicts.values() for key in verdict.delivered),
        tuple(AlertRecord(alert=alert, fate=told.fates[alert.key]) for alert in fired),
        AlertMemory(
            basis=look.basis,
            seen_at=look.now,
            settled_until=look.settled_until,
            rules={name: verdict.rule for name, verdict in verdicts.items()},
            shown_at=told.shown_at,
            pending=told.pending,
            held=told.held,
        ),
    )


def is_hushed(
    policy: AlertPolicy, mute: Mute | None, severity: Severity, now: datetime, zone: tzinfo
) -> bool:
    """Return whether an alert may not be shown now."""
    if mute is not None and mute.holds(now):
        return True
    if severity is Severity.CRITICAL and policy.critical_breaks_quiet:
        return False
    return policy.is_quiet(now, zone)


@dataclass(frozen=True, slots=True)
class _Told:
    alerts: tuple[Alert, ...]
    fates: dict[str, AlertFate]
    shown_at: datetime | None
    pending: Alert | None
    held: Alert | None


def _tell(
    fired: list[Alert],
    policy: AlertPolicy,
    mute: Mute | None,
    memory: AlertMemory | None,
    look: Look,
) -> _Told:
    """Show what may be shown now, as one alert; keep the rest."""

    def hushed(severity: Severity) -> bool:
        return is_hushed(policy, mute, severity, look.now, look.zone)

    shown_at = memory.shown_at if memory is not None else None
    if shown_at is not None and shown_at > look.now:
        shown_at = look.now  # the clock was set back: start again
    held = [memory.held] if memory is not None and memory.held is not None else []
    waiting = [memory.pending] if memory is not None and memory.pending is not None else []
    held += [_muted(alert) for alert in (*waiting, *fired) if hushed(alert.severity)]
    waiting = [alert for alert in (*waiting, *fired) if not hushed(alert.severity)]
    sayable = waiting if hushed(Severity.WARN) else [*waiting, *held]
    is_free = shown_at is None or look.now - shown_at >= APART
    fates = {
        alert.key: AlertFate.MUTED
        if hushed(alert.severity)
        else AlertFate.SHOWN
        if is_free
        else AlertFate.DELAYED
        for alert in fired
    }
    if not sayable or not is_free:
        return _Told((), fates, shown_at, _merged(waiting), _merged(held))
    toast = _merged(sayable)
    left = _merged(held) if hushed(Severity.WARN) else None
    return _Told((toast,) if toast else (), fates, look.now, None, left)


def _muted(alert: Alert) -> Alert:
    return replace(alert, was_muted=True)


def _merged(alerts: list[Alert]) -> Alert | None:
    """Return the one that represents all: new before old, then critical, then the latest."""
    if not alerts:
        return None
    head = max(alerts, key=lambda a: (not a.was_muted, a.severity is Severity.CRITICAL, a.at))
    return replace(head, others=sum(alert.others + 1 for alert in alerts) - 1)

"""The keys of the settings file: how each value is parsed and written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.budgets import BudgetOf, BudgetPeriod, Metric
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.pricing import CostMode
from spendlight.settings.values import Appearance, TrayText

if TYPE_CHECKING:
    from collections.abc import Callable

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LIMITS: Final = "limits"
ALERTS: Final = "alerts"
AGENTS: Final = "agents"
"""The keys of tables: budgets and rules have been called limits in it from the beginning."""


class UnusableValueError(Exception):
    """A value cannot be used; the text says what it must be."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the settings file, and the field of the same name.

    Attributes:
        read: Converts the file's value to the field's, or raises `UnusableValueError`.
        write: Converts the field's value to the file's.
    """

    name: str
    read: Callable[[object], object]
    write: Callable[[Any], object] = lambda value: value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    msg = "a string in quotation marks"
    raise UnusableValueError(msg)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = "true or false"
    raise UnusableValueError(msg)


def _amount(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
        with suppress(OverflowError):
            return float(value)
    msg = "a number of at least 0"
    raise UnusableValueError(msg)


def _levels(value: object) -> tuple[float, ...]:
    msg = "a list of fractions above 0, such as [0.8, 1.0]"
    if not isinstance(value, list) or not value:
        raise UnusableValueError(msg)
    try:
        levels = tuple(_amount(item) for item in value)
    except UnusableValueError:
        raise UnusableValueError(msg) from None
    if 0 in levels:
        raise UnusableValueError(msg)
    return levels


def _choice(kind: type[StrEnum]) -> Callable[[object], object]:
    def read(value: object) -> StrEnum:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        names = ", ".join(f'"{word}"' for word in kind)
        msg = f"one of {names}"
        raise UnusableValueError(msg)

    return read


def _weekday(value: object) -> int:
    if isinstance(value, str) and value.lower() in WEEKDAYS:
        return WEEKDAYS.index(value.lower())
    msg = 'a day of the week, such as "monday"'
    raise UnusableValueError(msg)


def _zone(value: object) -> str:
    name = _text(value)
    if name:
        from zoneinfo import ZoneInfo  # only where a zone is named

        try:
            ZoneInfo(name)
        except (OSError, ValueError, LookupError):
            msg = 'the name of a time zone, such as "Europe/Berlin"'
            raise UnusableValueError(msg) from None
    return name


def _agent(value: object) -> str:
    """Return the name of an agent in the ledger; "claude" is what people call its first one."""
    agent = _text(value).strip().casefold()
    return CLAUDE_CODE if agent == "claude" else agent


def _agents(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(dict.fromkeys(map(_agent, value)))
    msg = 'a list of agents, such as ["codex", "gemini"]'
    raise UnusableValueError(msg)


def _agent_folders(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    msg = 'a table of lists of folders by agent, such as { codex = ["~/.codex-work"] }'
    if not isinstance(value, dict):
        raise UnusableValueError(msg)
    try:
        return tuple((_agent(name), _folders(folders)) for name, folders in value.items())
    except UnusableValueError:
        raise UnusableValueError(msg) from None


def _lists(folders: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[str]]:
    return {name: list(of_agent) for name, of_agent in folders}


def _folders(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    msg = 'a list of folders, such as ["~/.claude-work"]'
    raise UnusableValueError(msg)


def _clock(value: object) -> time:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(second=0, microsecond=0)
    msg = "a time of day, such as 22:00:00"
    raise UnusableValueError(msg)


def _weekday_name(number: int) -> str:
    return WEEKDAYS[number]


def _short(amount: float) -> float:
    """Return an amount in short form: 10 and not 10.0."""
    return int(amount) if amount == int(amount) else amount


TOP: Final = (
    Key("tray_text", _choice(TrayText), str),
    Key("starts_at_login", _flag),
    Key("appearance", _choice(Appearance), str),
    Key("config_dirs", _folders, list),
    Key("with_vms", _flag),
    Key("cost_mode", _choice(CostMode), str),
    Key("week_start", _weekday, _weekday_name),
    Key("time_zone", _zone),
    Key("is_offline", _flag),
    Key("check_for_updates", _flag),
    Key("prices_file", _text),
    Key("is_private", _flag),
    Key("has_offered_budgets", _flag),
)
"""The keys with a single value."""

ALERT_POLICY: Final = (
    Key("is_on", _flag),
    Key("quiet_from", _clock),
    Key("quiet_until", _clock),
    Key("critical_breaks_quiet", _flag),
)
"""The keys in the table of alerts."""

AGENT_CHOICES: Final = (
    Key("off", _agents, list),
    Key("folders", _agent_folders, _lists),
)
"""The keys in the table of agents."""

BUDGET_SCOPE: Final = (
    Key("amount", _amount, _short),
    Key("metric", _choice(Metric), str),
    Key("period", _choice(BudgetPeriod), str),
    Key("project", _text),
    Key("model", _text),
    Key("of", _choice(BudgetOf), str),
    Key("person", _text),
    Key("agent", _agent),
)
"""The keys of a budget that define it: with one of them wrong it would be another budget."""

BUDGET_ALERTS: Final = (Key("levels", _levels, list), Key("is_on", _flag))
"""The keys of a budget that define its alerts; each has a default."""

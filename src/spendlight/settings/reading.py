"""Makes settings from the contents of a TOML file; invalid values are reported and replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.budgets import (
    TEAM_METRICS,
    TEAM_PERIODS,
    AlertPolicy,
    Budget,
    BudgetOf,
    BudgetPeriod,
    Metric,
)
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.plan import WHOLE, window_of
from spendlight.settings.keys import (
    AGENT_CHOICES,
    AGENTS,
    ALERT_POLICY,
    ALERTS,
    BUDGET_ALERTS,
    BUDGET_SCOPE,
    LIMITS,
    TOP,
    UnusableValueError,
)
from spendlight.settings.values import AgentChoices, LoadedSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.settings.keys import Key

_QUOTED_CHARS: Final = 60
"""The most characters of an invalid value that are quoted."""


class ReadBudget(NamedTuple):
    """An entry of the file's list of budgets.

    Attributes:
        budget: The budget; None if it cannot be used.
        name: Its name; may be empty if it cannot be used.
    """

    budget: Budget | None
    name: str


def read(content: Mapping[str, object]) -> LoadedSettings:
    """Return the settings in a file."""
    problems: list[str] = []
    values: dict[str, Any] = _values(content, TOP, "", Settings(), problems)
    for name, keys, kind in (
        (ALERTS, ALERT_POLICY, AlertPolicy),
        (AGENTS, AGENT_CHOICES, AgentChoices),
    ):
        table = content.get(name, {})
        if isinstance(table, dict):
            values[name] = kind(**_values(table, keys, f"{name}.", kind(), problems))
        else:
            problems.append(f"{name} must be a table, [{name}]. The defaults are used.")
    budgets = tuple(entry.budget for entry in read_budgets(content.get(LIMITS), problems))
    values["budgets"] = tuple(budget for budget in budgets if budget is not None)
    return LoadedSettings(Settings(**values), tuple(problems))


def read_budgets(found: object, problems: list[str]) -> list[ReadBudget]:
    """Return the budgets of a list, in order.

    Args:
        found: The list, or None if there is none.
        problems: Gets a sentence for each that cannot be used.
    """
    if found is None:
        return []
    if not isinstance(found, list):
        problems.append(f"{LIMITS} must be a list of tables, [[limits]]. It is ignored.")
        return []
    read_so_far: list[ReadBudget] = []
    for number, entry in enumerate(found, 1):
        taken = {read.name for read in read_so_far if read.budget is not None}
        if isinstance(entry, dict):
            read_so_far.append(_budget(entry, number, taken, problems))
        else:
            problems.append(f"{LIMITS} entry {number} must be a table, [[limits]]. It is ignored.")
            read_so_far.append(ReadBudget(None, ""))
    return read_so_far


def unused_name(name: str, taken: Iterable[str]) -> str:
    """Return an unused name: the name itself, or with a number appended."""
    names = frozenset(taken)
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name}-{number}"
    return free


def _budget(
    entry: Mapping[str, object], number: int, taken: set[str], problems: list[str]
) -> ReadBudget:
    said = entry.get("name")
    title = f"{LIMITS} entry {number}"
    if isinstance(said, str) and said:
        title = f'{LIMITS} entry "{said}"'
    values: dict[str, Any] = {}
    try:
        for key in BUDGET_SCOPE:
            if key.name in entry:
                values[key.name] = _value(key, entry, f"{title}: ")
    except _ProblemError as problem:
        problems.append(f"{problem} This entry is ignored.")
        return ReadBudget(None, said if isinstance(said, str) else "")
    reason = _misfit(values)
    if reason:
        problems.append(f"{title}: {reason}. This entry is ignored.")
        return ReadBudget(None, said if isinstance(said, str) else "")
    if values.get("metric") is Metric.PLAN:
        values["amount"] = values.get("amount") or WHOLE
    elif not values.get("amount") and values.get("metric") is not Metric.RESET:
        problems.append(f"{title}: amount must be a number above 0. This entry is ignored.")
        return ReadBudget(None, said if isinstance(said, str) else "")
    plain = Budget(name="")
    values |= _values(entry, BUDGET_ALERTS, f"{title}: ", plain, problems)
    if isinstance(said, str) and said:
        name = unused_name(said, taken)
        if name != said:
            problems.append(f'{title}: another entry has this name. It is called "{name}" here.')
    else:
        period, metric = values.get("period", plain.period), values.get("metric", plain.metric)
        name = unused_name(f"{period}-{metric}", taken)
    return ReadBudget(Budget(name=name, **values), name)


def _misfit(values: Mapping[str, object]) -> str:
    """Return why the keys of a rule do not go together; "" if they do."""
    metric = values.get("metric", Metric.COST)
    period = values.get("period", BudgetPeriod.BLOCK)
    if values.get("of") is BudgetOf.TEAM:
        return _team_misfit(metric, period, values.get("agent"))
    if values.get("person"):
        return 'person needs of = "team"'
    if values.get("agent", CLAUDE_CODE) not in {"", CLAUDE_CODE}:
        return _agent_misfit(metric, period)
    return _plan_misfit(values, period) if metric is Metric.PLAN else ""


def _plan_misfit(values: Mapping[str, object], period: object) -> str:
    """Return why a plan limit cannot have such a rule; "" if it can."""
    if window_of(period) is None:  # type: ignore[arg-type]  # as its key reads it
        return 'for a plan limit, period must be "block" (five hours) or "week"'
    if values.get("project") or values.get("model"):
        return "a plan limit cannot have a project or a model"
    return ""


def _agent_misfit(metric: object, period: object) -> str:
    """Return why usage of another agent than Claude Code cannot have such a budget."""
    if metric in {Metric.BURN, Metric.PLAN}:
        return "burn rates of blocks and plan limits are Claude Code's, so agent cannot be set"
    if period is BudgetPeriod.BLOCK:
        return "blocks are Claude Code's: with agent, period must be " + _one_of(TEAM_PERIODS)
    return ""


def _team_misfit(metric: object, period: object, agent: object) -> str:
    """Return why a team cannot have such a budget; "" if it can."""
    if agent:
        return "a team's usage is not divided by agents"
    if metric not in TEAM_METRICS:
        return f"for a team, metric must be {_one_of(TEAM_METRICS)}"
    if period not in TEAM_PERIODS:
        return f"for a team, period must be {_one_of(TEAM_PERIODS)}"
    return ""


def _one_of(words: Iterable[str]) -> str:
    *others, last = (f'"{word}"' for word in words)
    return f"{', '.join(others)} or {last}"


class _ProblemError(Exception):
    """A value is wrong; the text is a sentence."""


def _value(key: Key, table: Mapping[str, object], prefix: str) -> object:
    try:
        return key.read(table[key.name])
    except UnusableValueError as error:
        msg = f"{prefix}{key.name} must be {error}, not {_quoted(table[key.name])}."
        raise _ProblemError(msg) from None


def _values(
    table: Mapping[str, object],
    keys: Iterable[Key],
    prefix: str,
    defaults: object,
    problems: list[str],
) -> dict[str, Any]:
    """Return the valid values, and note what is used instead of the others."""
    values: dict[str, Any] = {}
    for key in keys:
        if key.name not in table:
            continue
        try:
            values[key.name] = _value(key, table, prefix)
        except _ProblemError as problem:
            default = getattr(defaults, key.name)
            used = "It is ignored"
            if default is not None:
                used = f"{_quoted(key.write(default))} is used instead"
            problems.append(f"{problem} {used}.")
    return values


def _quoted(value: object) -> str:
    """Return a value as written in the file, or its beginning."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= _QUOTED_CHARS else f"{text[:_QUOTED_CHARS]}…"

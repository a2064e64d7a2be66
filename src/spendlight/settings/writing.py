"""Writes settings into the text of a TOML file without touching anything else in it.

It needs tomlkit, which is slow to import, so it is imported only to save settings.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from spendlight.metering.budgets import AlertPolicy, Budget
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
from spendlight.settings.reading import read, read_budgets
from spendlight.settings.values import AgentChoices, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from tomlkit import TOMLDocument

    from spendlight.settings.keys import Key

HEADER: Final = "Spendlight’s settings. Keys that are not set here have their default values."

_ALWAYS: Final = frozenset(key.name for key in BUDGET_SCOPE[:3])
"""The keys of a budget that are written even if they have the default: amount, metric and
period."""


def fresh(settings: Settings) -> str:
    """Return the text of a new file."""
    document = tomlkit.document()
    document.add(tomlkit.comment(HEADER))
    document.add(tomlkit.nl())
    _put(document, settings)
    return tomlkit.dumps(document)


def merged(text: str, settings: Settings) -> str | None:
    """Return a file's text with the settings merged into it, or None if that is impossible.

    Values that are already right are not touched; comments and unknown keys stay.
    """
    try:
        document = tomlkit.parse(text)
        _put(document, settings)
        written = tomlkit.dumps(document)
        content = tomllib.loads(written)
    except (TOMLKitError, ValueError, TypeError):  # tables instead of values, and similar
        return None
    is_right = read(content).settings == read(tomllib.loads(fresh(settings))).settings
    return written if is_right else None


def _put(document: TOMLDocument, settings: Settings) -> None:
    _set_all(document, TOP, settings, Settings())
    _put_table(document, ALERTS, ALERT_POLICY, settings.alerts, AlertPolicy())
    _put_table(document, AGENTS, AGENT_CHOICES, settings.agents, AgentChoices())
    _put_budgets(document, settings.budgets)


def _put_table(
    document: TOMLDocument, name: str, keys: Iterable[Key], values: object, defaults: object
) -> None:
    table = document.get(name)
    if table is not None and not isinstance(table, dict):
        del document[name]
        table = None
    if table is not None:
        _set_all(table, keys, values, defaults)
    elif values != defaults:
        table = tomlkit.table()
        _set_all(table, keys, values, defaults)
        document[name] = table


def _set_all(
    table: MutableMapping[str, Any],
    keys: Iterable[Key],
    values: object,
    defaults: object,
    always: frozenset[str] = frozenset(),
) -> None:
    for key in keys:
        value, default = getattr(values, key.name), getattr(defaults, key.name)
        if key.name in table:
            if not _is(key, table[key.name], value):
                _set(table, key, value)
        elif value != default or key.name in always:
            _set(table, key, value)


def _set(table: MutableMapping[str, Any], key: Key, value: object) -> None:
    if value is None:
        del table[key.name]
    else:
        table[key.name] = key.write(value)


def _is(key: Key, item: object, value: object) -> bool:
    """Whether an item of the document has this value."""
    try:
        return key.read(_plain(item)) == value
    except UnusableValueError:
        return False


def _plain(item: object) -> object:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _put_budgets(document: TOMLDocument, budgets: tuple[Budget, ...]) -> None:
    found = document.get(LIMITS)
    entries = read_budgets(_plain(found), [])
    if tuple(entry.budget for entry in entries if entry.budget is not None) == budgets:
        return
    items = list(found) if isinstance(found, list) else []
    known: dict[str, Table] = {}
    unusable: list[Table] = []
    names = frozenset(budget.name for budget in budgets)
    for entry, item in zip(entries, items, strict=True):
        if entry.budget is not None:
            known[entry.name] = _table(item)
        elif isinstance(item, dict) and entry.name not in names:
            unusable.append(_table(item))  # not to be removed, as nobody chose to
    written = tomlkit.aot()
    for budget in budgets:
        table = known.get(budget.name) or tomlkit.table()
        if table.get("name") != budget.name:
            table["name"] = budget.name
        plain = Budget(name=budget.name)
        _set_all(table, (*BUDGET_SCOPE, *BUDGET_ALERTS), budget, plain, _ALWAYS)
        written.append(table)
    for table in unusable:
        written.append(table)
    if len(written):
        document[LIMITS] = written
    elif LIMITS in document:
        del document[LIMITS]


def _table(item: MutableMapping[str, Any]) -> Table:
    """Return an entry of the list as a separate table, whatever form it had."""
    if isinstance(item, Table):
        return item
    table = tomlkit.table()
    for name, value in item.items():
        table[name] = _plain(value)
    return table

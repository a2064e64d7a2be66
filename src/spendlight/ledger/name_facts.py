"""What is known of names of circumstances: the type of a subagent, the repository of a folder.

A row has a signature of the names themselves, not of their numbers, so it proves itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.attribution_names import numbered, texts_of
from spendlight.ledger.signing import sign_row
from spendlight.metering.attribution import agent_call_number

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from spendlight.metering.session_notes import CalledAgent

_FACTS: Final = "SELECT number, value, signature FROM attribution_facts WHERE of ="
_TYPES: Final = f"{_FACTS} 'agent'"
_REPOSITORIES: Final = f"{_FACTS} 'folder'"
_CALLS: Final = "SELECT number, other, value FROM attribution_facts WHERE of = 'call'"
_WRITE: Final = "INSERT OR REPLACE INTO attribution_facts VALUES"


class NameFacts(NamedTuple):
    """All that a ledger knows of names.

    Attributes:
        agent_types: The type of each subagent of which it is known, by its id.
        repositories: The repository of each folder of which it is known.
        calls: Of calls of subagents of which only one is known: the agent and the type, by the
            call's number.
    """

    agent_types: Mapping[str, str]
    repositories: Mapping[str, str]
    calls: Mapping[int, tuple[str, str]]


def facts_in(connection: sqlite3.Connection) -> NameFacts:
    """Return all that a ledger knows of names."""
    calls = _calls(connection, _CALLS)
    return NameFacts(agent_types_in(connection), repositories_in(connection), calls)


def take_in(connection: sqlite3.Connection, facts: NameFacts) -> None:
    """Store what another ledger knows and this one does not. Within a transaction."""
    types = dict(facts.agent_types)
    if facts.calls:
        _join_calls(connection, dict(facts.calls), types)
    note_agent_types(connection, types)
    known = _known(connection, _REPOSITORIES, facts.repositories)
    unknown = {
        folder: found for folder, found in facts.repositories.items() if not known.get(folder)
    }
    _write_repositories(connection, unknown, 0)


def agent_types_in(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the type of each subagent of which it is known, by its id."""
    return _pairs(connection, _TYPES)


def repositories_in(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the repository of each folder of which it is known."""
    found = _pairs(connection, f"{_REPOSITORIES} AND value <> 0")
    return {folder: repository for folder, repository in found.items() if repository}


def note_agent_types(connection: sqlite3.Connection, types: Mapping[str, str]) -> None:
    """Store of which types subagents are. Within a transaction.

    If an agent has several, the first in alphabetical order counts, so their order does not matter.
    """
    known = _known(connection, _TYPES, types)
    new = {
        agent: found
        for agent, found in types.items()
        if agent and found and (agent not in known or found < known[agent])
    }
    if new:
        numbers = numbered(connection, {name for pair in new.items() for name in pair})
        connection.executemany(
            f"{_WRITE} ('agent', ?, ?, NULL, ?)",
            ((numbers[one], numbers[other], sign_row(one, other)) for one, other in new.items()),
        )


def note_called(connection: sqlite3.Connection, called: Iterable[CalledAgent]) -> None:
    """Store what lines say about calls of subagents. Within a transaction.

    A type is in the line that calls, mostly, and the agent in the one with the result, which may be
    read earlier or much later.
    """
    types: dict[str, str] = {}
    calls: dict[int, tuple[str, str]] = {}
    for one in called:
        if one.agent and one.type:
            types[one.agent] = min(one.type, types.get(one.agent, one.type))
        elif one.call:
            number = agent_call_number(one.call)
            agent, found = calls.get(number, ("", ""))
            calls[number] = agent or one.agent, found or one.type
    if calls:
        _join_calls(connection, calls, types)
    if types:
        note_agent_types(connection, types)


def _join_calls(
    connection: sqlite3.Connection, calls: dict[int, tuple[str, str]], types: dict[str, str]
) -> None:
    """Add to *types* what follows from calls; store those of which a half is missing."""
    wanted = json.dumps(list(calls))
    condition = "AND number IN (SELECT value FROM json_each(?))"
    held = _calls(connection, f"{_CALLS} {condition}", wanted)
    for call, (held_agent, held_type) in held.items():
        agent, found = calls[call]
        calls[call] = agent or held_agent, found or held_type
    for agent, found in calls.values():
        if agent and found:
            types[agent] = min(found, types.get(agent, found))
    whole = {call for call, pair in calls.items() if all(pair)}
    halves = {call: pair for call, pair in calls.items() if call not in whole}
    connection.executemany(
        "DELETE FROM attribution_facts WHERE of = 'call' AND number = ?",
        ((call,) for call in whole & held.keys()),
    )
    if halves:
        numbers_of = numbered(connection, {name for pair in halves.values() for name in pair})
        connection.executemany(
            f"{_WRITE} ('call', ?1, ?3, ?2, NULL)",
            ((call, *map(numbers_of.__getitem__, pair)) for call, pair in halves.items()),
        )


def _calls(
    connection: sqlite3.Connection, statement: str, *parameters: str
) -> dict[int, tuple[str, str]]:
    """Return the agents and the types of calls; names that are missing are not known."""
    rows = connection.execute(statement, parameters).fetchall()
    names = texts_of(connection, {number for row in rows for number in row[1:]}) if rows else {}
    return {call: (names.get(agent, ""), names.get(found, "")) for call, agent, found in rows}


def note_folders(connection: sqlite3.Connection, folders: Collection[str]) -> None:
    """Store of which folders the repository is to be found. Within a transaction."""
    new = set(folders) - _known(connection, _REPOSITORIES, folders).keys() - {""}
    if new:
        _write_repositories(connection, dict.fromkeys(new, ""), 0)


def folders_to_find(connection: sqlite3.Connection, today: int, count: int) -> list[str]:
    """Return some folders whose repository is not known and was not looked for today.

    Args:
        connection: The ledger.
        today: In days since 1970-01-01.
        count: How many at most.
    """
    rows = connection.execute(
        "SELECT number FROM attribution_facts WHERE of = 'folder' AND value = 0 AND other <> ?"
        " LIMIT ?",
        (today, count),
    ).fetchall()
    names = texts_of(connection, {number for (number,) in rows}) if rows else {}
    return list(names.values())


def note_repositories(
    connection: sqlite3.Connection, repositories: Mapping[str, str], today: int
) -> None:
    """Store to which repositories folders belong, "" if that is not known. Within a transaction.

    Args:
        connection: The ledger.
        repositories: The main checkout of each folder.
        today: When they were looked for, in days since 1970-01-01.
    """
    _write_repositories(connection, repositories, today)


def _write_repositories(
    connection: sqlite3.Connection, repositories: Mapping[str, str], day: int
) -> None:
    if not repositories:
        return
    numbers = numbered(connection, {name for pair in repositories.items() for name in pair})
    connection.executemany(
        f"{_WRITE} ('folder', ?, ?, ?, ?)",
        (
            (numbers[folder], numbers[found], day, sign_row(folder, found))
            for folder, found in repositories.items()
        ),
    )


def _known(
    connection: sqlite3.Connection, statement: str, wanted: Collection[str]
) -> dict[str, str]:
    """Return what is known of some names; see `_pairs`."""
    condition = (
        "AND number IN (SELECT n.id FROM json_each(?) e"
        " JOIN attribution_names n ON n.text = e.value)"
    )
    return _pairs(connection, f"{statement} {condition}", json.dumps(list(wanted)))


def _pairs(connection: sqlite3.Connection, statement: str, *parameters: str) -> dict[str, str]:
    """Return pairs of names; damaged ones are missing."""
    rows = connection.execute(statement, parameters).fetchall()
    if not rows:
        return {}
    names = {0: ""} | texts_of(connection, {number for row in rows for number in row[:2]})
    pairs = ((names.get(one), names.get(other), signed) for one, other, signed in rows)
    return {
        one: other
        for one, other, signed in pairs
        if one and other is not None and sign_row(one, other) == signed
    }

"""Machines and roots: this machine's name, its virtual machines, and what was imported."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from spendlight.metering.entry import CLAUDE_CODE
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Container, Iterable

THIS_KEY: Final = "machine_key"
THIS_NAME: Final = "machine_name"
"""The key in ``meta`` of this machine's identity."""

_IMPORTED: Final = "import:"
"""The prefix of the names of imported folders, before the key of their machine. No folder of this
machine has it, as its name would have to be relative."""

_IMPORTS: Final = "imported_at:"
"""The prefix in ``meta`` of a machine's key, for the moment of its last import."""

_LOG: Final = ".jsonl"
_BLOCK_FILE: Final = ".json"
_KEY_BYTES: Final = 8


Shadow = frozenset[tuple[int, frozenset[int]]]
"""What a copy loses against: roots that hold a better one, each with other roots that cancel it.
The copy counts in a scope if each of the former is outside it or one of its latter is in it."""


class Scope(NamedTuple):
    """The roots that a question is about, by their numbers in the ledger.

    Attributes:
        roots: Only usage in these; None means all, which is faster.
        shadows: The shadows whose copies count, as they lost only against roots outside.
    """

    roots: tuple[int, ...] | None
    shadows: tuple[int, ...]


ALL_ROOTS: Final = Scope(None, (0,))
"""All roots together: no copy counts that lost against another."""


AGENTS_WITH_BLOCKS: Final = (CLAUDE_CODE,)
"""The agents whose usage is limited in blocks of five hours, by their names in the ledger."""


def scope_of_blocks(connection: sqlite3.Connection) -> Scope:
    """Return the scope of all usage that is in blocks."""
    return scope_of_agents(connection, ALL_ROOTS, AGENTS_WITH_BLOCKS)


class Machine(NamedTuple):
    """A machine that has a ledger.

    Attributes:
        key: Its permanent, unique identifier.
        name: Its name for people.
    """

    key: str
    name: str


class Root(NamedTuple):
    """A data folder that the ledger knows.

    Attributes:
        key: The machine whose ledger found it; "" is this one.
        machine: The name in reports of the machine it is on; a virtual one has its own name.
        folder: Its path on that machine.
        parent: The folder whose ``vms`` contains it there, or "".
        imported_at_ms: When it was last imported, in Unix milliseconds.
        agent: The coding agent whose data folder it is.
    """

    number: int
    key: str
    machine: str
    folder: str
    parent: str
    imported_at_ms: int | None
    agent: str = CLAUDE_CODE


def this_machine(connection: sqlite3.Connection) -> Machine | None:
    """Return this machine's identity, or None if it was never set in the ledger."""
    found = dict(
        connection.execute(
            "SELECT key, value FROM meta WHERE key IN (?, ?)", (THIS_KEY, THIS_NAME)
        ).fetchall()
    )
    return Machine(found[THIS_KEY], found[THIS_NAME]) if len(found) > 1 else None


def name_machine(connection: sqlite3.Connection, name: str) -> Machine:
    """Store this machine's name; its key stays. Within a transaction."""
    key = os.urandom(_KEY_BYTES).hex()
    connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (THIS_KEY, key))
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (THIS_NAME, name))
    return this_machine(connection) or Machine(key, name)


def note_import(connection: sqlite3.Connection, machines: Iterable[Machine], now_ms: int) -> None:
    """Store when machines were imported, and their current names. Within a transaction."""
    for machine in machines:
        connection.execute(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            (_IMPORTS + machine.key, json.dumps(now_ms)),
        )
        if machine.name:
            start = imported_folder("", machine.key)
            connection.execute(
                "UPDATE roots SET machine = ? WHERE parent = '' AND SUBSTR(folder, 1, ?) = ?",
                (machine.name, len(start), start),
            )


def roots(connection: sqlite3.Connection) -> list[Root]:
    """Return the roots that the ledger knows."""
    own = this_machine(connection)
    own_name = own.name if own is not None else ""
    imported = {
        key.removeprefix(_IMPORTS): json.loads(value)
        for key, value in connection.execute(
            "SELECT key, value FROM meta WHERE SUBSTR(key, 1, ?) = ?", (len(_IMPORTS), _IMPORTS)
        )
    }
    found = []
    for number, folder, machine, parent, agent in connection.execute(
        "SELECT id, folder, machine, parent, agent FROM roots"
    ):
        key = _key_of(folder)
        start = len(imported_folder("", key)) if key else 0
        name = machine or own_name
        imported_at_ms = imported.get(key)
        found.append(Root(number, key, name, folder[start:], parent[start:], imported_at_ms, agent))
    return found


def scope_of(
    connection: sqlite3.Connection,
    folders: Collection[str],
    *,
    with_vms: bool = True,
    machines: Collection[str] = (),
    agents: Collection[str] = (),
) -> Scope:
    """Return the scope of some data folders of this machine and of everything imported.

    Args:
        connection: Where to look.
        folders: The roots' folders, whether they still exist or not.
        with_vms: Whether virtual machines found in one of them are included, even deleted ones.
        machines: Only what is on these machines, by name; by default all.
        agents: Only usage of these agents, by their names in the ledger; by default all.
    """
    known = roots(connection)
    chosen = {
        root.number
        for root in known
        if (
            (with_vms or not root.parent)
            if root.key
            else root.folder in folders or (with_vms and root.parent in folders)
        )
        and (not machines or root.machine in machines)
        and (not agents or root.agent in agents)
    }
    shadows = tuple(
        number
        for number, beaten_by in connection.execute("SELECT id, roots FROM shadows")
        if not is_beaten(beaten_by, chosen)
    )
    return Scope(None if len(chosen) == len(known) else tuple(sorted(chosen)), shadows)


def scope_of_agents(connection: sqlite3.Connection, scope: Scope, agents: Container[str]) -> Scope:
    """Return the part of a scope that is usage of some agents, by their names in the ledger.

    No answer of an agent has a copy among those of another, so the same copies count.
    """
    known = connection.execute("SELECT id, agent FROM roots").fetchall()
    chosen = [
        number
        for number, agent in known
        if agent in agents and (scope.roots is None or number in scope.roots)
    ]
    if len(chosen) == (len(known) if scope.roots is None else len(scope.roots)):
        return scope
    return Scope(tuple(sorted(chosen)), scope.shadows)


def agents_in(connection: sqlite3.Connection, scope: Scope) -> list[str]:
    """Return the agents that have sessions in a scope, by their names in the ledger, in order."""
    where = "EXISTS (SELECT 1 FROM sessions s WHERE s.root = r.id)"
    if scope.roots is not None:
        where += f" AND r.id IN ({','.join(map(str, scope.roots))})"  # our own numbers
    found = connection.execute(f"SELECT DISTINCT r.agent FROM roots r WHERE {where}")  # noqa: S608  # as above
    return sorted(agent for (agent,) in found)


def shadow_text(shadow: Shadow) -> str:
    """Return a shadow as the ledger stores it.

    >>> shadow_text(frozenset({(2, frozenset()), (10, frozenset({4, 3}))}))
    '2,10-3-4'
    """
    rivals = sorted((root, *sorted(unless)) for root, unless in shadow)
    return ",".join("-".join(map(str, rival)) for rival in rivals)


def is_beaten(shadow: str, chosen: Container[int]) -> bool:
    """Return whether a copy with this shadow loses in a scope of these roots."""
    for rival in shadow.split(",") if shadow else ():
        root, *unless = map(int, rival.split("-"))
        if root in chosen and not any(other in chosen for other in unless):
            return True
    return False


def parts_of(connection: sqlite3.Connection, scope: Scope) -> list[tuple[str, Scope]]:
    """Return each machine's part of a scope, in the order of the machines' names.

    Together they make up the scope: if an answer has copies on several machines, it belongs to the
    machine of the copy that counts in the scope.
    """
    numbers: dict[str, list[int]] = {}
    for root in roots(connection):
        if scope.roots is None or root.number in scope.roots:
            numbers.setdefault(root.machine, []).append(root.number)
    return [
        (name, Scope(tuple(sorted(numbers[name])), scope.shadows))
        for name in sorted(numbers, key=lambda name: (name.casefold(), name))
    ]


def imported_folder(folder: str, key: str) -> str:
    """Return the ledger's name of a folder of another machine; no folder here has such a name."""
    return f"{_IMPORTED}{key}:{folder}"


def imported_log(path: str, key: str, own_key: str) -> str:
    """Return the ledger's name of a log of another machine; no log here has such a name.

    Of equal copies the first in path order counts, and that must be the same one on each machine.
    So the name keeps its position among all paths, and next to the same path here it sorts by the
    machines' keys: ".json@key" comes before ".jsonl", ".jsonl@key" after it.
    """
    stem = path.removesuffix("l") if key < own_key else path
    return f"{stem}@{key}"


def log_path(name: str, key: str) -> str:
    """Return a log's path on its machine, from the ledger's name of it."""
    stem = name.removesuffix(f"@{key}") if key else name
    return stem if stem.endswith(_LOG) else f"{stem}l"


def file_order(path: str, folder: str) -> str:
    """Return the sort key of a log among those of all roots: its path in the root, then the root.

    So of equal copies the same one counts, whichever roots they are in. A log of another machine
    sorts by its path there; the ledger's name of it decides only if that is the same.

    Args:
        path: The ledger's name of the log.
        folder: The ledger's name of its root.
    """
    there = path
    if key := _key_of(folder):
        folder = folder.split(":", 2)[2]
        there = log_path(path, key)
    return f"{there.removeprefix(folder)}\0{there}\0{path}"


def path_below(path: str, folder: str) -> str:
    """Return a log's path below its data folder, with "/", given the ledger's names of both."""
    there = path
    if key := _key_of(folder):
        folder = folder.split(":", 2)[2]
        there = log_path(path, key)
    return there.removeprefix(folder).replace("\\", "/").lstrip("/")


def is_imported(log: str) -> bool:
    """Whether a log, by the ledger's name of it, is on another machine."""
    return not log.endswith((_LOG, _BLOCK_FILE))


def is_of_this_machine(folder: str) -> bool:
    """Whether a root, by the ledger's name of it, is a folder of this machine."""
    return not folder.startswith(_IMPORTED)


def _key_of(folder: str) -> str:
    """Return the key in an imported folder's name, or "" for a folder of this machine."""
    return folder.split(":", 2)[1] if folder.startswith(_IMPORTED) else ""

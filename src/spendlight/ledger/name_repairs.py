"""Finds names of circumstances, titles and pull requests that were damaged, and restores them."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.ledger import session_notes
from spendlight.ledger.attributions import attributions_in, note_attributions, tools_in
from spendlight.ledger.name_facts import facts_in, take_in
from spendlight.ledger.signing import sign_row
from spendlight.metering.runs import values_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PAIRS: Final = frozenset({"agent", "folder"})
"""What a pair of names is known of, which is signed."""

_UNSIGNED: Final = frozenset({"call", "log"})
"""Facts without a signature, as they are only kept until more is known."""

_FACT: Final = "number = ? AND of = ?"
_NOTE: Final = "file = ? AND session = ? AND kind = ? AND key = ?"


class _Damaged(NamedTuple):
    """Rows that are damaged, as their table and the condition that finds each of them."""

    table: str
    condition: str
    key: tuple[Any, ...]


def fault_in(connection: sqlite3.Connection) -> str:
    """Return in words what is damaged, or "" if nothing is."""
    for table, _, key in _damaged(connection):
        return f"row {key[0]} of {table} was damaged after it was written"
    return ""


def mend(connection: sqlite3.Connection, copies: Iterable[sqlite3.Connection]) -> int:
    """Restore what is damaged from copies, or have it read from the logs. Within a transaction.

    Args:
        connection: The ledger.
        copies: Its backups, the latest first.

    Returns:
        How many rows were damaged. What is in no backup and no log is not known any more.
    """
    count = 0
    while damaged := list(_damaged(connection)):  # more follows from names that are missing
        count += len(damaged)
        for table, condition, key in damaged:
            connection.execute(f"DELETE FROM {table} WHERE {condition}", key)  # noqa: S608  # our own names
    if not count and not is_lacking(connection):
        return 0
    for copy in copies:
        with suppress(sqlite3.DatabaseError, ValueError, TypeError):  # it is damaged, or older
            attributions, tools = _missing(connection)
            note_attributions(
                connection, attributions_in(copy, attributions), tools_in(copy, tools)
            )
            take_in(connection, facts_in(copy))
            _take_notes(connection, copy)
    connection.execute(
        "INSERT OR REPLACE INTO attribution_facts SELECT 'log', id, 0, NULL, NULL FROM files"
    )
    return count


def is_lacking(connection: sqlite3.Connection) -> bool:
    """Return whether chunks refer to names that are missing; these may have been lost before."""
    return any(_missing(connection))


def _damaged(connection: sqlite3.Connection) -> Iterator[_Damaged]:
    yield from (
        _Damaged("attribution_names", "id = ?", (number,))
        for (number,) in connection.execute(
            "SELECT id FROM attribution_names GROUP BY id HAVING COUNT(*) > 1 OR id < 1"
        ).fetchall()
    )
    known = attributions_in(connection)
    for (number,) in connection.execute("SELECT number FROM attributions").fetchall():
        if number not in known:
            yield _Damaged("attributions", "number = ?", (number,))
    tools = tools_in(connection)
    names = {0: ""} | dict(connection.execute("SELECT id, text FROM attribution_names").fetchall())
    facts = connection.execute("SELECT of, number, value, signature FROM attribution_facts")
    for of, number, value, signature in facts.fetchall():
        if of == "tools":
            is_sound = number in tools
        elif of in _PAIRS:
            pair = names.get(number), names.get(value)
            is_sound = None not in pair and sign_row(*pair) == signature
        else:
            is_sound = of in _UNSIGNED
        if not is_sound:
            yield _Damaged("attribution_facts", _FACT, (number, of))
    for condition, columns in session_notes.SIGNED.items():
        notes = connection.execute(
            f"SELECT file, session, kind, key, signature, {columns} FROM session_notes"  # noqa: S608  # ours
            f" WHERE {condition}"
        )
        for row in notes.fetchall():
            if sign_row(*row[5:]) != row[4]:
                yield _Damaged("session_notes", _NOTE, row[:4])


def _missing(connection: sqlite3.Connection) -> tuple[set[int], set[int]]:
    """Return the numbers of attributions and of tools that chunks refer to and that are missing."""
    attributions: set[int] = set()
    tools: set[int] = set()
    for (columns,) in connection.execute("SELECT columns FROM chunks"):
        with suppress(ValueError, IndexError, TypeError):  # it is damaged itself
            found = values_in(columns)
            attributions.update(found[0])
            tools.update(found[1])
    return (
        attributions - attributions_in(connection).keys(),
        tools - tools_in(connection).keys(),
    )


def _take_notes(connection: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    """Add titles and pull requests that a backup holds and the ledger does not."""
    for condition, columns in session_notes.SIGNED.items():
        rows = copy.execute(
            "SELECT file, session, kind, key, offset, text, number, signature,"  # noqa: S608  # ours
            f" {columns} FROM session_notes WHERE {condition}"
        ).fetchall()
        sound = [row[:8] for row in rows if sign_row(*row[8:]) == row[7]]
        connection.executemany(
            "INSERT OR IGNORE INTO session_notes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sound
        )

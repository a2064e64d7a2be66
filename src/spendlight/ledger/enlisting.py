"""Assigns numbers to logs, many in one go, as there may be thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.ledger.schema import SIGNED_ROWS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from spendlight.ledger.batches import LogName
    from spendlight.metering.entry import SessionName

_KEYS: Final = {"sessions": "root, project_path, session", "files": "path"}
"""The columns that identify a row."""

_ADD_ROOT: Final = "INSERT OR IGNORE INTO roots VALUES (NULL, ?, ?, ?, ?)"

_FEW: Final = 32
"""Up to this many rows are looked up one by one; for more, the whole table is read."""

_Key = tuple[object, ...]
_Row = tuple[object, ...]


def enlist(connection: sqlite3.Connection, names: Sequence[LogName]) -> dict[str, int]:
    """Assign numbers to files that have none; return all numbers by path. Within a transaction."""
    connection.executemany(_ADD_ROOT, dict.fromkeys(map(_root_of, names)))
    roots = {
        (folder, agent): number
        for folder, agent, number in connection.execute("SELECT folder, agent, id FROM roots")
    }
    keys = [(roots[name.root, name.agent], *name.session[1:]) for name in names]
    wanted: dict[_Key, _Row] = {}
    for name, key in zip(names, keys, strict=True):
        wanted.setdefault(key, (key[0], *name.session))
    sessions = _numbered(connection, "sessions", wanted)
    wanted = {}
    for name, key in zip(names, keys, strict=True):
        row = (key[0], sessions[key], name.path, -1, 0, 0, 0, 0, name.first_name, None)
        wanted.setdefault((name.path,), row)
    files = _numbered(connection, "files", wanted)
    return {name.path: files[name.path,] for name in names}


def root_and_session(connection: sqlite3.Connection, name: LogName) -> tuple[int, int]:
    """Return the numbers of a log's root and session, assigning them if needed."""
    connection.execute(_ADD_ROOT, _root_of(name))
    statement = "SELECT id FROM roots WHERE folder = ? AND agent = ?"
    (root,) = connection.execute(statement, (name.root, name.agent)).fetchone()
    return root, session_in(connection, root, name.session)


def session_in(connection: sqlite3.Connection, root: int, name: SessionName) -> int:
    """Return the number of a session in a root, assigning one if needed."""
    key = (root, *name[1:])
    return _numbered(connection, "sessions", {key: (root, *name)})[key]


def _root_of(name: LogName) -> tuple[str, str, str, str]:
    return name.root, name.machine, name.parent, name.agent


def _numbered(
    connection: sqlite3.Connection, table: str, wanted: Mapping[_Key, _Row]
) -> dict[_Key, int]:
    """Return the numbers of some rows by their keys; missing rows are added."""
    found = _known(connection, table, wanted)
    (last,) = connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()  # noqa: S608  # our own names
    new = [key for key in wanted if key not in found]
    numbers = dict(zip(new, range(last + 1, last + 1 + len(new)), strict=True))
    _add(connection, table, [(number, *wanted[key]) for key, number in numbers.items()])
    return found | numbers


def _known(
    connection: sqlite3.Connection, table: str, wanted: Mapping[_Key, _Row]
) -> dict[_Key, int]:
    columns = _KEYS[table]
    statement = f"SELECT {columns}, id FROM {table}"  # noqa: S608  # our own names
    if len(wanted) > _FEW:
        rows = connection.execute(statement)
        return {key: number for *parts, number in rows if (key := tuple(parts)) in wanted}
    statement += f" WHERE ({columns}) = ({', '.join('?' * columns.count(',') + '?')})"
    found: dict[_Key, int] = {}
    for key in wanted:
        for row in connection.execute(statement, key):
            found[key] = row[-1]
    return found


def _add(connection: sqlite3.Connection, table: str, rows: Sequence[_Row]) -> None:
    """Add rows, the columns that are signed first, and sign them."""
    if not rows:
        return
    from spendlight.ledger.signing import sign_row  # most passes add nothing

    signed = SIGNED_ROWS[table].count(",") + 1
    parameters = ", ".join("?" * (len(rows[0]) + 1))
    connection.executemany(
        f"INSERT INTO {table} VALUES ({parameters})",  # noqa: S608  # as above
        [(*row, sign_row(*row[:signed])) for row in rows],  # type: ignore[arg-type]  # values of SQLite's
    )

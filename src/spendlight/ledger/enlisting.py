"""Gives logs a number by which the ledger calls them: all at once, as there may be thousands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from spendlight.ledger.batches import LogName

_SESSION: Final = "SELECT id FROM sessions WHERE root = ? AND project_path = ? AND session = ?"
_SESSIONS: Final = (
    "SELECT s.root, s.project_path, s.session, s.id FROM json_each(?) e CROSS JOIN sessions s"
    " WHERE s.root = json_extract(e.value, '$[0]')"
    " AND s.project_path = json_extract(e.value, '$[1]')"
    " AND s.session = json_extract(e.value, '$[2]')"
)
_FILE: Final = "SELECT id FROM files WHERE path = ?"
_FILES: Final = "SELECT f.path, f.id FROM json_each(?) e CROSS JOIN files f WHERE f.path = e.value"

_Key = tuple[object, ...]


def enlist(connection: sqlite3.Connection, names: Sequence[LogName]) -> dict[str, int]:
    """Give files a number that have none; return the numbers by path. Within a transaction."""
    connection.executemany(
        "INSERT OR IGNORE INTO roots VALUES (NULL, ?, ?, ?)",
        dict.fromkeys((name.root, name.machine, name.parent) for name in names),
    )
    roots = dict(connection.execute("SELECT folder, id FROM roots").fetchall())
    keys = [(roots[name.root], *name.session[1:]) for name in names]
    connection.executemany(
        "INSERT OR IGNORE INTO sessions VALUES (NULL, ?, ?, ?, ?)",
        dict.fromkeys((roots[name.root], *name.session) for name in names),
    )
    sessions = _numbers(connection, _SESSIONS, _SESSION, list(dict.fromkeys(keys)))
    connection.executemany(
        "INSERT OR IGNORE INTO files VALUES (NULL, ?, ?, ?, -1, 0, 0, 0, 0, ?)",
        (
            (key[0], sessions[key], name.path, name.first_name)
            for name, key in zip(names, keys, strict=True)
        ),
    )
    found = _numbers(connection, _FILES, _FILE, [(name.path,) for name in names])
    return {name.path: found[name.path,] for name in names}


def place_in(connection: sqlite3.Connection, name: LogName) -> tuple[int, int]:
    """Return the numbers of a log's root and session, which get one if they have none."""
    connection.execute(
        "INSERT OR IGNORE INTO roots VALUES (NULL, ?, ?, ?)", (name.root, name.machine, name.parent)
    )
    statement = "SELECT id FROM roots WHERE folder = ?"
    (root,) = connection.execute(statement, (name.root,)).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO sessions VALUES (NULL, ?, ?, ?, ?)", (root, *name.session)
    )
    (session,) = connection.execute(_SESSION, (root, *name.session[1:])).fetchone()
    return root, session


def _numbers(
    connection: sqlite3.Connection, select_all: str, select_one: str, keys: Sequence[_Key]
) -> dict[_Key, int]:
    """Return what numbers rows have that are there, by their keys."""
    text = json.dumps([key[0] if len(key) == 1 else key for key in keys])
    found = {row[:-1]: row[-1] for row in connection.execute(select_all, (text,))}
    for key in keys:
        if key not in found:  # SQLite's JSON ends a text at a NUL, which names of imports may have
            found[key] = connection.execute(select_one, key).fetchone()[0]
    return found

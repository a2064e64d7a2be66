"""The names of circumstances, each of which has a number in a ledger; 0 stands for no name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection


def numbered(connection: sqlite3.Connection, names: Collection[str]) -> dict[str, int]:
    """Return the numbers of names; those that have none get one. 0 stands for no name.

    Within a transaction.
    """
    rows = connection.execute(
        "SELECT n.text, n.id FROM json_each(?) e JOIN attribution_names n ON n.text = e.value",
        (json.dumps(list(names)),),
    )
    found: dict[str, int] = dict(rows.fetchall())
    new = sorted(set(names) - found.keys() - {""})
    if new:
        (last,) = connection.execute(
            "SELECT COALESCE(MAX(id), 0) FROM attribution_names"
        ).fetchone()
        added = {name: number for number, name in enumerate(new, last + 1)}
        connection.executemany("INSERT INTO attribution_names VALUES (?, ?)", added.items())
        found |= added
    return found | {"": 0}


def texts_of(connection: sqlite3.Connection, numbers: Collection[int]) -> dict[int, str]:
    """Return names by number; those that are missing are damaged."""
    rows = connection.execute(
        "SELECT id, text FROM attribution_names WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    return dict(rows.fetchall())

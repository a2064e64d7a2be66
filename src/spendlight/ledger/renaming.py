"""Assigns known logs to the sessions that their paths name by the current rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.machines import log_path, roots
from spendlight.ledger.proving import sign_again
from spendlight.ledger.sums import buckets
from spendlight.ledger.sums.kept import renew_coarser
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import SUBAGENTS, path_below, session_name

if TYPE_CHECKING:
    import sqlite3


def follow_paths(connection: sqlite3.Connection) -> None:
    """Move the logs of subagents to the sessions they belong to. Within a transaction.

    Their entries stay as they are; the sums that contain them are rebuilt. Deleted logs are
    included, as their paths are known.
    """
    moved = _moved(connection)
    slots: dict[int, set[int]] = {}
    for number, old, new in moved:
        connection.execute("UPDATE files SET session = ? WHERE id = ?", (new, number))
        for session in (old, new):
            if session not in slots:
                rows = connection.execute("SELECT slot FROM buckets WHERE session = ?", (session,))
                slots[session] = {slot for (slot,) in rows}
    for _, old, new in moved:
        slots[new] |= slots[old]
    buckets.renew(connection, buckets.context_thresholds_in(connection), slots)
    renew_coarser(connection, set().union(*slots.values()), slots)
    connection.executemany(
        "DELETE FROM sessions WHERE id = ? AND id NOT IN (SELECT session FROM files)",
        [(old,) for _, old, _ in moved],
    )


def _moved(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """Return the logs in a wrong session: their number, that session, and the right one."""
    known = {root.number: root for root in roots(connection)}
    rows = connection.execute(
        "SELECT f.id, f.root, f.path, f.session, s.project, s.project_path, s.session"
        " FROM files f JOIN sessions s ON s.id = f.session WHERE INSTR(f.path, ?)",
        (SUBAGENTS,),
    ).fetchall()
    moved = []
    for number, root, path, session, *name in rows:
        below = path_below(known[root].folder, log_path(path, known[root].key))
        right = SessionName(*name) if below is None else session_name(below)
        if right != SessionName(*name):
            moved.append((number, session, _session(connection, root, right)))
    return moved


def _session(connection: sqlite3.Connection, root: int, name: SessionName) -> int:
    """Return the number of a session, assigning one if needed."""
    row = connection.execute(
        "SELECT id FROM sessions WHERE root = ? AND project_path = ? AND session = ?",
        (root, *name[1:]),
    ).fetchone()
    if row:
        return int(row[0])
    statement = "INSERT INTO sessions (root, project, project_path, session) VALUES (?, ?, ?, ?)"
    number = connection.execute(statement, (root, *name)).lastrowid or 0
    sign_again(connection, "sessions", number)
    return number

"""Takes a ledger back to the form it had in an older version."""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.schema import KNOWS_AGENTS, SIGNED_ROWS, SIGNS

_ROOTS_TRIGGERS: Final = re.findall(
    r"CREATE TRIGGER roots_.*?END;", MIGRATIONS[SIGNS - 1], re.DOTALL
)

_UNDO: Final = {
    3: ("DROP TABLE hours",),
    4: ("DROP TABLE day_sums", "DROP TABLE block_sums", "DROP TABLE session_sums"),
    5: ("DROP TABLE described_blocks",),
    7: ("ALTER TABLE variants RENAME COLUMN role TO is_advisor",),
    8: ("DROP TABLE named_sessions", "DROP TABLE lost_copies"),
    9: ("DROP INDEX buckets_by_session",),
    10: ("ALTER TABLE files DROP COLUMN first_name",),
    12: (
        *(
            f"DROP TRIGGER {table}_{event}"
            for table in SIGNED_ROWS
            for event in ("insert", "update", "delete")
        ),
        *(
            f"ALTER TABLE {table} DROP COLUMN signature"
            for table in ("chunks", "chunk_answers", "day_sums", "block_sums", "session_sums")
        ),
        "DROP TABLE signatures",
        "DROP TABLE losses",
        "DELETE FROM meta WHERE key = 'schema'",
    ),
    13: ("DROP TABLE answer_index",),
    KNOWS_AGENTS: (
        "ALTER TABLE files DROP COLUMN state",
        (
            "CREATE TABLE all_roots (id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE,"
            " machine TEXT NOT NULL, parent TEXT NOT NULL)"
        ),
        "INSERT INTO all_roots SELECT id, folder, machine, parent FROM roots",
        "DROP TABLE roots",
        "ALTER TABLE all_roots RENAME TO roots",
        *_ROOTS_TRIGGERS,
    ),
}
"""What undoes each step of `MIGRATIONS`, counted from 1."""


def take_back(connection: sqlite3.Connection, schema: int) -> None:
    """Undo all steps behind one; what a later version made anew must not be there before it."""
    for step in sorted(_UNDO, reverse=True):
        if step > schema:
            for statement in _UNDO[step]:
                connection.execute(statement)
    if schema == 3:  # which made it in another form
        connection.execute("CREATE TABLE session_sums (session INTEGER)")
    connection.execute(f"PRAGMA user_version = {schema}")
    connection.commit()  # Python itself may have begun a transaction

"""Converts a ledger to an earlier schema."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from spendlight.ledger.chunks import write_row
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.schema import (
    JOINS_TABLES,
    KNOWS_AGENTS,
    KNOWS_ATTRIBUTIONS,
    KNOWS_REASONING,
    SCHEMA_KEY,
    SIGNED_ROWS,
    SIGNS,
    WITH_OWN_SIGNATURE,
)
from spendlight.metering.runs import end_of_runs

_SPACING: Final = re.compile(r'[\s"]')


def definitions(path: Path) -> set[str]:
    """Return what a ledger consists of, in SQL, however it is spaced and quoted."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT type, name, COALESCE(sql, tbl_name) FROM sqlite_master")
        return {f"{kind} {name}: {_SPACING.sub('', sql)}" for kind, name, sql in found}


def rows_of(path: Path) -> list[tuple[str, tuple[Any, ...]]]:
    """Return all rows of a ledger, each with its table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return sorted(
            (table, row)
            for (table,) in tables.fetchall()
            for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # its own names
        )


def _triggers(table: str) -> list[str]:
    """Return the statements that created a table's triggers when rows were first signed."""
    return re.findall(rf"CREATE TRIGGER {table}_.*?END;", MIGRATIONS[SIGNS - 1], re.DOTALL)


_HOURS: Final = """
    CREATE TABLE hours (
        hour INTEGER NOT NULL,
        variant INTEGER NOT NULL REFERENCES variants,
        price_class INTEGER NOT NULL,
        shadow INTEGER NOT NULL REFERENCES shadows,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        recorded_cost REAL NOT NULL,
        web_searches INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        limit_reset_ms INTEGER,
        first_offset INTEGER NOT NULL,
        met TEXT NOT NULL,
        PRIMARY KEY (hour, variant, price_class, shadow)
    ) WITHOUT ROWID
"""
_FILL_HOURS: Final = """
    INSERT INTO hours
    SELECT
        b.slot / 8 * 2 + (b.slot % 8 > 0), b.variant, b.price_class, b.shadow, SUM(b.input),
        SUM(b.output), SUM(b.cache_write_5m), SUM(b.cache_write_1h), SUM(b.cache_read),
        SUM(b.recorded_cost), SUM(b.web_searches), SUM(b.answers), MIN(b.first_ms),
        MAX(b.last_ms), MAX(b.limit_reset_ms), MIN(b.first_offset),
        MIN(s.project_path || '/' || s.session || '.jsonl' || CHAR(1)
            || PRINTF('%020d', b.first_offset))
    FROM buckets b JOIN sessions s ON s.id = b.session
    GROUP BY 1, 2, 3, 4
"""
_DAY_SUMS: Final = """
    CREATE TABLE day_sums (
        offset_ms INTEGER NOT NULL,
        day INTEGER NOT NULL,
        sums BLOB NOT NULL,
        signature INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (offset_ms, day)
    ) WITHOUT ROWID
"""

_ATTRIBUTION_FACTS: Final = (
    "CREATE TABLE tool_sets (number INTEGER PRIMARY KEY, names TEXT NOT NULL)",
    "INSERT INTO tool_sets SELECT number, value FROM attribution_facts WHERE of = 'tools'",
    (
        "CREATE TABLE agent_types (agent INTEGER PRIMARY KEY, type INTEGER NOT NULL,"
        " signature INTEGER NOT NULL)"
    ),
    (
        "INSERT INTO agent_types SELECT number, value, signature FROM attribution_facts"
        " WHERE of = 'agent'"
    ),
    (
        "CREATE TABLE repositories (folder INTEGER PRIMARY KEY, repository INTEGER NOT NULL,"
        " tried_day INTEGER NOT NULL, signature INTEGER NOT NULL)"
    ),
    (
        "INSERT INTO repositories SELECT number, value, other, signature FROM attribution_facts"
        " WHERE of = 'folder'"
    ),
    (
        "CREATE TABLE agent_calls (call INTEGER PRIMARY KEY, type INTEGER NOT NULL,"
        " agent INTEGER NOT NULL)"
    ),
    "INSERT INTO agent_calls SELECT number, value, other FROM attribution_facts WHERE of = 'call'",
    "CREATE TABLE unattributed (file INTEGER PRIMARY KEY, tried_day INTEGER NOT NULL)",
    "INSERT INTO unattributed SELECT number, value FROM attribution_facts WHERE of = 'log'",
    "DROP TABLE attribution_facts",
    (
        "CREATE TABLE session_titles (file INTEGER NOT NULL REFERENCES files,"
        " session TEXT NOT NULL, kind INTEGER NOT NULL, leaf TEXT NOT NULL,"
        " offset INTEGER NOT NULL, title TEXT NOT NULL, signature INTEGER NOT NULL DEFAULT 0,"
        " PRIMARY KEY (file, session, kind, leaf)) WITHOUT ROWID"
    ),
    (
        "INSERT INTO session_titles SELECT file, session, kind, key, offset, text, signature"
        " FROM session_notes WHERE kind > 0"
    ),
    (
        "CREATE TABLE pull_requests (file INTEGER NOT NULL REFERENCES files,"
        " session TEXT NOT NULL, url TEXT NOT NULL, offset INTEGER NOT NULL, number INTEGER,"
        " repository TEXT NOT NULL, signature INTEGER NOT NULL DEFAULT 0,"
        " PRIMARY KEY (file, session, url)) WITHOUT ROWID"
    ),
    (
        "INSERT INTO pull_requests SELECT file, session, key, offset, number, text, signature"
        " FROM session_notes WHERE kind < 0"
    ),
    "DROP TABLE session_notes",
    "ALTER TABLE session_day_sums RENAME TO new_session_day_sums",
    (
        "CREATE TABLE session_day_sums (offset_ms INTEGER NOT NULL,"
        " session INTEGER NOT NULL REFERENCES sessions, day INTEGER NOT NULL,"
        " sums BLOB NOT NULL, signature INTEGER NOT NULL,"
        " PRIMARY KEY (offset_ms, session, day))"
    ),
    "INSERT INTO session_day_sums SELECT * FROM new_session_day_sums",
    "DROP TABLE new_session_day_sums",
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
        *_triggers("roots"),
    ),
    15: (
        _HOURS,
        _FILL_HOURS,
        "ALTER TABLE day_sums RENAME TO new_day_sums",
        _DAY_SUMS,
        "INSERT INTO day_sums SELECT * FROM new_day_sums",
        "DROP TABLE new_day_sums",
    ),
    17: (
        "CREATE INDEX buckets_by_session ON buckets (session)",
        "ALTER TABLE session_sums DROP COLUMN slots",  # signed differently; it is created again
    ),
    18: ("DROP TABLE published",),
    19: ("DROP TABLE session_day_sums",),
    20: ("DROP TABLE session_titles", "DROP TABLE pull_requests"),
    21: tuple(
        f"DROP TABLE {table}"
        for table in (
            *("attribution_names", "attributions", "tool_sets"),
            *("repositories", "agent_types", "unattributed"),
        )
    ),
    22: (
        "DROP TABLE agent_calls",
        *(
            statement
            for table, key, value in (
                ("agent_types", "agent", "type"),
                ("repositories", "folder", "repository"),
            )
            for statement in (
                f"DROP TABLE {table}",
                f"CREATE TABLE {table} ({key} INTEGER PRIMARY KEY, {value} INTEGER NOT NULL)",
            )
        ),
        "ALTER TABLE session_titles DROP COLUMN signature",
        "ALTER TABLE pull_requests DROP COLUMN signature",
    ),
    JOINS_TABLES: (
        *_ATTRIBUTION_FACTS,
        "CREATE INDEX chunks_by_first ON chunks (first_ms)",
    ),
    KNOWS_REASONING: ("ALTER TABLE buckets DROP COLUMN reasoning",),
    16: tuple(
        statement
        for table in sorted(WITH_OWN_SIGNATURE)
        for statement in (
            f"DROP TRIGGER {table}_update",
            f"INSERT INTO signatures SELECT '{table}', id, signature FROM {table}",  # noqa: S608  # names of ours
            f"ALTER TABLE {table} DROP COLUMN signature",
            *_triggers(table),
        )
    ),
}
"""The statements that undo each step of `MIGRATIONS`, counted from 1."""


def _forget_attributions(connection: sqlite3.Connection) -> None:
    """Leave out of chunks what is known of the circumstances of answers."""
    rows = connection.execute(
        "SELECT c.id, c.file, c.first_ms, c.last_ms, c.columns, c.shadows, a.answers FROM chunks c"
        " JOIN chunk_answers a ON a.chunk = c.id"
    ).fetchall()
    for number, file, first_ms, last_ms, columns, shadows, answers in rows:
        fields = (file, first_ms, last_ms, columns[end_of_runs(columns) :], shadows)
        write_row(connection, number, fields, answers)


def take_back(connection: sqlite3.Connection, schema: int) -> None:
    """Undo all steps after a schema; what a later version rebuilt must not exist before it."""
    if schema < KNOWS_ATTRIBUTIONS:
        _forget_attributions(connection)
    for step in sorted(_UNDO, reverse=True):
        if step > schema:
            for statement in _UNDO[step]:
                connection.execute(statement)
    if schema == 3:  # in which it had another form
        connection.execute("CREATE TABLE session_sums (session INTEGER)")
    if schema >= SIGNS:
        connection.execute("UPDATE meta SET value = ? WHERE key = ?", (str(schema), SCHEMA_KEY))
    connection.execute(f"PRAGMA user_version = {schema}")
    connection.commit()  # Python itself may have begun a transaction

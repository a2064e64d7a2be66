"""The tables in which copies of answers are settled, and how records get into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.metering.session_names import SUBAGENTS, order_in_session
from spendlight.metering.sums import NAMES
from spendlight.team.engine import insert_rows
from spendlight.team.segments import TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spendlight.team.engine import Connection

TABLES: Final = """
    CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
    CREATE TABLE segments (
        id INTEGER, name VARCHAR, size BIGINT, modified VARCHAR, machine VARCHAR,
        sequence BIGINT, fault VARCHAR, rows BIGINT
    );
    CREATE TABLE unindexed (segment INTEGER);
    CREATE TABLE replaced (name VARCHAR);
    CREATE TABLE machines (
        machine VARCHAR, name VARCHAR, person VARCHAR, mark VARCHAR
    );
    CREATE TABLE sessions (
        id INTEGER, machine VARCHAR, vm VARCHAR, agent VARCHAR, project VARCHAR,
        project_path VARCHAR, session VARCHAR
    );
    CREATE TABLE logs (
        id INTEGER, session INTEGER, root VARCHAR, path VARCHAR, path_in_root VARCHAR,
        start BIGINT
    );
    CREATE TABLE variants (
        id INTEGER, model VARCHAR, is_fast BOOLEAN, geo VARCHAR, role TINYINT
    );
    CREATE TABLE names (
        segment INTEGER, name UBIGINT, session INTEGER, log INTEGER, variant INTEGER,
        start BIGINT
    );
    CREATE TABLE copies (
        answer BIGINT, request BIGINT, copy BIGINT, segment INTEGER, is_withdrawn BOOLEAN,
        at_ms BIGINT, name UBIGINT, "offset" BIGINT,
        is_sidechain BOOLEAN, has_speed BOOLEAN, is_refused BOOLEAN, input BIGINT, output BIGINT,
        cache_write_5m BIGINT, cache_write_1h BIGINT, cache_read BIGINT, web_searches BIGINT,
        recorded_cost DOUBLE, limit_reset_ms BIGINT, row_number BIGINT
    );
    CREATE TABLE answers (key BIGINT);
    CREATE TABLE answer_files (segment INTEGER, rows BIGINT);
    CREATE TABLE sums (
        session INTEGER, quarter INTEGER, variant INTEGER, price_class TINYINT, input BIGINT,
        output BIGINT, cache_write_5m BIGINT, cache_write_1h BIGINT, cache_read BIGINT,
        recorded_cost DOUBLE, web_searches BIGINT, answers BIGINT, first_ms BIGINT, last_ms BIGINT,
        limit_reset_ms BIGINT, first_offset BIGINT, reasoning BIGINT
    );
"""
"""The tables of copies and of their sums."""

SESSION: Final = "machine, vm, agent, project, project_path, session"
_LOG: Final = "vm, agent, root, path, project, project_path, session"
VARIANT: Final = "model, is_fast, geo, role"
"""What identifies a session, a log and a variant."""

_NAME: Final = f"hash({_LOG}, {VARIANT})"

OF_COPY: Final = (
    "is_sidechain, has_speed, is_refused, "
    + ", ".join(TOKENS)
    + ", web_searches, recorded_cost, limit_reset_ms"
)


def add_records(
    connection: Connection, source: str, parameters: Sequence[object] = (), which: str = "TRUE"
) -> None:
    """Add the records of segments that are in the table ``segments`` already.

    Within a segment, a hash of all that identifies a log and a variant is the copy's name. What it
    means is in the table ``names``: to find it for sums is faster than for each copy.

    Args:
        connection: A database with these tables.
        source: The records, in SQL: the columns of segments, and in ``number`` the id of each
            record's segment. It is read twice.
        parameters: Of that SQL.
        which: SQL that is true of each record, or fails.
    """

    def run(statement: str) -> None:
        connection.execute(statement, parameters if source in statement else [])

    run(  # first, as it fails where something is unusual
        f"INSERT INTO copies SELECT answer, request, copy, number, is_withdrawn, at_ms, {_NAME},"
        f' "offset", {OF_COPY}, 0 FROM {source} WHERE {which}'
    )
    distinct = f"SELECT DISTINCT number, {_LOG}, {VARIANT} FROM {source} WHERE NOT is_withdrawn"
    run(
        "CREATE OR REPLACE TEMP TABLE new_logs AS SELECT DISTINCT ON (number, hash) * FROM"
        f" (SELECT *, {_NAME} AS hash FROM ({distinct}))"
    )
    run(
        f"INSERT INTO sessions SELECT {_next('sessions')}, * FROM"
        f" (SELECT DISTINCT {SESSION} FROM new_logs n JOIN segments s ON s.id = n.number)"
        f" ANTI JOIN sessions USING ({SESSION})"
    )
    run(
        "CREATE OR REPLACE TEMP TABLE new_logs AS SELECT n.*, s.id AS in_session FROM"
        " (SELECT n.*, g.machine FROM new_logs n JOIN segments g ON g.id = n.number) n"
        f" JOIN sessions s USING ({SESSION})"
    )
    (before,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM logs").fetchone()
    run(
        f"INSERT INTO logs SELECT {_next('logs')}, *,"
        " CASE WHEN starts_with(path, root) THEN substr(path, length(root) + 1) ELSE path END, 0"
        " FROM (SELECT DISTINCT in_session AS session, root, path FROM new_logs)"
        " ANTI JOIN logs USING (session, root, path)"
    )
    _note_starts(connection, before)
    run(
        f"INSERT INTO variants SELECT {_next('variants')}, * FROM"
        f" (SELECT DISTINCT {VARIANT} FROM new_logs) ANTI JOIN variants USING ({VARIANT})"
    )
    run(
        "INSERT INTO names SELECT n.number, n.hash, n.in_session, l.id, v.id, l.start"
        " FROM new_logs n"
        " JOIN logs l ON l.session = n.in_session AND l.root = n.root AND l.path = n.path"
        f" JOIN variants v USING ({VARIANT})"
    )


def _note_starts(connection: Connection, before: int) -> None:
    """Note what is added to offsets in new logs to put the logs of a session in order.

    Args:
        connection: The database.
        before: Logs with higher numbers are new.
    """
    logs = connection.execute(
        "SELECT id, path FROM logs WHERE id > ? AND contains(path, ?)", [before, SUBAGENTS]
    ).fetchall()
    if not logs:
        return
    connection.execute("CREATE OR REPLACE TEMP TABLE starts (id INTEGER, start BIGINT)")
    insert_rows(connection, "starts", [(number, order_in_session(path)) for number, path in logs])
    connection.execute("UPDATE logs SET start = s.start FROM starts s WHERE s.id = logs.id")


def load_sums(connection: Connection, file: Path) -> None:
    """Load sums with the names that they belong to."""
    run = connection.execute
    run("CREATE OR REPLACE TEMP TABLE named AS FROM read_parquet(?)", [str(file)])
    for table, names in (("sessions", SESSION), ("variants", VARIANT)):
        distinct = f"SELECT DISTINCT {names} FROM named"
        run(f"INSERT INTO {table} SELECT {_next(table)}, * FROM ({distinct})")
    values = ", ".join(NAMES)
    run(
        f"INSERT INTO sums SELECT s.id, quarter, v.id, price_class, {values} FROM named"
        f" JOIN sessions s USING ({SESSION}) JOIN variants v USING ({VARIANT})"
    )
    run("DROP TABLE named")


def _next(table: str) -> str:
    """Return SQL that numbers new rows of a table."""
    return f"(SELECT COALESCE(MAX(id), 0) FROM {table}) + ROW_NUMBER() OVER () AS id"

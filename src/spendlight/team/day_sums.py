"""Keeps sums by local day, which are a quarter of the sums: most reports are about days.

They are made when a report first needs them in a time zone, and brought up to date with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.metering.periods import DAY_MS
from spendlight.metering.sums import NAMES
from spendlight.team.settling import QUARTER_MS, added

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.metering.periods import Span
    from spendlight.team.engine import Connection

DAY_TABLES: Final = """
    CREATE TABLE machine_projects (id INTEGER, machine VARCHAR, vm VARCHAR, project VARCHAR);
    CREATE TABLE session_projects (session INTEGER, project_id INTEGER);
    CREATE TABLE day_sums AS
        SELECT 0 AS project_id, 0 AS day, * EXCLUDE (session, quarter) FROM sums LIMIT 0;
    CREATE TABLE fresh_sums AS FROM sums LIMIT 0;
    CREATE TABLE stale_projects (project_id INTEGER);
"""
"""A project on each machine has a number. Sums in ``fresh_sums`` are not in ``day_sums`` yet; those
of stale projects must be made again. Sums of recorded costs are in ``sums`` only, as the last digit
of their total depends on the order in which they are added up."""

_KEY: Final = "days"
_VALUES: Final = ", ".join(NAMES)
_PROJECT: Final = "machine, vm, project"


def forget_days(connection: Connection) -> None:
    """Forget all sums by day, as other sums have changed."""
    for table in ("day_sums", "fresh_sums", "stale_projects"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("DELETE FROM meta WHERE key = ?", [_KEY])


def _are_kept(connection: Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM meta WHERE key = ?", [_KEY]).fetchall())


def note_fresh(connection: Connection, sums: str) -> None:
    """Note sums that were added to the others.

    Args:
        connection: The database.
        sums: SQL that selects them.
    """
    if _are_kept(connection):
        connection.execute(f"INSERT INTO fresh_sums FROM ({sums})")


def note_touched(connection: Connection) -> None:
    """Note that the sums of the sessions in the table ``touched`` were made again."""
    run = connection.execute
    if not _are_kept(connection):
        return
    run(
        "INSERT INTO stale_projects SELECT DISTINCT project_id FROM session_projects"
        " SEMI JOIN touched USING (session) ANTI JOIN stale_projects USING (project_id)"
    )
    run("DELETE FROM day_sums USING stale_projects p WHERE day_sums.project_id = p.project_id")
    run("DELETE FROM fresh_sums USING touched t WHERE fresh_sums.session = t.session")
    run(
        "INSERT INTO fresh_sums FROM sums SEMI JOIN touched USING (session)"
        " ANTI JOIN session_projects USING (session)"
    )


def keep_days(connection: Connection, spans: Sequence[Span]) -> None:
    """Bring the sums by day up to date.

    Args:
        connection: The database.
        spans: All time with usage, each span with its offset from UTC.
    """
    run = connection.execute
    kind = _kind_of(spans)
    row = run("SELECT value FROM meta WHERE key = ?", [_KEY]).fetchone()
    is_there = row is not None and row[0] == kind
    if (
        is_there
        and not run(
            "SELECT 1 FROM fresh_sums UNION ALL SELECT 1 FROM stale_projects LIMIT 1"
        ).fetchall()
    ):
        return
    run("BEGIN")
    try:
        if not is_there:
            forget_days(connection)
        number_projects(connection)
        day = day_in(spans)
        if is_there:
            source = (
                "SELECT project_id, s.* FROM fresh_sums s JOIN (FROM session_projects"
                " ANTI JOIN stale_projects USING (project_id)) USING (session)"
                " UNION ALL SELECT project_id, s.* FROM sums s JOIN (FROM session_projects"
                " SEMI JOIN stale_projects USING (project_id)) USING (session)"
            )
        else:
            source = "SELECT project_id, s.* FROM sums s JOIN session_projects USING (session)"
        run(
            f"INSERT INTO day_sums BY NAME SELECT project_id, {day} AS day, variant, price_class,"
            f" {added('s')} FROM ({source}) s WHERE price_class % 2 = 0 GROUP BY 1, 2, 3, 4"
        )
        run("DELETE FROM fresh_sums")
        run("DELETE FROM stale_projects")
        run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [_KEY, kind])
    except BaseException:
        run("ROLLBACK")
        raise
    run("COMMIT")


def sums_by_day(spans: Sequence[Span]) -> str:
    """Return SQL that selects all sums by project, local day, variant and price class.

    Args:
        spans: All time with usage, each span with its offset from UTC.
    """
    kept = f"SELECT project_id, day, variant, price_class, {_VALUES} FROM day_sums"
    return f"{kept} UNION ALL {sums_with_projects(spans, 's.price_class % 2 = 1')}"


def sums_with_projects(spans: Sequence[Span], which: str, more: str = "") -> str:
    """Return SQL that selects sums with their projects and days, but separated further.

    Args:
        spans: When, each span with its offset from UTC.
        which: SQL that selects some of the sums, ``s``.
        more: SQL of further columns, each with a comma after it.
    """
    return (
        f"SELECT project_id, {day_in(spans)} AS day, variant, price_class,{more} {_VALUES}"
        f" FROM (SELECT * FROM sums s WHERE {which}) s JOIN session_projects USING (session)"
    )


def number_projects(connection: Connection) -> None:
    """Note the projects of new sessions."""
    run = connection.execute
    run(
        "CREATE OR REPLACE TEMP TABLE unnumbered AS SELECT id, machine, vm, project FROM sessions"
        " WHERE id > (SELECT COALESCE(MAX(session), 0) FROM session_projects)"
    )
    run(
        "INSERT INTO machine_projects SELECT (SELECT COALESCE(MAX(id), 0) FROM machine_projects)"
        f" + ROW_NUMBER() OVER (), {_PROJECT} FROM (SELECT DISTINCT {_PROJECT} FROM unnumbered)"
        f" ANTI JOIN machine_projects USING ({_PROJECT})"
    )
    run(
        "INSERT INTO session_projects SELECT s.id, p.id FROM unnumbered s"
        f" JOIN machine_projects p USING ({_PROJECT})"
    )


def _kind_of(spans: Sequence[Span]) -> str:
    """Return what is the same if moments are on the same days."""
    return " ".join(
        f"{span.start_ms if at else ''}:{span.offset_ms}" for at, span in enumerate(spans)
    )


def day_in(spans: Iterable[Span]) -> str:
    """Return SQL that computes the local day's number of a quarter of an hour."""
    cases = [
        f"WHEN s.quarter < {-(-span.end_ms // QUARTER_MS)}"
        f" THEN (s.quarter::BIGINT * {QUARTER_MS} + {span.offset_ms}) // {DAY_MS}"
        for span in spans
    ]
    return f"(CASE {' '.join(cases)} END)::INTEGER"


def days_of(spans: Sequence[Span]) -> tuple[int, int]:
    """Return the first and the last local day in spans that follow one another."""
    first, last = spans[0], spans[-1]
    return (
        (first.start_ms + first.offset_ms) // DAY_MS,
        (last.end_ms - 1 + last.offset_ms) // DAY_MS,
    )

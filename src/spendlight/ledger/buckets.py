"""Sums of the entries, made anew from them whenever one changes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from spendlight.metering.slices import QUARTER_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def renew_buckets(
    connection: sqlite3.Connection, cuts: Sequence[int], slots: Collection[int]
) -> None:
    """Make the sums of some slots anew from the entries in them. Within a transaction."""
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS touched"
        " (slot INTEGER PRIMARY KEY, first_ms INTEGER, last_ms INTEGER)"
    )
    connection.execute("DELETE FROM touched")
    connection.executemany("INSERT INTO touched VALUES (?, ?, ?)", map(_slot_range, slots))
    connection.execute("DELETE FROM buckets WHERE slot IN (SELECT slot FROM touched)")
    source = "touched t CROSS JOIN entries e ON e.at_ms BETWEEN t.first_ms AND t.last_ms"
    _fill_buckets(connection, cuts, source)


def rebuild_buckets(connection: sqlite3.Connection, cuts: Sequence[int]) -> None:
    """Make all sums anew from the entries. Within a transaction."""
    connection.execute("DELETE FROM buckets")
    _fill_buckets(connection, cuts, "entries e")


def run_with_sums(
    connection: sqlite3.Connection,
    statement: str,
    prefix: str,
    parameters: Sequence[object] = (),
) -> sqlite3.Cursor:
    """Run a statement in which ``{sums}`` stands for the sums of the five kinds of tokens.

    Sums beyond 2^63 make SQLite fail; no log of a sane program has such counts, but one line of an
    insane one must not stop all others, so they are capped then.
    """
    try:
        return connection.execute(statement.format(sums=_sums(prefix, "SUM({})")), parameters)
    except sqlite3.OperationalError as error:
        if "integer overflow" not in str(error):
            raise
        capped = "CAST(MIN(TOTAL({}), 9.2e18) AS INTEGER)"
        return connection.execute(statement.format(sums=_sums(prefix, capped)), parameters)


def _fill_buckets(connection: sqlite3.Connection, cuts: Sequence[int], source: str) -> None:
    """Sum entries into buckets that do not exist yet.

    Args:
        connection: Within a transaction.
        cuts: Context sizes at which some price changes, ascending.
        source: The entries, as ``e``, in SQL.
    """
    context = "CAST(e.input AS REAL) + e.cache_write_5m + e.cache_write_1h + e.cache_read"
    cuts_passed = "".join(f" + 2 * ({context} > {cut:d})" for cut in cuts)
    statement = (
        f"INSERT INTO buckets SELECT e.at_ms / {QUARTER_MS} * 2 + (e.at_ms % {QUARTER_MS} > 0),"  # noqa: S608  # numbers and names of ours
        f" f.session, e.variant, (e.recorded_cost IS NOT NULL){cuts_passed}, e.shadow,"
        f" {{sums}}, TOTAL(e.recorded_cost), SUM(e.web_searches), COUNT(*), MIN(e.at_ms),"
        f" MAX(e.at_ms), MAX(e.limit_reset_ms), MIN(e.offset) FROM {source}"
        " JOIN files f ON f.id = e.file GROUP BY 1, 2, 3, 4, 5"
    )
    run_with_sums(connection, statement, "e.")


def _sums(prefix: str, template: str) -> str:
    kinds = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
    return ", ".join(template.format(prefix + kind) for kind in kinds)


def _slot_range(slot: int) -> tuple[int, int, int]:
    start = slot // 2 * QUARTER_MS
    return (slot, start + 1, start + QUARTER_MS - 1) if slot % 2 else (slot, start, start)

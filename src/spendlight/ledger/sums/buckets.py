"""Sums of the entries by slot: new entries are added; if an entry changes, they are recomputed."""

from __future__ import annotations

import json
import sqlite3
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.inserting import insert_rows
from spendlight.metering.session_names import limited_offset, order_in_session
from spendlight.metering.slices import QUARTER_MS, slot_of
from spendlight.metering.sums import COUNTS, MEASURES, NAMES, Merging

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.periods import Span
    from spendlight.metering.summing import Sums
    from spendlight.metering.sums import Measure, Sum

_MOST: Final = 2**63 - 1
"""The greatest integer that SQLite can store. No real log comes near it, but a single broken line
must not block all others."""

CONTEXT_THRESHOLDS_KEY: Final = "context_cuts"
"""The key in ``meta`` of the context sizes by which sums are separated."""

PRICE_STEPS_KEY: Final = "price_steps"
"""The key in ``meta`` of the moments at which prices change, by which coarser sums are separated: a
slot lies on one side of each, as prices change at the beginning of a day in UTC."""

_in_order: Final = itemgetter(0, 1)
_counts_in: Final = itemgetter(*map(NAMES.index, COUNTS))


def _added(measure: Measure) -> str:
    """Return, in SQL, how an existing sum is merged with another one."""
    name, new = measure.name, f"excluded.{measure.name}"
    if measure.is_count:
        return f"{name} = MIN({name} + {new}, {_MOST})"
    if measure.merging is Merging.ADDED:
        return f"{name} = {name} + {new}"
    either = f"{measure.merging.value}({name}, {new})"  # NULL if one of them is
    return (
        f"{name} = COALESCE({either}, {name}, {new})"
        if measure.may_be_none
        else f"{name} = {either}"
    )


_KEYS: Final = ("slot", "session", "variant", "price_class", "shadow")
_INSERT: Final = f"INSERT INTO buckets ({', '.join((*_KEYS, *NAMES))})"
_VALUES: Final = (
    *("?" for _ in _KEYS),
    *("NULLIF(?, -1)" if measure.may_be_none else "?" for measure in MEASURES),
)
_OR_ADD: Final = f"ON CONFLICT DO UPDATE SET {', '.join(map(_added, MEASURES))}"


def context_thresholds_in(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the context sizes by which sums are separated, ascending."""
    row = connection.execute(
        "SELECT value FROM meta WHERE key = ?", (CONTEXT_THRESHOLDS_KEY,)
    ).fetchone()
    return tuple(int(cut) for cut in json.loads(row[0])) if row else ()


def price_steps_in(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the moments at which prices change, in Unix milliseconds, ascending."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (PRICE_STEPS_KEY,)).fetchone()
    return tuple(map(int, json.loads(row[0]))) if row else ()


def make(
    connection: sqlite3.Connection,
    sums: Iterable[tuple[int, str, Sums]],
    others: Iterable[Row] = (),
) -> list[Row]:
    """Add the sums of new entries of logs; return them, in their order. Within a transaction.

    Args:
        connection: Where to write.
        sums: For each log the number of its session, its path or "" if it is not a subagent's, and
            its sums.
        others: More of them, as rows of the table, in which -1 also stands for None.
    """
    rows = [
        (slot, session, variant, price_class, shadow, *_capped(_in_session(total, start)))
        for session, path, found in sums
        for start in (order_in_session(path) if path else 0,)
        for (slot, variant, price_class, shadow), total in found.items()
    ]
    rows += others
    rows.sort(key=_in_order)  # nearly that of the table, as inserting is faster that way
    insert_rows(connection, _INSERT, rows, _OR_ADD, values=_VALUES)
    return rows


def renew(
    connection: sqlite3.Connection,
    context_thresholds: Sequence[int],
    changed: Mapping[int, Collection[int]],
) -> None:
    """Recompute sums from the entries. Within a transaction.

    Args:
        connection: Where to write.
        context_thresholds: Context sizes at which any price changes, ascending.
        changed: The slots, by session, whose sums are to be recomputed.
    """
    from spendlight.ledger import packed_chunks  # reports read sums only

    connection.executemany(
        "DELETE FROM buckets WHERE slot = ? AND session = ?",
        ((slot, session) for session, slots in changed.items() for slot in slots),
    )
    spans = {
        session: (min(slots) // 2 * QUARTER_MS, (max(slots) // 2 + 1) * QUARTER_MS)
        for session, slots in changed.items()
        if slots
    }
    rows = connection.execute(
        "SELECT c.id, f.session, f.path, c.first_ms, c.last_ms FROM json_each(?) e"
        " CROSS JOIN files f ON f.session = e.value CROSS JOIN chunks c ON c.file = f.id",
        (json.dumps(list(spans)),),
    )
    logs = {
        number: (session, path)
        for number, session, path, first, last in rows
        if last >= spans[session][0] and first <= spans[session][1]
    }
    sums = []
    for chunk in packed_chunks.load(connection, logs):
        session, path = logs[chunk.number]
        found = chunk.packed.sums_in(changed[session], context_thresholds, chunk.shadows)
        sums.append((session, path, found))
    make(connection, sums)


def rebuild(connection: sqlite3.Connection, context_thresholds: Sequence[int]) -> None:
    """Recompute all sums from the entries. Within a transaction."""
    from spendlight.ledger import chunks  # as above
    from spendlight.metering.summing import sum_up

    connection.execute("DELETE FROM buckets")
    for chunk in chunks.load(connection, "1"):
        sums = sum_up(chunk.entries, context_thresholds, chunk.shadows)
        make(connection, [(chunk.session, _path(connection, chunk.file), sums)])


def run_with_sums(
    connection: sqlite3.Connection,
    statement: str,
    prefix: str,
    parameters: Iterable[object] = (),
) -> list[Row]:
    """Run a statement in which ``{sums}`` stands for all sums, in the order of `Sum`.

    It ends with what it groups by. Slots on different sides of a step of prices are separate, so
    that each sum has the prices of its first moment.

    Sums beyond 2^63, which valid entries never reach, make SQLite fail, possibly while rows are
    fetched; they are then capped.
    """
    values = tuple(parameters)
    if steps := price_steps_in(connection):
        sides = (f"({prefix}slot >= {slot_of(at_ms)})" for at_ms in steps)
        statement = f"{statement}, {' + '.join(sides)}"
    try:
        return connection.execute(_with_sums(statement, prefix, "SUM({})"), values).fetchall()
    except sqlite3.OperationalError as error:
        if "integer overflow" not in str(error):
            raise
        capped = "CAST(MIN(TOTAL({}), 9.2e18) AS INTEGER)"
        return connection.execute(_with_sums(statement, prefix, capped), values).fetchall()


def read(  # noqa: PLR0913  # where, what and how
    connection: sqlite3.Connection,
    scope: Scope,
    span: Span,
    group: str,
    *,
    with_sessions: bool,
    project: str | None,
) -> list[Row]:
    """Return the sums of the buckets in a span, by group, session, variant and price class.

    Args:
        connection: Where to read.
        scope: Which roots.
        span: When.
        group: What to group by, in SQL.
        with_sessions: Group by session, too; otherwise the session is 0.
        project: Only this project.
    """
    where, parameters = sessions_of(scope, project)
    shadows = ",".join(map(str, scope.shadows))
    session = "b.session" if with_sessions else "0"
    statement = (
        f"SELECT {group} AS grp, {session} AS sess, b.variant, b.price_class, {{sums}}"  # noqa: S608  # our own names
        f" FROM buckets b WHERE b.shadow IN ({shadows}){where} AND b.slot >= ? AND b.slot <= ?"
        " GROUP BY grp, sess, b.variant, b.price_class"
    )
    bounds = (slot_of(span.start_ms), slot_of(span.end_ms - 1))
    return run_with_sums(connection, statement, "b.", (*parameters, *bounds))


def sessions_of(
    scope: Scope, project: str | None, column: str = "+b.session"
) -> tuple[str, list[object]]:
    """Return the condition that selects the sessions of a scope and a project; its parameters.

    Args:
        scope: Which roots.
        project: Only this project.
        column: The session's column in SQL. By default no index on it is used, as the sessions
            are usually a large part of all.
    """
    chosen: list[str] = []
    parameters: list[object] = []
    if scope.roots is not None:
        chosen.append(f"root IN ({','.join(map(str, scope.roots))})")
    if project is not None:
        chosen.append("project = ?")
        parameters.append(project)
    if not chosen:
        return "", parameters
    condition = " AND ".join(chosen)
    return f" AND {column} IN (SELECT id FROM sessions WHERE {condition})", parameters  # noqa: S608  # our own numbers


@lru_cache(maxsize=32)
def _with_sums(statement: str, prefix: str, template: str) -> str:
    return statement.format(
        sums=", ".join(
            template.format(prefix + name)
            if measure.is_count
            else f"{measure.merging.value}({prefix}{name})"
            for name, measure in zip(NAMES, MEASURES, strict=True)
        )
    )


def _path(connection: sqlite3.Connection, file: int) -> str:
    row = connection.execute("SELECT path FROM files WHERE id = ?", (file,)).fetchone()
    return str(row[0])


def _in_session(total: Sum, start: int) -> Sum:
    """Return a sum whose first offset is one in the session and not in the log."""
    if not start:
        return total
    return total._replace(first_offset=start + limited_offset(total.first_offset))


def _capped(total: Sum) -> Sum:
    counts = _counts_in(total)
    if max(counts) <= _MOST:
        return total
    return total._replace(
        **{name: min(count, _MOST) for name, count in zip(COUNTS, counts, strict=True)}
    )

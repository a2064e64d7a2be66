"""Sums of the buckets by hour, whatever the session: what makes reports over years fast.

Hours are numbered as slots are: hour *h* has two numbers, 2h for the moment it begins and 2h + 1
for all that follows, as a block that ends on the hour still owns that very millisecond.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final

from spendlight.ledger.buckets import run_with_sums
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS, slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.slicing import Row
    from spendlight.metering.periods import Span

SLOTS_PER_HOUR: Final = 8
HOUR_MS: Final = SLOTS_PER_HOUR * SLOT_MS

_MET: Final = (
    "s.project_path || '/' || s.session || '.jsonl' || CHAR(1) || PRINTF('%020d', b.first_offset)"
)
"""Sorts as the logs do: by path, then by place."""

_HOUR: Final = f"b.slot / {SLOTS_PER_HOUR} * 2 + (b.slot % {SLOTS_PER_HOUR} > 0)"
"""The number of a slot's hour."""

_RENEW: Final = (
    f"INSERT INTO hours SELECT {_HOUR}, b.variant, b.price_class, b.shadow, {{sums}}, MIN({_MET})"  # noqa: S608  # names of ours
    " FROM buckets b JOIN sessions s ON s.id = b.session"
    " WHERE b.slot >= ? AND b.slot < ? GROUP BY 1, 2, 3, 4"
)
_BY_DAY: Final = (
    "SELECT ({moment} + {offset_ms}) / {day_ms} AS day, 0, b.variant, b.price_class, {{sums}},"
    " MIN({met}) FROM {source} WHERE {column} >= ? AND {column} <= ? AND b.shadow IN ({shadows})"
    " GROUP BY day, b.variant, b.price_class"
)
_IN_USE: Final = (
    "SELECT {hour} AS number, MIN(b.first_ms), MAX(b.last_ms) FROM {source}"
    " WHERE {column} >= ? AND {column} <= ? AND b.shadow IN ({shadows}) GROUP BY number"
)
_BY_STRETCH: Final = (
    "SELECT e.key, 0, b.variant, b.price_class, {{sums}} FROM json_each(?) e CROSS JOIN {source}"
    " WHERE {column} >= json_extract(e.value, '$[0]')"
    " AND {column} <= json_extract(e.value, '$[1]') AND b.shadow IN ({shadows})"
    " GROUP BY e.key, b.variant, b.price_class"
)


def hour_of(slot: int) -> int:
    """Return the number of the hour in which a slot lies."""
    hour, rest = divmod(slot, SLOTS_PER_HOUR)
    return 2 * hour + (rest > 0)


def renew_hours(connection: sqlite3.Connection, slots: Iterable[int]) -> None:
    """Make the hours anew in which some slots lie. Within a transaction."""
    hours = sorted({slot // SLOTS_PER_HOUR for slot in slots})
    for _, run in groupby(enumerate(hours), lambda pair: pair[1] - pair[0]):
        chosen = [hour for _, hour in run]
        first, end = chosen[0], chosen[-1] + 1
        connection.execute("DELETE FROM hours WHERE hour >= ? AND hour < ?", (2 * first, 2 * end))
        bounds = (first * SLOTS_PER_HOUR, end * SLOTS_PER_HOUR)
        run_with_sums(connection, _RENEW, "b.", bounds)


def rebuild_hours(connection: sqlite3.Connection) -> None:
    """Make all hours anew from the buckets. Within a transaction."""
    connection.execute("DELETE FROM hours")
    run_with_sums(connection, _RENEW, "b.", (0, 1 << 62))


def day_sums_from_hours(
    connection: sqlite3.Connection, span: Span, scope: Scope
) -> list[tuple[str, Row]]:
    """Return the sums of local days, of all sessions together.

    With each comes text that sorts by where the logs speak of it first.

    Args:
        connection: Where to read.
        span: When, with its offset from UTC. Where it begins or ends within an hour in which there
            is something, as in a zone on half hours, it takes longer.
        scope: Which roots; some of all take longer, too.
    """
    first, last = slot_of(span.start_ms), slot_of(span.end_ms - 1)
    if scope.roots is None and _has_whole_hours(connection, span, first, last):
        moment, met = f"b.hour / 2 * {HOUR_MS}", "b.met"
        column, source = "b.hour", "hours b"
        bounds = first // SLOTS_PER_HOUR * 2, last // SLOTS_PER_HOUR * 2 + 1
    else:
        moment, met = f"b.slot * {SLOT_MS}", _MET
        column, source = "b.slot", _buckets_of(scope)
        bounds = first, last
    statement = _BY_DAY.format(
        moment=moment,
        offset_ms=int(span.offset_ms),
        day_ms=DAY_MS,
        met=met,
        source=source,
        column=column,
        shadows=_marks(scope),
    )
    rows = run_with_sums(connection, statement, "b.", (*bounds, *scope.shadows))
    return [(row[-1], row[:-1]) for row in rows]


def hours_in_use(
    connection: sqlite3.Connection, span: Span, scope: Scope
) -> list[tuple[int, int, int]]:
    """Return the hours in which there is something, and its first and last moment.

    Args:
        connection: Where to read.
        span: When; what comes before it in its first hour is there, too.
        scope: Which roots; some of all take longer.
    """
    first, last = span.start_ms // HOUR_MS * 2, (span.end_ms - 1) // HOUR_MS * 2 + 1
    if scope.roots is None:
        hour, column, source = "b.hour", "b.hour", "hours b"
    else:
        hour, column, source = _HOUR, "b.slot", _buckets_of(scope)
        first, last = _slots_of((first, last))
    statement = _IN_USE.format(hour=hour, column=column, source=source, shadows=_marks(scope))
    return connection.execute(statement, (first, last, *scope.shadows)).fetchall()


def sums_by_stretch(
    connection: sqlite3.Connection, stretches: Iterable[tuple[int, int]], scope: Scope
) -> list[Row]:
    """Return the sums of some stretches of time, grouped by the stretch's place.

    Args:
        connection: Where to read.
        stretches: The first and the last hour of each.
        scope: Which roots; some of all take longer.
    """
    if scope.roots is None:
        column, source = "b.hour", "hours b"
    else:
        column, source = "b.slot", _buckets_of(scope)
        stretches = map(_slots_of, stretches)
    statement = _BY_STRETCH.format(column=column, source=source, shadows=_marks(scope))
    parameters = (json.dumps(list(stretches)), *scope.shadows)
    return run_with_sums(connection, statement, "b.", parameters)


def uses_from_hours(connection: sqlite3.Connection, scope: Scope) -> list[tuple[int, int, int]]:
    """Return the numbers of variants, their answers and their first moments.

    Args:
        connection: Where to read.
        scope: Which roots; some of all take longer.
    """
    source = "hours b" if scope.roots is None else _buckets_of(scope)
    return connection.execute(
        "SELECT b.variant, SUM(b.answers), MIN(b.first_ms)"  # noqa: S608  # names of ours
        f" FROM {source} WHERE b.shadow IN ({_marks(scope)}) GROUP BY b.variant",
        scope.shadows,
    ).fetchall()


def _buckets_of(scope: Scope) -> str:
    """Return the buckets of a scope's roots, and the sessions that they are of."""
    source = "buckets b CROSS JOIN sessions s ON s.id = b.session"
    if scope.roots is not None:
        source += f" AND s.root IN ({','.join(map(str, scope.roots))})"
    return source


def _slots_of(stretch: tuple[int, int]) -> tuple[int, int]:
    """Return the first and the last slot of a stretch of hours."""
    (first, is_inside), (last, reaches_inside) = (divmod(hour, 2) for hour in stretch)
    return (
        first * SLOTS_PER_HOUR + is_inside,
        last * SLOTS_PER_HOUR + (SLOTS_PER_HOUR - 1) * reaches_inside,
    )


def _marks(scope: Scope) -> str:
    return ",".join("?" * len(scope.shadows))


def _has_whole_hours(connection: sqlite3.Connection, span: Span, first: int, last: int) -> bool:
    """Return whether no hour at the ends of a span holds anything that is outside of it."""
    if span.offset_ms % HOUR_MS:
        return False
    outside = (
        (first - first % SLOTS_PER_HOUR, first),
        (last + 1, last - last % SLOTS_PER_HOUR + SLOTS_PER_HOUR),
    )
    return not any(
        connection.execute(
            "SELECT 1 FROM buckets WHERE slot >= ? AND slot < ? LIMIT 1", bounds
        ).fetchone()
        for bounds in outside
    )

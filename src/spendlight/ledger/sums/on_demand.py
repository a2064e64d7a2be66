"""Sums of the buckets that are not kept: made when they are asked for, and to make those kept.

Hours are numbered as slots are: hour *h* has two numbers, 2h for the moment it begins and 2h + 1
for all that follows, as a block that ends on the hour still owns that very millisecond.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from spendlight.ledger.sums.buckets import run_with_sums
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS, slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.periods import Span

SLOTS_PER_HOUR: Final = 8
HOUR_MS: Final = SLOTS_PER_HOUR * SLOT_MS

_MET: Final = (
    "s.project_path || '/' || s.session || '.jsonl' || CHAR(1) || PRINTF('%020d', b.first_offset)"
)
"""Sorts as the logs do: by path, then by place."""

_HOUR: Final = f"b.slot / {SLOTS_PER_HOUR} * 2 + (b.slot % {SLOTS_PER_HOUR} > 0)"
"""The number of a slot's hour."""


def hour_of(slot: int) -> int:
    """Return the number of the hour in which a slot lies."""
    hour, rest = divmod(slot, SLOTS_PER_HOUR)
    return 2 * hour + (rest > 0)


def sums_by_day(connection: sqlite3.Connection, span: Span, scope: Scope) -> list[tuple[str, Row]]:
    """Return the sums of local days, of all sessions together.

    With each comes text that sorts by where the logs speak of it first.

    Args:
        connection: Where to read.
        span: When, with its offset from UTC.
        scope: Which roots.
    """
    statement = (
        f"SELECT (b.slot * {SLOT_MS} + {int(span.offset_ms)}) / {DAY_MS} AS day, 0, b.variant,"  # noqa: S608  # numbers of ours
        f" b.price_class, {{sums}}, MIN({_MET}) FROM {_buckets_of(scope, with_names=True)}"
        f" WHERE b.slot >= ? AND b.slot <= ? AND b.shadow IN ({_marks(scope)})"
        " GROUP BY day, b.variant, b.price_class"
    )
    bounds = slot_of(span.start_ms), slot_of(span.end_ms - 1)
    rows = run_with_sums(connection, statement, "b.", (*bounds, *scope.shadows))
    return [(row[-1], row[:-1]) for row in rows]


def hours_in_use(
    connection: sqlite3.Connection, span: Span, scope: Scope
) -> list[tuple[int, int, int]]:
    """Return the hours in which there is something, and its first and last moment.

    Args:
        connection: Where to read.
        span: When; what comes before it in its first hour is there, too.
        scope: Which roots.
    """
    bounds = _slots_of((span.start_ms // HOUR_MS * 2, (span.end_ms - 1) // HOUR_MS * 2 + 1))
    statement = (
        f"SELECT {_HOUR} AS number, MIN(b.first_ms), MAX(b.last_ms) FROM {_buckets_of(scope)}"  # noqa: S608  # numbers of ours
        f" WHERE b.slot >= ? AND b.slot <= ? AND b.shadow IN ({_marks(scope)}) GROUP BY number"
    )
    return connection.execute(statement, (*bounds, *scope.shadows)).fetchall()


def sums_by_stretch(
    connection: sqlite3.Connection, stretches: Iterable[tuple[int, int]], scope: Scope
) -> list[Row]:
    """Return the sums of some stretches of time, grouped by the stretch's place.

    Args:
        connection: Where to read.
        stretches: The first and the last hour of each.
        scope: Which roots.
    """
    statement = (
        "SELECT e.key, 0, b.variant, b.price_class, {sums} FROM json_each(?) e CROSS JOIN"  # noqa: S608  # numbers of ours
        f" {_buckets_of(scope)} WHERE b.slot >= json_extract(e.value, '$[0]')"
        f" AND b.slot <= json_extract(e.value, '$[1]') AND b.shadow IN ({_marks(scope)})"
        " GROUP BY e.key, b.variant, b.price_class"
    )
    parameters = (json.dumps(list(map(_slots_of, stretches))), *scope.shadows)
    return run_with_sums(connection, statement, "b.", parameters)


def variant_uses(connection: sqlite3.Connection, scope: Scope) -> list[tuple[int, int, int]]:
    """Return the numbers of variants, their answers and their first moments.

    Args:
        connection: Where to read.
        scope: Which roots.
    """
    return connection.execute(
        "SELECT b.variant, SUM(b.answers), MIN(b.first_ms)"  # noqa: S608  # names of ours
        f" FROM {_buckets_of(scope)} WHERE b.shadow IN ({_marks(scope)}) GROUP BY b.variant",
        scope.shadows,
    ).fetchall()


def _buckets_of(scope: Scope, *, with_names: bool = False) -> str:
    """Return the buckets of a scope's roots, with the names of their sessions where asked for."""
    if scope.roots is None and not with_names:
        return "buckets b"
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

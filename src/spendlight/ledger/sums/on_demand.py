"""Sums of the buckets that are computed on demand, for reports and to make the sums that are kept.

Hours are numbered like slots: hour *h* has two numbers, 2h for the moment at which it begins and
2h + 1 for the rest, as a block that ends on the hour still includes that very millisecond.
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
"""Sorts like the logs: by path, then by offset."""

_HOUR: Final = f"b.slot / {SLOTS_PER_HOUR} * 2 + (b.slot % {SLOTS_PER_HOUR} > 0)"
"""The number of a slot's hour."""


def hour_of(slot: int) -> int:
    """Return the number of the hour that contains a slot."""
    hour, rest = divmod(slot, SLOTS_PER_HOUR)
    return 2 * hour + (rest > 0)


def sums_by_day(connection: sqlite3.Connection, span: Span, scope: Scope) -> list[tuple[str, Row]]:
    """Return the sums of local days, of all sessions together.

    Each comes with a text that sorts by its first occurrence in the logs.

    Args:
        connection: Where to read.
        span: When, with its offset from UTC.
        scope: Which roots.
    """
    statement = (
        f"SELECT (b.slot * {SLOT_MS} + {int(span.offset_ms)}) / {DAY_MS} AS day, 0, b.variant,"  # noqa: S608  # our own numbers
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
    """Return the hours that have usage, each with its first and last moment.

    Args:
        connection: Where to read.
        span: When; what comes before it in its first hour is included.
        scope: Which roots.
    """
    bounds = _slots_of((span.start_ms // HOUR_MS * 2, (span.end_ms - 1) // HOUR_MS * 2 + 1))
    statement = (
        f"SELECT {_HOUR} AS number, MIN(b.first_ms), MAX(b.last_ms) FROM {_buckets_of(scope)}"  # noqa: S608  # our own numbers
        f" WHERE b.slot >= ? AND b.slot <= ? AND b.shadow IN ({_marks(scope)}) GROUP BY number"
    )
    return connection.execute(statement, (*bounds, *scope.shadows)).fetchall()


def sums_by_stretch(
    connection: sqlite3.Connection, stretches: Iterable[tuple[int, int]], scope: Scope
) -> list[Row]:
    """Return the sums of some ranges of hours, grouped by the index of the range.

    Args:
        connection: Where to read.
        stretches: The first and the last hour of each range.
        scope: Which roots.
    """
    statement = (
        "SELECT e.key, 0, b.variant, b.price_class, {sums} FROM json_each(?) e CROSS JOIN"  # noqa: S608  # our own numbers
        f" {_buckets_of(scope)} WHERE b.slot >= json_extract(e.value, '$[0]')"
        f" AND b.slot <= json_extract(e.value, '$[1]') AND b.shadow IN ({_marks(scope)})"
        " GROUP BY e.key, b.variant, b.price_class"
    )
    parameters = (json.dumps(list(map(_slots_of, stretches))), *scope.shadows)
    return run_with_sums(connection, statement, "b.", parameters)


def variant_uses(connection: sqlite3.Connection, scope: Scope) -> list[tuple[int, int, int]]:
    """Return the number of each variant, how many answers it has, and the moment of the first.

    Args:
        connection: Where to read.
        scope: Which roots.
    """
    return connection.execute(
        "SELECT b.variant, SUM(b.answers), MIN(b.first_ms)"  # noqa: S608  # our own names
        f" FROM {_buckets_of(scope)} WHERE b.shadow IN ({_marks(scope)}) GROUP BY b.variant",
        scope.shadows,
    ).fetchall()


def _buckets_of(scope: Scope, *, with_names: bool = False) -> str:
    """Return, in SQL, the buckets of a scope's roots, optionally with names of sessions."""
    if scope.roots is None and not with_names:
        return "buckets b"
    source = "buckets b CROSS JOIN sessions s ON s.id = b.session"
    if scope.roots is not None:
        source += f" AND s.root IN ({','.join(map(str, scope.roots))})"
    return source


def _slots_of(stretch: tuple[int, int]) -> tuple[int, int]:
    """Return the first and the last slot of a range of hours."""
    (first, is_inside), (last, reaches_inside) = (divmod(hour, 2) for hour in stretch)
    return (
        first * SLOTS_PER_HOUR + is_inside,
        last * SLOTS_PER_HOUR + (SLOTS_PER_HOUR - 1) * reaches_inside,
    )


def _marks(scope: Scope) -> str:
    return ",".join("?" * len(scope.shadows))

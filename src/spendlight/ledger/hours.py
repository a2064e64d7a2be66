"""Sums of the buckets by hour, whatever the session: what makes reports over years fast."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.ledger.buckets import rebuild_buckets, run_with_sums
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS, slot_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from spendlight.metering.periods import Span

SLOTS_PER_HOUR: Final = 8
HOUR_MS: Final = SLOTS_PER_HOUR * SLOT_MS

_MET: Final = (
    "s.project_path || '/' || s.session || '.jsonl' || CHAR(1)"
    " || PRINTF('%020d%020d', b.first_ms, b.first_offset)"
)
"""Sorts as the logs do: by path, then by moment, then by place."""

_SUMS: Final = (
    "CAST(MIN(TOTAL(b.input), 9.2e18) AS INTEGER),"
    " CAST(MIN(TOTAL(b.output), 9.2e18) AS INTEGER),"
    " CAST(MIN(TOTAL(b.cache_write_5m), 9.2e18) AS INTEGER),"
    " CAST(MIN(TOTAL(b.cache_write_1h), 9.2e18) AS INTEGER),"
    " CAST(MIN(TOTAL(b.cache_read), 9.2e18) AS INTEGER), SUM(b.recorded_cost),"
    " CAST(MIN(TOTAL(b.web_searches), 9.2e18) AS INTEGER), SUM(b.answers),"
    " MIN(b.first_ms), MAX(b.last_ms), MAX(b.limit_reset_ms)"
)
_RENEW: Final = (
    f"INSERT INTO hours SELECT b.slot / {SLOTS_PER_HOUR}, b.variant, b.price_class, b.shadow,"  # noqa: S608  # names of ours
    f" MIN({_MET}), {_SUMS} FROM buckets b JOIN sessions s ON s.id = b.session"
    " WHERE b.slot >= ? AND b.slot < ? GROUP BY 1, 2, 3, 4"
)
_PICK: Final = (
    "SELECT ({slot} * {slot_ms} + {offset_ms}) / {day_ms} AS day, b.variant, b.price_class,"
    " MIN({met}), {sums}, SUM(b.recorded_cost), SUM(b.web_searches), SUM(b.answers),"
    " MIN(b.first_ms), MAX(b.last_ms), MAX(b.limit_reset_ms) FROM {source}"
    " WHERE {column} >= ? AND {column} <= ? AND b.shadow IN ({shadows}) GROUP BY day, 2, 3"
)


class DaySums(NamedTuple):
    """Sums of one local day, one model and one price per token.

    Attributes:
        day: The day's number since 1970-01-01.
        met: Text that sorts by where the logs speak of it first.
        sums: From the input tokens to the end of a usage limit, as `UsageSlice` has them.
    """

    day: int
    variant: int
    price_class: int
    met: str
    sums: tuple[Any, ...]


def renew_hours(connection: sqlite3.Connection, slots: Iterable[int]) -> None:
    """Make the hours anew in which some slots lie. Within a transaction."""
    hours = sorted({slot // SLOTS_PER_HOUR for slot in slots})
    for _, run in groupby(enumerate(hours), lambda pair: pair[1] - pair[0]):
        chosen = [hour for _, hour in run]
        first, end = chosen[0], chosen[-1] + 1
        connection.execute("DELETE FROM hours WHERE hour >= ? AND hour < ?", (first, end))
        connection.execute(_RENEW, (first * SLOTS_PER_HOUR, end * SLOTS_PER_HOUR))


def rebuild_sums(connection: sqlite3.Connection, cuts: Sequence[int]) -> None:
    """Make all buckets and hours anew from the entries. Within a transaction."""
    rebuild_buckets(connection, cuts)
    connection.execute("DELETE FROM hours")
    connection.execute(_RENEW, (0, 1 << 62))


def sums_by_day(
    connection: sqlite3.Connection,
    spans: Iterable[Span],
    shadows: Sequence[int],
    roots: Sequence[int] | None = None,
) -> Iterator[DaySums]:
    """Yield the sums of local days, of all sessions together.

    Args:
        connection: Where to read.
        spans: When, each with its offset from UTC. Where one begins or ends within an hour in which
            there is something, as in a zone on half hours, it takes longer.
        shadows: Which copies count.
        roots: Only these, which takes longer, too; None means all there are.
    """
    for span in spans:
        first, last = slot_of(span.start_ms), slot_of(span.end_ms - 1)
        if roots is None and _has_whole_hours(connection, span, first, last):
            statement = _pick("hours b", "b.hour", SLOTS_PER_HOUR, "b.met", span, shadows)
            bounds = (first // SLOTS_PER_HOUR, last // SLOTS_PER_HOUR)
        else:
            source = "buckets b JOIN sessions s ON s.id = b.session"
            if roots is not None:
                source += f" AND s.root IN ({','.join(map(str, roots))})"
            statement = _pick(source, "b.slot", 1, _MET, span, shadows)
            bounds = (first, last)
        rows = run_with_sums(connection, statement, "b.", (*bounds, *shadows))
        yield from (DaySums(row[0], row[1], row[2], row[3], row[4:]) for row in rows)


def _pick(  # noqa: PLR0913, PLR0917  # what the two sources differ in
    source: str, column: str, slots: int, met: str, span: Span, shadows: Sequence[int]
) -> str:
    return _PICK.format(
        slot=column,
        slot_ms=slots * SLOT_MS,
        offset_ms=int(span.offset_ms),
        day_ms=DAY_MS,
        met=met,
        sums="{sums}",
        source=source,
        column=column,
        shadows=",".join("?" * len(shadows)),
    )


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

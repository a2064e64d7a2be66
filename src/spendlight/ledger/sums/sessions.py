"""Sums of the buckets by session, over all time or by day."""

from __future__ import annotations

import json
from bisect import bisect_right
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.ledger.sums.buckets import run_with_sums, sessions_of
from spendlight.ledger.sums.packing import pack_sums, proven, unpack_sums
from spendlight.ledger.sums.slicing import kinds
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS, slot_of
from spendlight.metering.sums import Sum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.periods import Span

_LONG_MS: Final = 100 * DAY_MS
"""A shorter span has fewer buckets than a ledger of many years has sessions."""

_PARTED: Final = (
    "WITH parted (session, first, last) AS (SELECT json_extract(value, '$[0]'),"
    " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)) "
)
"""Sessions, and the slots in which each begins and ends."""

_MAKE_SOME: Final = (
    "SELECT b.session, b.variant, b.price_class, {sums} FROM json_each(?) e"
    " CROSS JOIN buckets b INDEXED BY buckets_by_session"
    " WHERE b.session = e.value AND b.shadow = 0 GROUP BY 1, 2, 3"
)
_MAKE_ALL: Final = (
    "SELECT b.session, b.variant, b.price_class, {sums} FROM buckets b"
    " WHERE b.shadow = 0 GROUP BY 1, 2, 3"
)

_FIRST: Final = 3 + Sum._fields.index("first_ms")
_LAST: Final = 3 + Sum._fields.index("last_ms")
_OFFSET: Final = 3 + Sum._fields.index("first_offset")
"""The columns of the first and the last moment, and of the first offset."""


def make(connection: sqlite3.Connection, found: Iterable[Row]) -> None:
    """Write the sums of some sessions. Within a transaction.

    Args:
        connection: Where to write.
        found: Sums of buckets, in the order of their sessions.
    """
    from spendlight.ledger.signing import sign  # reports sign nothing

    kind_of = kinds(connection)

    def by_place(row: Row) -> tuple[object, ...]:
        return row[_OFFSET], kind_of[row[1]], row[2]

    made = []
    for session, group in groupby(found, itemgetter(0)):
        rows = list(group)
        first_ms, last_ms = rows[0][_FIRST], rows[0][_LAST]
        if len(rows) > 1:
            rows.sort(key=by_place)
            first_ms = min(row[_FIRST] for row in rows)
            last_ms = max(row[_LAST] for row in rows)
        sums = pack_sums(row[1:] for row in rows)
        made.append((session, first_ms, last_ms, sums, sign(sums, session)))
    connection.executemany("INSERT OR REPLACE INTO session_sums VALUES (?, ?, ?, ?, ?)", made)


def renew(connection: sqlite3.Connection, sessions: Iterable[int]) -> None:
    """Recompute the sums of some sessions from their buckets. Within a transaction."""
    chosen = set(sessions)
    if not chosen:
        return
    found = run_with_sums(connection, _MAKE_SOME, "b.", (json.dumps(list(chosen)),))
    gone = chosen.difference(row[0] for row in found)
    connection.executemany(
        "DELETE FROM session_sums WHERE session = ?", ((session,) for session in gone)
    )
    make(connection, found)


def rebuild(connection: sqlite3.Connection) -> None:
    """Recompute the sums of all sessions from the buckets. Within a transaction."""
    connection.execute("DELETE FROM session_sums")
    make(connection, run_with_sums(connection, _MAKE_ALL, "b."))


class SessionRows(NamedTuple):
    """Sums of sessions.

    Attributes:
        groups: The group of each sum that was kept.
        sessions: The session's number of each of these.
        columns: These sums, column by column.
        rows: The sums that were computed from buckets.
    """

    groups: list[int]
    sessions: list[int]
    columns: list[Sequence[Any]]
    rows: list[Row]


def read(
    connection: sqlite3.Connection,
    spans: Sequence[Span],
    scope: Scope,
    *,
    by_day: bool,
    project: str | None = None,
) -> SessionRows:
    """Return the sums of sessions; within one reading transaction.

    The usage of a session that lies within one day, or all of it, is kept as a sum. Only sessions
    that span several days, or lie partly outside the spans, are summed up from the buckets.

    Args:
        connection: Where to read.
        spans: When, each with its offset from UTC; they follow one another without a gap.
        scope: Which roots.
        by_day: Group by local day, too.
        project: Only this project.
    """
    where, parameters = sessions_of(scope, project)
    if not spans or len(scope.shadows) > 1 or spans[-1].end_ms - spans[0].start_ms < _LONG_MS:
        shadows = ",".join(map(str, scope.shadows))
        where = f"b.shadow IN ({shadows}){where}"
        every = [
            row
            for span in spans
            for row in _sum_up(
                connection,
                f"buckets b WHERE {where} AND b.slot >= ? AND b.slot <= ?",
                (*parameters, slot_of(span.start_ms), slot_of(span.end_ms - 1)),
                span.offset_ms if by_day else None,
            )
        ]
        return SessionRows([], [], unpack_sums([])[1], every)
    where, parameters = sessions_of(scope, project, "b.session")
    known = connection.execute(
        "SELECT b.sums, b.session, b.signature, b.first_ms, b.last_ms FROM session_sums b"  # noqa: S608  # our own numbers
        f" WHERE 1{where}",
        parameters,
    ).fetchall()
    proven([row[:3] for row in known])
    stretch = _Stretch(spans)
    whole: list[tuple[int, int, bytes]] = []
    parted: list[tuple[int, int, int]] = []
    for value, session, _, first_ms, last_ms in known:
        first, last = stretch.day_of(first_ms), stretch.day_of(last_ms)
        if first is not None and last is not None and (first == last or not by_day):
            whole.append((first if by_day else 0, session, value))
        else:
            parted.append((session, first_ms, last_ms))
    (groups, sessions), columns = unpack_sums(
        [row[2] for row in whole], [row[0] for row in whole], [row[1] for row in whole]
    )
    rows = [
        row
        for span in spans
        for row in _sum_up_parted(connection, parted, span, span.offset_ms if by_day else None)
    ]
    return SessionRows(groups, sessions, columns, rows)


class _Stretch:
    """Consecutive spans, and the local days in them."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start_ms for span in spans]

    def day_of(self, at_ms: int) -> int | None:
        """Return the number of a moment's day, or None if it is outside all spans."""
        place = bisect_right(self._starts, at_ms) - 1
        if place < 0:
            return None
        _, end_ms, offset_ms = self._spans[place]
        return (at_ms + offset_ms) // DAY_MS if at_ms < end_ms else None


def _sum_up_parted(
    connection: sqlite3.Connection,
    sessions: Iterable[tuple[int, int, int]],
    span: Span,
    offset_ms: int | None,
) -> list[Row]:
    """Return what some sessions used in a span.

    Args:
        connection: Where to read.
        sessions: Their numbers, and the first and the last moment of each.
        span: When.
        offset_ms: The offset from UTC of the days to group by; None to ignore days.
    """
    within = [
        (session, slot_of(max(first_ms, span.start_ms)), slot_of(min(last_ms, span.end_ms - 1)))
        for session, first_ms, last_ms in sessions
        if first_ms < span.end_ms and last_ms >= span.start_ms
    ]
    if not within:
        return []
    first, last = min(row[1] for row in within), max(row[2] for row in within)
    if sum(row[2] - row[1] for row in within) <= last - first:
        source = (
            "parted p CROSS JOIN buckets b INDEXED BY buckets_by_session WHERE b.slot >= p.first"
            " AND b.slot <= p.last AND b.session = p.session AND b.shadow = 0"
        )
        return _sum_up(connection, source, (json.dumps(within),), offset_ms, _PARTED)
    source = (  # a single pass over all, not one for each session
        "buckets b WHERE +b.session IN (SELECT session FROM parted)"
        " AND b.shadow = 0 AND b.slot >= ? AND b.slot <= ?"
    )
    return _sum_up(connection, source, (json.dumps(within), first, last), offset_ms, _PARTED)


def _sum_up(
    connection: sqlite3.Connection,
    source: str,
    parameters: Iterable[object],
    offset_ms: int | None,
    before: str = "",
) -> list[Row]:
    """Return sums of buckets by session, and by day if an offset from UTC is given."""
    day = "0" if offset_ms is None else f"(b.slot * {SLOT_MS} + {offset_ms:d}) / {DAY_MS}"
    statement = (
        f"{before}SELECT {day} AS day, b.session, b.variant, b.price_class, {{sums}} FROM {source}"  # noqa: S608  # our own names
        " GROUP BY day, b.session, b.variant, b.price_class"
    )
    return run_with_sums(connection, statement, "b.", parameters)

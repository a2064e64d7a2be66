"""Sums of the buckets by session, over all time or by day."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import groupby
from operator import add, itemgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.inserting import insert_rows
from spendlight.ledger.sums import session_days
from spendlight.ledger.sums.buckets import run_with_sums, sessions_of
from spendlight.ledger.sums.chosen import CHOSEN, numbered, sum_up
from spendlight.ledger.sums.offsets import kept_offsets
from spendlight.ledger.sums.packing import (
    pack_each,
    pack_slot,
    pack_slots,
    pack_sums,
    proven,
    unpack_slots,
)
from spendlight.ledger.sums.slicing import kinds
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import slot_of
from spendlight.metering.sums import Sum
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.periods import Span

_LONG_MS: Final = 100 * DAY_MS
"""A shorter span has fewer buckets than a ledger of many years has sessions."""

_MAKE_SOME: Final = (
    f"SELECT b.session, b.variant, b.price_class, {{sums}} FROM {CHOSEN} GROUP BY 1, 2, 3"  # noqa: S608  # our own names
)
_MAKE_ALL: Final = (
    "SELECT b.session, b.variant, b.price_class, {sums} FROM buckets b"
    " WHERE b.shadow = 0 GROUP BY 1, 2, 3"
)

_WRITE: Final = "INSERT OR REPLACE INTO session_sums"

_FIRST_MS: Final = 5 + Sum._fields.index("first_ms")
_LAST_MS: Final = 5 + Sum._fields.index("last_ms")
"""The columns of the first and the last moment in a row of a bucket."""

_FIRST: Final = 3 + Sum._fields.index("first_ms")
_LAST: Final = 3 + Sum._fields.index("last_ms")
_OFFSET: Final = 3 + Sum._fields.index("first_offset")
"""The columns of the first and the last moment, and of the first offset."""

_SHADOW: Final = 4
"""The column of the shadow in what was added to buckets."""


def make(
    connection: sqlite3.Connection, found: Iterable[Row], slots: Mapping[int, Iterable[int]]
) -> None:
    """Write the sums of some sessions. Within a transaction.

    Args:
        connection: Where to write.
        found: Sums of buckets, those of each session together.
        slots: All slots with buckets of each session; there may be more.
    """
    from spendlight.ledger.signing import sign  # reports sign nothing

    kind_of = kinds(connection)

    def by_offset(row: Row) -> tuple[object, ...]:
        return row[_OFFSET], kind_of[row[1]], row[2]

    made: list[tuple[int, int, int, bytes, bytes, int]] = []
    for session, group in groupby(found, itemgetter(0)):
        rows = list(group)
        first_ms, last_ms = rows[0][_FIRST], rows[0][_LAST]
        if len(rows) > 1:
            rows.sort(key=by_offset)
            first_ms = min(row[_FIRST] for row in rows)
            last_ms = max(row[_LAST] for row in rows)
        sums, packed = pack_sums([row[1:] for row in rows]), pack_slots(slots[session])
        made.append((session, first_ms, last_ms, packed, sums, sign(sums + packed, session)))
    insert_rows(connection, _WRITE, made)


def _make_of_one(connection: sqlite3.Connection, buckets: Mapping[int, Row]) -> None:
    """Write the sums of sessions that have a single bucket. Within a transaction.

    Args:
        connection: Where to write.
        buckets: The row of the bucket by the session.
    """
    from spendlight.ledger.signing import sign_many  # as above

    slots = [pack_slot(row[0]) for row in buckets.values()]
    sums = pack_each([row[2:4] + row[5:] for row in buckets.values()])
    signatures = sign_many(map(add, sums, slots), buckets)
    made = [
        (session, row[_FIRST_MS], row[_LAST_MS], slot, value, signature)
        for (session, row), slot, value, signature in zip(
            buckets.items(), slots, sums, signatures, strict=True
        )
    ]
    made.sort()  # inserting is faster in the order of the table
    insert_rows(connection, _WRITE, made)


def renew(
    connection: sqlite3.Connection,
    changed: Mapping[int, Collection[int]],
    added: Sequence[Row] = (),
) -> None:
    """Recompute the sums of some sessions from their buckets. Within a transaction.

    Args:
        connection: Where to write.
        changed: The slots, by session, whose buckets have changed.
        added: What was added to buckets of sessions in which nothing else has changed.
    """
    if not changed:
        return
    known = _slots_of(connection, changed)
    only = _only_buckets(added, known)
    slots = {
        session: known.get(session, set()).union(new)
        for session, new in changed.items()
        if session not in only
    }
    chosen = [numbered(session, slot) for session, used in slots.items() for slot in used]
    found = run_with_sums(connection, _MAKE_SOME, "b.", (json.dumps(chosen),)) if chosen else []
    gone = known.keys() - {row[0] for row in found}
    connection.executemany(
        "DELETE FROM session_sums WHERE session = ?", ((session,) for session in gone)
    )
    make(connection, found, slots)
    _make_of_one(connection, only)
    session_days.renew(connection, known, slots, changed)


def rebuild(connection: sqlite3.Connection) -> None:
    """Recompute the sums of all sessions from the buckets. Within a transaction."""
    connection.execute("DELETE FROM session_sums")
    slots: dict[int, list[int]] = {}
    for session, slot in connection.execute(
        "SELECT DISTINCT session, slot FROM buckets WHERE shadow = 0"
    ):
        slots.setdefault(session, []).append(slot)
    make(connection, run_with_sums(connection, _MAKE_ALL, "b."), slots)
    session_days.rebuild(connection)


def _slots_of(connection: sqlite3.Connection, sessions: Iterable[int]) -> dict[int, set[int]]:
    """Return the slots of those of some sessions that have sums.

    If these are damaged, all buckets are searched.
    """
    from spendlight.ledger.signing import sign  # as above

    (last,) = connection.execute("SELECT MAX(session) FROM session_sums").fetchone()
    older = [] if last is None else [session for session in sessions if session <= last]
    if not older:  # as in a first scan
        return {}
    rows = connection.execute(
        "SELECT session, slots, sums, signature FROM session_sums"
        " WHERE session IN (SELECT value FROM json_each(?))",
        (json.dumps(older),),
    )
    known: dict[int, set[int]] = {}
    for session, slots, sums, signature in rows.fetchall():
        is_packed = isinstance(slots, bytes) and isinstance(sums, bytes)
        if is_packed and sign(sums + slots, session) == signature:
            known[session] = set(unpack_slots(slots))
        else:
            found = connection.execute("SELECT slot FROM buckets WHERE session = ?", (session,))
            known[session] = {slot for (slot,) in found}
    return known


def _only_buckets(added: Sequence[Row], known: Collection[int]) -> dict[int, Row]:
    """Return the buckets of sessions that have only one, as thousands may have in a first scan.

    Buckets with a shadow are in no sum.

    Args:
        added: What was added to buckets.
        known: Sessions that had some before.
    """
    counting = [row for row in added if not row[_SHADOW]]
    found = {row[1]: row for row in counting}
    if len(found) < len(counting):
        counts = Counter(map(itemgetter(1), counting))
        found = {session: row for session, row in found.items() if counts[session] == 1}
    return {session: row for session, row in found.items() if session not in known}


class SessionRows(NamedTuple):
    """Sums of sessions.

    Attributes:
        kept: The sums that were kept: the group, the session's number, and packed sums.
        rows: The sums that were computed from buckets.
    """

    kept: list[tuple[int, int, bytes]]
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
            for row in sum_up(
                connection,
                f"buckets b WHERE {where} AND b.slot >= ? AND b.slot <= ?",
                (*parameters, slot_of(span.start_ms), slot_of(span.end_ms - 1)),
                span.offset_ms if by_day else None,
            )
        ]
        return SessionRows([], every)
    where, parameters = sessions_of(scope, project, "b.session")
    known = connection.execute(
        "SELECT b.sums, b.slots, b.session, b.signature, b.first_ms, b.last_ms"  # noqa: S608  # our own numbers
        f" FROM session_sums b WHERE 1{where}",
        parameters,
    ).fetchall()
    proven([(row[0] + row[1], *row[2:4]) for row in known])
    stretch = _Stretch(spans, by_day=by_day)
    days_at = _DaysOfSessions(connection, where, parameters)
    whole: list[tuple[int, int, bytes]] = []
    parted: list[tuple[int, Sequence[int]]] = []
    for value, slots, session, _, first_ms, last_ms in known:
        group = stretch.group_of(first_ms, last_ms)
        if group is not None:
            whole.append((group, session, value))
            continue
        offset_ms = stretch.only_offset_of(first_ms, last_ms)
        days = None if offset_ms is None else days_at.of(session, offset_ms)
        if days:
            whole += [(day, session, sums) for day, sums in days]
        else:
            parted.append((session, unpack_slots(slots)))
    rows = [
        row
        for span in spans
        for row in _sum_up_parted(connection, parted, span, span.offset_ms if by_day else None)
    ]
    return SessionRows(whole, rows)


class _Stretch:
    """Consecutive spans, and the groups of what lies in them.

    Args:
        spans: The spans.
        by_day: Whether a group is a local day; otherwise all is in group 0.
    """

    def __init__(self, spans: Sequence[Span], *, by_day: bool) -> None:
        self._spans = spans
        self._starts = [span.start_ms for span in spans]
        self._bounds = spans[0].start_ms, spans[-1].end_ms
        self._by_day = by_day

    def group_of(self, first_ms: int, last_ms: int) -> int | None:
        """Return the group of a session, or None if it has several or is partly outside."""
        start_ms, end_ms = self._bounds
        if first_ms < start_ms or last_ms >= end_ms:
            return None
        if not self._by_day:
            return 0
        day = self._day_of(first_ms)
        return day if day == self._day_of(last_ms) else None

    def only_offset_of(self, first_ms: int, last_ms: int) -> int | None:
        """Return the offset from UTC of a session's days, or None if it has not only that one."""
        index = bisect_right(self._starts, first_ms) - 1
        if not self._by_day or index < 0 or last_ms >= self._spans[index].end_ms:
            return None
        return self._spans[index].offset_ms

    def _day_of(self, at_ms: int) -> int:
        """Return the number of a moment's day."""
        span = self._spans[bisect_right(self._starts, at_ms) - 1]
        return (at_ms + span.offset_ms) // DAY_MS


class _DaysOfSessions:
    """The days of sessions that are kept, read when the first of an offset is asked for.

    Args:
        connection: Where to read.
        where: Which sessions, in SQL.
        parameters: Its parameters.
    """

    def __init__(
        self, connection: sqlite3.Connection, where: str, parameters: Sequence[object]
    ) -> None:
        self._db = connection
        self._where = where, parameters
        self._kept = frozenset(kept_offsets(connection))
        self._found: dict[int, dict[int, list[tuple[int, bytes]]]] = {}

    def of(self, session: int, offset_ms: int) -> list[tuple[int, bytes]] | None:
        """Return the days of a session with their packed sums, or None if they are not kept."""
        if offset_ms not in self._kept:
            return None
        if offset_ms not in self._found:
            self._found[offset_ms] = session_days.read(self._db, offset_ms, *self._where)
        return self._found[offset_ms].get(session)


def _sum_up_parted(
    connection: sqlite3.Connection,
    sessions: Iterable[tuple[int, Sequence[int]]],
    span: Span,
    offset_ms: int | None,
) -> list[Row]:
    """Return what some sessions used in a span.

    Args:
        connection: Where to read.
        sessions: Their numbers, and the slots in which the buckets of each are, ascending.
        span: When.
        offset_ms: The offset from UTC of the days to group by; None to ignore days.
    """
    first, last = slot_of(span.start_ms), slot_of(span.end_ms - 1)
    chosen = [
        numbered(session, slot)
        for session, slots in sessions
        for slot in slots[bisect_left(slots, first) : bisect_right(slots, last)]
    ]
    return sum_up(connection, CHOSEN, (json.dumps(chosen),), offset_ms) if chosen else []

"""Sums of the local days of sessions that go on past a midnight, so that reports find them made.

They are kept for the offsets from UTC in use, like those of days. All other sessions have a single
day, whose sum is that of the session.
"""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from spendlight.ledger.inserting import insert_rows
from spendlight.ledger.sums.chosen import CHOSEN, numbered, sum_up
from spendlight.ledger.sums.offsets import kept_offsets
from spendlight.ledger.sums.packing import pack_sums, proven, unpack_slots
from spendlight.ledger.sums.slicing import kinds
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS
from spendlight.metering.sums import Sum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from spendlight.ledger.sums.slicing import Row

SIGNING_KEY: Final = "session * 4194304 + day"
"""What a row is signed with besides its sums, in SQL; the number of a day is smaller."""

_DAYS: Final = 4_194_304
_OFFSET: Final = 4 + Sum._fields.index("first_offset")
"""The column of the first offset in a `Row`."""


def read(
    connection: sqlite3.Connection, offset_ms: int, where: str, parameters: Sequence[object]
) -> dict[int, list[tuple[int, bytes]]]:
    """Return the packed sums of the days of sessions by the session, with their days.

    Args:
        connection: Where to read.
        offset_ms: The offset from UTC of days.
        where: Which sessions, in SQL, in which the table is called b.
        parameters: Its parameters.

    Raises:
        DamagedSumsError: If they are damaged.
    """
    rows = connection.execute(
        f"SELECT sums, {SIGNING_KEY}, signature, session, day FROM session_day_sums b"  # noqa: S608  # our own names
        f" WHERE offset_ms = ?{where} ORDER BY session, day",
        (offset_ms, *parameters),
    ).fetchall()
    proven([row[:3] for row in rows])
    found: dict[int, list[tuple[int, bytes]]] = {}
    for sums, _, _, session, day in rows:
        found.setdefault(session, []).append((day, sums))
    return found


def keep(connection: sqlite3.Connection, before: Collection[int]) -> None:
    """Keep the days of other offsets from UTC than before. Within a transaction."""
    kept = kept_offsets(connection)
    for offset in set(before) - set(kept):
        connection.execute("DELETE FROM session_day_sums WHERE offset_ms = ?", (offset,))
    for offset in set(kept) - set(before):
        _make_all(connection, offset)


def rebuild(connection: sqlite3.Connection) -> None:
    """Recompute all days from the buckets and the slots of sessions. Within a transaction."""
    connection.execute("DELETE FROM session_day_sums")
    for offset in kept_offsets(connection):
        _make_all(connection, offset)


def renew(
    connection: sqlite3.Connection,
    known: Collection[int],
    slots: Mapping[int, Collection[int]],
    changed: Mapping[int, Collection[int]],
) -> None:
    """Recompute the days of some sessions. Within a transaction.

    Args:
        connection: Where to write.
        known: Those that may have days already.
        slots: The slots that have buckets of each session; there may be more.
        changed: Those of them whose buckets have changed; only their days are recomputed, as a
            session may go on for months.
    """
    for offset in kept_offsets(connection):
        day_of = _day_of(offset)
        days_of = _days_of(connection, offset, known)
        _make(connection, offset, {one: used for one, used in slots.items() if one not in days_of})
        parts = {session: set(map(day_of, changed[session])) for session in days_of}
        connection.executemany(
            "DELETE FROM session_day_sums WHERE offset_ms = ? AND session = ? AND day = ?",
            ((offset, session, day) for session, days in parts.items() for day in days),
        )
        chosen = [
            numbered(session, slot)
            for session, days in parts.items()
            for slot in slots.get(session, ())
            if day_of(slot) in days
        ]
        if chosen:
            found = sum_up(connection, CHOSEN, (json.dumps(chosen),), offset)
            _write(connection, offset, found, is_part=True)
        left = _days_of(connection, offset, parts)
        connection.executemany(
            "DELETE FROM session_day_sums WHERE offset_ms = ? AND session = ?",
            ((offset, session) for session, days in left.items() if len(days) == 1),
        )


def _days_of(
    connection: sqlite3.Connection, offset_ms: int, sessions: Collection[int]
) -> dict[int, set[int]]:
    """Return the days that are kept of those of some sessions that have any."""
    found: dict[int, set[int]] = {}
    for session in sessions:
        rows = connection.execute(
            "SELECT day FROM session_day_sums WHERE offset_ms = ? AND session = ?",
            (offset_ms, session),
        )
        if days := {day for (day,) in rows}:
            found[session] = days
    return found


def _day_of(offset_ms: int) -> Callable[[int], int]:
    return lambda slot: (slot * SLOT_MS + offset_ms) // DAY_MS


def _make_all(connection: sqlite3.Connection, offset_ms: int) -> None:
    """Sum up the days of all sessions."""
    rows = connection.execute(
        "SELECT sums, slots, session, signature FROM session_sums"
        " WHERE (first_ms + :offset) / :day < (last_ms + :offset) / :day",
        {"offset": offset_ms, "day": DAY_MS},
    ).fetchall()
    proven([(sums + slots, *signed) for sums, slots, *signed in rows])
    _make(connection, offset_ms, {session: unpack_slots(slots) for _, slots, session, _ in rows})


def _make(
    connection: sqlite3.Connection, offset_ms: int, slots: Mapping[int, Collection[int]]
) -> None:
    """Sum up the days of those sessions that have several, and write them.

    Args:
        connection: Where to write.
        offset_ms: The offset from UTC of days.
        slots: The slots that have buckets of each session; there may be more.
    """
    day_of = _day_of(offset_ms)
    chosen = [
        numbered(session, slot)
        for session, used in slots.items()
        if used and day_of(min(used)) < day_of(max(used))
        for slot in used
    ]
    if chosen:
        found = sum_up(connection, CHOSEN, (json.dumps(chosen),), offset_ms)
        _write(connection, offset_ms, found)


def _write(
    connection: sqlite3.Connection, offset_ms: int, found: Iterable[Row], *, is_part: bool = False
) -> None:
    """Write days of sessions; of a session with a single one only if it is a part of all."""
    from spendlight.ledger.signing import sign  # reports sign nothing

    kind_of = kinds(connection)

    def in_order(row: Row) -> tuple[object, ...]:
        return row[1], row[0], row[_OFFSET], kind_of[row[2]], row[3]

    made: list[tuple[int, int, int, bytes, int]] = []
    for session, rows in groupby(sorted(found, key=in_order), itemgetter(1)):
        days = [
            (day, pack_sums(row[2:] for row in group))
            for day, group in groupby(rows, itemgetter(0))
        ]
        if is_part or len(days) > 1:
            made += [
                (offset_ms, session, day, sums, sign(sums, session * _DAYS + day))
                for day, sums in days
            ]
    insert_rows(connection, "INSERT INTO session_day_sums", made)

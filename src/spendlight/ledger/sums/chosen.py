"""Sums up the buckets of some sessions in some slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.ledger.sums.buckets import run_with_sums
from spendlight.metering.periods import DAY_MS
from spendlight.metering.slices import SLOT_MS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from spendlight.ledger.sums.slicing import Row

_SLOT_BITS: Final = 32
_FIRST_SLOT: Final = -(1 << (_SLOT_BITS - 1))

CHOSEN: Final = (
    f"json_each(?) e CROSS JOIN buckets b ON b.session = e.value >> {_SLOT_BITS}"
    f" AND b.slot = (e.value & {(1 << _SLOT_BITS) - 1}) + {_FIRST_SLOT} AND b.shadow = 0"
)
"""The buckets of sessions in some slots, each of which is a number (`numbered`)."""


def numbered(session: int, slot: int) -> int:
    """Return the number of a session in a slot."""
    return session << _SLOT_BITS | slot - _FIRST_SLOT


def sum_up(
    connection: sqlite3.Connection,
    source: str,
    parameters: Iterable[object],
    offset_ms: int | None,
) -> list[Row]:
    """Return sums of buckets by session, and by day if an offset from UTC is given.

    Args:
        connection: Where to read.
        source: The buckets, in SQL.
        parameters: Its parameters.
        offset_ms: The offset from UTC of the days to group by; None to ignore days.
    """
    day = "0" if offset_ms is None else f"(b.slot * {SLOT_MS} + {offset_ms:d}) / {DAY_MS}"
    statement = (
        f"SELECT {day} AS day, b.session, b.variant, b.price_class, {{sums}} FROM {source}"  # noqa: S608  # our own names
        " GROUP BY day, b.session, b.variant, b.price_class"
    )
    return run_with_sums(connection, statement, "b.", parameters)

"""All sums that the ledger keeps: those of the entries, and those of these sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.buckets import rebuild_buckets
from spendlight.ledger.days import keep_days, kept_offsets, rebuild_days, renew_days
from spendlight.ledger.hours import rebuild_hours, renew_hours
from spendlight.ledger.kept_blocks import rebuild_blocks, renew_blocks
from spendlight.ledger.session_sums import rebuild_session_sums, renew_session_sums

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence


def renew_sums_of_sums(
    connection: sqlite3.Connection, slots: Collection[int], sessions: Iterable[int]
) -> None:
    """Make anew what is summed up from some buckets. Within a transaction.

    Args:
        connection: Where to write.
        slots: Where buckets have changed.
        sessions: Whose buckets have changed.
    """
    renew_hours(connection, slots)
    renew_days(connection, slots)
    renew_blocks(connection, slots)
    renew_session_sums(connection, sessions)


def keep_coarse_sums(connection: sqlite3.Connection, offsets: Sequence[int]) -> None:
    """Keep the sums of blocks, and of days at some offsets from UTC. Within a transaction.

    Args:
        connection: Where to write.
        offsets: In milliseconds, multiples of a quarter of an hour.
    """
    is_first = not kept_offsets(connection)
    keep_days(connection, offsets)
    if is_first:
        rebuild_blocks(connection)


def rebuild_sums(connection: sqlite3.Connection, context_thresholds: Sequence[int]) -> None:
    """Make all sums anew from the entries. Within a transaction."""
    rebuild_buckets(connection, context_thresholds)
    rebuild_hours(connection)
    rebuild_days(connection)
    rebuild_blocks(connection)
    rebuild_session_sums(connection)

"""All sums that the ledger keeps: the buckets, and the coarser sums made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.sums import blocks, buckets, days, session_days, sessions
from spendlight.ledger.sums.offsets import kept_offsets

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from spendlight.ledger.meanwhile import Meanwhile
    from spendlight.ledger.sums.slicing import Row


def renew_coarser(
    connection: sqlite3.Connection,
    slots: Collection[int],
    of_sessions: Mapping[int, Collection[int]],
    added: Sequence[Row] = (),
) -> None:
    """Recompute the sums of changed buckets. Within a transaction.

    Args:
        connection: Where to write.
        slots: The slots whose buckets have changed.
        of_sessions: The same by the sessions whose buckets they are.
        added: What was added to buckets of sessions in which nothing else has changed.
    """
    days.renew(connection, slots)
    blocks.renew(connection, slots)
    sessions.renew(connection, of_sessions, added)


def keep_days(
    connection: sqlite3.Connection, offsets: Sequence[int], meanwhile: Meanwhile | None = None
) -> None:
    """Keep the sums of days at some offsets from UTC, and of blocks, as the first in a transaction.

    Args:
        connection: Where to write.
        offsets: In milliseconds, multiples of a quarter of an hour.
        meanwhile: How to sum up both at the same time, if at all.
    """
    before = kept_offsets(connection)
    if before:
        _keep_days(connection, before, offsets)
        return
    from spendlight.ledger.meanwhile import found_meanwhile  # once

    with found_meanwhile(connection, blocks.sum_up_all, meanwhile) as summed:
        _keep_days(connection, before, offsets)
        found = summed()
    connection.execute("DELETE FROM block_sums")
    blocks.write(connection, found)


def _keep_days(
    connection: sqlite3.Connection, before: Sequence[int], offsets: Sequence[int]
) -> None:
    days.keep(connection, offsets)
    session_days.keep(connection, before)


def rebuild_all(connection: sqlite3.Connection, context_thresholds: Sequence[int]) -> None:
    """Recompute all sums from the entries. Within a transaction."""
    buckets.rebuild(connection, context_thresholds)
    rebuild_coarser(connection)


def rebuild_coarser(connection: sqlite3.Connection) -> None:
    """Recompute all sums that are made of the buckets. Within a transaction."""
    days.rebuild(connection)
    blocks.rebuild(connection)
    sessions.rebuild(connection)

"""Writes what was read of logs that are new to the ledger, many in one go."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

from spendlight.ledger import chunks, enlisting
from spendlight.metering.session_names import SUBAGENTS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from spendlight.ledger.batches import Batch, NewLog, NewLogs
    from spendlight.ledger.sums.slicing import Row
    from spendlight.metering.packed_logs import PackedLogs


def enlist(
    connection: sqlite3.Connection, batch: Batch, new: NewLogs
) -> tuple[Batch, dict[int, NewLog]]:
    """Write the rows of logs that are new. Within a transaction.

    Args:
        connection: Where to write.
        batch: What was read.
        new: Those of its logs that are new, and others.

    Returns:
        The batch with the numbers that its logs have now, and the owners that they do not have
        yet; and what was written, by number.
    """
    if batch.owners:
        enlisting.give_to_owners(connection, new, batch.owners)
    written = enlisting.write_new(connection, new, batch.marks)
    if written is not None:
        left = [
            (number, name)
            for number, name in batch.owners
            if number not in written or written[number].name.session != name
        ]
        return batch._replace(owners=left), written
    logs = {mark.number: new.logs.pop(mark.number, None) for mark in batch.marks}
    names = {number: log.name for number, log in logs.items() if log is not None}
    numbers = enlisting.enlist(connection, list(names.values()))
    now = {number: numbers[name.path] for number, name in names.items()}
    return enlisting.renumbered(batch.expanded(), now), {}


def are_written_fast(logs: Iterable[PackedLogs], new: Mapping[int, NewLog]) -> bool:
    """Return whether `write` may write some logs: all are new, and none is a subagent's.

    Args:
        logs: The logs.
        new: The logs that are new, by number.
    """
    return all(
        number in new and SUBAGENTS not in new[number].name.path
        for one in logs
        for number in one.files
    )


def write(connection: sqlite3.Connection, logs: PackedLogs, new: Mapping[int, NewLog]) -> list[Row]:
    """Write the chunks of some logs; return the rows that are to be added to the buckets.

    A value that is missing is -1 in them.

    Args:
        connection: Where to write, within a transaction.
        logs: The logs, which hold no copies; see `are_written_fast`.
        new: The logs that are new, by number.
    """
    chunks.add_logs(connection, logs)
    sessions: Iterable[int] = [new[number].session for number in logs.files]
    if len(logs.sums) > len(logs.files):
        sessions = chain.from_iterable(map(repeat, sessions, logs.counts))
    return [(row[0], session, *row[1:]) for session, row in zip(sessions, logs.sums, strict=True)]

"""Turns impossible answers into line problems, in ledgers of versions that accepted them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger import chunks
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import MAX_COUNT, MAX_DOLLARS
from spendlight.metering.packed import may_be_impossible

if TYPE_CHECKING:
    import sqlite3

    from spendlight.metering.entry import UsageEntry


def strike_impossible(connection: sqlite3.Connection) -> None:
    """Take answers with impossible counts out of the archive. Within a transaction.

    Each remains as a line problem. Its log is read again, as a valid copy of the answer may have
    lost against it. The sums are not rebuilt, as a later step does that (`ORDERS_BY_OFFSET`).
    """
    suspects = [
        number
        for number, columns in connection.execute("SELECT id, columns FROM chunks")
        if may_be_impossible(columns)
    ]
    for chunk in chunks.load_numbers(connection, suspects):
        void: set[int] = set()
        problems: list[tuple[int, str, bool]] = []
        for row, entry in enumerate(chunk.entries):
            if entry.variant == UNLOGGED.number:
                continue
            if max(entry.tokens) > MAX_COUNT:
                void.add(row)
                reason = f"{max(entry.tokens):,} tokens of one kind are impossible"
                problems.append((entry.offset, reason, False))
            else:
                chunk.entries[row], reasons = _possible(entry)
                problems += [(entry.offset, reason, True) for reason in reasons]
        if not problems:
            continue
        connection.executemany(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?, ?)",
            ((chunk.file, *problem) for problem in problems),
        )
        connection.execute(
            "UPDATE files SET size = -1, read_to = 0 WHERE id = ? AND size >= 0", (chunk.file,)
        )
        chunks.replace(connection, chunk.without(void))


def _possible(entry: UsageEntry) -> tuple[UsageEntry, list[str]]:
    """Return an entry without impossible values other than its counts, and what was wrong."""
    reasons = []
    cost = entry.recorded_cost
    if cost is not None and not -MAX_DOLLARS <= cost <= MAX_DOLLARS:
        reasons.append(f"a recorded cost of {cost:g} dollars is impossible; it was ignored")
        entry = entry._replace(recorded_cost=None)
    if entry.web_searches > MAX_COUNT:
        reasons.append(f"{entry.web_searches:,} web searches are impossible; none were counted")
        entry = entry._replace(web_searches=0)
    return entry, reasons

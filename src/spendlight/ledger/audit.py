"""Reads a whole ledger: every copy it holds, and whether its sums agree with them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.backups import copy_whole
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.sums.buckets import context_thresholds_in
from spendlight.ledger.sums.kept import rebuild_all
from spendlight.ledger.sums.packing import DamagedSumsError, order_matters_not, unpack_sums
from spendlight.metering.sums import COUNTS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from spendlight.metering.entry import UsageEntry


_COUNTS: Final = ", ".join(COUNTS)
"""The fields of a sum that do not depend on the order of addition."""

_KEYS: Final = {
    "buckets": "slot, session, variant, price_class, shadow",
    "session_sums": "session, first_ms, last_ms",
    "session_day_sums": "offset_ms, session, day",
    "day_sums": "offset_ms, day",
    "block_sums": "first_hour",
}
"""The tables of sums, and the key columns of each."""

_PACKED: Final = {"session_sums", "session_day_sums", "day_sums", "block_sums"}
"""Tables whose sums are packed."""


class HeldCopy(NamedTuple):
    """A copy of an answer as a ledger holds it.

    Attributes:
        root: The data folder that its log is in.
        path: Its log.
    """

    root: str
    path: str
    entry: UsageEntry


def copies(path: Path) -> Iterator[HeldCopy]:
    """Yield every copy in the ledger.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path), closing(connect(path)) as connection:
        files = {
            number: (folder, name)
            for number, folder, name in connection.execute(
                "SELECT f.id, r.folder, f.path FROM files f JOIN roots r ON r.id = f.root"
            )
        }
        for chunk in chunks.load(connection, "1"):
            folder, name = files[chunk.file]
            for entry in chunk.entries:
                yield HeldCopy(folder, name, entry)


def count_wrong_sums(path: Path, scratch: Path) -> int:
    """Return how many sums in the ledger do not agree with its entries.

    Args:
        path: The ledger. Nothing in it is changed.
        scratch: Where a copy can be made, to recompute the sums in.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path):
        copy_whole(path, scratch)
    with (
        translated_errors(scratch),
        closing(connect(scratch)) as connection,
        transaction(connection),
    ):
        return rebuild_and_count_wrong(connection)


def rebuild_and_count_wrong(connection: sqlite3.Connection) -> int:
    """Rebuild all sums; return how many did not agree with the entries. Within a transaction."""
    connection.create_function("counts_of", 1, _counts_of, deterministic=True)
    for table, keys in _KEYS.items():
        connection.execute(f"DROP TABLE IF EXISTS temp.known_{table}")
        connection.execute(
            f"CREATE TEMP TABLE known_{table} AS SELECT {keys}, {_counts(table)} FROM {table}"  # noqa: S608  # our own names
        )
    rebuild_all(connection, context_thresholds_in(connection))
    return sum(_count_differences(connection, table) for table in _KEYS)


def _counts(table: str) -> str:
    return "counts_of(sums)" if table in _PACKED else _COUNTS


def _counts_of(sums: bytes) -> str:
    """Return the part of packed sums that does not depend on the order of addition."""
    try:
        _, columns = unpack_sums([sums])
    except (DamagedSumsError, TypeError):
        return "damaged"
    return repr(order_matters_not(columns))


def _count_differences(connection: sqlite3.Connection, table: str) -> int:
    """Return how many sums differ from what they were before."""
    keys = _KEYS[table]
    made, known = f"SELECT {keys}, {_counts(table)} FROM {table}", f"SELECT * FROM known_{table}"  # noqa: S608  # our own names
    row = connection.execute(
        f"SELECT COUNT(*) FROM (SELECT {keys} FROM ({made} EXCEPT {known})"  # noqa: S608  # our own names
        f" UNION SELECT {keys} FROM ({known} EXCEPT {made}))"
    ).fetchone()
    return int(row[0])

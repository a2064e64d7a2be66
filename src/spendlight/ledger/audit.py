"""Reads all of a ledger: every copy it holds, and whether its sums agree with them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.backups import copy_whole
from spendlight.ledger.buckets import rebuild_buckets
from spendlight.ledger.checking import translated_errors
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.usage_ledger import UsageLedger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spendlight.metering.entry import UsageEntry


_COUNTS: Final = (
    "slot, session, variant, price_class, shadow, input, output, cache_write_5m, cache_write_1h,"
    " cache_read, web_searches, answers"
)
"""Of a sum, all that does not depend on the order of adding up."""

_KEYS: Final = "slot, session, variant, price_class, shadow"
_COUNT_DIFFERENCES: Final = (
    f"SELECT COUNT(*) FROM (SELECT {_KEYS} FROM"  # noqa: S608  # names of ours
    f" (SELECT {_COUNTS} FROM buckets EXCEPT SELECT * FROM known)"
    f" UNION SELECT {_KEYS} FROM (SELECT * FROM known EXCEPT SELECT {_COUNTS} FROM buckets))"
)


class HeldCopy(NamedTuple):
    """A copy of an answer as a ledger holds it.

    Attributes:
        root: The folder in which its log stands.
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
        scratch: Where a copy may be made, to sum up anew.

    Raises:
        LedgerError: If it cannot be read.
    """
    with translated_errors(path):
        copy_whole(path, scratch)
    with UsageLedger(scratch) as ledger:
        cuts = ledger.cuts
    with translated_errors(scratch), closing(connect(scratch)) as connection:
        connection.execute(f"CREATE TEMP TABLE known AS SELECT {_COUNTS} FROM buckets")  # noqa: S608  # names of ours
        with transaction(connection):
            rebuild_buckets(connection, cuts)
        row = connection.execute(_COUNT_DIFFERENCES).fetchone()
    return int(row[0])

"""Blocks that session-block files describe: their bounds, and what they count that no log holds.

What no log holds stands in the archive as one answer for each block, of the file that describes it,
so that every report counts it. As logs come in, it shrinks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.machines import Scope, is_beaten
from spendlight.metering.described_blocks import UNLOGGED, BlockBounds, DescribedBlock, bounds_of
from spendlight.metering.entry import TokenCounts, UsageEntry
from spendlight.metering.periods import Span
from spendlight.metering.slices import QUARTER_MS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator

COLUMNS: Final = "start_ms, end_ms, input, output, cache_write, cache_read, cost"
_DAY_MS: Final = 24 * 3_600_000


class Change(NamedTuple):
    """An answer that stands for what no log holds of a block and is not as it should be.

    Attributes:
        held: The answer as it is held now, with its chunk and its place in that; or None.
        wanted: As it should be, or None where logs hold all of the block.
    """

    held: tuple[UsageEntry, int, int] | None
    wanted: UsageEntry | None


class _Kept(NamedTuple):
    """A described block as the ledger keeps it."""

    root: int
    file: int
    block: DescribedBlock


def describe(connection: sqlite3.Connection, file: int, blocks: Iterable[DescribedBlock]) -> None:
    """Remember blocks that a file describes. Within a transaction.

    Of a block that several files of one root describe, or one file in several versions, the
    fullest description holds, as nothing that was counted is ever taken back.
    """
    (root,) = connection.execute("SELECT root FROM files WHERE id = ?", (file,)).fetchone()
    connection.executemany(
        f"INSERT INTO described_blocks (root, file, {COLUMNS})"  # noqa: S608  # names of ours
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " file = excluded.file, end_ms = excluded.end_ms, input = excluded.input,"
        " output = excluded.output, cache_write = excluded.cache_write,"
        " cache_read = excluded.cache_read, cost = excluded.cost"
        " WHERE excluded.input + excluded.output + excluded.cache_write + excluded.cache_read"
        " > input + output + cache_write + cache_read",
        ((root, file, *block) for block in blocks),
    )


def bounds_in(connection: sqlite3.Connection, scope: Scope) -> list[BlockBounds]:
    """Return the bounds of the blocks described in a scope, without overlaps, in order of time."""
    statement = "SELECT start_ms, end_ms FROM described_blocks"
    if scope.roots is not None:
        statement += f" WHERE root IN ({','.join(map(str, scope.roots))})"
    return bounds_of(BlockBounds(*row) for row in connection.execute(statement))


def changes(connection: sqlite3.Connection, slots: Collection[int]) -> list[Change]:
    """Return which answers must change, as something else has changed in some slots.

    Args:
        connection: Where to read.
        slots: Where. What lies in none of the described blocks changes nothing.
    """
    kept = list(_kept_around(connection, slots))
    return [change for one in kept if (change := _change(connection, one)) is not None]


def _kept_around(connection: sqlite3.Connection, slots: Collection[int]) -> Iterator[_Kept]:
    if not slots or connection.execute("SELECT 1 FROM described_blocks LIMIT 1").fetchone() is None:
        return
    quarters = sorted({slot // 2 for slot in slots})
    first_ms, last_ms = quarters[0] * QUARTER_MS, (quarters[-1] + 1) * QUARTER_MS
    rows = connection.execute(
        f"SELECT root, file, {COLUMNS} FROM described_blocks"  # noqa: S608  # names of ours
        " WHERE start_ms >= ? AND start_ms < ? AND end_ms > ? ORDER BY root, start_ms",
        (first_ms - _DAY_MS, last_ms, first_ms),
    )
    touched = set(quarters)
    for root, file, *columns in rows.fetchall():
        block = DescribedBlock(*columns)
        within = range(block.start_ms // QUARTER_MS, (block.end_ms - 1) // QUARTER_MS + 1)
        if not touched.isdisjoint(within):
            yield _Kept(root, file, block)


def _change(connection: sqlite3.Connection, kept: _Kept) -> Change | None:
    """Return how the answer for a block must change, or None where it is right."""
    held = None
    logged = TokenCounts()
    block = kept.block
    span = Span(block.start_ms, block.end_ms, 0)
    counted = _counted_in(connection, kept.root)
    where = "f.root = ? AND c.last_ms >= ? AND c.first_ms < ?"
    for chunk in chunks.load(connection, where, (kept.root, span.start_ms, span.end_ms)):
        for row, (entry, shadow) in enumerate(zip(chunk.entries, chunk.shadows, strict=True)):
            if not span.start_ms <= entry.at_ms < span.end_ms:
                continue
            if entry.variant == UNLOGGED.number:
                if entry.at_ms == block.start_ms:
                    held = entry, chunk.number, row
            elif shadow in counted:
                logged += entry.tokens
    wanted = _answer_for(kept, logged)
    if (held[0] if held else None) == wanted:
        return None
    return Change(held, wanted)


def _counted_in(connection: sqlite3.Connection, root: int) -> set[int]:
    """Return the shadows of copies that count where only one root is looked at."""
    return {
        number
        for number, roots in connection.execute("SELECT id, roots FROM shadows")
        if not is_beaten(roots, {root})
    }


def _answer_for(kept: _Kept, logged: TokenCounts) -> UsageEntry | None:
    """Return the answer that stands for what no log holds of a block; None where logs hold all.

    The same description in two roots (a copied folder) is one answer, whose copies are told apart
    as those of any other.
    """
    import xxhash  # nearly nobody has such files

    block = kept.block
    rest = block.unlogged(logged)
    if not rest.total:
        return None
    name = repr(("session block", *block)).encode()
    return UsageEntry(
        answer=xxhash.xxh3_64_intdigest(name) >> 1,
        request=xxhash.xxh3_64_intdigest(name, 1) >> 1,
        at_ms=block.start_ms,
        file=kept.file,
        offset=block.start_ms // 1000,
        variant=UNLOGGED.number,
        flags=0,
        input=rest.input,
        output=rest.output,
        cache_write_5m=rest.cache_write_5m,
        cache_write_1h=0,
        cache_read=rest.cache_read,
        recorded_cost=block.cost_of(rest),
    )

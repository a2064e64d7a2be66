"""Blocks that session-block files describe: their bounds, and what they count that no log holds.

What no log holds is kept in the archive as one answer for each block, in the file that describes
it, so that every report counts it. It shrinks as logs are read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, groupby
from operator import attrgetter, sub
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger import chunks
from spendlight.ledger.machines import Scope, is_beaten
from spendlight.metering.described_blocks import UNLOGGED, BlockBounds, DescribedBlock, bounds_of
from spendlight.metering.entry import TokenCounts, UsageEntry
from spendlight.metering.slices import QUARTER_MS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence

COLUMNS: Final = "start_ms, end_ms, input, output, cache_write, cache_read, cost"
_DAY_MS: Final = 24 * 3_600_000


def _order(table: str) -> str:
    """Return, in SQL, what orders two descriptions of a block: the greater one is in force."""
    kinds = [f"{table}.{kind}" for kind in ("input", "output", "cache_write", "cache_read")]
    return ", ".join(
        (" + ".join(kinds), f"IFNULL({table}.cost, -1)", f"{table}.end_ms", *kinds[:3])
    )


_PATH: Final = "(SELECT path FROM files WHERE id = {}.file)"
_DESCRIBE: Final = (
    f"INSERT INTO described_blocks (root, file, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  # our own names
    " ON CONFLICT DO UPDATE SET"
    " file = excluded.file, end_ms = excluded.end_ms, input = excluded.input,"
    " output = excluded.output, cache_write = excluded.cache_write,"
    " cache_read = excluded.cache_read, cost = excluded.cost"
    f" WHERE ({_order('excluded')}, {_PATH.format('described_blocks')})"
    f" > ({_order('described_blocks')}, {_PATH.format('excluded')})"
)


class Held(NamedTuple):
    """An answer that represents the part of a block that no log holds, and where it is.

    Attributes:
        entry: The answer.
        chunk: The number of its chunk.
        row: Its row in the chunk.
    """

    entry: UsageEntry
    chunk: int
    row: int


class Change(NamedTuple):
    """A correction of the answer that represents the part of a block that no log holds.

    Attributes:
        held: What represents it now: one answer or none; several if folders were merged.
        wanted: The answer as it should be, or None if logs hold all of the block.
    """

    held: Sequence[Held]
    wanted: UsageEntry | None


class _Kept(NamedTuple):
    """A described block as the ledger keeps it."""

    root: int
    file: int
    block: DescribedBlock


def describe(connection: sqlite3.Connection, file: int, blocks: Iterable[DescribedBlock]) -> None:
    """Remember blocks that a file describes. Within a transaction.

    If several files of one root describe a block, or one file in several versions, the fullest
    description is in force, as what was counted is never reduced. Among equally full ones the
    choice depends on them alone; of the same description in two files, the first in path order is
    taken.
    """
    (root,) = connection.execute("SELECT root FROM files WHERE id = ?", (file,)).fetchone()
    connection.executemany(_DESCRIBE, ((root, file, *block) for block in blocks))


def bounds_in(connection: sqlite3.Connection, scope: Scope) -> list[BlockBounds]:
    """Return the bounds of the blocks described in a scope, without overlaps, in order of time."""
    statement = "SELECT start_ms, end_ms FROM described_blocks"
    if scope.roots is not None:
        statement += f" WHERE root IN ({','.join(map(str, scope.roots))})"
    return bounds_of(BlockBounds(*row) for row in connection.execute(statement))


def hand_over(connection: sqlite3.Connection, old: int, new: int) -> list[int]:
    """Assign what one file describes to another, or to the root that it is in now.

    Within a transaction.

    Args:
        connection: Where to write.
        old: The number of the file.
        new: The number of the other, or the same one.

    Returns:
        Where the blocks begin, in Unix milliseconds.
    """
    blocks = [
        DescribedBlock(*row)
        for row in connection.execute(
            f"SELECT {COLUMNS} FROM described_blocks WHERE file = ?",  # noqa: S608  # our own names
            (old,),
        )
    ]
    if blocks:
        connection.execute("DELETE FROM described_blocks WHERE file = ?", (old,))
        describe(connection, new, blocks)
    return [block.start_ms for block in blocks]


def changes(connection: sqlite3.Connection, slots: Collection[int]) -> list[Change]:
    """Return which answers must change because something else has changed in some slots.

    Args:
        connection: Where to read.
        slots: Which slots. Those outside the described blocks change nothing.
    """
    kept = _kept_around(connection, slots)
    return [
        change
        for root, blocks in groupby(kept, attrgetter("root"))
        for change in _changes_in(connection, root, list(blocks))
    ]


def _kept_around(connection: sqlite3.Connection, slots: Collection[int]) -> Iterator[_Kept]:
    if not slots or connection.execute("SELECT 1 FROM described_blocks LIMIT 1").fetchone() is None:
        return
    quarters = sorted({slot // 2 for slot in slots})
    first_ms, last_ms = quarters[0] * QUARTER_MS, (quarters[-1] + 1) * QUARTER_MS
    rows = connection.execute(
        f"SELECT root, file, {COLUMNS} FROM described_blocks"  # noqa: S608  # our own names
        " WHERE start_ms >= ? AND start_ms < ? AND end_ms > ? ORDER BY root, start_ms",
        (first_ms - _DAY_MS, last_ms, first_ms),
    )
    touched = set(quarters)
    for root, file, *columns in rows.fetchall():
        block = DescribedBlock(*columns)
        within = range(block.start_ms // QUARTER_MS, (block.end_ms - 1) // QUARTER_MS + 1)
        if not touched.isdisjoint(within):
            yield _Kept(root, file, block)


def _changes_in(
    connection: sqlite3.Connection, root: int, kept: Sequence[_Kept]
) -> Iterator[Change]:
    """Yield the changes to the answers for blocks of one root; each chunk is read once."""
    counted = _counted_in(connection, root)
    describing = {
        file
        for (file,) in connection.execute(
            "SELECT id FROM files WHERE root = ? AND SUBSTR(path, -6) <> '.jsonl'", (root,)
        )
    }
    starts = {one.block.start_ms for one in kept}
    held: dict[int, list[Held]] = {}
    logged = _Logged()
    for chunk in chunks.load_numbers(connection, _chunks_around(connection, root, kept)):
        for row, (entry, shadow) in enumerate(zip(chunk.entries, chunk.shadows, strict=True)):
            if chunk.file in describing:
                if entry.at_ms in starts:
                    held.setdefault(entry.at_ms, []).append(Held(entry, chunk.number, row))
            elif shadow in counted:
                logged.add(entry)
    logged.end()
    for one in kept:
        stands = held.get(one.block.start_ms, [])
        wanted = _answer_for(one, logged.between(one.block.start_ms, one.block.end_ms))
        if [found.entry for found in stands] != ([] if wanted is None else [wanted]):
            yield Change(stands, wanted)


def _chunks_around(
    connection: sqlite3.Connection, root: int, kept: Sequence[_Kept]
) -> Iterator[int]:
    """Yield the numbers of the chunks of a root that reach into some blocks."""
    starts = [one.block.start_ms for one in kept]
    ends = list(accumulate((one.block.end_ms for one in kept), max))
    rows = connection.execute(
        "SELECT c.id, c.first_ms, c.last_ms FROM chunks c JOIN files f ON f.id = c.file"
        " WHERE f.root = ? AND c.last_ms >= ? AND c.first_ms < ? ORDER BY c.id",
        (root, starts[0], ends[-1]),
    )
    for number, first_ms, last_ms in rows.fetchall():
        before = bisect_right(starts, last_ms)  # number of blocks that begin before it ends
        if before and first_ms < ends[before - 1]:
            yield number


class _Logged:
    """What logs hold of a span of time; tells the usage between any two moments."""

    def __init__(self) -> None:
        self._found: list[tuple[int, TokenCounts]] = []
        self._moments: list[int] = []
        self._sums: list[TokenCounts] = []

    def add(self, entry: UsageEntry) -> None:
        """Add an answer."""
        self._found.append((entry.at_ms, entry.tokens))

    def end(self) -> None:
        """Sum up; nothing may be added any more."""
        self._found.sort()
        self._moments = [moment for moment, _ in self._found]
        counts = (tokens for _, tokens in self._found)
        self._sums = list(accumulate(counts, initial=TokenCounts()))
        self._found = []

    def between(self, start_ms: int, end_ms: int) -> TokenCounts:
        """Return the tokens from one moment up to another, exclusive."""
        low = self._sums[bisect_left(self._moments, start_ms)]
        high = self._sums[bisect_left(self._moments, end_ms)]
        return TokenCounts._make(map(sub, high, low))


def _counted_in(connection: sqlite3.Connection, root: int) -> set[int]:
    """Return the shadows of copies that count where only one root is looked at."""
    return {
        number
        for number, roots in connection.execute("SELECT id, roots FROM shadows")
        if not is_beaten(roots, {root})
    }


def _answer_for(kept: _Kept, logged: TokenCounts) -> UsageEntry | None:
    """Return the answer that represents what no log holds of a block; None if logs hold all.

    The same description in two roots (a copied folder) is one answer, whose copies are ranked
    like those of any other.
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

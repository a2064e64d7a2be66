"""The cache: what was taken in of a team's segments, and the sums of the answers that count.

It is a DuckDB file beside the ledger that can be deleted at any time: it is then made again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.checking import distrusting, replaced_by
from spendlight.team.engine import duckdb, insert_rows
from spendlight.team.settling import KEYS, QUARTER_MS, added, partitions, summed, which_of
from spendlight.team.several import note_several
from spendlight.team.tables import TABLES, add_records, load_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from spendlight.team.engine import Connection
    from spendlight.team.segments import SegmentName

FORMAT: Final = 4
"""Increased with every change of the tables: an older cache is made again."""

MANY: Final = 200_000
"""From this many new records on, all sums are made again: once, however many segments follow."""

ROWS_IN_PARTITION: Final = 8_000_000

_OLD_SUMS: Final = "are_sums_old"


class CachedSegment(NamedTuple):
    """A segment that was taken in, or that could not be read.

    Attributes:
        path: Its path in the team's folder.
        size: In bytes.
        modified: When it was last modified; "" if it was taken in, as it never changes then.
        fault: Why it could not be read, or "".
    """

    path: str
    size: int
    modified: str
    fault: str


class NewSegment(NamedTuple):
    """A segment to be taken in; it was checked.

    Attributes:
        size: As it was listed, in bytes.
        file: A local file.
    """

    name: SegmentName
    size: int
    file: Path


class TeamCache:
    """An open cache, for one thread at a time.

    Args:
        connection: The database.
        thresholds_of: Returns the context sizes at which the price of any of some models changes.
    """

    def __init__(
        self,
        connection: Connection,
        thresholds_of: Callable[[set[str]], Iterable[int]],
    ) -> None:
        self.db = connection
        self._thresholds_of = thresholds_of
        if not self._is_ours():
            for table in self._tables():
                self.db.execute(f'DROP TABLE "{table}"')
            self.db.execute(TABLES)
            self._note("format", str(FORMAT))

    def segments(self) -> list[CachedSegment]:
        """Return the segments that are known: first those that were taken in.

        One that is damaged later is there twice, and what was taken in of it still counts.
        """
        rows = self.db.execute(
            "SELECT name, size, modified, fault FROM segments ORDER BY fault <> ''"
        ).fetchall()
        return [CachedSegment(*row) for row in rows]

    def replaced(self) -> set[str]:
        """Return the paths of segments that are in merged ones, and need not be read."""
        return {name for (name,) in self.db.execute("SELECT name FROM replaced").fetchall()}

    def note_faults(self, faults: Iterable[CachedSegment]) -> None:
        """Remember segments that cannot be read, so that they are not read each time."""
        for path, *row in faults:
            self.db.execute("DELETE FROM segments WHERE name = ? AND fault <> ''", [path])
            self.db.execute(
                "INSERT INTO segments VALUES (NULL, ?, ?, ?, NULL, NULL, ?)", [path, *row]
            )

    def note_machines(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Remember what machines are called.

        Args:
            rows: Of each machine its key, its name, whose it is, and what identifies its file.
        """
        if not rows:
            return
        with self._transaction():
            keys = [row[0] for row in rows]
            self.db.execute("DELETE FROM machines WHERE machine IN (SELECT UNNEST(?))", [keys])
            insert_rows(self.db, "machines", rows)

    def machine_files(self) -> dict[str, str]:
        """Return what identified the file of each machine, by its folder."""
        rows = self.db.execute("SELECT 'machine=' || machine, mark FROM machines").fetchall()
        return dict(rows)

    def models(self) -> set[str]:
        """Return the names of all models, as logged."""
        return {name for (name,) in self.db.execute("SELECT model FROM variants").fetchall()}

    @property
    def context_thresholds(self) -> tuple[int, ...]:
        """The context sizes by which sums are separated, ascending."""
        row = self.db.execute("SELECT value FROM meta WHERE key = 'thresholds'").fetchone()
        return tuple(map(int, row[0].split())) if row else ()

    def complete_sums(self) -> None:
        """Make all sums again, if many copies were taken in or a price changes elsewhere."""
        if self._are_sums_old() or self._lacks_thresholds():
            with self._transaction():
                self._sum_up_again()

    def take_in(self, found: Sequence[NewSegment], *, which: str = "TRUE") -> None:
        """Take in segments that are not known yet: all or none.

        If there are many copies, their sums are left to `complete_sums`.

        Args:
            found: The segments.
            which: SQL that is true of each record, or fails.
        """
        if not found:
            return
        with distrusting(self.db) as trust, self._transaction():
            (last,) = self.db.execute("SELECT COALESCE(MAX(id), 0) FROM segments").fetchone()
            (known,) = self.db.execute("SELECT COUNT(*) FROM copies").fetchone()
            first_new = last + 1
            is_replaced = self._forget([one.name.path for one in found])
            self._add(found, first_new, which)
            trust()  # what is in the tables was looked at
            (now,) = self.db.execute("SELECT COUNT(*) FROM copies").fetchone()
            is_large = now - known >= MANY or not known
            if is_large or is_replaced or self._lacks_thresholds():
                self._note(_OLD_SUMS, "yes")
            elif not self._are_sums_old():
                self._sum_up_new(first_new)

    def load_sums(self, file: Path, thresholds: Sequence[int]) -> None:
        """Load sums that were made elsewhere; there must be none yet.

        Args:
            file: A Parquet file, see `spreading.merge`.
            thresholds: The context sizes by which they are separated, ascending.
        """
        with self._transaction():
            self._note("thresholds", " ".join(map(str, thresholds)))
            load_sums(self.db, file)

    def answers(self) -> int:
        """Return how many answers count."""
        row = self.db.execute("SELECT COALESCE(SUM(answers), 0)::BIGINT FROM sums").fetchone()
        return int(row[0])

    def _forget(self, paths: Sequence[str]) -> bool:
        """Forget segments that are now other files; return whether any was taken in before."""
        names = "(SELECT UNNEST(?))"
        copies = f"segment IN (SELECT id FROM segments WHERE fault = '' AND name IN {names})"
        row = self.db.execute(f"SELECT 1 FROM copies WHERE {copies} LIMIT 1", [paths]).fetchone()
        if row is not None:
            for table in ("copies", "names"):
                self.db.execute(f"DELETE FROM {table} WHERE {copies}", [paths])
        self.db.execute(f"DELETE FROM segments WHERE name IN {names}", [paths])
        return row is not None

    def _add(self, found: Sequence[NewSegment], first: int, which: str) -> None:
        """Add the records of some segments.

        Args:
            found: The segments.
            first: The number of the first one.
            which: See `take_in`.
        """
        rows = [
            (number, name.path, size, "", name.machine, name.sequence, "")
            for number, (name, size, _) in enumerate(found, first)
        ]
        insert_rows(self.db, "segments", rows)
        number = f"(file_index + {first})::INTEGER AS number"
        source = f"(SELECT {number}, * FROM read_parquet(?))"
        add_records(self.db, source, [[str(file) for _, _, file in found]], which)
        merged = [one for one in found if one.name.is_merged]
        replaced = {path for one in merged for path in replaced_by(one.file, one.name)}
        insert_rows(self.db, "replaced", [(path,) for path in sorted(replaced)])

    def _sum_up_again(self) -> None:
        """Make all sums from all copies, partition by partition."""
        run = self.db.execute
        (rows,) = run("SELECT COUNT(*) FROM copies").fetchone()
        thresholds = self._wanted_thresholds()
        self._note("thresholds", " ".join(map(str, thresholds)))
        self._note(_OLD_SUMS, "no")
        run("DELETE FROM sums")
        run("CREATE OR REPLACE TEMP TABLE several (answer BIGINT)")
        parts = partitions(1 + rows // ROWS_IN_PARTITION)
        for part in parts:
            note_several(self.db, part)
        for part in parts:
            run(f"INSERT INTO sums {summed(which_of(part), thresholds, several='several')}")
        if len(parts) > 1:  # a session is in several of them
            keys = ", ".join(KEYS)
            whole = f"SELECT {keys}, {added('s')} FROM sums s GROUP BY {keys}"
            run(f"CREATE OR REPLACE TEMP TABLE all_sums AS {whole}")
            run("DELETE FROM sums")
            run("INSERT INTO sums FROM all_sums")
            run("DROP TABLE all_sums")

    def _sum_up_new(self, first: int) -> None:
        """Update the sums after new segments.

        The sums in which some copy counted before are made again from all copies in them, as the
        first and the last moment cannot be subtracted; to others the new ones are added.

        Args:
            first: The number of the first new segment.
        """
        run, keys, thresholds = self.db.execute, ", ".join(KEYS), self.context_thresholds
        run(
            "CREATE OR REPLACE TEMP TABLE fresh AS"
            f" SELECT DISTINCT answer FROM copies WHERE segment >= {first}"
        )
        run(  # without it, all columns of all copies would be read
            "CREATE OR REPLACE TEMP TABLE near_rows AS"
            " SELECT copies.rowid AS number FROM copies SEMI JOIN fresh USING (answer)"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE near AS"
            " FROM copies WHERE rowid IN (SELECT number FROM near_rows)"
        )
        before = summed(f"c.segment < {first}", thresholds, "near")
        run(f"CREATE OR REPLACE TEMP TABLE before AS {before}")
        run(f"CREATE OR REPLACE TEMP TABLE after AS {summed('TRUE', thresholds, 'near')}")
        run(f"INSERT INTO sums FROM after ANTI JOIN before USING ({keys})")
        run(
            f"CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT {keys}"
            " FROM (FROM before EXCEPT FROM after)"
        )
        if run("SELECT 1 FROM touched LIMIT 1").fetchone() is None:
            return
        same = " AND ".join(f"sums.{key} = t.{key}" for key in KEYS)
        run(f"DELETE FROM sums USING touched t WHERE {same}")
        around = (
            "c.answer IN (SELECT answer FROM copies SEMI JOIN (SELECT n.segment, n.name, t.quarter"
            " FROM touched t JOIN names n ON n.session = t.session AND n.variant = t.variant) t"
            " ON copies.segment = t.segment AND copies.name = t.name"
            f" AND copies.at_ms // {QUARTER_MS} = t.quarter)"
        )
        run(
            f"INSERT INTO sums FROM ({summed(around, thresholds)}) SEMI JOIN touched USING ({keys})"
        )

    def _are_sums_old(self) -> bool:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", [_OLD_SUMS]).fetchone()
        return row is not None and row[0] == "yes"

    def _lacks_thresholds(self) -> bool:
        return self._wanted_thresholds() != self.context_thresholds

    def _wanted_thresholds(self) -> tuple[int, ...]:
        """Return the context sizes by which sums must be separated, ascending."""
        return tuple(sorted({*self.context_thresholds, *self._thresholds_of(self.models())}))

    def _is_ours(self) -> bool:
        try:
            row = self.db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except duckdb().CatalogException:  # it is empty
            return False
        return bool(row and row[0] == str(FORMAT))

    def _tables(self) -> list[str]:
        rows = self.db.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return [name for (name,) in rows]

    def _note(self, key: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

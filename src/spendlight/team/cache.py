"""The cache: what was taken in of a team's segments, and the sums of the answers that count.

It is a DuckDB file beside the ledger that can be deleted at any time: it is then made again.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.checking import CUT, distrusting, replaced_by
from spendlight.team.day_sums import DAY_TABLES
from spendlight.team.engine import duckdb, insert_rows
from spendlight.team.kept_segments import KeptSegments, LostSegmentError, MissingSegmentError
from spendlight.team.known_answers import MANY, MOST_SEGMENTS, KnownAnswers
from spendlight.team.small_segments import MOST_BYTES, MOST_FILES, add_small
from spendlight.team.tables import TABLES, load_sums

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from spendlight.team.counting import Counting
    from spendlight.team.engine import Connection
    from spendlight.team.segment_index import SegmentIndex
    from spendlight.team.segments import SegmentName

FORMAT: Final = 6
"""Increased with every change of the tables: an older cache is made again."""

_MOST_AT_ONCE: Final = 100_000
"""More segments than are taken in at a time."""

_OLD_SUMS: Final = "are_sums_old"
_NUMBERED: Final = "numbered"
"""Under these, it is noted whether all sums are to be made again, and the highest number that any
segment has had."""


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
        contents: Its index, if it has one.
    """

    name: SegmentName
    size: int
    file: Path
    contents: SegmentIndex | None = None


class TeamCache:
    """An open cache, for one thread at a time.

    Args:
        connection: The database.
        thresholds_of: Returns the context sizes at which the price of any of some models changes.
        folder: Where it keeps segments.
    """

    def __init__(
        self,
        connection: Connection,
        thresholds_of: Callable[[set[str]], Iterable[int]],
        folder: Path,
    ) -> None:
        self.db = connection
        self._thresholds_of = thresholds_of
        self._forgotten: list[int] = []
        self._segments: list[CachedSegment] | None = None
        self.kept = KeptSegments(folder)
        self._known = KnownAnswers(connection, self.kept)
        if not self._is_ours():
            for table in self._tables():
                self.db.execute(f'DROP TABLE "{table}"')
            self.db.execute(TABLES + DAY_TABLES)
            self._note("format", str(FORMAT))
            self.kept.clear()

    @cached_property
    def _counting(self) -> Counting:
        from spendlight.team.counting import Counting  # it needs numpy, which a report does not

        return Counting(self.db, self.kept, self._thresholds_of)

    def segments(self) -> list[CachedSegment]:
        """Return the segments that are known: first those that were taken in.

        One that is damaged later is there twice, and what was taken in of it still counts.
        """
        if self._segments is None:
            rows = self.db.execute(
                "SELECT name, size, modified, fault FROM segments ORDER BY fault <> ''"
            ).fetchall()
            self._segments = [CachedSegment(*row) for row in rows]
        return self._segments

    def replaced(self) -> set[str]:
        """Return the paths of segments that are in merged ones, and need not be read."""
        return {name for (name,) in self.db.execute("SELECT name FROM replaced").fetchall()}

    def note_faults(self, faults: Iterable[CachedSegment]) -> None:
        """Remember segments that cannot be read, so that they are not read each time."""
        for path, *row in faults:
            self._segments = None
            self.db.execute("DELETE FROM segments WHERE name = ? AND fault <> ''", [path])
            self.db.execute(
                "INSERT INTO segments VALUES (NULL, ?, ?, ?, NULL, NULL, ?, 0)", [path, *row]
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
        while self._are_sums_old() or self._lacks_thresholds():
            try:
                with self._transaction():
                    self._note_thresholds()
                    self._counting.sum_up_all(self.context_thresholds)
                    self._note(_OLD_SUMS, "no")
            except LostSegmentError as error:
                self._give_up(error.number)
        self.kept.let_go()

    def take_in(self, found: Sequence[NewSegment], *, which: str = "TRUE") -> dict[str, str]:
        """Take in segments that are not known yet; return what is wrong with some, by their paths.

        If there are many copies, their sums are left to `complete_sums`.

        Args:
            found: The segments.
            which: SQL that is true of each record, or fails; not for segments with an index.
        """
        faults: dict[str, str] = {}
        merged = (one for one in found if one.name.is_merged)
        replaced = {path for one in merged for path in replaced_by(one.file, one.name)}
        rest = [one for one in found if one.name.path not in replaced]
        while rest:
            first = self._next_number()
            try:
                with distrusting(self.db), self._transaction():
                    self._take_in(rest, replaced, first, which)
                break
            except LostSegmentError as error:
                if error.number < first:
                    self._give_up(error.number)
                else:
                    faults[rest.pop(error.number - first).name.path] = CUT
        return faults

    def _take_in(
        self, found: Sequence[NewSegment], replaced: Collection[str], first: int, which: str
    ) -> None:
        known = self._holds_answers()
        insert_rows(self.db, "replaced", [(path,) for path in sorted(replaced)])
        changed = self._forget([*(one.name.path for one in found), *replaced])
        self.kept.keep(first, [(one.file, one.contents) for one in found])
        self._note(_NUMBERED, str(first + len(found) - 1))
        if not changed and self.may_add_small(found) and self._add_small(found, first, which):
            return
        from spendlight.team.indices import impossible  # they need numpy
        from spendlight.team.kept_indices import make_indices
        from spendlight.team.names import add_names

        numbers = list(range(first, first + len(found)))
        unread = [
            number for number, one in zip(numbers, found, strict=True) if one.contents is None
        ]
        make_indices(self.db, self.kept, unread, which=which)
        if not known:
            self._counting.start_reading(numbers)
        odd = impossible(self._counting.indices(numbers))
        if odd:
            make_indices(self.db, self.kept, [numbers[at] for at in odd], which=which)
        indices = self._counting.note_answers(numbers)
        self._add(found, first, indices.lengths.tolist())
        add_names(self.db, indices, [one.name.machine for one in found])
        is_large = len(indices.answer) >= MANY or not known
        if is_large or self._lacks_thresholds():
            self._note(_OLD_SUMS, "yes")
        elif not self._are_sums_old():
            self._counting.sum_up(numbers, changed, self.context_thresholds)

    def may_add_small(self, found: Sequence[NewSegment]) -> bool:
        """Whether new segments need no index, as sums are up to date and they are small."""
        size = sum(one.size for one in found)
        is_small = len(found) <= MOST_FILES and size <= MOST_BYTES
        has_indices = any(one.contents is not None for one in found)
        if not is_small or has_indices or not self._holds_answers():
            return False
        return not self._are_sums_old() and not self._lacks_thresholds()

    def _add_small(self, found: Sequence[NewSegment], first: int, which: str) -> bool:
        counts = add_small(
            self.db,
            [self.kept.path(first + at) for at in range(len(found))],
            first=first,
            machines=[one.name.machine for one in found],
            known=self._known,
            thresholds=self.context_thresholds,
            which=which,
        )
        if counts is None:
            return False
        self._add(found, first, counts)
        if self._lacks_thresholds():
            self._note(_OLD_SUMS, "yes")
        return True

    def _holds_answers(self) -> bool:
        row = self.db.execute("SELECT 1 FROM segments WHERE fault = '' AND rows > 0 LIMIT 1")
        return bool(row.fetchall())

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

    def _forget(self, paths: Sequence[str]) -> list[int]:
        """Forget segments; return the sessions whose sums are wrong now."""
        names = "(SELECT UNNEST(?))"
        rows = self.db.execute(
            f"SELECT id FROM segments WHERE fault = '' AND name IN {names}", [paths]
        ).fetchall()
        self.db.execute(f"DELETE FROM segments WHERE name IN {names}", [paths])
        self._segments = None
        numbers = [number for (number,) in rows]
        if not numbers:
            return []
        changed = self._counting.sessions_of(numbers)
        self._known.forget(numbers)
        for table in ("copies", "names", "unindexed"):
            self.db.execute(f"DELETE FROM {table} WHERE segment IN {names}", [numbers])
        self._forgotten += numbers
        return changed

    def _give_up(self, number: int) -> None:
        """Forget a segment that was taken in and turns out to be damaged."""
        row = self.db.execute("SELECT name, size FROM segments WHERE id = ?", [number]).fetchone()
        path, size = row
        with self._transaction():
            self._forget([path])
            self._note(_OLD_SUMS, "yes")
            self.note_faults([CachedSegment(path, size, "", CUT)])

    def _add(self, found: Sequence[NewSegment], first: int, counts: Sequence[int]) -> None:
        """Note some segments, with how many records each has; the first one has a number."""
        self._segments = None
        rows = []
        for number, (one, count) in enumerate(zip(found, counts, strict=True), first):
            name = one.name
            rows.append((number, name.path, one.size, "", name.machine, name.sequence, "", count))
        insert_rows(self.db, "segments", rows)

    def _next_number(self) -> int:
        """Return a number that no segment has had.

        Raises:
            MissingSegmentError: If there is none, and the cache must be made again.
        """
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", [_NUMBERED]).fetchone()
        number = int(row[0]) + 1 if row else 1
        if number >= MOST_SEGMENTS - _MOST_AT_ONCE:
            raise MissingSegmentError
        return number

    def _note_thresholds(self) -> None:
        self._note("thresholds", " ".join(map(str, self._wanted_thresholds())))

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
            self._segments = None
            self._forgotten.clear()
            raise
        self.db.execute("COMMIT")
        self.kept.remove(self._forgotten)
        self._forgotten.clear()

"""Sums up a cache's segments, each answer once.

Most answers are recorded once: the sums of those are in the indices of segments. Of the others, all
records are read into the table ``copies``, where `settling` chooses; what they have contributed to
the sums in the indices is taken off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from spendlight.team.day_sums import forget_days, note_touched
from spendlight.team.engine import duckdb, is_readable, register
from spendlight.team.indices import Indices
from spendlight.team.kept_indices import make_indices
from spendlight.team.kept_segments import LostSegmentError, MissingSegmentError
from spendlight.team.known_answers import (
    MOST_SEGMENTS,
    ROWS_AT_ONCE,
    SEGMENT_BITS,
    KnownAnswers,
    again,
)
from spendlight.team.row_reading import READ, RowReading
from spendlight.team.segment_index import COUNTS
from spendlight.team.settling import in_sessions, summed_by_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from spendlight.team.engine import Connection
    from spendlight.team.kept_segments import KeptSegments

    Integers = NDArray[np.int64]

_MOST_TAKEN: Final = float(1 << 61)
"""More than any sum in an index has."""

UNUSUAL: Final = {
    "cache_write_1h": "cache_write_1h",
    "web_searches": "web_searches",
    "recorded_cost": "is_recorded",
    "limit_reset_ms": "reset",
}
"""Columns of segments that often contain nothing, and how to see that in an index."""


class Counting:
    """Sums up the segments of a cache.

    Args:
        connection: The database.
        kept: The segments.
        thresholds_of: Returns the context sizes at which the price of any of some models changes.
    """

    def __init__(
        self,
        connection: Connection,
        kept: KeptSegments,
        thresholds_of: Callable[[set[str]], Iterable[int]],
    ) -> None:
        self._db = connection
        self._kept = kept
        self._thresholds_of = thresholds_of
        self._last: Indices | None = None
        self._kind: tuple[list[int], int] = [], 0
        self._keys: Integers | None = None
        self._started: tuple[list[int], RowReading | None] | None = None
        self._several: Integers | None = None
        self._known = KnownAnswers(connection, kept)

    def indices(self, numbers: Sequence[int]) -> Indices:
        """Return the indices of some segments.

        Raises:
            MissingSegmentError: If one is no longer there.
        """
        self._make_missing(numbers)
        kind = list(numbers), self._kept.changes
        if self._last is None or self._kind != kind:
            self._last = self._keys = self._started = self._several = None  # first, as it is large
            self._last = Indices({number: self._kept.index(number) for number in numbers})
            self._kind = kind
            self._kept.let_go()
        return self._last

    def _make_missing(self, numbers: Sequence[int]) -> None:
        """Make the indices of segments that were taken in without."""
        rows = self._db.execute("SELECT segment FROM unindexed").fetchall()
        missing = sorted({number for (number,) in rows}.intersection(numbers))
        if missing:
            make_indices(self._db, self._kept, missing)
            self._db.execute("DELETE FROM unindexed WHERE segment IN (SELECT UNNEST(?))", [missing])

    def _sorted_keys(self, numbers: Sequence[int]) -> Integers:
        """Return the keys of all records in some segments, in ascending order."""
        found = self.indices(numbers)
        if self._keys is None:
            self._keys = found.keys()
            self._keys.sort()
        return self._keys

    def note_answers(self, numbers: Sequence[int]) -> Indices:
        """Note which answers are in new segments, and return their indices."""
        self._known.add(self._sorted_keys(numbers), numbers[0])
        self._keys = None  # it is large
        return self.indices(numbers)

    def sum_up_all(self, thresholds: Sequence[int]) -> None:
        """Make all sums."""
        run = self._db.execute
        run("DELETE FROM sums")
        forget_days(self._db)
        chunks = self._chunks()
        several = self._several
        self._several = None
        if several is None or self._started is None or [self._started[0]] != chunks:
            several = self._known.recorded_again()
        for chunk in chunks:
            self._load(chunk, several)
        run(f"INSERT INTO sums {in_sessions(summed_by_log('TRUE', thresholds))}")
        for chunk in chunks:
            self._add_plain(chunk, thresholds)

    def sum_up(self, new: Sequence[int], changed: Sequence[int], thresholds: Sequence[int]) -> None:
        """Make those sums again that new segments change.

        Args:
            new: The numbers of the segments.
            changed: The numbers of sessions whose sums change anyway.
            thresholds: The context sizes by which sums are separated, ascending.
        """
        run = self._db.execute
        keys = self._known.keys_like(self._sorted_keys(new))
        several = again(keys)
        holding = np.unique(keys[np.isin(keys >> SEGMENT_BITS, several)] & MOST_SEGMENTS).tolist()
        if holding:
            self._load(holding, several)
        register(self._db, "recorded_again", {"beginning": several})
        run("CREATE OR REPLACE TEMP TABLE several AS FROM recorded_again")
        self._db.unregister("recorded_again")
        run(
            "CREATE OR REPLACE TEMP TABLE touched AS SELECT UNNEST(?)::INTEGER AS session"
            " UNION SELECT session FROM names WHERE segment IN (SELECT UNNEST(?))"
            " UNION SELECT session FROM names SEMI JOIN"
            " (SELECT DISTINCT segment, name FROM copies SEMI JOIN several"
            f" ON answer >> {SEGMENT_BITS} = beginning)"
            " USING (segment, name)",
            [list(changed), list(new)],
        )
        run("DELETE FROM sums USING touched t WHERE sums.session = t.session")
        near = (
            "c.answer IN (SELECT answer FROM copies SEMI JOIN"
            " (SELECT segment, name FROM names SEMI JOIN touched USING (session))"
            " USING (segment, name))"
        )
        settled = in_sessions(summed_by_log(near, thresholds))
        run(f"INSERT INTO sums FROM ({settled}) SEMI JOIN touched USING (session)")
        rows = run("SELECT DISTINCT segment FROM names SEMI JOIN touched USING (session)")
        numbers = sorted(number for (number,) in rows.fetchall())
        self._add_plain(numbers, thresholds, "SEMI JOIN touched USING (session)")
        note_touched(self._db)

    def sessions_of(self, numbers: Sequence[int]) -> list[int]:
        """Return the sessions in segments, and those with other copies of their answers."""
        rows = self._db.execute(
            "SELECT session FROM names WHERE segment IN (SELECT UNNEST($1)) UNION"
            " SELECT session FROM names SEMI JOIN (SELECT segment, name FROM copies SEMI JOIN"
            " (SELECT answer FROM copies WHERE segment IN (SELECT UNNEST($1))) USING (answer))"
            " USING (segment, name)",
            [list(numbers)],
        )
        return [session for (session,) in rows.fetchall()]

    def _chunks(self) -> list[list[int]]:
        """Return all segments in parts, each with all of a machine's."""
        rows = self._db.execute(
            "SELECT machine, id, rows FROM segments WHERE fault = '' ORDER BY machine, id"
        ).fetchall()
        chunks: list[list[int]] = [[]]
        size, last = 0, ""
        for machine, number, count in rows:
            if size > ROWS_AT_ONCE and machine != last:
                chunks.append([])
                size = 0
            chunks[-1].append(number)
            size += count
            last = machine
        return [sorted(chunk) for chunk in chunks]

    def _load(self, numbers: Sequence[int], several: Integers) -> None:
        """Read the records of answers of which there are several, if they are not there yet.

        Raises:
            LostSegmentError: If a segment does not have one of them.
        """
        reading = self._started
        self._started = None
        if reading is None or reading[0] != list(numbers):
            reading = self._start_reading(numbers, several)
        if reading[1] is not None:
            self._store(reading[1])

    def start_reading(self, numbers: Sequence[int]) -> None:
        """Begin to read the records of answers of which there are several in the first segments.

        `sum_up_all` waits for them; much can be done until then.
        """
        self._several = again(self._sorted_keys(numbers))
        self._started = self._start_reading(numbers, self._several)

    def _start_reading(
        self, numbers: Sequence[int], several: Integers
    ) -> tuple[list[int], RowReading | None]:
        """Begin to read records that are not there yet.

        Where recorded costs or limits are summed up, all records of the sum are read: what a copy
        has contributed cannot be taken off.
        """
        found = self.indices(numbers)
        which = found.which_are(several)
        touched = np.zeros(len(found.segment), bool)
        touched[found.group[which]] = True
        touched &= (found["is_recorded"] > 0) | (found["reset"] > 0)
        rows = np.flatnonzero(which | touched[found.group])
        groups = found.group[rows]
        segments, row_numbers = found.row_numbers(rows)
        wanted = {
            "segment": found.numbers[segments],
            "row_number": row_numbers,
            "answer": found.answer[rows],
            "name": found.name[groups].astype(np.uint64),
            "at_ms": found.at_ms[rows],
            "offset": found.offset[rows],
            "is_withdrawn": found["is_withdrawn"][groups] > 0,
        }
        wanted = self._without_known(wanted)
        holding, files = np.unique(wanted["segment"], return_inverse=True)
        if not len(holding):
            return list(numbers), None
        wanted["file"] = files.reshape(-1)
        unused = [name for name, column in UNUSUAL.items() if not found[column].any()]
        paths = [self._kept.path(number) for number in holding.tolist()]
        return list(numbers), RowReading(paths, wanted, unused)

    def _without_known(self, wanted: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return those rows that are not in the table ``copies``."""
        if self._db.execute("SELECT 1 FROM copies LIMIT 1").fetchall():
            numbers = np.arange(len(wanted["row_number"]))
            some = {
                "number": numbers,
                "segment": wanted["segment"],
                "row_number": wanted["row_number"],
            }
            register(self._db, "wanted_rows", some)
            new = self._db.execute(
                "SELECT number FROM wanted_rows ANTI JOIN copies USING (segment, row_number)"
                " ORDER BY number"
            ).fetchnumpy()["number"]
            self._db.unregister("wanted_rows")
            wanted = {name: column[np.asarray(new)] for name, column in wanted.items()}
        return wanted

    def _store(self, reading: RowReading) -> None:
        """Store the rows that are being read in the table ``copies``.

        Raises:
            LostSegmentError: If a segment does not have one of them.
        """
        errors = duckdb()
        wanted = reading.wanted
        try:
            found = reading.result()
        except (errors.BinderException, errors.CatalogException, errors.ParserException):
            raise  # a mistake of ours
        except (errors.Error, UnicodeDecodeError):
            for number in np.unique(wanted["segment"]).tolist():
                if not self._kept.path(number).exists():
                    raise MissingSegmentError from None
                if not is_readable(self._kept.path(number)):
                    raise LostSegmentError(number) from None
            raise
        most = int(wanted["row_number"].max()) + 1
        keys = wanted["file"] * most + wanted["row_number"]
        order = np.argsort(keys)
        at = np.searchsorted(
            keys[order], found["file"].astype(np.int64) * most + found["row_number"]
        )
        rows = order[at]
        if len(rows) < len(keys):
            missing = np.setdiff1d(np.arange(len(keys)), rows)
            raise LostSegmentError(int(wanted["segment"][missing[0]]))
        columns = {name: column[rows] for name, column in wanted.items()}
        register(self._db, "found_rows", columns | {name: found[name] for name in READ})
        self._db.execute(
            "INSERT INTO copies BY NAME SELECT * EXCLUDE (file) REPLACE ("
            "CASE WHEN isnan(recorded_cost) THEN NULL ELSE recorded_cost END AS recorded_cost,"
            "CASE WHEN limit_reset_ms < 0 THEN NULL ELSE limit_reset_ms END AS limit_reset_ms"
            ") FROM found_rows"
        )
        self._db.unregister("found_rows")

    def _add_plain(
        self, numbers: Sequence[int], thresholds: Sequence[int], which: str = ""
    ) -> None:
        """Add the sums of answers that are recorded once.

        Args:
            numbers: The numbers of the segments in which they are.
            thresholds: The context sizes by which sums are separated, ascending.
            which: SQL that selects some of the sums.
        """
        found = self.indices(numbers)
        classes, unfit = found.price_classes(thresholds, self._fits)
        if unfit:
            make_indices(self._db, self._kept, [numbers[at] for at in unfit], thresholds)
            found = self.indices(numbers)
            classes, _ = found.price_classes(thresholds, lambda *_: True)
        run = self._db.execute
        run(
            "CREATE OR REPLACE TEMP TABLE chunk AS SELECT UNNEST(?)::INTEGER AS segment",
            [list(numbers)],
        )
        is_left, taken = self._without_copies(found)
        columns: dict[str, NDArray[Any]] = {
            "segment": found.numbers[found.segment].astype(np.int32),
            "name": found.name.astype(np.uint64),
            "quarter": found["quarter"].astype(np.int32),
            "price_class": classes.astype(np.int8),
            "answers": found.count(is_left),
            "first_ms": found.least(found.at_ms, is_left),
            "last_ms": found.greatest(found.at_ms, is_left),
            "first_offset": found.least(found.offset, is_left),
            "recorded_cost": found["cost"],
            "limit_reset_ms": found["reset"],
            "reasoning": np.zeros(len(found.segment), np.int64),
        }
        for name in COUNTS:
            columns[name] = found[name] - taken[name]
            if (columns[name] < 0).any():
                raise LostSegmentError(numbers[int(found.segment[(columns[name] < 0).argmax()])])
        counted = (columns["answers"] > 0) & (found["is_withdrawn"] == 0)
        register(self._db, "plain_groups", {name: one[counted] for name, one in columns.items()})
        plain = in_sessions(
            "SELECT * REPLACE (NULLIF(limit_reset_ms, 0) - 1 AS limit_reset_ms) FROM plain_groups"
        )
        run(f"INSERT INTO sums FROM ({plain}) {which}")
        self._db.unregister("plain_groups")

    def _without_copies(self, found: Indices) -> tuple[NDArray[np.bool_], dict[str, Integers]]:
        """Return which rows are not in the table ``copies``.

        Returns:
            They, and what the others have contributed to each group.

        Raises:
            LostSegmentError: If that is more than anything can be.
        """
        copied = self._db.execute(
            f"SELECT segment, row_number, is_withdrawn, {', '.join(COUNTS)} FROM copies"
            " SEMI JOIN chunk USING (segment)"
        ).fetchnumpy()
        rows = found.rows_of(*(np.asarray(copied[name]) for name in ("segment", "row_number")))
        is_left = np.ones(len(found.answer), bool)
        is_left[rows] = False
        is_counted = ~np.asarray(copied["is_withdrawn"])
        groups = found.group[rows[is_counted]]
        count = len(found.segment)
        taken = {}
        for name in COUNTS:
            values = np.asarray(copied[name])[is_counted]
            about = np.bincount(groups, values, minlength=count)
            if (about > _MOST_TAKEN).any():
                raise LostSegmentError(int(found.numbers[found.segment[about.argmax()]]))
            taken[name] = np.zeros(count, np.int64)
            np.add.at(taken[name], groups, values)
        return is_left, taken

    def _fits(self, model: str, sizes: tuple[int, ...]) -> bool:
        return set(self._thresholds_of({model})) <= set(sizes)

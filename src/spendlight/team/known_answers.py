"""Which answers are in which of a cache's segments.

Of many at once, they are in a sorted file, in which some are found without reading the rest; those
of small segments, of which there are many, are in the table ``answers``.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import closing
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING, Final

from spendlight.team.engine import register
from spendlight.team.kept_segments import KeptSegmentsError, MissingSegmentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from spendlight.team.engine import Connection
    from spendlight.team.kept_segments import KeptSegments

    Integers = NDArray[np.int64]

SEGMENT_BITS: Final = 24
"""A number in the file is the hash of an answer, of which the lowest bits are replaced by the
number of its segment. What is left of a hash is called its beginning: that of a few answers among
many millions is another one's, too, and they are looked at as if they were recorded twice."""

MOST_SEGMENTS: Final = (1 << SEGMENT_BITS) - 1
"""The numbers of segments are below this."""

MANY: Final = 200_000
"""So many at once get a file."""

ROWS_AT_ONCE: Final = 8_000_000
"""So many are in memory at once."""

_BYTES: Final = 8
_BEGINNINGS: Final = 1 << 63 - SEGMENT_BITS


class KnownAnswers:
    """Which answers are in which of a cache's segments.

    Args:
        connection: The database.
        kept: Where the files are.
    """

    def __init__(self, connection: Connection, kept: KeptSegments) -> None:
        self._db = connection
        self._kept = kept

    def add(self, keys: Integers, first: int) -> None:
        """Add the records in new segments.

        Args:
            keys: See `keys_of`, in ascending order.
            first: The number of the first of the segments.

        Raises:
            KeptSegmentsError: If they cannot be stored.
        """
        if len(keys) < MANY:
            register(self._db, "new_keys", {"key": keys})
            self._db.execute("INSERT INTO answers SELECT key FROM new_keys")
            self._db.unregister("new_keys")
            return
        path = self._kept.answers_path(first)
        try:
            keys.astype("<i8", copy=False).tofile(path)
        except OSError as error:
            raise KeptSegmentsError(error) from error
        self._db.execute("INSERT INTO answer_files VALUES (?, ?)", [first, len(keys)])

    def are_any(self, answers: Iterable[int]) -> bool:
        """Whether any of a few answers may be known."""
        beginnings = sorted({answer >> SEGMENT_BITS for answer in answers})
        found = self._db.execute(
            "SELECT 1 FROM answers WHERE key >> ? IN (SELECT UNNEST(?)) LIMIT 1",
            [SEGMENT_BITS, beginnings],
        ).fetchall()
        if found:
            return True
        for path, _ in self._files():
            with (
                path.open("rb") as file,
                closing(mmap(file.fileno(), 0, access=ACCESS_READ)) as mapped,
                memoryview(mapped) as content,
                content.cast("q") as keys,
            ):
                for one in beginnings:
                    at = bisect_left(keys, one << SEGMENT_BITS)
                    if at < len(keys) and keys[at] >> SEGMENT_BITS == one:
                        return True
        return False

    def keys_like(self, keys: Integers) -> Integers:
        """Return the keys of all records of some answers, in ascending order.

        Args:
            keys: One or more of each answer, in ascending order.
        """
        import numpy as np  # large

        beginnings = np.unique(keys >> SEGMENT_BITS)
        register(self._db, "wanted_answers", {"beginning": beginnings})
        rows = self._db.execute(
            f"SELECT key FROM answers SEMI JOIN wanted_answers ON key >> {SEGMENT_BITS} = beginning"
        ).fetchnumpy()
        self._db.unregister("wanted_answers")
        found = [np.asarray(rows["key"])]
        for content in self._contents():
            starts = np.searchsorted(content, beginnings << SEGMENT_BITS)
            ends = np.searchsorted(content, beginnings << SEGMENT_BITS | MOST_SEGMENTS)
            counts = ends - starts
            before = np.cumsum(counts) - counts
            positions = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
            found.append(np.asarray(content[positions]))
        return self._without_forgotten(np.sort(np.concatenate(found)))

    def recorded_again(self) -> Integers:
        """Return the beginnings of all answers of which there are several records."""
        import numpy as np  # large

        ((rows,),) = self._db.execute("SELECT COUNT(*) FROM answers").fetchall()
        contents = list(self._contents())
        parts = 1 + (rows + sum(map(len, contents))) // ROWS_AT_ONCE
        edges = [_BEGINNINGS * part // parts << SEGMENT_BITS for part in range(parts + 1)]
        return np.concatenate([self._again_in(*pair, contents) for pair in pairwise(edges)])

    def forget(self, numbers: list[int]) -> None:
        """Forget the answers in some segments, whose numbers are not used again."""
        self._db.execute(
            f"DELETE FROM answers WHERE key & {MOST_SEGMENTS} IN (SELECT UNNEST(?))", [numbers]
        )

    def _again_in(self, low: int, high: int, contents: Iterable[Integers]) -> Integers:
        import numpy as np

        rows = self._db.execute(
            "SELECT key FROM answers WHERE key BETWEEN ? AND ?", [low, high - 1]
        ).fetchnumpy()
        found = [np.sort(np.asarray(rows["key"]))]
        for content in contents:
            start, end = np.searchsorted(content, [low, high - 1])  # which no segment has
            found.append(content[start:end])
        whole = [one for one in found if len(one)]  # one by itself is in order
        keys = np.asarray(whole[0]) if len(whole) == 1 else np.sort(np.concatenate(found))
        return again(self._without_forgotten(keys))

    def _without_forgotten(self, keys: Integers) -> Integers:
        """Leave out the records of segments that are no longer there."""
        import numpy as np

        rows = self._db.execute("SELECT id FROM segments WHERE fault = ''").fetchnumpy()
        numbers = keys & MOST_SEGMENTS
        is_there = np.zeros(int(numbers.max(initial=0)) + 1, bool)
        known = np.asarray(rows["id"])
        is_there[known[known < len(is_there)]] = True
        is_left = is_there[numbers]
        return keys if is_left.all() else keys[is_left]

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Yield the files, with the number of records in each.

        Raises:
            MissingSegmentError: If one is damaged.
        """
        for number, rows in self._db.execute("FROM answer_files ORDER BY ALL").fetchall():
            path = self._kept.answers_path(number)
            if not path.is_file() or path.stat().st_size != rows * _BYTES:
                raise MissingSegmentError
            yield path, rows

    def _contents(self) -> Iterator[Integers]:
        import numpy as np

        for path, _ in self._files():
            yield np.memmap(path, "<i8", "r")


def keys_of(answers: Integers, segments: Integers) -> Integers:
    """Return what stands for records: of each its answer and the number of its segment."""
    return answers >> SEGMENT_BITS << SEGMENT_BITS | segments


def again(keys: Integers) -> Integers:
    """Return the beginnings of the answers of which there are several keys.

    Args:
        keys: Keys in ascending order.
    """
    import numpy as np

    beginnings = keys >> SEGMENT_BITS
    found: Integers = np.unique(beginnings[1:][beginnings[1:] == beginnings[:-1]])
    return found

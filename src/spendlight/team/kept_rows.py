"""Reads all rows of segments that a cache keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.entry import MAX_OFFSET
from spendlight.metering.periods import TOO_LATE_MS
from spendlight.team.checking import POSSIBLE_NUMBERS, distrusting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.team.cache import TeamCache


_POSSIBLE: Final = " AND ".join(
    [
        *POSSIBLE_NUMBERS.values(),
        f"r.at_ms BETWEEN 0 AND {TOO_LATE_MS - 1}",
        f'r."offset" BETWEEN 0 AND {MAX_OFFSET}',
    ]
)


def read_rows(cache: TeamCache, numbers: Sequence[int], statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement selects from the rows of some segments.

    Args:
        cache: The cache.
        numbers: The numbers of the segments.
        statement: SQL, in which the table ``rows`` has the columns of segments and, as ``number``,
            each row's segment. Rows with numbers that no answer can have are left out.
    """
    if not numbers:
        return []
    with distrusting(cache.db):
        found: list[tuple[Any, ...]] = cache.db.execute(
            "WITH files AS (SELECT UNNEST(range(len($numbers)))::INTEGER AS file,"
            " UNNEST($numbers)::INTEGER AS number),"
            " rows AS (SELECT f.number, r.* EXCLUDE (file_index) FROM"
            " (SELECT *, file_index FROM read_parquet($files)) r JOIN files f"
            f" ON f.file = r.file_index WHERE {_POSSIBLE}) {statement}",
            {
                "numbers": list(numbers),
                "files": [str(cache.kept.path(number)) for number in numbers],
            },
        ).fetchall()
    return found

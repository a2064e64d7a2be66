"""Chooses the best copy of each answer, partition by partition, and sums up those that count.

Partitions are ranges of the answers' hashes, so no answer is in two of them: they can be settled in
any order and anywhere, and their sums be added.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.entry import MAX_OFFSET
from spendlight.metering.session_names import limited_offset
from spendlight.metering.sums import MEASURES, NAMES, Merging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spendlight.metering.sums import Measure


HASHES: Final = 1 << 63
"""Hashes of answers are below this."""

QUARTER_MS: Final = 900_000
"""The unit of time of the sums: the offsets of all time zones in use are multiples of it."""

KEYS: Final = ("session", "quarter", "variant", "price_class")
"""Copies that share these are summed."""

RANK: Final = (
    "is_sidechain, (input + output + cache_write_5m + cache_write_1h + cache_read) DESC,"
    ' is_refused DESC, has_speed DESC, log_rank, "offset", copy'
)
"""The order of the copies of an answer, best first: `metering.entry.rank`. Logs are ranked by path;
of the same path on two machines the one on the machine with the lower key comes first, as in an
import."""

VALUES: Final = (
    "segment",
    "name",
    "at_ms",
    "input",
    "output",
    "cache_write_5m",
    "cache_write_1h",
    "cache_read",
    "web_searches",
    "recorded_cost",
    "limit_reset_ms",
    '"offset"',
)
"""What is summed, and by what."""


class Partition(NamedTuple):
    """A range of hashes of answers: from *low* up to *high*, which is not included."""

    low: int
    high: int


def partitions(count: int) -> list[Partition]:
    """Return all hashes, divided into equal partitions."""
    edges = [HASHES * number // count for number in range(count + 1)]
    return [Partition(*pair) for pair in pairwise(edges)]


def settled(which: str, source: str = "copies", several: str = "") -> str:
    """Return SQL that selects the copies that count, with `VALUES`.

    A single record of an answer counts unless it is a withdrawal. Where there are several, the
    latest of each copy on each machine holds; of the copies the best of each request counts,
    unless it is on a side chain and a better one of the same moment is there: see
    `ledger.duplicates`.

    Args:
        which: Which records, in SQL, all of each answer: a record is ``c``.
        source: The table with them.
        several: A table of the answers with several records, if that is known.
    """
    values = ", ".join(VALUES)
    found = (
        f"FROM {several}"
        if several
        else ("SELECT answer FROM records GROUP BY answer HAVING COUNT(*) > 1")
    )
    return f"""
        WITH records AS NOT MATERIALIZED (SELECT * FROM {source} c WHERE {which}),
        found_again AS ({found}),
        again AS (
            SELECT s.*, g.machine, g.sequence, n.log
            FROM records s SEMI JOIN found_again USING (answer)
            JOIN segments g ON g.id = s.segment
            LEFT JOIN names n ON n.segment = s.segment AND n.name = s.name
        ),
        ranked AS (
            SELECT id, DENSE_RANK() OVER (ORDER BY path_in_root, path, machine) AS log_rank
            FROM logs l SEMI JOIN again ON again.log = l.id
            JOIN (SELECT id AS session, machine FROM sessions) n ON n.session = l.session
        ),
        latest AS (
            SELECT s.*, l.log_rank FROM again s LEFT JOIN ranked l ON l.id = s.log
            QUALIFY ROW_NUMBER() OVER (
                PARTITION BY s.machine, s.answer, s.copy ORDER BY s.sequence DESC, s.is_withdrawn
            ) = 1
        ),
        best AS (
            SELECT * FROM latest WHERE NOT is_withdrawn
            QUALIFY ROW_NUMBER() OVER (PARTITION BY answer, request ORDER BY {RANK}) = 1
        ),
        counting AS (
            SELECT * FROM best
            QUALIFY NOT is_sidechain
            OR ROW_NUMBER() OVER (PARTITION BY answer, at_ms ORDER BY {RANK}) = 1
        )
        SELECT {values} FROM records ANTI JOIN found_again USING (answer) WHERE NOT is_withdrawn
        UNION ALL
        SELECT {values} FROM counting
    """


MOST_SUM: Final = 1 << 60
"""No sum is greater, whatever somebody makes up: adding a few of them cannot overflow, either."""


def sum_of(name: str) -> str:
    """Return the SQL that sums up a count."""
    return f"LEAST(SUM({name}), {MOST_SUM})::BIGINT"


_OF_MEASURE: Final = {
    "recorded_cost": (
        'COALESCE(SUM(recorded_cost ORDER BY "offset", at_ms, recorded_cost)'
        " FILTER (WHERE recorded_cost IS NOT NULL), 0)"
    ),
    "answers": "COUNT(*)",
    "first_ms": "MIN(at_ms)",
    "last_ms": "MAX(at_ms)",
    "limit_reset_ms": "MAX(limit_reset_ms)",
    "first_offset": 'MIN("offset")',
    "reasoning": "0::BIGINT",  # segments do not have it
}
_SUMS: Final = ", ".join(
    f"{_OF_MEASURE.get(measure.name, sum_of(measure.name))} AS {measure.name}"
    for measure in MEASURES
)

_IN_SESSION: Final = (
    "CASE WHEN n.start = 0 THEN s.first_offset"
    f" ELSE n.start + LEAST(s.first_offset, {limited_offset(MAX_OFFSET)}) END AS first_offset"
)
"""The first offset in the logs of a session, as `ledger.sums.buckets` computes it."""


def added(table: str) -> str:
    """Return the SQL that adds up the sums in a table.

    Recorded costs are added up in the order of time, as in the ledger: the last digit of a sum
    depends on it.
    """
    return ", ".join(f"{_added(measure, table)} AS {measure.name}" for measure in MEASURES)


def _added(measure: Measure, table: str) -> str:
    name = f"{table}.{measure.name}"
    if measure.merging is Merging.ADDED and measure.is_count:
        return sum_of(name)
    if measure.letter == "d":
        order = f"ORDER BY {table}.first_ms, {table}.first_offset, {name}"
        return f"COALESCE(SUM({name} {order}) FILTER (WHERE {table}.price_class % 2 = 1), 0)"
    return f"{measure.merging.value}({name})"


def summed(
    which: str, context_thresholds: Sequence[int], source: str = "copies", several: str = ""
) -> str:
    """Return SQL that selects the sums of the copies that count, by `KEYS`.

    Args:
        which: Which records, see `settled`.
        context_thresholds: Context sizes at which any price changes.
        source: The table with them.
        several: See `settled`.
    """
    named = summed_by_log(which, context_thresholds, source, several)
    keys = "s.session, s.quarter, s.variant, s.price_class"
    return f"SELECT {keys}, {added('s')} FROM ({in_sessions(named)}) s GROUP BY {keys}"


def summed_by_log(
    which: str, context_thresholds: Sequence[int], source: str = "copies", several: str = ""
) -> str:
    """Return SQL that selects the same sums by segment, name, quarter and price class."""
    return sums_by_log(settled(which, source, several), context_thresholds)


def sums_by_log(rows: str, context_thresholds: Sequence[int]) -> str:
    """Return SQL that sums up rows by segment, name, quarter and price class.

    Args:
        rows: SQL that selects `VALUES`.
        context_thresholds: Context sizes at which any price changes.
    """
    context = "(input + cache_write_5m + cache_write_1h + cache_read)"
    passed = " + ".join(f"({context} > {size:d})::INTEGER" for size in context_thresholds) or "0"
    return (
        f"SELECT segment, name, (at_ms // {QUARTER_MS})::INTEGER AS quarter,"
        f" (2 * ({passed}) + (recorded_cost IS NOT NULL)::INTEGER)::TINYINT AS price_class,"
        f" {_SUMS} FROM ({rows}) GROUP BY ALL"
    )


def in_sessions(sums: str) -> str:
    """Return SQL that selects sums by `KEYS`; some may have the same keys.

    Args:
        sums: SQL that selects them by segment, name, quarter and price class.
    """
    measures = ", ".join(_IN_SESSION if name == "first_offset" else f"s.{name}" for name in NAMES)
    return (
        f"SELECT n.session, s.quarter, n.variant, s.price_class, {measures} FROM ({sums}) s"
        " JOIN names n ON n.segment = s.segment AND n.name = s.name"
    )


def which_of(partition: Partition) -> str:
    """Return the SQL that selects the records of a partition."""
    return f"c.answer >= {partition.low} AND c.answer <= {partition.high - 1}"

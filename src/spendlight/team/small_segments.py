"""Adds small new segments to the sums: what machines publish every few minutes.

Their rows are added up by the database, as loading what makes sense of indices takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.day_sums import note_fresh
from spendlight.team.engine import insert_rows
from spendlight.team.known_answers import SEGMENT_BITS
from spendlight.team.names import NameNumbers
from spendlight.team.ordering import LOG, VARIANT, VARIANTS, make_ordered
from spendlight.team.segments import COLUMNS
from spendlight.team.settling import VALUES, in_sessions, sums_by_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from spendlight.team.engine import Connection
    from spendlight.team.known_answers import KnownAnswers
    from spendlight.team.segment_index import LogNames, VariantNames

MOST_FILES: Final = 16
MOST_BYTES: Final = 256 << 10
"""Of all of them together."""

_MOST_ROWS: Final = 10_000
_UNUSED: Final = frozenset({"request", "copy"})


class _Names(NamedTuple):
    """The names in a segment.

    Attributes:
        logs: The names of its logs, in order.
        variants: Its variants, in order.
    """

    logs: list[LogNames]
    variants: list[VariantNames]


def add_small(  # noqa: PLR0913  # all different
    connection: Connection,
    files: Sequence[Path],
    *,
    first: int,
    machines: Sequence[str],
    known: KnownAnswers,
    thresholds: Sequence[int],
    which: str,
) -> list[int] | None:
    """Add the records of new segments to sums that are up to date.

    That is possible only if each record is the only one of its answer, so that it counts.

    Args:
        connection: The database.
        files: The segments.
        first: The number of the first one; the others have the next ones.
        machines: The machine's key of each.
        known: Which answers are known.
        thresholds: The context sizes by which sums are separated, ascending.
        which: SQL that is true of each record, or fails.

    Returns:
        How many records are in each, or None if nothing was added.
    """
    run = connection.execute
    columns = ", ".join(f'"{name}"' for name in COLUMNS if name not in _UNUSED)
    source = (
        f"(SELECT {columns}, 0 AS request, 0 AS copy, file_index::BIGINT AS number,"
        f" 0 AS row_number FROM read_parquet(?) WHERE {which})"
    )
    make_ordered(connection, source, [[str(file) for file in files]])
    rows = run(
        f"SELECT answer, number, is_withdrawn FROM ordered LIMIT {_MOST_ROWS + 1}"
    ).fetchall()
    answers = {answer >> SEGMENT_BITS for answer, _, _ in rows}
    if (
        len(rows) > _MOST_ROWS
        or len(answers) < len(rows)
        or any(is_withdrawn for *_, is_withdrawn in rows)
        or known.are_any(answer for answer, _, _ in rows)
    ):
        return None
    names = [_Names([], []) for _ in files]
    for number, *log in _named(connection, "ordered_logs", LOG):
        names[number].logs.append(tuple(log))
    for number, *variant in _named(connection, "ordered_variants", VARIANT):
        names[number].variants.append(tuple(variant))
    if any(len(one.variants) >= VARIANTS for one in names):
        return None
    _add_names(connection, names, first, machines)
    insert_rows(
        connection,
        "answers",
        [(answer >> SEGMENT_BITS << SEGMENT_BITS | first + at,) for answer, at, _ in rows],
    )
    values = ", ".join(
        {
            "segment": f"(number + {first})::INTEGER AS segment",
            "name": f"(log_number * {VARIANTS} + variant_number)::UBIGINT AS name",
        }.get(name, name)
        for name in VALUES
    )
    run(
        "CREATE OR REPLACE TEMP TABLE small_sums AS "
        + in_sessions(sums_by_log(f"SELECT {values} FROM ordered", thresholds))
    )
    run("INSERT INTO sums FROM small_sums")
    note_fresh(connection, "FROM small_sums")
    run("DROP TABLE small_sums")
    run("DROP TABLE ordered")
    counts = [0] * len(files)
    for _, at, _ in rows:
        counts[at] += 1
    insert_rows(connection, "unindexed", [(first + at,) for at in range(len(files))])
    return counts


def _named(connection: Connection, table: str, names: Sequence[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = connection.execute(
        f"SELECT number, {', '.join(names)} FROM {table} ORDER BY number, named"
    ).fetchall()
    return found


def _add_names(
    connection: Connection, names: Sequence[_Names], first: int, machines: Sequence[str]
) -> None:
    numbers = NameNumbers(connection, names, machines)
    used = connection.execute(
        "SELECT DISTINCT number, log_number, variant_number FROM ordered"
    ).fetchall()
    rows = []
    for at, log, variant in used:
        number = numbers.logs[numbers.first_logs[at] + log]
        session = numbers.sessions[numbers.first_logs[at] + log]
        chosen = numbers.variants[numbers.first_variants[at] + variant]
        rows.append((first + at, log * VARIANTS + variant, session, number, chosen))
    connection.execute("CREATE OR REPLACE TEMP TABLE used_names AS FROM names LIMIT 0")
    insert_rows(connection, "used_names (segment, name, session, log, variant)", rows)
    connection.execute(
        "INSERT INTO names SELECT n.* EXCLUDE (start), l.start FROM used_names n"
        " JOIN logs l ON l.id = n.log"
    )

"""Writes segments: Parquet, by DuckDB."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.errors import UsageError
from spendlight.metering.periods import to_utc
from spendlight.team.engine import connect, duckdb, insert_rows, reason_of
from spendlight.team.indexing import indices_of_ordered
from spendlight.team.ordering import ORDER, make_ordered
from spendlight.team.segment_index import EMPTY, encode, inserted
from spendlight.team.segments import (
    COLUMNS,
    DAYS,
    MARK,
    OPTIONAL,
    REPLACES,
    SEGMENT,
    SUFFIX,
    TOKENS,
    VERSION,
    SegmentName,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spendlight.team.engine import Connection
    from spendlight.team.segments import TeamCopy, Withdrawal

GROUP_ROWS: Final = 122_880
"""Rows in a row group: DuckDB's usual number, as each group takes time."""

_DIGITS: Final = 16
_NONE: Final = -1
_NUMPY: Final = {"BIGINT": "int64", "TINYINT": "int8", "BOOLEAN": "bool", "DOUBLE": "float64"}
_SUMS: Final = ", ".join(f"SUM({name})::BIGINT AS {name}" for name in (*TOKENS, "web_searches"))

Row = tuple[Any, ...]


class NotWrittenError(UsageError):
    """Segments cannot be written on this machine."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Files for the team cannot be written to {gettempdir()}: {reason}",
            "Is the disk full? Nothing is lost: what is new will be published as soon as it works.",
        )


class WrittenSegment(NamedTuple):
    """A segment that was written to a local folder.

    Attributes:
        path: The segment.
        days: The sums by day, to be published beside it.
        rows: How many copies and withdrawals are in it.
    """

    name: SegmentName
    path: Path
    days: Path
    rows: int


@contextmanager
def local_folder() -> Iterator[Path]:
    """Yield a folder for segments before they are published.

    Raises:
        NotWrittenError: If something cannot be written.
    """
    errors = duckdb()
    try:
        with TemporaryDirectory(prefix="spendlight-team-") as folder:
            yield Path(folder)
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from error
    except (errors.IOException, errors.OutOfMemoryException) as error:
        raise NotWrittenError(reason_of(error)) from error


def write_segments(
    copies: Iterable[TeamCopy],
    withdrawals: Iterable[Withdrawal],
    machine: str,
    sequence: int,
    folder: Path,
) -> list[WrittenSegment]:
    """Write copies and withdrawals to segments, one for each month.

    Args:
        copies: The copies.
        withdrawals: The copies that no longer exist.
        machine: The machine's key.
        sequence: The sequence number of all of them.
        folder: Where to write, under temporary names.

    Raises:
        TeamMissingError: If DuckDB is not installed.
    """
    months: dict[str, list[Row]] = {}
    for copy in copies:
        months.setdefault(_month(copy.entry.at_ms), []).append(_row(copy))
    for withdrawal in withdrawals:
        months.setdefault(_month(withdrawal.at_ms), []).append(_withdrawn(withdrawal))
    written = []
    with connect(threads=1, spill=folder / "spilled") as connection:  # the same rows, the same file
        for month, rows in sorted(months.items()):
            path, days = folder / f"{month}.segment", folder / f"{month}.days"
            _write(connection, rows, path, days)
            digest = sha256(path.read_bytes()).hexdigest()[:_DIGITS]
            name = SegmentName(machine, month, sequence, digest)
            written.append(WrittenSegment(name, path, days, len(rows)))
    return written


def _month(at_ms: int) -> str:
    return f"{to_utc(at_ms):%Y-%m}"


def _row(copy: TeamCopy) -> Row:
    entry, variant = copy.entry, copy.variant
    reset_ms = entry.limit_reset_ms
    return (
        entry.answer,
        entry.request,
        copy.copy,
        False,
        entry.at_ms,
        copy.agent,
        copy.vm,
        copy.root,
        copy.path,
        entry.offset,
        *copy.session,
        variant.name,
        variant.is_fast,
        variant.geo,
        int(variant.role),
        entry.is_sidechain,
        entry.has_speed,
        entry.is_refused,
        *entry.tokens,
        entry.web_searches,
        float("nan") if entry.recorded_cost is None else entry.recorded_cost,
        _NONE if reset_ms is None else reset_ms,
    )


_BLANK: Final = {"VARCHAR": "", "BOOLEAN": False, "DOUBLE": float("nan")}


def _withdrawn(withdrawal: Withdrawal) -> Row:
    known = {
        "answer": withdrawal.answer,
        "copy": withdrawal.copy,
        "is_withdrawn": True,
        "at_ms": withdrawal.at_ms,
        "limit_reset_ms": _NONE,
    }
    return tuple(known.get(name, _BLANK.get(kind, 0)) for name, kind in COLUMNS.items())


def _write(connection: Connection, rows: Sequence[Row], path: Path, days: Path) -> None:
    columns = zip(*rows, strict=True)
    write_columns(connection, dict(zip(COLUMNS, columns, strict=True)), path, days)


def mergeable(
    names: Mapping[Path, SegmentName], others: Mapping[Path, SegmentName]
) -> dict[Path, SegmentName]:
    """Return the segments that can be merged so that the same records hold as before.

    A record that becomes newer must not get ahead of one in another segment that says the opposite:
    that the copy exists, or that it is withdrawn.

    Args:
        names: Segments by their local files; they were checked.
        others: The same of other segments of the machine.
    """
    left = dict(names)
    with connect() as connection:
        run = connection.execute
        run("CREATE TEMP TABLE files (filename VARCHAR, sequence BIGINT, is_merged BOOLEAN)")
        rows = [
            (str(path), one.sequence, path in names)
            for path, one in [*names.items(), *others.items()]
        ]
        insert_rows(connection, "files", rows)
        run(
            "CREATE TEMP TABLE records AS SELECT answer, copy, is_withdrawn, filename"
            " FROM read_parquet(?, filename = true)",
            [[path for path, *_ in rows]],
        )
        while left:
            found = run(_GETTING_AHEAD, [max(one.sequence for one in left.values())]).fetchall()
            if not found:
                break
            bad = [path for (path,) in found]
            run("UPDATE files SET is_merged = FALSE WHERE filename IN (SELECT UNNEST(?))", [bad])
            for path in bad:
                del left[Path(path)]
    return left


_GETTING_AHEAD: Final = """
    WITH found AS (FROM records JOIN files USING (filename)),
    holding AS (
        SELECT * FROM found WHERE is_merged
        QUALIFY ROW_NUMBER() OVER (
            PARTITION BY answer, copy ORDER BY sequence DESC, is_withdrawn
        ) = 1
    )
    SELECT DISTINCT h.filename FROM holding h JOIN found o USING (answer, copy)
    WHERE NOT o.is_merged AND o.is_withdrawn <> h.is_withdrawn AND o.sequence <= ?
    AND (o.sequence > h.sequence OR (o.sequence = h.sequence AND h.is_withdrawn))
"""


def merge_segments(
    names: Mapping[Path, SegmentName], machine: str, month: str, folder: Path
) -> WrittenSegment:
    """Write a segment that replaces others of the same machine and month.

    Of each copy it has the record that holds among theirs, and the highest of their sequence
    numbers: what it does not replace is as new or old as before.

    Args:
        names: The others, by their local files; they were checked.
        machine: The machine's key.
        month: The month.
        folder: Where to write, under temporary names.
    """
    path, days = folder / f"{month}.segment", folder / f"{month}.days"
    stems = sorted(
        name.path.removeprefix(name.folder).removesuffix(SUFFIX) for name in names.values()
    )
    with connect(threads=1) as connection:  # the same rows make the same file
        connection.execute("CREATE TEMP TABLE files (filename VARCHAR, sequence BIGINT)")
        insert_rows(connection, "files", [(str(p), one.sequence) for p, one in names.items()])
        columns = ", ".join(f'p."{name}"' for name in COLUMNS)
        connection.execute(
            f"CREATE TEMP TABLE segment AS SELECT {columns}"
            " FROM read_parquet(?, filename = true) p JOIN files f USING (filename)"
            " QUALIFY ROW_NUMBER() OVER (PARTITION BY answer, copy"
            " ORDER BY f.sequence DESC, is_withdrawn) = 1",
            [[str(path) for path in names]],
        )
        (rows,) = connection.execute("SELECT COUNT(*) FROM segment").fetchone()
        _write_table(connection, path, days, " ".join(stems))
    digest = sha256(path.read_bytes()).hexdigest()[:_DIGITS]
    highest = max(one.sequence for one in names.values())
    name = SegmentName(machine, month, highest, digest, is_merged=True)
    return WrittenSegment(name, path, days, rows)


def write_columns(
    connection: Connection, columns: Mapping[str, Any], path: Path, days: Path
) -> None:
    """Write a segment, and the sums by day beside it.

    Args:
        connection: A database with a single thread, so that the same rows make the same file.
        columns: Values of all `COLUMNS`, lists or arrays; what is missing is -1, or not a number.
        path: Where to write the segment.
        days: Where to write the sums.
    """
    import numpy as np  # large

    arrays = {
        name: np.asarray(columns[name], dtype=_NUMPY.get(kind, "object"))
        for name, kind in COLUMNS.items()
    }
    connection.register("new_rows", arrays)
    selected = ", ".join(map(_selected, COLUMNS))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE segment AS SELECT {selected} FROM new_rows")
    connection.unregister("new_rows")
    _write_table(connection, path, days)


def _write_table(connection: Connection, path: Path, days: Path, replaced: str = "") -> None:
    """Write the table ``segment`` with its index, and its sums by day."""
    make_ordered(connection, "(SELECT 0 AS number, 0 AS row_number, * FROM segment)")
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    _copy(connection, f"SELECT {columns} FROM ordered ORDER BY {ORDER}", path, SEGMENT, replaced)
    index = indices_of_ordered(connection).get(0, EMPTY)
    path.write_bytes(inserted(path.read_bytes(), encode(index._replace(row_numbers=None))))
    _copy(connection, _DAYS_STATEMENT, days, DAYS)


def _selected(name: str) -> str:
    """Return the SQL that selects a column, with null where there is no value."""
    kind = COLUMNS[name]
    if name not in OPTIONAL:
        return f'"{name}"::{kind} AS "{name}"'
    missing = f"isnan({name})" if kind == "DOUBLE" else f"{name} = {_NONE}"
    return f"(CASE WHEN {missing} THEN NULL ELSE {name} END)::{kind} AS {name}"


_DAYS_STATEMENT: Final = (
    "SELECT make_date(1970, 1, 1) + (at_ms // 86400000)::INTEGER AS day, agent, vm, project,"
    f" model, is_fast, geo, role, COUNT(*) AS answers, {_SUMS}, SUM(recorded_cost) AS recorded_cost"
    " FROM segment WHERE NOT is_withdrawn GROUP BY ALL ORDER BY ALL"
)


def _copy(
    connection: Connection, statement: str, path: Path, kind: str, replaced: str = ""
) -> None:
    marks = f"{MARK}: '{kind} {VERSION}'" + (f", {REPLACES}: '{replaced}'" if replaced else "")
    target = str(path).replace("'", "''")
    connection.execute(
        f"COPY ({statement}) TO '{target}' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd,"
        f" ROW_GROUP_SIZE {GROUP_ROWS}, KV_METADATA {{{marks}}})"
    )

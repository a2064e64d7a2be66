"""Checks segments before anything in them is used: anybody may have written them."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.described_blocks import MOST_BLOCK_DOLLARS, MOST_BLOCK_TOKENS, UNLOGGED
from spendlight.metering.entry import MAX_COUNT, MAX_DOLLARS, MAX_OFFSET, Role
from spendlight.metering.periods import TOO_LATE_MS
from spendlight.regular_files import open_regular
from spendlight.team.engine import connect, duckdb, limited
from spendlight.team.segments import (
    COLUMNS,
    MARK,
    OPTIONAL,
    REPLACES,
    SEGMENT,
    SUFFIX,
    TEXTS,
    TOKENS,
    VERSION,
    segment_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from spendlight.team.engine import Connection
    from spendlight.team.segments import SegmentName

MOST_BYTES: Final = 256 << 20
"""Larger segments are not read; one of ours with a million answers has 40 MB."""

MOST_ROWS: Final = 4_000_000
MOST_ROW_BYTES: Final = 2_000
"""On average, when decompressed."""

SPARE_BYTES: Final = 1 << 20
"""What a segment may have beyond that."""

MOST_UNPACKED_BYTES: Final = 2 << 30
"""The most that a segment may have when decompressed."""

CHECK_S: Final = 10.0
CHECK_S_PER_MB: Final = 0.2
"""How long checking may take: a hundred times as long as it does. What a segment has when it is
decompressed is known only afterwards, as its metadata may lie."""

MOST_FOOTER_BYTES: Final = 8 << 20
MOST_KEPT_BYTES: Final = 300 << 20
"""The metadata of files are kept up to this size, as each is read several times: 50 kB of each."""

MOST_LETTERS: Final = 8_192
"""The longest name in a segment; the longest path of any system is half as long."""

LONG_LETTERS: Final = 256
"""Longer names are added up, as a dictionary makes a million of them out of one."""

CANNOT_BE_READ: Final = "it cannot be read"
"""How the fault of a segment begins that may be read the next time, even if it does not change."""

CHANGED: Final = "its contents do not belong to its name: it is not complete, or was changed"
CUT: Final = "it is cut off or damaged"
"""What is wrong with a segment that cannot be decoded."""

_LAST_COLUMN: Final = b"\x18\x0elimit_reset_ms%$\x00\x16"
"""How the schema ends in the metadata of our segments: the last column, with its kind of integer,
and the beginning of the number of rows (Parquet's FileMetaData, in Thrift's compact protocol)."""

_OUR_MARK: Final = b"\x18\x0aspendlight\x18\x09segment 1\x00"
"""How they are marked there: key and value."""

_KEPT: Final = (
    "SELECT COALESCE(SUM(memory_usage_bytes), 0)::BIGINT FROM duckdb_memory()"
    " WHERE tag = 'OBJECT_CACHE'"
)
_PART_BYTES: Final = 1 << 20
_MAGIC: Final = b"PAR1"
_TAIL_BYTES: Final = 8
_FOREIGN: Final = "it is not a segment of a Spendlight team"
_ODD: Final = "it contains values that no answer can have"
_LARGE: Final = "it is too large when decompressed"


def faults_outside(paths: Sequence[Path], connection: Connection) -> dict[Path, str]:
    """Return which files cannot be segments, and why; values were not looked at: see `USUAL`.

    What DuckDB finds in one file of a kind goes for all whose metadata begin and end with the same
    bytes: with the version and all columns, and with the mark.

    Args:
        paths: Local files.
        connection: A database for it.
    """
    faults = {}
    alike: dict[tuple[bytes, bytes], list[Path]] = {}
    for path in paths:
        if fault := _fault_outside(path):
            faults[path] = fault
        else:
            alike.setdefault(_kind(path), []).append(path)
    with distrusting(connection):
        for (start, _), found in alike.items():
            faults |= _faults_inside(found[:1] if start else found, connection)
            if start and found[0] in faults:
                faults |= _faults_inside(found[1:], connection)
    return faults


def _kind(path: Path) -> tuple[bytes, bytes]:
    """Return how the metadata of a file begin and end, if they are as ours, or nothing."""
    with path.open("rb") as file:
        size = file.seek(-_TAIL_BYTES, 2)
        length = int.from_bytes(file.read(4), "little")
        file.seek(size - length)
        footer = file.read(length)
    columns, mark = footer.find(_LAST_COLUMN), footer.rfind(_OUR_MARK)
    end = columns + len(_LAST_COLUMN)
    if columns < 0 or mark < end or _number_at(footer, end) > MOST_ROWS:
        return b"", b""
    return footer[:end], footer[mark:]


def _number_at(footer: bytes, at: int) -> int:
    """Return the number at a position, as Thrift's compact protocol encodes those above zero."""
    value = shift = 0
    for byte in footer[at : at + 10]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  # the last one
            return value >> 1
    return MOST_ROWS + 1


def faults_of(paths: Sequence[Path], connection: Connection) -> dict[Path, str]:
    """Return which files are not valid segments, and why; the others can be used.

    Args:
        paths: Local files.
        connection: A database for it. They are checked together, which takes a tenth of the time;
            if that fails, each half by itself.
    """
    faults = {path: fault for path in paths if (fault := _fault_outside(path))}
    rest = [path for path in paths if path not in faults]
    with distrusting(connection):
        return faults | _faults_inside(rest, connection)


@contextmanager
def distrusting(connection: Connection) -> Iterator[Callable[[], None]]:
    """Have DuckDB look at the values in Parquet files, whatever their statistics say.

    Yields a function that ends it earlier. A failed transaction must have ended before.
    """

    def end() -> None:
        connection.execute("RESET disabled_optimizers")

    (kept,) = connection.execute(_KEPT).fetchone()
    connection.execute(f"SET parquet_metadata_cache = {kept < MOST_KEPT_BYTES}")
    connection.execute("SET disabled_optimizers = 'statistics_propagation'")
    try:
        yield end
    finally:
        end()


def digest_fault(path: Path, digest: str) -> str:
    """Return what is wrong with a segment whose contents do not have its name's hash, or ""."""
    found = sha256()
    try:
        with open_regular(path) as file:
            while part := file.read(_PART_BYTES):
                found.update(part)
    except OSError as error:
        return f"{CANNOT_BE_READ}: {error.strerror or error}"
    return "" if found.hexdigest().startswith(digest) else CHANGED


def replaced_by(path: Path, name: SegmentName) -> list[str]:
    """Return the paths of the segments that a merged one replaces: of its machine and month only.

    Args:
        path: Its local file, which was checked.
        name: Its name.
    """
    with connect() as connection:
        rows = connection.execute(
            "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?",
            [str(path), REPLACES.encode()],
        ).fetchall()
    stems = b" ".join(value for (value,) in rows).decode("ascii", "replace").split()
    paths = (f"{name.folder}{stem}{SUFFIX}" for stem in stems)
    return [path for path in paths if path != name.path and segment_name(path) is not None]


def _fault_outside(path: Path) -> str:
    """Return what is wrong with the beginning or the end of a file, or ""."""
    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            if size > MOST_BYTES:
                return f"it is larger than {MOST_BYTES >> 20} MB"
            file.seek(0)
            if file.read(len(_MAGIC)) != _MAGIC:
                return _FOREIGN
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except OSError as error:
        return f"{CANNOT_BE_READ}: {error.strerror or error}"
    footer = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or footer > size - _TAIL_BYTES - len(_MAGIC):
        return CUT
    return "" if footer <= MOST_FOOTER_BYTES else _FOREIGN


def _faults_inside(paths: Sequence[Path], connection: Connection) -> dict[Path, str]:
    if not paths:
        return {}
    errors = duckdb()
    try:
        found = _faults_by_metadata(paths, connection)
        good = [path for path in paths if path not in found]
        return found | _faults_by_values(good, connection)
    except (errors.BinderException, errors.CatalogException, errors.ParserException):
        raise  # a mistake of ours
    except errors.InterruptException:
        if len(paths) == 1:
            return {paths[0]: _LARGE}
        found = {}
        for path in paths:
            found |= _faults_inside([path], connection)
        return found
    except (errors.Error, UnicodeDecodeError):
        if len(paths) == 1:
            return {paths[0]: CUT}
    half = len(paths) // 2
    return _faults_inside(paths[:half], connection) | _faults_inside(paths[half:], connection)


def _faults_by_metadata(paths: Sequence[Path], connection: Connection) -> dict[Path, str]:
    names = [str(path) for path in paths]
    marks = _by_name(
        connection,
        "SELECT file_name, key, value FROM parquet_kv_metadata(?) WHERE octet_length(key) < 100",
        names,
    )
    columns = _by_name(
        connection,
        "SELECT file_name, name, duckdb_type FROM parquet_schema(?) WHERE num_children IS NULL",
        names,
    )
    sizes = _by_name(
        connection,
        "SELECT file_name, SUM(total_uncompressed_size),"
        " SUM(row_group_num_rows) FILTER (column_id = 0),"
        " LEAST(MIN(total_uncompressed_size), MIN(row_group_num_rows)) FROM parquet_metadata(?)"
        " GROUP BY file_name",
        names,
    )
    found = {}
    for path, name in zip(paths, names, strict=True):
        fault = _fault_of_mark(marks.get(name, ())) or _fault_of_columns(columns.get(name, ()))
        if not fault:
            ((size, rows, least),) = sizes.get(name, [(0, 0, 0)])
            if least < 0:  # one that makes up for others
                fault = CUT
            elif rows > MOST_ROWS or size > _most_bytes(rows):
                fault = _LARGE
        if fault:
            found[path] = fault
    return found


def most_seconds(size: int) -> float:
    """Return how long it may take to look at segments of a size in bytes."""
    return CHECK_S + CHECK_S_PER_MB * size / (1 << 20)


def _most_bytes(rows: int) -> int:
    """Return what a segment may have when decompressed."""
    return min(SPARE_BYTES + rows * MOST_ROW_BYTES, MOST_UNPACKED_BYTES)


def _by_name(
    connection: Connection, statement: str, names: Sequence[str]
) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *row in connection.execute(statement, [list(names)]).fetchall():
        found.setdefault(name, []).append(tuple(row))
    return found


def _fault_of_mark(marks: Sequence[tuple[Any, ...]]) -> str:
    kind, _, version = dict(marks).get(MARK.encode(), b"").decode("ascii", "replace").partition(" ")
    if kind != SEGMENT or not version.isdecimal():
        return _FOREIGN
    if version.lstrip("0") != str(VERSION):
        return "it was written by a newer version of Spendlight; please update"
    return ""


def _fault_of_columns(columns: Sequence[tuple[Any, ...]]) -> str:
    return "" if dict(columns) == COLUMNS and len(columns) == len(COLUMNS) else _FOREIGN


def _faults_by_values(paths: Sequence[Path], connection: Connection) -> dict[Path, str]:
    if not paths:
        return {}
    names = [str(path) for path in paths]
    size = sum(path.stat().st_size for path in paths)
    with limited(connection, most_seconds(size)):
        rows = connection.execute(
            f"SELECT filename, COUNT(*), BOOL_OR({_IMPOSSIBLE}), SUM({_LETTERS})"
            f" FROM read_parquet(?, filename = true) WHERE {_IMPOSSIBLE} OR {_LONG}"
            " GROUP BY filename",
            [names],
        ).fetchall()
    odd = {name for name, _, is_odd, _ in rows if is_odd}
    large = {name for name, count, _, letters in rows if (letters or 0) > _most_bytes(count)}
    return {path: _ODD for path in paths if str(path) in odd} | {
        path: _LARGE for path in paths if str(path) in large
    }


def _is_outside(name: str, least: float, most: float) -> str:
    return f'"{name}" NOT BETWEEN {least} AND {most}'


_LETTERS: Final = " + ".join(f"length({name})" for name in TEXTS)
_LONG: Final = " OR ".join(f"length({name}) > {LONG_LETTERS}" for name in TEXTS)
_COUNTS: Final = (*TOKENS, "web_searches")
_TOO_LONG: Final = [f"length({name}) > {MOST_LETTERS}" for name in TEXTS]
_IMPOSSIBLE_NUMBERS: Final = " OR ".join(
    [
        *(f'"{name}" IS NULL' for name in COLUMNS if name not in OPTIONAL),
        *(_is_outside(name, 0, MOST_BLOCK_TOKENS) for name in _COUNTS),
        *(f"({name} > {MAX_COUNT} AND model <> '{UNLOGGED.name}')" for name in _COUNTS),
        _is_outside("answer", 0, 2**63 - 1),
        _is_outside("request", 0, 2**63 - 1),
        _is_outside("at_ms", 0, TOO_LATE_MS - 1),
        _is_outside("offset", 0, MAX_OFFSET),
        _is_outside("role", 0, max(Role)),
        _is_outside("limit_reset_ms", 0, TOO_LATE_MS - 1),
        _is_outside("recorded_cost", -MOST_BLOCK_DOLLARS, MOST_BLOCK_DOLLARS),
        f"(abs(recorded_cost) > {MAX_DOLLARS} AND model <> '{UNLOGGED.name}')",
    ]
)
"""What no answer can have; null is not outside of anything."""

POSSIBLE_NUMBERS: Final = {
    **{name: f"r.{name} BETWEEN 0 AND {MOST_BLOCK_TOKENS}" for name in _COUNTS},
    "request": "r.request >= 0",
    **{
        name: f"r.{name} IS NOT NULL"
        for name in ("copy", "is_sidechain", "has_speed", "is_refused")
    },
    "limit_reset_ms": f"COALESCE(r.limit_reset_ms, 0) BETWEEN 0 AND {TOO_LATE_MS - 1}",
    "recorded_cost": f"COALESCE(abs(r.recorded_cost), 0) <= {MOST_BLOCK_DOLLARS}",
}
"""SQL that is true of each record ``r`` whose numbers an answer can have, by column; apart from
what is in indices as well."""

_IMPOSSIBLE: Final = " OR ".join([_IMPOSSIBLE_NUMBERS, *_TOO_LONG])

USUAL: Final = (
    f"CASE WHEN {_IMPOSSIBLE_NUMBERS} OR {' + '.join(f'strlen({name})' for name in TEXTS)}"
    f" > {MOST_ROW_BYTES} THEN error('unusual')::BOOLEAN ELSE TRUE END"
)
"""SQL that is true of each usual record and fails at another one, which may be possible or not."""

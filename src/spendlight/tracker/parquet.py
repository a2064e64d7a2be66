"""Parquet, using pyarrow, which is optional."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final, get_args

import msgspec

from spendlight.build import read_build
from spendlight.errors import UsageError
from spendlight.tracker.entry_rows import (
    FOREIGN,
    KIND,
    MOST_DIGITS,
    VERSION,
    EntryRow,
    ImportFileError,
    demand_version,
)

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    pa = None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

GROUP_ROWS: Final = 16_384
"""The most rows in memory at once."""

_MARK: Final = b"spendlight"
_MOMENTS: Final = frozenset({"timestamp", "limitReset"})
_TYPES: Final = {"bool": "bool_", "int": "int64", "float": "float64", "str": "string"}


class ParquetMissingError(UsageError):
    """The library that reads and writes Parquet is not installed."""

    def __init__(self) -> None:
        if read_build().is_frozen:  # nothing can be added to a frozen program
            super().__init__(
                "This build of Spendlight does not support Parquet",
                "CSV and JSON contain the same data.",
            )
            return
        super().__init__(
            "Parquet needs pyarrow, which is not installed",
            "Install it with: pip install 'spendlight[parquet]'. CSV and JSON work without it.",
        )


class ParquetNumberError(UsageError):
    """A figure that is too large for a Parquet column."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"A figure is too large for Parquet: {reason}",
            "CSV and JSON support numbers of any size.",
        )


def demand_parquet() -> None:
    """Make sure that Parquet can be read and written.

    Raises:
        ParquetMissingError: If pyarrow is not installed.
    """
    if pa is None:
        raise ParquetMissingError


def write_parquet(rows: Iterable[EntryRow], sink: BinaryIO) -> int:
    """Write entries as Parquet; return how many.

    Raises:
        ParquetMissingError: If pyarrow is not installed.
    """
    demand_parquet()
    schema = _schema()
    count = 0
    remaining = iter(rows)
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := list(islice(remaining, GROUP_ROWS)):
            columns = zip(*map(msgspec.structs.astuple, group), strict=True)
            arrays = [_array(list(c), field) for c, field in zip(columns, schema, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def write_rows(rows: Sequence[Mapping[str, Any]], sink: BinaryIO) -> None:
    """Write the rows of a report as Parquet.

    Args:
        rows: Plain values by name; each row has the same names.
        sink: Where to write.

    Raises:
        ParquetMissingError: If pyarrow is not installed.
        ParquetNumberError: If a figure is larger than Parquet allows.
    """
    demand_parquet()
    try:
        table = pa.Table.from_pylist(list(rows))
    except (OverflowError, pa.ArrowException) as error:
        raise ParquetNumberError(error) from error
    pq.write_table(table, sink, compression="zstd")


def read_parquet(path: Path, file: BinaryIO) -> Iterator[Mapping[str, object]]:
    """Yield the rows of a file of entries.

    Raises:
        ParquetMissingError: If pyarrow is not installed.
        ImportFileError: If it is truncated, or not one of ours.
    """
    demand_parquet()
    try:
        with pq.ParquetFile(file) as whole:
            mark = (whole.schema_arrow.metadata or {}).get(_MARK, b"")
            kind, _, version = mark.decode().partition(" ")
            if kind != KIND or not version.isdecimal():
                raise ImportFileError(path, FOREIGN)
            demand_version(int(version[:MOST_DIGITS]), path)
            for batch in whole.iter_batches(batch_size=GROUP_ROWS // 4):
                for row in batch.to_pylist():
                    yield {name: _plain(value) for name, value in row.items()}
    except pa.ArrowException as error:
        raise ImportFileError(path, "it is cut off or damaged") from error
    except (OverflowError, ValueError) as error:  # not a valid moment
        raise ImportFileError(path, f"it contains a time that is out of range: {error}") from error


def _schema() -> Any:  # noqa: ANN401  # pyarrow's own, without types
    fields = []
    for field in msgspec.structs.fields(EntryRow):
        name = field.encode_name
        if name in _MOMENTS:
            kind = pa.timestamp("ms", tz="UTC")
        else:
            kind = getattr(pa, _TYPES[_kind(field.type)])()
        fields.append(pa.field(name, kind))
    return pa.schema(fields, metadata={_MARK: f"{KIND} {VERSION}"})


def _kind(annotation: Any) -> str:  # noqa: ANN401  # any type
    """Return the name of the plain type in an annotation."""
    while inner := get_args(annotation):
        annotation = inner[0]
    return str(annotation.__name__)


def _array(values: list[Any], field: Any) -> Any:  # noqa: ANN401  # pyarrow's own, without types
    if field.name in _MOMENTS:
        return pa.array(values, pa.string()).cast(field.type)
    return pa.array(values, field.type)


def _plain(value: object) -> object:
    """Return a moment as the text that it is in the other formats."""
    return value.isoformat() if hasattr(value, "isoformat") else value

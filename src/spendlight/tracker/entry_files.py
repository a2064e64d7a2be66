"""Files of entries, as one machine exports and another imports them: JSON, CSV and Parquet.

A row of them is an `EntryRow`, under the same names in each form. JSON is written with one entry in
each line, so that it can be read line by line, however long it is.
"""

from __future__ import annotations

import csv
import io
import os
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from spendlight.tracker.entry_rows import (
    FOREIGN,
    KIND,
    NAMES,
    OPTIONAL,
    VERSION,
    EntryRow,
    Header,
    ImportFileError,
    demand_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

VERSION_COLUMN: Final = "spendlightEntries"
"""The column of CSV that holds the version, and by which such a file is known."""

PARQUET_MAGIC: Final = b"PAR1"

_BOM: Final = b"\xef\xbb\xbf"
_OPENING: Final = b'"entries":['
_CUT: Final = "it ends too early"


class _Tail(msgspec.Struct):
    count: int


class _Document(Header):
    entries: list[EntryRow] = msgspec.field(default_factory=list)
    count: int = -1


def write_json(rows: Iterable[EntryRow], header: Header, sink: BinaryIO) -> int:
    """Write entries as JSON; return how many."""
    sink.write(msgspec.json.encode(header)[:-1] + b"," + _OPENING)
    encode = msgspec.json.Encoder().encode
    count = 0
    for row in rows:
        sink.write((b",\n" if count else b"\n") + encode(row))
        count += 1
    sink.write(b'\n],"count":%d}\n' % count)
    return count


def write_csv(rows: Iterable[EntryRow], sink: BinaryIO) -> int:
    """Write entries as CSV; return how many."""
    return write_table(
        (*NAMES, VERSION_COLUMN), ((*msgspec.structs.astuple(row), VERSION) for row in rows), sink
    )


def write_table(names: Iterable[str], rows: Iterable[Iterable[object]], sink: BinaryIO) -> int:
    """Write rows of plain values as CSV, below their names; return how many."""
    writer = csv.writer(_Encoding(sink), lineterminator="\n")
    writer.writerow(names)
    count = 0
    for row in rows:
        writer.writerow(map(_in_csv, row))
        count += 1
    return count


class _Encoding:
    """Writes text as UTF-8, and unlike Python's own wrapper never closes what it writes to."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    def write(self, text: str) -> int:
        return self._sink.write(text.encode("utf-8", "replace"))


def _in_csv(value: object) -> object:
    """Return a value as CSV has it: true and false as in JSON."""
    return str(value).lower() if isinstance(value, bool) else value


def read_entries(path: Path) -> Iterator[EntryRow]:
    """Yield the entries in a file, whatever its form.

    Raises:
        ImportFileError: If it is none of ours, cut off, from a newer version, or cannot be read.
            What was yielded before must not be used then.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(PARQUET_MAGIC))
            file.seek(0)
            if start == PARQUET_MAGIC:
                from spendlight.tracker.parquet import read_parquet

                yield from _rows(read_parquet(path, file), path, is_strict=True)
            elif start.removeprefix(_BOM).lstrip()[:1] == b"{":
                yield from _read_json(file, path)
            else:
                yield from _read_csv(file, path)
    except OSError as error:
        raise ImportFileError(
            path, error.strerror or str(error), "Make it readable, or name another."
        ) from error


def _read_json(file: BinaryIO, path: Path) -> Iterator[EntryRow]:
    first = file.readline()
    if not first.rstrip().endswith(_OPENING):
        yield from _read_any_json(first + file.read(), path)
        return
    _check_header(first.rstrip() + b"]}", path)
    decode = msgspec.json.Decoder(EntryRow).decode
    count = 0
    for line in file:
        if line.startswith(b"]"):
            break
        try:
            row = decode(line.rstrip().removesuffix(b","))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            cause = _CUT if not line.endswith(b"\n") else f"entry {count + 1} is none: {error}"
            raise ImportFileError(path, cause) from error
        count += 1
        yield row
    else:
        raise ImportFileError(path, _CUT)
    try:
        is_whole = msgspec.json.decode(line.replace(b"],", b"{", 1), type=_Tail).count == count
    except msgspec.DecodeError:
        is_whole = False
    if not is_whole:
        raise ImportFileError(path, _CUT)


def _check_header(text: bytes, path: Path) -> None:
    try:
        header = msgspec.json.decode(text.removeprefix(_BOM), type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportFileError(path, FOREIGN) from error
    if header.spendlight != KIND:
        raise ImportFileError(path, FOREIGN)
    demand_version(header.version, path)


def _read_any_json(text: bytes, path: Path) -> Iterator[EntryRow]:
    """Read JSON that another program has laid out anew, all at once."""
    text = text.removeprefix(_BOM)
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportFileError(path, f"it is no JSON, or is cut off: {error}") from error
    _check_header(text, path)
    try:
        document = msgspec.json.decode(text, type=_Document)
    except msgspec.DecodeError as error:
        raise ImportFileError(path, f"an entry is none: {error}") from error
    if document.count != len(document.entries):
        raise ImportFileError(path, _CUT)
    yield from document.entries


def _read_csv(file: BinaryIO, path: Path) -> Iterator[EntryRow]:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    is_whole = file.read(1) == b"\n"
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        reader = csv.DictReader(text, restval="")
        if VERSION_COLUMN not in (reader.fieldnames or ()):
            raise ImportFileError(path, FOREIGN)
        if not is_whole:
            raise ImportFileError(path, _CUT)
        yield from _rows(_csv_rows(reader, path), path, is_strict=False)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ImportFileError(path, FOREIGN) from error
    finally:
        text.detach()  # who opened the file closes it


def _csv_rows(reader: csv.DictReader[str], path: Path) -> Iterator[Mapping[str, object]]:
    for row in reader:
        version = row[VERSION_COLUMN]
        demand_version(int(version) if version.isdecimal() else 0, path)
        if version != str(VERSION):
            raise ImportFileError(path, f"line {reader.line_num} is not whole")
        yield {name: text or None if name in OPTIONAL else text for name, text in row.items()}


def _rows(
    rows: Iterable[Mapping[str, object]], path: Path, *, is_strict: bool
) -> Iterator[EntryRow]:
    for count, row in enumerate(rows, 1):
        try:
            yield msgspec.convert(row, EntryRow, strict=is_strict)
        except msgspec.ValidationError as error:
            raise ImportFileError(path, f"entry {count} is none: {error}") from error

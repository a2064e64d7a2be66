"""Files of entries that one machine exports and another imports: JSON, CSV and Parquet.

Each row is an `EntryRow`, with the same names in all formats. JSON is written with one entry per
line, so that it can be read line by line, however long it is.
"""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from spendlight.names import guarded, unguarded
from spendlight.regular_files import open_regular
from spendlight.tracker.entry_rows import (
    FOREIGN,
    KIND,
    MOST_DIGITS,
    NAMES,
    OPTIONAL,
    VERSION,
    EntryRow,
    Header,
    ImportFileError,
    QuickRow,
    are_valid,
    demand_version,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    Decode = Callable[[bytes, int, Path], tuple[Sequence[EntryRow], int]]
    """Decodes lines; see `read_entries`."""

VERSION_COLUMN: Final = "spendlightEntries"
"""The CSV column of the version, which also identifies such a file."""

GUARDED_VERSION: Final = VERSION + 1
"""The version of CSV whose texts are protected from being read as formulas; an older Spendlight
would read the apostrophes as parts of names."""

PARQUET_MAGIC: Final = b"PAR1"

MOST_LINE: Final = 4 << 20
"""An entry takes some hundred bytes; a longer line is not an entry."""

MOST_BYTES: Final = 1 << 30
"""The most that is read at once of a file that another program has reformatted."""

_BYTES_AT_ONCE: Final = 1 << 18

_GUARDED: Final = str(GUARDED_VERSION)
_CSV_VERSIONS: Final = frozenset({str(VERSION), _GUARDED})
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding an invalid text may raise; the last if it is nested too deeply."""

_BOTH_ENDS: Final = "\r\n"

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


def write_csv(rows: Iterable[EntryRow], sink: BinaryIO, *, is_raw: bool = False) -> int:
    """Write entries as CSV; return how many.

    Args:
        rows: The entries.
        sink: Where to write.
        is_raw: Whether texts are written unchanged, see `write_table`. The version tells which.
    """
    version = VERSION if is_raw else GUARDED_VERSION
    cells = ((*msgspec.structs.astuple(row), version) for row in rows)
    return write_table((*NAMES, VERSION_COLUMN), cells, sink, is_raw=is_raw)


def write_table(
    names: Iterable[str],
    rows: Iterable[Iterable[object]],
    sink: BinaryIO,
    *,
    is_raw: bool = False,
) -> int:
    """Write rows of plain values as CSV with a header; return how many.

    Args:
        names: The names of the columns.
        rows: The values.
        sink: Where to write.
        is_raw: Whether texts are written unchanged. Otherwise they are protected from being read
            as formulas by spreadsheets.
    """
    # With this line terminator, texts with "\r" or "\n" are quoted; each write is one row.
    writer = csv.writer(_Encoding(sink), lineterminator=_BOTH_ENDS)
    writer.writerow(names)
    in_csv = _raw if is_raw else _guarded
    count = 0
    for row in rows:
        writer.writerow(map(in_csv, row))
        count += 1
    return count


class _Encoding:
    """Writes rows as UTF-8; unlike Python's own wrapper, it never closes the underlying file."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    def write(self, row: str) -> int:
        return self._sink.write((row.removesuffix(_BOTH_ENDS) + "\n").encode("utf-8", "replace"))


def _raw(value: object) -> object:
    """Return a value as written to CSV: true and false as in JSON."""
    return str(value).lower() if isinstance(value, bool) else value


def _guarded(value: object) -> object:
    """Like `_raw`, but a text is protected from being read as a formula."""
    return guarded(value) if isinstance(value, str) else _raw(value)


def decoded(lines: bytes, count: int, path: Path) -> tuple[Sequence[EntryRow], int]:
    """Return the entries in some lines: all at once, or one by one if that fails.

    The number is that of entries that were taken by somebody else: 0; see `read_entries`.

    Args:
        lines: One entry each.
        count: How many entries come before them.
        path: The file that they are in.

    Raises:
        ImportFileError: If one is not valid.
    """
    together = lines.rstrip().removesuffix(b",")
    with suppress(*_UNREADABLE):
        quick = msgspec.json.decode(b"[" + together + b"]", type=list[QuickRow])
        if len(quick) == lines.count(b"\n") and are_valid(quick):
            return quick, 0
    numbered = enumerate(io.BytesIO(lines), count + 1)
    return [decoded_line(line, number, path) for number, line in numbered], 0


def decoded_line(line: bytes, number: int, path: Path) -> EntryRow:
    """Return the entry in a line.

    Args:
        line: The line, with its end.
        number: The entry's number in its file, from 1.
        path: The file.

    Raises:
        ImportFileError: If it is not valid.
    """
    try:
        return _decode_row(line.rstrip().removesuffix(b","))
    except _UNREADABLE as error:
        cause = f"entry {number} is not valid: {error}" if line.endswith(b"\n") else _CUT
        raise ImportFileError(path, cause) from error


_decode_row: Final = msgspec.json.Decoder(EntryRow).decode


def read_entries(path: Path, decode: Decode = decoded) -> Iterator[EntryRow]:
    """Yield the entries in a file of any format.

    Args:
        path: The file.
        decode: Decodes the lines of JSON as it is written here, like `decoded`; it may take entries
            itself, and returns how many with the others.

    Raises:
        ImportFileError: If it is not one of ours, truncated, from a newer version, or unreadable.
            Entries yielded before must then be discarded.
    """
    try:
        with open_regular(path) as file:
            start = file.read(len(PARQUET_MAGIC))
            file.seek(0)
            if start == PARQUET_MAGIC:
                from spendlight.tracker.parquet import read_parquet

                yield from _rows(read_parquet(path, file), path, is_strict=True)
            elif start.removeprefix(_BOM).lstrip()[:1] == b"{":
                yield from _read_json(file, path, decode)
            else:
                yield from _read_csv(file, path)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> ImportFileError:
    """Return what is said of a file that the system does not let us read."""
    advice = "Make it readable, or choose another file."
    if isinstance(error, IsADirectoryError):
        advice = "Choose a file, or a folder in which there are exported files."
    return ImportFileError(path, error.strerror or str(error), advice)


def _read_json(file: BinaryIO, path: Path, decode: Decode) -> Iterator[EntryRow]:
    first = file.readline(MOST_LINE)
    if not first.rstrip().endswith(_OPENING):
        text = first + file.read(MOST_BYTES)
        if len(text) >= MOST_BYTES:
            raise ImportFileError(path, FOREIGN)
        yield from _read_any_json(text, path)
        return
    _check_header(first.rstrip() + b"]}", path)
    count = 0
    end = b""
    while not end:
        lines, end = _some_lines(file)
        if not lines and not end:
            raise ImportFileError(path, _CUT)
        rows, taken = decode(lines, count, path)
        count += len(rows) + taken
        yield from rows
    try:
        is_whole = msgspec.json.decode(end.replace(b"],", b"{", 1), type=_Tail).count == count
    except _UNREADABLE:
        is_whole = False
    if not is_whole:
        raise ImportFileError(path, _CUT)


def _some_lines(file: BinaryIO) -> tuple[bytes, bytes]:
    """Return the next lines with entries, and the line that ends the document if it follows."""
    lines = file.read(_BYTES_AT_ONCE)
    lines += file.readline(MOST_LINE)
    start = 0 if lines.startswith(b"]") else lines.find(b"\n]") + 1
    if not start and not lines.startswith(b"]"):
        return lines, b""
    return lines[:start], lines[start:].partition(b"\n")[0]


def _check_header(text: bytes, path: Path) -> None:
    try:
        header = msgspec.json.decode(text.removeprefix(_BOM), type=Header)
    except _UNREADABLE as error:
        raise ImportFileError(path, FOREIGN) from error
    if header.spendlight != KIND:
        raise ImportFileError(path, FOREIGN)
    demand_version(header.version, path)


def _read_any_json(text: bytes, path: Path) -> Iterator[EntryRow]:
    """Read JSON that another program has reformatted, all at once."""
    text = text.removeprefix(_BOM)
    try:
        msgspec.json.decode(text)
    except _UNREADABLE as error:
        raise ImportFileError(path, f"it is not valid JSON, or is cut off: {error}") from error
    _check_header(text, path)
    try:
        document = msgspec.json.decode(text, type=_Document)
    except _UNREADABLE as error:
        raise ImportFileError(path, f"an entry is not valid: {error}") from error
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
        reader = csv.DictReader(_lines(text), restval="")
        if VERSION_COLUMN not in (reader.fieldnames or ()):
            raise ImportFileError(path, FOREIGN)
        if not is_whole:
            raise ImportFileError(path, _CUT)
        yield from _rows(_csv_rows(reader, path), path, is_strict=False)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ImportFileError(path, FOREIGN) from error
    finally:
        text.detach()  # the opener closes the file


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a file.

    Raises:
        csv.Error: If one is too long to hold entries.
    """
    while line := text.readline(MOST_LINE):
        if len(line) == MOST_LINE:
            message = "a line is too long"
            raise csv.Error(message)
        yield line


def _csv_rows(reader: csv.DictReader[str], path: Path) -> Iterator[Mapping[str, object]]:
    for row in reader:
        version = row[VERSION_COLUMN]
        demand_version(
            int(version[:MOST_DIGITS]) if version.isdecimal() else 0, path, GUARDED_VERSION
        )
        if version not in _CSV_VERSIONS:
            raise ImportFileError(path, f"line {reader.line_num} is incomplete")
        as_it_was = unguarded if version == _GUARDED else str
        cells = {name: as_it_was(text) for name, text in row.items()}
        yield {name: text or None if name in OPTIONAL else text for name, text in cells.items()}


def _rows(
    rows: Iterable[Mapping[str, object]], path: Path, *, is_strict: bool
) -> Iterator[EntryRow]:
    for count, row in enumerate(rows, 1):
        try:
            yield msgspec.convert(row, EntryRow, strict=is_strict)
        except msgspec.ValidationError as error:
            raise ImportFileError(path, f"entry {count} is not valid: {error}") from error

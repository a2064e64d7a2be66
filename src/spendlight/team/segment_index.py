"""The index of a segment: its sums by quarter of an hour and its answers, in few bytes.

It lies within the segment, before the Parquet metadata, where no reader of Parquet looks. With it a
team's totals need the rows of those answers only that are recorded more than once; see
docs/team-format.md.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

MAGIC: Final = b"SPLINDEX"
"""What stands between an index and the Parquet metadata, after the length of the index."""

VERSION: Final = 1

COUNTS: Final = (
    "input",
    "output",
    "cache_write_5m",
    "cache_write_1h",
    "cache_read",
    "web_searches",
)
GROUP: Final = (
    "is_withdrawn",
    "log",
    "variant",
    "quarter",
    "passed",
    "is_recorded",
    "rows",
    *COUNTS,
    "reset",
    "cost",
)
"""The columns of a group of rows: the log and the variant are positions in the lists of names;
``passed`` is how many context sizes of the variant were passed, ``rows`` how many rows follow one
another in it; ``reset`` is the latest `limit_reset_ms` plus 1, or 0; ``cost`` is a DOUBLE."""

ROW: Final = ("moment", "offset")
"""The columns of a row beside its answer: milliseconds since the quarter's beginning, and where its
line begins in the log, in bytes, as the difference from the row before."""

_TAIL: Final = 8
_LENGTH: Final = 4
_SPARE: Final = 1 << 20
"""What an index may have beyond what its rows need, when decompressed."""

_MOST_GROUP_BYTES: Final = 4_000
"""What the names of a group of rows may have."""

_WORD: Final = 4
_LOW: Final = (1 << 32) - 1
_SMALLEST: Final = 64
_HIGHEST: Final = 0.95
"""Bytes that take more than this share when compressed are stored as they are."""

LogNames = tuple[str, str, str, str, str, str, str]
"""What identifies a log: see `tables.LOG`."""

VariantNames = tuple[str, bool, str, int]
"""What identifies a variant: model, whether it is fast, region, role."""


class BadIndexError(ValueError):
    """Something that is not an index."""


class SegmentColumns(NamedTuple):
    """What the index of a segment is made of.

    Attributes:
        logs: The names of its logs.
        variants: Its variants.
        thresholds: By which context sizes each variant is separated, ascending.
        columns: The columns of groups and of rows, by name.
        answers: The answer of each row.
        row_numbers: The number of each row in the file; None if they are in the file's order.
    """

    logs: list[LogNames]
    variants: list[VariantNames]
    thresholds: list[tuple[int, ...]]
    columns: Mapping[str, NDArray[Any]]
    answers: Integers
    row_numbers: Integers | None = None


class SegmentIndex(NamedTuple):
    """The index of a segment as it is stored; `indices.Indices` makes sense of many of them.

    Attributes:
        groups: The columns of groups, each value as 4 or 8 bytes.
        rows: The columns of rows, likewise.
        answers: The answer of each row.
        names: The names of its logs and variants, packed.
        row_numbers: See `SegmentColumns`.
    """

    groups: NDArray[Any]
    rows: NDArray[Any]
    answers: Integers
    names: bytes
    row_numbers: Integers | None


class IndexNames(msgspec.Struct, array_like=True):
    """The names in an index: see `SegmentColumns`."""

    logs: list[LogNames]
    variants: list[VariantNames]
    thresholds: list[tuple[int, ...]]


class _Packed(msgspec.Struct, array_like=True):
    """What is stored.

    Attributes:
        words: How many words of 4 bytes a value has: 1, or 2 if any is large.
        columns: The columns of groups: first all first bytes of a column, then all second ones.
        zipped: The columns of rows, likewise, without the bytes in `raw`.
        raw: Those that would not become fewer.
        is_raw: Of each byte of a value of each column of rows whether it is in `raw`.
    """

    version: int
    groups: int
    words: int
    columns: bytes
    zipped: bytes
    raw: bytes
    is_raw: list[bool]
    answers: bytes
    names: bytes
    row_numbers: bytes | None


_ENCODER: Final = msgspec.msgpack.Encoder()
_PACKED: Final = msgspec.msgpack.Decoder(_Packed)
_NAMES: Final = msgspec.msgpack.Decoder(IndexNames)


_NOTHING: Final = np.empty(0, np.int64)
EMPTY: Final = SegmentColumns([], [], [], dict.fromkeys((*GROUP, *ROW), _NOTHING), _NOTHING)
"""What the index of a segment without rows is made of."""


def encode(index: SegmentColumns, level: int = 9) -> bytes:
    """Return an index as bytes.

    Args:
        index: What it is made of.
        level: How much time to spend on making it small: 1 to 9.
    """
    groups = [_whole(index.columns[name]) for name in GROUP]
    moments, offsets = (index.columns[name].astype(np.int64) for name in ROW)
    steps = np.diff(offsets, prepend=0)
    rows = [_whole(moments), _whole((steps << 1) ^ (steps >> 63))]
    most = max(int(column.max(initial=0)) for column in (*groups, *rows))
    words = 1 if most <= _LOW else 2
    zipped: list[bytes] = []
    raw: list[bytes] = []
    is_raw = []
    for column in rows:
        for part in _bytes_of(column, words):
            content = part.tobytes()
            is_raw.append(
                len(zlib.compress(content, level)) > max(_SMALLEST, _HIGHEST * len(content))
            )
            (raw if is_raw[-1] else zipped).append(content)
    names = IndexNames(index.logs, index.variants, index.thresholds)
    row_numbers = index.row_numbers
    return _ENCODER.encode(
        _Packed(
            VERSION,
            len(groups[0]),
            words,
            zlib.compress(b"".join(_bytes_of(column, words).tobytes() for column in groups), level),
            zlib.compress(b"".join(zipped), level),
            b"".join(raw),
            is_raw,
            index.answers.astype("<i8").tobytes(),
            zlib.compress(_ENCODER.encode(names), level),
            None
            if row_numbers is None
            else zlib.compress(row_numbers.astype("<i8").tobytes(), level),
        )
    )


def _whole(column: NDArray[Any]) -> NDArray[np.uint64]:
    if column.dtype == np.float64:
        return column.astype("<f8").view("<u8")
    return column.astype("<i8").view("<u8")


def _bytes_of(column: NDArray[np.uint64], words: int) -> NDArray[np.uint8]:
    """Return all first bytes of the values of a column, then all second ones, and so on."""
    each = column.astype(f"<u{_WORD * words}").view(np.uint8).reshape(len(column), _WORD * words)
    return np.ascontiguousarray(each.T)


def decode(content: bytes | memoryview) -> SegmentIndex:
    """Return the index in some bytes; what is in it has not been checked.

    Raises:
        BadIndexError: If there is none.
    """
    try:
        return _decoded(content)
    except (msgspec.MsgspecError, zlib.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise BadIndexError(str(error)) from error


def _decoded(content: bytes | memoryview) -> SegmentIndex:
    packed = _PACKED.decode(content)
    if packed.version != VERSION or packed.words not in {1, 2}:
        message = f"version {packed.version}"
        raise BadIndexError(message)
    answers = np.frombuffer(packed.answers, "<i8")
    count, size = len(answers), _WORD * packed.words
    found = _unpacked(packed.columns, packed.groups * len(GROUP) * size)
    groups = _joined(np.frombuffer(found, np.uint8).reshape(len(GROUP), size, packed.groups))
    lengths = groups[GROUP.index("rows")]
    if (lengths < 1).any() or (lengths > count).any() or int(lengths.sum()) != count:
        message = "its groups do not have its rows"
        raise BadIndexError(message)
    rows = _unpacked_rows(packed, count, size)
    row_numbers = None
    if packed.row_numbers is not None:
        row_numbers = np.frombuffer(_unpacked(packed.row_numbers, 8 * count), "<i8")
    return SegmentIndex(groups, rows, answers, packed.names, row_numbers)


def names_of(packed: bytes, groups: int) -> IndexNames:
    """Return the names in an index.

    Args:
        packed: See `SegmentIndex`.
        groups: How many groups the index has.

    Raises:
        BadIndexError: If they are damaged.
    """
    try:
        return _NAMES.decode(_unpacked(packed, _SPARE + _MOST_GROUP_BYTES * groups))
    except (msgspec.MsgspecError, zlib.error, UnicodeDecodeError) as error:
        raise BadIndexError(str(error)) from error


def _unpacked_rows(packed: _Packed, count: int, size: int) -> NDArray[Any]:
    rows = np.empty((len(ROW), size, count), np.uint8)
    stored = packed.is_raw.count(False)
    zipped = np.frombuffer(_unpacked(packed.zipped, stored * count), np.uint8)
    raw = np.frombuffer(packed.raw, np.uint8)
    kinds = iter(packed.is_raw)
    at = {False: iter(zipped.reshape(stored, count)), True: iter(raw.reshape(-1, count or 1))}
    for column in rows:
        for number in range(size):
            column[number] = next(at[next(kinds)])
    return _joined(rows)


def _joined(parts: NDArray[np.uint8]) -> NDArray[Any]:
    """Return the columns of which the bytes are in parts: by column, byte and value."""
    size = parts.shape[1]
    return np.ascontiguousarray(parts.transpose(0, 2, 1)).view(f"<u{size}")[:, :, 0]


def _unpacked(content: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj()
    found = unpacking.decompress(content, most + 1)
    if len(found) > most or not unpacking.eof:
        message = "it is too large"
        raise BadIndexError(message)
    return found


def inserted(segment: bytes, index: bytes) -> bytes:
    """Return a Parquet file with an index in it."""
    at = _footer(segment)
    return b"".join(
        (segment[:at], index, len(index).to_bytes(_LENGTH, "little"), MAGIC, segment[at:])
    )


def index_in(segment: bytes) -> memoryview | None:
    """Return the bytes of the index in a Parquet file, if there is one."""
    at = _footer(segment) - len(MAGIC)
    if at < _LENGTH or segment[at : at + len(MAGIC)] != MAGIC:
        return None
    at -= _LENGTH
    length = int.from_bytes(segment[at : at + _LENGTH], "little")
    return memoryview(segment)[at - length : at] if length <= at else None


def tail_of(file: BinaryIO) -> bytes:
    """Return the end of a Parquet file: its metadata, and the index if there is one.

    Raises:
        OSError: If it cannot be read.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    footer = _TAIL + int.from_bytes(file.read(4), "little")
    before = footer + len(MAGIC) + _LENGTH
    file.seek(max(0, size - before))
    length = int.from_bytes(file.read(_LENGTH), "little")
    is_there = file.read(len(MAGIC)) == MAGIC and before + length <= size
    file.seek(max(0, size - (before + length if is_there else footer)))
    return file.read()


def _footer(segment: bytes) -> int:
    """Return where the metadata of a Parquet file begin."""
    return len(segment) - _TAIL - int.from_bytes(segment[-_TAIL : -_TAIL + 4], "little")

"""Packs many rows of sums into one value, which SQLite returns as fast as a single number."""

from __future__ import annotations

import sqlite3
from array import array
from itertools import chain, repeat
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.byte_order import from_bytes, to_bytes
from spendlight.metering.sums import MEASURES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KEYS: Final = 2
"""The number of fields before the sums: the variant's number and the price class."""

_NOTHING: Final = -1
_OPTIONAL: Final = [index for index, one in enumerate(MEASURES, _KEYS) if one.may_be_none]
_USES: Final = (0, _KEYS + NAMES.index("answers"), _KEYS + NAMES.index("first_ms"))
_KINDS: Final = _KEYS * "q" + "".join(measure.letter for measure in MEASURES)
_RECORD: Final = Struct(f"<{_KINDS}")


_DAMAGED: Final = "they were damaged after they were written"


class DamagedSumsError(sqlite3.DatabaseError):
    """Packed sums were damaged after they were written, though SQLite can read them."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"sums cannot be unpacked: {reason}")


def pack_sums(rows: Iterable[Sequence[float | None]]) -> bytes:
    """Pack rows of a variant's number, a price class and the fields of `Sum` into one value."""
    return b"".join(map(pack_sum, rows))


def pack_sum(row: Sequence[float | None]) -> bytes:
    """Pack a single row; see `pack_sums`."""
    return _RECORD.pack(*[_NOTHING if value is None else value for value in row])


def pack_each(rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """Pack each of many rows by itself; see `pack_sums`."""
    for at in _OPTIONAL:
        rows = [(*row[:at], _NOTHING, *row[at + 1 :]) if row[at] is None else row for row in rows]
    return [_RECORD.pack(*row) for row in rows]


pack_slot: Final = Struct("<i").pack
"""Pack the number of a single slot; see `pack_slots`."""


def pack_slots(slots: Iterable[int]) -> bytes:
    """Pack the numbers of slots, which fit where the year has four digits, as in all timestamps."""
    return to_bytes(array("i", sorted(slots)))


def unpack_slots(value: bytes) -> array[int]:
    """Return the numbers of slots, ascending."""
    return from_bytes(array("i"), value)


def proven(rows: Sequence[tuple[bytes, int, int]]) -> tuple[Sequence[bytes], Sequence[int]]:
    """Check rows of packed sums; return the sums and their keys, as `unpack_sums` takes them.

    Args:
        rows: Packed sums, their keys (what they were signed with) and their signatures.

    Raises:
        DamagedSumsError: If they are damaged.
    """
    if not rows:
        return (), ()
    from spendlight.ledger.signing import are_signed  # many reports read no packed sums

    values, keys, signatures = zip(*rows, strict=True)
    if not are_signed(values, keys, signatures):
        raise DamagedSumsError(_DAMAGED)
    return values, keys


def unpack_sums(
    values: Sequence[bytes], *keys: Iterable[object]
) -> tuple[list[list[Any]], list[Sequence[Any]]]:
    """Unpack values column by column; return the columns of the keys, and those of the sums.

    It takes few calls, however many rows there are; row by row would take five times as long.

    Args:
        values: The packed values.
        keys: Columns with one item for each value; it is repeated for each row in the value.

    Raises:
        DamagedSumsError: If a value is not a packed sum.
    """
    counts = [len(value) // _RECORD.size for value in values]
    repeated = [list(chain.from_iterable(map(repeat, column, counts))) for column in keys]
    columns = _columns(values, range(len(_KINDS)))
    for index in _OPTIONAL:
        column = columns[index]
        if column and max(column) != _NOTHING:
            columns[index] = [None if value == _NOTHING else value for value in column]
        else:
            columns[index] = [None] * len(column)
    return repeated, columns


def sums_in(value: bytes) -> int:
    """Return how many sums are packed into a value."""
    return len(value) // _RECORD.size


def order_matters_not(columns: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return the unpacked columns that do not depend on the order of addition."""
    return [column for kind, column in zip(_KINDS, columns, strict=True) if kind != "d"]


def unpack_uses(values: Sequence[bytes]) -> list[tuple[int, int, int]]:
    """Unpack only the variants, how many answers each has, and the moment of its first."""
    return list(zip(*_columns(values, _USES), strict=True))


def _columns(values: Sequence[bytes], indices: Iterable[int]) -> list[Sequence[Any]]:
    if any(len(value) % _RECORD.size for value in values):
        raise DamagedSumsError([len(value) for value in values if len(value) % _RECORD.size])
    words = from_bytes(array("q"), b"".join(values))
    if not words:
        return [[] for _ in indices]
    joined = memoryview(words).cast("B")
    views: dict[str, Any] = {"q": joined.cast("q"), "d": joined.cast("d")}
    return [views[_KINDS[index]][index :: len(_KINDS)].tolist() for index in indices]

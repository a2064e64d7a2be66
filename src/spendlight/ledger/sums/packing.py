"""Packs many rows of sums into one value, which SQLite returns as fast as a single number.

A row has a word of eight bytes for the number of its variant, which has 32 bits, one for its price
class, and one for each sum. Tokens of reasoning, which most agents do not tell apart, are in the
bits that the first two words leave free: so rows without them take no more room, and those that
were packed before there was this sum are still valid.
"""

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
_SPARE: Final = _KEYS + NAMES.index("reasoning")
"""The sum that is packed in the free bits of the keys."""

_VARIANT_BITS: Final = 32
_CLASS_BITS: Final = 16
_LOW_BITS: Final = 63 - _CLASS_BITS
"""How many bits of that sum are beside the price class; the others are beside the variant."""

_VARIANTS: Final = (1 << _VARIANT_BITS) - 1
_CLASSES: Final = (1 << _CLASS_BITS) - 1
_LOW: Final = (1 << _LOW_BITS) - 1

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
    values = [_NOTHING if value is None else value for value in row]
    return _RECORD.pack(*_without_spare(values))


def pack_each(rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    """Pack each of many rows by itself; see `pack_sums`."""
    for at in _OPTIONAL:
        rows = [(*row[:at], _NOTHING, *row[at + 1 :]) if row[at] is None else row for row in rows]
    return [_RECORD.pack(*_without_spare(row)) for row in rows]


def _without_spare(row: Sequence[Any]) -> Sequence[Any]:
    """Return the words of a row, in which its tokens of reasoning have no word of their own."""
    spare = row[_SPARE]
    others = (*row[:_SPARE], *row[_SPARE + 1 :])
    if not spare:
        return others
    variant, price_class, *sums = others
    high, low = spare >> _LOW_BITS, spare & _LOW
    return variant | high << _VARIANT_BITS, price_class | low << _CLASS_BITS, *sums


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
    columns = _with_spare(_columns(values, range(len(_KINDS))))
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
    kinds = f"{_KINDS[:_SPARE]}q{_KINDS[_SPARE:]}"
    return [column for kind, column in zip(kinds, columns, strict=True) if kind != "d"]


def unpack_uses(values: Sequence[bytes]) -> list[tuple[int, int, int]]:
    """Unpack only the variants, how many answers each has, and the moment of its first."""
    variants, *uses = _columns(values, _USES)
    return list(zip([word & _VARIANTS for word in variants], *uses, strict=True))


def _with_spare(columns: list[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return unpacked columns with the one that was packed in the bits that the keys left free."""
    variants, classes, *sums = columns
    spare: Sequence[int] = [0] * len(variants)
    if variants and (max(classes) > _CLASSES or max(variants) > _VARIANTS):
        spare = [
            variant >> _VARIANT_BITS << _LOW_BITS | word >> _CLASS_BITS
            for variant, word in zip(variants, classes, strict=True)
        ]
        variants = [variant & _VARIANTS for variant in variants]
        classes = [word & _CLASSES for word in classes]
    return [variants, classes, *sums[: _SPARE - _KEYS], spare, *sums[_SPARE - _KEYS :]]


def _columns(values: Sequence[bytes], indices: Iterable[int]) -> list[Sequence[Any]]:
    if any(len(value) % _RECORD.size for value in values):
        raise DamagedSumsError([len(value) for value in values if len(value) % _RECORD.size])
    words = from_bytes(array("q"), b"".join(values))
    if not words:
        return [[] for _ in indices]
    joined = memoryview(words).cast("B")
    views: dict[str, Any] = {"q": joined.cast("q"), "d": joined.cast("d")}
    return [views[_KINDS[index]][index :: len(_KINDS)].tolist() for index in indices]

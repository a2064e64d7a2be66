"""Entries in columns: how they travel between processes and rest in the ledger, and their sums."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress, repeat
from math import isnan, nan
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.entry import UsageEntry
from spendlight.metering.slices import QUARTER_MS, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

MOST_TOKENS: Final = 1 << 66
"""More than any request can have read: the sum of a few numbers of 63 bits."""

WORD_BYTES: Final = 8
"""The size of an answer's hash in `PackedEntries.answers`."""

_INTEGERS: Final = tuple(
    name
    for name in UsageEntry._fields
    if name not in ("answer", "file", "recorded_cost", "limit_reset_ms")
)
_PLACES: Final = {name: place for place, name in enumerate(UsageEntry._fields)}
_ANSWER: Final = _PLACES["answer"]
_INTEGER_PLACES: Final = tuple(_PLACES[name] for name in _INTEGERS)
_ONE_ANSWER: Final = Struct("<q")

_NO_RESET: Final = -1
_OPTIONAL: Final = (("recorded_cost", "d", nan), ("limit_reset_ms", "q", _NO_RESET))
"""Columns that may lack a value, and what stands for that; without any value none is stored."""

_OPTIONAL_PLACES: Final = tuple((_PLACES[name], kind, missing) for name, kind, missing in _OPTIONAL)
_HEADER_BYTES: Final = len(_INTEGERS) + len(_OPTIONAL)
_FIRST_COUNT: Final = _INTEGERS.index("input")
_SUMMED: Final = (
    "at_ms",
    "offset",
    "variant",
    "input",
    "output",
    "cache_write_5m",
    "cache_write_1h",
    "cache_read",
    "web_searches",
    "recorded_cost",
    "limit_reset_ms",
)

Columns = Sequence[Sequence[Any]]
"""The fields of `UsageEntry` in their order, each with its values for all entries."""

SumKey = tuple[int, int, int, int]
"""Slot, variant, price class and shadow: entries that share these are summed."""

Sums = dict[SumKey, "Sum"]


class Sum(NamedTuple):
    """Sums of entries of one slot, one model and one price per token."""

    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    recorded_cost: float
    web_searches: int
    answers: int
    first_ms: int
    last_ms: int
    limit_reset_ms: int | None
    first_offset: int


class PackedEntries(NamedTuple):
    """Entries of one file.

    Attributes:
        file: The number of the file.
        answers: The answers' hashes, eight bytes each, the least significant first.
        columns: All else, column by column: first one letter for the type of each, as the ``array``
            module has them, then their values, the least significant byte first.
        sums: What the entries come to.
    """

    file: int
    answers: bytes
    columns: bytes
    sums: Sums

    @property
    def count(self) -> int:  # type: ignore[override]  # nobody asks how often a value is in it
        """How many entries they are."""
        return len(self.answers) // WORD_BYTES

    @property
    def extent(self) -> tuple[int, int]:
        """The first and the last moment, in Unix milliseconds."""
        sums = self.sums.values()
        if len(sums) == 1:  # as thousands of logs have it
            (only,) = sums
            return only.first_ms, only.last_ms
        return min(total.first_ms for total in sums), max(total.last_ms for total in sums)

    def entries(self) -> list[UsageEntry]:
        """Return them one by one."""
        return unpack(self.file, self.answers, self.columns)

    def pick(self, answers: AbstractSet[int]) -> list[tuple[int, UsageEntry]]:
        """Return the entries of some answers, each with its place among all."""
        rows = [row for row, answer in enumerate(hashes(self.answers)) if answer in answers]
        fields = _fields(self.file, self.answers, self.columns)
        return [(row, UsageEntry._make([field[row] for field in fields])) for row in rows]

    def without(self, rows: AbstractSet[int], context_thresholds: Sequence[int]) -> PackedEntries:
        """Return all but the entries in some places."""
        stays = [row not in rows for row in range(self.count)]
        fields = _fields(self.file, self.answers, self.columns) if any(stays) else ()
        return pack_columns(
            self.file, [list(compress(field, stays)) for field in fields], context_thresholds
        )


NOTHING: Final = PackedEntries(0, b"", b"", {})
"""No entries at all."""


def pack(
    file: int, entries: Sequence[UsageEntry], context_thresholds: Sequence[int]
) -> PackedEntries:
    """Return entries of one file in columns.

    Args:
        file: The number of the file.
        entries: What it holds.
        context_thresholds: Context sizes at which some price changes, ascending.
    """
    return pack_columns(file, list(zip(*entries, strict=True)), context_thresholds)


def pack_columns(file: int, columns: Columns, context_thresholds: Sequence[int]) -> PackedEntries:
    """Do as `pack` does, with the entries' fields already column by column; none for no entries."""
    if not columns:
        return NOTHING._replace(file=file)
    return PackedEntries(file, *_to_bytes(columns), sum_columns(columns, context_thresholds))


def pack_one(entry: UsageEntry, context_thresholds: Sequence[int]) -> PackedEntries:
    """Do as `pack` does with a single entry, in a third of the time: thousands of logs have one."""
    file, at_ms, cost = entry.file, entry.at_ms, entry.recorded_cost
    inp, _, short, long, read = tokens = entry[7:12]
    price_class = 2 * bisect_left(context_thresholds, inp + short + long + read) + (
        cost is not None
    )
    key = (slot_of(at_ms), entry.variant, price_class, 0)
    sums = Sum(
        *tokens,
        0.0 if cost is None else 0.0 + cost,
        entry.web_searches,
        1,
        at_ms,
        at_ms,
        entry.limit_reset_ms,
        entry.offset,
    )
    return PackedEntries(file, *_one_to_bytes(entry), {key: sums})


def to_columns(entries: Sequence[UsageEntry]) -> tuple[bytes, bytes]:
    """Return the answers and the columns of some entries, as `PackedEntries` has them."""
    return _to_bytes(list(zip(*entries, strict=True)))


def _to_bytes(columns: Columns) -> tuple[bytes, bytes]:
    answers = columns[_ANSWER]
    if len(answers) == 1:  # as thousands of logs have it
        return _one_to_bytes([column[0] for column in columns])
    header, body = "", []
    for place in _INTEGER_PLACES:
        column = columns[place]
        letter = _letter(max(column))
        header += letter
        if letter != "0":
            body.append(column)
    for place, kind, missing in _OPTIONAL_PLACES:
        column = columns[place]
        if column.count(None) == len(column):
            header += "0"
        else:
            header += kind
            body.append([missing if value is None else value for value in column])
    letters = header.replace("0", "")
    parts = [to_bytes(array(letter, column)) for letter, column in zip(letters, body, strict=True)]
    return to_bytes(array("q", answers)), b"".join([header.encode(), *parts])


def _one_to_bytes(row: Sequence[Any]) -> tuple[bytes, bytes]:
    """Return the same of a single entry, in a third of the time."""
    header, values = "", []
    for place in _INTEGER_PLACES:
        value = row[place]
        letter = _letter(value)
        header += letter
        if value:
            values.append(value)
    for place, kind, _ in _OPTIONAL_PLACES:
        value = row[place]
        header += "0" if value is None else kind
        if value is not None:
            values.append(value)
    packed = _row_of(header.replace("0", "")).pack(*values)
    return _ONE_ANSWER.pack(row[_ANSWER]), header.encode() + packed


def _letter(greatest: int) -> str:
    """Return the type of a column by its greatest value; a column of zeros is not stored."""
    if greatest <= 0xFFFF:  # noqa: PLR2004  # two bytes
        return "0" if not greatest else "B" if greatest <= 0xFF else "H"  # noqa: PLR2004  # one
    return "I" if greatest <= 0xFFFF_FFFF else "q"  # noqa: PLR2004  # four


@lru_cache(maxsize=256)
def _row_of(letters: str) -> Struct:
    """Return what packs one row with columns of these types, without gaps."""
    return Struct(f"<{letters}")


def may_be_impossible(columns: bytes) -> bool:
    """Return whether packed columns may hold more than `MAX_COUNT`, or a recorded cost at all."""
    header = columns[:_HEADER_BYTES]
    return b"q" in header[_FIRST_COUNT : len(_INTEGERS)] or header[len(_INTEGERS)] == ord("d")


def variants_in(answers: bytes, columns: bytes) -> set[int]:
    """Return the numbers of the variants that packed entries are of."""
    return set(_fields(0, answers, columns)[_PLACES["variant"]])


def unpack(file: int, answers: bytes, columns: bytes) -> list[UsageEntry]:
    """Return the entries that `pack` put into columns."""
    return list(map(UsageEntry._make, zip(*_fields(file, answers, columns), strict=True)))


def _fields(file: int, answers: bytes, columns: bytes) -> Columns:
    """Return the fields of packed entries."""
    count = len(answers) // WORD_BYTES
    if not count:
        return ()
    place = _HEADER_BYTES
    found: dict[str, Sequence[object]] = {"file": [file] * count, "answer": hashes(answers)}
    names = (*_INTEGERS, *(name for name, _, _ in _OPTIONAL))
    for name, letter in zip(names, columns[:_HEADER_BYTES].decode(), strict=True):
        if letter == "0":
            found[name] = [0 if name in _INTEGERS else None] * count
            continue
        values = array(letter)
        end = place + count * values.itemsize
        column = from_bytes(values, columns[place:end])
        place = end
        if name in _INTEGERS:
            found[name] = column
        else:
            is_missing = isnan if letter == "d" else _NO_RESET.__eq__
            found[name] = [None if is_missing(value) else value for value in column]
    return [found[name] for name in UsageEntry._fields]


def hashes(answers: bytes) -> array[int]:
    """Return the hashes of answers as numbers."""
    return from_bytes(array("q"), answers)


def sum_up(
    entries: Iterable[UsageEntry],
    context_thresholds: Sequence[int],
    shadows: Iterable[int] | None = None,
) -> Sums:
    """Return the sums of entries.

    Args:
        entries: What to sum up.
        context_thresholds: Context sizes at which some price changes, ascending.
        shadows: The shadow of each entry; by default none has one.
    """
    columns = list(zip(*entries, strict=True))
    return sum_columns(columns, context_thresholds, shadows) if columns else {}


def sum_columns(
    columns: Columns, context_thresholds: Sequence[int], shadows: Iterable[int] | None = None
) -> Sums:
    """Do as `sum_up` does, with the entries' fields already column by column."""
    found: dict[SumKey, list[Any]] = {}
    lowest = context_thresholds[0] if context_thresholds else MOST_TOKENS
    marks = repeat(0) if shadows is None else iter(shadows)
    wanted = (columns[_PLACES[name]] for name in _SUMMED)
    first = last = -1  # what lies between is in the same slot as the entry before
    key: SumKey | None = None
    sums: list[Any] = []
    for mark, at_ms, offset, variant, inp, out, short, long, read, web, cost, reset in zip(
        marks, *wanted, strict=False
    ):
        if not first < at_ms < last:
            quarter, rest = divmod(at_ms, QUARTER_MS)
            slot = 2 * quarter + (rest > 0)
            first = at_ms - rest if rest else at_ms
            last = first + QUARTER_MS if rest else at_ms
        context = inp + short + long + read
        passed = 0 if context <= lowest else 2 * bisect_left(context_thresholds, context)
        this = (slot, variant, passed + (cost is not None), mark)
        if this != key:
            key = this
            if key not in found:
                found[key] = [0, 0, 0, 0, 0, 0.0, 0, 0, at_ms, at_ms, None, offset]
            sums = found[key]
        sums[0] += inp
        sums[1] += out
        sums[2] += short
        sums[3] += long
        sums[4] += read
        sums[6] += web
        sums[7] += 1
        if at_ms < sums[8]:
            sums[8] = at_ms
        elif at_ms > sums[9]:
            sums[9] = at_ms
        if offset < sums[11]:  # noqa: PLR1730  # a call for each entry is dear
            sums[11] = offset
        if cost is not None:
            sums[5] += cost
        if reset is not None:
            sums[10] = max(reset, sums[10] or 0)
    return {key: Sum._make(sums) for key, sums in found.items()}


def to_bytes(values: array[int] | array[float]) -> bytes:
    """Return numbers as bytes, the least significant first."""
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def from_bytes(values: array[int], data: bytes) -> array[int]:
    """Fill an empty array from bytes, the least significant first, and return it."""
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values

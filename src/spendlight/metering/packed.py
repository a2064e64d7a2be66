"""Entries packed in columns, as they are stored in the ledger, together with their sums."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import lru_cache
from itertools import compress
from math import isnan, nan
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.byte_order import from_bytes, to_bytes
from spendlight.metering.entry import UsageEntry
from spendlight.metering.runs import end_of_runs, pack_one_run, pack_runs, unpack_runs
from spendlight.metering.slices import slot_of
from spendlight.metering.summing import sum_columns
from spendlight.metering.sums import sum_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from spendlight.metering.summing import Columns, Sums

WORD_BYTES: Final = 8
"""The size of an answer's hash in `PackedEntries.answers`."""

_INDEX_OF: Final = {name: index for index, name in enumerate(UsageEntry._fields)}
_ANSWER: Final = _INDEX_OF["answer"]
_AT_MS: Final = _INDEX_OF["at_ms"]
_ONE_ANSWER: Final = Struct("<q")

_NO_RESET: Final = -1
_OPTIONAL: Final = {"recorded_cost": ("d", nan), "limit_reset_ms": ("q", _NO_RESET)}
"""Columns of optional values, with their type and the placeholder for a missing one; a column
without any value is not stored."""

_ATTRIBUTED: Final = ("attribution", "tools")
"""The columns in front of the others; see `metering.runs`."""

_STORED: Final = tuple(
    name for name in UsageEntry._fields if name not in {"answer", "file", *_ATTRIBUTED}
)
"""The columns in order. If a chunk has fewer, the missing ones hold only zeros; those after the
first `_FIRST_STORED` are stored up to the last one that holds anything else."""

_FIRST_STORED: Final = _STORED.index("limit_reset_ms") + 1
"""The number of columns in the first chunks."""

_STORED_FIELDS: Final = tuple((_INDEX_OF[name], *_OPTIONAL.get(name, ("", 0))) for name in _STORED)
_FIRST_COUNT: Final = _STORED.index("input")
_COST: Final = _STORED.index("recorded_cost")
_ATTRIBUTION, _TOOLS = (_INDEX_OF[name] for name in _ATTRIBUTED)


class PackedEntries(NamedTuple):
    """Entries of one file.

    Attributes:
        file: The number of the file.
        answers: The answers' hashes, eight bytes each, the least significant first.
        columns: The other fields, column by column: the attributions and tools as `runs` if there
            are any; then one letter for the type of each other field, as in the ``array`` module,
            then their values, the least significant byte first.
        sums: The sums of the entries.
    """

    file: int
    answers: bytes
    columns: bytes
    sums: Sums

    @property
    def count(self) -> int:  # type: ignore[override]  # `tuple.count` is not needed
        """The number of entries."""
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
        """Return the entries."""
        return unpack(self.file, self.answers, self.columns)

    def pick(self, answers: AbstractSet[int]) -> list[tuple[int, UsageEntry]]:
        """Return the entries of some answers, each with its row."""
        rows = [row for row, answer in enumerate(hashes(self.answers)) if answer in answers]
        return list(zip(rows, self.at(rows), strict=True))

    def at(self, rows: Iterable[int]) -> list[UsageEntry]:
        """Return the entries of some rows."""
        fields = _fields(self.file, self.answers, self.columns)
        return [UsageEntry._make([field[row] for field in fields]) for row in rows]

    def sums_in(
        self,
        slots: Container[int],
        context_thresholds: Sequence[int],
        shadows: bytes | None = None,
    ) -> Sums:
        """Return the sums of the entries in some slots.

        Args:
            slots: Which slots.
            context_thresholds: Context sizes at which any price changes, ascending.
            shadows: The number of each entry's shadow, as in `only`.
        """
        fields = _fields(self.file, self.answers, self.columns)
        are_in = [slot_of(at_ms) in slots for at_ms in fields[_AT_MS]] if fields else []
        if not any(are_in):
            return {}
        marks = None if shadows is None else compress(shadows_of(shadows), are_in)
        columns = [list(compress(field, are_in)) for field in fields]
        return sum_columns(columns, context_thresholds, marks)

    def without(self, rows: AbstractSet[int], context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the entries without some rows."""
        return self.only([row not in rows for row in range(self.count)], context_thresholds)

    def only(
        self,
        stays: Sequence[bool],
        context_thresholds: Sequence[int],
        shadows: bytes | None = None,
    ) -> PackedEntries:
        """Return some of the entries.

        Args:
            stays: For each entry whether it stays.
            context_thresholds: Context sizes at which any price changes, ascending.
            shadows: The number of each entry's shadow, for the sums: four bytes each, the least
                significant first. By default none has one.
        """
        fields = _fields(self.file, self.answers, self.columns) if any(stays) else ()
        columns = [list(compress(field, stays)) for field in fields]
        if not columns:
            return NOTHING._replace(file=self.file)
        marks = None if shadows is None else compress(shadows_of(shadows), stays)
        sums = sum_columns(columns, context_thresholds, marks)
        return PackedEntries(self.file, *_to_bytes(columns), sums)


NOTHING: Final = PackedEntries(0, b"", b"", {})
"""No entries."""


def pack(
    file: int, entries: Sequence[UsageEntry], context_thresholds: Sequence[int]
) -> PackedEntries:
    """Pack entries of one file into columns.

    Args:
        file: The number of the file.
        entries: Its entries.
        context_thresholds: Context sizes at which any price changes, ascending.
    """
    return pack_columns(file, list(zip(*entries, strict=True)), context_thresholds)


def columns_of(count: int, **found: Sequence[Any]) -> Columns:
    """Return columns of *count* entries, given by name, in the order of the fields.

    Fields that are not given have their default.
    """
    defaults = UsageEntry._field_defaults
    return [
        found[name] if name in found else [defaults[name]] * count for name in UsageEntry._fields
    ]


def pack_columns(file: int, columns: Columns, context_thresholds: Sequence[int]) -> PackedEntries:
    """Like `pack`, for entries whose fields are given column by column."""
    if not columns:
        return NOTHING._replace(file=file)
    return PackedEntries(file, *_to_bytes(columns), sum_columns(columns, context_thresholds))


def pack_one(entry: UsageEntry, context_thresholds: Sequence[int]) -> PackedEntries:
    """Like `pack` for a single entry, in a third of the time: thousands of logs have only one."""
    passed = bisect_left(context_thresholds, entry.context)
    price_class = 2 * passed + (entry.recorded_cost is not None)
    key = (slot_of(entry.at_ms), entry.variant, price_class, 0)
    return PackedEntries(entry.file, *_one_to_bytes(entry), {key: sum_of(entry)})


def to_columns(entries: Sequence[UsageEntry]) -> tuple[bytes, bytes]:
    """Return the answers and the columns of some entries, as in `PackedEntries`."""
    return _to_bytes(list(zip(*entries, strict=True)))


def _to_bytes(columns: Columns) -> tuple[bytes, bytes]:
    answers = columns[_ANSWER]
    if len(answers) == 1:  # as thousands of logs have it
        return _one_to_bytes([column[0] for column in columns])
    header, body = "", []
    for index, kind, missing in _STORED_FIELDS:
        column = columns[index]
        if not kind:
            letter = _letter(max(column))
            header += letter
            if letter != "0":
                body.append(column)
        elif column.count(None) == len(column):
            header += "0"
        else:
            header += kind
            body.append([missing if value is None else value for value in column])
    header = _shortened(header)
    letters = header.replace("0", "")
    parts = [to_bytes(array(letter, column)) for letter, column in zip(letters, body, strict=True)]
    runs = pack_runs(columns[_ATTRIBUTION], columns[_TOOLS])
    return to_bytes(array("q", answers)), b"".join([runs, header.encode(), *parts])


def _one_to_bytes(row: Sequence[Any]) -> tuple[bytes, bytes]:
    """Like `to_columns` for a single entry, in a third of the time."""
    header, values = "", []
    for index, kind, _ in _STORED_FIELDS:
        value = row[index]
        if not kind:
            header += _letter(value)
            if value:
                values.append(value)
        elif value is None:
            header += "0"
        else:
            header += kind
            values.append(value)
    header = _shortened(header)
    packed = _row_of(header.replace("0", "")).pack(*values)
    runs = pack_one_run(row[_ATTRIBUTION], row[_TOOLS])
    return _ONE_ANSWER.pack(row[_ANSWER]), runs + header.encode() + packed


def _shortened(header: str) -> str:
    """Return the letters of columns without those at the end that earlier versions do not know."""
    return header[:_FIRST_STORED] + header[_FIRST_STORED:].rstrip("0")


_WIDTHS: Final = {"0": 0} | {letter: array(letter).itemsize for letter in "BHIqd"}


def _letter(greatest: int) -> str:
    """Return the type of a column from its greatest value; a column of zeros is not stored."""
    if greatest <= 0xFFFF:  # noqa: PLR2004  # two bytes
        return "0" if not greatest else "B" if greatest <= 0xFF else "H"  # noqa: PLR2004  # one
    return "I" if greatest <= 0xFFFF_FFFF else "q"  # noqa: PLR2004  # four


@lru_cache(maxsize=256)
def _row_of(letters: str) -> Struct:
    """Return the struct of one row with columns of these types, without padding."""
    return Struct(f"<{letters}")


def may_be_impossible(columns: bytes) -> bool:
    """Return whether packed columns may hold more than `MAX_COUNT`, or any recorded cost."""
    start = end_of_runs(columns)
    header = columns[start : start + _FIRST_STORED]
    return b"q" in header[_FIRST_COUNT:_COST] or header[_COST] == ord("d")


def variants_in(answers: bytes, columns: bytes) -> set[int]:
    """Return the numbers of the variants of packed entries."""
    return set(_fields(0, answers, columns)[_INDEX_OF["variant"]])


def with_circumstances(
    packed: PackedEntries, attributions: Sequence[int], tools: Sequence[int]
) -> PackedEntries:
    """Return packed entries with other attributions and tools."""
    others = packed.columns[end_of_runs(packed.columns) :]
    return packed._replace(columns=pack_runs(attributions, tools) + others)


def tools_of(packed: PackedEntries) -> Sequence[int]:
    """Return the numbers of the tools of packed entries."""
    return unpack_runs(packed.columns, packed.count)[1]


def with_tools(packed: PackedEntries, changes: Mapping[int, int]) -> PackedEntries:
    """Return packed entries, some of which call other tools, by row."""
    attributions, tools, _ = unpack_runs(packed.columns, packed.count)
    changed = [changes.get(row, number) for row, number in enumerate(tools)]
    return with_circumstances(packed, attributions, changed)


def unpack(file: int, answers: bytes, columns: bytes) -> list[UsageEntry]:
    """Return the entries that `pack` packed."""
    return list(map(UsageEntry._make, zip(*_fields(file, answers, columns), strict=True)))


def _fields(file: int, answers: bytes, columns: bytes) -> Columns:
    """Return the fields of packed entries."""
    count = len(answers) // WORD_BYTES
    if not count:
        return ()
    attributions, tools, start = unpack_runs(columns, count)
    header = _header(count, columns, start)
    start += len(header)
    found: dict[str, Sequence[object]] = {
        "file": [file] * count,
        "answer": hashes(answers),
        "attribution": attributions,
        "tools": tools,
    }
    for name, letter in zip(_STORED, header.ljust(len(_STORED), "0"), strict=True):
        if letter == "0":
            found[name] = [None if name in _OPTIONAL else 0] * count
            continue
        values = array(letter)
        end = start + count * values.itemsize
        column = from_bytes(values, columns[start:end])
        start = end
        if name not in _OPTIONAL:
            found[name] = column
        else:
            is_missing = isnan if letter == "d" else _NO_RESET.__eq__
            found[name] = [None if is_missing(value) else value for value in column]
    return [found[name] for name in UsageEntry._fields]


def _header(count: int, columns: bytes, start: int) -> str:
    """Return the letters of packed columns that begin at *start*.

    Their number follows from the length: with one more the columns would be longer.

    Raises:
        ValueError: If there is no such number.
    """
    for size in range(_FIRST_STORED, len(_STORED) + 1):
        header = columns[start : start + size].decode("latin-1")
        if not _WIDTHS.keys() >= set(header):
            break
        if start + size + count * sum(map(_WIDTHS.__getitem__, header)) == len(columns):
            return header
    message = "the columns are not as long as their types say"
    raise ValueError(message)


def hashes(answers: bytes) -> array[int]:
    """Return the hashes of answers as numbers."""
    return from_bytes(array("q"), answers)


def shadows_of(packed: bytes) -> array[int]:
    """Return the numbers of shadows, which are four bytes each."""
    return from_bytes(array("I"), packed)

"""Packed entries of many small logs, in columns: thousands of logs have one answer each."""

from __future__ import annotations

from functools import partial
from itertools import compress, islice
from typing import TYPE_CHECKING, Any, Final

from spendlight.metering.packed import WORD_BYTES, PackedEntries
from spendlight.metering.sums import MEASURES, NAMES, Sum
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from spendlight.metering.summing import SumKey

SumRow = tuple[Any, ...]
"""A sum and its key: slot, variant, price class and shadow, then the fields of `Sum`, of which
those that may be None are -1 then."""

VARIANT: Final = 1
_FIRST: Final = 4
_OPTIONAL: Final = tuple(_FIRST + at for at, one in enumerate(MEASURES) if one.may_be_none)
_FIRST_MS: Final = _FIRST + NAMES.index("first_ms")
_LAST_MS: Final = _FIRST + NAMES.index("last_ms")
"""Columns of a `SumRow`."""

_NOT_GIVEN: Final = -1

_new_sum: Callable[[Iterable[Any]], Sum] = partial(tuple.__new__, Sum)
_new_packed: Callable[[Iterable[Any]], PackedEntries] = partial(tuple.__new__, PackedEntries)
"""Like `_make`, but without checking the number of fields for each of thousands of logs."""


def with_none(row: SumRow) -> SumRow:
    """Return a row in which values that are missing are None."""
    for at in _OPTIONAL:
        if row[at] == _NOT_GIVEN:
            row = *row[:at], None, *row[at + 1 :]
    return row


def keyed(row: SumRow) -> tuple[SumKey, Sum]:
    """Return a sum and its key from a row."""
    slot, variant, price_class, shadow, *total = with_none(row)
    return (slot, variant, price_class, shadow), _new_sum(total)


class PackedLogs(NamedTuple):
    """Entries of many logs; the same position in each column but the last is that of one log.

    Attributes:
        files: The numbers of the logs.
        answers: The answers of each, as in `PackedEntries`.
        columns: Their other fields, as there.
        counts: How many sums each has.
        sums: The sums of all, one log after the other.
    """

    files: Sequence[int]
    answers: Sequence[bytes]
    columns: Sequence[bytes]
    counts: Sequence[int]
    sums: Sequence[SumRow]

    @property
    def answers_count(self) -> int:
        """How many entries there are."""
        return sum(map(len, self.answers)) // WORD_BYTES

    @property
    def extents(self) -> Iterable[tuple[int, int]]:
        """The first and the last moment of each, in Unix milliseconds."""
        firsts = [row[_FIRST_MS] for row in self.sums]
        lasts = [row[_LAST_MS] for row in self.sums]
        if len(firsts) == len(self.files):
            return zip(firsts, lasts, strict=True)
        of_first, of_last = iter(firsts), iter(lasts)
        return [
            (min(islice(of_first, count)), max(islice(of_last, count))) for count in self.counts
        ]

    def entries(self) -> list[PackedEntries]:
        """Return the same, log by log."""
        of_all = iter(map(keyed, self.sums))
        return [
            _new_packed((file, answers, columns, dict(islice(of_all, count))))
            for file, answers, columns, count in zip(*self[:4], strict=True)
        ]


def joined_logs(parts: Sequence[PackedLogs]) -> PackedLogs:
    """Return the logs of several parts as one."""
    return PackedLogs(
        [file for part in parts for file in part.files],
        [answers for part in parts for answers in part.answers],
        [columns for part in parts for columns in part.columns],
        [count for part in parts for count in part.counts],
        [row for part in parts for row in part.sums],
    )


def with_answers(
    files: Iterable[int], counts: Sequence[int], sizes: Sequence[int], data: bytes
) -> tuple[list[int], list[bytes], list[bytes]]:
    """Take apart what was packed one log after the other; return the columns of `PackedLogs`.

    Args:
        files: The numbers of the logs.
        counts: How many answers each has; those without any are left out.
        sizes: The bytes of each in *data*.
        data: Of each log its answers, then its other fields.
    """
    answers: list[bytes] = []
    columns: list[bytes] = []
    at = 0
    for count, size in zip(counts, sizes, strict=True):
        if count:
            middle, end = at + WORD_BYTES * count, at + size
            answers.append(data[at:middle])
            columns.append(data[middle:end])
            at = end
    return list(compress(files, counts)), answers, columns

"""Decides with the native reader which copies of answers stay, without the GIL."""

from __future__ import annotations

import ctypes
from array import array
from bisect import bisect_right
from ctypes import string_at
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_library import (
    BEATEN,
    CALLED,
    LOST_COPY,
    SUM,
    CopySource,
    threshold_table,
)
from spendlight.metering.byte_order import to_bytes
from spendlight.metering.packed import NOTHING, WORD_BYTES, PackedEntries, hashes
from spendlight.metering.packed_logs import keyed
from spendlight.metering.settling import PYTHON, Beaten, Called, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spendlight.logs.claude_code.native_library import ReaderState
    from spendlight.metering.settling import AnswerSet, Settler, Source


class NativeSettler:
    """Decides like `PythonSettler`, which also decides whatever this one cannot.

    One thread at a time may use `rest`.

    Args:
        library: The library of the native reader.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._reader = library.reader_new()

    def __del__(self) -> None:
        if self._reader:
            self._library.reader_free(self._reader)

    def answer_set(self, found: Iterable[bytes]) -> AnswerSet:
        """Return a set of packed answers."""
        lists = list(found)
        try:
            return _NativeAnswers(self._library, lists)
        except MemoryError:
            return PYTHON.answer_set(lists)

    def settle(self, sources: Sequence[Source]) -> Settled:
        """Decide; see `Settler`."""
        sizes = [one.packed.count for one in sources]
        verdicts = ctypes.create_string_buffer(sum(sizes) + 1)
        roots = sorted({one.root for one in sources})
        lost, beaten, called = _Found(), _Found(), _Found()
        try:
            error = self._library.copies_settle(
                _copied(sources, roots, verdicts),
                len(sources),
                *(ctypes.byref(lost.at), ctypes.byref(lost.count)),
                *(ctypes.byref(beaten.at), ctypes.byref(beaten.count)),
                *(ctypes.byref(called.at), ctypes.byref(called.count)),
            )
            if error:
                return PYTHON.settle(sources)
            all_lost = list(LOST_COPY.iter_unpack(lost.content(LOST_COPY.size)))
            all_beaten = list(BEATEN.iter_unpack(beaten.content(BEATEN.size)))
            all_called = list(map(Called._make, CALLED.iter_unpack(called.content(CALLED.size))))
        finally:
            self._library.copies_free(lost.at)
            self._library.copies_free(beaten.at)
            self._library.copies_free(called.at)
        better = {bits: _roots_of(bits, roots) for bits in {bits for _, _, bits in all_beaten}}
        told = verdicts.raw
        ends = list(accumulate(sizes, initial=0))
        return Settled(
            [told[start:end] for start, end in pairwise(ends)],
            all_lost,
            [Beaten(source, row, better[bits]) for source, row, bits in all_beaten],
            all_called,
        )

    def rest(
        self,
        packed: PackedEntries,
        verdicts: bytes,
        context_thresholds: Sequence[int],
        shadows: bytes | None = None,
    ) -> PackedEntries:
        """Return the entries that stay; see `Settler`."""
        file, answers, columns, _ = packed
        thresholds = threshold_table(tuple(context_thresholds))
        error = not self._reader or self._library.reader_pack_rest(
            self._reader,
            answers,
            columns,
            len(columns),
            packed.count,
            verdicts,
            shadows,
            thresholds,
            len(thresholds),
        )
        if error:
            return PYTHON.rest(packed, verdicts, context_thresholds, shadows)
        state: ReaderState = self._reader.contents
        if not state.rows_count:
            return NOTHING._replace(file=file)
        data = string_at(state.packed, state.packed_size)
        totals = SUM.iter_unpack(string_at(state.sums, SUM.size * state.sums_count))
        middle = WORD_BYTES * state.rows_count
        return PackedEntries(file, data[:middle], data[middle:], dict(map(keyed, totals)))


class _NativeAnswers:
    """A set of answers, with eight bytes for each and a table that is as large.

    Raises:
        MemoryError: If there is no memory.
    """

    def __init__(self, library: ctypes.CDLL, found: Iterable[bytes]) -> None:
        self._library = library
        self._count = 0
        self._set = library.answers_new()
        if not self._set:
            raise MemoryError
        together = b"".join(found)
        self._count = library.answers_add(self._set, together, len(together) // WORD_BYTES)
        if self._count < 0:
            raise MemoryError

    def __del__(self) -> None:
        if self._set:
            self._library.answers_free(self._set)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        listed = ctypes.create_string_buffer(self._count * WORD_BYTES)
        self._library.answers_list(self._set, listed)
        return iter(hashes(listed.raw))

    def __contains__(self, answer: object) -> bool:
        return isinstance(answer, int) and bool(self.common([to_bytes(array("q", [answer]))]))

    def common(self, lists: Sequence[bytes]) -> dict[int, set[int]]:
        """Return which answers of which lists are in it, in one call; see `AnswerSet`."""
        together = b"".join(lists)
        size = len(together) // WORD_BYTES
        rows = (ctypes.c_uint32 * size)()
        count = self._library.answers_common(self._set, together, size, rows)
        if count < 0:
            return PYTHON.answer_set([to_bytes(array("q", self))]).common(lists)
        found: dict[int, set[int]] = {}
        if count:
            answers = hashes(together)
            ends = list(accumulate(len(one) // WORD_BYTES for one in lists))
            for row in rows[:count]:
                found.setdefault(bisect_right(ends, row), set()).add(answers[row])
        return found


class _Found:
    """Memory that the library allocated."""

    def __init__(self) -> None:
        self.at = ctypes.c_void_p()
        self.count = ctypes.c_int64()

    def content(self, size: int) -> bytes:
        """Return the bytes, for things of some bytes each."""
        count = self.count.value
        return string_at(self.at, count * size) if count else b""


def _copied(
    sources: Sequence[Source], roots: Sequence[int], verdicts: ctypes.Array[ctypes.c_char]
) -> ctypes.Array[CopySource]:
    """Return sources in the library's form; their verdicts are written one after the other."""
    root_numbers = {root: number for number, root in enumerate(roots)}
    orders = {order: number for number, order in enumerate(sorted({one.order for one in sources}))}
    copied = (CopySource * len(sources))()
    start = ctypes.addressof(verdicts)
    for to, (packed, root, order, is_held, shadows) in zip(copied, sources, strict=True):
        to.answers, to.columns, to.shadows = packed.answers, packed.columns, shadows
        to.verdicts = start
        to.columns_size, to.count, to.file = len(packed.columns), packed.count, packed.file
        to.root, to.order, to.is_held = root_numbers[root], orders[order], is_held
        start += packed.count
    return copied


def _roots_of(bits: int, roots: Sequence[int]) -> frozenset[int]:
    """Return the roots whose bits are set."""
    return frozenset(root for number, root in enumerate(roots) if bits >> number & 1)


def settler() -> Settler:
    """Return the native settler if there is one, otherwise the one in Python."""
    return PYTHON if NATIVE.library is None else NativeSettler(NATIVE.library)

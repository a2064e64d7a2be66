"""Sums up answers by their circumstances with the native reader's library, if there is one."""

from __future__ import annotations

import ctypes
import errno
from array import array
from ctypes import (
    Structure,
    byref,
    c_char_p,
    c_int64,
    c_size_t,
    c_uint64,
    c_void_p,
    sizeof,
    string_at,
)
from itertools import accumulate, pairwise
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_library import NO_RESET
from spendlight.metering.attributed_sums import PythonAdder
from spendlight.metering.packed import WORD_BYTES
from spendlight.metering.sums import Sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spendlight.metering.attributed_sums import (
        Adder,
        LabelledSum,
        Labels,
        PackedAnswers,
        PackedRun,
        Wanted,
    )

_SUM: Final = Struct("<11qd7q")
_KEYS: Final = 6
_RUN: Final = Struct("<5q")
_SUM_BYTES: Final = 14 * WORD_BYTES
"""The size of a packed sum."""

_RESET: Final = _KEYS + Sum._fields.index("limit_reset_ms")


class _Labels(Structure):
    """Numbers, ascending, with their labels."""

    _fields_ = (("numbers", c_void_p), ("labels", c_void_p), ("count", c_size_t))


class _Wanted(Structure):
    """What to sum up, see `metering.attributed_sums.Wanted`."""

    _fields_ = (
        ("attributions", _Labels),
        ("aside", _Labels),
        ("tools", _Labels),
        ("cuts", c_void_p),
        ("cuts_count", c_size_t),
        ("shadows", c_void_p),
        ("shadows_count", c_size_t),
        ("thresholds", c_void_p),
        ("thresholds_count", c_size_t),
    )


class _Packed(Structure):
    """Packed answers of one log, see `metering.attributed_sums.PackedAnswers`."""

    _fields_ = (
        ("columns", c_char_p),
        ("shadows", c_char_p),
        ("size", c_uint64),
        ("count", c_uint64),
        ("session", c_int64),
        ("start", c_int64),
    )


class NativeAdder:
    """Sums up packed answers; what the library refuses, Python does.

    Args:
        library: The library of the native reader.
        wanted: What to sum up.

    Raises:
        MemoryError: If there is no memory.
    """

    def __init__(self, library: ctypes.CDLL, wanted: Wanted) -> None:
        self._library = library
        self._adder = None
        self._rest = PythonAdder(wanted)
        self._kept: list[array[int]] = []
        self._wanted = self._copied(wanted)
        self._adder = library.adder_new()
        if not self._adder:
            raise MemoryError

    def __del__(self) -> None:
        if self._adder:
            self._library.adder_free(self._adder)

    def add_all(self, found: Sequence[PackedAnswers]) -> None:
        """Add answers of several logs."""
        logs = [
            _Packed(
                columns, shadows or None, len(columns), len(answers) // WORD_BYTES, session, start
            )
            for answers, columns, shadows, session, start in found
        ]
        given = (_Packed * len(logs))(*logs)
        first, added = 0, c_size_t()
        while first < len(found):
            error = self._library.adder_add_all(
                self._adder,
                byref(self._wanted),
                byref(given, first * sizeof(_Packed)),
                len(found) - first,
                byref(added),
            )
            first += added.value
            if error == -errno.EINVAL:
                self._rest.add_all(found[first : first + 1])
                first += 1
            elif error:
                raise MemoryError

    def sums(self) -> Iterable[LabelledSum]:
        """Return the sums, in no order."""
        count = c_size_t()
        at = self._library.adder_sums(self._adder, byref(count))
        data = string_at(at, count.value * _SUM.size) if count.value else b""
        found = list(map(_labelled, _SUM.iter_unpack(data)))
        return [*found, *self._rest.sums()]

    def packed(self, kinds: Sequence[int]) -> Iterable[PackedRun] | None:
        """Return the sums packed, or None if Python has summed up a part of them."""
        if self._rest.sums():
            return None
        runs, sums = c_void_p(), c_void_p()
        order = array("q", kinds).tobytes()
        count = self._library.adder_pack(self._adder, order, len(kinds), byref(runs), byref(sums))
        if count < 0:
            raise MemoryError
        found = list(_RUN.iter_unpack(string_at(runs, count * _RUN.size))) if count else []
        ends = list(accumulate((run[-1] * _SUM_BYTES for run in found), initial=0))
        data = string_at(sums, ends[-1])
        return [
            (run[:2], run[2], run[3], data[start:end])
            for run, (start, end) in zip(found, pairwise(ends), strict=True)
        ]

    def _copied(self, wanted: Wanted) -> _Wanted:
        labels: Labels = wanted.labels
        attributions = self._labels(labels.attributions)
        is_same = labels.aside is labels.attributions
        return _Wanted(
            attributions,
            attributions if is_same else self._labels(labels.aside),
            self._labels(labels.tools),
            *self._array("q", wanted.cuts),
            *self._array("I", wanted.shadows),
            *self._array("q", wanted.context_thresholds),
        )

    def _labels(self, labels: Mapping[int, int]) -> _Labels:
        numbers = sorted(labels)
        at, count = self._array("q", numbers)
        return _Labels(at, self._array("i", map(labels.__getitem__, numbers))[0], count)

    def _array(self, letter: str, values: Iterable[int]) -> tuple[int, int]:
        """Return where values are, as long as this adder exists, and how many."""
        made = array(letter, values)
        self._kept.append(made)
        return made.buffer_info()


def _labelled(row: tuple[Any, ...]) -> LabelledSum:
    total = row[_KEYS:]
    if row[_RESET] == NO_RESET:
        total = (*row[_KEYS:_RESET], None, *row[_RESET + 1 :])
    return (row[:2], *row[2:_KEYS], Sum._make(total))


def adder(wanted: Wanted) -> Adder:
    """Return a native adder if there is a library, otherwise one in Python."""
    library = NATIVE.library
    return PythonAdder(wanted) if library is None else NativeAdder(library, wanted)

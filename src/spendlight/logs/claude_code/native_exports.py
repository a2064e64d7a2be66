"""Reads the lines of exported entries with the native reader, if there is one.

It takes the lines that are written as Spendlight writes them, and returns their entries packed, log
by log. All others are left to Python, and so is the first line of each log and of each variant.
"""

from __future__ import annotations

import ctypes
import errno
import os
from array import array
from ctypes import string_at
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_library import (
    EXPORTED_LOG,
    SUM,
    NativeError,
    check,
    threshold_table,
)
from spendlight.metering.packed import WORD_BYTES, PackedEntries
from spendlight.metering.packed_logs import keyed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.logs.claude_code.native_library import ReaderState

PADDING: Final = bytes(64)
"""What must follow the lines in memory, as several bytes are looked at together."""

NONE: Final = -1
"""The number of a log whose entries are left out, and of a variant that no entry may have."""

_LOG_FIELDS: Final = EXPORTED_LOG.size // 8


class StoppedLine(NamedTuple):
    """A line that is left to Python, or the end of all lines.

    Attributes:
        start: Where it begins.
        taken: How many lines before it were taken.
        is_new: Whether it is of the usual form, and only its log or its variant is new.
    """

    start: int
    taken: int
    is_new: bool


class ExportedLog(NamedTuple):
    """The entries of one log.

    Attributes:
        log: Its number, as it was learned.
        packed: The entries.
        end: Where what is known of the log ends, in bytes.
    """

    log: int
    packed: PackedEntries
    end: int


class ExportReader:
    """Reads the lines of one file.

    Args:
        library: The library of the native reader.

    Raises:
        NativeError: If there is no memory; any other method may raise it, too.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._reader = library.reader_new()
        if not self._reader:
            raise NativeError
        self._state: ReaderState = self._reader.contents
        self._logs = array("q")
        self._variants = array("q")
        self._attributions = array("q", (0,))
        self._tools = array("q", (0,))
        check(library.exports_begin(self._reader))

    def __del__(self) -> None:
        if self._reader:
            self._library.reader_free(self._reader)

    @property
    def waiting(self) -> int:
        """How many entries have been read and not been packed."""
        return int(self._state.rows_count)

    def read(self, text: bytes, start: int, size: int) -> StoppedLine:
        """Read lines up to one for Python, or to the end.

        Args:
            text: The lines, the last one with its end, and `PADDING`.
            start: Where the first one begins.
            size: Where they end.
        """
        logs, variants = len(self._logs), len(self._variants)
        told = len(self._tools) - 1
        stop = self._library.exports_read(self._reader, text, start, size, logs, variants, told)
        if stop < 0:
            raise NativeError(os.strerror(-stop))
        state = self._state
        is_new = (
            state.sessions.count > logs
            or state.variants.count > variants
            or state.attributions.count > told
        )
        return StoppedLine(int(state.offset), int(state.size), is_new)

    def learn(self, log: int, variant: int, told: tuple[int, int]) -> None:
        """Take what is new in the line that was left to Python last.

        Args:
            log: The number of its log, or `NONE`; several of the file's may have the same.
            variant: The number of its variant, or `NONE`.
            told: The numbers of its circumstances and of the tools that it called.
        """
        if self._state.sessions.count > len(self._logs):
            self._logs.append(log)
        if self._state.variants.count > len(self._variants):
            self._variants.append(variant)
        if self._state.attributions.count > len(self._tools) - 1:
            self._attributions.append(told[0])
            self._tools.append(told[1])

    def pack(self, context_thresholds: Sequence[int]) -> tuple[list[ExportedLog], int]:
        """Return the entries that were read since the last time, and how many were left out.

        Args:
            context_thresholds: Context sizes at which any price changes, ascending.

        Raises:
            ValueError: If an entry has a variant that none may have.
        """
        count = self.waiting
        logs = max(self._logs, default=NONE) + 1
        found = array("q", bytes(EXPORTED_LOG.size * logs))
        thresholds = threshold_table(tuple(context_thresholds))
        arrays = (self._logs, self._variants, self._attributions, self._tools)
        tables = (table.buffer_info()[0] for table in arrays)
        error = self._library.exports_pack(
            self._reader, *tables, thresholds, len(thresholds), found.buffer_info()[0], logs
        )
        if error == -errno.EINVAL:
            raise ValueError
        check(error)
        return list(self._packed(found)), count - sum(found[::_LOG_FIELDS])

    def _packed(self, found: array[int]) -> Iterator[ExportedLog]:
        state = self._state
        data = string_at(state.packed, state.packed_size)
        totals = SUM.iter_unpack(string_at(state.sums, SUM.size * state.sums_count))
        at = 0
        for log, (count, size, sums, end) in enumerate(EXPORTED_LOG.iter_unpack(found)):
            if not count:
                continue
            middle, after = at + WORD_BYTES * count, at + size
            total = dict(map(keyed, islice(totals, sums)))
            packed = PackedEntries(0, data[at:middle], data[middle:after], total)
            yield ExportedLog(log, packed, end)
            at = after


def export_reader() -> ExportReader | None:
    """Return a reader, or None if there is no native reader or no memory for it."""
    if NATIVE.library is None:
        return None
    try:
        return ExportReader(NATIVE.library)
    except NativeError:
        return None

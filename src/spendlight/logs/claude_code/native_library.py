"""The library of the native reader (`src/native_reader`): its functions and data structures."""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
    string_at,
)
from functools import lru_cache
from math import nan
from struct import Struct
from typing import Final

from spendlight.metering.entry import UsageEntry
from spendlight.metering.sums import Sum

NO_RESET: Final = -1

ROW: Final = Struct("<qqqqqdqqIIIIIIIIIII4x")
SUM: Final = Struct("<qIII4xqqqqqdqqqqqqq")
"""A `SumRow`."""

WHOLE_LOG: Final = Struct("<10q")
_ABI: Final = 120_000_000 + WHOLE_LOG.size * 100_000 + ROW.size * 1_000 + SUM.size
_FIELDS: Final = f"{' '.join(UsageEntry._fields)}; {' '.join(Sum._fields)}"


class NativeError(Exception):
    """The native reader cannot read this; Python can, or reports why it cannot either."""


class Names(Structure):
    """Texts that are numbered in the order of their first occurrence."""

    _fields_ = (
        ("bytes", c_void_p),
        ("used", c_size_t),
        ("capacity", c_size_t),
        ("ends", POINTER(c_size_t)),
        ("count", c_size_t),
        ("ends_capacity", c_size_t),
        ("slots", c_void_p),
        ("mask", c_size_t),
    )

    def since(self, first: int) -> list[bytes]:
        """Return the texts from a number on."""
        start = self.ends[first - 1] if first else 0
        text = string_at(self.bytes + start, self.used - start) if self.used > start else b""
        found = []
        at = 0
        for end in self.ends[first : self.count]:
            found.append(text[at : end - start])
            at = end - start
        return found


class ReaderState(Structure):
    """The public part of a reader's state."""

    notes_size: int

    _fields_ = (
        ("text", c_void_p),
        ("size", c_int64),
        ("offset", c_int64),
        ("packed", c_void_p),
        ("packed_size", c_int64),
        ("sums", c_void_p),
        ("sums_count", c_int64),
        ("rows_count", c_int64),
        ("fingerprint", c_uint64),
        ("notes", c_void_p),
        ("notes_size", c_int64),
        ("variants", Names),
        ("sessions", Names),
        ("attributions", Names),
        ("tools", Names),
        ("tool_sets", Names),
        ("circumstances_dropped", c_int64),
    )

    def take_notes(self) -> bytes:
        """Return the notes that were found, see `noted_lines`, and empty their list."""
        found = string_at(self.notes, self.notes_size) if self.notes_size else b""
        self.notes_size = 0
        return found


class CopySource(Structure):
    """A `Source` of `metering.settling`."""

    _fields_ = (
        ("answers", c_char_p),
        ("columns", c_char_p),
        ("shadows", c_char_p),
        ("verdicts", c_void_p),
        ("columns_size", c_int64),
        ("count", c_int64),
        ("file", c_int64),
        ("root", c_uint32),
        ("order", c_uint32),
        ("is_held", c_uint32),
        ("unused", c_uint32),
    )


EXPORTED_LOG: Final = Struct("<4q")
LOST_COPY: Final = Struct("<qqqq")
BEATEN: Final = Struct("<IIQ")
CALLED: Final = Struct("<IIq")


def load(path: str) -> ctypes.CDLL:
    """Load the library.

    Raises:
        OSError: If it cannot be loaded or belongs to another version, whose rows or sums differ.
        AttributeError: If it is a different library.
    """
    library = ctypes.CDLL(path)
    reader, text = POINTER(ReaderState), c_char_p
    library.reader_new.restype = reader
    library.reader_free.argtypes = [reader]
    library.reader_begin.argtypes = [reader, c_int, c_int64, c_int64, text, c_size_t]
    library.reader_read.argtypes = [reader]
    library.reader_skip_to.argtypes = [reader, c_int64]
    library.reader_note.argtypes = [reader, text, c_size_t, text, c_size_t, c_int]
    library.reader_offer.argtypes = [reader, text, c_int]
    library.reader_append.argtypes = [reader, text]
    library.reader_session.argtypes = [reader, text, c_size_t]
    library.reader_session.restype = c_uint32
    for function in (library.reader_attribution, library.reader_tools):
        function.argtypes = [reader, text, c_size_t]
        function.restype = c_int64
    library.reader_pack.argtypes = [reader, c_void_p, c_void_p, c_size_t]
    library.reader_read_whole.argtypes = [reader, c_void_p, c_size_t, text, text]
    library.reader_pack_whole.argtypes = [
        reader, c_void_p, c_size_t, c_void_p, c_void_p, c_size_t
    ]  # fmt: skip
    library.reader_sessions.argtypes = [reader, c_int64, c_int64, c_void_p, c_void_p]
    library.reader_pack_rest.argtypes = [
        *(reader, text, text, c_size_t, c_size_t, text, text, c_void_p, c_size_t)
    ]
    found = (POINTER(c_void_p), POINTER(c_int64))
    library.copies_settle.argtypes = [POINTER(CopySource), c_size_t, *found, *found, *found]
    library.copies_free.argtypes = [c_void_p]
    library.copies_free.restype = None
    library.answers_new.restype = c_void_p
    library.answers_add.argtypes = [c_void_p, text, c_size_t]
    library.answers_add.restype = c_int64
    library.answers_common.argtypes = [c_void_p, text, c_size_t, c_void_p]
    library.answers_common.restype = c_int64
    library.answers_list.argtypes = [c_void_p, c_void_p]
    library.answers_list.restype = None
    library.answers_free.argtypes = [c_void_p]
    library.answers_free.restype = None
    library.reader_sessions.restype = None
    library.reader_fingerprint.argtypes = [c_int, c_int64]
    library.reader_fingerprint.restype = c_uint64
    library.reader_find_ids.argtypes = [c_int, text, c_size_t, c_void_p]
    library.reader_instructions.restype = text
    library.exports_begin.argtypes = [reader]
    library.exports_read.argtypes = [reader, text, *(c_size_t,) * 5]
    library.exports_pack.argtypes = [
        reader, *(c_void_p,) * 5, c_size_t, c_void_p, c_size_t
    ]  # fmt: skip
    library.totals_add_up.argtypes = [
        text, text, text, c_int64, text, c_int64, c_int64,
        c_void_p, c_int64, c_void_p, c_void_p, c_void_p,
    ]  # fmt: skip
    library.totals_add_up.restype = c_int64
    _declare_adder(library)
    library.reader_fields.restype = text
    if library.reader_abi() != _ABI or library.reader_fields().decode() != _FIELDS:
        message = "the library belongs to another version of Spendlight"
        raise OSError(message)
    return library


def _declare_adder(library: ctypes.CDLL) -> None:
    """Declare what `native_attributed_sums` calls."""
    library.adder_new.restype = c_void_p
    library.adder_free.argtypes = [c_void_p]
    library.adder_free.restype = None
    library.adder_add_all.argtypes = [
        c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_size_t)
    ]  # fmt: skip
    library.adder_sums.argtypes = [c_void_p, POINTER(c_size_t)]
    library.adder_sums.restype = c_void_p
    library.adder_pack.argtypes = [
        c_void_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)
    ]  # fmt: skip
    library.adder_pack.restype = c_int64


def check(result: int) -> None:
    """Raise `NativeError` if a function of the library has failed."""
    if result:
        raise NativeError(os.strerror(-result))


def is_taken(result: int) -> bool:
    """Return whether the library has taken a copy; see `check`."""
    if result < 0:
        raise NativeError(os.strerror(-result))
    return bool(result)


def fields_of(
    entry: UsageEntry, variant: int, session: int, attribution: int, tools: int
) -> tuple[float, ...]:
    """Return an entry in the native reader's form."""
    cost, reset = entry.recorded_cost, entry.limit_reset_ms
    return (
        entry.answer,
        entry.request,
        entry.at_ms,
        entry.offset,
        NO_RESET if reset is None else reset,
        nan if cost is None else cost,
        attribution,
        tools,
        variant,
        session,
        entry.flags,
        *entry.tokens,
        entry.web_searches,
        0,
        entry.reasoning,
    )


@lru_cache(maxsize=8)
def threshold_table(thresholds: tuple[int, ...]) -> ctypes.Array[c_int64]:
    """Return context thresholds in the library's form."""
    return (c_int64 * len(thresholds))(*thresholds)

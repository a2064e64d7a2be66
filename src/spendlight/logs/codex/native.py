"""Reads ranges of rollouts with the native reader (`src/native_reader/rollout.c`), if there is one.

It reads answers in their usual form, without the GIL, with the same result. All other lines that
may matter are read by `Answers`, in the order of the file; between two of them only the counters
and the id of the turn can change.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    POINTER,
    Structure,
    addressof,
    byref,
    c_int,
    c_int64,
    c_uint8,
    c_uint32,
    string_at,
)
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.appended_lines import add_huge_line, add_tail
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_circumstances import Numbers
from spendlight.logs.claude_code.native_library import (
    ROW,
    SUM,
    NativeError,
    ReaderState,
    check,
    fields_of,
    is_taken,
    threshold_table,
)
from spendlight.logs.codex.models import AUTO_REVIEW
from spendlight.logs.codex.state import Phase
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.packed import NOTHING, PackedEntries
from spendlight.metering.packed_logs import keyed
from spendlight.metering.runs import values_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO

    from spendlight.logs.codex.reader import RolloutReader

_END, _LINE, _HEAD, _HUGE = range(4)
"""Why reading stopped; see reader.h."""

_KINDS: Final = 5
_MOST_TURN, _MOST_MODEL, _MOST_EFFORT = 64, 128, 32
_NO_MS: Final = -(2**63)


class _Rollout(Structure):
    """What the library is told of a rollout, and tells in turn; see rollout.c."""

    sum: Any
    total: Any
    turn: Any
    model: Any
    effort: Any

    _fields_ = (
        ("sum", c_int64 * _KINDS),
        ("total", c_int64 * _KINDS),
        ("last_ms", c_int64),
        ("has_total", c_uint32),
        ("is_usual", c_uint32),
        ("is_counted", c_uint32),
        ("variant", c_uint32),
        ("attribution", c_uint32),
        ("turn_size", c_uint32),
        ("model_size", c_uint32),
        ("effort_size", c_uint32),
        ("turn", c_uint8 * _MOST_TURN),
        ("model", c_uint8 * _MOST_MODEL),
        ("effort", c_uint8 * _MOST_EFFORT),
    )


class NativeRollouts:
    """Reads one range at a time.

    Args:
        library: The library.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._pointer = library.reader_new()
        if not self._pointer:
            raise NativeError
        self._state: ReaderState = self._pointer.contents
        self._rollout = _Rollout()
        self._variants: list[int] = []
        self._attributions: list[int] = []

    def __del__(self) -> None:
        if self._pointer:
            self._library.reader_free(self._pointer)

    def read(self, file: FileIO, parsed: ParsedRange, reader: RolloutReader) -> None:
        """Read the range of a file; see `appended_lines.read_lines`.

        Raises:
            NativeError: If the file cannot be read, or there is no memory.
        """
        library, pointer, rollout, state = self._library, self._pointer, self._rollout, self._state
        self._variants, self._attributions = [], []
        answers, end = reader.answers, parsed.job.end
        self._tell(reader)
        stop = library.rollout_begin(pointer, byref(rollout), file.fileno(), parsed.start, end)
        tail = b""
        while stop != _END:
            self._take_back(reader)
            if stop == _LINE:
                reader.add(string_at(state.text, state.size), state.offset)
            elif stop == _HUGE:
                before = reader.state
                position: int = state.offset
                after = add_huge_line(file, position, end, reader.needle, reader.add)
                if after is None:
                    parsed.end, parsed.state = position, before
                    break
                library.reader_skip_to(pointer, after)
            else:
                raise NativeError(os.strerror(-stop))
            self._tell(reader)
            stop = library.rollout_read(pointer, byref(rollout))
        else:
            self._take_back(reader)
            if state.size:
                tail = string_at(state.text, state.size)
            parsed.end, parsed.state = state.offset, reader.state
            if tail:
                add_tail(tail, parsed.end, reader.needle, reader.add)
        self._offer(reader)
        parsed.packed = packed = self._packed(parsed.job.number, parsed.job.context_thresholds)
        parsed.variants = {number: answers.variants[number] for _, number, *_ in packed.sums}
        told, _ = values_in(packed.columns) if packed.columns else ((), ())
        parsed.attributions = {number: answers.attributions[number] for number in told}

    def _tell(self, reader: RolloutReader) -> None:
        """Tell the library what Python knows after a line."""
        self._offer(reader)
        rollout, answers = self._rollout, reader.answers
        state = answers.state
        turn, model, effort = (
            text.encode("utf-8", "surrogatepass")
            for text in (state.turn, state.model, state.effort)
        )
        is_own = state.phase == Phase.OWN or not state.parent
        is_short = len(turn) <= _MOST_TURN and len(model) <= _MOST_MODEL
        is_short = is_short and len(effort) <= _MOST_EFFORT
        rollout.is_counted = 0
        rollout.is_usual = bool(is_own and is_short and state.folder and state.model != AUTO_REVIEW)
        if not rollout.is_usual:
            return
        rollout.sum[:] = state.sum
        rollout.has_total = state.total is not None
        rollout.total[:] = state.total or (0,) * _KINDS
        rollout.last_ms = _NO_MS if state.last_ms is None else state.last_ms
        rollout.turn_size, rollout.model_size, rollout.effort_size = map(len, (turn, model, effort))
        rollout.turn[: len(turn)] = turn
        rollout.model[: len(model)] = model
        rollout.effort[: len(effort)] = effort
        rollout.variant = _index(self._variants, answers.variant_at(0))
        rollout.attribution = _index(self._attributions, answers.circumstances())

    def _take_back(self, reader: RolloutReader) -> None:
        """Take back what the library has read since."""
        rollout, state = self._rollout, reader.answers.state
        if not rollout.is_usual:
            return
        state.turn = string_at(addressof(rollout.turn), rollout.turn_size).decode(
            "utf-8", "surrogatepass"
        )
        state.sum = tuple(rollout.sum)
        state.total = tuple(rollout.total) if rollout.has_total else None
        state.last_ms = None if rollout.last_ms == _NO_MS else rollout.last_ms
        if rollout.is_counted:
            state.phase, state.first = Phase.OWN, None

    def _offer(self, reader: RolloutReader) -> None:
        """Give the answers of unusual lines to the library."""
        found = reader.answers.found
        for entry in found.values():
            variant = _index(self._variants, entry.variant)
            attribution = _index(self._attributions, entry.attribution)
            row = ROW.pack(*fields_of(entry, variant, 0, attribution, 0))
            is_taken(self._library.reader_offer(self._pointer, row, 0))
        found.clear()

    def _packed(self, number: int, thresholds: Sequence[int]) -> PackedEntries:
        """Return all answers of the range."""
        state = self._state
        count = state.rows_count
        if not count:
            return NOTHING._replace(file=number)
        variants = (c_uint32 * len(self._variants))(*self._variants)
        attributions = (c_int64 * len(self._attributions))(*self._attributions)
        tools = c_int64(0)
        to = Numbers(addressof(variants), addressof(attributions), addressof(tools))
        table = threshold_table(tuple(thresholds))
        check(self._library.reader_pack(self._pointer, byref(to), table, len(thresholds)))
        data = string_at(state.packed, state.packed_size)
        totals = SUM.iter_unpack(string_at(state.sums, SUM.size * state.sums_count))
        return PackedEntries(number, data[: 8 * count], data[8 * count :], dict(map(keyed, totals)))


def _index(numbers: list[int], number: int) -> int:
    """Return the position of a number, which is added if it is new."""
    try:
        return numbers.index(number)
    except ValueError:
        numbers.append(number)
        return len(numbers) - 1


class _Spare:
    """The readers that nobody is using."""

    def __init__(self) -> None:
        self._readers: list[NativeRollouts] = []
        self._is_declared = False

    def take(self) -> NativeRollouts | None:
        """Return a reader, or None if there is no library; return it with `put_back`."""
        library = NATIVE.library
        if library is None or not self._declare(library):
            return None
        try:
            return self._readers.pop()
        except IndexError:
            return NativeRollouts(library)

    def put_back(self, reader: NativeRollouts) -> None:
        """Return a reader, for the next range."""
        self._readers.append(reader)

    def _declare(self, library: ctypes.CDLL) -> bool:
        """Declare the functions once; return whether they are those of this version."""
        if not self._is_declared and library.rollout_size() == _SIZE:
            state, rollout = POINTER(ReaderState), POINTER(_Rollout)
            library.rollout_begin.argtypes = [state, rollout, c_int, c_int64, c_int64]
            library.rollout_read.argtypes = [state, rollout]
            self._is_declared = True
        return self._is_declared


_SIZE: Final = ctypes.sizeof(_Rollout)
SPARE: Final = _Spare()

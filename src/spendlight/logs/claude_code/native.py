"""Reads ranges of logs with the native reader (`src/native_reader`), if there is one.

It does what `answers` and `usual` do for lines of the usual form, without the GIL, with the same
result, byte for byte. All other lines are passed to `Answers`, in the order of the file.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import byref, c_int64, c_uint32, string_at
from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.claude_code.native_circumstances import KnownCircumstances, Rows
from spendlight.logs.claude_code.native_library import (
    SUM,
    NativeError,
    ReaderState,
    check,
    is_taken,
    load,
    threshold_table,
)
from spendlight.logs.claude_code.native_whole import WholeLogs
from spendlight.logs.claude_code.owners import sessions_by_offset
from spendlight.logs.claude_code.repeated_lines import what_repeats
from spendlight.logs.claude_code.variants import number_of
from spendlight.logs.forms import HEAD_BYTES
from spendlight.logs.native_file import CHOICE, PYTHON, library_path
from spendlight.metering.entry import ModelVariant
from spendlight.metering.packed import NOTHING, PackedEntries
from spendlight.metering.packed_logs import keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from spendlight.logs.claude_code.answers import Answers
    from spendlight.logs.claude_code.native_circumstances import Circumstances
    from spendlight.logs.claude_code.usual import Usual
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedLogs
    from spendlight.metering.entry import UsageEntry
    from spendlight.metering.summing import Sums

_END, _LINE, _HEAD, _HUGE, _NOTES, _CALL = range(6)
"""Why reading stopped; see reader.h."""

_UNREADABLE: Final = 2**64 - 1


class NativeReader:
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
        self._numbers: list[int] = []
        self._variants: dict[int, ModelVariant] = {}
        self._table = (c_uint32 * 0)()
        self._circumstances = KnownCircumstances()
        self._own = b""
        self.tail = b""
        self.notes = b""

    def __del__(self) -> None:
        if self._pointer:
            self._library.reader_free(self._pointer)

    def read(  # noqa: PLR0913, PLR0917  # a range, and what to do with what is not usual in it
        self,
        descriptor: int,
        start: int,
        end: int,
        session: str,
        answers: Callable[[], Answers],
        add_huge_line: Callable[[int], int | None],
    ) -> int:
        """Read a range; lines of an unusual form are added to *answers*.

        Args:
            descriptor: The open log.
            start: Where the range begins, at the start of a line.
            end: Where it ends, at the start of a line or the end of the file.
            session: The session's id from the log's path.
            answers: Returns the object to which unusual lines are added.
            add_huge_line: Adds the line at an offset that is too long for memory; returns where
                the next one starts, or None if it has not ended yet.

        Returns:
            Where the last whole line ends. The rest of the range is `tail`; `notes` are the lines
            that may be notes; see `noted_lines`.

        Raises:
            NativeError: If the file cannot be read, or there is no memory.
        """
        library, pointer, state = self._library, self._pointer, self._state
        self._own = own = session.encode("utf-8", "surrogatepass")
        self.tail = self.notes = b""
        line: Usual | None = None
        stop = library.reader_begin(pointer, descriptor, start, end, own, len(own))
        while stop != _END:
            if stop == _LINE:
                text = string_at(state.text, state.size)
                line = answers().add(text, state.offset)
                expected = what_repeats(line, text)
                if expected is not None:
                    usage, name, is_sidechain = expected
                    sized = (usage, len(usage), name, len(name))
                    check(library.reader_note(pointer, *sized, is_sidechain))
            elif stop == _CALL and line is not None:
                answers().call_again(line, string_at(state.text, state.size))
            elif stop == _HEAD:
                answers().look_at(string_at(state.text, min(state.size, HEAD_BYTES)))
            elif stop == _HUGE:
                position: int = state.offset
                after = add_huge_line(position)
                if after is None:
                    self.notes += state.take_notes()
                    return position
                library.reader_skip_to(pointer, after)
            elif stop == _NOTES:
                self.notes += state.take_notes()
            else:
                raise NativeError(os.strerror(-stop))
            stop = library.reader_read(pointer)
        if state.size:
            self.tail = string_at(state.text, state.size)
        self.notes += state.take_notes()
        return int(state.offset)

    def forget_line(self) -> None:
        """Compare the next line with no other, as one was read in between."""
        check(self._library.reader_note(self._pointer, b"", 0, b"", 0, 0))

    def fingerprint(self, descriptor: int, end: int) -> int:
        """Return a hash of the bytes of a file just before *end*; see `appended_lines`.

        Raises:
            NativeError: If the file cannot be read.
        """
        found: int = self._library.reader_fingerprint(descriptor, end)
        if found == _UNREADABLE:
            raise NativeError
        return found

    def find_ids(self, path: str, ids: Sequence[bytes]) -> list[bool] | None:
        """Return for some ids, as they stand in logs, whether each is that of a line in a log.

        Returns:
            Nothing, if Python must search for them; see `notes.read_notes`.
        """
        found = ctypes.create_string_buffer(len(ids))
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a text is enough
                failed = self._library.reader_find_ids(
                    file.fileno(), b"\0".join(ids), len(ids), found
                )
        except OSError:
            return None
        return None if failed else list(map(bool, found.raw))

    def pack(
        self, number: int, answers: Answers | None, thresholds: Sequence[int], *, is_whole: bool
    ) -> tuple[PackedEntries, dict[int, ModelVariant], list[tuple[int, str]], Circumstances]:
        """Return the answers of the range, including those in *answers*.

        Args:
            number: The file's number in entries.
            answers: The answers from unusual lines, if any.
            thresholds: Context sizes at which any price changes, ascending.
            is_whole: Whether the range begins at the start of the file.

        Returns:
            The entries, their variants, their sessions and their circumstances; see `ParsedRange`.

        Raises:
            NativeError: If a timestamp was not checked that should have been, or there is no
                memory.
        """
        library, pointer, state = self._library, self._pointer, self._state
        count = state.variants.count
        if count != len(self._numbers):
            self._learn(count)
        table, numbers = self._table, self._numbers
        if answers is not None:
            numbers = list(numbers)
            self._add_unusual(answers, numbers)
            table = (c_uint32 * len(numbers))(*numbers)
        to = self._circumstances.numbers(state, table)
        check(
            library.reader_pack(
                pointer, byref(to), threshold_table(tuple(thresholds)), len(thresholds)
            )
        )
        count = state.rows_count
        variants = {} if answers is None else answers.variants
        if not count:
            return NOTHING._replace(file=number), variants, [], ({}, {})
        data = string_at(state.packed, state.packed_size)
        sums = self._sums(self._totals(), variants)
        packed = PackedEntries(number, data[: 8 * count], data[8 * count :], sums)
        circumstances = self._circumstances.in_columns(packed.columns)
        return packed, variants, self._whose(count, packed, is_whole=is_whole), circumstances

    def read_whole(
        self, jobs: Sequence[ReadJob], context_thresholds: Sequence[int]
    ) -> tuple[ParsedLogs, list[ReadJob]]:
        """Read logs from their beginning to their end, all in one call.

        Returns:
            The contents of those of the usual kind; and the others, which must be read one by one.

        Raises:
            NativeError: If there is no memory.
        """
        library, pointer, state = self._library, self._pointer, self._state
        logs = WholeLogs(jobs)
        check(library.reader_read_whole(pointer, *logs.arguments))
        if state.variants.count != len(self._numbers):
            self._learn(state.variants.count)
        to = self._circumstances.numbers(state, self._table)
        thresholds = threshold_table(tuple(context_thresholds))
        sized = (logs.table, len(jobs), byref(to), thresholds, len(thresholds))
        check(library.reader_pack_whole(pointer, *sized))
        return logs.contents(state, self._variants, self._circumstances, self._named, self.find_ids)

    def _totals(self) -> Iterator[tuple[Any, ...]]:
        """Return the sums that were packed, one after the other."""
        state = self._state
        return SUM.iter_unpack(string_at(state.sums, SUM.size * state.sums_count))

    def _sums(self, totals: Iterable[tuple[Any, ...]], variants: dict[int, ModelVariant]) -> Sums:
        """Return sums by their keys, and add their variants to *variants*."""
        sums = dict(map(keyed, totals))
        for _, variant, *_ in sums:
            if variant not in variants:
                variants[variant] = self._variants[variant]
        return sums

    def _learn(self, count: int) -> None:
        """Add the variants that are new."""
        known = len(self._numbers)
        if count < known:  # there were too many, and all were dropped
            known, self._numbers, self._variants = 0, [], {}
        for name in self._state.variants.since(known):
            end = 5 + int.from_bytes(name[1:5], "little")
            variant = ModelVariant(name[5:end].decode(), bool(name[0]), name[end:].decode())
            self._numbers.append(number_of(variant))
            self._variants[self._numbers[-1]] = variant
        self._table = (c_uint32 * len(self._numbers))(*self._numbers)

    def _add_unusual(self, answers: Answers, numbers: list[int]) -> None:
        """Add the answers from Python, if no better copy is known."""
        library, pointer = self._library, self._pointer
        rows = Rows(library, pointer, answers.attributions, answers.tools)

        def is_better(copy: UsageEntry) -> bool:
            return is_taken(library.reader_offer(pointer, rows.row(copy, 0, 0), 1))

        found = _unusual(answers, is_better)
        index_of = {number: index for index, number in enumerate(numbers)}
        for entry, session, is_copy in found:
            if entry.variant not in index_of:
                index_of[entry.variant] = len(numbers)
                numbers.append(entry.variant)
            row = rows.row(entry, index_of[entry.variant], self._session(session))
            if is_copy:
                is_taken(library.reader_offer(pointer, row, 0))
            else:
                check(library.reader_append(pointer, row))

    def _session(self, name: str | None) -> int:
        """Return the number of a session in rows."""
        if name is None:
            return 0
        text = name.encode("utf-8", "surrogatepass")
        if text == self._own:
            return 0
        number: int = self._library.reader_session(self._pointer, text, len(text))
        if not number:
            raise NativeError
        return number

    def _whose(self, count: int, packed: PackedEntries, *, is_whole: bool) -> list[tuple[int, str]]:
        """Return the sessions that the answers name; see `sessions_by_offset`."""
        if not self._state.sessions.count:
            if is_whole:
                return []
            return [(min(total.first_offset for total in packed.sums.values()), "")]
        own = self._own.decode("utf-8", "surrogatepass")
        return self._named(0, count, own, is_whole=is_whole)

    def _named(self, first: int, count: int, own: str, *, is_whole: bool) -> list[tuple[int, str]]:
        """Return the sessions that some rows name; *own* is that of their log's path."""
        names = [name.decode() for name in self._state.sessions.since(0)]
        offsets, sessions = (c_int64 * count)(), (c_uint32 * count)()
        self._library.reader_sessions(self._pointer, first, count, offsets, sessions)
        named = [names[session - 1] if session else None for session in sessions]
        return sessions_by_offset(list(offsets), named, own, is_whole=is_whole)


def _unusual(
    answers: Answers, is_better: Callable[[UsageEntry], bool]
) -> list[tuple[UsageEntry, str | None, bool]]:
    """Return what Python took in; see `Answers.unusual`."""
    from spendlight.logs.claude_code.answer_store import ReadAgainError  # has it, so it is loaded

    try:
        return answers.unusual(is_better)
    except ReadAgainError as error:
        raise NativeError from error


class Native:
    """The native reader, loaded on first use.

    Attributes:
        reason: Why there is none, in the system's words; empty if there is one.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._library: ctypes.CDLL | None = None
        self._spare: list[NativeReader] = []
        path = library_path()
        if path is None:
            self.reason = f"{CHOICE}={PYTHON} turns it off"
            return
        if not os.path.isfile(path):  # noqa: PTH113  # text
            self.reason = f"there is no {path}; a C compiler makes it when Spendlight is installed"
            return
        try:
            self._library = load(path)
        except (OSError, AttributeError) as error:
            self.reason = str(error)

    @property
    def library(self) -> ctypes.CDLL | None:
        """The library, if there is one."""
        return self._library

    @property
    def instructions(self) -> str:
        """The instruction set that it uses, such as AVX2; empty if there is no native reader."""
        library = self._library
        return "" if library is None else library.reader_instructions().decode()

    def take(self) -> NativeReader | None:
        """Return a reader that nobody else is using, or None; return it with `put_back`."""
        if self._library is None:
            return None
        try:
            return self._spare.pop()
        except IndexError:
            return NativeReader(self._library)

    def put_back(self, reader: NativeReader) -> None:
        """Return a reader, for the next range."""
        self._spare.append(reader)


NATIVE: Final = Native()

"""Whole logs, as the native reader reads many of them in one call."""

from __future__ import annotations

import os
from array import array
from ctypes import string_at
from itertools import compress
from typing import TYPE_CHECKING, Final

from spendlight.logs.claude_code.native_library import SUM, WHOLE_LOG
from spendlight.logs.parsed import ParsedLogs
from spendlight.metering.packed_logs import VARIANT, PackedLogs, with_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.logs.claude_code.native_circumstances import KnownCircumstances
    from spendlight.logs.claude_code.native_library import ReaderState
    from spendlight.logs.claude_code.notes import FindIds
    from spendlight.logs.jobs import ReadJob
    from spendlight.metering.entry import ModelVariant
    from spendlight.metering.session_notes import SessionNote

_FIELDS: Final = WHOLE_LOG.size // 8


class WholeLogs:
    """The table of the logs that are read in one call.

    Args:
        jobs: What is to be read of each: all of it.
    """

    def __init__(self, jobs: Sequence[ReadJob]) -> None:
        self._jobs = jobs
        self._logs = array("q", bytes(WHOLE_LOG.size * len(jobs)))
        self._logs[::_FIELDS] = array("q", [job.size for job in jobs])

    @property
    def table(self) -> int:
        """Where it is in memory."""
        return self._logs.buffer_info()[0]

    @property
    def arguments(self) -> tuple[int, int, bytes, bytes]:
        """The arguments of ``reader_read_whole``."""
        paths = os.fsencode("\0".join([job.path for job in self._jobs]))
        sessions = "\0".join([job.session for job in self._jobs])
        return self.table, len(self._jobs), paths, sessions.encode("utf-8", "surrogatepass")

    def contents(
        self,
        state: ReaderState,
        variants: Mapping[int, ModelVariant],
        circumstances: KnownCircumstances,
        named: Callable[..., list[tuple[int, str]]],
        find_ids: FindIds,
    ) -> tuple[ParsedLogs, list[ReadJob]]:
        """Return the contents of what was read and packed, and the jobs left to be done.

        Args:
            state: The reader that has read them.
            variants: The variants that it knows, by number.
            circumstances: What else it knows.
            named: Returns the sessions that some rows name; see `NativeReader`.
            find_ids: The same.
        """
        jobs = self._jobs
        are_read, ends, fingerprints, first_rows, counts, sizes, sums, have_named, of_notes = (
            self._logs[column::_FIELDS].tolist() for column in range(1, _FIELDS)
        )
        numbers = [job.number for job in jobs]
        data = string_at(state.packed, state.packed_size)
        files, answers, columns = with_answers(numbers, counts, sizes, data)
        totals = list(SUM.iter_unpack(string_at(state.sums, SUM.size * state.sums_count)))
        packed = PackedLogs(files, answers, columns, list(filter(None, sums)), totals)
        told, tools = circumstances.in_many(columns)
        contents = ParsedLogs(
            jobs,
            ends,
            fingerprints,
            packed,
            {number: variants[number] for number in {total[VARIANT] for total in totals}},
            told,
            tools,
        )
        if any(have_named):
            contents = contents._replace(
                sessions=[
                    (job.number, named(first, count, job.session, is_whole=True))
                    for job, first, count in compress(
                        zip(jobs, first_rows, counts, strict=True), have_named
                    )
                ]
            )
        if state.notes_size:
            notes = string_at(state.notes, state.notes_size)
            contents = contents._replace(notes=list(_notes(jobs, of_notes, notes, find_ids)))
        if all(are_read):
            return contents, []
        others = [job for job, is_read in zip(jobs, are_read, strict=True) if not is_read]
        contents = contents._replace(
            jobs=list(compress(jobs, are_read)),
            ends=list(compress(ends, are_read)),
            fingerprints=list(compress(fingerprints, are_read)),
        )
        return contents, others


def _notes(
    jobs: Iterable[ReadJob], sizes: Iterable[int], notes: bytes, find_ids: FindIds
) -> Iterator[tuple[int, Sequence[SessionNote]]]:
    """Yield what logs say about sessions, by the log's number."""
    from spendlight.logs.claude_code.notes import noted_lines, read_notes  # not usual

    at = 0
    for job, size in zip(jobs, sizes, strict=True):
        if size:
            lines = noted_lines(notes[at : at + size])
            yield job.number, read_notes(lines, job.session, job.path, find_ids)
            at += size

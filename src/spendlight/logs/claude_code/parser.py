"""Reads a range of a log of Claude Code and returns the answers in it, each once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from spendlight.logs.appended_lines import add_huge_line, add_tail
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_library import NativeError
from spendlight.logs.claude_code.repeated_lines import NEEDLE
from spendlight.logs.jobs import IN_LINE
from spendlight.logs.parsed import ParsedRange
from spendlight.logs.pieces import line_start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO

    from spendlight.logs.claude_code.answers import Answers
    from spendlight.logs.claude_code.native import NativeReader
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed
    from spendlight.metering.session_notes import SessionNote

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

_AGENT_LOG: Final = "agent-"
"""How the names of subagents' logs begin."""


def parse_range(job: ReadJob) -> ParsedRange:
    """Read a range of a file, natively if possible.

    The Python reader, and the JSON decoder with it, is loaded for the first line or log that the
    native reader leaves to it.
    """
    parsed = _parse(job)
    parsed.notes = (*parsed.notes, *_told_beside(job))
    return parsed


def _told_beside(job: ReadJob) -> Sequence[SessionNote]:
    """Return what the file beside a subagent's log says."""
    if _AGENT_LOG not in job.path:
        return ()
    from spendlight.logs.claude_code.called_agents import told_beside  # not usual

    return told_beside(job.path)


def _parse(job: ReadJob) -> ParsedRange:
    native = NATIVE.take()
    if native is not None:
        try:
            return _parse_natively(native, job)
        except (NativeError, OSError):
            pass  # Python will report what is wrong
        finally:
            NATIVE.put_back(native)
    from spendlight.logs.claude_code.python_reader import read_in_python

    return read_in_python(job)


def parse_many(jobs: Sequence[ReadJob]) -> list[Parsed]:
    """Read several ranges, those that are whole logs natively in one go; in any order."""
    whole = list(filter(_is_whole, jobs))
    if not whole:
        return list(map(parse_range, jobs))
    native = NATIVE.take()
    if native is None:
        return list(map(parse_range, jobs))
    try:
        found, others = native.read_whole(whole, whole[0].context_thresholds)
    except NativeError:
        return list(map(parse_range, jobs))
    finally:
        NATIVE.put_back(native)
    beside = [(job.number, told) for job in whole if (told := _told_beside(job))]
    if beside:
        found = found._replace(notes=[*found.notes, *beside])
    if len(whole) < len(jobs):
        others += [job for job in jobs if not _is_whole(job)]
    return [found, *map(parse_range, others)]


def _is_whole(job: ReadJob) -> bool:
    """Return whether a job is to read a file of which nothing was read yet."""
    return not job.start and job.end == job.size and job.fingerprint is None


def _parse_natively(native: NativeReader, job: ReadJob) -> ParsedRange:
    """Like `read_in_python`, with the native reader.

    Raises:
        NativeError, OSError: If the range must be read in Python.
    """
    descriptor = os.open(job.path, _FLAGS)
    try:
        return _NativeRange(native, job, descriptor).read()
    finally:
        os.close(descriptor)


class _NativeRange:
    """Reads one range with the native reader, and lines of an unusual form in Python.

    Args:
        native: The reader.
        job: The range.
        descriptor: The open file.
    """

    def __init__(self, native: NativeReader, job: ReadJob, descriptor: int) -> None:
        self._native = native
        self._job = job
        self._descriptor = descriptor
        self._parsed = ParsedRange(job, job.start, job.start, job.fingerprint or 0)
        self._unusual: Answers | None = None
        self._end = job.end

    def read(self) -> ParsedRange:
        """Read the range; see `_parse_natively`."""
        parsed, job, native = self._parsed, self._job, self._native
        if not self._finds_start():
            return parsed
        if job.end < job.size:
            self._end = line_start(self._file(), job.end, job.size) or job.size
        try:
            parsed.end = native.read(
                self._descriptor,
                parsed.start,
                self._end,
                job.session,
                self._answers,
                self._add_huge,
            )
            if native.tail:
                add_tail(native.tail, parsed.end, NEEDLE, self._add)
        except OSError as error:  # from Python; what was read until then counts
            parsed.end = parsed.start
            parsed.failure = error.strerror or str(error)
        unusual = self._unusual
        parsed.packed, parsed.variants, parsed.sessions, circumstances = native.pack(
            job.number, unusual, job.context_thresholds, is_whole=not parsed.start
        )
        parsed.attributions, parsed.tools = circumstances
        if unusual is not None:
            parsed.problems = unusual.problems
        noted = unusual.notes if unusual is not None else []
        if native.notes or native.tail or noted:
            from spendlight.logs.claude_code.notes import (  # rarely needed
                noted_lines,
                noted_tail,
                read_notes,
            )

            lines = noted_lines(native.notes) + noted + noted_tail(native.tail, parsed.end)
            parsed.notes = read_notes(lines, job.session, job.path, native.find_ids)
        parsed.fingerprint = native.fingerprint(self._descriptor, parsed.end)
        return parsed

    def _finds_start(self) -> bool:
        """Find where the range begins; return whether a line begins in it."""
        parsed, job = self._parsed, self._job
        if job.fingerprint is not None and (
            self._native.fingerprint(self._descriptor, job.start) != job.fingerprint
        ):
            parsed.start = parsed.end = 0
        elif job.part:
            start = line_start(self._file(), job.start, job.end)
            if start is None:
                parsed.end = IN_LINE
                return False
            parsed.start = parsed.end = start
        return True

    def _answers(self) -> Answers:
        if self._unusual is None:
            from spendlight.logs.claude_code.python_reader import answers_of

            self._unusual = answers_of(self._file(), self._job)
            self._unusual.start = self._parsed.start
        return self._unusual

    def _add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> None:
        self._native.forget_line()
        self._answers().add(text, offset, is_last=is_last)

    def _add_huge(self, position: int) -> int | None:
        return add_huge_line(self._file(), position, self._end, NEEDLE, self._add)

    def _file(self) -> FileIO:
        return open(self._descriptor, "rb", buffering=0, closefd=False)  # a descriptor

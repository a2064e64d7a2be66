"""Reads a range of a rollout and returns the answers in it, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.claude_code.native_library import NativeError
from spendlight.logs.codex.answers import Answers
from spendlight.logs.codex.native import SPARE
from spendlight.logs.codex.reader import RolloutReader
from spendlight.logs.codex.state import State, unpacked_state

if TYPE_CHECKING:
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse_range(job: ReadJob) -> ParsedRange:
    """Read a range of a rollout, natively if possible."""
    return read_range(job, _read)


def read_in_python(job: ReadJob) -> ParsedRange:
    """Like `parse_range`, without the native reader."""
    return read_range(job, _read_in_python)


def _read(file: FileIO, parsed: ParsedRange) -> None:
    native = SPARE.take()
    if native is not None:
        start, state = parsed.start, parsed.state
        reader = _reader(parsed)
        try:
            native.read(file, parsed, reader)
        except NativeError:  # Python will report what is wrong
            parsed.start = parsed.end = start
            parsed.state = state
        else:
            parsed.problems = reader.problems
            parsed.owner = reader.owner
            parsed.notes = reader.answers.notes
            return
        finally:
            SPARE.put_back(native)
    _read_in_python(file, parsed)


def _read_in_python(file: FileIO, parsed: ParsedRange) -> None:
    reader = _reader(parsed)
    try:
        read_lines(file, parsed, reader)
    finally:  # what was read before an error counts
        parsed.attributions = reader.answers.attributions
        parsed.notes = reader.answers.notes


def _reader(parsed: ParsedRange) -> RolloutReader:
    """Return a reader of the range with what was remembered of the lines before it."""
    state = State() if parsed.state is None else unpacked_state(parsed.state)
    if state is None:  # another version's: everything is read again, and recognized
        parsed.start = parsed.end = 0
        state = State()
    return RolloutReader(parsed.job, Answers(parsed.job, state))

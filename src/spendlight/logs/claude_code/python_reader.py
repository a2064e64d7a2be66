"""Reads ranges of logs in Python: whatever the native reader does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.claude_code.answer_store import ReadAgainError
from spendlight.logs.claude_code.answers import Answers
from spendlight.logs.claude_code.notes import noted_tail, read_notes

if TYPE_CHECKING:
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def read_in_python(job: ReadJob) -> ParsedRange:
    """Read a range of a file; see `read_range` and `read_lines`."""
    return read_range(job, _read)


def answers_of(file: FileIO, job: ReadJob) -> Answers:
    """Return a collector of the answers of a range."""
    return Answers(job.number, job.name, job.file_name, job.session, file)


def _read(file: FileIO, parsed: ParsedRange) -> None:
    answers = answers_of(file, parsed.job)
    try:
        tail = read_lines(file, parsed, answers)
    except ReadAgainError:
        answers = answers_of(file, parsed.job)
        answers.checks_every_timestamp = True
        tail = read_lines(file, parsed, answers)
    finally:  # what was read before an error counts
        parsed.attributions, parsed.tools = answers.attributions, answers.tools
    lines = answers.notes + noted_tail(tail, parsed.end)
    parsed.notes = read_notes(lines, parsed.job.session, parsed.job.path)

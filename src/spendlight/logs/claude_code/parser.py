"""Reads a range of a log of Claude Code's and returns the answers in it, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.claude_code.answers import Answers, ReadAgainError

if TYPE_CHECKING:
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse_range(job: ReadJob) -> ParsedRange:
    """Read a range of a file; see `read_range` and `read_lines`."""
    return read_range(job, _read)


def _read(file: FileIO, parsed: ParsedRange) -> None:
    try:
        read_lines(file, parsed, _answers(file, parsed.job))
    except ReadAgainError:
        careful = _answers(file, parsed.job)
        careful.checks_every_timestamp = True
        read_lines(file, parsed, careful)


def _answers(file: FileIO, job: ReadJob) -> Answers:
    return Answers(job.number, job.name, job.file_name, job.session, file)

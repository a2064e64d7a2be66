"""Reads logs with a JSON object a line, one object after the other, for agents with small logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.found_usage import BadValueError, FoundUsage
from spendlight.logs.lenient_json import decode
from spendlight.metering.packed import pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange
    from spendlight.metering.entry import SessionName
    from spendlight.metering.packed import PackedEntries


class JsonLines:
    """A `LineReader` that passes the objects of relevant lines to `take`.

    Args:
        job: The range of a log to read.
        state: What was remembered of the lines before it.

    Attributes:
        needles: A line is relevant if it contains any of them.
        found: What was found.
        remembered: What must be remembered of the lines so far: texts by their names.
    """

    needles: ClassVar[tuple[bytes, ...]] = ()
    needle = b"{"

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        self.found = FoundUsage(job, job.agent)
        self.variants = self.found.variants
        self.problems = self.found.problems
        self.sessions: list[tuple[int, str]] = []
        self.start = 0
        self.remembered: dict[str, str] = json.loads(state) if state else {}
        self._job = job

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a relevant line.

        Raises:
            BadValueError: If a value is impossible.
        """
        raise NotImplementedError

    @property
    def owner(self) -> SessionName | None:
        """The session of the file."""
        return self.found.owner

    @property
    def state(self) -> bytes | None:
        """What must be remembered."""
        return json.dumps(self.remembered, sort_keys=True).encode() if self.remembered else None

    def look_at(self, head: bytes) -> None:
        """Check the beginning of a file that does not begin like a log; nothing is required."""

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Take in whole lines; see `LineReader`."""
        start = 0
        while start < end:
            newline = buffer.index(b"\n", start, end)
            self.add(view[start:newline], position + start)
            start = newline + 1

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> None:
        """Take in a line; see `LineReader`."""
        data = bytes(text)
        if not any(needle in data for needle in self.needles):
            return
        try:
            line = decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not is_last:
                self.found.problem(f"not valid JSON: {error}", offset)
            return
        if not isinstance(line, dict):
            return
        try:
            self.take(line, offset)
        except BadValueError as error:
            if not is_last:
                self.found.problem(str(error), offset)

    def packed(self, context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the answers found, each once."""
        return pack(self._job.number, self.found.entries, context_thresholds)


def read_json_lines(job: ReadJob, reader: type[JsonLines]) -> ParsedRange:
    """Return the answers in a range of a log."""

    def read(file: FileIO, parsed: ParsedRange) -> None:
        lines = reader(job, parsed.state)
        read_lines(file, parsed, lines)
        parsed.attributions = lines.found.attributions
        parsed.notes = lines.found.notes

    return read_range(job, read)

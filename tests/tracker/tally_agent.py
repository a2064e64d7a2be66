"""A made-up agent: lines with cumulative counters, in logs that name their session.

Its data folder is named by ``TALLY_HOME``; its logs are below ``runs`` and ``archive`` there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import FileIO
from typing import Final

from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.identities import hash_of
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.logs.sources import LogSource
from spendlight.metering.entry import LineProblem, ModelVariant, SessionName, UsageEntry
from spendlight.metering.packed import PackedEntries, pack
from spendlight.metering.periods import to_ms
from spendlight.paths import absolute

NAME: Final = "tally"


def find_roots(environ: Mapping[str, str], more: Iterable[str]) -> list[LogRoot]:
    """Return the data folders in effect."""
    home = environ.get("TALLY_HOME")
    return [LogRoot(absolute(folder), TALLY) for folder in (home, *more) if folder]


def parse(job: ReadJob) -> ParsedRange:
    """Read a range of a log."""
    return read_range(job, _read)


def _read(file: FileIO, parsed: ParsedRange) -> None:
    read_lines(file, parsed, _Reader(parsed.job, parsed.state))


class _Reader:
    """Makes answers from the differences of the counters."""

    needle = b'"kind"'

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        self.variants: dict[int, ModelVariant] = {}
        self.problems: list[LineProblem] = []
        self.sessions: list[tuple[int, str]] = []
        self.start = 0
        self._job = job
        self._session, self._project, self._model = "", "", ""
        self._counts = [0, 0]
        self._found: dict[int, UsageEntry] = {}
        if state is not None:
            self._session, self._project, self._model, *self._counts = json.loads(state)

    @property
    def owner(self) -> SessionName | None:
        """The session and project of the log, once they are known."""
        if not self._session:
            return None
        return SessionName(self._project, self._project, self._session)

    @property
    def state(self) -> bytes:
        """The counters, the session and the model."""
        return json.dumps([self._session, self._project, self._model, *self._counts]).encode()

    def look_at(self, head: bytes) -> None:
        """Inspect the beginning of the file; there is nothing in it."""

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Process complete lines."""
        start = 0
        while start < end:
            newline = buffer.index(b"\n", start, end)
            self.add(view[start:newline], position + start)
            start = newline + 1

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> None:
        """Process a line."""
        try:
            line = json.loads(bytes(text))
            if line["kind"] == "start":
                self._session, self._project = line["session"], line["project"]
            elif line["kind"] == "model":
                self._model = line["model"]
            else:
                self._count(to_ms(datetime.fromisoformat(line["at"])), line["total"], offset)
        except (ValueError, KeyError) as error:
            if not is_last:
                self.problems.append(LineProblem(self._job.name, offset, str(error)))

    def _count(self, at_ms: int, total: list[int], offset: int) -> None:
        if total == self._counts:
            return
        answer = hash_of(f"{NAME}:{self._session or self._job.session}:{total}")
        variant = ModelVariant(self._model)
        self.variants[variant.number] = variant
        risen = [now - before for now, before in zip(total, self._counts, strict=True)]
        self._found[answer] = UsageEntry(
            answer=answer,
            request=answer,
            at_ms=at_ms,
            file=self._job.number,
            offset=offset,
            variant=variant.number,
            flags=0,
            input=risen[0],
            output=risen[1],
            cache_write_5m=0,
            cache_write_1h=0,
            cache_read=0,
        )
        self._counts = total

    def packed(self, context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the answers found."""
        return pack(self._job.number, list(self._found.values()), context_thresholds)


TALLY: Final = Agent(
    name=NAME,
    title="Tally",
    verb="tally",
    roots=find_roots,
    sources=(LogSource("runs"), LogSource("archive")),
    session_of=None,
    parser=lambda: parse,
)

"""Reads a range of a log file and returns the answers in it, each once."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import stringzilla
import xxhash

from spendlight.logs.lines import (
    NEEDLE,
    NO_ITERATIONS,
    BadLineError,
    Line,
    Usage,
    limit_reset_ms,
    parse_timestamp,
    read_advisors,
    read_line,
)
from spendlight.metering.entry import LineProblem, ModelVariant, UsageEntry

if TYPE_CHECKING:
    from io import FileIO

BUFFER_BYTES: Final = 1 << 20
"""One megabyte, read again and again, stays in the processor's cache."""

HUGE_LINE_BYTES: Final = 8 << 20
"""A longer line is decoded from a map of the file, so that it never stands in memory of ours."""

FINGERPRINT_BYTES: Final = 64
"""How much before the end of what was read must be unchanged for reading to go on there."""

_NEUTRAL_GEOS: Final = frozenset({"", "global", "not_available"})
"""Values of ``inference_geo`` that never change a price."""

_SPEEDS: Final = frozenset({"standard", "fast"})


@dataclass(frozen=True, slots=True)
class ReadJob:
    """A range of a file to read.

    Attributes:
        path: The file, in full.
        name: The same, in text that can be stored and shown.
        place: The path below ``projects``; names lines that have no message id.
        session: The session's id by its path, for lines that do not name theirs.
        start: Where a line starts, in bytes.
        end: Where to stop; what stands behind it is for the next pass.
        fingerprint: Of the bytes before *start*; if the file differs there, it is another file and
            is read from its beginning.
    """

    path: str
    name: str
    place: str
    session: str
    start: int
    end: int
    fingerprint: int | None = None


@dataclass(slots=True)
class ParsedRange:
    """What a range of a file held.

    Attributes:
        start: Where reading began; 0 where the file turned out to be another.
        end: Where the next pass goes on: behind the last whole line.
        fingerprint: Of the bytes before *end*.
        entries: The answers, each once, in the order of their lines.
        failure: Why the file could not be read to its end, in the system's words.
    """

    job: ReadJob
    start: int
    end: int
    fingerprint: int = 0
    entries: list[UsageEntry] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    failure: str | None = None


def parse_range(job: ReadJob) -> ParsedRange:
    """Read a range of a file.

    A last line without its newline waits for the next pass, unless it is whole: its answer counts
    now, and reading goes on before it next time. A file that cannot be read is no exception but a
    result, as it may vanish at any time.
    """
    parsed = ParsedRange(job, job.start, job.start, job.fingerprint or 0)
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123  # twice as fast
            if job.fingerprint is not None and fingerprint(file, job.start) != job.fingerprint:
                parsed.start = parsed.end = 0
            answers = _Answers(job, file)
            try:
                parsed.end = _scan(file, parsed.start, job.end, answers)
            finally:
                parsed.entries = answers.entries()
                parsed.problems = answers.problems
            parsed.fingerprint = fingerprint(file, parsed.end)
    except OSError as error:
        parsed.failure = error.strerror or str(error)
    return parsed


def fingerprint(file: FileIO, end: int) -> int:
    """Return a hash of the bytes of a file just before *end*."""
    start = max(0, end - FINGERPRINT_BYTES)
    file.seek(start)
    return signed_hash(file.read(end - start) or b"")


def signed_hash(text: str | bytes) -> int:
    """Return a 64-bit hash that fits SQLite's integers."""
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    value = xxhash.xxh3_64_intdigest(text)
    return value - (1 << 64) if value >> 63 else value


def _scan(file: FileIO, start: int, end: int, answers: _Answers) -> int:
    """Hand every line with the needle to *answers*; return where the last whole line ended."""
    buffer = bytearray(BUFFER_BYTES)
    view = memoryview(buffer)
    position = start
    filled = 0
    file.seek(start)
    while True:
        room = min(len(buffer) - filled, end - position - filled)
        count = file.readinto(view[filled : filled + room]) if room > 0 else 0
        if not count:
            break
        newline = buffer.rfind(b"\n", filled, filled + count)
        filled += count
        if newline < 0:
            if filled < len(buffer):
                continue
            if filled >= HUGE_LINE_BYTES:
                after = _add_huge_line(file, position, end, answers)
                if after is None:
                    return position
                position, filled = after, 0
                file.seek(position)
                continue
            view.release()
            buffer.extend(bytes(len(buffer)))
            view = memoryview(buffer)
            continue
        _scan_lines(buffer, view, newline + 1, position, answers)
        rest = filled - newline - 1
        buffer[:rest] = buffer[newline + 1 : filled]
        position += newline + 1
        filled = rest
    tail = bytes(view[:filled]).rstrip()
    if tail.endswith(b"}") and stringzilla.find(tail, NEEDLE) >= 0:
        answers.add(tail, position, is_last=True)
    return position


def _scan_lines(
    buffer: bytearray, view: memoryview, end: int, position: int, answers: _Answers
) -> None:
    """Hand the lines with the needle in ``buffer[:end]``, which ends a line, to *answers*."""
    find = stringzilla.find
    at = find(buffer, NEEDLE, 0, end)
    while at >= 0:
        line_start = buffer.rfind(b"\n", 0, at) + 1
        line_end = buffer.find(b"\n", at, end)
        answers.add(view[line_start:line_end], position + line_start)
        at = find(buffer, NEEDLE, line_end, end)


def _add_huge_line(file: FileIO, start: int, end: int, answers: _Answers) -> int | None:
    """Deal with a line longer than the buffer may be.

    Returns:
        Where the next line starts, or None if this one has not ended yet; it waits like any other.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        newline = mapped.find(b"\n", start)
        is_last = newline < 0
        line_end = len(mapped) if is_last else newline
        with memoryview(mapped) as whole, whole[start:line_end] as line:
            if stringzilla.find(line, NEEDLE) >= 0:
                answers.add(line, start, is_last=is_last)
        return None if is_last or newline >= end else newline + 1


class _Copy(NamedTuple):
    """The best copy of an answer so far, not yet turned into an entry."""

    place: tuple[bool, int, bool]
    at_ms: int
    line: Line
    usage: Usage
    offset: int
    limit_reset_ms: int | None


class _Answers:
    """Collects the answers of one range; of the copies of one, the best."""

    def __init__(self, job: ReadJob, file: FileIO) -> None:
        self.problems: list[LineProblem] = []
        self._job = job
        self._file = file
        self._best: dict[tuple[str, str | None, str], _Copy] = {}
        self._others: list[UsageEntry] = []
        self._variants: dict[tuple[str | None, str | None, str | None], ModelVariant] = {}
        self._nameless: dict[int, int] = {}

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> None:
        """Take in a line that may hold an answer."""
        try:
            line = read_line(text)
            if line is None or line.message is None or line.message.usage is None:
                return
            self._add_answer(line, line.message.usage, text, offset)
        except BadLineError as error:
            if not is_last:  # a last line may still be growing
                self._report(offset, str(error))

    def entries(self) -> list[UsageEntry]:
        """Return the answers found, in the order of their lines."""
        found = self._others
        for (answer, request, session), copy in self._best.items():
            found.append(self._make(copy, signed_hash(answer), _request_hash(request, session)))
        found.sort(key=lambda entry: (entry.offset, entry.ordinal))
        return found

    def _add_answer(self, line: Line, usage: Usage, text: memoryview | bytes, offset: int) -> None:
        message = line.message
        reset = limit_reset_ms(line, text) if line.isApiErrorMessage else None
        place = (bool(line.isSidechain), -_total(usage), not usage.speed)
        at_ms = parse_timestamp(line.timestamp)
        copy = _Copy(place, at_ms, line, usage, offset, reset)
        request = line.requestId or None
        session = "" if request else line.sessionId or self._job.session
        if message is None or not message.id:
            name = self._add_nameless(copy, text)
        else:
            name = message.id
            known = self._best.get((name, request, session))
            if known is None or place < known.place:
                self._best[name, request, session] = copy
        if usage.speed and usage.speed not in _SPEEDS:
            reason = f"unknown speed {usage.speed[:40]!r}, counted at the standard price"
            self._report(offset, reason, is_counted=True)
        if usage.iterations is not NO_ITERATIONS:
            self._add_advisors(copy, name, _request_hash(request, session))
            usage.iterations = NO_ITERATIONS  # it points into the buffer, which is used again

    def _add_nameless(self, copy: _Copy, text: memoryview | bytes) -> str:
        """Take in an answer without a message id: never a copy of another.

        It is known by its text and by how many lines before it in this file are the same, so that
        reading the file again does not count it again.

        Returns:
            A name for it.
        """
        answer = signed_hash(bytes(text))
        before = self._nameless.get(answer)
        if before is None:
            before = self._count_before(bytes(text), copy.offset)
        self._nameless[answer] = before + 1
        identity = signed_hash(f"line:{self._job.place}:{before}")
        self._others.append(self._make(copy, answer, identity))
        return f"line:{answer}:{identity}"

    def _count_before(self, text: bytes, offset: int) -> int:
        """Return how many lines before *offset* in the file are just this one."""
        if not offset:
            return 0
        with mmap.mmap(self._file.fileno(), offset, access=mmap.ACCESS_READ) as mapped:
            count = int(mapped[: len(text) + 1] == text + b"\n")
            at = mapped.find(b"\n" + text + b"\n")
            while at >= 0:
                count += 1
                at = mapped.find(b"\n" + text + b"\n", at + 1)
        return count

    def _add_advisors(self, copy: _Copy, name: str, request: int) -> None:
        try:
            advisors = read_advisors(copy.usage)
        except BadLineError as error:
            self._report(copy.offset, str(error), is_counted=True)
            return
        for number, model, step in advisors:
            usage = Usage(
                step.input_tokens,
                step.output_tokens,
                step.cache_creation_input_tokens,
                step.cache_read_input_tokens,
                step.cache_creation,
                step.speed,
            )
            self._others.append(
                self._make(
                    copy._replace(usage=usage),
                    signed_hash(f"{name}:advisor:{number}"),
                    request,
                    variant=ModelVariant(model, step.speed == "fast", is_advisor=True),
                    ordinal=number + 1,
                )
            )

    def _make(
        self,
        copy: _Copy,
        answer: int,
        request: int,
        variant: ModelVariant | None = None,
        ordinal: int = 0,
    ) -> UsageEntry:
        line, usage = copy.line, copy.usage
        five_minutes, one_hour = _cache_writes(usage)
        tools = usage.server_tool_use
        return UsageEntry(
            answer,
            request,
            copy.at_ms,
            variant or self._variant(line, usage),
            usage.input_tokens,
            usage.output_tokens,
            five_minutes,
            one_hour,
            usage.cache_read_input_tokens or 0,
            None if variant else line.costUSD,
            0 if tools is None else tools.web_search_requests or 0,
            copy.place[0],
            bool(usage.speed),
            copy.limit_reset_ms,
            copy.offset,
            ordinal,
        )

    def _variant(self, line: Line, usage: Usage) -> ModelVariant:
        model = line.message.model if line.message is not None else None
        key = (model, usage.speed, usage.inference_geo)
        variant = self._variants.get(key)
        if variant is None:
            geo = usage.inference_geo or ""
            variant = self._variants[key] = ModelVariant(
                model or "", usage.speed == "fast", "" if geo in _NEUTRAL_GEOS else geo
            )
        return variant

    def _report(self, offset: int, reason: str, *, is_counted: bool = False) -> None:
        self.problems.append(LineProblem(self._job.name, offset, reason, is_counted))


def _request_hash(request: str | None, session: str) -> int:
    return signed_hash(f"request:{request}" if request else f"session:{session}")


def _cache_writes(usage: Usage) -> tuple[int, int]:
    """Return tokens written for five minutes and for an hour; the plain field means the former."""
    split = usage.cache_creation
    if split is None:
        return usage.cache_creation_input_tokens or 0, 0
    return split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0


def _total(usage: Usage) -> int:
    return (
        usage.input_tokens
        + usage.output_tokens
        + sum(_cache_writes(usage))
        + (usage.cache_read_input_tokens or 0)
    )

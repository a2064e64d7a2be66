"""Reads a range of a log file and returns the answers in it, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import stringzilla
import xxhash

from spendlight.logs.answers import Answers, ReadAgainError
from spendlight.logs.forms import HEAD_BYTES, USUAL
from spendlight.logs.jobs import IN_LINE, ReadJob
from spendlight.logs.lines import NEEDLE
from spendlight.logs.pieces import line_start, look_over, read_whole
from spendlight.metering.entry import LineProblem, ModelVariant, UsageEntry
from spendlight.metering.packed import NOTHING, PackedEntries

if TYPE_CHECKING:
    from io import FileIO

__all__ = ["ParsedRange", "ReadJob", "parse_range"]

BUFFER_BYTES: Final = 1 << 20
"""One megabyte, read again and again, stays in the processor's cache."""

_SMALL_BUFFER_BYTES: Final = 64 << 10

_spare_buffers: Final[list[bytearray]] = []
"""Made once for each thread: fresh memory takes longer to get than most files to read."""

HUGE_LINE_BYTES: Final = 8 << 20
"""A longer line is read by itself, and only if it may hold an answer."""

FINGERPRINT_BYTES: Final = 1024
"""How much before the end of what was read must be unchanged for reading to go on there."""


class ParsedRange:
    """What a range of a file held.

    Attributes:
        start: Where reading began; 0 where the file turned out to be another.
        end: Where the next pass goes on: behind the last whole line; or `IN_LINE`.
        fingerprint: Of the bytes before *end*.
        packed: The answers, each once.
        variants: The models that the entries name by number.
        sessions: From which place on answers name which session; see `sessions_by_place`.
        failure: Why the file could not be read to its end, in the system's words.
    """

    __slots__ = (
        "end",
        "failure",
        "fingerprint",
        "job",
        "packed",
        "problems",
        "sessions",
        "start",
        "variants",
    )

    def __init__(  # noqa: PLR0913, PLR0917  # as they travel between processes
        self,
        job: ReadJob,
        start: int,
        end: int,
        fingerprint: int = 0,
        packed: PackedEntries = NOTHING,
        variants: dict[int, ModelVariant] | None = None,
        problems: list[LineProblem] | None = None,
        failure: str | None = None,
        sessions: list[tuple[int, str]] | None = None,
    ) -> None:
        self.job = job
        self.start = start
        self.end = end
        self.fingerprint = fingerprint
        self.packed = packed
        self.variants = variants or {}
        self.problems = problems or []
        self.failure = failure
        self.sessions = sessions or []

    def __reduce__(self) -> tuple[type[ParsedRange], tuple[object, ...]]:
        """Travel between processes; Python's own way with slots takes ten times as long."""
        return ParsedRange, (
            self.job,
            self.start,
            self.end,
            self.fingerprint,
            self.packed,
            self.variants,
            self.problems,
            self.failure,
            self.sessions,
        )

    @property
    def entries(self) -> list[UsageEntry]:
        """The answers one by one."""
        return self.packed.entries()


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
            elif job.part:
                start = line_start(file, job.start, job.end)
                if start is None:
                    parsed.end = IN_LINE
                    return parsed
                parsed.start = parsed.end = start
            try:
                _read(file, parsed, Answers(job.number, job.name, job.file_name, job.session, file))
            except ReadAgainError:
                careful = Answers(job.number, job.name, job.file_name, job.session, file)
                careful.checks_every_timestamp = True
                _read(file, parsed, careful)
            parsed.fingerprint = fingerprint(file, parsed.end)
    except OSError as error:
        parsed.failure = error.strerror or str(error)
    return parsed


def fingerprint(file: FileIO, end: int) -> int:
    """Return a hash of the bytes of a file just before *end*."""
    start = max(0, end - FINGERPRINT_BYTES)
    file.seek(start)
    return xxhash.xxh3_64_intdigest(file.read(end - start) or b"") >> 1


def _read(file: FileIO, parsed: ParsedRange, answers: Answers) -> None:
    answers.start = parsed.start
    job = parsed.job
    end = job.end
    if end < job.size:
        end = line_start(file, end, job.size) or job.size
    try:
        parsed.end = _scan(file, parsed.start, end, answers)
    finally:
        parsed.packed = answers.packed(job.context_thresholds)
        parsed.variants = answers.variants
        parsed.sessions = answers.sessions
        parsed.problems = answers.problems


def _scan(file: FileIO, start: int, end: int, answers: Answers) -> int:
    """Hand every line with the needle to *answers*; return where the last whole line ended."""
    buffer = _buffer_for(end - start)
    view = memoryview(buffer)
    position = start
    filled = 0
    file.seek(start)
    while True:
        room = min(len(buffer) - filled, end - position - filled)
        count = file.readinto(view[filled : filled + room]) if room > 0 else 0
        if not count:
            break
        if not position and not filled and not buffer.startswith(USUAL):
            answers.look_at(bytes(view[: min(count, HEAD_BYTES)]))
        newline = buffer.rfind(b"\n", filled, filled + count)
        filled += count
        if newline < 0:
            if filled < len(buffer):
                continue
            if filled >= HUGE_LINE_BYTES:
                view.release()
                del buffer[BUFFER_BYTES:]
                view = memoryview(buffer)
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
        answers.add_lines(buffer, view, newline + 1, position)
        rest = filled - newline - 1
        buffer[:rest] = buffer[newline + 1 : filled]
        position += newline + 1
        filled = rest
    tail = bytes(view[:filled])
    if len(buffer) == BUFFER_BYTES:
        _spare_buffers.append(buffer)
    if tail:
        _add_tail(tail, position, answers)
    return position


def _add_tail(tail: bytes, position: int, answers: Answers) -> None:
    """Take in a last line without a newline, if it is whole or has carriage returns for lines."""
    is_whole = tail.rstrip().endswith(b"}") or b"}\r" in tail
    if is_whole and stringzilla.find(tail, NEEDLE) >= 0:
        answers.add(tail, position, is_last=True)


def _buffer_for(size: int) -> bytearray:
    """Return what to read so many bytes into; a few, as one exchange has, take no large one."""
    if size <= min(_SMALL_BUFFER_BYTES, BUFFER_BYTES):
        return bytearray(size)
    return _spare_buffers.pop() if _spare_buffers else bytearray(BUFFER_BYTES)


def _add_huge_line(file: FileIO, start: int, limit: int, answers: Answers) -> int | None:
    """Deal with a line longer than the buffer may be.

    Returns:
        Where the next line starts, or None if this one has not ended yet; it waits like any other.
    """
    end, is_ended, has_needle = look_over(file, start, limit)
    if has_needle:
        answers.add(memoryview(read_whole(file, start, end)), start, is_last=not is_ended)
    return end + 1 if is_ended else None

"""Reads a range of a log to which whole lines are appended, whatever their contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import stringzilla
import xxhash

from spendlight.logs.forms import HEAD_BYTES, USUAL
from spendlight.logs.jobs import IN_LINE
from spendlight.logs.parsed import ParsedRange
from spendlight.logs.pieces import line_start, look_over, read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.metering.entry import LineProblem, ModelVariant, SessionName
    from spendlight.metering.packed import PackedEntries

BUFFER_BYTES: Final = 1 << 20
"""A buffer of one megabyte that is reused stays in the processor's cache."""

_SMALL_BUFFER_BYTES: Final = 64 << 10

_spare_buffers: Final[list[bytearray]] = []
"""One for each thread: allocating memory takes longer than reading most files."""

HUGE_LINE_BYTES: Final = 8 << 20
"""A longer line is read separately, and only if it may contain an answer."""

FINGERPRINT_BYTES: Final = 1024
"""How many bytes before the end of what was read must be unchanged to continue there."""


class AddLine(Protocol):
    """Adds a single line; see `LineReader.add`."""

    def __call__(
        self, text: memoryview | bytes, offset: int, /, *, is_last: bool = False
    ) -> object:
        """Add the line."""


class LineReader(Protocol):
    """Parses the lines of one range in one agent's format.

    Attributes:
        needle: Lines without these bytes are not relevant.
        variants: The models found, by number.
        problems: Lines that should have been an answer and are not, or not completely.
        sessions: The sessions that the answers name; see `sessions_by_offset`.
        owner: The session of the file; see `ParsedRange`.
        state: What must be remembered of all lines so far, including those before the range.
        start: Where the range begins; set before any line is added.
    """

    needle: bytes
    variants: dict[int, ModelVariant]
    problems: list[LineProblem]
    sessions: list[tuple[int, str]]
    start: int

    @property
    def owner(self) -> SessionName | None: ...  # noqa: D102  # as above
    @property
    def state(self) -> bytes | None: ...  # noqa: D102  # as above

    def look_at(self, head: bytes) -> None:
        """Check the beginning of a file that does not begin like a log."""

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Add the whole lines in ``buffer[:end]``.

        Args:
            buffer: What was read.
            view: The same.
            end: Where the last whole line ends in it.
            position: Where the buffer begins in the file.
        """

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> object:
        """Take in a single line, that stands at some offset.

        Args:
            text: The line, without its newline.
            offset: Where it starts in the file.
            is_last: Whether it has not been ended yet, so that it will be read once more.
        """

    def packed(self, context_thresholds: Sequence[int]) -> PackedEntries:
        """Return the answers found, each once."""


def read_range(job: ReadJob, read: Callable[[FileIO, ParsedRange], None]) -> ParsedRange:
    """Open a file, find where its range begins, and have it read.

    A file that cannot be read is no exception but a result, as it may vanish at any time.

    Args:
        job: The range. If the file is another one than was read, it is read from its beginning.
        read: Reads it, mostly by `read_lines`. What `state` and `start` of the result are then is
            what was remembered, and where to begin.
    """
    parsed = ParsedRange(job, job.start, job.start, job.fingerprint or 0, state=job.state)
    try:
        with open(job.path, "rb", buffering=0) as file:  # noqa: PTH123  # twice as fast
            if job.fingerprint is not None and fingerprint(file, job.start) != job.fingerprint:
                parsed.start = parsed.end = 0
                parsed.state = None
            elif job.part:
                start = line_start(file, job.start, job.end)
                if start is None:
                    parsed.end = IN_LINE
                    return parsed
                parsed.start = parsed.end = start
            read(file, parsed)
            parsed.fingerprint = fingerprint(file, parsed.end)
    except OSError as error:
        parsed.failure = error.strerror or str(error)
    return parsed


def read_lines(file: FileIO, parsed: ParsedRange, reader: LineReader) -> bytes:
    """Pass the lines of a range to a reader, and store what it found in the result.

    A last line without its newline waits for the next pass, unless it is complete: then its answer
    counts now, and the next pass starts before it again, with the state from before it.

    Returns:
        That last line, or nothing.
    """
    reader.start = parsed.start
    job = parsed.job
    end = job.end
    if end < job.size:
        end = line_start(file, end, job.size) or job.size
    try:
        parsed.end, parsed.state, tail = _scan(file, parsed.start, end, reader)
    finally:
        parsed.packed = reader.packed(job.context_thresholds)
        parsed.variants = reader.variants
        parsed.sessions = reader.sessions
        parsed.problems = reader.problems
        parsed.owner = reader.owner
    return tail


def fingerprint(file: FileIO, end: int) -> int:
    """Return a hash of the bytes of a file just before *end*."""
    start = max(0, end - FINGERPRINT_BYTES)
    file.seek(start)
    return xxhash.xxh3_64_intdigest(file.read(end - start) or b"") >> 1


def _scan(
    file: FileIO, start: int, end: int, reader: LineReader
) -> tuple[int, bytes | None, bytes]:
    """Pass all lines to *reader*.

    Returns:
        Where the last whole one ended, the state there, and what follows.
    """
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
            reader.look_at(bytes(view[: min(count, HEAD_BYTES)]))
        newline = buffer.rfind(b"\n", filled, filled + count)
        filled += count
        if newline < 0:
            if filled < len(buffer):
                continue
            if filled >= HUGE_LINE_BYTES:
                view.release()
                del buffer[BUFFER_BYTES:]
                view = memoryview(buffer)
                state = reader.state
                after = add_huge_line(file, position, end, reader.needle, reader.add)
                if after is None:
                    return position, state, b""
                position, filled = after, 0
                file.seek(position)
                continue
            view.release()
            buffer.extend(bytes(len(buffer)))
            view = memoryview(buffer)
            continue
        reader.add_lines(buffer, view, newline + 1, position)
        rest = filled - newline - 1
        buffer[:rest] = buffer[newline + 1 : filled]
        position += newline + 1
        filled = rest
    tail = bytes(view[:filled])
    state = reader.state
    if len(buffer) == BUFFER_BYTES:
        _spare_buffers.append(buffer)
    if tail:
        add_tail(tail, position, reader.needle, reader.add)
    return position, state, tail


def add_tail(tail: bytes, position: int, needle: bytes, add: AddLine) -> None:
    """Add a last line without a newline, if it is complete or contains carriage returns."""
    if is_complete(tail) and stringzilla.find(tail, needle) >= 0:
        add(tail, position, is_last=True)


def is_complete(tail: bytes) -> bool:
    """Return whether a line without a newline may be complete, or contains carriage returns."""
    return tail.rstrip().endswith(b"}") or b"}\r" in tail


def _buffer_for(size: int) -> bytearray:
    """Return a buffer for *size* bytes; a small one for a single exchange."""
    if size <= min(_SMALL_BUFFER_BYTES, BUFFER_BYTES):
        return bytearray(size)
    try:
        return _spare_buffers.pop()
    except IndexError:  # the first of this thread, or another thread was faster
        return bytearray(BUFFER_BYTES)


def add_huge_line(file: FileIO, start: int, limit: int, needle: bytes, add: AddLine) -> int | None:
    """Handle a line that is longer than the largest buffer.

    Returns:
        Where the next line starts, or None if this one has not ended yet; it waits like any other.
    """
    end, is_ended, has_needle = look_over(file, start, limit, needle)
    if has_needle:
        add(memoryview(read_whole(file, start, end)), start, is_last=not is_ended)
    return end + 1 if is_ended else None

"""Collects the answers of one range of a log: of the copies of one, the best."""

from __future__ import annotations

import errno
import mmap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import stringzilla
import xxhash

from spendlight.logs.lines import (
    ADVISOR,
    NEEDLE,
    NO_ITERATIONS,
    BadLineError,
    Line,
    Usage,
    decode_line,
    limit_reset_ms,
    looks_like_timestamp,
    parse_timestamp,
    read_advisors,
    read_line,
)
from spendlight.logs.twins import Twin
from spendlight.metering.entry import (
    HAS_SPEED,
    IS_SIDECHAIN,
    LineProblem,
    ModelVariant,
)

if TYPE_CHECKING:
    from io import FileIO

_NEUTRAL_GEOS: Final = frozenset({"", "global", "not_available"})
"""Values of ``inference_geo`` that never change a price."""

_SPEEDS: Final = frozenset({None, "", "standard", "fast"})

_NEWLINE: Final = ord("\n")

_ANSWER: Final = 0
_REQUEST: Final = 1
_SESSION: Final = 2
_LINE: Final = 3


class ReadAgainError(Exception):
    """A copy was preferred whose timestamp proved bad; every one must be checked as it comes."""


def hash_of(text: str, kind: int = 0) -> int:
    """Return a hash of 63 bits, which fits SQLite's integers.

    Args:
        text: What to hash.
        kind: Texts of different kinds have different hashes.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character, from a file's name
        data = text.encode("utf-8", "surrogatepass")
    return xxhash.xxh3_64_intdigest(data, kind) >> 1


def map_file(file: FileIO, length: int) -> mmap.mmap:
    """Map the first bytes of a file into memory, or all of it for a length of 0.

    Raises:
        OSError: If it is shorter than that by now.
    """
    try:
        return mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ)
    except ValueError as error:
        raise OSError(errno.EIO, "it became shorter while it was read") from error


_Copy = tuple[Line, Usage, int, int | None]
"""A copy of an answer, not yet an entry: its line, its usage, where the line starts in the file,
and when a usage limit ends that it reports. A plain tuple, as half a million of them are made."""


class _Other(NamedTuple):
    """An answer that has no message id, or an advisor inside another answer."""

    copy: _Copy
    variant: int
    recorded_cost: float | None


class Answers:
    """Collects the answers of one range.

    Args:
        number: What entries call the file.
        name: The file's path, for problems.
        place: The file's path below ``projects``.
        session: The session's id by its path.
        file: The file, to look at lines before the range.

    Attributes:
        problems: Lines that should have been an answer and are not, or not wholly.
        variants: The models found, by number.
        start: Where the range begins.
        checks_every_timestamp: Whether the timestamps of copies that lose are looked at too.
    """

    def __init__(self, number: int, name: str, place: str, session: str, file: FileIO) -> None:
        self.problems: list[LineProblem] = []
        self.variants: dict[int, ModelVariant] = {}
        self.start = 0
        self.checks_every_timestamp = False
        self._number = number
        self._name = name
        self._place = place
        self._session = session
        self._file = file
        self._may_have_advisors = True
        self._best: dict[tuple[str, str | None, str], _Copy] = {}
        self._others: dict[tuple[int, int], _Other] = {}
        self._variant_numbers: dict[tuple[str | None, str | None, str | None], int] = {}
        self._nameless: dict[str, int] = {}

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Take in the lines with the needle in ``buffer[:end]``, which ends a line.

        A streamed answer is logged once for each of its parts, mostly with the same usage: such a
        twin of the line before loses against it and need not be decoded.

        Args:
            buffer: What was read.
            view: The same.
            end: Where the last whole line ends in it.
            position: Where the buffer begins in the file.
        """
        find = stringzilla.find
        self._may_have_advisors = find(buffer, ADVISOR, 0, end) >= 0
        twin: Twin | None = None
        line_end = 0
        at = find(buffer, NEEDLE, 0, end)
        while at >= 0:
            line_start = buffer.rfind(b"\n", line_end, at) + 1 or line_end
            line_end = buffer.find(b"\n", at, end)
            if twin is None or not twin.has_copy(line_start, at, line_end):
                line = self.add(view[line_start:line_end], position + line_start)
                twin = None if line is None else Twin(line, buffer, at, line_end)
            at = find(buffer, NEEDLE, line_end, end)
        self._may_have_advisors = True

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> Line | None:
        """Take in a line that may hold an answer; return it if it does."""
        try:
            line: Line | None = decode_line(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            line = None
        if line is not None and self._add_usual(line, offset):
            return line
        try:
            line = None  # it may point into the buffer
            line = read_line(text)
            if line is not None:
                self._add_answer(line, text, offset)
        except BadLineError as error:
            if not is_last:  # a last line may still be growing
                self._report(offset, str(error))
            return None
        return line

    def columns(self) -> list[list[Any]]:
        """Return the answers found: the fields of `UsageEntry`, each with its values for all.

        Raises:
            ReadAgainError: If a timestamp was not checked that should have been.
        """
        others = self._others.values()
        copies = [*self._best.values(), *(other.copy for other in others)]
        if not copies:
            return []
        lines, usages, offsets, resets = zip(*copies, strict=True)
        splits = [usage.cache_creation for usage in usages]
        tools = [usage.server_tool_use for usage in usages]
        named = list(zip(lines, usages, strict=True))
        usual = len(self._best)
        digest = xxhash.xxh3_64_intdigest
        try:
            moments = [parse_timestamp(line.timestamp) for line in lines]
        except BadLineError as error:
            raise ReadAgainError from error
        return [
            [digest(answer.encode(), _ANSWER) >> 1 for answer, _, _ in self._best]
            + [answer for answer, _ in self._others],
            [
                digest(request.encode(), _REQUEST) >> 1 if request else hash_of(session, _SESSION)
                for _, request, session in self._best
            ]
            + [request for _, request in self._others],
            moments,
            [self._number] * len(copies),
            list(offsets),
            [self._variant(line, usage) for line, usage in named[:usual]]
            + [other.variant for other in others],
            [
                (IS_SIDECHAIN if line.isSidechain else 0) + (HAS_SPEED if usage.speed else 0)
                for line, usage in named
            ],
            [usage.input_tokens for usage in usages],
            [usage.output_tokens for usage in usages],
            [
                (usage.cache_creation_input_tokens or 0)
                if split is None
                else split.ephemeral_5m_input_tokens or 0
                for usage, split in zip(usages, splits, strict=True)
            ],
            [0 if split is None else split.ephemeral_1h_input_tokens or 0 for split in splits],
            [usage.cache_read_input_tokens or 0 for usage in usages],
            [0 if tool is None else tool.web_search_requests or 0 for tool in tools],
            [line.costUSD for line in lines[:usual]] + [other.recorded_cost for other in others],
            list(resets),
        ]

    def _add_usual(self, line: Line, offset: int) -> bool:
        """Take in an answer that looks as nearly all do; return False for any other line."""
        message = line.message
        if message is None or (usage := message.usage) is None or line.data is not None:
            return False
        name, request = message.id, line.requestId
        if not name or not request or line.isApiErrorMessage or usage.speed not in _SPEEDS:
            return False
        if self.checks_every_timestamp or not looks_like_timestamp(line.timestamp):
            return False
        if usage.iterations is not NO_ITERATIONS:
            if self._may_have_advisors:
                return False
            usage.iterations = NO_ITERATIONS  # it points into the buffer, which is used again
        self._keep_better((name, request, ""), (line, usage, offset, None))
        return True

    def _keep_better(self, key: tuple[str, str | None, str], copy: _Copy) -> None:
        known = self._best.get(key)
        if known is None or _place(copy) < _place(known):
            self._best[key] = copy

    def _add_answer(self, line: Line, text: memoryview | bytes, offset: int) -> None:
        message = line.message
        if message is None or (usage := message.usage) is None:
            return
        if self.checks_every_timestamp or not looks_like_timestamp(line.timestamp):
            parse_timestamp(line.timestamp)
        reset = limit_reset_ms(text) if line.isApiErrorMessage else None
        request = line.requestId or None
        session = "" if request else line.sessionId or self._session
        copy = (line, usage, offset, reset)
        name = message.id
        if name:
            self._keep_better((name, request, session), copy)
        else:
            name = self._add_nameless(copy, text)
        if usage.speed not in _SPEEDS:
            reason = f"unknown speed {str(usage.speed)[:40]!r}, counted at the standard price"
            self._report(offset, reason, is_counted=True)
        if usage.iterations is not NO_ITERATIONS:
            try:
                if self._may_have_advisors and ADVISOR in bytes(usage.iterations):
                    self._add_advisors(copy, name, _request_hash(request, session))
            finally:
                usage.iterations = NO_ITERATIONS  # it points into the buffer, which is used again

    def _add_nameless(self, copy: _Copy, text: memoryview | bytes) -> str:
        """Take in an answer without a message id: never a copy of another.

        It is known by its text and by how many lines before it in this file are the same, so that
        reading the file again does not count it again.

        Returns:
            A name for it that no other answer has.
        """
        digest = xxhash.xxh3_128_hexdigest(text)
        before = self._nameless.get(digest)
        if before is None:
            before = self._count_before(text)
        self._nameless[digest] = before + 1
        name = f"{self._place}:{before}:{digest}"
        line, usage, _, _ = copy
        identity = hash_of(name, _LINE)
        parse_timestamp(line.timestamp)
        self._others[identity, identity] = _Other(copy, self._variant(line, usage), line.costUSD)
        return name

    def _count_before(self, text: memoryview | bytes) -> int:
        """Return how many lines before the range are just this one."""
        if not self.start:
            return 0
        with map_file(self._file, self.start) as mapped:
            count = 0
            at = mapped.find(text)
            while at >= 0:
                end = at + len(text)
                is_whole = mapped[end : end + 1] == b"\n" and (not at or mapped[at - 1] == _NEWLINE)
                count += is_whole
                at = mapped.find(text, at + 1)
        return count

    def _add_advisors(self, copy: _Copy, name: str, request: int) -> None:
        line, answer, offset, _ = copy
        try:
            advisors = read_advisors(answer)
        except BadLineError as error:
            self._report(offset, str(error), is_counted=True)
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
            own = (line, usage, offset, None)
            key = (hash_of(f"{name}:advisor:{number}"), request)
            known = self._others.get(key)
            if known is None or _place(own) < _place(known.copy):
                variant = ModelVariant(model, step.speed == "fast", is_advisor=True)
                self._others[key] = _Other(own, self._numbered(variant), None)

    def _variant(self, line: Line, usage: Usage) -> int:
        """Return the number of the model that gave an answer."""
        model = line.message.model if line.message is not None else None
        key = (model, usage.speed, usage.inference_geo)
        number = self._variant_numbers.get(key)
        if number is None:
            geo = usage.inference_geo or ""
            number = self._variant_numbers[key] = self._numbered(
                ModelVariant(
                    model or "", usage.speed == "fast", "" if geo in _NEUTRAL_GEOS else geo
                )
            )
        return number

    def _numbered(self, variant: ModelVariant) -> int:
        number = variant.number
        self.variants[number] = variant
        return number

    def _report(self, offset: int, reason: str, *, is_counted: bool = False) -> None:
        self.problems.append(LineProblem(self._name, offset, reason, is_counted))


def _place(copy: _Copy) -> tuple[bool, int, bool]:
    """Return where a copy ranks among the copies in its range; see `rank`."""
    line, usage, _, _ = copy
    return (line.isSidechain is True, -_total(usage), not usage.speed)


def _request_hash(request: str | None, session: str) -> int:
    return hash_of(request, _REQUEST) if request else hash_of(session, _SESSION)


def _total(usage: Usage) -> int:
    split = usage.cache_creation
    if split is None:
        written = usage.cache_creation_input_tokens or 0
    else:
        written = (split.ephemeral_5m_input_tokens or 0) + (split.ephemeral_1h_input_tokens or 0)
    read = usage.cache_read_input_tokens or 0
    return usage.input_tokens + usage.output_tokens + written + read

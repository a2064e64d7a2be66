"""Collects the answers of one range of a log, keeping the best copy of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import stringzilla
import xxhash

from spendlight.logs.claude_code.answer_store import AnswerStore
from spendlight.logs.claude_code.called_agents import (
    MOST_LINE_BYTES,
    STARTERS,
    ToldAgents,
    has_result,
    started_in,
)
from spendlight.logs.claude_code.copies import Copy, Other
from spendlight.logs.claude_code.joined import CUT, SEVERAL, split_line
from spendlight.logs.claude_code.lines import (
    NO_ITERATIONS,
    Line,
    NotJsonError,
    Usage,
    limit_reset_ms,
    read_line,
    strike_impossible,
)
from spendlight.logs.claude_code.nameless import count_lines
from spendlight.logs.claude_code.notes import noted_in
from spendlight.logs.claude_code.repeated_lines import (
    NEEDLE,
    REQUEST,
    called_again,
    loses_against,
    message_name,
)
from spendlight.logs.claude_code.steps import read_steps
from spendlight.logs.claude_code.usual import (
    SPEEDS,
    UNUSUAL,
    Usual,
    as_answer,
    as_usual,
    called_tools,
    decode_usual,
    model_key,
)
from spendlight.logs.claude_code.variants import priced_geo
from spendlight.logs.forms import SPREAD, foreign_form, is_spread
from spendlight.logs.identities import LINE, hash_of, request_hash
from spendlight.logs.timestamps import BadLineError, parse_timestamp
from spendlight.metering.attribution import as_tools
from spendlight.metering.entry import LineProblem, ModelVariant, Role
from spendlight.metering.session_names import first_session

if TYPE_CHECKING:
    from io import FileIO


Before = tuple["Usual | None", "bytearray | None", "bytes | None"]
"""The answer that the next line may repeat: its line, its bytes from the usage on, its id."""

NOTHING_BEFORE: Final[Before] = (None, None, None)


class Answers(AnswerStore):
    """Parses the lines of one range, and collects the answers in them.

    Args:
        number: The file's number in entries.
        name: The file's path, for problems.
        file_name: The file's own name when it was first seen.
        session: The session's id from the path.
        file: The file, to read lines before the range.

    Attributes:
        problems: Lines that should have been an answer and are not, or not completely.
        notes: Lines that may be notes, each with its offset.
        checks_every_timestamp: Whether the timestamps of copies that lose are checked, too.
    """

    needle = NEEDLE
    owner = None
    state = None

    def __init__(self, number: int, name: str, file_name: str, session: str, file: FileIO) -> None:
        super().__init__(number, session)
        self.problems: list[LineProblem] = []
        self.notes: list[tuple[int, bytes]] = []
        self.checks_every_timestamp = False
        self._name = name
        self._file_name = file_name
        self._file = file
        self._nameless: dict[str, int] | None = None
        self._is_spread = False
        self._before: Before = NOTHING_BEFORE
        self._told = ToldAgents()

    def add_lines(self, buffer: bytearray, view: memoryview, end: int, position: int) -> None:
        """Add the lines with the needle in ``buffer[:end]``, which ends with a whole line.

        A streamed answer is logged once for each of its parts, usually with the same usage: such a
        line repeats the one before, loses against it and need not be decoded.

        Args:
            buffer: The bytes read.
            view: A view of the buffer.
            end: Where its last whole line ends.
            position: The buffer's offset in the file.
        """
        self.notes += noted_in(buffer, end, position)
        self.notes += started_in(buffer, end, position)
        find, find_here, starts_with = stringzilla.find, buffer.find, buffer.startswith
        line, usage, name = self._before
        line_end = 0
        at = find(buffer, NEEDLE, 0, end)
        while at >= 0:
            line_start = buffer.rfind(b"\n", line_end, at) + 1 or line_end
            line_end = find_here(b"\n", at, end)
            if usage is not None and line is not None and starts_with(usage, at):
                if name is None:
                    name = message_name(line, usage)
                if (
                    name
                    and find_here(name, line_start, at) >= 0
                    and (tool := called_again(buffer, line_start, line_end)) is not None
                    and (not tool or line.requestId)
                    and loses_against(line, buffer, line_start, line_end)
                ):
                    if tool:
                        self.call_again(line, tool)
                        if tool.decode("utf-8", "replace") in STARTERS:
                            self._note(view[line_start:line_end], position + line_start)
                    at = find(buffer, NEEDLE, line_end, end)
                    continue
            line = self.add(view[line_start:line_end], position + line_start)
            usage = name = None
            if line is not None and line.message.usage.output_tokens:  # else it may be refused yet
                request = find_here(REQUEST, at, line_end)
                if request >= 0:
                    usage = buffer[at : find_here(b'"', request + len(REQUEST), line_end)]
            at = find(buffer, NEEDLE, line_end, end)
        self._before = line, usage, name

    def add(self, text: memoryview | bytes, offset: int, *, is_last: bool = False) -> Usual | None:
        """Add a line that may contain an answer; return it if it does."""
        self._before = NOTHING_BEFORE
        if not self.checks_every_timestamp:
            try:
                line = decode_usual(text)
            except UNUSUAL:
                pass
            else:
                self._usual.append(line)
                self._offsets.append(offset)
                if self._told.is_told_by(line):
                    self._note(text, offset)
                return line
        known = len(self.problems)
        try:
            found = read_line(text)
            if found is not None:
                return self._add_answer(found, text, offset)
            if has_result(text):
                self._note(text, offset)
        except NotJsonError as error:
            self._add_joined(text, offset, str(error))
        except BadLineError as error:
            self._report(offset, str(error))
        if is_last:  # may still be growing
            lasting = [problem for problem in self.problems[known:] if problem.reason == SEVERAL]
            self.problems[known:] = lasting
        return None

    def call_again(self, line: Usual, tool: bytes) -> None:
        """Note that the answer in a line also calls a tool, in a line that repeats it.

        Args:
            line: The line, whose answer has a message id and a request id.
            tool: The tool's name, without escapes.
        """
        key = line.message.id, line.requestId
        name = tool.decode("utf-8", "replace")
        self._called[key] = as_tools((*self._called.get(key, ()), name))

    def look_at(self, head: bytes) -> None:
        """Check the beginning of a file that does not begin like a log."""
        self._is_spread = is_spread(head)
        form = foreign_form(head)
        if form is not None:
            self._report(0, f"the file is {form}; nothing in it can be read")

    def _add_joined(self, text: memoryview | bytes, offset: int, reason: str) -> None:
        """Add the entries of a line that is not a single entry, as if each had its own line.

        Args:
            text: The line.
            offset: Where it starts in the file.
            reason: Why it is not a single entry.
        """
        joined = split_line(text)
        if joined is None:
            if not self._is_spread:
                self._report(offset, reason)
            elif not any(problem.reason == SPREAD for problem in self.problems):
                self._report(offset, SPREAD)
            return
        for start, end in joined.entries:
            entry = text[start:end]
            if stringzilla.find(entry, NEEDLE) < 0:
                continue
            try:
                found = read_line(entry)
                if found is not None:
                    self._add_answer(found, entry, offset + start, text[:end])
            except BadLineError as error:
                self._report(offset + start, str(error))
        if joined.cut_at is not None:
            is_counted = stringzilla.find(text[joined.cut_at :], NEEDLE) < 0
            self._report(offset + joined.cut_at, CUT, is_counted=is_counted)
        elif len(joined.entries) > 1:
            self._report(offset, SEVERAL, is_counted=True)

    @property
    def _first_session(self) -> str:
        return first_session(self.session, self._name, self._file_name)

    def _add_answer(
        self,
        line: Line,
        text: memoryview | bytes,
        offset: int,
        until: memoryview | bytes | None = None,
    ) -> Usual | None:
        """Add an answer that is unusual in some way.

        Args:
            line: The decoded line.
            text: Its entry.
            offset: Where that starts in the file.
            until: The line up to the end of the entry, if the line contains more.
        """
        message = line.message
        if message is None or (usage := message.usage) is None:
            return None
        parse_timestamp(line.timestamp)
        for reason in strike_impossible(line, usage):
            self._report(offset, reason, is_counted=True)
        is_error = line.isApiErrorMessage is True
        copy = Copy(as_usual(line, usage), offset, limit_reset_ms(text) if is_error else None)
        if self._told.is_told_by(copy.line, text):
            self._note(text, offset)
        request = line.requestId or ""
        session = "" if request else line.sessionId or self._first_session
        name = message.id
        if name:
            key = (name, request) if request else (name, "", session)
            known = self._named.get(key)
            if known is None or copy.rank < known.rank:
                self._named[key] = copy
            if tools := called_tools(copy.line):
                self._called[key] = as_tools((*self._called.get(key, ()), *tools))
        else:
            name = self._add_nameless(
                copy, text if until is None else until, is_alone=until is None
            )
        if usage.speed not in SPEEDS:
            reason = f"unknown speed {str(usage.speed)[:40]!r}, counted at the standard price"
            self._report(offset, reason, is_counted=True)
        if usage.iterations is not NO_ITERATIONS:
            self._add_steps(copy, usage, name, request_hash(request, session))
        return None if is_error else copy.line

    def _add_nameless(self, copy: Copy, text: memoryview | bytes, *, is_alone: bool) -> str:
        """Add an answer without a message id, which is never a copy of another.

        It is identified by its text, the number of identical lines before it in this file, and the
        file's own name, so that reading the file again, even in another folder, does not count it
        twice. An answer that shares its line is identified by the line up to its end, and does not
        count as a line before others.

        Returns:
            A unique name for it.
        """
        if self._nameless is None:
            self._nameless = count_lines(self._file, self.start)
        digest = xxhash.xxh3_128_hexdigest(text)
        before = self._nameless.get(digest, 0)
        if is_alone:
            self._nameless[digest] = before + 1
        name = f"{self._file_name}:{before}:{digest}"
        identity = hash_of(name, LINE)
        number = self._numbers([model_key(copy.line)])[0]
        self._others[identity, identity] = Other(copy, number, copy.line.costUSD)
        return name

    def _add_steps(self, copy: Copy, answer: Usage, name: str, request: int) -> None:
        """Add what is billed in addition to an answer; see `steps`."""
        billed, problems = read_steps(answer.iterations, copy.line.message.model)
        for problem in problems:
            self._report(copy.offset, problem, is_counted=True)
        for step in billed:
            own = copy._replace(line=as_answer(copy.line, step.usage), reset=None)
            key = (hash_of(f"{name}:{step.name}"), request)
            known = self._others.get(key)
            if known is None or own.rank < known.copy.rank:
                geo = "" if step.role is Role.ADVISOR else priced_geo(answer.inference_geo)
                speed = step.usage.speed
                if step.role is Role.COMPACTION:
                    speed = speed or answer.speed
                variant = ModelVariant(step.model, speed == "fast", geo, step.role)
                self._others[key] = Other(own, self._numbered(variant), None)

    def _note(self, text: memoryview | bytes, offset: int) -> None:
        """Note that a line says something about subagents."""
        if len(text) <= MOST_LINE_BYTES:
            self.notes.append((offset, bytes(text)))

    def _report(self, offset: int, reason: str, *, is_counted: bool = False) -> None:
        self.problems.append(LineProblem(self._name, offset, reason, is_counted))

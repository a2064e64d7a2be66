"""Reads the OpenTelemetry files of Copilot CLI, if the user has it write any.

    {"type":"span","traceId":…,"spanId":…,"endTime":[SECONDS,NANOSECONDS],"attributes":{
        "gen_ai.operation.name":"chat","gen_ai.response.model":…,"gen_ai.conversation.id":SESSION,
        "gen_ai.response.id":…,"gen_ai.usage.input_tokens":…,…}}

A chat span is one request, with the same id as in the session's events. Its input includes what was
read from the cache and written to it. Once the session has been shut down its events tell all of
it, so they count; until then, a span tells more. A file may contain spans of several sessions.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import msgspec

from spendlight.logs.appended_lines import read_lines, read_range
from spendlight.logs.copilot.folders import EVENTS, NO_PROJECT, SESSIONS, TELEMETRY
from spendlight.logs.copilot.models import model_name
from spendlight.logs.copilot.shutdowns import fresh_input
from spendlight.logs.found_usage import (
    BadValueError,
    FoundUsage,
    as_count,
    as_moment,
    as_object,
    as_text,
)
from spendlight.logs.homes import home_folder
from spendlight.logs.json_lines import JsonLines
from spendlight.logs.parsed import SessionUsage
from spendlight.metering.entry import IS_SIDECHAIN, SessionName, TokenCounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import FileIO

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_CHAT: Final = b'"gen_ai.usage.'
_SHUTDOWN: Final = b'"session.shutdown"'
_SESSION_KEYS: Final = (
    "gen_ai.conversation.id",
    "session.id",
    "github.copilot.interaction_id",
    "gen_ai.response.id",
)
_REQUEST_KEYS: Final = ("gen_ai.response.id", "github.copilot.service_request_id")
_USAGE: Final = "gen_ai.usage."
_NANOSECONDS: Final = 1_000_000

_shutdowns: Final[dict[str, tuple[tuple[int, int], int]]] = {}
"""When sessions were shut down last, by the paths of their events, with size and mtime then."""


def parse_telemetry(job: ReadJob) -> ParsedRange:
    """Read a range of a file of telemetry."""

    def read(file: FileIO, parsed: ParsedRange) -> None:
        spans = _Spans(job, parsed.state)
        try:
            read_lines(file, parsed, spans)
        finally:  # what was read before an error counts
            parsed.attributions = spans.found.attributions
            parsed.of_sessions = [
                SessionUsage(_name(session), found.entries)
                for session, found in spans.others.items()
            ]

    return read_range(job, read)


def has_telemetry(events: str) -> bool:
    """Whether there is any telemetry beside a session's events.

    Args:
        events: The path of the events.
    """
    return os.path.isdir(os.path.join(_data_folder(events, SESSIONS), TELEMETRY))  # noqa: PTH112, PTH118  # text


def span_keys(events: str, session: str) -> Iterator[tuple[str, int]]:
    """Yield the keys and times of a session's chat spans beside its events.

    Args:
        events: The path of the events.
        session: The session's id.
    """
    folder = os.path.join(_data_folder(events, SESSIONS), TELEMETRY)  # noqa: PTH118  # text
    for below, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".jsonl"):
                path = os.path.join(below, name)  # noqa: PTH118  # text
                yield from _keys_in(path, session)


class _Spans(JsonLines):
    """Lines with chat spans.

    Attributes:
        others: What was found of sessions other than the first one in the file.
    """

    needles = (_CHAT,)

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        super().__init__(job, state)
        self.others: dict[str, FoundUsage] = {}
        self._name_file()

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a line."""
        span = _chat_in(line)
        if span is None:
            return
        session, at_ms = _session_of(line, span), _end_of(line)
        tokens = _tokens(span)
        if not tokens.total or not session:
            return
        events = os.path.join(  # noqa: PTH118  # text
            _data_folder(self._job.path, TELEMETRY), SESSIONS, session, EVENTS
        )
        shut_down = _last_shutdown(events)
        if at_ms <= shut_down:
            return
        reasoning = _count(span, "reasoning.output_tokens") or _count(span, "reasoning_tokens")
        self._found_of(session).add(
            _key_of(line, span),
            at_ms,
            model_name(
                as_text(span.get("gen_ai.response.model"))
                or as_text(span.get("gen_ai.request.model"))
            ),
            tokens,
            offset=offset,
            reasoning=min(tokens.output, reasoning),
            flags=IS_SIDECHAIN,  # so that what the events tell counts instead, in any order
        )

    def _found_of(self, session: str) -> FoundUsage:
        """Return what is found of a session; the first one is the file's own."""
        if self.remembered.setdefault("session", session) == session:
            self._name_file()
            return self.found
        if session not in self.others:
            self.others[session] = FoundUsage(self._job, self._job.agent)
            self.others[session].variants = self.found.variants
        return self.others[session]

    def _name_file(self) -> None:
        if session := self.remembered.get("session"):
            self.found.owner = _name(session)


def _name(session: str) -> SessionName:
    return SessionName(NO_PROJECT, NO_PROJECT, session)


def _chat_in(line: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the attributes of a chat span; None if a line is none."""
    attributes = line.get("attributes")
    if not isinstance(attributes, dict) or line.get("type", "span") != "span":
        return None
    operation = attributes.get("gen_ai.operation.name")
    is_chat = operation == "chat" or (
        operation is None and as_text(line.get("name")).startswith("chat ")
    )
    return attributes if is_chat else None


def _session_of(line: Mapping[str, Any], span: Mapping[str, Any]) -> str:
    named = (as_text(span.get(key)) for key in _SESSION_KEYS)
    return next(filter(None, named), as_text(line.get("traceId")))


def _key_of(line: Mapping[str, Any], span: Mapping[str, Any]) -> str:
    named = (as_text(span.get(key)) for key in _REQUEST_KEYS)
    own = f"{as_text(line.get('traceId'))}:{as_text(line.get('spanId'))}"
    return next(filter(None, named), own)


def _end_of(line: Mapping[str, Any]) -> int:
    """Return when a span ended.

    Raises:
        BadValueError: If it does not say so.
    """
    end = line.get("endTime")
    if isinstance(end, list) and len(end) == 2:  # noqa: PLR2004  # seconds and nanoseconds
        seconds, nanoseconds = end
        if type(seconds) is int and type(nanoseconds) is int:
            return as_moment(seconds * 1000 + nanoseconds // _NANOSECONDS, "endTime")
    return as_moment(end, "endTime")


def _tokens(span: Mapping[str, Any]) -> TokenCounts:
    """Return the tokens of a request.

    Raises:
        BadValueError: If a value is impossible.
    """
    sent, output, read = (
        _count(span, kind) for kind in ("input_tokens", "output_tokens", "cache_read.input_tokens")
    )
    written = _count(span, "cache_write.input_tokens") or _count(
        span, "cache_creation.input_tokens"
    )
    return TokenCounts(fresh_input(sent, read, written), output, written, 0, read)


def _count(span: Mapping[str, Any], kind: str) -> int:
    """Return a number of tokens, which may be a text.

    Raises:
        BadValueError: If it is impossible.
    """
    value = span.get(f"{_USAGE}{kind}")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    return as_count(value, f"{_USAGE}{kind}")


def _data_folder(path: str, inner: str) -> str:
    """Return the data folder that a log is in; the usual one if it is elsewhere.

    Args:
        path: The full path of the log.
        inner: The folder in a data folder that contains such logs.
    """
    folder, below = os.path.split(os.path.dirname(path))  # noqa: PTH120  # text
    while below and below != inner:
        folder, below = os.path.split(folder)
    if below:
        return folder
    usual = os.path.join(home_folder(os.environ), ".copilot")  # noqa: PTH118  # text
    return os.environ.get("COPILOT_HOME", "").strip() or usual


def _last_shutdown(events: str) -> int:
    """Return when a session was shut down last; -1 if it never was, as far as is known."""
    try:
        status = os.stat(events)  # noqa: PTH116  # text
        state = status.st_size, status.st_mtime_ns
        known = _shutdowns.get(events)
        if known is None or known[0] != state:
            with open(events, "rb") as file:  # noqa: PTH123  # text
                known = _shutdowns[events] = state, max(map(_moment_of, file), default=-1)
    except (OSError, ValueError):
        return -1
    return known[1]


def _moment_of(line: bytes) -> int:
    """Return when the session was shut down, if a line says so; otherwise -1."""
    if _SHUTDOWN not in line:
        return -1
    try:
        event = as_object(msgspec.json.decode(line), "event")
        data = as_object(event.get("data"), "data")
        is_told = event.get("type") == "session.shutdown" and data.get("modelMetrics")
        return as_moment(event.get("timestamp"), "timestamp") if is_told else -1
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadValueError):
        return -1


def _keys_in(path: str, session: str) -> Iterator[tuple[str, int]]:
    """Yield the keys and times of the chat spans of a session in a file."""
    wanted = session.encode()
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # text
            for text in file:
                if _CHAT not in text or wanted not in text:
                    continue
                try:
                    line = as_object(msgspec.json.decode(text), "span")
                    span = _chat_in(line)
                    if span is not None and _session_of(line, span) == session:
                        yield _key_of(line, span), _end_of(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadValueError):
                    continue
    except OSError:
        return

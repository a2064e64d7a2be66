"""One line of a log: its schema, and how an irregular line is read nevertheless."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from spendlight.logs.claude_code.circumstances import calling_parts, text_of
from spendlight.logs.timestamps import BadLineError
from spendlight.metering.entry import MAX_COUNT, MAX_DOLLARS
from spendlight.metering.periods import TOO_LATE_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSAL: Final[str] = "refusal"
"""The ``stop_reason`` of a request that was refused."""

_LIMIT_REACHED: Final = re.compile(rb"Claude AI usage limit reached[^|]*\|(\d{1,12})")
NO_ITERATIONS: Final = msgspec.Raw()
NO_CONTENT: Final = msgspec.Raw()

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
Dollars = Annotated[float, msgspec.Meta(ge=-MAX_DOLLARS, le=MAX_DOLLARS)]


class CacheCreation(msgspec.Struct, gc=False):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class ServerToolUse(msgspec.Struct, gc=False):
    """What the server did besides answering."""

    web_search_requests: Count | None = None


class Usage(msgspec.Struct, gc=False):
    """The usage of one answer."""

    input_tokens: Count
    output_tokens: Count
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    speed: str | None = None
    inference_geo: str | None = None
    server_tool_use: ServerToolUse | None = None
    iterations: msgspec.Raw = NO_ITERATIONS
    service_tier: str | None = None


class Message(msgspec.Struct, gc=False):
    """The API's answer in a line."""

    usage: Usage | None = None
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    content: msgspec.Raw = NO_CONTENT


class Circumstances(msgspec.Struct, gc=False, kw_only=True):
    """What a line says about the circumstances of its answer; see `Attribution`."""

    cwd: str | None = None
    gitBranch: str | None = None  # noqa: N815  # Claude Code's spelling
    agentId: str | None = None  # noqa: N815  # Claude Code's spelling
    attributionSkill: str | None = None  # noqa: N815  # Claude Code's spelling
    attributionPlugin: str | None = None  # noqa: N815  # Claude Code's spelling
    attributionMcpServer: str | None = None  # noqa: N815  # Claude Code's spelling
    attributionMcpTool: str | None = None  # noqa: N815  # Claude Code's spelling
    attributionAgent: str | None = None  # noqa: N815  # Claude Code's spelling
    effort: str | None = None
    entrypoint: str | None = None
    version: str | None = None


class Line(Circumstances, gc=False):
    """The relevant fields of a line of a log."""

    message: Message | None = None
    timestamp: str | None = None
    requestId: str | None = None  # noqa: N815  # Claude Code's spelling
    sessionId: str | None = None  # noqa: N815  # Claude Code's spelling
    isSidechain: bool | None = None  # noqa: N815  # Claude Code's spelling
    costUSD: float | None = None  # noqa: N815  # Claude Code's spelling
    isApiErrorMessage: bool | None = None  # noqa: N815  # Claude Code's spelling
    data: Data | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it reports a request that was refused before any output, which is not billed.

        According to Anthropic's release notes and "Streaming refusals"; with output, it is billed.
        """
        message = self.message
        return (
            message is not None
            and message.stop_reason == REFUSAL
            and message.usage is not None
            and not message.usage.output_tokens
        )


class Data(msgspec.Struct, gc=False):
    """The data of a progress line: a whole line of a subagent, if it is one."""

    message: Line | None = None
    agentId: str | None = None  # noqa: N815  # Claude Code's spelling


class NotJsonError(BadLineError):
    """A line is not valid JSON as a whole."""


decode_line = msgspec.json.Decoder(Line).decode


def read_line(text: memoryview | bytes) -> Line | None:
    """Return the answer in a line, or None if there is none.

    A subagent's line inside a progress line is returned as that line, with the session of the
    outer, and the circumstances that only the outer knows.

    Raises:
        BadLineError: If the line should have been an answer and cannot be read as one.
        NotJsonError: If it is not valid JSON.
    """
    try:
        line = decode_line(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        line = _repair(text)
    if line.message is not None and line.message.usage is not None:
        line.data = None  # it may point into the buffer, which will be reused
        return line
    data = line.data
    inner = data.message if data is not None else None
    if data is None or inner is None or inner.message is None or inner.message.usage is None:
        return None
    inner.sessionId = line.sessionId or inner.sessionId
    inner.agentId = inner.agentId or data.agentId
    for name in Circumstances.__struct_fields__:
        if not getattr(inner, name):
            setattr(inner, name, getattr(line, name))
    inner.message.usage.iterations = NO_ITERATIONS  # like ccusage; the subagent's own log has them
    inner.data = None
    return inner


def strike_impossible(line: Line, usage: Usage) -> list[str]:
    """Remove impossible values other than the counts of an answer; return what was wrong."""
    found = []
    if line.costUSD is not None and not -MAX_DOLLARS <= line.costUSD <= MAX_DOLLARS:
        found.append(f"a recorded cost of {line.costUSD:g} dollars is impossible; it was ignored")
        line.costUSD = None
    searches = usage.server_tool_use and usage.server_tool_use.web_search_requests
    if searches and not 0 < searches <= MAX_COUNT:
        found.append(f"{_shortened(searches)} web searches are impossible; none were counted")
        usage.server_tool_use = None
    return found


def _shortened(number: int) -> str:
    try:
        return f"{number:.3g}"
    except OverflowError:
        return "more than 1e308"


def limit_reset_ms(text: bytes | memoryview) -> int | None:
    """Return when a usage limit ends, in Unix milliseconds, if an error reports one."""
    found = _LIMIT_REACHED.search(text)
    reset = int(found[1]) * 1000 if found else 0
    return reset if 0 < reset < TOO_LATE_MS else None


def _repair(text: memoryview | bytes) -> Line:
    """Read an irregular line: invalid bytes in a text, or unexpected types outside the usage."""
    try:
        raw = json.loads(str(text, "utf-8", "replace"), parse_constant=_refuse)
        return _repaired_line(raw) if isinstance(raw, dict) else Line()
    except BadLineError:
        raise
    except (ValueError, RecursionError) as error:
        message = f"it is not valid JSON: {_first_words(error)}"
        raise NotJsonError(message) from error


def _refuse(constant: str) -> object:
    message = f"{constant} is not JSON"
    raise ValueError(message)


def _first_words(error: Exception) -> str:
    return str(error)[:120] or type(error).__name__


def _repaired_line(raw: Mapping[str, Any]) -> Line:
    message = raw.get("message")
    line = Line(
        message=_repaired_message(message) if isinstance(message, dict) else None,
        timestamp=text_of(raw.get("timestamp")),
        requestId=text_of(raw.get("requestId")),
        sessionId=text_of(raw.get("sessionId")),
        isSidechain=raw.get("isSidechain") is True,
        isApiErrorMessage=raw.get("isApiErrorMessage") is True,
        costUSD=_dollars(raw.get("costUSD")),
    )
    for name in Circumstances.__struct_fields__:
        setattr(line, name, text_of(raw.get(name)))
    has_usage = line.message is not None and line.message.usage is not None
    data = raw.get("data")
    if not has_usage and isinstance(data, dict) and isinstance(data.get("message"), dict):
        line.data = Data(_repaired_line(data["message"]), text_of(data.get("agentId")))
    return line


def _repaired_message(raw: Mapping[str, Any]) -> Message:
    usage = raw.get("usage")
    return Message(
        usage=_repaired_usage(usage) if isinstance(usage, dict) else None,
        id=text_of(raw.get("id")),
        model=text_of(raw.get("model")),
        stop_reason=text_of(raw.get("stop_reason")),
        content=calling_parts(raw.get("content")),
    )


def _repaired_usage(raw: Mapping[str, Any]) -> Usage:
    """Read a usage whose counts must be valid, whatever else is irregular in it.

    Raises:
        BadLineError: If a count is not an integer from 0 to `MAX_COUNT`.
    """
    counts = {
        key: raw[key]
        for key in (
            "input_tokens",
            "output_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "cache_creation",
        )
        if key in raw
    }
    try:
        usage = msgspec.convert(counts, Usage)
    except msgspec.ValidationError as error:
        message = f"its usage is malformed: {error}"
        raise BadLineError(message) from error
    usage.speed = text_of(raw.get("speed"))
    usage.inference_geo = text_of(raw.get("inference_geo"))
    usage.service_tier = text_of(raw.get("service_tier"))
    tools = raw.get("server_tool_use")
    searches = tools.get("web_search_requests") if isinstance(tools, dict) else None
    if type(searches) is int:
        usage.server_tool_use = ServerToolUse(searches)  # may be impossible
    if isinstance(raw.get("iterations"), list):
        steps = json.dumps(raw["iterations"], ensure_ascii=False)
        usage.iterations = msgspec.Raw(steps.encode("utf-8", "replace"))
    return usage


def _dollars(value: object) -> float | None:
    """Return a number, even an impossible one, or None if it is not a number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf

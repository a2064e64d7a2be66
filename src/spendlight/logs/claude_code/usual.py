"""Answers of the usual form: decoded in one go, and split into columns.

A decoder that accepts the usual form only rejects everything else, so that Python need not examine
answers one by one. What it rejects is read with more care elsewhere; nothing is lost here.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec.structs import astuple

from spendlight.logs.claude_code.circumstances import (
    LINE_FIELDS,
    Part,
    parts_in,
    tools_in,
)
from spendlight.logs.claude_code.lines import (
    REFUSAL,
    CacheCreation,
    Circumstances,
    Count,
    Dollars,
    ServerToolUse,
)
from spendlight.logs.identities import REQUEST_ID, hash_of
from spendlight.logs.timestamps import parse_timestamps
from spendlight.metering.attribution import as_tools
from spendlight.metering.entry import HAS_SPEED, IS_REFUSED, IS_SIDECHAIN, UsageEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spendlight.logs.claude_code.lines import Line, Usage
    from spendlight.logs.claude_code.steps import Iteration
    from spendlight.metering.attribution import Tools

SPEEDS: Final = frozenset({None, "", "standard", "fast"})
"""Speeds that have a price."""

_Name = Annotated[str, msgspec.Meta(min_length=1)]
_StopReason = Literal["tool_use", "end_turn", "stop_sequence", "max_tokens", "pause_turn"] | None


class UsualStep(msgspec.Struct, gc=False, tag_field="type", tag="message"):
    """A step of an answer that is part of its usage, and not an advisor's."""


class UsualUsage(msgspec.Struct, gc=False):
    """The usage of an answer; in the order of the logs, in which it is decoded fastest."""

    input_tokens: Count
    output_tokens: Count
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerToolUse | None = None
    speed: Literal["", "standard", "fast"] | None = None
    inference_geo: str | None = None
    iterations: list[UsualStep] | None = None
    service_tier: str | None = None


class UsualMessage(msgspec.Struct, gc=False):
    """An answer that has an id and was not refused."""

    id: _Name
    usage: UsualUsage
    model: str | None = None
    stop_reason: _StopReason = None
    content: list[Part] | None = None


class Usual(Circumstances, gc=False):
    """A line with an answer that has an id and a request, and is not an error."""

    message: UsualMessage
    timestamp: str
    requestId: _Name  # noqa: N815  # Claude Code's spelling
    isSidechain: bool | None = None  # noqa: N815  # Claude Code's spelling
    costUSD: Dollars | None = None  # noqa: N815  # Claude Code's spelling
    isApiErrorMessage: None = None  # noqa: N815  # Claude Code's spelling
    sessionId: str | None = None  # noqa: N815  # Claude Code's spelling


decode_usual: Final = msgspec.json.Decoder(Usual).decode
"""Decodes a line of the usual form; raises `UNUSUAL` for any other."""

UNUSUAL: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_NO_REFUSALS: Final = repeat(False)  # noqa: FBT003  # the value repeated

ModelKey = tuple[str | None, str | None, str | None, bool]
"""A model, its speed and its region, as logged, and whether it refused before any output."""


class Columns(NamedTuple):
    """The fields of lines, column by column."""

    answers: Sequence[str]
    requests: Sequence[str]
    moments: list[int]
    models: list[ModelKey]
    flags: list[int]
    input: Sequence[int]
    output: Sequence[int]
    cache_write_5m: Sequence[int]
    cache_write_1h: Sequence[int]
    cache_read: Sequence[int]
    web_searches: Sequence[int]
    recorded_cost: Sequence[float | None]
    sessions: Sequence[str | None]


def as_usual(line: Line, usage: Usage) -> Usual:
    """Convert an irregular line to the usual form; names may be empty."""
    message = line.message
    usual = Usual(
        UsualMessage(
            (message.id if message else None) or "",
            UsualUsage(
                usage.input_tokens,
                usage.output_tokens,
                usage.cache_creation_input_tokens,
                usage.cache_read_input_tokens,
                usage.cache_creation,
                usage.server_tool_use,
                usage.speed,  # type: ignore[arg-type]  # not checked any more
                usage.inference_geo,
                service_tier=usage.service_tier,
            ),
            message.model if message else None,
            REFUSAL if line.is_refused else None,  # type: ignore[arg-type]  # as above
            parts_in(message.content) if message else None,
        ),
        line.timestamp or "",
        line.requestId or "",
        line.isSidechain,
        line.costUSD,
        None,
        line.sessionId,
    )
    return _in_circumstances_of(line, usual)


def as_answer(line: Usual, step: Iteration) -> Usual:
    """Return a step inside a line as a separate answer."""
    usage = UsualUsage(
        step.input_tokens,
        step.output_tokens,
        step.cache_creation_input_tokens,
        step.cache_read_input_tokens,
        step.cache_creation,
        None,
        step.speed,  # type: ignore[arg-type]  # not checked any more
        service_tier=line.message.usage.service_tier,
    )
    message = UsualMessage("", usage, step.model)
    usual = Usual(
        message, line.timestamp, line.requestId, line.isSidechain, sessionId=line.sessionId
    )
    return _in_circumstances_of(line, usual)


def _in_circumstances_of(line: Line | Usual, usual: Usual) -> Usual:
    usual.attributionAgent = line.attributionAgent
    for name in LINE_FIELDS:
        setattr(usual, name, getattr(line, name))
    return usual


def model_key(line: Usual) -> ModelKey:
    """Return the key of a line's model."""
    message = line.message
    is_refused = message.stop_reason == REFUSAL
    return message.model, message.usage.speed, message.usage.inference_geo, is_refused


def rank_of(line: Usual) -> tuple[bool, int, bool, bool]:
    """Return the rank of a copy among the copies in its range; see `rank`."""
    usage = line.message.usage
    split = usage.cache_creation
    if split is None:
        written = usage.cache_creation_input_tokens or 0
    else:
        written = (split.ephemeral_5m_input_tokens or 0) + (split.ephemeral_1h_input_tokens or 0)
    total = (
        usage.input_tokens + usage.output_tokens + written + (usage.cache_read_input_tokens or 0)
    )
    is_refused = line.message.stop_reason == REFUSAL
    return (line.isSidechain is True, -total, not is_refused, not usage.speed)


def united_tools(
    known: Mapping[tuple[str, ...], Tools],
    keys: Sequence[tuple[str, ...]],
    lines: Sequence[Usual],
) -> dict[tuple[str, ...], Tools]:
    """Return the tools that each answer in a range calls, in any of its lines, by its key.

    Args:
        known: Those that are known from other lines.
        keys: The key of the answer in each line.
        lines: The lines.
    """
    found = dict(known)
    for key, line in zip(keys, lines, strict=True):
        if line.message.content and (tools := called_tools(line)):
            before = found.get(key)
            found[key] = tools if before is None else as_tools((*before, *tools))
    return found


def best_of_each(
    keys: Sequence[tuple[str, ...]], lines: Sequence[Usual], offsets: Sequence[int]
) -> dict[tuple[str, ...], int]:
    """Return the index of the best copy of each answer in a range, by the answer's key."""
    best = dict(zip(keys, range(len(keys)), strict=True))  # usually the last is the fullest
    for at, key in enumerate(keys):
        known = best[key]
        if known != at and (rank_of(lines[at]), offsets[at]) < (
            rank_of(lines[known]),
            offsets[known],
        ):
            best[key] = at
    return best


def called_tools(line: Usual) -> Tools:
    """Return the tools that an answer calls, as far as its line says."""
    return tools_in(line.message.content or ())


def only_entry(  # noqa: PLR0913, PLR0917  # as `entry_of`
    line: Usual, offset: int, file: int, variant: int, attribution: int, tools: int
) -> UsageEntry:
    """Return the only answer of a range, faster than columns: thousands of logs have only one.

    Raises:
        BadLineError: If its timestamp is invalid.
    """
    (at_ms,) = parse_timestamps((line.timestamp,))
    request = hash_of(line.requestId, REQUEST_ID)
    entry = entry_of(line, request, at_ms, offset, file, variant)
    return entry._replace(attribution=attribution, tools=tools)


def entry_of(  # noqa: PLR0913, PLR0917  # what the line itself does not contain
    line: Usual, request: int, at_ms: int, offset: int, file: int, variant: int
) -> UsageEntry:
    """Return a single answer, without its circumstances.

    Args:
        line: Its decoded line.
        request: The hash of what else identifies it.
        at_ms: Its moment, in Unix milliseconds.
        offset: Where its line starts in the file.
        file: The number of the file.
        variant: The number of its variant.
    """
    message = line.message
    usage = message.usage
    flags = (IS_SIDECHAIN if line.isSidechain else 0) + (HAS_SPEED if usage.speed else 0)
    if message.stop_reason == REFUSAL:
        flags += IS_REFUSED
    short, long = usage.cache_creation_input_tokens, 0
    if (split := usage.cache_creation) is not None:
        short, long = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens or 0
    tools = usage.server_tool_use
    return UsageEntry(
        hash_of(message.id),
        request,
        at_ms,
        file,
        offset,
        variant,
        flags,
        usage.input_tokens,
        usage.output_tokens,
        short or 0,
        long,
        usage.cache_read_input_tokens or 0,
        0 if tools is None else tools.web_search_requests or 0,
        line.costUSD,
        None,
    )


def take_apart(lines: Sequence[Usual]) -> Columns:
    """Return the columns of one or more lines.

    Raises:
        BadLineError: If a timestamp is invalid.
    """
    messages, stamps, requests, chains, costs, _, sessions, *_ = _columns(lines)
    answers, usages, models, stops, _ = _columns(messages)
    inputs, outputs, written, read, splits, tools, speeds, geos, *_ = _columns(usages)
    short, long = _writes(written, splits)
    refused = [stop == REFUSAL for stop in stops] if REFUSAL in stops else None
    return Columns(
        answers,
        requests,
        parse_timestamps(stamps),
        list(zip(models, speeds, geos, refused or _NO_REFUSALS, strict=False)),
        _flags(chains, speeds, refused),
        inputs,
        outputs,
        short,
        long,
        _numbers(read),
        _searches(tools),
        costs,
        sessions,
    )


def _columns(structs: Iterable[msgspec.Struct]) -> list[tuple[Any, ...]]:
    """Return the fields of structs of one kind, column by column."""
    return list(zip(*map(astuple, structs), strict=True))


def _writes(
    totals: Sequence[int | None], splits: Sequence[CacheCreation | None]
) -> tuple[Sequence[int], Sequence[int]]:
    """Return the tokens written to the cache for five minutes, and for an hour."""
    if all(splits):
        short, long = _columns(splits)  # type: ignore[arg-type]  # contains no None
        return _numbers(short), _numbers(long)
    return (
        [
            (total or 0) if split is None else split.ephemeral_5m_input_tokens or 0
            for total, split in zip(totals, splits, strict=True)
        ],
        [0 if split is None else split.ephemeral_1h_input_tokens or 0 for split in splits],
    )


def _flags(
    chains: Sequence[bool | None], speeds: Sequence[str | None], refused: Sequence[bool] | None
) -> list[int]:
    if not any(chains) and not any(speeds):
        flags = [0] * len(chains)
    else:
        flags = [
            (IS_SIDECHAIN if is_sidechain else 0) + (HAS_SPEED if speed else 0)
            for is_sidechain, speed in zip(chains, speeds, strict=True)
        ]
    if refused is None:
        return flags
    return [flag + IS_REFUSED * is_refused for flag, is_refused in zip(flags, refused, strict=True)]


def _searches(tools: Sequence[ServerToolUse | None]) -> Sequence[int]:
    if not any(tools):
        return [0] * len(tools)
    return [0 if tool is None else tool.web_search_requests or 0 for tool in tools]


def _numbers(values: Sequence[int | None]) -> Sequence[int]:
    return [value or 0 for value in values]

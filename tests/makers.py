"""Makers of log lines, logs, entries, slices and prices, with good defaults."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from spendlight.logs.agent import printable
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import Parsed, ParsedLogs, ParsedRange
from spendlight.metering.entry import (
    HAS_SPEED,
    IS_SIDECHAIN,
    NO_SESSION,
    ModelVariant,
    Role,
    UsageEntry,
)
from spendlight.metering.packed import NOTHING
from spendlight.metering.pricing import PriceSource, PricingTable
from spendlight.metering.runs import values_in
from spendlight.metering.session_names import session_name
from spendlight.metering.sums import UsageSlice

OPUS = "claude-opus-4-5-20251101"
"""5 dollars a million in, 25 out; ten dollars a thousand web searches."""

SONNET = "claude-sonnet-4-5-20250929"
"""3 dollars a million in, 15 out; beyond 200,000 tokens of context 6 and 22.50."""

QUICK = "claude-opus-4-6"
"""Like Opus, but six times the price at the fast speed, and a tenth more in the US."""

LONG_CONTEXT = 200_000
NOON_MS = 1_772_366_400_000
NOON = "2026-03-01T12:00:00.000Z"
"""The default time of everything made here."""

_LINE_KEYS = frozenset(
    {
        "agentId",
        "attributionAgent",
        "attributionMcpServer",
        "attributionMcpTool",
        "attributionPlugin",
        "attributionSkill",
        "costUSD",
        "cwd",
        "effort",
        "entrypoint",
        "gitBranch",
        "isApiErrorMessage",
        "isSidechain",
        "requestId",
        "sessionId",
        "timestamp",
        "toolUseResult",
        "type",
        "uuid",
        "version",
    }
)
_MESSAGE_KEYS = frozenset({"content", "id", "model", "stop_reason"})

LEFT_OUT: object = object()
"""The value of a change that omits the field."""


def record(**changes: object) -> dict[str, object]:
    """Return an assistant's line before it is encoded.

    Each change is put where its name belongs: a field of the line (`sessionId`), of the message
    (`id`, `model`, `content`) or otherwise of the usage (`input_tokens`, `speed`). `message`,
    `usage` and `data` replace the whole.
    """
    usage: dict[str, object] = {
        "input_tokens": 3,
        "cache_creation_input_tokens": 1000,
        "cache_read_input_tokens": 20000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 400,
        "service_tier": "standard",
    }
    message: dict[str, object] = {
        "model": OPUS,
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": "Done."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
    line: dict[str, object] = {
        "parentUuid": None,
        "isSidechain": False,
        "userType": "external",
        "cwd": "/home/ada/engine",
        "sessionId": "11111111-1111-4111-8111-111111111111",
        "version": "2.1.100",
        "gitBranch": "main",
        "message": message,
        "requestId": "req_01",
        "type": "assistant",
        "uuid": "22222222-2222-4222-8222-222222222222",
        "timestamp": NOON,
    }
    for name, value in changes.items():
        if name in _LINE_KEYS or name in {"message", "data"}:
            home = line
        elif name in _MESSAGE_KEYS or name == "usage":
            home = message
        else:
            home = usage
        if value is LEFT_OUT:
            home.pop(name, None)
        else:
            home[name] = value
    return line


def encoded(value: object) -> bytes:
    """Return a line as Claude Code writes it: compact, raw Unicode, one newline at its end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def line(**changes: object) -> bytes:
    """Return an assistant's line with its newline; see `record` for the changes."""
    return encoded(record(**changes))


def progress(inner: Mapping[str, object], **changes: object) -> bytes:
    """Return a progress line that carries a whole line of a subagent."""
    outer: dict[str, object] = {
        "parentUuid": None,
        "isSidechain": False,
        "sessionId": "11111111-1111-4111-8111-111111111111",
        "version": "2.1.39",
        "type": "progress",
        "data": {"message": inner, "type": "agent_progress", "prompt": "Look.", "agentId": "a1"},
        "timestamp": "2026-03-05T00:00:00.000Z",
    }
    return encoded(outer | changes)


def write_log(root: Path, place: str, *lines: bytes) -> Path:
    """Write a log below ``projects`` of a root, or replace it, and return its path."""
    path = root / "projects" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def append(path: Path, *lines: bytes) -> None:
    """Write more lines at the end of a log."""
    with path.open("ab") as file:
        file.write(b"".join(lines))


def job_for(path: Path, start: int = 0, end: int | None = None, mark: int | None = None) -> ReadJob:
    """Return the job to read a log, named by its path below ``projects``."""
    place = printable(path.as_posix().rpartition("/projects/")[2])
    end = path.stat().st_size if end is None else end
    return ReadJob(
        path=str(path),
        name=printable(str(path)),
        number=1,
        first_name=path.name,
        session=session_name(place).session,
        start=start,
        end=end,
        size=end,
        fingerprint=mark,
    )


def read(path: Path, after: ParsedRange | None = None) -> ParsedRange:
    """Read a log from its beginning, or continue after an earlier pass."""
    if after is None:
        return parse_range(job_for(path))
    return parse_range(job_for(path, after.end, mark=after.fingerprint))


def ranges(found: Iterable[Parsed]) -> list[ParsedRange]:
    """Return what was read, log by log."""
    return [
        one
        for parsed in found
        for one in ([parsed] if isinstance(parsed, ParsedRange) else _each(parsed))
    ]


def _each(logs: ParsedLogs) -> Iterator[ParsedRange]:
    packed = {one.file: one for one in logs.packed.entries()}
    sessions, notes = dict(logs.sessions), dict(logs.notes)
    for job, end, fingerprint in zip(logs.jobs, logs.ends, logs.fingerprints, strict=True):
        entries = packed.get(job.number, NOTHING._replace(file=job.number))
        found = ParsedRange(
            job,
            0,
            end,
            fingerprint,
            entries,
            {key[1]: logs.variants[key[1]] for key in entries.sums},
            sessions=list(sessions.get(job.number, ())),
        )
        attributions, tools = values_in(entries.columns)
        found.attributions = {number: logs.attributions[number] for number in attributions}
        found.tools = {number: logs.tools[number] for number in tools}
        found.notes = notes.get(job.number, ())
        yield found


def model_of(parsed: ParsedRange, found: UsageEntry) -> ModelVariant:
    """Return the model that an entry names by number."""
    return parsed.variants[found.variant]


def answers(parsed: ParsedRange) -> list[UsageEntry]:
    """Return the entries found, in the order of their lines and without steps."""
    mains = (
        one for one in parsed.entries if model_of(parsed, one).role in {Role.ANSWER, Role.REFUSED}
    )
    return sorted(mains, key=lambda one: one.offset)


def advisors(parsed: ParsedRange, role: Role = Role.ADVISOR) -> list[UsageEntry]:
    """Return the entries of advisors, or of other steps, the smallest first."""
    found = (one for one in parsed.entries if model_of(parsed, one).role is role)
    return sorted(found, key=lambda one: one.total)


def variant(
    name: str = OPUS, *, is_fast: bool = False, geo: str = "", role: Role = Role.ANSWER
) -> ModelVariant:
    """Return a model at a price."""
    return ModelVariant(name, is_fast, geo, role)


_ENTRY = UsageEntry(
    answer=1,
    request=1,
    at_ms=NOON_MS,
    file=1,
    offset=0,
    variant=ModelVariant(OPUS).number,
    flags=0,
    input=3,
    output=400,
    cache_write_5m=1000,
    cache_write_1h=0,
    cache_read=20000,
)


def entry(*, is_sidechain: bool = False, has_speed: bool = False, **changes: object) -> UsageEntry:
    """Return an answer of Opus at noon, with other fields of `UsageEntry` in *changes*."""
    flags = is_sidechain * IS_SIDECHAIN + has_speed * HAS_SPEED
    return UsageEntry(**(_ENTRY._asdict() | {"flags": flags} | changes))


_SLICE = UsageSlice(
    group=0,
    session=NO_SESSION,
    variant=ModelVariant(OPUS),
    context_threshold=0,
    is_recorded=False,
    input=3,
    output=400,
    cache_write_5m=1000,
    cache_write_1h=0,
    cache_read=20000,
    recorded_cost=0.0,
    web_searches=0,
    answers=1,
    first_ms=NOON_MS,
    last_ms=NOON_MS,
)


def piece(at_ms: int = NOON_MS, **changes: object) -> UsageSlice:
    """Return a slice of one answer of Opus, with other fields of `UsageSlice` in *changes*."""
    return UsageSlice(**(_SLICE._asdict() | {"first_ms": at_ms, "last_ms": at_ms} | changes))


def price_list() -> dict[str, dict[str, object]]:
    """Return a small price list in the form of LiteLLM's; see the models' constants above."""
    opus: dict[str, object] = {
        "input_cost_per_token": 5e-6,
        "output_cost_per_token": 25e-6,
        "cache_creation_input_token_cost": 6.25e-6,
        "cache_read_input_token_cost": 0.5e-6,
        "max_input_tokens": 200_000,
        "search_context_cost_per_query": {"search_context_size_medium": 0.01},
    }
    return {
        OPUS: opus,
        QUICK: opus | {"provider_specific_entry": {"fast": 6.0, "us": 1.1}},
        SONNET: {
            "input_cost_per_token": 3e-6,
            "output_cost_per_token": 15e-6,
            "cache_creation_input_token_cost": 3.75e-6,
            "cache_read_input_token_cost": 0.3e-6,
            "input_cost_per_token_above_200k_tokens": 6e-6,
            "output_cost_per_token_above_200k_tokens": 22.5e-6,
            "cache_creation_input_token_cost_above_200k_tokens": 7.5e-6,
            "cache_read_input_token_cost_above_200k_tokens": 0.6e-6,
            "max_input_tokens": 1_000_000,
            "search_context_cost_per_query": {"search_context_size_medium": 0.01},
        },
    }


def prices() -> PricingTable:
    """Return the table of `price_list`."""
    return PricingTable.from_litellm(price_list(), PriceSource("test list"))

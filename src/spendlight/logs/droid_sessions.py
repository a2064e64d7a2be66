"""Reads the sums of Droid's sessions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from spendlight.logs.documents import read_document
from spendlight.logs.found_usage import FoundUsage, as_count, as_moment, as_object, as_text
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_CUSTOM: Final = "custom:"
_BESIDE_NAME: Final = re.compile(r"-?\[[^\]]*\](-\d+)?$")
"""What a model of the user's own has behind its name: its provider, and its place in the list."""

_SETTINGS: Final = ".settings.json"
_UNKNOWN: Final = "unknown"
_MOST_LINE: Final = 1 << 16


def parse(job: ReadJob) -> ParsedRange:
    """Read the sums of a session."""
    return read_document(job, job.agent, lambda document, found: _add(document, found, job))


def _add(document: Mapping[str, Any], found: FoundUsage, job: ReadJob) -> None:
    """Add the sums of a session, at the time of its first answer.

    Raises:
        BadValueError: If a value is impossible.
    """
    counts = as_object(document.get("tokenUsage"), "tokenUsage")
    output, thoughts = (
        as_count(counts.get(kind), kind) for kind in ("outputTokens", "thinkingTokens")
    )
    tokens = TokenCounts(
        as_count(counts.get("inputTokens"), "inputTokens"),
        output + thoughts,
        as_count(counts.get("cacheCreationTokens"), "cacheCreationTokens"),
        0,
        as_count(counts.get("cacheReadTokens"), "cacheReadTokens"),
    )
    began = _began(job.path)
    found.title(began.get("title"))
    if tokens.total:
        at = document.get("providerLockTimestamp")
        found.add(
            job.session,
            Path(job.path).stat().st_mtime_ns // 1_000_000 if at is None else as_moment(at, "time"),
            _model(as_text(document.get("model"))),
            tokens,
            reasoning=thoughts,
            told=Attribution(
                folder=as_text(began.get("cwd")), effort=as_text(document.get("reasoningEffort"))
            ),
        )


def _began(path: str) -> Mapping[str, Any]:
    """Return the first line of a session's log, which says where it began."""
    try:
        with open(f"{path.removesuffix(_SETTINGS)}.jsonl", "rb") as log:  # noqa: PTH123  # text
            line = msgspec.json.decode(log.readline(_MOST_LINE))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return line if isinstance(line, dict) else {}


def _model(name: str) -> str:
    """Return a model's name as providers write it.

    >>> _model("custom:Claude-Sonnet-4.5-[Anthropic]-0"), _model("gpt-5.1"), _model("")
    ('claude-sonnet-4-5', 'gpt-5.1', 'unknown')
    """
    if name.startswith(_CUSTOM):
        name = _BESIDE_NAME.sub("", name.removeprefix(_CUSTOM)).lower()
        if name.startswith("claude"):
            name = name.replace(".", "-")
    return name or _UNKNOWN

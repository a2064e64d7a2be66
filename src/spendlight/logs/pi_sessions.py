"""Reads the sessions of Pi and Oh My Pi.

    {"type":"session","id":…,"timestamp":…,"cwd":…,"thinkingLevel":…}
    {"type":"thinking_level_change","timestamp":…,"thinkingLevel":…}
    {"type":"message","timestamp":…,"message":{"role":"assistant","model":…,"responseId":…,
        "usage":{"input":…,"output":…,"cacheRead":…,"cacheWrite":…,"cost":{"total":…,…}},…}}

A session that was branched off another one begins with a copy of its messages, whose ids may be
new, but whose times are the same.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from spendlight.logs.found_usage import as_count, as_dollars, as_moment, as_object, as_text
from spendlight.logs.json_lines import JsonLines, read_json_lines
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import TokenCounts
from spendlight.metering.session_notes import CalledAgent, TitleKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse(job: ReadJob) -> ParsedRange:
    """Read a range of a session."""
    return read_json_lines(job, _Lines)


class _Lines(JsonLines):
    """Lines with messages, and those that say under which circumstances they were asked for."""

    needles = (b'"usage"', b'"session"', b'"session_info"', b'"thinkingLevel"')

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        super().__init__(job, state)
        folder, name = os.path.split(job.name)
        is_subagent = job.session != name.removesuffix(".jsonl").partition("_")[2] and (
            os.path.basename(folder).endswith(f"_{job.session}")  # noqa: PTH119  # text
        )
        self._subagent = name.removesuffix(".jsonl") if is_subagent else ""

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a line."""
        kind = line.get("type")
        if kind == "message":
            message = as_object(line.get("message"), "message")
            if message.get("role") == "assistant":
                self._answer(message, line.get("timestamp"), offset)
        elif kind in {"session", "thinking_level_change"}:
            for key in ("cwd", "thinkingLevel"):
                if text := as_text(line.get(key)):
                    self.remembered[key] = text
        elif kind == "session_info":
            self.found.title(line.get("name"), TitleKind.CUSTOM)

    def _answer(self, message: Mapping[str, Any], written: object, offset: int) -> None:
        usage = as_object(message.get("usage"), "usage")
        tokens, reasoning = _tokens(usage)
        if not tokens.total:  # aborted
            return
        at_ms = as_moment(written if written is not None else message.get("timestamp"), "timestamp")
        model = as_text(message.get("model"))
        asked = message.get("timestamp")
        key = as_text(message.get("responseId")) or f"{at_ms}:{asked}:{model}:{tuple(tokens)}"
        agent = self._subagent
        if agent:
            self.found.notes.append(CalledAgent(offset, "", agent, agent))
        self.found.add(
            key,
            at_ms,
            model,
            tokens,
            offset=offset,
            reasoning=reasoning,
            recorded_cost=as_dollars(as_object(usage.get("cost"), "cost").get("total"), "cost"),
            told=Attribution(
                folder=self.remembered.get("cwd", ""),
                agent=agent,
                effort=self.remembered.get("thinkingLevel", ""),
            ),
        )


def _tokens(usage: Mapping[str, Any]) -> tuple[TokenCounts, int]:
    """Return the tokens of an answer, and how many of its output are of reasoning.

    Raises:
        BadValueError: If one is impossible.
    """
    written = as_count(usage.get("cacheWrite"), "cacheWrite")
    for_an_hour = min(written, as_count(usage.get("cacheWrite1h"), "cacheWrite1h"))
    output = as_count(usage.get("output"), "output")
    tokens = TokenCounts(
        as_count(usage.get("input"), "input"),
        output,
        written - for_an_hour,
        for_an_hour,
        as_count(usage.get("cacheRead"), "cacheRead"),
    )
    return tokens, min(output, as_count(usage.get("reasoning"), "reasoning"))

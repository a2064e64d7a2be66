"""Reads the sessions of Qwen Code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spendlight.logs import gemini_chats
from spendlight.logs.found_usage import as_count, as_moment, as_object, as_text
from spendlight.logs.json_lines import JsonLines, read_json_lines
from spendlight.metering.attribution import Attribution
from spendlight.metering.entry import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange


def parse(job: ReadJob) -> ParsedRange:
    """Read a session."""
    if job.path.endswith(".json"):
        return gemini_chats.parse(job)
    return read_json_lines(job, _Lines)


class _Lines(JsonLines):
    """Lines with messages; their counts are in other lines as well, which are not read."""

    needles = (b'"usageMetadata"',)

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a line."""
        if line.get("type") != "assistant" or line.get("usageMetadata") is None:
            return
        tokens, reasoning = tokens_of(as_object(line["usageMetadata"], "usageMetadata"))
        if not tokens.total:
            return
        at_ms = as_moment(line.get("timestamp"), "timestamp")
        self.found.add(
            f"{as_text(line.get('uuid')) or as_text(line.get('sessionId'))}:{at_ms}",
            at_ms,
            as_text(line.get("model")),
            tokens,
            offset=offset,
            reasoning=reasoning,
            told=Attribution(
                folder=as_text(line.get("cwd")),
                branch=as_text(line.get("gitBranch")),
                version=as_text(line.get("version")),
            ),
        )


def tokens_of(counts: Mapping[str, Any]) -> tuple[TokenCounts, int]:
    """Return the tokens of an answer, and how many of them are thoughts beside the candidates.

    The names are those of the Gemini API, whose prompt includes what was read from the cache; only
    a total that is higher by exactly that says otherwise. Thoughts are beside the candidates unless
    the total leaves no room for them, as with providers like OpenAI.

    Raises:
        BadValueError: If one is impossible.
    """
    sent, output, thoughts, cached, tool = (
        as_count(counts.get(f"{kind}TokenCount"), f"{kind}TokenCount")
        for kind in ("prompt", "candidates", "thoughts", "cachedContent", "toolUsePrompt")
    )
    total = counts.get("totalTokenCount")
    is_inside = total is not None and total == sent + output + tool
    beside = 0 if is_inside else thoughts
    is_cache_beside = total == sent + output + beside + tool + cached and cached > 0
    fresh = sent if is_cache_beside else max(0, sent - cached)
    return TokenCounts(fresh + tool, output + beside, 0, 0, cached), beside

"""Reads the logs of Kimi CLI and Kimi Code.

    {"timestamp":…,"message":{"type":"StatusUpdate","payload":{"message_id":…,"token_usage":
        {"input_other":…,"output":…,"input_cache_read":…,"input_cache_creation":…}}}}
    {"type":"usage.record","time":…,"model":…,"usageScope":…,"usage":
        {"inputOther":…,"output":…,"inputCacheRead":…,"inputCacheCreation":…}}

Kimi CLI writes the first one, in seconds, and wraps those of a subagent in a ``SubagentEvent``.
Kimi Code writes the second one, in milliseconds; its scope says whether the request was part of a
turn, not what it adds up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spendlight.logs.found_usage import BadValueError, as_count, as_moment, as_object, as_text
from spendlight.logs.json_lines import JsonLines, read_json_lines
from spendlight.metering.attribution import NOT_KNOWN, Attribution
from spendlight.metering.entry import TokenCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

_UNNAMED: Final = "kimi-for-coding"
"""The model of Kimi CLI, whose log names none: an alias of the maker's current one."""

_OWN_MODELS: Final = "kimi-code/"
_MAIN: Final = "main"
_DEEPEST: Final = 8
"""Subagents may start others, but not more deeply than this."""

_OF_CLI: Final = ("input_other", "output", "input_cache_creation", "input_cache_read")
_OF_CODE: Final = ("inputOther", "output", "inputCacheCreation", "inputCacheRead")


def parse(job: ReadJob) -> ParsedRange:
    """Read a range of a log."""
    return read_json_lines(job, _Lines)


class _Lines(JsonLines):
    """Lines that say what a request used."""

    needles = (b'"token_usage"', b'"usage.record"')

    def __init__(self, job: ReadJob, state: bytes | None) -> None:
        super().__init__(job, state)
        parts = job.name.replace("\\", "/").split("/")
        is_of_agent = parts[-3:-2] == ["agents"] and parts[-2] != _MAIN
        self._agent = parts[-2] if is_of_agent else ""

    def take(self, line: Mapping[str, Any], offset: int) -> None:
        """Take in a line."""
        if line.get("type") == "usage.record":
            self._add(line.get("usage"), _OF_CODE, line.get("time"), line.get("model"), offset)
        elif isinstance(line.get("message"), dict):
            self._status(line["message"], line.get("timestamp"), offset)

    def _status(self, message: Mapping[str, Any], seconds: object, offset: int) -> None:
        """Take in a message of Kimi CLI, which may be one of a subagent."""
        agent = self._agent
        for _ in range(_DEEPEST):
            kind, payload = message.get("type"), as_object(message.get("payload"), "payload")
            if kind != "SubagentEvent":
                break
            agent = as_text(payload.get("agent_id") or payload.get("task_tool_call_id")) or agent
            message = as_object(payload.get("event"), "event")
        usage = payload.get("token_usage")
        if kind != "StatusUpdate" or usage is None:
            return
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            error = "timestamp is not a possible time"
            raise BadValueError(error)
        key = as_text(payload.get("message_id"))
        self._add(usage, _OF_CLI, seconds * 1000, _UNNAMED, offset, key=key, agent=agent)

    def _add(  # noqa: PLR0913  # two forms have the same contents
        self,
        usage: object,
        kinds: tuple[str, str, str, str],
        at: object,
        model: object,
        offset: int,
        *,
        key: str = "",
        agent: str | None = None,
    ) -> None:
        counts = as_object(usage, "usage")
        sent, output, written, read = (as_count(counts.get(kind), kind) for kind in kinds)
        tokens = TokenCounts(sent, output, written, 0, read)
        if not tokens.total:
            return
        at_ms = as_moment(at, "its time")
        name = as_text(model).removeprefix(_OWN_MODELS) or _UNNAMED
        agent = self._agent if agent is None else agent
        told = Attribution(agent=agent) if agent else NOT_KNOWN
        self.found.add(
            key or f"{at_ms}:{name}:{tuple(tokens)}", at_ms, name, tokens, offset=offset, told=told
        )

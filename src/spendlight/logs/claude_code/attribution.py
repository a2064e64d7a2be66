"""Finds out who requested a session's answers and why, as far as its logs still exist."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.logs.claude_code.joined import split_line
from spendlight.regular_files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spendlight.logs.discovery import LogFile

_NEEDLE: Final = b'"usage"'

AnswerKey = tuple[int, str, int]
"""What identifies an answer here: its moment in Unix milliseconds, its model, its output tokens."""


class Attribution(NamedTuple):
    """Who requested an answer, and why.

    Attributes:
        agent: The subagent's id; "" for the session itself.
        tools: The tools that it called, in the order of the log.
        skill: The skill that it belongs to, or "".
    """

    agent: str = ""
    tools: tuple[str, ...] = ()
    skill: str = ""


def attributions(files: Iterable[LogFile], session: str) -> Mapping[AnswerKey, Attribution]:
    """Return what the logs of a session say about its answers; empty if they are deleted."""
    messages: dict[str, Attribution] = {}
    keys: dict[AnswerKey, str] = {}
    for file in files:
        if file.root.agent is CLAUDE_CODE and file.session.session == session:
            _read(file.path, messages, keys)
    return {key: messages[message] for key, message in keys.items()}


def _read(path: str, messages: dict[str, Attribution], keys: dict[AnswerKey, str]) -> None:
    try:
        with open_regular(path) as log:
            for line in log:
                if _NEEDLE in line:
                    _take(line, messages, keys)
    except OSError:
        return


def _take(text: bytes, messages: dict[str, Attribution], keys: dict[AnswerKey, str]) -> None:
    """Add a line; invalid ones are ignored."""
    try:
        line: Any = orjson.loads(text)
    except ValueError:
        joined = split_line(text)
        for start, end in joined.entries if joined else ():
            _take(text[start:end], messages, keys)
        return
    try:
        message: Any = line["message"]
        at_ms = round(datetime.fromisoformat(line["timestamp"]).timestamp() * 1000)
        key = (at_ms, str(message["model"]), int(message["usage"]["output_tokens"]))
        number = str(message.get("id") or key)
        content = message.get("content") or ()
        tools = [
            str(part["name"])
            for part in content
            if isinstance(part, dict) and part.get("type") == "tool_use"
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    is_agent = bool(line.get("isSidechain"))
    known = messages.get(number, Attribution())
    skill = line.get("attributionSkill") or known.skill
    agent = (str(line.get("agentId") or "?") if is_agent else "") or known.agent
    messages[number] = Attribution(
        agent, tuple(dict.fromkeys((*known.tools, *tools))), skill if isinstance(skill, str) else ""
    )
    keys[key] = number

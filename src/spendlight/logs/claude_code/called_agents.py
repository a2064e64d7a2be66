"""Finds in logs of which type subagents are.

A type is in the call that starts a subagent, and its id in the line with the result, which may be
far away, or in another range; the newest versions of Claude Code say both in each of its lines, and
in a file beside its log; earlier ones name the call in progress lines:

    {…,"message":{…,"content":[{"type":"tool_use","id":…,"name":"Task","input":{"subagent_type":…,…}}]}}
    {…,"message":{…,"content":[{"tool_use_id":…,"type":"tool_result",…}]},"toolUseResult":{"agentId":…}}
    {…,"agentId":…,"attributionAgent":…}
    {…,"type":"progress","data":{…,"message":{…},"agentId":…},"parentToolUseID":…}
    agent-ID.meta.json: {"agentType":…,…}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import stringzilla

from spendlight.logs.claude_code.calls import CALLS
from spendlight.metering.attribution import clean
from spendlight.metering.session_notes import CalledAgent
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.logs.claude_code.usual import Usual

STARTERS: Final = frozenset({"Task", "Agent"})
"""The tools that start a subagent, in earlier and in later versions."""

STARTED: Final = b'"isAsync":true'
"""What the result of a subagent contains that was only started; it has no usage."""

MOST_LINE_BYTES: Final = 4 << 20
"""A longer line is not searched, as for notes."""

_PARENT: Final = b'"parentToolUseID"'
_RESULT: Final = b'"toolUseResult"'
_AGENT: Final = b'"agentId"'
_MOST_NAME: Final = 200
_MOST_META_BYTES: Final = 1 << 20
_LOG: Final = ".jsonl"
_PREFIX: Final = "agent-"


def has_result(line: memoryview | bytes) -> bool:
    """Return whether a line without an answer may have the result of a subagent."""
    return bool(stringzilla.find(line, _RESULT) >= 0 and stringzilla.find(line, _AGENT) >= 0)


class ToldAgents:
    """Chooses the lines of answers in a range that say something about subagents."""

    def __init__(self) -> None:
        self._last = ("", "", b"")

    def is_told_by(self, line: Usual, text: memoryview | bytes = b"") -> bool:
        """Return whether a line starts a subagent, or is the first to tell its own type or call.

        Args:
            line: The line.
            text: All of it, if it may be a progress line.
        """
        for part in line.message.content or ():
            if part.name in STARTERS and part.type in CALLS:
                return True
        agent, found = line.agentId, line.attributionAgent or ""
        parent = _parent_in(text) if text and not found else b""
        told = agent or "", found, parent
        if not agent or not (found or parent) or told == self._last:
            return False
        self._last = told
        return True


def _parent_in(text: memoryview | bytes) -> bytes:
    """Return the call that a progress line names, as it stands there; nothing if it names none."""
    at = stringzilla.rfind(text, _PARENT)
    start = stringzilla.find(text, b'"', at + len(_PARENT)) if at >= 0 else -1
    stop = stringzilla.find(text, b'"', start + 1) if start >= 0 else -1
    return bytes(text[start:stop]) if stop >= 0 else b""


def started_in(buffer: bytearray, end: int, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with results of subagents that were only started, each with its offset.

    Args:
        buffer: Whole lines, and possibly more.
        end: Where the last of them ends in the buffer.
        position: The buffer's offset in the file.
    """
    at = stringzilla.find(buffer, STARTED, 0, end)
    while at >= 0:
        start = buffer.rfind(b"\n", 0, at) + 1
        stop = buffer.find(b"\n", at, end)
        line = bytes(buffer[start:stop])
        if len(line) <= MOST_LINE_BYTES and has_result(line):
            yield position + start, line
        at = stringzilla.find(buffer, STARTED, stop, end)


def agents_told(text: bytes, offset: int) -> Iterator[CalledAgent]:
    """Yield what a line says about subagents; one that is invalid says nothing.

    Args:
        text: The line.
        offset: Where it begins in its log.
    """
    try:
        line = json.loads(str(text, "utf-8", "replace"))
    except (ValueError, RecursionError):
        return
    if not isinstance(line, dict):
        return
    inner = _object(_object(line.get("data")).get("message"))
    message = _object(line.get("message")) or _object(inner.get("message"))
    content = message.get("content")
    parts = [_object(part) for part in content] if isinstance(content, list) else []
    for part in parts:
        is_call = _name(part.get("name")) in STARTERS and _name(part.get("type")) in CALLS
        if is_call and (call := _name(part.get("id"))):
            found = _name(_object(part.get("input")).get("subagent_type"))
            if found:
                yield CalledAgent(offset, call, "", found)
    result = _object(line.get("toolUseResult"))
    agent = _name(result.get("agentId"))
    if agent:
        calls = [_name(part.get("tool_use_id")) for part in parts if "tool_use_id" in part]
        call = calls[0] if len(calls) == 1 else ""
        yield CalledAgent(offset, call, agent, _name(result.get("agentType")))
    own = inner.get("agentId") or _object(line.get("data")).get("agentId") or line.get("agentId")
    found = _name(inner.get("attributionAgent") or line.get("attributionAgent"))
    call = _name(line.get("parentToolUseID")) if inner and not found else ""
    if (found or call) and (agent := _name(own)):
        yield CalledAgent(0, call, agent, found)  # said in all lines, whichever was chosen


def told_beside(log: str) -> Sequence[CalledAgent]:
    """Return what the file beside a subagent's log says of its type.

    Args:
        log: The path of a log.
    """
    name = log.replace("\\", "/").rpartition("/")[2]
    if not name.startswith(_PREFIX) or not name.endswith(_LOG):
        return ()
    try:
        text = read_regular(log.removesuffix(_LOG) + ".meta.json", _MOST_META_BYTES)
        found = _name(_object(json.loads(text)).get("agentType"))
    except (OSError, ValueError, RecursionError):
        return ()
    agent = _name(name.removeprefix(_PREFIX).removesuffix(_LOG))
    return (CalledAgent(0, "", agent, found),) if agent and found else ()


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str:
    """Return a name that can be stored; "" if it is none."""
    if not isinstance(value, str) or len(value) > _MOST_NAME:
        return ""
    return clean(value.encode("utf-8", "replace").decode())

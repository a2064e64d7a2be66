"""The formats of several versions of Claude Code for lifelike logs."""

import random
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from spendlight.demo import DemoTokens


class Style(NamedTuple):
    """How one version of Claude Code writes its lines.

    Attributes:
        agents: Where a subagent's lines are: among the session's own, in a separate log, or
            there and repeated in the session's by `progress` lines.
        has_envelope_first: Whether version, session and folder precede the message.
        is_full_at_end: Whether only the last line of an answer has all fields of its usage.
        is_final_everywhere: Whether all lines of an answer have its final output tokens.
        has_hour_cache: Whether the cache is written for an hour.
    """

    version: str
    agents: Literal["inline", "files", "repeated"]
    has_envelope_first: bool
    is_full_at_end: bool
    is_final_everywhere: bool
    has_hour_cache: bool


FIRST = Style(
    "1.0.98",
    "inline",
    has_envelope_first=True,
    is_full_at_end=False,
    is_final_everywhere=False,
    has_hour_cache=False,
)
REPEATING = Style(
    "2.1.59",
    "repeated",
    has_envelope_first=True,
    is_full_at_end=True,
    is_final_everywhere=False,
    has_hour_cache=True,
)
FILES = Style(
    "2.1.81",
    "files",
    has_envelope_first=False,
    is_full_at_end=True,
    is_final_everywhere=False,
    has_hour_cache=True,
)
LATEST = Style(
    "2.1.219",
    "files",
    has_envelope_first=False,
    is_full_at_end=True,
    is_final_everywhere=True,
    has_hour_cache=True,
)

MAIN_MODELS = ("claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929")
AGENT_MODEL = "claude-haiku-4-5-20251001"

TIERS = (("standard", "priority", "batch"), (990, 8, 2))
"""Classes of service, and how often they occur."""


def usage_of(style: Style, tokens: DemoTokens, tier: str, *, is_last: bool) -> bytes:
    """Return the usage of one line of an answer; *tier* is its class of service."""
    counts = (
        f'"input_tokens":{tokens.input},'
        f'"cache_creation_input_tokens":{tokens.cache_write_5m + tokens.cache_write_1h},'
        f'"cache_read_input_tokens":{tokens.cache_read}'
    )
    by_age = (
        f'"cache_creation":{{"ephemeral_5m_input_tokens":{tokens.cache_write_5m},'
        f'"ephemeral_1h_input_tokens":{tokens.cache_write_1h}}}'
    )
    served = f'"service_tier":"{tier}"'
    output = f'"output_tokens":{tokens.output}'
    if style is LATEST or (is_last and style.is_full_at_end):
        return (
            f'{{{counts},{output},"server_tool_use":{{"web_search_requests":0,'
            f'"web_fetch_requests":0}},{served},{by_age},"inference_geo":"","iterations":'
            f'[{{"input_tokens":{tokens.input},{output},{by_age},"type":"message"}}],'
            '"speed":"standard"}'
        ).encode()
    geo = ',"inference_geo":"not_available"' if style.is_full_at_end else ""
    return f"{{{counts},{by_age},{output},{served}{geo}}}".encode()


def message_of(
    style: Style,
    words: tuple[bytes, bytes, bytes, bytes, bytes],
    *,
    is_unusual: bool = False,
) -> bytes:
    """Return an answer's message, from its model, id, content, stop reason and usage.

    An unusual one has its keys in alphabetical order, as written by some proxies.
    """
    model, name, content, stop, usage = words
    if is_unusual:
        return (
            b'{"content":[%b],"id":"%b","model":"%b","role":"assistant","stop_details":null,'
            b'"stop_reason":%b,"stop_sequence":null,"type":"message","usage":%b}'
        ) % (content, name, model, stop, usage)
    if style is FIRST:
        return (
            b'{"id":"%b","type":"message","role":"assistant","model":"%b","content":[%b],'
            b'"stop_reason":%b,"stop_sequence":null,"usage":%b}'
        ) % (name, model, content, stop, usage)
    more = b',"diagnostics":null' if style is LATEST else b""
    details = b',"stop_details":null' if style is LATEST else b""
    return (
        b'{"model":"%b","id":"%b","type":"message","role":"assistant","content":[%b],'
        b'"stop_reason":%b,"stop_sequence":null%b,"usage":%b%b}'
    ) % (model, name, content, stop, details, usage, more)


NO_RESPONSE = (
    b'"message":{"id":"%b","container":null,"model":"<synthetic>","role":"assistant",'
    b'"stop_reason":"stop_sequence","stop_sequence":"","type":"message","usage":{"input_tokens":0,'
    b'"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0},"content":'
    b'[{"type":"text","text":"No response requested."}]},"isApiErrorMessage":false,'
    b'"type":"assistant"'
)
"""What Claude Code writes when there was nothing to answer; its usage precedes its content."""

PROGRESS = (
    b'"type":"progress","data":{"message":{"type":"%b","timestamp":"%b",%b,"uuid":"%b"},'
    b'"normalizedMessages":[],"type":"agent_progress","prompt":"%b","agentId":"%b"},'
    b'"toolUseID":"agent_%b","parentToolUseID":"%b"'
)
"""Repeats a line of a subagent: its type, time, message and uuid."""

RESULT = (
    b'"type":"user","message":{"role":"user","content":[{"tool_use_id":"%b","type":"tool_result",'
    b'"content":"%b"}]}'
)
TASK_RESULT = (
    b',"toolUseResult":{"status":"completed","prompt":"%b","agentId":"%b","content":[{"type":'
    b'"text","text":"%b"}],"totalDurationMs":51141,"totalTokens":%d,"totalToolUseCount":%d,'
    b'"usage":%b}'
)

_BASH = (
    b'"name":"Bash","input":{"command":"npm test -- --run 2>&1 | tail -40","description":"%b"}',
    b',"toolUseResult":{"stdout":"%b","stderr":"","interrupted":false,"isImage":false}',
)
_READ_RESULT = (
    b',"toolUseResult":{"type":"text","file":{"filePath":"/home/ada/code/fog.py","content":"%b",'
    b'"numLines":90,"startLine":1,"totalLines":90}}'
)
_READ = (b'"name":"Read","input":{"file_path":"/home/ada/code/%b"}', _READ_RESULT)
_EDIT_USE = b'"name":"Edit","input":{"file_path":"fog.py","old_string":"x","new_string":"%b"}'
_EDIT_RESULT = (
    b',"toolUseResult":{"filePath":"/home/ada/code/fog.py","oldString":"x","newString":"y",'
    b'"originalFile":"%b","structuredPatch":[{"oldStart":3,"oldLines":7,"newStart":3,"newLines":9,'
    b'"lines":[" a","-x","+y"]}],"userModified":false,"replaceAll":false}'
)
_EDIT = (_EDIT_USE, _EDIT_RESULT)
_GREP = (
    b'"name":"Grep","input":{"pattern":"%b","output_mode":"content"}',
    b',"toolUseResult":{"mode":"content","numFiles":0,"filenames":[],"content":"%b","numLines":4}',
)
TOOLS = (_BASH, _READ, _EDIT, _GREP)
"""The input of tools, and their results beside the message."""
TOOL_WEIGHTS = (46, 22, 22, 10)


def uuid_of(rng: random.Random) -> bytes:
    """Return an id as used in logs."""
    digits = f"{rng.getrandbits(128):032x}"
    return (f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}").encode()


def stamp_of(seconds: float) -> bytes:
    """Return a moment in the format of logs."""
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return f"{moment[:-6]}Z".encode()

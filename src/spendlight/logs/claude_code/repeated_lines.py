"""Detects from its bytes alone that a line repeats the usage of the one before it.

A line certainly loses against the one before if it has the same message id, the same request id and
an identical usage, and is on a side chain if that one is. If it is not written in the usual way,
nothing is certain, and it must be decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spendlight.logs.claude_code.usual import Usual

NEEDLE: Final = b'"usage"'
"""A line without these bytes contains no answer; it is never decoded. Spaces may follow it."""

REQUEST: Final = b'"requestId":"'
_ON_SIDECHAIN: Final = b'"isSidechain":true'
_ON_MAIN_CHAIN: Final = b'"isSidechain":false'
_CALL: Final = b'tool_use"'
"""How the type of a part ends that calls a tool; see `calls`."""

_COLON: Final = b":"
_STOP: Final = b'"stop_reason":"'
_FIRST_PART: Final = b'"content":[{"type":"'
_TEXT: Final = rb'[^"\\\x00-\x1f]'
_USUAL_CALL: Final = re.compile(
    re.escape(_FIRST_PART) + rb'(tool_use)","id":"%b*","name":"(%b+)","input":' % (_TEXT, _TEXT)
)


def message_name(line: Usual, usage: bytes | bytearray) -> bytes:
    """Return the message id as a repetition must write it, or b"" if none is possible.

    Args:
        line: The line.
        usage: Its bytes from the usage to the end of its apparent request id.
    """
    message = line.message
    if not message.id or line.costUSD is not None:
        return b""
    if not usage.endswith(REQUEST + line.requestId.encode()):
        return b""
    return f'"id":"{message.id}"'.encode()


def what_repeats(line: Usual | None, text: bytes) -> tuple[bytes, bytes, bool] | None:
    """Return what a line that repeats this one must contain, or None if none can.

    Args:
        line: The decoded line, if it is an answer.
        text: The line itself.

    Returns:
        The bytes from its usage to its request id, its message id, and whether it must be on a
        side chain.
    """
    if line is None or not line.message.usage.output_tokens:
        return None
    at = text.find(NEEDLE)
    request = text.find(REQUEST, at)
    if request < 0:
        return None
    usage = text[at : text.find(b'"', request + len(REQUEST))]
    if not message_name(line, usage):
        return None
    return usage, line.message.id.encode(), bool(line.isSidechain)


def called_again(buffer: bytearray, line_start: int, line_end: int) -> bytes | None:
    """Return the tool that ``buffer[line_start:line_end]`` calls, as it stands there.

    Returns:
        The name; b"" if it calls none, though it may end because of a call in another line; None if
        it must be decoded to know that, as it does not call just one in the usual way.
    """
    at = _next_call(buffer, line_start, line_start, line_end)
    if at < 0:
        return b""
    found = _USUAL_CALL.match(buffer, max(line_start, at - len(_FIRST_PART)), line_end)
    if (
        found is None
        or found.start(1) != at
        or _next_call(buffer, line_start, at + 1, line_end) >= 0
    ):
        return None
    return found[2]


def _next_call(buffer: bytearray, line_start: int, start: int, line_end: int) -> int:
    at = buffer.find(_CALL, start, line_end)
    while at >= 0 and (
        buffer.startswith(_COLON, at + len(_CALL))  # a key, as of a usage: "server_tool_use"
        or buffer.endswith(_STOP, line_start, at)
    ):
        at = buffer.find(_CALL, at + 1, line_end)
    return at


def loses_against(line: Usual, buffer: bytearray, line_start: int, line_end: int) -> bool:
    """Return whether the line in ``buffer[line_start:line_end]`` is certainly on no better chain.

    It is, if the line can only be on a side chain, whatever its content.
    """
    return not line.isSidechain or (
        buffer.find(_ON_SIDECHAIN, line_start, line_end) >= 0
        and buffer.find(_ON_MAIN_CHAIN, line_start, line_end) < 0
    )

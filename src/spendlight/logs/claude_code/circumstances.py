"""What lines of a log say about the circumstances of answers: attributions and called tools."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

from spendlight.logs.claude_code.calls import CALLS
from spendlight.metering.attribution import Attribution, as_tools, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spendlight.metering.attribution import Tools

LINE_FIELDS: Final = (
    *("cwd", "gitBranch", "agentId", "attributionSkill", "attributionPlugin"),
    *("attributionMcpServer", "attributionMcpTool", "effort", "entrypoint", "version"),
)
"""The members of a line that are the fields of `Attribution`, in its order, but for the service
tier, which is in the usage."""

LoggedAttribution = tuple["str | None", ...]
"""The fields of `Attribution`, as logged."""

logged_attribution: Final[Callable[[object], LoggedAttribution]] = attrgetter(
    *LINE_FIELDS, "message.usage.service_tier"
)
"""Return what a line of the usual form says."""


class Part(msgspec.Struct, gc=False):
    """A part of an answer's content."""

    type: str | None = None
    name: str | None = None


_decode_parts: Final = msgspec.json.Decoder(list[Part]).decode
_NO_PARTS: Final = msgspec.Raw(b"[]")


def attribution_of(logged: LoggedAttribution) -> Attribution:
    """Return the attribution that a line names."""
    return Attribution._make(clean(text) if text else "" for text in logged)


def tools_in(parts: Iterable[Part]) -> Tools:
    """Return the tools that some parts of an answer call."""
    return as_tools(clean(part.name) for part in parts if part.name and part.type in CALLS)


def parts_in(content: msgspec.Raw) -> list[Part] | None:
    """Return the parts of a content that may have any form."""
    text = memoryview(content)
    if bytes(text[:1]) != b"[":
        return None
    try:
        return _decode_parts(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        parts = calling_parts(json.loads(str(text, "utf-8", "replace")))
    except (ValueError, RecursionError):
        return None
    return _decode_parts(parts)


def calling_parts(content: object) -> msgspec.Raw:
    """Return what matters of a decoded content that may have any form."""
    if not isinstance(content, list):
        return _NO_PARTS
    parts = [
        {key: text_of(part.get(key)) for key in Part.__struct_fields__}
        for part in content
        if isinstance(part, dict)
    ]
    return msgspec.Raw(msgspec.json.encode(parts))


def text_of(value: object) -> str | None:
    """Return a text that can be stored, or None if it is not a text."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "replace").decode()

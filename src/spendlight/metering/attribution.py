"""Why an answer was requested: where, by whom, with what, and which tools it called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import xxhash

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN: Final = 0
"""The number of an attribution, or of called tools, about which nothing is known."""

NO_TOOLS: Final = 1
"""The number of called tools if an answer called none."""

_ATTRIBUTION: Final = 4
_TOOLS: Final = 5
_AGENT_CALL: Final = 6
"""The kinds of hashed texts, beside those of `logs.identities`."""

_FIRST_NUMBER: Final = NO_TOOLS + 1

Tools = tuple[str, ...]
"""The names of tools, each once, in alphabetical order."""


class Attribution(NamedTuple):
    """What a log says about the circumstances of an answer; "" is what it does not say.

    New fields are added at the end, so that numbers stay the same.

    Attributes:
        folder: The working folder.
        branch: The git branch.
        agent: The subagent's id; "" for the session itself.
        skill: The skill that it belongs to.
        plugin: The plugin that the skill, the command or the server is from.
        mcp_server: The MCP server whose tool's result was answered.
        mcp_tool: That tool.
        effort: The level of effort.
        entry_point: How Claude Code was started, such as "cli".
        version: The version of Claude Code.
        service_tier: The service tier of the request.
    """

    folder: str = ""
    branch: str = ""
    agent: str = ""
    skill: str = ""
    plugin: str = ""
    mcp_server: str = ""
    mcp_tool: str = ""
    effort: str = ""
    entry_point: str = ""
    version: str = ""
    service_tier: str = ""

    @property
    def number(self) -> int:
        """Its number, which is the same in every process and never changes."""
        text = "\0".join(self).rstrip("\0")
        return _number(text, _ATTRIBUTION) if text else UNKNOWN


NOT_KNOWN: Final = Attribution()
"""Nothing is known."""


def as_tools(names: Iterable[str]) -> Tools:
    """Return the names of tools in the order in which they are numbered."""
    return tuple(sorted(set(names)))


def tools_number(tools: Tools) -> int:
    """Return the number of called tools, which is the same in every process and never changes."""
    return _number("\0".join(tools), _TOOLS) if tools else NO_TOOLS


def clean(text: str) -> str:
    """Return a name without zeros, which separate names where these are numbered."""
    return text.replace("\0", "\ufffd")


def agent_call_number(call: str) -> int:
    """Return the number of a call of a subagent, likewise."""
    return _number(call, _AGENT_CALL)


def _number(text: str, kind: int) -> int:
    """Return a hash of 63 bits; texts must not contain zeros themselves."""
    found = xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace"), kind) >> 1
    return found if found >= _FIRST_NUMBER else found + _FIRST_NUMBER

"""What a part of an answer is called that calls a tool."""

from __future__ import annotations

from typing import Final

CALLS: Final = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
"""Its types; see `repeated_lines`, too."""

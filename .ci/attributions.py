"""Counts the answers and tokens of each branch, tool and so on in logs, with nothing but JSON.

    python .ci/attributions.py FOLDER LEDGER

Compares the counts with those of a ledger that has read the data folder.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.periods import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MEMBERS = {
    "folder": "cwd",
    "branch": "gitBranch",
    "agent": "agentId",
    "skill": "attributionSkill",
    "plugin": "attributionPlugin",
    "mcp_server": "attributionMcpServer",
    "mcp_tool": "attributionMcpTool",
    "effort": "effort",
    "entry_point": "entrypoint",
    "version": "version",
}
CALLS = {"tool_use", "server_tool_use", "mcp_tool_use"}

Counts = dict[str, Counter[tuple[str, str]]]


def lines_below(folder: Path) -> Iterator[tuple[Any, Any]]:
    """Yield each line with usage, and the line that contains it, which is mostly the same."""
    for path in sorted(folder.glob("projects/**/*.jsonl")):
        for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                outer = json.loads(text)
            except ValueError:
                continue
            inner = (outer.get("data") or {}).get("message")
            for line in (outer, inner):
                message = line.get("message") if isinstance(line, dict) else None
                if isinstance(message, dict) and message.get("usage"):
                    yield line, outer
                    break


def tokens_of(usage: Mapping[str, Any]) -> int:
    """Return the tokens of all kinds."""
    written = usage.get("cache_creation_input_tokens") or 0
    split = usage.get("cache_creation")
    if split is not None:
        kinds = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
        written = sum(split.get(kind) or 0 for kind in kinds)
    read = usage.get("cache_read_input_tokens") or 0
    return int(usage["input_tokens"] + usage["output_tokens"] + written + read)


def in_logs(folder: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Yield what the logs say of each answer, and its tokens; the fullest copy counts."""
    best: dict[tuple[str, str], tuple[tuple[bool, int], dict[str, str]]] = {}
    tools: dict[tuple[str, str], set[str]] = {}
    for line, outer in lines_below(folder):
        message, data = line["message"], outer.get("data") or {}
        told = {name: line.get(m) or outer.get(m) or "" for name, m in MEMBERS.items()}
        told["agent"] = line.get("agentId") or data.get("agentId") or outer.get("agentId") or ""
        told["service_tier"] = message["usage"].get("service_tier") or ""
        key = message["id"], line.get("requestId") or f"in {outer.get('sessionId')}"
        rank = bool(line.get("isSidechain")), -tokens_of(message["usage"])
        if key not in best or rank < best[key][0]:
            best[key] = rank, told
        parts = message.get("content")
        tools.setdefault(key, set()).update(
            part["name"]
            for part in (parts if isinstance(parts, list) else ())
            if part.get("type") in CALLS
        )
    for key, ((_, tokens), told) in best.items():
        yield told | {"tools": " ".join(sorted(tools[key]))}, -tokens


def in_ledger(path: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Yield the same from a ledger."""
    with UsageLedger(path) as ledger:
        scope = ledger.scope([root.folder for root in ledger.roots()])
        for piece, attribution, tools in ledger.attributed_answers(scope, Span(0, 2**52, 0)):
            called = "not known" if tools is None else " ".join(tools)
            yield attribution._asdict() | {"tools": called}, piece.tokens.total


def counted(answers: Iterable[tuple[dict[str, str], int]]) -> Counts:
    """Return the answers and tokens of each value of each dimension."""
    found: Counts = {}
    for told, tokens in answers:
        for name, value in told.items():
            counts = found.setdefault(name, Counter())
            counts["answers", value] += 1
            counts["tokens", value] += tokens
    return found


def main() -> int:
    """Compare both."""
    expected, found = counted(in_logs(Path(sys.argv[1]))), counted(in_ledger(Path(sys.argv[2])))
    for name in expected:
        is_equal = expected[name] == found.get(name)
        word = "equal" if is_equal else "DIFFERS"
        sys.stdout.write(f"{name}: {len(expected[name]) // 2} values, {word}\n")
    return int(expected != found)


if __name__ == "__main__":
    sys.exit(main())

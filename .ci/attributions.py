"""Counts the answers and tokens of each branch, tool and so on in logs, with nothing but JSON.

    python .ci/attributions.py FOLDER LEDGER

Compares the counts with those of a ledger that has read the data folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spendlight.ledger.attributions import Names
from spendlight.ledger.opening import connect
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


def agent_types(folder: Path) -> dict[str, str]:
    """Return the type of each subagent as far as the logs, and the files beside them, say it."""
    types: dict[str, str] = {}
    for path in folder.glob("projects/**/agent-*.meta.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        types[path.name.split(".")[0].removeprefix("agent-")] = told.get("agentType") or ""
    calls: dict[str, str] = {}
    results: dict[str, str] = {}
    for path in sorted(folder.glob("projects/**/*.jsonl")):
        for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if line.get("attributionAgent") and line.get("agentId"):
                types[line["agentId"]] = line["attributionAgent"]
            inside = line.get("data") or {}
            if inside.get("agentId") and line.get("parentToolUseID"):
                results[inside["agentId"]] = line["parentToolUseID"]
            content = (line.get("message") or {}).get("content")
            for part in content if isinstance(content, list) else ():
                result = line.get("toolUseResult")
                if part.get("type") == "tool_use" and part["name"] in {"Task", "Agent"}:
                    calls[part["id"]] = part["input"].get("subagent_type") or ""
                elif "tool_use_id" in part and isinstance(result, dict) and "agentId" in result:
                    results[result["agentId"]] = part["tool_use_id"]
                    types[result["agentId"]] = result.get("agentType") or ""
    told = {agent: calls.get(call, "") for agent, call in results.items()}
    return {agent: types.get(agent) or told.get(agent, "") for agent in types | told}


@cache
def repository(folder: str) -> str:
    """Return the main checkout of a folder's repository, as git says it."""
    made_in, separator, _ = folder.replace("\\", "/").partition("/.claude/worktrees/")
    if separator:
        return made_in
    if not Path(folder).is_dir():
        return ""
    ask = ("git", "-C", folder, "rev-parse", "--path-format=absolute", "--git-common-dir")
    found = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()  # git
    return found.removesuffix("/.git")


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
    types = agent_types(folder)
    best: dict[tuple[str, str], tuple[tuple[bool, int], dict[str, str]]] = {}
    tools: dict[tuple[str, str], set[str]] = {}
    for line, outer in lines_below(folder):
        message, data = line["message"], outer.get("data") or {}
        told = {name: line.get(m) or outer.get(m) or "" for name, m in MEMBERS.items()}
        told["agent"] = line.get("agentId") or data.get("agentId") or outer.get("agentId") or ""
        told["repository"] = repository(told["folder"])
        told["agent_type"] = types.get(told["agent"], "")
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
        with closing(connect(path)) as connection:
            names = Names(connection)
            for piece, attribution, tools in ledger.attributed_answers(scope, Span(0, 2**52, 0)):
                told = attribution._asdict()
                told["tools"] = "not known" if tools is None else " ".join(tools)
                told["repository"] = names.repository(attribution.folder)
                told["agent_type"] = names.agent_type(attribution.agent)
                yield told, piece.tokens.total


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

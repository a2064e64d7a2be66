"""Counts the tokens of each branch, tool and so on in logs, with nothing but JSON.

    python .ci/dimensions.py FOLDER PROGRAM

Compares the counts with those of `PROGRAM REPORT --by DIMENSION --json`, for every report and every
dimension, and with `PROGRAM why --json`. The environment names the data folder and the ledger.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attributions import CALLS, lines_below, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NOT_KNOWN = "(not known)"
NONE = "(none)"

KEYS = {
    "repo": "repository",
    "folder": "folder",
    "branch": "branch",
    "agent-type": "agentType",
    "skill": "skill",
    "plugin": "plugin",
    "mcp": "mcpServer",
    "tool": "tools",
    "effort": "effort",
    "entrypoint": "entryPoint",
    "version": "claudeVersion",
    "tier": "serviceTier",
}
REPORTS = {
    "daily": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    "session": "session",
    "blocks": "blocks",
}
WORKTREES = "/.claude/worktrees/"

FIRST = {
    "attributionSkill": (2, 1, 126),
    "attributionPlugin": (2, 1, 126),
    "attributionMcpServer": (2, 1, 181),
    "effort": (2, 1, 215),
}
"""The first versions whose logs have these members."""

Line = dict[str, Any]
Counts = Counter[str]


def version_of(line: Line) -> tuple[int, ...]:
    """Return the version of Claude Code that wrote a line."""
    return tuple(map(int, (line.get("version") or "0").split(".")))


def member(name: str) -> Callable[[Line, Line], str]:
    """Return what says the value of a member that early versions did not write."""

    def value(line: Line, outer: Line) -> str:
        found = line.get(name) or outer.get(name)
        return found or (NONE if version_of(line) >= FIRST[name] else NOT_KNOWN)

    return value


def branch(line: Line, outer: Line) -> str:
    """Return the branch; none if the line says that it has no name."""
    for one in (line, outer):
        if "gitBranch" in one:
            return one["gitBranch"] or NONE
    return NOT_KNOWN


def repository(line: Line, outer: Line) -> str:
    """Return the repository as far as the path of a worktree says it; the others are gone."""
    at = folder(line, outer).replace("\\", "/").find(WORKTREES)
    return folder(line, outer)[:at] if at > 0 else NOT_KNOWN


def folder(line: Line, outer: Line) -> str:
    """Return the working folder."""
    return line.get("cwd") or outer.get("cwd") or NOT_KNOWN


def call_in_progress(line: Any) -> dict[str, str]:  # noqa: ANN401  # anything in a log
    """Return the subagent that a progress line is about, with the call that started it."""
    inside = line.get("data") if isinstance(line, dict) else None
    if isinstance(inside, dict) and inside.get("agentId") and line.get("parentToolUseID"):
        return {inside["agentId"]: line["parentToolUseID"]}
    return {}


def agent_types(folder_of_logs: Path) -> dict[str, str]:
    """Return the types of subagents by their ids: what calls of them, and their results, say."""
    types: dict[str, str] = {}
    calls: dict[str, str] = {}
    results: dict[str, str] = {}
    for path in folder_of_logs.glob("projects/**/*.jsonl"):
        for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                line = json.loads(text)
            except ValueError:
                continue
            message = line.get("message") if isinstance(line, dict) else None
            parts = message.get("content") if isinstance(message, dict) else None
            result = line.get("toolUseResult") if isinstance(line, dict) else None
            results |= call_in_progress(line)
            for part in parts if isinstance(parts, list) else ():
                if isinstance(part, dict) and part.get("type") == "tool_use":
                    found = (part.get("input") or {}).get("subagent_type")
                    if isinstance(found, str):
                        calls[part["id"]] = found
                if isinstance(result, dict) and result.get("agentId") and "tool_use_id" in part:
                    results[result["agentId"]] = part["tool_use_id"]
    for agent, call in results.items():
        if call in calls:
            types[agent] = calls[call]
    return types


def values_of(types: Mapping[str, str]) -> dict[str, Callable[[Line, Line], str]]:
    """Return what says the value of each dimension; tools are several lines' affair."""

    def agent_type(line: Line, outer: Line) -> str:
        data = outer.get("data") or {}
        agent = line.get("agentId") or data.get("agentId") or outer.get("agentId")
        if agent:
            return types.get(agent, NOT_KNOWN)
        return NOT_KNOWN if line.get("isSidechain") else NONE

    return {
        "repo": repository,
        "folder": folder,
        "branch": branch,
        "agent-type": agent_type,
        "skill": member("attributionSkill"),
        "plugin": member("attributionPlugin"),
        "mcp": member("attributionMcpServer"),
        "effort": member("effort"),
        "entrypoint": lambda line, outer: (
            line.get("entrypoint") or outer.get("entrypoint") or NOT_KNOWN
        ),
        "version": lambda line, outer: line.get("version") or outer.get("version") or NOT_KNOWN,
        "tier": lambda line, _: line["message"]["usage"].get("service_tier") or NOT_KNOWN,
    }


def in_logs(folder_of_logs: Path) -> dict[str, Counts]:
    """Return the tokens of each value of each dimension; of an answer the fullest copy counts."""
    values = values_of(agent_types(folder_of_logs))
    best: dict[tuple[str, str], tuple[tuple[bool, int], dict[str, str]]] = {}
    tools: dict[tuple[str, str], set[str]] = {}
    for line, outer in lines_below(folder_of_logs):
        message = line["message"]
        key = message["id"], line.get("requestId") or f"in {outer.get('sessionId')}"
        rank = bool(line.get("isSidechain")), -tokens_of(message["usage"])
        if key not in best or rank < best[key][0]:
            best[key] = rank, {name: value(line, outer) for name, value in values.items()}
        parts = message.get("content")
        called = parts if isinstance(parts, list) else ()
        tools.setdefault(key, set()).update(
            part["name"] for part in called if part.get("type") in CALLS
        )
    found: dict[str, Counts] = {name: Counter() for name in KEYS}
    for key, ((_, tokens), told) in best.items():
        for name, value in {**told, "tool": " + ".join(sorted(tools[key])) or NONE}.items():
            found[name][value] -= tokens
    return {name: +counts for name, counts in found.items()}


def asked(program: str, *words: str) -> Any:  # noqa: ANN401  # whatever it prints
    """Return the JSON that the program prints."""
    ran = subprocess.run(  # the program that is tested
        [program, *words, "--json", "--offline"], capture_output=True, check=True
    )
    return json.loads(ran.stdout)


def word(value: str | None, *, is_known: bool) -> str:
    """Return a value as above."""
    return value or (NONE if is_known else NOT_KNOWN)


def of_reports(program: str, dimension: str) -> Iterator[tuple[str, Counts]]:
    """Yield the same counts of a dimension from each report."""
    for report, key in REPORTS.items():
        counts: Counts = Counter()
        for row in asked(program, report, "--by", dimension)[key]:
            if not row.get("isGap"):
                value = word(row[KEYS[dimension]], is_known=row["isKnown"])
                counts[value] += row["totalTokens"]
        yield report, +counts


def of_why(program: str) -> dict[str, Counts]:
    """Return the same counts from what `why` says."""
    found: dict[str, Counts] = {}
    for one in asked(program, "why")["dimensions"]:
        counts = found.setdefault(one["dimension"], Counter())
        for value in one["values"]:
            counts[word(value["value"], is_known=value["isKnown"])] += value["totalTokens"]
    return {name: +counts for name, counts in found.items()}


def main() -> int:
    """Compare all."""
    expected, program = in_logs(Path(sys.argv[1])), sys.argv[2]
    why = of_why(program)
    is_wrong = False
    for name, counts in expected.items():
        wrong = [report for report, found in of_reports(program, name) if found != counts]
        wrong += [] if why[name] == counts else ["why"]
        is_wrong |= bool(wrong)
        outcome = f"DIFFERS in {', '.join(wrong)}" if wrong else "equal in all reports"
        sys.stdout.write(f"--by {name}: {len(counts)} values, {outcome}\n")
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main())

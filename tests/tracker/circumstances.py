"""Random answers with circumstances, and what they add up to by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from tests.makers import LEFT_OUT, OPUS, QUICK, line, write_log
from tests.tracker.worlds import at

from spendlight.metering.dimensions import NONE, NOT_KNOWN, Value

Told = Mapping[str, Any]
"""One answer: what its line says, and its place."""

PLACES = ("p/s1.jsonl", "p/s2.jsonl", "q/s3.jsonl", "p/s1/subagents/agent-a.jsonl")
LATEST = "2.1.300"
"""A version that says everything."""

_MINUTES = (0.0, 15.0, 300.0, 719.9, 720.0, 1500.0, 9000.0, 60_000.0)


def answers() -> st.SearchStrategy[list[Told]]:
    """Generate answers of a few sessions and their subagents."""
    some = st.sampled_from
    return st.lists(
        st.fixed_dictionaries(
            {
                "place": some(PLACES),
                "cwd": some(["/code/app", "C:\\code\\app", LEFT_OUT]),
                "gitBranch": some(["main", "fix/ä", "", LEFT_OUT]),
                "version": some([LATEST, LATEST, "1.0.30", "2.1.130", "odd", LEFT_OUT]),
                "agentId": some([LEFT_OUT, LEFT_OUT, "a1"]),
                "isSidechain": st.booleans(),
                "attributionSkill": some([LEFT_OUT, "tidy"]),
                "attributionPlugin": some([LEFT_OUT, "kit"]),
                "attributionMcpServer": some([LEFT_OUT, "browser"]),
                "effort": some([LEFT_OUT, "high", "low"]),
                "entrypoint": some([LEFT_OUT, "cli"]),
                "service_tier": some(["standard", None]),
                "tools": st.lists(some(["Bash", "Read", "Edit"]), max_size=3, unique=True),
                "minutes": some(_MINUTES),
                "output_tokens": st.integers(1, 9),
                "cache_read_input_tokens": some([0, 150_000, 250_000]),
                "model": some([OPUS, QUICK]),
                "costUSD": some([LEFT_OUT, 0.25]),
            }
        ),
        min_size=1,
        max_size=12,
    )


def write_answers(root: Path, found: Iterable[Told]) -> None:
    """Write answers into the logs of their places, each with an id of its own."""
    lines: dict[str, list[bytes]] = {}
    for number, told in enumerate(found):
        said = {name: told[name] for name in told if name not in {"place", "tools", "minutes"}}
        calls = [
            {"type": "tool_use", "id": name, "name": name, "input": {}} for name in told["tools"]
        ]
        content = [{"type": "text", "text": "Done."}, *calls]
        key = {"id": f"m{number}", "requestId": f"r{number}", "timestamp": at(told["minutes"])}
        lines.setdefault(told["place"], []).append(line(content=content, **key, **said))
    for place, some in lines.items():
        write_log(root, place, *some)


def tokens(told: Told) -> int:
    """Return the tokens of an answer."""
    return int(1003 + told["output_tokens"] + told["cache_read_input_tokens"])


def _said(told: Told, name: str) -> str:
    value = told[name]
    return value if isinstance(value, str) else ""


def _from(name: str, *versions: str) -> Callable[[Told], Value]:
    """Return the value of a field that only some of the versions write."""

    def of(told: Told) -> Value:
        if value := _said(told, name):
            return value
        return NONE if _said(told, "version") in versions else NOT_KNOWN

    return of


def _is_silent(told: Told) -> bool:
    names = ("cwd", "gitBranch", "version", "agentId", "attributionSkill", "attributionPlugin")
    others = ("attributionMcpServer", "effort", "entrypoint", "service_tier")
    return not any(_said(told, name) for name in (*names, *others))


def _agent(told: Told) -> Value:
    if value := _said(told, "agentId"):
        return value
    return NOT_KNOWN if told["isSidechain"] or _is_silent(told) else NONE


BY_HAND: Mapping[str, Callable[[Told], Value]] = {
    "folder": lambda told: _said(told, "cwd") or NOT_KNOWN,
    "branch": _from("gitBranch", LATEST, "2.1.130"),
    "agent-type": lambda told: NONE if _agent(told) == NONE else NOT_KNOWN,
    "skill": _from("attributionSkill", LATEST, "2.1.130"),
    "plugin": _from("attributionPlugin", LATEST, "2.1.130"),
    "mcp": _from("attributionMcpServer", LATEST),
    "tool": lambda told: " + ".join(sorted(told["tools"])),
    "effort": _from("effort", LATEST),
    "entrypoint": lambda told: _said(told, "entrypoint") or NOT_KNOWN,
    "version": lambda told: _said(told, "version") or NOT_KNOWN,
    "tier": lambda told: _said(told, "service_tier") or NOT_KNOWN,
    "agent": _agent,
    "session": lambda told: str(told["place"]).split("/")[1].removesuffix(".jsonl"),
    "project": lambda told: str(told["place"]).split("/", maxsplit=1)[0],
}
"""The value of each dimension, derived from the line itself."""


def by_hand(found: Iterable[Told], *dimensions: str) -> Counter[tuple[Value, ...]]:
    """Return the tokens of each combination of values of some dimensions."""
    counts: Counter[tuple[Value, ...]] = Counter()
    for told in found:
        counts[tuple(BY_HAND[name](told) for name in dimensions)] += tokens(told)
    return counts

"""The ledger keeps the circumstances of each answer: as many as the logs' JSON says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.ledger.older import take_back
from tests.makers import LEFT_OUT, append, line, progress, record, write_log
from tests.tracker.worlds import World, at, total

from spendlight.ledger.opening import connect
from spendlight.ledger.schema import KNOWS_ATTRIBUTIONS
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.attribution import Attribution
from spendlight.metering.periods import Span
from spendlight.tracker.filling_in import fill_in, fill_in_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spendlight.metering.attribution import Tools

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


def calls(*names: str) -> list[dict[str, object]]:
    return [
        {"type": "tool_use", "id": name, "name": name, "input": {"name": "no", "type": "tool_use"}}
        for name in names
    ]


def write_logs(root: Path) -> None:
    """Write logs in which each dimension has several values, and some answers have none."""
    lines = []
    for n in range(60):
        told = {
            "cwd": f"C:\\work\\ä{n % 3}",
            "gitBranch": ("main", 'fix/"x"', LEFT_OUT)[n % 3],
            "version": f"2.1.{n // 20}",
            "entrypoint": ("cli", "claude-vscode", None)[n // 7 % 3],
            "effort": ("high", LEFT_OUT)[n // 30],
            "attributionSkill": ("tidy", LEFT_OUT)[n % 2],
            "attributionPlugin": (LEFT_OUT, "tools")[n % 5 // 4],
            "attributionMcpServer": (LEFT_OUT, "browser")[n % 7 // 6],
            "attributionMcpTool": (LEFT_OUT, "click")[n % 7 // 6],
            "service_tier": ("standard", "priority")[n % 11 // 10],
        }
        key = {"id": f"m{n}", "requestId": f"r{n}", "timestamp": at(n), "output_tokens": 10 + n}
        if n % 4:
            lines.append(line(content=[{"type": "text", "text": '"tool_use"'}], **key, **told))
        for part in range(n % 3):  # the answer's other parts, each in a line of its own
            called = calls(("Bash", "Read", "Bash")[(n + part) % 3])
            lines.append(line(content=called, stop_reason="tool_use", **key, **told))
        if not n % 4 and not n % 3:
            lines.append(line(content=calls("Edit", "Bash"), **key, **told))
    write_log(root, "p/s.jsonl", *lines)
    agent = [
        line(id=f"a{n}", requestId=f"q{n}", timestamp=at(90 + n), agentId=f"a{n}", isSidechain=True)
        for n in range(3)
    ]
    write_log(root, "p/s/subagents/agent-a.jsonl", *agent)
    inner = record(id="in", requestId="in", cwd=LEFT_OUT, version=LEFT_OUT, gitBranch=LEFT_OUT)
    write_log(root, "p/t.jsonl", progress(inner, cwd="/outer", gitBranch="side"))


def counted(root: Path) -> dict[str, Counter[str]]:
    """Return the answers and tokens of each value of each dimension, as the logs' JSON says."""
    found: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    tools: dict[tuple[str, str], set[str]] = {}
    for path in sorted(root.rglob("*.jsonl")):
        for text in path.read_text(encoding="utf-8").splitlines():
            outer = json.loads(text)
            data = outer.get("data") or {}
            inner = data.get("message") or outer
            message, usage = inner["message"], inner["message"]["usage"]
            told = {
                name: inner.get(member) or outer.get(member) or ""
                for name, member in MEMBERS.items()
            }
            told["agent"] = told["agent"] or data.get("agentId") or ""
            told["service_tier"] = usage.get("service_tier") or ""
            key = message["id"], inner["requestId"]
            counts = ("input_tokens", "output_tokens", "cache_read_input_tokens")
            tokens = sum(usage[name] for name in (*counts, "cache_creation_input_tokens"))
            found.setdefault(key, (tokens, told))
            tools.setdefault(key, set()).update(
                part["name"] for part in message["content"] if part["type"] == "tool_use"
            )
    return summed((told, tools[key], tokens) for key, (tokens, told) in found.items())


def kept(ledger: Path) -> dict[str, Counter[str]]:
    """Return the same from a ledger."""
    return summed(
        (attribution._asdict(), {"?"} if tools is None else set(tools), tokens)
        for tokens, attribution, tools in circumstances(ledger)
    )


def circumstances(ledger: Path) -> list[tuple[int, Attribution, Tools | None]]:
    with UsageLedger(ledger) as opened:
        scope = opened.scope([root.folder for root in opened.roots()])
        return [
            (piece.tokens.total, attribution, tools)
            for piece, attribution, tools in opened.attributed_answers(scope, Span(0, 2**52, 0))
        ]


def summed(answers: object) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for told, tools, tokens in answers:  # type: ignore[attr-defined]  # as above
        for name, value in (*told.items(), ("tools", " ".join(sorted(tools)))):
            found.setdefault(name, Counter())[f"answers of {value}"] += 1
            found[name][f"tokens of {value}"] += tokens
    return found


def ledger_of(world: World) -> Path:
    return world.place / "data/ledger.sqlite3"


def test_each_dimension_has_the_answers_and_tokens_that_the_logs_have(world: World) -> None:
    write_logs(world.root)

    world.read()

    assert kept(ledger_of(world)) == counted(world.root)


def test_parts_of_an_answer_that_are_read_one_by_one_come_to_the_same(world: World) -> None:
    """An answer calls the tools of all its lines, whether they are read in one pass or in many."""
    whole = world.place / "whole"
    write_logs(whole)
    lines = (whole / "projects/p/s.jsonl").read_bytes().splitlines(keepends=True)
    log = write_log(world.root, "p/s.jsonl", lines[0])
    world.read()
    for text in lines[1:]:
        append(log, text)
        world.read()

    assert kept(ledger_of(world)) == counted(world.root)


@pytest.mark.parametrize("schema", range(2, KNOWS_ATTRIBUTIONS))
def test_every_earlier_schema_is_filled_in_from_the_logs(world: World, schema: int) -> None:
    write_logs(world.root)
    before = total(world.read())
    path = ledger_of(world)
    expected = kept(path)
    with closing(connect(path)) as connection:
        take_back(connection, schema)
    assert set(kept(path)["folder"]) == {"answers of ", "tokens of "}
    assert set(kept(path)["tools"]) == {"answers of ?", "tokens of ?"}

    fill_in_now(path)

    assert kept(path) == expected
    assert total(world.read()) == before


def test_what_several_logs_say_of_an_answer_is_united(world: World) -> None:
    for name, called, tokens in (("a", "Bash", 9), ("b", "Read", 7), ("c", "Edit", 8)):
        write_log(world.root, f"p/{name}.jsonl", line(content=calls(called), output_tokens=tokens))
    other = world.make_root("other")
    write_log(other, "p/a.jsonl", line(content=calls("Grep"), output_tokens=5))
    world.read(world.root, other)
    path = ledger_of(world)
    expected = kept(path)
    assert "answers of Bash Edit Read" in expected["tools"]
    with closing(connect(path)) as connection:
        take_back(connection, KNOWS_ATTRIBUTIONS - 1)

    fill_in_now(path)

    assert kept(path) == expected


KILLED = """
import os, signal, sys
from pathlib import Path
from spendlight.ledger import filling
from spendlight.tracker.filling_in import fill_in, fill_in_now

chunks = filling.packed_chunks.rewrite
def rewrite(*given):
    chunks(*given)
    if left.pop():
        os.kill(os.getpid(), signal.SIGKILL)  # within the transaction of a log
left = [True, False]
filling.packed_chunks.rewrite = rewrite
fill_in_now(Path(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGKILL")
def test_a_killed_process_is_followed_by_one_that_goes_on(world: World) -> None:
    write_logs(world.root)
    before = total(world.read())
    path = ledger_of(world)
    expected = kept(path)
    with closing(connect(path)) as connection:
        take_back(connection, KNOWS_ATTRIBUTIONS - 1)

    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False, timeout=60)

    assert done.returncode == -signal.SIGKILL
    with UsageLedger(path) as ledger:
        assert len(ledger.unattributed_logs(0x7FFF, 9)) == 2  # one of three is done
    fill_in_now(path)
    assert kept(path) == expected
    assert total(world.read()) == before


def test_it_can_be_left_to_another_process(world: World) -> None:
    write_logs(world.root)
    world.read()
    path = ledger_of(world)
    expected = kept(path)
    with closing(connect(path)) as connection:
        take_back(connection, KNOWS_ATTRIBUTIONS - 1)
    left: list[Callable[[], object]] = []

    def leave(action: Callable[[], object]) -> bool:
        left.append(action)
        return True

    fill_in(path, leave)

    assert kept(path) != expected
    (action,) = left
    action()
    assert kept(path) == expected


def test_a_ledger_that_is_not_filled_in_yet_agrees_with_the_logs(world: World) -> None:
    write_logs(world.root)
    world.read()
    path = ledger_of(world)
    with closing(connect(path)) as connection:
        take_back(connection, KNOWS_ATTRIBUTIONS - 1)

    found = world.tracker().verify()

    assert (found.missing, found.different) == (0, 0)


def test_what_is_gone_stays_unknown(world: World) -> None:
    write_logs(world.root)
    world.read()
    path = ledger_of(world)
    with closing(connect(path)) as connection:
        take_back(connection, KNOWS_ATTRIBUTIONS - 1)
    (world.root / "projects/p/t.jsonl").unlink()

    fill_in_now(path)

    assert "answers of side" not in kept(path)["branch"]
    assert kept(path)["tools"]["answers of ?"] == 1
    with UsageLedger(path) as ledger:
        assert not ledger.is_to_be_filled(0)

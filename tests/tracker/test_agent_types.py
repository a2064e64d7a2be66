"""The ledger keeps of which type each subagent is, as far as logs say so."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.ledger.older import take_back
from tests.makers import LEFT_OUT, append, encoded, line, record, write_log
from tests.tracker.worlds import World, at, total

from spendlight.ledger.attributions import Names
from spendlight.ledger.opening import connect
from spendlight.ledger.schema import SCHEMA
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker import read_jobs
from spendlight.tracker.filling_in import fill_in_now

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["native", "python"], autouse=True)
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr("spendlight.logs.claude_code.native.NATIVE._library", None)


def call(number: int, found: object, tool: str = "Task", **changes: object) -> bytes:
    """Return an answer that starts a subagent."""
    start = {"prompt": 'so-called "subagent_type"', "subagent_type": found}
    part = {"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": start}
    told = {"id": f"call{number}", "requestId": f"call{number}", "timestamp": at(number)}
    return line(content=[part], **(told | changes))


def result(number: int, agent: str, **changes: object) -> bytes:
    """Return the line that ends it."""
    part = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "done"}
    told = {"status": "completed", "agentId": agent, "usage": {"output_tokens": 7}}
    return encoded(
        record(type="user", usage=LEFT_OUT, content=[part]) | {"toolUseResult": told | changes}
    )


def started(number: int, agent: str) -> bytes:
    """Return the line that says that it was started."""
    return result(number, agent, isAsync=True, usage=None).replace(b'"usage":null', b'"a":1')


def agent_lines(agent: str, **changes: object) -> list[bytes]:
    told = {"requestId": agent, "agentId": agent, "isSidechain": True}
    return [
        line(id=f"{agent}{n}", output_tokens=n, timestamp=at(60 + n), **told, **changes)
        for n in range(2)
    ]


def types(world: World, *agents: str) -> list[str]:
    with closing(connect(world.place / "data/ledger.sqlite3")) as connection:
        names = Names(connection)
        return [names.agent_type(agent) for agent in agents]


def write_logs(world: World) -> Path:
    """Write a session whose subagents are of types that are told in all ways, or in none."""
    for agent, changes in (("by-line", {"attributionAgent": "Plan"}), ("beside", {}), ("no", {})):
        write_log(world.root, f"p/s/subagents/agent-{agent}.jsonl", *agent_lines(agent, **changes))
    beside = world.root / "projects/p/s/subagents/agent-beside.meta.json"
    beside.write_text(json.dumps({"agentType": "reviewer", "description": "secret"}))
    return write_log(
        world.root,
        "p/s.jsonl",
        *(call(1, "Explore"), call(1, "Explore"), call(2, "tidy:ä", "Agent"), call(3, 7)),
        result(1, "a1"),
        line(id="between", requestId="between"),
        *(started(2, "a2"), result(3, "a3"), result(4, "a4", agentType="Explore")),
        line(content=[{"type": "text", "text": '"isAsync":true "toolUseResult" "agentId"'}]),
        call(5, "never ended"),
    )


AGENTS = ("a1", "a2", "a3", "a4", "by-line", "beside", "no", "", "never heard of")
TYPES = ["Explore", "tidy:ä", "", "Explore", "Plan", "reviewer", "", "", ""]


def test_types_are_found_wherever_logs_tell_them(world: World) -> None:
    write_logs(world)

    world.read()

    assert types(world, *AGENTS) == TYPES
    stored = b"".join(path.read_bytes() for path in (world.place / "data").rglob("*sqlite3*"))
    assert b"secret" not in stored
    assert b"so-called" not in stored


def test_a_result_may_be_read_long_after_the_call(world: World) -> None:
    whole = write_logs(world)
    lines = whole.read_bytes().splitlines(keepends=True)
    whole.write_bytes(b"")
    world.read()
    for text in lines:
        append(whole, text)
        world.read()

    assert types(world, *AGENTS) == TYPES


def test_parts_of_a_log_may_be_read_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_jobs, "PART_BYTES", 700)
    write_logs(world)

    world.read()

    assert types(world, *AGENTS) == TYPES


def test_a_type_stays_known_when_the_logs_are_gone(world: World) -> None:
    write_logs(world)
    tracker = world.read()
    for log in sorted(world.root.rglob("*.json*")):
        log.unlink()
    tracker.refresh()

    assert types(world, *AGENTS) == TYPES


def test_of_several_types_the_first_in_the_alphabet_counts(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", call(1, "b"), result(1, "x"))
    world.read()
    append(log, call(2, "a"), result(2, "x"), call(3, "c"), result(3, "x"))
    world.read()

    assert types(world, "x") == ["a"]


@pytest.mark.parametrize("schema", [19, 20, 21])
def test_earlier_ledgers_are_filled_in_from_the_logs(world: World, schema: int) -> None:
    write_logs(world)
    before = total(world.read())
    path = world.place / "data/ledger.sqlite3"
    with closing(connect(path)) as connection:
        take_back(connection, schema)
    assert schema < SCHEMA
    assert set(types(world, *AGENTS)) == {""}

    fill_in_now(path)

    assert types(world, *AGENTS) == TYPES
    assert total(world.read()) == before
    with UsageLedger(path) as ledger:
        assert not ledger.is_to_be_filled(0)

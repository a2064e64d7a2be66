from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.backed_up import ANSWERS
from tests.tracker.faults import Fault
from tests.tracker.tally_agent import TALLY
from tests.tracker.tally_worlds import Home
from tests.tracker.worlds import World

from spendlight.logs.agent import Agent
from spendlight.logs.agents import AGENTS
from spendlight.tracker import safekeeping


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def tally() -> Iterator[Agent]:
    """An agent that is registered during one test."""
    AGENTS[TALLY.name] = TALLY
    yield TALLY
    AGENTS.pop(TALLY.name, None)


@pytest.fixture
def both(tmp_path: Path, tally: Agent) -> Home:
    """A world with data of Claude Code and of that agent."""
    assert tally.name in AGENTS
    return Home(tmp_path)


@pytest.fixture
def ledger(world: World) -> Path:
    """A ledger with a backup and newer usage."""
    write_log(world.root, "p/old.jsonl", *(line(id=f"m{n}") for n in range(ANSWERS - 1)))
    world.read()
    world.read()
    write_log(world.root, "p/new.jsonl", line(id="new"))
    world.read()
    return world.place / "data" / "ledger.sqlite3"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry to use the ledger in each pass."""
    monkeypatch.setattr(safekeeping, "RETRY_S", 0.0)


@pytest.fixture
def fault(world: World, warnings_ignored: None) -> Fault:  # noqa: ARG001  # a fault causes warnings
    return Fault(world.place / "data")

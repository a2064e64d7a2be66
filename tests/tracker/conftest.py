from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.backed_up import ANSWERS
from tests.tracker.faults import Fault
from tests.tracker.worlds import World

from spendlight.tracker import safekeeping


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def ledger(world: World) -> Path:
    """A ledger that has been backed up, and has read more since."""
    write_log(world.root, "p/old.jsonl", *(line(id=f"m{n}") for n in range(ANSWERS - 1)))
    world.read()
    world.read()
    write_log(world.root, "p/new.jsonl", line(id="new"))
    world.read()
    return world.place / "data" / "ledger.sqlite3"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try at each pass whether the ledger can be used again."""
    monkeypatch.setattr(safekeeping, "RETRY_S", 0.0)


@pytest.fixture
def fault(world: World) -> Fault:
    return Fault(world.place / "data")

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.older import take_back
from tests.makers import SONNET, line, write_log
from tests.tracker.worlds import QUESTIONS, World, at

from spendlight.ledger.opening import connect
from spendlight.ledger.schema import FOLLOWS_PATHS
from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.metering.entry import SessionName
from spendlight.metering.session_names import session_name
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

FLOW = "p/s1/subagents/workflows/w1"
OTHER = "p/s2/subagents/workflows/w2"
"""The log of a workflow in a session without a separate log."""


def name_by_folder(place: str) -> SessionName:
    """Return the session of a log's path as it was before workflows were recognized."""
    folders = place.split("/")[:-1]
    if "workflows" not in folders:
        return session_name(place)
    return SessionName(folders[0], "/".join(folders[:-1]), folders[-1])


def figures(tracker: UsageTracker) -> list[object]:
    return [tracker.ask(question).rows for question in QUESTIONS]


def sessions(tracker: UsageTracker) -> dict[str, int]:
    report = tracker.ask(Sessions())
    return {row.name.session: row.spending.tokens.total for row in report.rows}


@pytest.fixture
def old(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger from when a workflow was a separate session."""
    write_log(world.root, "p/s1.jsonl", line())
    write_log(world.root, "p/s1/subagents/agent-a.jsonl", line(id="a", timestamp=at(1)))
    write_log(world.root, f"{FLOW}/agent-b.jsonl", line(id="b", model=SONNET, timestamp=at(1)))
    write_log(world.root, f"{FLOW}/agent-c.jsonl", line(id="c", timestamp=at(500)))
    write_log(world.root, f"{OTHER}/agent-e.jsonl", line(id="f", timestamp=at(3)))
    write_log(world.root, "q/t.jsonl", line(id="d", timestamp=at(2)))
    with monkeypatch.context() as patch:
        before = CLAUDE_CODE._replace(session_of=name_by_folder)
        patch.setattr("spendlight.logs.claude_code.agent.CLAUDE_CODE", before)
        assert set(sessions(world.read())) == {"s1", "w1", "w2", "t"}
    path = world.place / "data" / "ledger.sqlite3"
    with closing(connect(path)) as connection:
        take_back(connection, FOLLOWS_PATHS - 1)
    return path


@pytest.mark.parametrize("is_deleted", [False, True])
def test_logs_of_a_workflow_are_moved_to_its_session(
    world: World, old: Path, *, is_deleted: bool
) -> None:
    expected = figures(world.read(data="fresh"))
    if is_deleted:
        for log in (world.root / "projects" / FLOW).iterdir():
            log.unlink()

    tracker = world.read()

    assert (figures(tracker), tracker.warnings) == (expected, ())
    with closing(connect(old)) as connection:
        names = connection.execute("SELECT session FROM sessions ORDER BY 1").fetchall()
    assert names == [("s1",), ("s2",), ("t",)]


def test_later_usage_is_added_there(world: World, old: Path) -> None:
    del old
    world.read()
    write_log(world.root, f"{FLOW}/agent-d.jsonl", line(id="e"))

    assert sessions(world.read()) == sessions(world.read(data="fresh"))

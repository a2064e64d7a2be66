from __future__ import annotations

import json
from math import isclose

from tests.makers import line, record, write_log
from tests.tracker.worlds import World, at

from spendlight.metering.reports import Report
from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.timeline import Timeline, TimelineRow
from spendlight.tracker.tracker import UsageTracker


def test_the_answers_of_a_session_add_up(tracker: UsageTracker) -> None:
    answers = tracker.ask(SessionAnswers("session-0"))

    report = tracker.ask(Timeline("session-0"))

    assert len(report.rows) == report.total.answers == len(answers) == 16
    assert isclose(report.total.cost, sum(answer.cost or 0.0 for answer in answers))


def test_the_log_says_who_requested_an_answer_and_why(world: World) -> None:
    tool = {"type": "tool_use", "id": "toolu_1", "name": "Edit", "input": {}}
    again = {"type": "tool_use", "id": "toolu_2", "name": "Bash", "input": {}}
    first = {"id": "m1", "requestId": "r1", "timestamp": at(1), "content": [tool]}
    write_log(
        world.root,
        "p/s.jsonl",
        json.dumps(record(**first) | {"attributionSkill": "tidy"}).encode() + b"\n",
        line(id="m1", requestId="r1", timestamp=at(1), content=[again]),
        line(id="m2", requestId="r2", timestamp=at(2)),
        b'not JSON, though it speaks of "usage"\n',
    )
    write_log(
        world.root,
        "p/s/subagents/agent-7.jsonl",
        line(id="m3", requestId="r3", timestamp=at(3), isSidechain=True, agentId="7"),
    )
    tracker = world.read()
    report = tracker.ask(Timeline("s"))
    used_for = next(column for column in report.columns if column.heading == "Used for")
    agent = next(column for column in report.columns if column.heading == "Subagent")

    assert [used_for.text(row) for row in report.rows] == ["tidy, Bash, Edit", "", ""]
    assert [agent.text(row) for row in report.rows] == ["", "", "7"]


def texts(report: Report[TimelineRow], heading: str) -> list[str]:
    """Return the cells of a column."""
    column = next(column for column in report.columns if column.heading == heading)
    return [column.text(row) for row in report.rows]


def test_without_its_log_the_circumstances_of_an_answer_are_still_known(world: World) -> None:
    tool = {"type": "tool_use", "id": "toolu_1", "name": "Edit", "input": {}}
    told = {"gitBranch": "fix/bell", "cwd": "/code/app", "effort": "high", "version": "2.1.300"}
    path = write_log(world.root, "p/s.jsonl", line(content=[tool], **told))
    tracker = world.read()
    path.unlink()
    report = tracker.ask(Timeline("s"))

    assert report.total.answers == 1
    assert texts(report, "Used for") == ["Edit"]
    assert texts(report, "Branch") == ["fix/bell"]
    assert texts(report, "Folder") == ["/code/app"]
    assert texts(report, "Effort") == ["high"]
    assert texts(report, "Repository") == ["not known"]
    assert texts(report, "Plugin") == [""]


def test_the_answers_of_one_subagent_alone(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(id="m1", requestId="r1"))
    write_log(
        world.root,
        "p/s/subagents/agent-7.jsonl",
        line(id="m2", requestId="r2", isSidechain=True, agentId="7"),
        line(id="m3", requestId="r3", isSidechain=True, agentId="7"),
    )
    tracker = world.read()

    assert tracker.ask(Timeline("s")).total.answers == 3
    assert tracker.ask(Timeline("s", agent="7")).total.answers == 2
    assert tracker.ask(Timeline("s", agent="")).total.answers == 1


def test_entries_other_than_answers_have_a_kind(world: World) -> None:
    steps = [{"type": "compaction", "input_tokens": 1, "output_tokens": 10}]
    write_log(world.root, "p/s.jsonl", line(id="plain"))
    write_log(world.root, "p/t.jsonl", line(iterations=steps))
    tracker = world.read()

    def kinds(session: str) -> list[str] | None:
        report = tracker.ask(Timeline(session))
        column = next((one for one in report.columns if one.heading == "Kind"), None)
        return column and [column.text(row) for row in report.rows]

    assert kinds("s") is None
    assert kinds("t") == ["", "compaction"]

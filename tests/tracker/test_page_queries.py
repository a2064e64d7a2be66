from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import isclose
from pathlib import Path

import pytest
from tests.makers import OPUS, SONNET, line, record, write_log
from tests.tracker.worlds import NOW, World, at

from spendlight.metering.periods import DateRange
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import BlockRow, ReportKind
from spendlight.tracker.page_requests import (
    ChoiceRow,
    NameRow,
    PageRequest,
    View,
    project_names,
)
from spendlight.tracker.queries import ReportRequest
from spendlight.tracker.tracker import UsageTracker

DAY = 24 * 60
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def tracker(world: World) -> UsageTracker:
    """Two projects and two models over eleven days, several blocks with gaps between them."""
    number = 0
    for project, session in product(("-home-ada-kettle", "-home-ada-boats"), range(3)):
        lines = []
        for step in range(8):
            number += 1
            minutes = -session * 3 * DAY - step * 97 - number
            lines.append(
                line(
                    id=f"msg_{number}",
                    requestId=f"req_{number}",
                    timestamp=at(minutes),
                    model=OPUS if step % 3 else SONNET,
                    output_tokens=100 + number,
                )
            )
        write_log(world.root, f"{project}/session-{session}.jsonl", *lines)
    return world.read()


@pytest.mark.parametrize("kind", list(ReportKind))
def test_without_a_filter_a_page_shows_what_the_terminal_shows(
    tracker: UsageTracker, kind: ReportKind
) -> None:
    ours = tracker.report(PageRequest(kind, now=NOW))
    theirs = tracker.report(ReportRequest(kind, now=NOW))

    assert ours.rows == theirs.rows
    assert ours.total == theirs.total
    assert [column.heading for column in ours.columns] == [c.heading for c in theirs.columns]


@pytest.mark.parametrize("since", [date(2026, 2, 20), date(2026, 2, 26), date(2026, 3, 1)])
def test_blocks_of_a_range_are_the_same_as_among_all_blocks(
    tracker: UsageTracker, since: date
) -> None:
    days = DateRange(since, None)

    ours = tracker.report(PageRequest(ReportKind.BLOCKS, now=NOW, days=days))
    theirs = tracker.report(ReportRequest(ReportKind.BLOCKS, now=NOW, days=days))

    assert [row for row in ours.rows if not _is_gap(row)] == [
        row for row in theirs.rows if not _is_gap(row)
    ]


def _is_gap(row: object) -> bool:
    return isinstance(row, BlockRow) and row.block.is_gap


@pytest.mark.parametrize("view", [View.PROJECTS, View.MODELS])
def test_the_parts_come_to_the_whole(tracker: UsageTracker, view: View) -> None:
    whole = tracker.report(ReportRequest(ReportKind.DAILY, now=NOW)).total

    report = tracker.report(PageRequest(ReportKind.DAILY, now=NOW, view=view))

    rows: list[NameRow] = list(report.rows)  # type: ignore[arg-type]  # rows of names
    assert isclose(sum(row.spending.cost for row in rows), whole.cost)
    assert sum(row.spending.tokens.total for row in rows) == whole.tokens.total
    assert isclose(sum(row.share for row in rows), 1.0)
    assert report.total.answers == whole.answers


@pytest.mark.parametrize("kind", list(ReportKind))
def test_the_models_of_a_report_come_to_the_report(tracker: UsageTracker, kind: ReportKind) -> None:
    whole = tracker.report(ReportRequest(kind, now=NOW)).total

    parts = [
        tracker.report(PageRequest(kind, now=NOW, model=model)).total for model in (OPUS, SONNET)
    ]

    assert isclose(sum(part.cost for part in parts), whole.cost)
    assert sum(part.answers for part in parts) == whole.answers
    assert all(len(part.models) == 1 for part in parts)


@pytest.mark.parametrize("kind", list(ReportKind))
def test_the_projects_of_a_report_come_to_the_report(
    tracker: UsageTracker, kind: ReportKind
) -> None:
    whole = tracker.report(ReportRequest(kind, now=NOW)).total

    parts = [
        tracker.report(PageRequest(kind, now=NOW, project=project)).total
        for project in ("-home-ada-kettle", "-home-ada-boats")
    ]

    assert isclose(sum(part.cost for part in parts), whole.cost)


def test_a_filter_leaves_the_bounds_of_blocks_as_they_are(tracker: UsageTracker) -> None:
    def starts(**more: str) -> set[int]:
        report = tracker.report(PageRequest(ReportKind.BLOCKS, now=NOW, **more))  # type: ignore[arg-type]  # any field
        return {row.block.start_ms for row in report.rows if isinstance(row, BlockRow)}

    everything = starts()

    assert starts(model=SONNET) < everything
    assert starts(project="-home-ada-boats") < everything


@pytest.mark.parametrize("filtered", [{"model": OPUS}, {"project": "-home-ada-kettle"}])
def test_the_millisecond_in_which_a_block_ends_is_its_own_under_a_filter(
    world: World, filtered: dict[str, str]
) -> None:
    moments = {"first": -300.0, "at the end": 0.0, "next": 5.0}
    for number, minutes in enumerate(moments.values()):
        answer = line(
            id=f"msg_{number}", requestId=f"req_{number}", timestamp=at(minutes), model=OPUS
        )
        write_log(world.root, f"-home-ada-kettle/session-{number}.jsonl", answer)
    tracker = world.read()

    everything = tracker.report(ReportRequest(ReportKind.BLOCKS, now=NOW))
    ours = tracker.report(PageRequest(ReportKind.BLOCKS, now=NOW, **filtered))  # type: ignore[arg-type]  # any field

    assert [row.block.spending.answers for row in ours.rows if isinstance(row, BlockRow)] == [2, 1]
    assert ours.rows == everything.rows


@pytest.mark.parametrize("step_ms", [60_000, 300_000, 3_600_000])
@pytest.mark.parametrize("days", [1, 12])
def test_a_course_comes_to_the_sessions_of_its_time(
    tracker: UsageTracker, step_ms: int, days: int
) -> None:
    stretch = {"since": NOON - timedelta(days=days), "until": NOON + timedelta(hours=1)}

    course = tracker.report(
        PageRequest(ReportKind.DAILY, view=View.COURSE, step_ms=step_ms, **stretch)  # type: ignore[arg-type]  # as above
    )
    sessions = tracker.report(
        PageRequest(ReportKind.SESSION, view=View.STRETCH_SESSIONS, **stretch)  # type: ignore[arg-type]  # as above
    )

    assert course.total.answers == sessions.total.answers > 0
    assert isclose(course.total.cost, sessions.total.cost)
    assert list(course.rows) == sorted(course.rows, key=lambda row: row.at)


def test_what_ends_a_stretch_is_no_longer_in_it(tracker: UsageTracker) -> None:
    first = min(row.at for row in tracker.session_answers("session-0", CostMode.AUTO))

    def answers(until: datetime) -> int:
        request = PageRequest(
            ReportKind.DAILY, view=View.COURSE, since=first - timedelta(hours=1), until=until
        )
        return tracker.report(request).total.answers

    assert answers(first) == 0
    assert answers(first + timedelta(milliseconds=1)) == 1


def test_a_session_comes_to_its_answers(tracker: UsageTracker) -> None:
    answers = tracker.session_answers("session-0", CostMode.AUTO)

    report = tracker.report(
        PageRequest(ReportKind.SESSION, view=View.ANSWERS, session="session-0", now=NOW)
    )

    assert len(report.rows) == report.total.answers == len(answers) == 16
    assert isclose(report.total.cost, sum(answer.cost or 0.0 for answer in answers))


def test_the_log_tells_who_asked_for_an_answer_and_what_for(world: World) -> None:
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
    request = PageRequest(ReportKind.SESSION, view=View.ANSWERS, session="s", now=NOW)

    report = tracker.report(request)
    used_for = next(column for column in report.columns if column.heading == "Used for")
    agent = next(column for column in report.columns if column.heading == "Subagent")

    assert [used_for.text(row) for row in report.rows] == ["tidy, Edit, Bash", "", ""]  # type: ignore[arg-type]  # its own rows
    assert [agent.text(row) for row in report.rows] == ["", "", "7"]  # type: ignore[arg-type]  # its own rows


def test_without_its_log_an_answer_tells_no_more_than_its_figures(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()
    path.unlink()
    request = PageRequest(ReportKind.SESSION, view=View.ANSWERS, session="s", now=NOW)

    report = tracker.report(request)

    assert report.total.answers == 1
    used_for = next(column for column in report.columns if column.heading == "Used for")
    assert [used_for.text(row) for row in report.rows] == [""]  # type: ignore[arg-type]  # its own rows


def test_what_is_no_answer_of_a_session_has_a_kind(world: World) -> None:
    steps = [{"type": "compaction", "input_tokens": 1, "output_tokens": 10}]
    write_log(world.root, "p/s.jsonl", line(id="plain"))
    write_log(world.root, "p/t.jsonl", line(iterations=steps))
    tracker = world.read()

    def kinds(session: str) -> list[str] | None:
        view = PageRequest(ReportKind.SESSION, view=View.ANSWERS, session=session, now=NOW)
        report = tracker.report(view)
        column = next((one for one in report.columns if one.heading == "Kind"), None)
        return column and [column.text(row) for row in report.rows]  # type: ignore[arg-type]  # its own rows

    assert kinds("s") is None
    assert kinds("t") == ["", "compaction"]


def test_projects_are_called_by_what_tells_them_apart() -> None:
    assert project_names(["-home-ada-code-kettle", "-home-ada-code-moss-garden"]) == {
        "-home-ada-code-kettle": "kettle",
        "-home-ada-code-moss-garden": "moss-garden",
    }
    assert project_names(["-Users-ada-work"]) == {"-Users-ada-work": "work"}
    assert project_names(["-home-ada"]) == {"-home-ada": "home-ada"}
    assert project_names(["C--Users-ada-work-x", "C--Users-ada-work"]) == {
        "C--Users-ada-work-x": "work-x",
        "C--Users-ada-work": "work",
    }
    assert project_names([]) == {}


def test_a_model_keeps_its_place_in_the_order_for_ever(world: World) -> None:
    tracker = world.read()

    assert tracker.color_order(["b", "a"]) == ("b", "a")
    assert tracker.color_order(["a", "c"]) == ("b", "a", "c")
    assert world.tracker().color_order([]) == ("b", "a", "c")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}'])
def test_a_damaged_memory_of_colours_is_made_anew(world: World, text: str) -> None:
    tracker = world.read()
    path = Path(world.place / "data" / "colors.json")
    path.write_text(text)

    assert tracker.color_order(["a"]) == ("a",)
    assert json.loads(path.read_text()) == ["a"]


def test_a_filter_can_offer_all_projects_and_machines(tracker: UsageTracker) -> None:
    report = tracker.report(PageRequest(ReportKind.DAILY, view=View.CHOICES))

    rows: list[ChoiceRow] = list(report.rows)  # type: ignore[arg-type]  # its own rows
    assert [row.name for row in rows if not row.is_machine] == [
        "-home-ada-boats",
        "-home-ada-kettle",
    ]
    assert len([row for row in rows if row.is_machine]) == 1


@pytest.mark.parametrize("days", [1, 500])
def test_the_models_there_ever_were_stand_in_the_order_of_first_sight(
    world: World, days: int
) -> None:
    lines = (
        line(id="a", model=SONNET, timestamp=at(days * DAY)),
        line(id="b", model="mystery", timestamp=at(2)),
        line(id="c", model=OPUS, timestamp=at(1)),
        line(id="d", model=OPUS, timestamp=at(days * DAY)),
        line(id="e", model="<synthetic>", timestamp=at(0)),
    )
    write_log(world.root, "p/s.jsonl", *lines)
    other = world.make_root("other")
    write_log(other, "p/s.jsonl", line(id="f", model=SONNET, timestamp=at(0)))
    request = PageRequest(ReportKind.DAILY, view=View.EVER)

    of_one = world.read(world.root).report(request).total
    of_both = world.read(world.root, other).report(request).total
    of_one_of_two = world.read(world.root).report(request).total

    assert [model.label for model in of_one.models] == [OPUS, "mystery", SONNET]
    assert (of_one.answers, of_one.unpriced) == (5, ("mystery",))
    assert [model.label for model in of_both.models] == [SONNET, OPUS, "mystery"]
    assert of_both.answers == 6
    assert of_one_of_two == of_one


def test_many_sessions_are_called_by_their_names(world: World) -> None:
    count = 60
    for number in range(count):
        write_log(world.root, f"p/s{number}.jsonl", line(id=f"m{number}", timestamp=at(number)))

    rows = world.read().report(ReportRequest(ReportKind.SESSION, now=NOW)).rows

    assert {row.name.session for row in rows} == {f"s{number}" for number in range(count)}  # type: ignore[union-attr]  # rows of sessions

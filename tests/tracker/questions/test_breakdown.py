"""Usage by dimensions: parts add up to the whole, and equal what is counted by hand."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, progress, record, write_log
from tests.tracker.circumstances import BY_HAND, Told, answers, by_hand, write_answers
from tests.tracker.worlds import NOW, World

from spendlight.logs.claude_code.native import NATIVE
from spendlight.metering.dimensions import DIMENSIONS, NONE, NOT_KNOWN, Condition, Value
from spendlight.metering.periods import DateRange, Period, to_ms
from spendlight.metering.reports import Report
from spendlight.metering.slices import Spending, combine
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.breakdown import Breakdown
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

PATH = ("folder", "branch", "session", "agent")
ODD_BLOCK_MS = 2_520_000


@contextmanager
def world_of(found: list[Told]) -> Iterator[UsageTracker]:
    """Yield a tracker that has read some answers."""
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_answers(world.root, found)
        tracker = world.read(is_long_lived=True)
        yield tracker
        tracker.close()


def reports(by: str = "", selection: Selection | None = None) -> list[Any]:
    """Return the questions of all reports, by a dimension."""
    which = Selection() if selection is None else selection
    return [
        Periods(which, by=by),
        Periods(which, Period.MONTH, by=by, by_project=True),
        Sessions(which, by=by),
        Sessions(which, by=by, by_machine=True),
        Blocks(which, now=NOW, by=by),
        Blocks(which, now=NOW, by=by, block_ms=ODD_BLOCK_MS),
        Blocks(which, now=NOW, by=by, by_machine=True),
    ]


def parts(report: Report[Any]) -> Counter[tuple[Value, ...]]:
    """Return the tokens of each value in a report."""
    counts: Counter[tuple[Value, ...]] = Counter()
    for row in report.rows:
        if row.spending.answers:
            counts[row.part.value,] += row.spending.tokens.total
    return counts


def is_same(one: Spending, other: Spending) -> bool:
    """Return whether two totals are equal but for the order in which costs were added."""
    return (one.tokens, one.answers) == (other.tokens, other.answers) and math.isclose(
        one.cost, other.cost, abs_tol=1e-12
    )


@settings(max_examples=8)
@given(answers())
def test_parts_are_those_counted_by_hand(found: list[Told]) -> None:
    with world_of(found) as tracker:
        whole = tracker.ask(Periods()).total
        for name in BY_HAND:
            report = tracker.ask(Breakdown((name,)))

            assert {row.values: row.spending.tokens.total for row in report.rows} == by_hand(
                found, name
            )
            assert is_same(report.total, whole)
            assert sum(row.share for row in report.rows) == pytest.approx(1)


@settings(max_examples=8)
@given(answers(), st.sampled_from(list(BY_HAND)))
def test_every_report_by_a_dimension_has_these_parts(found: list[Told], name: str) -> None:
    with world_of(found) as tracker:
        for question, divided in zip(reports(), reports(name), strict=True):
            report = tracker.ask(divided)

            assert parts(report) == by_hand(found, name)
            assert is_same(report.total, tracker.ask(question).total)


@settings(max_examples=8)
@given(answers(), st.sampled_from([name for name in BY_HAND if name != "tool"]), st.data())
def test_a_filter_selects_what_has_the_value(
    found: list[Told], name: str, data: st.DataObject
) -> None:
    value = BY_HAND[name](data.draw(st.sampled_from(found)))
    chosen = [told for told in found if BY_HAND[name](told) == value]
    where = Selection(where=(Condition(name, (value,)),))
    with world_of(found) as tracker:
        assert tracker.ask(Breakdown((name,), where)).rows[0].values == (value,)
        for question, divided in zip(
            reports(selection=where), reports("branch", where), strict=True
        ):
            report = tracker.ask(divided)

            assert parts(report) == by_hand(chosen, "branch")
            assert is_same(report.total, tracker.ask(question).total)


@settings(max_examples=6)
@given(answers())
def test_a_filter_that_selects_everything_changes_nothing(found: list[Told]) -> None:
    values = tuple({BY_HAND["branch"](told) for told in found})
    where = Selection(where=(Condition("branch", values),))
    with world_of(found) as tracker:
        for question, filtered in zip(reports(), reports(selection=where), strict=True):
            whole, report = tracker.ask(question), tracker.ask(filtered)

            assert is_same(report.total, whole.total)
            if not isinstance(question, Blocks):  # it leaves gaps out
                for one, other in zip(report.rows, whole.rows, strict=True):
                    assert is_same(one.spending, other.spending)
                    assert labels(one.spending) == labels(other.spending)


def labels(spending: Spending) -> list[str]:
    """Return the models in their order."""
    return [model.label for model in spending.models]


@settings(max_examples=6)
@given(answers())
def test_levels_of_a_path_add_up(found: list[Told]) -> None:
    with world_of(found) as tracker:
        report = tracker.ask(Breakdown(PATH))

    assert {row.values: row.spending.tokens.total for row in report.rows} == by_hand(found, *PATH)
    for depth in range(1, len(PATH) + 1):
        rows = report.level(depth)
        assert {row.values: row.spending.tokens.total for row in rows} == by_hand(
            found, *PATH[:depth]
        )
    first = report.level(1)[0]
    inner = report.level(2, first.values)
    assert sum(row.spending.answers for row in inner) == first.spending.answers
    assert sum(row.share for row in inner) == pytest.approx(1)


@settings(max_examples=6)
@given(answers(), answers())
def test_parts_belong_to_the_roots_in_scope(found: list[Told], others: list[Told]) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        other = world.make_root("other")
        write_answers(world.root, found)
        write_answers(other, others)  # some of its answers are copies of those in the first one
        world.read(world.root, other).close()
        for roots in ((world.root, other), (world.root,), (other,)):
            tracker = world.read(*roots, is_long_lived=True)
            whole = tracker.ask(Periods()).total

            assert is_same(tracker.ask(Breakdown(("tool", "branch"))).total, whole)
            for question in reports("skill"):
                assert is_same(tracker.ask(question).total, whole)
            tracker.close()


@settings(max_examples=6)
@given(answers(), st.sampled_from(["America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu"]))
def test_days_are_local(found: list[Told], zone: str) -> None:
    where = Selection(ZoneInfo(zone), DateRange(date(2026, 3, 1), date(2026, 4, 10)))
    with world_of(found) as tracker:
        days = tracker.ask(Periods(where)).rows
        parts_of_days = tracker.ask(Periods(where, by="version")).rows

    for day in days:
        some = [row.spending for row in parts_of_days if row.start == day.start]
        assert is_same(combine(some), day.spending)
    assert {row.start for row in parts_of_days} == {row.start for row in days}


def test_a_tool_selects_answers_that_called_others_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    calls: list[dict[str, object]] = [
        {"type": "tool_use", "id": name, "name": name, "input": {}} for name in ("Read", "Bash")
    ]
    lines = [
        line(id="a", requestId="a", content=calls),
        line(id="b", requestId="b", content=calls[:1]),
        line(id="c", requestId="c"),
    ]
    write_log(world.root, "p/s.jsonl", *lines)
    tracker = world.read()

    def selected(*values: Value) -> list[str]:
        where = Selection(where=(Condition("tool", values),))
        return sorted(str(row.value) for row in tracker.ask(Breakdown(("tool",), where)).rows)

    assert selected("Read") == ["Bash + Read", "Read"]
    assert selected("Bash") == ["Bash + Read"]
    assert selected("Bash + Read") == ["Bash + Read"]
    assert selected(NONE) == [""]
    assert selected("Bash", NONE) == ["", "Bash + Read"]
    assert selected(NOT_KNOWN) == []


def test_a_path_is_selected_by_its_last_part(tmp_path: Path) -> None:
    world = World(tmp_path)
    folders = ("/code/app", "C:\\code\\app", "/code/app/inner")
    lines = [line(id=cwd, requestId=cwd, cwd=cwd) for cwd in folders]
    write_log(world.root, "p/s.jsonl", *lines)
    tracker = world.read()

    def selected(value: Value) -> set[Value]:
        where = Selection(where=(Condition("folder", (value,)),))
        return {row.value for row in tracker.ask(Breakdown(("folder",), where)).rows}

    assert selected("app") == {"/code/app", "C:\\code\\app"}
    assert selected("/code/app") == {"/code/app"}
    assert selected("code") == set()


def test_a_span_of_time_may_be_shorter_than_a_day(tmp_path: Path) -> None:
    world = World(tmp_path)
    moments = ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.001Z", "2026-03-01T13:00:00.000Z")
    lines = [line(id=one, requestId=one, timestamp=one) for one in moments]
    write_log(world.root, "p/s.jsonl", *lines)
    noon_ms = to_ms(NOW) - 30 * 60_000

    report = world.read().ask(Breakdown(("branch",), between=(noon_ms + 1, noon_ms + 3_600_000)))

    assert report.total.answers == 1
    assert report.known_since_ms == noon_ms + 1


def test_every_dimension_is_counted_by_hand() -> None:
    assert DIMENSIONS.keys() - BY_HAND.keys() == {"repo"}


def test_what_becomes_known_later_is_shown_by_a_tracker_that_stays_open(tmp_path: Path) -> None:
    world = World(tmp_path)
    own = {"isSidechain": True, "agentId": "a1"}
    write_log(world.root, "p/s/subagents/agent-a1.jsonl", line(id="one", cwd="/w", **own))
    tracker = world.read(is_long_lived=True)
    assert values_of(tracker, "agent-type") == {NOT_KNOWN}

    write_log(
        world.root,
        "p/s/subagents/agent-a2.jsonl",
        line(
            id="two", cwd="/w/.claude/worktrees/x", gitBranch="new", attributionAgent="Plan", **own
        ),
    )
    tracker.refresh()

    assert values_of(tracker, "agent-type") == {"Plan"}
    assert values_of(tracker, "branch") >= {"new"}
    assert values_of(tracker, "repo") >= {"/w"}
    tracker.close()


@pytest.mark.parametrize("reader", ["native", "python"])
def test_progress_lines_name_the_call_that_has_started_a_subagent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    if reader == "python":
        monkeypatch.setattr(NATIVE, "take", lambda: None)
    world = World(tmp_path)
    asked = {"subagent_type": "Plan", "prompt": "Look."}
    call = {"type": "tool_use", "id": "toolu_1", "name": "Task", "input": asked}
    inner = [record(id=f"in{n}", requestId=f"in{n}") for n in range(3)]
    write_log(
        world.root,
        "p/s.jsonl",
        *(progress(one, parentToolUseID="toolu_1") for one in inner),
        line(id="out", content=[call]),
    )
    tracker = world.read(is_long_lived=True)

    assert values_of(tracker, "agent-type") == {"Plan", NONE}
    tracker.close()


def values_of(tracker: UsageTracker, dimension: str) -> set[Value]:
    return {row.value for row in tracker.ask(Breakdown((dimension,))).rows}


def test_many_chunks_and_few_know_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    for number in range(6):
        told = {"cwd": f"/w{number}", "gitBranch": f"b{number}", "id": f"m{number}"}
        write_log(world.root, f"p{number % 2}/s{number}.jsonl", line(**told))
    tracker = world.read(is_long_lived=True)
    questions = [Breakdown((name,)) for name in (*DIMENSIONS, "tool")]
    few = [tracker.ask(question) for question in questions]
    monkeypatch.setattr("spendlight.ledger.attributed_sums._FEW_CHUNKS", 2)
    monkeypatch.setattr("spendlight.ledger.attributions._MANY", 1)

    assert [tracker.ask(question) for question in questions] == few
    assert len(few[0].rows) + len(few[2].rows) == 7
    tracker.close()

"""Usage by one dimension as a report, and the circumstances of sessions and projects."""

from __future__ import annotations

from math import isclose
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, line, write_log
from tests.tracker.circumstances import BY_HAND, Told, answers
from tests.tracker.questions.test_breakdown import world_of
from tests.tracker.worlds import World, at

from spendlight.metering.dimensions import NONE, NOT_KNOWN, Condition, Value
from spendlight.metering.reports import Report
from spendlight.tracker.questions.dimension_shares import DimensionShares
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.questions.shares import ProjectShares

LATEST = "2.1.300"


def cells(report: Report[Any], heading: str) -> list[str]:
    """Return the cells of a column."""
    column = next(column for column in report.columns if column.heading == heading)
    return [column.text(row) for row in report.rows]


@settings(max_examples=8)
@given(answers(), st.sampled_from(list(BY_HAND)))
def test_the_parts_of_a_part_add_up_to_it(found: list[Told], name: str) -> None:
    with world_of(found) as tracker:
        whole = tracker.ask(Periods()).total
        report = tracker.ask(DimensionShares(name))
        assert report.total.tokens == whole.tokens
        assert report.total.answers == whole.answers
        for row in report.rows:
            where = (Condition(name, (row.part.value,), is_exact=True),)
            parts = tracker.ask(DimensionShares("agent", Selection(where=where)))

            assert parts.total.tokens == row.spending.tokens
            assert parts.total.answers == row.spending.answers
            assert isclose(parts.total.cost, row.spending.cost, abs_tol=1e-12)


@settings(max_examples=8)
@given(answers(), st.sampled_from(["branch", "effort", "mcp", "agent-type"]))
def test_each_session_has_the_values_of_its_answers(found: list[Told], name: str) -> None:
    wanted: dict[str, set[Value]] = {}
    projects: dict[str, set[Value]] = {}
    for told in found:
        value = BY_HAND[name](told)
        wanted.setdefault(str(BY_HAND["session"](told)), set()).add(value)
        projects.setdefault(str(BY_HAND["project"](told)), set()).add(value)
    with world_of(found) as tracker:
        sessions = tracker.ask(Sessions(also=(name,))).rows
        shares = tracker.ask(ProjectShares(also=(name,))).rows

    assert {row.name.session: set((row.told or {})[name]) for row in sessions} == wanted
    assert {row.name: set((row.told or {})[name]) for row in shares} == projects


def test_what_is_not_known_says_since_when_anything_is(world: World) -> None:
    old = {"id": "m1", "requestId": "r1", "timestamp": at(0), "version": "1.0.30"}
    new = {"id": "m2", "requestId": "r2", "timestamp": at(60), "version": LATEST}
    write_log(world.root, "p/s.jsonl", line(**old), line(**new, effort="high"))
    tracker = world.read()

    rows = {row.part.value: row for row in tracker.ask(DimensionShares("effort")).rows}

    assert rows[NOT_KNOWN].known_since_ms == rows["high"].spending.first_ms
    assert rows["high"].known_since_ms is None


def test_an_exact_condition_tells_one_tool_from_several(world: World) -> None:
    def calls(*names: str) -> list[dict[str, object]]:
        return [{"type": "tool_use", "id": name, "name": name, "input": {}} for name in names]

    write_log(
        world.root,
        "p/s.jsonl",
        line(id="m1", requestId="r1", content=calls("Bash")),
        line(id="m2", requestId="r2", content=calls("Bash", "Edit")),
    )
    tracker = world.read()

    def count(*, is_exact: bool) -> int:
        where = (Condition("tool", ("Bash",), is_exact=is_exact),)
        return tracker.ask(DimensionShares("agent", Selection(where=where))).total.answers

    assert count(is_exact=False) == 2
    assert count(is_exact=True) == 1


def test_values_beside_a_session_begin_with_those_of_most_answers(world: World) -> None:
    told = {"version": LATEST}
    write_log(
        world.root,
        "p/s.jsonl",
        line(id="m1", requestId="r1", gitBranch="zebra", **told),
        line(id="m2", requestId="r2", gitBranch="zebra", **told),
        line(id="m3", requestId="r3", gitBranch="ant", **told),
        line(id="m4", requestId="r4", version="1.0.30", gitBranch=LEFT_OUT),
    )
    write_log(world.root, "p/t.jsonl", line(id="m5", requestId="r5", gitBranch=LEFT_OUT, **told))
    report = world.read().ask(Sessions(also=("branch", "skill")))

    assert cells(report, "Branch") == ["zebra, ant, not known", ""]
    assert cells(report, "Skill") == ["not known", ""]
    assert (report.rows[1].told or {})["branch"] == (NONE,)

"""The effect of a filter, or a range of days, on each report."""

from __future__ import annotations

from datetime import date
from math import isclose

import pytest
from tests.makers import OPUS, SONNET, line, write_log
from tests.tracker.machines import Computer
from tests.tracker.worlds import NOW, ODD_BLOCK_MS, REPORTS, World, at

from spendlight.metering.periods import DateRange
from spendlight.tracker.questions import blocks
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker


@pytest.mark.parametrize("since", [date(2026, 2, 20), date(2026, 2, 26), date(2026, 3, 1)])
def test_blocks_of_a_range_equal_those_among_all_blocks(tracker: UsageTracker, since: date) -> None:
    everything = tracker.ask(Blocks(now=NOW)).rows

    rows = tracker.ask(Blocks(Selection(days=DateRange(since, None)), NOW)).rows

    assert [row for row in rows if not row.block.is_gap] == [
        row for row in everything if not row.block.is_gap and row.block.start.date() >= since
    ]


def test_a_range_of_blocks_is_made_of_the_sums_kept_of_each(
    tracker: UsageTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = tracker.ask(Blocks(now=NOW)).rows
    last = everything[-1].block.start.date()
    monkeypatch.setattr(blocks, "pieces_of_blocks", None)

    rows = tracker.ask(Blocks(Selection(days=DateRange(last, None)), NOW)).rows

    assert rows == tuple(row for row in everything if row.block.start.date() >= last)


@pytest.mark.parametrize("name", REPORTS)
def test_the_models_of_a_report_add_up(tracker: UsageTracker, name: str) -> None:
    question = REPORTS[name]
    whole = tracker.ask(question).total

    parts = [
        tracker.ask(question._replace(selection=Selection(model=model))).total
        for model in (OPUS, SONNET)
    ]

    assert isclose(sum(part.cost for part in parts), whole.cost)
    assert sum(part.answers for part in parts) == whole.answers
    assert all(len(part.models) == 1 for part in parts)


@pytest.mark.parametrize("name", REPORTS)
def test_the_projects_of_a_report_add_up(tracker: UsageTracker, name: str) -> None:
    question = REPORTS[name]
    whole = tracker.ask(question).total

    parts = [
        tracker.ask(question._replace(selection=Selection(project=project))).total
        for project in ("-home-ada-kettle", "-home-ada-boats")
    ]

    assert isclose(sum(part.cost for part in parts), whole.cost)


@pytest.mark.parametrize("block_ms", [Blocks().block_ms, ODD_BLOCK_MS])
@pytest.mark.parametrize(
    "selection", [Selection(model=SONNET), Selection(project="-home-ada-boats")]
)
def test_a_filter_does_not_move_the_bounds_of_blocks(
    tracker: UsageTracker, selection: Selection, block_ms: int
) -> None:
    def starts(question: Blocks) -> set[int]:
        return {row.block.start_ms for row in tracker.ask(question).rows}

    everything = Blocks(now=NOW, block_ms=block_ms)

    assert starts(everything._replace(selection=selection)) < starts(everything)


@pytest.mark.parametrize(
    "selection", [Selection(model=OPUS), Selection(project="-home-ada-kettle")]
)
def test_a_filtered_block_includes_its_last_millisecond(world: World, selection: Selection) -> None:
    moments = {"first": -300.0, "at the end": 0.0, "next": 5.0}
    for number, minutes in enumerate(moments.values()):
        answer = line(
            id=f"msg_{number}", requestId=f"req_{number}", timestamp=at(minutes), model=OPUS
        )
        write_log(world.root, f"-home-ada-kettle/session-{number}.jsonl", answer)
    tracker = world.read()

    everything = tracker.ask(Blocks(now=NOW))
    ours = tracker.ask(Blocks(selection, NOW))

    assert [row.block.spending.answers for row in ours.rows] == [2, 1]
    assert ours.rows == everything.rows


@pytest.mark.parametrize("selection", [Selection(model=OPUS), Selection(project="p")])
def test_a_filter_keeps_answers_after_the_end_of_a_short_block(
    world: World, selection: Selection
) -> None:
    write_log(world.root, "p/s.jsonl", line(model=OPUS, timestamp=at(59)))

    (row,) = world.read().ask(Blocks(selection, NOW, block_ms=ODD_BLOCK_MS)).rows

    assert row.spending.answers == 1


@pytest.mark.parametrize("block_ms", [Blocks().block_ms, ODD_BLOCK_MS])
def test_a_filter_applies_to_the_share_of_each_machine(world: World, block_ms: int) -> None:
    desk, lap = Computer(world, "desk"), Computer(world, "lap")
    for number, (computer, project) in enumerate(((desk, "p"), (desk, "q"), (lap, "q"))):
        answer = line(id=f"m{number}", timestamp=at(number))
        write_log(computer.roots[0], f"{project}/s{number}.jsonl", answer)
    lap.read().take_in(desk.read().export())
    everything = Blocks(now=NOW, by_machine=True, block_ms=block_ms)

    of_q = lap.tracker.ask(everything._replace(selection=Selection(project="q"))).rows

    assert {row.machine: row.spending.answers for row in of_q} == {"desk": 1, "lap": 1}

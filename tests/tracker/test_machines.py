"""Which machine's usage a report covers, and the names of machines."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.makers import line, write_log
from tests.tracker.machines import Computer
from tests.tracker.worlds import (
    NOW,
    ODD_BLOCK_MS,
    QUESTIONS,
    REPORTS,
    World,
    at,
    figures,
    logs,
    outputs_by_day,
    total,
    write_logs,
)

from spendlight.tracker.machines import UnknownMachineError
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection

SHORT = {"output_tokens": 10}
LONG = {"output_tokens": 90}

Logs = dict[str, list[bytes]]


@pytest.fixture
def desk(world: World) -> Computer:
    return Computer(world, "desk")


@pytest.fixture
def lap(world: World) -> Computer:
    return Computer(world, "lap")


def log(computer: Computer, *lines: bytes, place: str = "p/s.jsonl") -> Path:
    return write_log(computer.roots[0], place, *lines)


def test_a_report_about_one_machine_does_not_depend_on_others(
    desk: Computer, lap: Computer
) -> None:
    log(desk, line(**SHORT), line(id="b", timestamp=at(1440)))
    log(lap, line(**LONG), line(id="c"))
    alone = figures(desk.read().tracker), figures(lap.read().tracker)
    lap.take_in(desk.export())

    def of(*names: str) -> list[int]:
        chosen = Selection(machines=names)
        questions = [question._replace(selection=chosen) for question in QUESTIONS]
        return [lap.tracker.ask(question).total.tokens.total for question in questions]

    assert of("desk") == [desk.tracker.ask(question).total.tokens.total for question in QUESTIONS]
    assert of("desk", "lap") == of()
    assert figures(desk.tracker) == alone[0]
    assert lap.tracker.imported() == lap.tracker.imported(["desk"])
    assert lap.tracker.imported(["lap"]) == {}


def test_an_unknown_machine_is_rejected_with_a_list_of_known_ones(
    desk: Computer, lap: Computer
) -> None:
    log(desk, line())
    lap.take_in(desk.read().export())

    with pytest.raises(UnknownMachineError, match=r"'box', 'nas'\. Known machines: desk, lap\."):
        lap.tracker.ask(Periods(Selection(machines=("box", "desk", "nas"))))


@settings(max_examples=10, deadline=None)
@given(logs(), logs())
def test_the_shares_of_machines_add_up(of_desk: Logs, of_lap: Logs) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        desk, lap = Computer(world, "desk"), Computer(world, "lap")
        write_logs(desk.roots[0], of_desk)
        write_logs(lap.roots[0], of_lap)
        lap.read().take_in(desk.read().export())

        for question in QUESTIONS:
            whole = lap.tracker.ask(question)
            parts = lap.tracker.ask(question._replace(by_machine=True))
            assert parts.total.tokens == whole.total.tokens
            assert parts.total.answers == whole.total.answers
            assert parts.total.cost == pytest.approx(whole.total.cost)
            assert {row.machine for row in parts.rows} <= {"desk", "lap", None}


def test_each_day_has_a_row_for_each_machine(desk: Computer, lap: Computer) -> None:
    log(desk, line(), line(id="b", timestamp=at(1440)))
    log(lap, line(id="c"))
    lap.read().take_in(desk.read().export())

    report = lap.tracker.ask(Periods(by_machine=True))

    assert [(str(row.start), row.machine) for row in report.rows] == [
        ("2026-03-01", "desk"),
        ("2026-03-01", "lap"),
        ("2026-03-02", "desk"),
    ]
    assert [column.heading for column in report.columns][:3] == ["Day", "Machine", "Models"]


@pytest.mark.parametrize("block_ms", [None, ODD_BLOCK_MS])
def test_a_block_has_a_row_for_each_machine_that_used_it(
    desk: Computer, lap: Computer, block_ms: int | None
) -> None:
    log(desk, line(**SHORT), line(id="b", timestamp=at(2000)))
    log(lap, line(id="c", timestamp=at(10), **LONG))
    lap.read().take_in(desk.read().export())
    question = Blocks(now=NOW, by_machine=True)
    if block_ms is not None:
        question = question._replace(block_ms=block_ms)

    report = lap.tracker.ask(question)

    used = [(row.machine, row.block.is_gap, row.spending.tokens.output) for row in report.rows]
    assert used == [("desk", False, 10), ("lap", False, 90), (None, True, 0), ("desk", False, 400)]
    assert report.rows[0].block.start_ms == report.rows[1].block.start_ms
    only = question._replace(selection=Selection(machines=("lap",)))
    assert lap.tracker.ask(only).rows[0].machine == "lap"


def test_without_usage_there_is_no_row_for_any_machine(lap: Computer) -> None:
    for question in REPORTS.values():
        assert lap.tracker.ask(question._replace(by_machine=True)).rows == ()


def test_virtual_machines_keep_their_names_and_can_be_left_out(world: World) -> None:
    root = world.make_root("desk")
    (root / "vms" / "box" / "projects").mkdir(parents=True)
    write_log(root, "p/s.jsonl", line(**SHORT))
    write_log(root / "vms" / "box", "p/s.jsonl", line(id="inside"))
    desk = Computer(world, "desk", root).read()
    lap = Computer(world, "lap")

    lap.take_in(desk.export())
    without = Computer(world, "lap", with_vms=False)

    assert set(lap.tracker.imported()) == {"box", "desk"}
    assert outputs_by_day(lap.tracker) == {"2026-03-01": 410}
    assert outputs_by_day(without.tracker) == {"2026-03-01": 10}
    assert [row.machine for row in lap.rows()] == ["desk", "box"]
    assert lap.rows() == desk.rows()


def test_another_choice_of_folders_does_not_affect_imported_machines(
    world: World, desk: Computer
) -> None:
    log(desk, line())
    lap = Computer(world, "lap").read()
    lap.take_in(desk.read().export())

    other = world.tracker(world.make_root("other"), data="data-lap")

    assert total(other).answers == 1


def test_the_name_of_this_machine_is_kept_until_another_is_chosen(world: World) -> None:
    def name(**environ: str) -> str:
        told = {"CLAUDE_CONFIG_DIR": str(world.root), **environ}
        (this,) = world.read(environ=told).health().machines
        assert this.is_this
        return this.name

    host = name()
    assert host
    assert name(SPENDLIGHT_MACHINE=" big\n desk, ") == "big desk"
    assert name() == "big desk"
    assert name(SPENDLIGHT_MACHINE="lap") == "lap"


def test_an_imported_machine_has_its_latest_name(world: World, desk: Computer) -> None:
    log(desk, line())
    lap = Computer(world, "lap")
    lap.take_in(desk.read().export())
    renamed = world.read(
        desk.roots[0],
        data="data-desk",
        environ={"CLAUDE_CONFIG_DIR": str(desk.roots[0]), "SPENDLIGHT_MACHINE": "tower"},
    )
    assert renamed.health().machines[0].name == "tower"

    lap.take_in(desk_again(world, desk).export())

    assert set(lap.tracker.imported()) == {"tower"}
    assert total(lap.tracker).answers == 1


def desk_again(world: World, desk: Computer) -> Computer:
    again = Computer(world, "tower", *desk.roots)
    again.tracker = world.tracker(*desk.roots, data="data-desk")
    return again


def test_doctor_distinguishes_machines(desk: Computer, lap: Computer) -> None:
    log(desk, line(), line(id="b", timestamp=at(5)))
    log(lap, line(id="c"))
    lap.read().take_in(desk.read().export())

    this, other = lap.tracker.health().machines

    assert (this.name, this.is_this, this.answers, this.imported_at) == ("lap", True, 1, None)
    assert (other.name, other.is_this, other.answers) == ("desk", False, 2)
    assert other.imported_at is not None
    assert str(other.last_at) == "2026-03-01 12:05:00+00:00"


def test_logs_of_another_machine_with_the_same_paths_are_not_missing(world: World) -> None:
    write_log(world.root, "p/theirs.jsonl", line())
    export = Computer(world, "desk", world.root).read().export()
    shutil.rmtree(world.root / "projects" / "p")
    write_log(world.root, "p/ours.jsonl", line(id="b"))
    lap = Computer(world, "lap", world.root).read()

    lap.take_in(export)
    (root,) = lap.tracker.health().roots

    assert (root.files, root.gone) == (1, 0)
    assert lap.tracker.verify().is_good

"""Usage transferred between machines counts as if one machine had all the logs."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import SONNET, append, line, write_log
from tests.tracker.machines import FORMS, Computer
from tests.tracker.worlds import (
    NOW,
    ODD_BLOCK_MS,
    QUESTIONS,
    World,
    at,
    figures,
    log_lines,
    logs,
    outputs_by_day,
    total,
    write_logs,
)

from spendlight.errors import LedgerLossError, LedgerUnusableError
from spendlight.ledger.backups import back_up
from spendlight.ledger.usage_ledger import Batch, Recorded, UsageLedger
from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import DateRange
from spendlight.metering.pricing import CostMode
from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.blocks import Blocks
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


@settings(max_examples=15, deadline=None)
@given(
    st.lists(logs(), min_size=2, max_size=3),
    logs(),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from(FORMS)), max_size=4),
)
def test_logs_split_over_machines_count_as_if_one_had_all(
    made: list[Logs], later: Logs, exchanges: list[tuple[int, int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        machines = [Computer(world, name) for name, _ in zip("abc", made, strict=False)]
        for machine, content in zip(machines, made, strict=True):
            write_logs(machine.roots[0], content)
            machine.read()
        for giver, taker, form in exchanges:
            path = machines[giver % len(machines)].export(form)
            machines[taker % len(machines)].take_in(path, path)
        for name, lines in later.items():
            path = machines[0].roots[0] / "projects" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            append(path, *lines)
        machines[0].read()
        exports = [machine.export(form) for machine, form in zip(machines, FORMS, strict=False)]
        for number, machine in enumerate(machines):
            machine.take_in(*exports[number:], *exports[:number])

        one = world.read(*(machine.roots[0] for machine in machines), data="one")
        for machine in machines:
            assert figures(machine.tracker) == figures(one)


@settings(max_examples=15, deadline=None)
@given(logs(), logs(), st.lists(log_lines(), max_size=3))
def test_machines_on_which_the_logs_have_the_same_paths_agree(
    of_desk: Logs, of_lap: Logs, shared: list[bytes]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        machines = []
        for name, content in (("desk", of_desk), ("lap", of_lap)):
            shutil.rmtree(world.root / "projects")
            write_logs(world.root, content | {"p/shared.jsonl": shared})
            machines.append(Computer(world, name, world.root).read())
        desk, lap = machines

        lap.take_in(desk.export())
        desk.take_in(lap.export())

        assert figures(desk.tracker) == figures(lap.tracker)
        assert shares(desk) == shares(lap)


def test_answers_that_differ_only_in_tokens_are_in_the_same_order_on_each_machine(
    desk: Computer, lap: Computer
) -> None:
    for computer, changes in ((desk, LONG), (lap, SHORT)):
        log(computer, line(id=computer.name, timestamp=at(59), **changes))
        computer.read()

    lap.take_in(desk.export())
    desk.take_in(lap.export())

    for computer in (desk, lap):  # answers after the end of their block have one each
        blocks = computer.tracker.ask(Blocks(now=NOW, block_ms=ODD_BLOCK_MS))
        assert [row.spending.tokens.output for row in blocks.rows] == [10, 90]
        answers = computer.tracker.ask(SessionAnswers("s"))
        assert [answer.tokens.output for answer in answers] == [10, 90]


def shares(computer: Computer) -> list[list[tuple[str | None, TokenCounts]]]:
    """Return the figures of each machine in the reports."""
    reports = [computer.tracker.ask(asked._replace(by_machine=True)) for asked in QUESTIONS]
    return [[(row.machine, row.spending.tokens) for row in report.rows] for report in reports]


@pytest.mark.parametrize("form", FORMS)
def test_an_export_and_import_loses_nothing(desk: Computer, lap: Computer, form: str) -> None:
    log(
        desk,
        line(costUSD=0.1 + 0.2, speed="fast", inference_geo="us", isSidechain=True),
        line(id="b", model=SONNET, timestamp="2026-03-01T00:00:00.001Z"),
        line(id="c", cache_read_input_tokens=2**32 - 1, server_tool_use={"web_search_requests": 3}),
        line(id="d", sessionId="other", isApiErrorMessage=True, content="reached|1772370000"),
        place='deep/ "q",é/s.jsonl',
    )
    desk.read()
    assert len(desk.rows()) == 4

    lap.take_in(desk.export(form))

    assert lap.rows() == desk.rows()


def test_the_usage_of_a_described_block_is_imported_however_large(
    desk: Computer, lap: Computer
) -> None:
    told = desk.roots[0] / "usage_tracking" / "session_blocks_1.json"
    told.parent.mkdir()
    told.write_text(
        '[{"startTime": "2026-03-01T10:00:00Z", "tokenCounts": {"inputTokens": 5000000000},'
        ' "costUSD": 2000000}]'
    )
    desk.read()

    lap.take_in(desk.export())

    assert total(lap.tracker).tokens.input == 5_000_000_000


def test_a_third_machine_gets_the_first_ones_usage_unchanged(
    world: World, desk: Computer, lap: Computer
) -> None:
    log(desk, line(**SHORT), line(id="b"))
    log(lap, line(**LONG))
    desk.read()
    lap.read().take_in(desk.export())
    third = Computer(world, "third")

    third.take_in(lap.export())

    assert third.rows() == lap.rows()
    assert figures(third.tracker) == figures(lap.tracker)
    said = {(row.machine, row.machine_id) for row in third.rows()}
    assert len(said) == 2
    assert said >= {(row.machine, row.machine_id) for row in desk.rows()}


def test_importing_again_changes_nothing(desk: Computer, lap: Computer) -> None:
    log(desk, line(), line(id="b"))
    first = desk.read().export()

    (new,) = lap.take_in(first)
    before = figures(lap.tracker), lap.rows()
    (again, other_form) = lap.take_in(first, desk.export("csv"))

    assert (new.machines, new.entries, new.new_answers, new.own_entries) == (("desk",), 2, 2, 0)
    assert again == other_form == new._replace(new_answers=0)
    assert (figures(lap.tracker), lap.rows()) == before


def test_exports_can_be_imported_in_any_order(world: World) -> None:
    desk = Computer(world, "desk")
    path = log(desk, line(**SHORT))
    older = desk.read().export()
    append(path, line(**LONG), line(id="b"))
    newer = desk.read().export()

    for number, order in enumerate([(older, newer), (newer, older)]):
        lap = Computer(world, f"lap-{number}")
        lap.take_in(*order)
        assert figures(lap.tracker) == figures(desk.tracker)


def test_the_same_answer_on_two_machines_counts_once(desk: Computer, lap: Computer) -> None:
    log(desk, line(**SHORT))
    log(lap, line(**LONG))
    desk.read()
    lap.read().take_in(desk.export())

    assert total(lap.tracker).answers == 1
    assert outputs_by_day(lap.tracker) == {"2026-03-01": 90}


def test_copies_that_do_not_count_are_reported_and_marked(desk: Computer, lap: Computer) -> None:
    log(desk, line(**SHORT))
    log(lap, line(**LONG))
    desk.read()
    lap.read().take_in(desk.export())

    told = [(row.machine, row.is_counted, row.cost) for row in lap.rows()]

    assert told == [("desk", False, 0.0), ("lap", True, pytest.approx(0.018515))]
    assert sum(row.cost or 0.0 for row in lap.rows()) == pytest.approx(total(lap.tracker).cost)


def test_the_usage_of_this_machine_is_not_imported(desk: Computer, lap: Computer) -> None:
    log(desk, line())
    lap.take_in(desk.read().export())
    before = figures(desk.tracker)

    (direct, around) = desk.take_in(desk.export(), lap.export())

    assert (direct.entries, direct.own_entries, direct.machines) == (0, 1, ())
    assert (around.entries, around.own_entries) == (0, 1)
    assert figures(desk.tracker) == before
    assert desk.tracker.imported() == {}


def test_an_export_of_a_previous_ledger_doubles_nothing(world: World, desk: Computer) -> None:
    path = log(desk, line(), line(id="b"), line(id="", requestId=""))
    export = desk.read().export()
    before = figures(desk.tracker)
    shutil.rmtree(world.place / "data-desk")
    again = Computer(world, "desk").read()

    (done,) = again.take_in(export)

    assert (done.entries, done.new_answers, done.namesakes) == (3, 0, ("desk",))
    assert figures(again.tracker) == before
    path.unlink()
    assert figures(again.read().tracker) == before


@pytest.mark.parametrize("form", FORMS)
def test_only_selected_usage_is_exported(desk: Computer, form: str, lap: Computer) -> None:
    log(desk, line(), line(id="b", timestamp=at(1440)), place="p/s.jsonl")
    log(desk, line(id="c"), place="q/t.jsonl")
    desk.read()
    first = DateRange(None, NOW.date())

    export = desk.export(form, Selection(days=first, project="p"))
    lap.take_in(export)

    assert total(lap.tracker).answers == 1
    assert {row.project for row in lap.rows()} == {"p"}
    lap.take_in(desk.export(form))
    assert figures(lap.tracker) == figures(desk.tracker)


def test_the_cost_follows_the_mode_and_is_unknown_without_a_price(desk: Computer) -> None:
    log(desk, line(costUSD=0.5), line(id="b", model="mystery"), line(id="c", input_tokens=2**31))
    desk.read()

    def costs(mode: CostMode) -> list[float | None]:
        return [row.cost for row in desk.rows(Selection(mode=mode))]

    assert costs(CostMode.AUTO)[:2] == [0.5, None]
    assert costs(CostMode.DISPLAY) == [0.5, 0.0, 0.0]
    assert costs(CostMode.CALCULATE)[0] == pytest.approx(0.026265)


@pytest.mark.parametrize("context", [199_999, 200_000, 200_001])
def test_the_cost_of_an_entry_agrees_with_reports(desk: Computer, context: int) -> None:
    plain = {"input_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": {}}
    log(desk, line(model=SONNET, **plain, cache_read_input_tokens=context))
    desk.read()

    assert [row.cost for row in desk.rows()] == [pytest.approx(total(desk.tracker).cost)]


def test_an_export_without_usage_can_be_imported(desk: Computer, lap: Computer) -> None:
    desk.read()

    done = lap.take_in(*(desk.export(form) for form in FORMS))

    assert [(one.entries, one.own_entries, one.machines) for one in done] == [(0, 0, ())] * 3


def test_imported_usage_passes_verification(desk: Computer, lap: Computer) -> None:
    log(desk, line(**SHORT), line(id="b"))
    log(lap, line(**LONG))
    lap.read().take_in(desk.read().export())

    assert lap.tracker.verify().is_good


def test_nothing_is_imported_into_a_temporary_ledger(world: World, desk: Computer) -> None:
    log(desk, line())
    export = desk.read().export()
    (world.place / "taken").write_text("no folder")
    tracker = world.tracker(data="taken/data")

    with pytest.raises(LedgerUnusableError):
        list(tracker.import_entries([export]))


def test_the_loss_of_imports_since_the_last_backup_is_reported(
    world: World, desk: Computer, lap: Computer
) -> None:
    log(desk, line())
    log(lap, line(id="own"))
    ledger = world.place / "data-lap" / "ledger.sqlite3"
    lap.read()
    back_up(ledger, datetime.now(UTC) - timedelta(days=2))
    export = desk.read().export()
    lap.take_in(export)
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE chunks SET columns = x'ff'")
        connection.commit()

    assert len(lap.tracker.ask(SessionAnswers("s"))) == 1

    (*_, warning) = lap.tracker.warnings
    assert isinstance(warning, LedgerLossError)
    assert warning.title == "1 answer from 2026-03-01 is missing from the figures"
    lap.take_in(export)
    assert total(lap.tracker).answers == 2
    with UsageLedger(ledger) as opened:
        assert opened.losses() == []


def test_many_entries_in_any_order_are_merged(desk: Computer, lap: Computer) -> None:
    many = [line(id=f"m{number}", output_tokens=number) for number in range(300)]
    for number in range(3):
        log(desk, *many[number::3], place=f"p/{number}.jsonl")
    export = desk.read().export("csv")
    head, *rows = export.read_text().splitlines(keepends=True)
    export.write_text(head + "".join(sorted(rows, key=lambda row: row.split(",")[10])))

    (done,) = lap.take_in(export)

    assert (done.entries, done.new_answers) == (300, 300)
    assert figures(lap.tracker) == figures(desk.tracker)


def test_an_interrupted_import_can_be_repeated(
    desk: Computer, lap: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(desk, *(line(id=f"m{number}") for number in range(9)))
    export = desk.read().export()
    monkeypatch.setattr("spendlight.tracker.importing.MOST_ENTRIES", 2)
    monkeypatch.setattr("spendlight.tracker.import_reading.MOST_WAITING", 2)
    monkeypatch.setattr("spendlight.tracker.entry_files._BYTES_AT_ONCE", 1)
    with monkeypatch.context() as broken:
        broken.setattr("spendlight.ledger.usage_ledger.UsageLedger.record", _failing_after(2))
        with pytest.raises(KeyboardInterrupt):
            lap.take_in(export)
    assert total(lap.tracker).answers == 4

    lap.take_in(export)

    assert figures(lap.tracker) == figures(desk.tracker)


def _failing_after(count: int) -> object:
    record = UsageLedger.record
    left = iter([True] * count)

    def fail(ledger: UsageLedger, batch: Batch) -> Recorded:
        if next(left, False):
            return record(ledger, batch)
        raise KeyboardInterrupt

    return fail

"""Importing files of entries: what is read, and what is reported about each."""

from __future__ import annotations

import pytest
from tests.makers import append, line, write_log
from tests.tracker.machines import Computer
from tests.tracker.worlds import World, total


@pytest.fixture
def desk(world: World) -> Computer:
    return Computer(world, "desk")


@pytest.fixture
def lap(world: World) -> Computer:
    return Computer(world, "lap")


def test_an_imported_file_is_not_read_again_whatever_its_name(
    desk: Computer, lap: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(desk.roots[0], "p/s.jsonl", line())
    export = desk.read().export()
    (new,) = lap.take_in(export)
    copy = export.rename(export.with_name("copy.json"))
    monkeypatch.setattr("spendlight.tracker.importing.ImportFile", _never)

    (again,) = lap.take_in(copy)

    assert again == new._replace(new_answers=0)


def test_new_answers_are_reported_for_each_file(desk: Computer, lap: Computer) -> None:
    path = write_log(desk.roots[0], "p/s.jsonl", line(), line(id="b"))
    first = desk.read().export()
    append(path, line(id="c"))
    second = desk.read().export()

    outcomes = lap.take_in(first, second, first)

    assert [one.new_answers for one in outcomes] == [2, 1, 0]


def test_the_pass_after_a_first_import_need_not_sum_up_days(
    desk: Computer, lap: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(desk.roots[0], "p/s.jsonl", line())
    export = desk.read().export()
    lap.read().take_in(export)
    monkeypatch.setattr("spendlight.ledger.sums.days.make", _never)
    monkeypatch.setattr("spendlight.ledger.sums.blocks.rebuild", _never)

    lap.read()

    assert total(lap.tracker).answers == 1


@pytest.mark.parametrize("limit", ["MOST_ENTRIES", "MOST_SUMS"])
def test_many_entries_or_sums_are_written_in_parts(
    desk: Computer, lap: Computer, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    exports = []
    for number in range(3):
        write_log(desk.roots[0], f"p/{number}.jsonl", line(id=f"m{number}"))
        exports.append(desk.read().export())
    monkeypatch.setattr(f"spendlight.tracker.importing.{limit}", 1)
    outcomes = lap.take_in(*exports)

    assert [one.new_answers for one in outcomes] == [1, 1, 1]
    assert total(lap.tracker).answers == 3


def _never(*_: object) -> None:
    message = "the file was read"
    raise AssertionError(message)

"""Whatever happens to an agent's files, everything in them counts, and nothing twice."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.agents.cases import CASES
from tests.agents.kit import AgentHome, Database, Document, cost, expect, found, name_of, shares
from tests.tracker.machines import Computer
from tests.tracker.worlds import figures

from spendlight.tracker.parsing_threads import ThreadMap
from spendlight.tracker.questions.stats import Stats

WITH_DOCUMENTS = [case for case in CASES if case.has(Document)]
WITH_DATABASES = [case for case in CASES if case.has(Database)]

CUTS = 2
"""At how many bytes each file is cut."""


def test_in_one_go(there: AgentHome) -> None:
    there.write()

    tracker = there.count()

    expect(tracker, there.case)
    assert len(tracker.health().problems) == there.case.problems
    assert tracker.verify().is_good


def test_whether_the_logs_are_still_there_is_known(there: AgentHome) -> None:
    there.write()
    months = there.count().ask(Stats()).months
    assert all(month.kept == 0 for month in months)

    there.delete()
    tracker = there.count()

    assert all(month.in_logs == 0 for month in tracker.ask(Stats()).months)
    own = [root for root in tracker.health().roots if root.agent == there.case.agent]
    assert any(root.gone for root in own)


def test_in_increments(there: AgentHome) -> None:
    for share in shares(5):
        there.write(share)
        tracker = there.count()

    expect(tracker, there.case)
    assert len(tracker.health().problems) == there.case.problems
    assert tracker.verify().is_good
    assert figures(tracker) == figures(there.count("alone"))


def test_in_increments_that_one_process_notices(there: AgentHome) -> None:
    tracker = there.open()
    tracker.refresh()
    for share in shares(3):
        there.write(share)
        tracker.refresh(only=frozenset(str(there.path(name)) for name in there.case.files))
    tracker.refresh()

    expect(tracker, there.case)


@pytest.mark.parametrize("step", [1, -1])
def test_in_any_order(there: AgentHome, step: int) -> None:
    for name in list(there.logs)[::step]:
        there.write(only=[name])
        tracker = there.count()

    expect(tracker, there.case)


def test_cut_at_any_byte(there: AgentHome) -> None:
    chosen = random.Random(f"{there.case.agent} {there.case.name}")  # noqa: S311  # for tests
    for name, file in there.logs.items():
        for cut in sorted(chosen.choices(range(len(file) + 1), k=CUTS)):
            data = f"{list(there.logs).index(name)} at {cut}"
            there.delete()
            there.write(only=[other for other in there.logs if other != name])
            there.write_part(name, cut)
            there.count(data)
            there.write()

            tracker = there.count(data)

            expect(tracker, there.case)
            assert len(tracker.health().problems) == there.case.problems, data


@pytest.mark.parametrize("there", WITH_DOCUMENTS, ids=name_of, indirect=True)
def test_what_was_read_of_a_document_stays_when_it_is_half_rewritten(there: AgentHome) -> None:
    there.write()
    there.count()
    for name, file in there.case.files.items():
        if isinstance(file, Document):
            for cut in (0, len(file) // 2, len(file) - 1):
                there.write_part(name, cut)

                expect(there.count(), there.case)


def test_twice(there: AgentHome) -> None:
    there.write()
    there.count()
    there.touch()

    tracker = there.count()
    tracker.refresh()

    expect(tracker, there.case)
    assert len(tracker.health().problems) == there.case.problems
    assert tracker.verify().is_good


def test_deleted_afterwards(there: AgentHome) -> None:
    there.write()
    before = figures(there.count())
    there.delete()

    tracker = there.count()

    expect(tracker, there.case)
    assert figures(tracker) == before


@pytest.mark.parametrize("form", ["json", "csv"])
def test_on_another_machine(there: AgentHome, form: str) -> None:
    there.write()
    desk = Computer(there, "desk")
    desk.tracker = there.count()
    laptop = Computer(there, "laptop")

    export = desk.export(form)
    laptop.take_in(export)
    laptop.take_in(export)

    expect(laptop.tracker, there.case)
    assert {row.agent for row in laptop.rows()} == {there.case.agent}
    third = Computer(there, "third")
    third.take_in(laptop.export(form))
    expect(third.tracker, there.case)


def test_in_threads(there: AgentHome) -> None:
    there.write()

    expect(there.count(parse_map=ThreadMap(2, few_bytes=0)), there.case)


def test_in_a_home_that_was_moved(there: AgentHome) -> None:
    there.write()
    before = found(there.count()), cost(there.count())
    there.home = there.home.rename(there.place / "elsewhere")

    tracker = there.count()

    assert (found(tracker), cost(tracker)) == before
    assert tracker.verify().is_good


def test_nothing_is_written_beside_the_files(there: AgentHome) -> None:
    there.write()
    before = contents(there.home)

    there.count()

    assert contents(there.home) == before


@pytest.mark.parametrize("there", WITH_DATABASES, ids=name_of, indirect=True)
def test_a_database_that_is_being_written_is_read(there: AgentHome) -> None:
    """The write-ahead log holds what was written last."""
    databases = {
        name: file for name, file in there.case.files.items() if isinstance(file, Database)
    }
    there.write(only=[name for name in there.case.files if name not in databases])
    for name, statements in databases.items():
        with closing(sqlite3.connect(there.path(name))) as db:
            db.execute("PRAGMA journal_mode = WAL")
            for statement in statements:
                db.execute(statement)
                db.commit()
                tracker = there.count()
            before = contents(there.home)
            expect(there.count("another"), there.case)
            assert contents(there.home) == before

    expect(tracker, there.case)


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what is in the files below a folder, except for memory that connections share."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path: b"" if path.name.endswith("-shm") else path.read_bytes() for path in found}

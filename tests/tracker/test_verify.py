"""Verification compares the ledger with the logs, and repairs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.backed_up import ANSWERS, tear
from tests.tracker.worlds import World, figures, total

from spendlight.errors import LedgerMendedError, LedgerReplacedError
from spendlight.ledger import chunks
from spendlight.ledger.opening import connect


def tamper(path: Path, statement: str = "UPDATE chunks SET columns = x'ff'") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def test_an_undamaged_ledger_passes_verification(world: World, ledger: Path) -> None:
    (world.root / "projects" / "p" / "new.jsonl").unlink()
    tracker = world.tracker()

    found = tracker.verify()

    assert found.is_good
    assert (found.answers, found.held) == (ANSWERS - 1, ANSWERS)
    assert ledger.exists()
    assert tracker.warnings == ()


def test_verification_reports_its_progress(world: World, ledger: Path) -> None:
    done: list[tuple[int, int]] = []

    world.tracker().verify(
        lambda progress: done.append((progress.files_done, progress.files_total))
    )

    assert ledger.exists()
    assert done == [(1, 2), (2, 2)]


def test_an_entry_that_differs_from_its_log_is_read_again(world: World, ledger: Path) -> None:
    with closing(connect(ledger)) as connection:  # like a faulty version of the program
        (chunk,) = chunks.load(connection, "c.file = 2")
        chunk.entries[0] = chunk.entries[0]._replace(output=401)
        chunks.replace(connection, chunk)

    found = world.tracker().verify()

    assert found.is_good
    assert (found.mended_answers, found.mended_sums) == (
        1,
        4,
    )  # of the slot, the session, the block and the day
    again = world.tracker().verify()
    assert (again.is_good, again.mended_answers, again.mended_sums) == (True, 0, 0)


def test_a_missing_entry_is_read_again(world: World, ledger: Path) -> None:
    with closing(connect(ledger)) as connection:
        connection.execute("DELETE FROM chunk_answers WHERE chunk = 2")
        connection.execute("DELETE FROM chunks WHERE id = 2")

    found = world.tracker().verify()

    assert (found.is_good, found.mended_answers) == (True, 1)
    assert total(world.tracker()).answers == ANSWERS


def test_a_changed_sum_is_recomputed(world: World, ledger: Path) -> None:
    before = figures(world.tracker())
    tamper(ledger, "UPDATE buckets SET output = output + 7 WHERE session = 1")
    tracker = world.tracker()

    assert tracker.verify().is_good
    (warning,) = tracker.warnings
    assert warning.title == ("A damaged sum in the usage ledger was recalculated from its answers")
    assert figures(world.tracker()) == before
    assert world.tracker().warnings == ()


@pytest.mark.parametrize(
    ("spoil", "kind"), [(tear, LedgerReplacedError), (tamper, LedgerMendedError)]
)
def test_verification_repairs_a_damaged_ledger_first(
    world: World, ledger: Path, spoil: Callable[[Path], None], kind: type[Exception]
) -> None:
    spoil(ledger)
    tracker = world.tracker()

    assert tracker.verify().is_good
    assert {type(warning) for warning in tracker.warnings} == {kind}
    assert total(tracker).answers == ANSWERS
    again = world.tracker()
    assert again.verify().is_good
    assert again.warnings == ()


def test_a_better_copy_in_a_deleted_log_is_not_a_difference(world: World) -> None:
    fuller = write_log(world.root, "p/fuller.jsonl", line(output_tokens=900))
    write_log(world.root, "p/s.jsonl", line())
    world.read()
    fuller.unlink()

    found = world.tracker().verify()

    assert found.is_good
    assert (found.answers, found.held) == (1, 1)

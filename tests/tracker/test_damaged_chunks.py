"""Repairing a damaged chunk: by its own bits, or from a backup of its log."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.worlds import World, causes, total

from spendlight.errors import LedgerLossError, LedgerMendedError
from spendlight.ledger import page_seals
from spendlight.tracker.questions.breakdown import Breakdown
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture
def log(world: World) -> Path:
    """A log that was backed up together with another, and has grown since."""
    found = write_log(world.root, "p/s.jsonl", *(line(id=f"m{number}") for number in range(9)))
    write_log(world.root, "b/other.jsonl", line(id="other"), line(id=LEFT_OUT))
    world.tracker().refresh()
    world.tracker().refresh()  # makes the daily backup
    append(found, line(id="new"))
    world.read()
    return found


def write_over(world: World, log: Path, *, bit: int | None = None) -> None:
    """Damage the entries of a log in the ledger: all of them, or a single bit."""
    ledger = world.place / "data" / "ledger.sqlite3"
    with closing(sqlite3.connect(ledger)) as connection:
        where = "file = (SELECT id FROM files WHERE path = ?)"
        query = f"SELECT id, columns FROM chunks WHERE {where}"  # noqa: S608  # as above
        for number, columns in connection.execute(query, (str(log),)).fetchall():
            changed = bytearray(len(columns))
            if bit is not None:
                changed[:] = columns
                changed[bit // 8] ^= 1 << bit % 8
            connection.execute(
                "UPDATE chunks SET columns = ? WHERE id = ?", (bytes(changed), number)
            )
        connection.commit()
    page_seals._beside(ledger, page_seals.SUFFIX).unlink()  # noqa: SLF001  # the real name


def verified(world: World) -> UsageTracker:
    tracker = world.tracker()
    tracker.verify()
    return tracker


@pytest.mark.parametrize("bit", [0, 77])
def test_a_flipped_bit_of_a_chunk_is_repaired_without_any_backup(
    world: World, log: Path, bit: int
) -> None:
    before = total(world.tracker())
    shutil.rmtree(world.place / "data" / "backups")
    log.unlink()
    write_over(world, log, bit=bit)

    tracker = verified(world)

    assert (total(tracker), causes(tracker)) == (before, [LedgerMendedError])
    assert world.read().warnings == ()


def test_a_report_by_branch_repairs_a_damaged_chunk(world: World, log: Path) -> None:
    before = world.tracker().ask(Breakdown(("branch",)))
    write_over(world, log, bit=77)
    tracker = world.tracker()

    assert tracker.ask(Breakdown(("branch",))) == before
    assert causes(tracker) == [LedgerMendedError]


def test_a_grown_chunk_is_restored_as_far_as_the_backup_has_it(world: World, log: Path) -> None:
    log.unlink()
    write_over(world, log)

    tracker = verified(world)

    assert total(tracker).answers == 11
    assert LedgerLossError in causes(tracker)


@pytest.mark.usefixtures("warnings_ignored")
def test_a_backup_restores_nothing_of_undamaged_logs(world: World, log: Path) -> None:
    (world.root / "projects" / "b").rename(world.root / "projects" / "z")
    world.read()
    log.unlink()
    write_over(world, log)

    tracker = verified(world)

    rows = tracker.ask(Sessions()).rows
    assert {row.name.project_path: row.spending.answers for row in rows} == {"z": 2, "p": 9}


@pytest.mark.usefixtures("log")
def test_a_flipped_bit_in_a_signature_does_not_affect_the_name(world: World) -> None:
    before = total(world.tracker())
    shutil.rmtree(world.place / "data" / "backups")
    ledger = world.place / "data" / "ledger.sqlite3"
    with closing(sqlite3.connect(ledger)) as connection:
        ((number, signature),) = connection.execute("SELECT id, signature FROM sessions LIMIT 1")
        query = "UPDATE sessions SET signature = ? WHERE id = ?"
        connection.execute(query, (signature ^ 4, number))
        connection.commit()
    page_seals._beside(ledger, page_seals.SUFFIX).unlink()  # noqa: SLF001  # the real name

    tracker = verified(world)

    assert (total(tracker), causes(tracker)) == (before, [LedgerMendedError])
    assert "may be wrong" not in str(tracker.warnings[0])

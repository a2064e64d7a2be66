"""Missing chunks and damaged names of logs cost no history."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World, at, causes, figures

from spendlight.errors import LedgerMendedError, LedgerReplacedError
from spendlight.ledger import page_seals
from spendlight.ledger.opening import connect

SESSIONS = 6


@pytest.fixture
def logs(world: World) -> list[Path]:
    """Some logs that have been read and backed up."""
    found = [
        write_log(
            world.root,
            f"p/s{number}.jsonl",
            *(line(id=f"m{number}-{row}", timestamp=at(number * 60 + row)) for row in range(3)),
        )
        for number in range(SESSIONS)
    ]
    world.tracker().refresh()
    world.tracker().refresh()  # makes the daily backup
    return found


def test_missing_chunks_are_restored_from_the_backup(world: World, logs: list[Path]) -> None:
    right = figures(world.tracker())
    for log in logs:
        log.unlink()
    _lose_chunks(world)

    tracker = world.read()

    assert (figures(tracker), causes(tracker)) == (right, [LedgerMendedError])
    assert world.read().warnings == ()


@pytest.mark.usefixtures("logs")
def test_without_a_backup_missing_chunks_are_restored_from_the_logs(world: World) -> None:
    right = figures(world.tracker())
    _lose_chunks(world)
    shutil.rmtree(world.place / "data/backups")

    tracker = world.read()

    assert (figures(tracker), causes(tracker)) == (right, [LedgerMendedError])
    assert world.read().warnings == ()


@pytest.mark.usefixtures("logs")
def test_a_log_with_a_damaged_name_is_not_reported_as_lost(world: World) -> None:
    right = figures(world.tracker())
    ledger = _ledger(world)
    data = ledger.read_bytes()
    assert b"p/s1.jsonl" in data
    ledger.write_bytes(data.replace(b"p/s1.jsonl", b"p/sX.jsonl", 1))
    _forget_seals(ledger)

    tracker = world.read()

    assert (figures(tracker), causes(tracker)) == (right, [LedgerReplacedError])
    assert world.read().warnings == ()


def _lose_chunks(world: World) -> None:
    ledger = _ledger(world)
    with closing(connect(ledger)) as connection:
        connection.execute("DELETE FROM chunks WHERE id % 2")
    _forget_seals(ledger)


def _ledger(world: World) -> Path:
    return world.place / "data/ledger.sqlite3"


def _forget_seals(ledger: Path) -> None:
    ledger.with_name(f"{ledger.name}{page_seals.SUFFIX}").unlink()

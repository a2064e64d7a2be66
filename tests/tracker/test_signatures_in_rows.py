"""Signatures of sessions and logs, which earlier versions stored in a separate table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.older import take_back
from tests.tracker.worlds import World, causes, figures

from spendlight.errors import LedgerMendedError
from spendlight.ledger.connection import connect_to
from spendlight.ledger.opening import connect
from spendlight.ledger.page_seals import SUFFIX
from spendlight.ledger.schema import WITH_OWN_SIGNATURE

BEFORE = 15
WRONG = {
    "sessions": "UPDATE sessions SET project = 'another' WHERE id = 1",
    "files": "UPDATE files SET path = path || 'x' WHERE id = 1",
}


def make_older(ledger: Path) -> None:
    """Convert a ledger to the schema in which signatures were in a separate table."""
    with closing(connect(ledger)) as connection:
        take_back(connection, BEFORE)
        connection.execute("PRAGMA journal_mode = DELETE")


def damage(ledger: Path, table: str) -> None:
    """Change a row that is in the backup, without its signature."""
    with closing(connect_to(ledger)) as connection:
        connection.execute(f"DROP TRIGGER {table}_update")
        connection.execute(WRONG[table])
    ledger.with_name(f"{ledger.name}{SUFFIX}").unlink()


def signatures(ledger: Path) -> list[tuple[object, ...]]:
    """Return all signatures, wherever they are."""
    with closing(sqlite3.connect(ledger)) as connection:
        found = connection.execute("SELECT of, key, signature FROM signatures").fetchall()
        for table in WITH_OWN_SIGNATURE:
            if any("signature" in row for row in connection.execute(f"PRAGMA table_info({table})")):
                rows = connection.execute(f"SELECT '{table}', id, signature FROM {table}")  # noqa: S608  # names of ours
                found += rows.fetchall()
    return sorted(found, key=repr)


def test_an_update_moves_signatures_and_adds_none(world: World, ledger: Path) -> None:
    before = signatures(ledger)
    make_older(ledger)
    with closing(sqlite3.connect(ledger)) as connection:
        kept = {row[0] for row in connection.execute("SELECT of FROM signatures")}

    tracker = world.read()

    assert kept > WITH_OWN_SIGNATURE
    assert tracker.warnings == ()
    assert [row for row in signatures(ledger) if row[:2] != ("meta", "schema")] == [
        row for row in before if row[:2] != ("meta", "schema")
    ]
    assert world.tracker().verify().is_good


@pytest.mark.parametrize("table", sorted(WITH_OWN_SIGNATURE))
def test_damage_from_before_the_update_is_found_after_it(
    world: World, ledger: Path, table: str
) -> None:
    right = figures(world.tracker())
    make_older(ledger)
    damage(ledger, table)

    tracker = world.read()

    assert figures(tracker) == right
    assert causes(tracker) == [LedgerMendedError]
    assert world.tracker().verify().is_good


@pytest.mark.parametrize("table", sorted(WITH_OWN_SIGNATURE))
def test_rows_are_restored_from_a_backup_of_the_previous_version(
    world: World, ledger: Path, table: str
) -> None:
    right = figures(world.tracker())
    for backup in (ledger.parent / "backups").glob("*.sqlite3"):
        make_older(backup)
    damage(ledger, table)

    tracker = world.read()

    assert figures(tracker) == right
    assert causes(tracker) == [LedgerMendedError]
    assert world.read().warnings == ()

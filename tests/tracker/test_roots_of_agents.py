"""The agents of data folders in ledgers of a version that did not store them."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.older import take_back
from tests.tracker.worlds import World, causes, figures

from spendlight.errors import LedgerMendedError
from spendlight.ledger.connection import connect_to
from spendlight.ledger.opening import connect
from spendlight.ledger.page_seals import SUFFIX
from spendlight.ledger.schema import KNOWS_AGENTS


def make_older(ledger: Path) -> None:
    """Convert a ledger to the schema in which folders had no agent, all of them signed."""
    with closing(connect(ledger)) as connection:
        take_back(connection, KNOWS_AGENTS - 1)
        connection.execute("UPDATE roots SET machine = machine")
        connection.execute("PRAGMA journal_mode = DELETE")


def damage(ledger: Path) -> None:
    """Change a data folder without a signature."""
    with closing(connect_to(ledger)) as connection:
        connection.execute("DROP TRIGGER roots_update")
        connection.execute("UPDATE roots SET machine = 'another'")


def roots(ledger: Path) -> list[tuple[str, str]]:
    with closing(connect(ledger)) as connection:
        return connection.execute("SELECT machine, agent FROM roots").fetchall()


@pytest.mark.parametrize("is_damaged", [False, True])
def test_folders_have_an_agent_after_an_update_and_damage_is_not_signed(
    world: World, ledger: Path, *, is_damaged: bool
) -> None:
    shutil.rmtree(ledger.parent / "backups")  # those of the current schema
    make_older(ledger)
    if is_damaged:
        damage(ledger)
    ledger.with_name(f"{ledger.name}{SUFFIX}").unlink()

    tracker = world.read()

    assert causes(tracker) == ([LedgerMendedError] if is_damaged else [])
    assert roots(ledger) == [("another" if is_damaged else "", "claude-code")]
    assert world.tracker().verify().is_good


def test_a_folder_is_restored_from_a_backup_of_the_previous_version(
    world: World, ledger: Path
) -> None:
    right = figures(world.tracker())
    for backup in (ledger.parent / "backups").glob("*.sqlite3"):
        make_older(backup)
    damage(ledger)
    ledger.with_name(f"{ledger.name}{SUFFIX}").unlink()

    tracker = world.read()

    assert figures(tracker) == right
    assert causes(tracker) == [LedgerMendedError]
    assert roots(ledger) == [("", "claude-code")]

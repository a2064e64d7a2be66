"""Damaged names of circumstances and titles are found and restored, and no figure changes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.tracker.test_agent_types import AGENTS, TYPES, types, write_logs
from tests.tracker.test_attributions import kept
from tests.tracker.test_session_notes import custom, link
from tests.tracker.worlds import World, figures

from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker.filling_in import fill_in_now

if TYPE_CHECKING:
    from pathlib import Path

DAMAGE = [
    "UPDATE attribution_names SET text = text || 'x' WHERE text = '/home/ada/engine'",
    "UPDATE attribution_names SET id = (SELECT MAX(id) FROM attribution_names) WHERE id = 1",
    "UPDATE attributions SET branch = branch + 1",
    "UPDATE attributions SET number = number + 1 WHERE folder > 0",
    "UPDATE attribution_facts SET value = '[\"Other\"]' WHERE of = 'tools'",
    "UPDATE attribution_facts SET value = 'x' WHERE of = 'tools'",
    "UPDATE attribution_facts SET value = number WHERE of = 'agent'",
    "UPDATE attribution_facts SET value = number WHERE of = 'folder'",
    "UPDATE session_notes SET text = 'other' WHERE kind > 0",
    "UPDATE session_notes SET number = 8 WHERE kind < 0",
    "DELETE FROM attribution_facts WHERE of = 'tools'",
    "UPDATE attribution_facts SET of = 'tool' WHERE of = 'tools'",
]


def write(world: World) -> None:
    log = write_logs(world)
    log.write_bytes(log.read_bytes() + custom("Mend") + link())


def damage(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def known(world: World) -> object:
    return kept(world.place / "data/ledger.sqlite3"), types(world, *AGENTS)


@pytest.mark.usefixtures("warnings_ignored")
@pytest.mark.parametrize("has_logs", [True, False])
@pytest.mark.parametrize("statement", DAMAGE)
def test_damaged_names_are_restored(world: World, statement: str, *, has_logs: bool) -> None:
    """From the logs if there are any, otherwise from the backup."""
    write(world)
    world.read()
    path = world.place / "data/ledger.sqlite3"
    shutil.rmtree(path.parent / "backups", ignore_errors=True)
    if not has_logs:
        tracker = world.tracker()
        tracker.refresh()
        tracker.back_up()
        shutil.rmtree(world.root / "projects/p")
    right, expected = figures(world.read()), known(world)
    damage(path, statement)

    tracker = world.read()
    with UsageLedger(path) as ledger:
        is_to_be_filled = ledger.is_to_be_filled(0x7FFF)
    fill_in_now(path)
    tracker = world.read()

    assert known(world) == expected
    assert types(world, *AGENTS) == TYPES
    assert figures(tracker) == right
    assert is_to_be_filled or statement.startswith(("UPDATE repositories", "DELETE"))

"""Names stored in ledgers: renaming one would silently lose what is stored under it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.machines import Computer
from tests.tracker.worlds import World

from spendlight.metering.budgets import AlertPolicy, Budget, Metric


@pytest.fixture
def ledger(world: World) -> Path:
    """A ledger of one machine with an import from another."""
    desk, lap = Computer(world, "desk"), Computer(world, "lap")
    budget = Budget(name="b", amount=1, metric=Metric.TOKENS, levels=(1.0,))
    for computer in (desk, lap):
        write_log(computer.roots[0], "p/s.jsonl", line(id=computer.name))
        computer.tracker.use_budgets([budget], AlertPolicy())
        computer.read()
    lap.take_in(desk.export())
    lap.tracker.mute(datetime.now(UTC) + timedelta(hours=1))
    return world.place / "data-lap" / "ledger.sqlite3"


def values(ledger: Path, query: str) -> list[str]:
    with closing(sqlite3.connect(ledger)) as connection:
        return [value for (value,) in connection.execute(query)]


def test_names_stored_in_a_ledger_do_not_change(ledger: Path) -> None:
    own = {"context_cuts", "day_offsets", "machine_key", "machine_name", "schema"}
    names = set(values(ledger, "SELECT key FROM meta"))
    imported, file = sorted(names - own)

    assert own < names
    assert imported.startswith("imported_at:")
    assert re.fullmatch("imported_file:[0-9a-f]{16}:[0-9]+:[0-9a-f]{32}", file)
    assert values(ledger, "SELECT key FROM alert_state ORDER BY key") == ["memory", "mute"]
    (folder,) = values(ledger, "SELECT folder FROM roots WHERE machine = 'desk'")
    assert folder.startswith(f"import:{imported.removeprefix('imported_at:')}")


def test_rows_are_signed_under_the_names_of_their_tables(ledger: Path) -> None:
    signed = set(values(ledger, "SELECT DISTINCT of FROM signatures"))

    assert signed == {"roots", "variants", "shadows", "meta"}

"""The step that joins small tables keeps all that was in them."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.ledger.older import rows_of, take_back
from tests.tracker.test_agent_types import AGENTS, TYPES, call, types, write_logs
from tests.tracker.test_session_notes import custom, link

from spendlight.ledger import opening
from spendlight.ledger.connection import connect_to
from spendlight.ledger.opening import connect
from spendlight.ledger.proving import fault_in
from spendlight.ledger.schema import JOINS_TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracker.worlds import World

FACTS = {"tools", "agent", "folder", "call"}


def write(world: World) -> Path:
    """Have a ledger read logs of all kinds, which are deleted then; return its path."""
    log = write_logs(world)
    log.write_bytes(log.read_bytes() + custom("Mend") + link() + call(7, "unended"))
    world.read()
    shutil.rmtree(world.root / "projects/p")
    return world.place / "data/ledger.sqlite3"


def test_everything_is_kept(world: World) -> None:
    path = write(world)
    before = rows_of(path)
    kinds = {row[0] for table, row in before if table == "attribution_facts"}
    assert kinds >= FACTS
    with closing(connect_to(path)) as connection:
        connection.execute("INSERT INTO attribution_facts VALUES ('log', 1, 5, NULL, NULL)")
        take_back(connection, JOINS_TABLES - 1)

    connect(path).close()

    left = ("attribution_facts", ("log", 1, 5, None, None))
    assert set(rows_of(path)) == {*before, left}
    with closing(connect(path)) as connection:
        assert fault_in(connection) == ""
    assert types(world, *AGENTS) == TYPES


def test_if_it_is_interrupted_nothing_has_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(world)
    after = rows_of(path)
    with closing(connect_to(path)) as connection:
        take_back(connection, JOINS_TABLES - 1)
    before = rows_of(path)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "_renew", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            connect(path)
        assert rows_of(path) == before

    connect(path).close()

    assert rows_of(path) == after

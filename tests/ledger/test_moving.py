from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World

from spendlight.ledger.batches import LogName
from spendlight.ledger.moving import Move, follow
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.session_names import session_name


@pytest.mark.parametrize("is_read", [True, False])
def test_a_log_that_replaces_another_brings_its_mark_unless_that_one_was_read(
    world: World, *, is_read: bool
) -> None:
    old = write_log(world.root, "p/old.jsonl", line(id="a"), line(id="b"))
    new = write_log(world.root, "p/new.jsonl", line(id="c"))
    world.read()
    path = world.place / "data" / "ledger.sqlite3"
    if not is_read:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "UPDATE files SET size = -1, read_to = 0 WHERE path = ?", (str(new),)
            )
            connection.commit()
    with UsageLedger(path) as ledger:
        before = ledger.marks()

    name = LogName(str(new), str(world.root), "", "", session_name("p/new.jsonl"))
    follow(path, (), {}, [Move(before[str(old)].number, name)])

    with UsageLedger(path) as ledger:
        after = ledger.marks()
    kept = before[str(new if is_read else old)]
    assert after[str(new)][1:] == kept[1:]
    assert (after[str(old)].size, after[str(old)].read_to) == (-1, 0)

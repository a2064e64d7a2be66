from __future__ import annotations

from contextlib import closing

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World, at

from spendlight.ledger.opening import connect
from spendlight.ledger.sums import sessions


@pytest.mark.parametrize("damaged", ["sums = x'00'", "slots = ZEROBLOB(LENGTH(slots))"])
def test_damaged_sums_of_a_session_are_renewed(world: World, damaged: str) -> None:
    lines = (line(id=f"m{number}", timestamp=at(100 * number)) for number in range(3))
    write_log(world.root, "p/s.jsonl", *lines)
    world.read()

    with closing(connect(world.place / "data" / "ledger.sqlite3")) as connection:
        before = connection.execute("SELECT * FROM session_sums").fetchall()
        ((session, slot),) = connection.execute(
            "SELECT session, slot FROM buckets LIMIT 1"
        ).fetchall()
        connection.execute(f"UPDATE session_sums SET {damaged}")  # noqa: S608  # as above
        sessions.renew(connection, {session: [slot]})

        assert connection.execute("SELECT * FROM session_sums").fetchall() == before

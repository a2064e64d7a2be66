"""Each log gets one number, however many are added at once, and its row is signed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from spendlight.ledger.batches import LogName
from spendlight.ledger.opening import connect
from spendlight.ledger.proving import fault_in
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.entry import SessionName


def name_of(number: int) -> LogName:
    session = SessionName("p", f"p/é{number // 2}", f"s\0{number // 2}")
    return LogName(f"/root/{number}.jsonl", "/root", "", "", session)


NAMES = [name_of(number) for number in range(600)]


@pytest.mark.parametrize("known", [0, 1, 40, 599])
@pytest.mark.parametrize("count", [2, 33, 600])
def test_each_log_and_session_gets_one_permanent_number(
    known: int, count: int, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        first = ledger.enlist(NAMES[:known])
        numbers = ledger.enlist([*NAMES[:count], NAMES[0]])

        assert len(set(numbers.values())) == count
        assert {name: numbers[name] for name in first.keys() & numbers} == {
            name: first[name] for name in first.keys() & numbers
        }
        assert ledger.enlist(NAMES[:count]) == numbers
    with closing(connect(path)) as connection:
        rows = connection.execute(
            "SELECT f.path, s.project_path, s.session FROM files f JOIN sessions s"
            " ON s.id = f.session ORDER BY f.id"
        ).fetchall()
        met = NAMES[: max(known, count)]
        assert sorted(rows) == sorted((name.path, *name.session[1:]) for name in met)
        assert fault_in(connection) == ""


def test_rows_after_thousands_of_others_are_signed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        ledger.enlist(NAMES[1:])
    with closing(connect(path)) as connection:
        connection.execute("UPDATE files SET path = '/root/other.jsonl' WHERE id = 7")
        connection.execute("UPDATE sessions SET project = 'q' WHERE id = 7")
        connection.execute("DELETE FROM files WHERE id = 8")
    with UsageLedger(path) as ledger:
        ledger.enlist(NAMES[:1])
    with closing(connect(path)) as connection:
        assert fault_in(connection) == ""

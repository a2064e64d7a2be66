"""Each log gets one number, however many are added at once, and its row is signed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from spendlight.ledger.batches import Batch, FileMark, LogName, NamedSession, NewLogs
from spendlight.ledger.opening import connect
from spendlight.ledger.proving import fault_in
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.metering.entry import LineProblem, ModelVariant, SessionName, UsageEntry
from spendlight.metering.packed import pack


def name_of(number: int) -> LogName:
    session = SessionName("p", f"p/é{number // 2}", f"s\0{number // 2}")
    return LogName(f"/root/{number}.jsonl", "/root", "", "", session)


MODEL = ModelVariant("claude-opus-4-1")
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


def batch_of(new: NewLogs, names: Iterable[LogName]) -> Batch:
    """Return what a pass found in some new logs: an answer and a problem in each."""
    numbers = {log.name.path: number for number, log in new.logs.items()}
    chosen = [(numbers[name.path], NAMES.index(name)) for name in names]
    return Batch(
        marks=[FileMark(number, 100 + index, 1, 2, 100, 7) for number, index in chosen],
        reread=[number for number, _ in chosen],
        packed=[
            pack(
                number,
                [UsageEntry(index, 1, 900_000, number, 5, MODEL.number, 0, 1, index, 0, 0, 0)],
                (),
            )
            for number, index in chosen
        ],
        disputed=(),
        variants={MODEL.number: MODEL},
        problems=[
            (number, LineProblem(NAMES[index].path, index, "odd")) for number, index in chosen
        ],
        sessions=[NamedSession(number, 0, f"named {index}") for number, index in chosen],
        lost=[(number, index, 5, 0) for number, index in chosen],
        new_logs=new,
    )


def in_ledger(path: Path) -> list[tuple[object, ...]]:
    """Return what a ledger says of each log, whatever its numbers are."""
    with closing(connect(path)) as connection:
        assert fault_in(connection) == ""
        return connection.execute(
            "SELECT f.path, f.size, s.session, COUNT(c.id), TOTAL(LENGTH(a.answers)), p.offset,"
            " n.session, l.answer, b.output FROM files f"
            " LEFT JOIN sessions s ON s.id = f.session LEFT JOIN chunks c ON c.file = f.id"
            " LEFT JOIN chunk_answers a ON a.chunk = c.id LEFT JOIN problems p ON p.file = f.id"
            " LEFT JOIN named_sessions n ON n.file = f.id LEFT JOIN lost_copies l ON l.file = f.id"
            " LEFT JOIN (SELECT session, SUM(output) AS output FROM buckets GROUP BY 1) b"
            " ON b.session = s.id GROUP BY f.id ORDER BY f.path"
        ).fetchall()


@pytest.mark.parametrize("enlists", [False, True])
def test_logs_that_two_processes_find_at_once_are_written_once(
    tmp_path: Path,
    enlists: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    alone, shared = tmp_path / "alone.sqlite3", tmp_path / "shared.sqlite3"
    with UsageLedger(alone) as ledger:
        ledger.record(batch_of(ledger.number_new(NAMES[:90]), NAMES[:90]))
    with UsageLedger(shared) as one, UsageLedger(shared) as other:
        first, second = one.number_new(NAMES[:60]), other.number_new(NAMES[30:90])
        if enlists:
            other.enlist(NAMES[33:35])
        for ledger, new, names in (
            (one, first, NAMES[:10]),
            (other, second, NAMES[35:90]),  # one of its sessions has a log that comes later
            (one, first, NAMES[10:50]),
            (other, second, NAMES[30:35]),
            (one, first, NAMES[50:60]),
        ):
            ledger.record(batch_of(new, names))
        assert not first.logs
        assert not second.logs

    assert in_ledger(shared) == in_ledger(alone)


def test_a_new_log_is_written_only_together_with_what_was_read_of_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        new = ledger.number_new(NAMES[:5])
        assert ledger.marks() == {}
        ledger.record(batch_of(new, NAMES[2:3]))
        assert list(ledger.marks()) == [NAMES[2].path]
        ledger.record(batch_of(new, [*NAMES[:2], *NAMES[3:5]]))

    assert [row[0] for row in in_ledger(path)] == [name.path for name in NAMES[:5]]


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

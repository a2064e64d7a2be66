"""Databases of other programs are read without disturbing them, whatever state they are in."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from spendlight.logs.databases import DatabaseReading, read_database
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange


def read(path: Path, state: bytes | None = None) -> tuple[list[int], ParsedRange]:
    """Return the rows of a database, and the result."""
    rows: list[int] = []

    def add(reading: DatabaseReading) -> None:
        rows.extend(row for (row,) in reading.db.execute("SELECT a FROM t ORDER BY rowid"))
        reading.parsed.state = b"%d" % len(rows)

    name = f"{path}.jsonl"
    return rows, read_database(ReadJob(str(path), name, 1, "", "s", 0, 0, 0, state=state), add)


def beside(path: Path) -> dict[str, bytes]:
    """Return the contents of a database and of what is beside it.

    The shared memory is left out, which connections of one process use together.
    """
    names = {one.name for one in path.parent.iterdir()}
    files = (one for one in path.parent.iterdir() if not one.name.endswith("-shm"))
    return dict.fromkeys(names, b"") | {one.name: one.read_bytes() for one in files}


@contextmanager
def writing(path: Path, mode: str = "wal") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
        db.execute("CREATE TABLE IF NOT EXISTS t (a)")
        yield db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "a?b #.db"


@pytest.mark.parametrize("mode", ["wal", "delete", "persist"])
def test_what_others_have_committed_is_read_and_nothing_is_written(path: Path, mode: str) -> None:
    for is_open in (True, False):
        with writing(path, mode) as db:
            db.execute("INSERT INTO t VALUES (1)")
            if is_open:
                before = beside(path)
                assert read(path)[0] == [1]
                assert beside(path) == before
        assert read(path)[0] == [1]
        path.unlink()


def test_a_writer_is_not_kept_waiting(path: Path) -> None:
    with writing(path) as db, writing(path) as other:
        db.execute("INSERT INTO t VALUES (1)")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO t VALUES (2)")

        assert read(path)[0] == [1]

        other.execute("COMMIT")
        assert read(path)[0] == [1, 2]


LEFT = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = wal")
db.execute("CREATE TABLE t (a)")
db.execute("INSERT INTO t VALUES (7)")
os._exit(0)
"""


@pytest.mark.parametrize("is_copied", [True, False])
def test_what_a_killed_program_left_is_read(path: Path, *, is_copied: bool) -> None:
    subprocess.run([sys.executable, "-c", LEFT, str(path)], check=True)
    if is_copied:  # which leaves out what is in memory
        path.with_name(f"{path.name}-shm").unlink()
    before = beside(path)

    assert read(path)[0] == [7]

    assert beside(path) == before


def test_a_transaction_that_was_interrupted_is_left_to_its_program(path: Path) -> None:
    with writing(path, "delete") as db:
        db.execute("INSERT INTO t VALUES (1)")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO t VALUES (zeroblob(100000))")
        _, parsed = read(path, b"before")
        db.execute("ROLLBACK")

    assert parsed.failure == "another program is changing it, or was interrupted while it did"
    assert parsed.state == b"before"
    assert read(path)[1].failure is None


def test_a_database_that_changes_while_it_is_read_is_tried_again(path: Path) -> None:
    with writing(path):
        pass

    def add(reading: DatabaseReading) -> None:
        reading.parsed.state = b"no"
        with writing(path) as db:
            db.execute("INSERT INTO t VALUES (1)")

    parsed = read_database(ReadJob(str(path), "a", 1, "", "s", 0, 0, 0, state=b"old"), add)

    assert parsed.failure == "it was changed while it was read"
    assert parsed.state == b"old"


def test_a_locked_database_is_tried_again(path: Path) -> None:
    with writing(path) as db:
        db.execute("INSERT INTO t VALUES (1)")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA locking_mode = exclusive")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("INSERT INTO t VALUES (2)")
        db.execute("COMMIT")
        rows, parsed = read(path)

    assert parsed.failure is not None or rows == [1, 2]
    assert read(path)[0] == [1, 2]


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b"", "its tables have an unknown form: no such table: t"),
        (b"no database at all, but long enough to look like one " * 20, "the database is damaged"),
    ],
)
def test_what_is_no_database_is_reported(path: Path, contents: bytes, reason: str) -> None:
    path.write_bytes(contents)

    _, parsed = read(path, b"before")

    assert parsed.failure is None
    assert [problem.reason.startswith(reason) for problem in parsed.problems] == [True]
    assert parsed.state is None


def test_a_damaged_page_does_not_hide_what_was_read_before(path: Path) -> None:
    with writing(path) as db:
        db.executemany("INSERT INTO t VALUES (?)", ((n,) for n in range(3000)))
    with path.open("r+b") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)

    rows: list[int] = []

    def add(reading: DatabaseReading) -> None:
        rows.extend(row for (row,) in reading.db.execute("SELECT a FROM t ORDER BY rowid"))

    parsed = read_database(ReadJob(str(path), "a", 1, "", "s", 0, 0, 0), add)

    assert rows or parsed.problems[0].reason.startswith("the database is damaged")


def test_a_missing_database_is_a_failure(path: Path) -> None:
    assert read(path)[1].failure == "No such file or directory"

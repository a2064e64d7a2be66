from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.ledger.older import definitions, rows_of

from spendlight.errors import (
    LedgerBusyError,
    LedgerCorruptError,
    LedgerTooNewError,
    LedgerUnusableError,
)
from spendlight.ledger import migrations, opening
from spendlight.ledger.connection import connect_to
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.proving import sign_all
from spendlight.ledger.schema import SCHEMA, SCHEMA_KEY
from spendlight.ledger.tables import TABLES_SCHEMA
from spendlight.ledger.usage_ledger import UsageLedger


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_ledger_has_the_current_schema(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "ledger.sqlite3"

    with closing(connect(path)) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]

    assert mode == "wal"
    assert version(path) == SCHEMA == len(MIGRATIONS)
    assert any("CREATE TABLE chunks" in statement for statement in dump(path))


def test_a_new_ledger_is_like_one_that_has_taken_all_steps(tmp_path: Path) -> None:
    """With the same tables, indices and triggers, column by column; and the same rows."""
    new, migrated = tmp_path / "new.sqlite3", tmp_path / "migrated.sqlite3"
    with closing(connect_to(migrated)) as connection:
        for step in MIGRATIONS:
            connection.executescript(step)
        sign_all(connection)
        connection.execute("INSERT INTO meta VALUES (?, ?)", (SCHEMA_KEY, str(SCHEMA)))

    connect(new).close()

    assert TABLES_SCHEMA <= SCHEMA
    assert definitions(new) == definitions(migrated)
    assert rows_of(new) == rows_of(migrated)


def test_opening_it_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    connect(path).close()
    before = dump(path)

    connect(path).close()

    assert before == dump(path)


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.touch()

    connect(path).close()

    assert version(path) == SCHEMA


def test_several_processes_may_create_the_same_ledger_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def make(number: int) -> None:
        together.wait()
        connect(tmp_path / str(number) / "ledger.sqlite3").close()

    with ThreadPoolExecutor(4) as pool:
        for number in range(20):
            list(pool.map(make, [number] * 4))

    assert {version(path) for path in tmp_path.rglob("*.sqlite3")} == {SCHEMA}


def test_creating_a_ledger_waits_for_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite3"
    whole: Callable[..., sqlite3.Connection] = sqlite3.connect

    def impatient(place: Path, **options: float | None) -> sqlite3.Connection:
        return whole(place, **(options | {"timeout": 0}))

    with closing(whole(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master").fetchall()
        monkeypatch.setattr(sqlite3, "connect", impatient)
        waiting = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: other.execute("COMMIT"))
        monkeypatch.setattr(opening, "time", waiting)  # other threads may sleep

        connect(path).close()

    assert version(path) == SCHEMA


def test_an_interrupted_migration_has_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite3"
    step = "CREATE TABLE one (id);\nCREATE nonsense;\n"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, step))
    monkeypatch.setattr(opening, "SCHEMA", SCHEMA + 1)

    with pytest.raises(LedgerUnusableError):
        connect(path)

    assert version(path) == 0
    assert not any("CREATE TABLE" in statement for statement in dump(path))


def test_only_the_missing_steps_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.sqlite3"
    connect(path).close()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later (id);\n"))
    monkeypatch.setattr(opening, "SCHEMA", SCHEMA + 1)

    connect(path).close()

    assert version(path) == SCHEMA + 1
    assert any("CREATE TABLE later" in statement for statement in dump(path))


OTHER = """
import sys
from pathlib import Path
from spendlight.ledger.usage_ledger import UsageLedger

with UsageLedger(Path(sys.argv[1])) as ledger:
    ledger.note_price_list("other", "of another process", 2)
"""


@pytest.mark.slow  # starts a process
def test_an_open_ledger_stays_undamaged_while_others_open_and_close_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        ledger.note_price_list("first", "of this one", 1)
        UsageLedger(path).close()  # in another thread; must not drop the locks of this one
        subprocess.run([sys.executable, "-c", OTHER, path], check=True)
        ledger.note_price_list("last", "of this one, later", 3)

        with UsageLedger(path) as again:
            assert again.price_list() == "of this one, later"
        assert path.with_name(f"{path.name}-wal").exists()  # nobody treated it as left behind


def test_a_newer_ledger_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = path.read_bytes()

    with pytest.raises(LedgerTooNewError, match=f"schema {SCHEMA + 1}"):
        connect(path)

    assert before == path.read_bytes()


def test_a_locked_ledger_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.sqlite3"
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_S", 0.01)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerBusyError) as caught:
            connect(path)

    assert str(path) in caught.value.advice


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_not_a_ledger_counts_as_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(content)

    with pytest.raises(LedgerCorruptError, match="not a database"):
        connect(path)


def test_a_transaction_takes_effect_completely_or_not_at_all(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "ledger.sqlite3")) as connection:

        def write(*keys: str) -> None:
            with transaction(connection):
                for key in keys:
                    connection.execute("INSERT INTO meta VALUES (?, '')", (key,))

        with pytest.raises(sqlite3.IntegrityError):
            write("one", "one")
        write("two")

        assert connection.execute("SELECT key FROM meta").fetchall() == [("schema",), ("two",)]

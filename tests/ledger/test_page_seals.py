"""Every page moved into the ledger's file is recorded, whatever other processes do meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from spendlight.ledger import page_seals, waiting_pages
from spendlight.ledger.connection import connect_to
from spendlight.ledger.opening import connect, transaction
from spendlight.ledger.page_seals import Proof
from spendlight.ledger.usage_ledger import UsageLedger

NAME_MACHINE = """
import os, sys
from pathlib import Path
from spendlight.ledger.usage_ledger import UsageLedger

UsageLedger(Path(sys.argv[1])).name_machine(sys.argv[2])
os._exit(0)  # it is killed before it closes anything
"""

READ_NAME = """
import sys
from pathlib import Path
from spendlight.ledger.usage_ledger import UsageLedger

with UsageLedger(Path(sys.argv[1])) as ledger:
    print(ledger.this_machine().name)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"
    with UsageLedger(path) as ledger:
        ledger.name_machine("ada")
    return path


def run(program: str, path: Path, *arguments: str) -> str:
    """Run a program on a ledger in a separate process, and return its output."""
    command = [sys.executable, "-c", program, str(path), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return done.stdout.strip()


def is_proven(path: Path) -> bool:
    return page_seals.prove(path, reads_all=True) is Proof.SOUND


def let_happen(
    monkeypatch: pytest.MonkeyPatch,
    *,
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> None:
    """Call functions just before and just after the next connection is closed."""

    @contextmanager
    def sealing(path: Path) -> Iterator[None]:
        monkeypatch.undo()
        with page_seals.sealing_when_closed(path):
            before()
            yield
            after()

    monkeypatch.setattr("spendlight.ledger.connection.sealing_when_closed", sealing)


def test_pages_written_while_the_last_connection_is_closed_are_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = UsageLedger(path)
    let_happen(monkeypatch, before=lambda: run(NAME_MACHINE, path, "grace"))

    ledger.close()

    assert is_proven(path)
    assert run(READ_NAME, path) == "grace"


def test_opening_the_ledger_just_after_does_not_hide_that_the_last_connection_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = UsageLedger(path)
    ledger.name_machine("grace")
    with closing(sqlite3.connect(path)) as other:
        let_happen(monkeypatch, after=lambda: other.execute("SELECT * FROM price_lists").fetchall())

        ledger.close()

        assert is_proven(path)


def test_a_writer_waits_until_the_moved_pages_are_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = waiting_pages.pages_in  # the last step before it

    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:

        def pages_in(*log: object) -> set[int]:
            with suppress(sqlite3.OperationalError):
                other.execute("INSERT INTO price_lists VALUES ('1', 'of another', 1)")
            return whole(*log)  # type: ignore[arg-type]  # as it was called

        monkeypatch.setattr(waiting_pages, "pages_in", pages_in)
        monkeypatch.setattr(page_seals, "CHECKPOINT_BYTES", 1)
        with UsageLedger(path) as ledger:
            ledger.name_machine("grace")
            assert is_proven(path)


def test_the_write_ahead_log_is_not_moved_while_another_process_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    with UsageLedger(path) as ledger, closing(connect_to(path)) as other:
        ledger.name_machine("grace")
        monkeypatch.setattr(page_seals, "CHECKPOINT_BYTES", 1)
        other.execute("BEGIN IMMEDIATE")

        ledger._db.tidy()  # noqa: SLF001  # as after a transaction

        other.execute("ROLLBACK")
        assert path.read_bytes() == before


def test_no_connection_moves_the_write_ahead_log_by_itself(path: Path) -> None:
    with closing(connect_to(path)) as opened:
        assert opened.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)


def test_moved_pages_are_not_moved_again_at_every_write(path: Path) -> None:
    wal = path.with_name(path.name + "-wal")
    with closing(connect(path)) as connection, closing(connect(path)) as other:
        other.execute("SELECT 1 FROM meta").fetchall()  # so that nothing is moved into the file
        with transaction(connection):
            connection.execute(
                "INSERT INTO price_lists VALUES ('much', ?, 1)",
                ("x" * page_seals.CHECKPOINT_BYTES,),
            )
        for number in range(3):
            with transaction(connection):
                connection.execute("INSERT INTO price_lists VALUES (?, 'little', 1)", (number,))

        assert wal.stat().st_size < page_seals.CHECKPOINT_BYTES / 10
    assert is_proven(path)

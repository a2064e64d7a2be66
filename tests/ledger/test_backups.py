from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.ledger.older import definitions, rows_of, take_back
from tests.makers import line, write_log
from tests.tracker.worlds import World

from spendlight.errors import LedgerBusyError, LedgerCorruptError, LedgerUnusableError
from spendlight.ledger import backups, checking, mending, migrations, opening
from spendlight.ledger.backups import back_up, daily, quarantine, recover, restore
from spendlight.ledger.checking import damage, demand_sound
from spendlight.ledger.connection import connect_to
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.opening import connect
from spendlight.ledger.private_files import file_at
from spendlight.ledger.proving import sign_all
from spendlight.ledger.schema import KNOWS_AGENTS, SCHEMA, SIGNED_ROWS, SIGNS
from spendlight.ledger.usage_ledger import UsageLedger

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(world: World) -> Path:
    """A ledger of one log with a hundred answers."""
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{number}") for number in range(100)))
    world.read()
    return world.place / "data" / "ledger.sqlite3"


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def change(ledger: Path) -> None:
    """Change the ledger as each pass with new usage does."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE files SET read_to = read_to + 1")


def test_a_backup_is_the_whole_ledger_in_one_file(ledger: Path) -> None:
    copy = back_up(ledger, NOW)

    assert copy == ledger.parent / "backups" / "ledger-2026-03-01-120000.sqlite3"
    assert dump(copy) == dump(ledger)
    assert sorted(file.name for file in copy.parent.iterdir()) == [copy.name, "lock"]


def test_it_is_made_once_a_day_and_only_if_something_changed(ledger: Path) -> None:
    assert back_up(ledger, NOW)
    change(ledger)
    assert back_up(ledger, NOW + DAY / 2) is None
    assert back_up(ledger, NOW + DAY)
    assert back_up(ledger, NOW + 9 * DAY) is None
    change(ledger)
    assert back_up(ledger, NOW + 9 * DAY)


def test_the_last_seven_are_kept(ledger: Path) -> None:
    for number in range(10):
        change(ledger)
        back_up(ledger, NOW + number * DAY)

    days = [backup.made_at for backup in daily(ledger)]

    assert days == [NOW + number * DAY for number in range(9, 2, -1)]


def test_another_connection_may_write_meanwhile(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO price_lists VALUES ('unfinished', '', 1)")

        copy = back_up(ledger, NOW)

        other.execute("COMMIT")
    assert copy
    assert damage(copy) == ""
    assert "unfinished" not in "".join(dump(copy))
    assert "unfinished" in "".join(dump(ledger))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_backups_are_for_the_user_alone(ledger: Path) -> None:
    copy = back_up(ledger, NOW)

    assert copy
    assert mode(copy.parent) == "0o700"
    assert {mode(file) for file in copy.parent.iterdir()} == {"0o600"}
    restored = quarantine(ledger, NOW)
    restore(ledger)
    assert mode(restored) == mode(ledger) == "0o600"


def full(source: Path, target: Path, **_: str) -> None:
    target.write_bytes(source.read_bytes()[:1000])
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def test_a_full_disk_leaves_no_incomplete_backup(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(ledger, NOW)
    change(ledger)
    before = sorted(ledger.parent.rglob("*"))
    monkeypatch.setattr(backups, "copy_whole", full)

    with pytest.raises(LedgerUnusableError, match="full"):
        back_up(ledger, NOW + DAY)

    assert sorted(ledger.parent.rglob("*")) == before


def test_leftovers_of_a_crash_are_no_backup_and_do_no_harm(ledger: Path) -> None:
    folder = ledger.parent / "backups"
    folder.mkdir()
    left = folder / "ledger-2026-03-01-120000.sqlite3.unfinished"
    left.write_bytes(b"half")

    assert daily(ledger) == []
    assert back_up(ledger, NOW)
    assert not left.exists()


def test_a_damaged_ledger_is_not_backed_up(ledger: Path) -> None:
    tear(ledger)

    with pytest.raises(LedgerCorruptError):
        back_up(ledger, NOW)

    assert daily(ledger) == []


def tear(path: Path) -> None:
    """Write garbage over the pages in the middle."""
    data = bytearray(path.read_bytes())
    start = len(data) // 2 // 4096 * 4096
    data[start : start + 8192] = b"\xa5" * len(data[start : start + 8192])
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def behead(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = [tear, truncate, behead, empty]


@pytest.mark.parametrize("spoil", DAMAGES)
def test_a_damaged_ledger_is_moved_aside_and_restored(
    ledger: Path, spoil: Callable[[Path], None]
) -> None:
    back_up(ledger, NOW)
    before = dump(ledger)
    spoil(ledger)
    spoilt = ledger.read_bytes()

    done = recover(ledger, NOW + DAY)

    assert done
    assert done.kept == ledger.parent / "ledger-corrupt-2026-03-02-120000.sqlite3"
    assert done.kept.read_bytes() == spoilt
    assert done.made_at == NOW
    assert dump(ledger) == before
    with closing(connect(ledger)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_all_files_of_a_damaged_ledger_are_moved_aside(tmp_path: Path) -> None:
    parts = ("", "-wal", "-shm", "-journal", "-pages")
    for part in parts:
        (tmp_path / f"ledger.sqlite3{part}").write_text(f"what is in {part}")

    kept = quarantine(tmp_path / "ledger.sqlite3", NOW)

    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {f"{kept.name}{part}": f"what is in {part}" for part in parts}


@pytest.mark.parametrize("spoil", [truncate, behead])
def test_a_quick_check_finds_truncated_and_overwritten_files(
    ledger: Path, spoil: Callable[[Path], None]
) -> None:
    UsageLedger(ledger).close()
    spoil(ledger)

    with pytest.raises(LedgerCorruptError), UsageLedger(ledger) as opened:
        opened.glance()


def test_entries_that_cannot_be_unpacked_are_damage(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE chunks SET columns = x'ff'")

    with pytest.raises(LedgerCorruptError, match="chunk 1"):
        demand_sound(ledger)


def test_an_undamaged_ledger_is_not_moved_aside(ledger: Path) -> None:
    assert recover(ledger, NOW) is None
    assert damage(ledger.with_name("nothing")) == ""
    assert not ledger.with_name("nothing").exists()


def test_a_missing_ledger_is_restored(ledger: Path) -> None:
    back_up(ledger, NOW)
    before = dump(ledger)
    ledger.unlink()

    with pytest.raises(LedgerCorruptError, match="its file is empty or missing"):
        connect(ledger)
    done = recover(ledger, NOW)

    assert done == (None, NOW, None)
    assert dump(ledger) == before


def test_a_ledger_that_was_moved_aside_is_never_overwritten(ledger: Path) -> None:
    wal = ledger.with_name(ledger.name + "-wal")
    kept = []
    for content in (b"one", b"two"):
        ledger.write_bytes(content)
        wal.write_bytes(content)
        kept.append(quarantine(ledger, NOW))

    assert [path.read_bytes() for path in kept] == [b"one", b"two"]
    assert kept[1].with_name(kept[1].name + "-wal").read_bytes() == b"two"
    assert not wal.exists()


def test_the_last_undamaged_backup_is_used(ledger: Path) -> None:
    for number in range(3):
        change(ledger)
        back_up(ledger, NOW + number * DAY)
    truncate(daily(ledger)[0].path)
    behead(daily(ledger)[1].path)
    truncate(ledger)

    done = recover(ledger, NOW + 5 * DAY)

    assert done
    assert done.made_at == NOW


def test_a_backup_of_a_newer_version_is_not_used(ledger: Path) -> None:
    copy = back_up(ledger, NOW)
    assert copy
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    ledger.unlink()

    assert restore(ledger) is None
    assert not ledger.exists()


def test_only_one_process_at_a_time_recovers(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(ledger, NOW)
    truncate(ledger)
    monkeypatch.setattr(backups, "_LOCK_TIMEOUT_S", 0.01)
    lock = ledger.parent / "backups" / "lock"

    with closing(sqlite3.connect(lock, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusyError):
            recover(ledger, NOW)

    assert recover(ledger, NOW)


LATER = (*MIGRATIONS, "ALTER TABLE files ADD COLUMN extra TEXT;\nCREATE TABLE later (id);\n")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of the program with a later schema."""
    monkeypatch.setattr(migrations, "MIGRATIONS", LATER)
    monkeypatch.setattr(opening, "SCHEMA", len(LATER))
    for module in (backups, checking, mending):
        monkeypatch.setattr(module, "SCHEMA", len(LATER))


@pytest.fixture
def old(ledger: Path, later: None) -> Path:  # noqa: ARG001  # first the ledger, then the program
    """A ledger created by an earlier version."""
    return ledger


def make(path: Path, schema: int) -> None:
    """Create a ledger of an earlier schema."""
    with closing(connect_to(path)) as connection:
        for step in LATER[:schema]:
            connection.executescript(step)
        if schema >= SIGNS:
            with pytest.MonkeyPatch.context() as patch:
                if schema < KNOWS_AGENTS:
                    patch.setitem(SIGNED_ROWS, "roots", "id, folder, machine, parent")
                sign_all(connection)
        connection.execute("INSERT INTO price_lists VALUES ('kept', 'through it all', 1)")
        connection.execute(f"PRAGMA user_version = {schema}")


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("schema", range(1, len(LATER)))
def test_every_earlier_schema_is_migrated_after_a_backup(tmp_path: Path, schema: int) -> None:
    path, new = tmp_path / "ledger.sqlite3", tmp_path / "new" / "ledger.sqlite3"
    make(path, schema)
    before = dump(path)

    connect(path).close()
    connect(new).close()

    copy = tmp_path / "backups" / f"pre-migration-schema-{schema}.sqlite3"
    assert dump(copy) == before
    assert definitions(path) == definitions(new)
    kept = ("price_lists", ("kept", "through it all", 1))
    assert rows_of(path) == sorted([*rows_of(new), kept])
    assert any("through it all" in row for row in dump(path))
    assert not (new.parent / "backups").exists()


@pytest.mark.parametrize("schema", [SIGNS - 1, SIGNS, SIGNS + 1])
def test_a_log_with_a_damaged_name_is_recognized_by_its_signature(
    ledger: Path, schema: int
) -> None:
    """Rows have had a signature since schema 12; before, a damaged name cannot be recognized."""
    with closing(connect(ledger)) as connection:
        take_back(connection, schema)
    back_up(ledger, NOW)
    with closing(connect_to(ledger)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS files_update")
        connection.execute("UPDATE files SET path = 'damaged'")
    unfit = file_at(ledger)

    done = recover(ledger, NOW + DAY, unfit)

    assert done is not None
    assert (done.made_at, done.unsaved) == (NOW, ("damaged",) if schema < SIGNS else ())


def test_without_a_backup_nothing_is_migrated(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(old)
    monkeypatch.setattr(backups, "copy_whole", full)

    with pytest.raises(LedgerUnusableError, match="full"):
        connect(old)

    assert dump(old) == before


def test_without_a_folder_for_backups_nothing_is_migrated(old: Path) -> None:
    before = dump(old)
    (old.parent / "backups").write_text("in the way")

    with pytest.raises(LedgerUnusableError, match="it cannot be backed up"):
        connect(old)

    assert dump(old) == before


def test_the_backup_before_a_migration_outlives_the_daily_ones(world: World, old: Path) -> None:
    connect(old).close()
    for number in range(9):
        change(old)
        back_up(old, NOW + number * DAY)

    names = [file.name for file in (old.parent / "backups").glob("*.sqlite3")]

    assert len(names) == 8
    assert f"pre-migration-schema-{SCHEMA}.sqlite3" in names
    for backup in daily(old):
        truncate(backup.path)
    truncate(old)
    assert recover(old, NOW)
    assert world.read().warnings == ()

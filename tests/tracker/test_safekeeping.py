from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.worlds import World, total

from spendlight.errors import LedgerCorruptError
from spendlight.ledger import backups, page_seals
from spendlight.tracker.safekeeping import LedgerKeeper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"
    with LedgerKeeper(path).open():
        return path


@pytest.mark.skipif(os.name != "posix", reason="an open file could not be put aside there")
def test_a_ledger_can_stay_open(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)

    with keeper.open() as first:
        pass
    with keeper.open() as second:
        pass

    assert first is second
    keeper.close()


def test_a_ledger_is_closed_each_time_by_default(path: Path) -> None:
    keeper = LedgerKeeper(path)

    with keeper.open() as first:
        pass
    with keeper.open() as second:
        pass

    assert first is not second


def test_two_threads_never_share_a_connection(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)
    found: list[object] = []

    def ask() -> None:
        with keeper.open() as other:
            found.append(other)

    with keeper.open() as mine:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    assert found[0] is not mine
    keeper.close()


def test_after_a_failure_the_ledger_does_not_stay_open(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)

    with pytest.raises(ZeroDivisionError), keeper.open() as first:
        raise ZeroDivisionError
    with keeper.open() as second:
        pass

    assert first is not second
    keeper.close()


def test_after_closing_nothing_stays_open(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)
    with keeper.open() as first:
        keeper.close()

    with keeper.open() as second:
        pass

    assert first is not second


@pytest.mark.skipif(os.name != "posix", reason="an open file could not be put aside there")
def test_a_ledger_moved_aside_by_another_process_is_closed(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    ledger = world.place / "data" / "ledger.sqlite3"
    for part in ("", "-wal", "-shm"):
        file = ledger.with_name(ledger.name + part)
        file.rename(file.with_name(f"old-{file.name}"))

    append(log, line(id="b"))
    tray.refresh()

    assert total(tray).answers == 2
    assert total(world.tracker()).answers == 2  # in the file that other processes use
    tray.close()


def test_a_ledger_verified_by_another_process_meanwhile_stays_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    write_log(world.root, "p/s.jsonl", line())
    right = total(world.read())
    ledger = tmp_path / "data" / "ledger.sqlite3"
    ledger.with_name("ledger.sqlite3-pages").unlink()
    whole = backups.alone_with_backups

    @contextmanager
    def behind_another(path: Path) -> Iterator[None]:
        with whole(path):
            page_seals.seal_all(path)
            yield

    monkeypatch.setattr(backups, "alone_with_backups", behind_another)

    tracker = world.read()

    assert (total(tracker), tracker.warnings) == (right, ())


def test_a_ledger_repaired_by_another_process_meanwhile_stays_in_use(tmp_path: Path) -> None:
    with LedgerKeeper(tmp_path / "ledger.sqlite3").open() as ledger:
        path = ledger.path
    keeper = LedgerKeeper(path)
    met = [LedgerCorruptError(str(path), "it was, a moment ago")]

    def action() -> Path:
        if met:
            raise met.pop()
        return keeper.path

    assert keeper.use(action) == path
    assert keeper.warnings == ()

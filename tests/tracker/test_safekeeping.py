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
def test_a_ledger_that_may_stay_open_does(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)

    with keeper.open() as first:
        pass
    with keeper.open() as second:
        pass

    assert first is second
    keeper.close()


def test_by_default_it_is_closed_each_time(path: Path) -> None:
    keeper = LedgerKeeper(path)

    with keeper.open() as first:
        pass
    with keeper.open() as second:
        pass

    assert first is not second


def test_no_two_threads_share_a_connection(path: Path) -> None:
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


def test_one_that_failed_does_not_stay_open(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)

    with pytest.raises(ZeroDivisionError), keeper.open() as first:
        raise ZeroDivisionError
    with keeper.open() as second:
        pass

    assert first is not second
    keeper.close()


def test_once_closed_nothing_stays_open(path: Path) -> None:
    keeper = LedgerKeeper(path, stays_open=True)
    with keeper.open() as first:
        keeper.close()

    with keeper.open() as second:
        pass

    assert first is not second


@pytest.mark.skipif(os.name != "posix", reason="an open file could not be put aside there")
def test_a_ledger_that_another_process_has_put_aside_is_let_go(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    ledger = world.place / "data" / "ledger.sqlite3"
    for part in ("", "-wal", "-shm"):
        file = ledger.with_name(ledger.name + part)
        file.rename(file.with_name(f"old-{file.name}"))

    append(log, line(id="b"))
    tray.refresh()

    assert total(tray).answers == 2
    assert total(world.tracker()).answers == 2  # in the file that everybody finds
    tray.close()


def test_a_ledger_that_another_process_proves_meanwhile_stays_in_use(
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


def test_a_ledger_that_another_process_mends_meanwhile_stays_in_use(tmp_path: Path) -> None:
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

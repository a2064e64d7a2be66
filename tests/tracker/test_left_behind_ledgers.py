"""Temporary ledgers that were left behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count

import pytest
from tests.makers import line, write_log
from tests.tracker.faults import Fault, kept
from tests.tracker.worlds import World, causes, figures, total

from spendlight.errors import LedgerReplacedError, LedgerUnusableError, LeftoverUnreadableError
from spendlight.ledger import carrying
from spendlight.ledger.usage_ledger import Batch, UsageLedger

pytestmark = pytest.mark.usefixtures("at_once")


def test_usage_of_deleted_logs_is_kept_for_the_next_start(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    tracker = world.read()
    gone.unlink()
    tracker.close()
    assert len(kept()) == 1

    again = world.read()
    assert total(again).answers == 1  # the next one uses it
    again.close()
    fault.end()

    assert total(world.read()).answers == 1
    assert kept() == []


@pytest.mark.slow
def test_the_next_start_takes_over_after_a_kill(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from spendlight.tracker.tracker import TrackerOptions, UsageTracker\n"
        "UsageTracker.open(TrackerOptions(data_dir=Path(sys.argv[1]), is_offline=True)).refresh()\n"
        "os.kill(os.getpid(), signal.SIGKILL if os.name == 'posix' else signal.SIGTERM)\n"
    )
    environ = os.environ | {"CLAUDE_CONFIG_DIR": str(world.root)}
    killed = subprocess.run([sys.executable, "-c", code, fault.data], env=environ, check=False)
    gone.unlink()
    assert killed.returncode != 0
    fault.end()

    assert total(world.read()).answers == 1
    assert kept() == []


def test_an_incomplete_temporary_ledger_is_deleted(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()
    tray = world.read(is_long_lived=True)
    (used,) = kept()
    begun = used.parent.with_name(used.parent.name + "-begun")
    begun.mkdir()
    shutil.copy(used.with_name("ledger.txt"), begun)
    tray.close()
    fault.end()

    tracker = world.read()

    assert (begun.exists(), tracker.warnings) == (False, ())
    assert total(tracker).answers == 1


@pytest.mark.slow
def test_of_several_simultaneous_starts_one_takes_it_over(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", *(line(id=f"m{n}") for n in range(500)))
    fault.begin()
    tracker = world.read()
    before = figures(tracker)
    gone.unlink()
    tracker.close()
    fault.end()
    command = [sys.executable, "-m", "spendlight", "daily", "--json", "--offline"]
    environ = os.environ | {"CLAUDE_CONFIG_DIR": str(world.root)}

    started = [
        subprocess.Popen(
            [*command, "--data-dir", fault.data],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]

    assert [process.communicate()[1] for process in started] == [b""] * 4
    assert [process.returncode for process in started] == [0] * 4
    assert figures(world.tracker()) == before
    assert world.tracker().verify().is_good
    assert kept() == []


def test_a_temporary_ledger_in_use_is_left_to_its_process(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    tray = world.read(is_long_lived=True)
    gone.unlink()
    fault.end()

    assert total(world.read()).answers == 0
    assert len(kept()) == 1
    tray.refresh()
    assert total(world.read()).answers == 1
    tray.close()


def test_a_temporary_ledger_of_another_ledger_is_not_used(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    tracker = world.read()
    gone.unlink()
    tracker.close()

    assert total(world.read(data="other")).answers == 0
    assert len(kept()) == 1


@pytest.mark.parametrize("failing", range(1, 8))
def test_an_interrupted_takeover_is_completed_by_the_next_one(
    world: World, fault: Fault, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MOST_ENTRIES", 1)
    numbers = range(4)
    gone = [write_log(world.root, f"p/{n}.jsonl", line(id=f"m{n}")) for n in numbers]
    fault.begin()
    tray = world.read(is_long_lived=True)
    for log in gone:
        log.unlink()
    fault.end()
    steps = count(1)
    record = UsageLedger.record

    def fail(ledger: UsageLedger, batch: Batch) -> object:
        if next(steps) == failing:
            raise LedgerUnusableError(str(fault.data), "database or disk is full")
        return record(ledger, batch)

    monkeypatch.setattr(UsageLedger, "record", fail)
    tray.refresh()
    assert total(tray).answers == 4
    tray.close()

    assert total(world.read()).answers == 4
    assert kept() == []


def test_a_damaged_ledger_is_restored_before_the_takeover(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    fault.begin()
    gone = write_log(world.root, "p/gone.jsonl", line(id="b"))
    tray.refresh()
    gone.unlink()
    fault.end()
    (fault.data / "ledger.sqlite3").write_bytes(b"garbage " * 1_000)

    tray.refresh()

    assert causes(tray) == [LedgerReplacedError]
    assert total(tray).answers == 2
    tray.close()


def test_unreadable_parts_are_kept_and_reported(world: World, fault: Fault) -> None:
    gone = [write_log(world.root, f"p/{n}.jsonl", line(id=f"m{n}")) for n in range(3)]
    fault.begin()
    tracker = world.read()
    for log in gone:
        log.unlink()
    tracker.close()
    with closing(sqlite3.connect(kept()[0])) as connection:
        connection.execute("UPDATE chunks SET columns = x'00' WHERE id = 2")
        connection.commit()
    fault.end()

    told = world.read()
    again = world.read()

    assert total(told).answers == total(again).answers == 2
    assert causes(told) == [LeftoverUnreadableError]
    assert "unreadable-" in str(told.warnings[0])
    assert again.warnings == ()
    assert len(kept()) == 1

"""A command leaves the day's backup to a process that nobody waits for, and nothing gets lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.backed_up import tear
from tests.tracker.worlds import World, causes, figures

from spendlight.errors import BackupFailedError, LedgerReplacedError
from spendlight.ledger import backups, unattended
from spendlight.ledger.backups import daily
from spendlight.ledger.checking import damage
from spendlight.tracker import safekeeping
from spendlight.tracker.tracker import UsageTracker

Left = list[Callable[[], object]]


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Left:
    """What is left behind, to be done later; every ledger takes long."""
    actions: Left = []

    def keep(action: Callable[[], object]) -> bool:
        actions.append(action)
        return True

    monkeypatch.setattr(safekeeping, "leave_behind", keep)
    monkeypatch.setattr(unattended, "QUICK_BYTES", 0)
    return actions


@pytest.fixture
def path(world: World) -> Path:
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{number}") for number in range(50)))
    command(world)
    return world.place / "data" / "ledger.sqlite3"


def command(world: World) -> UsageTracker:
    """Do what a command does: read, report, and leave."""
    tracker = world.tracker()
    tracker.read_logs(backs_up=False)
    tracker.back_up(is_awaited=False)
    return tracker


def after(wait: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be later."""
    now = datetime.now(UTC) + wait

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return now

    monkeypatch.setattr(safekeeping, "datetime", Clock)


def test_a_command_does_not_wait_for_the_backup(world: World, path: Path, left: Left) -> None:
    command(world)
    assert daily(path) == []

    (make,) = left
    make()

    (backup,) = daily(path)
    assert damage(backup.path) == ""
    assert sorted(file.name for file in backup.path.parent.iterdir()) == [backup.path.name, "lock"]


def test_a_small_ledger_is_backed_up_at_once(
    world: World, path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unattended, "QUICK_BYTES", path.stat().st_size + 1)

    command(world)

    assert left == []
    assert len(daily(path)) == 1


def test_only_one_process_at_a_time_is_left_behind(world: World, path: Path, left: Left) -> None:
    for _ in range(3):
        command(world)

    assert len(left) == 1
    assert daily(path) == []


def test_if_it_was_killed_the_next_command_makes_the_backup(
    world: World, path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(world)
    after(unattended.PATIENCE, monkeypatch)

    command(world)

    assert len(left) == 1
    assert len(daily(path)) == 1


def test_if_it_was_killed_the_day_before_another_one_is_left_behind(
    world: World, path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(world)
    after(backups.EVERY, monkeypatch)

    command(world)

    assert len(left) == 2
    assert daily(path) == []


def test_where_nothing_can_be_left_behind_the_command_makes_the_backup(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unattended, "QUICK_BYTES", 0)
    monkeypatch.setattr(safekeeping, "leave_behind", lambda _: False)

    command(world)

    (backup,) = daily(path)
    assert sorted(file.name for file in backup.path.parent.iterdir()) == [backup.path.name, "lock"]


def test_damage_that_it_finds_is_repaired_and_reported_by_the_next_command(
    world: World, path: Path, left: Left
) -> None:
    before = figures(world.tracker())
    command(world)
    tear(path)
    left[0]()
    assert daily(path) == []

    first, second = command(world), command(world)

    assert causes(first) == [LedgerReplacedError]
    assert causes(second) == []
    assert figures(second) == before
    assert [damage(backup.path) for backup in daily(path)] == [""]


def test_a_flipped_bit_that_it_finds_is_corrected_and_reported_by_the_next_command(
    world: World, path: Path, left: Left
) -> None:
    command(world)
    stamp = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as a failing disk would
    left[0]()
    assert daily(path) == []
    assert path.read_bytes() == data

    tracker = command(world)

    assert "bit" in str(tracker.warnings[0])
    assert len(daily(path)) == 1


def test_its_failure_is_reported_by_the_next_command(
    world: World, path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    command(world)
    with monkeypatch.context() as patch:
        patch.setattr(backups, "back_up", fail)
        left[0]()
        assert causes(command(world)) == [BackupFailedError]
    assert causes(command(world)) == []

    assert len(daily(path)) == 1


PROGRAM = """
import sys
from spendlight.ledger import unattended

unattended.QUICK_BYTES = 0
sys.argv = ["spendlight", "daily", "--json", "--offline"]
from spendlight.__main__ import start

start()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere commands wait")
def test_a_real_command_leaves_a_real_process_behind(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    environ = {
        **os.environ,
        "CLAUDE_CONFIG_DIR": str(world.root),
        "HOME": str(world.place),
        "SPENDLIGHT_DATA_DIR": str(world.place / "data"),
    }
    command = [sys.executable, "-c", PROGRAM]
    ran = [subprocess.run(command, env=environ, capture_output=True, timeout=60) for _ in range(2)]  # noqa: PLW1510  # below

    assert [(run.returncode, run.stderr) for run in ran] == [(0, b"")] * 2
    ledger = world.place / "data" / "ledger.sqlite3"
    latest = time.monotonic() + 30
    while not daily(ledger) and time.monotonic() < latest:
        threading.Event().wait(0.01)
    (backup,) = daily(ledger)
    assert damage(backup.path) == ""

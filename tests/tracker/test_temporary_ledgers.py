"""What becomes of what was counted while the ledger could not be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append, line, write_log
from tests.tracker.test_block_files import block
from tests.tracker.test_block_files import write as write_blocks
from tests.tracker.worlds import World, causes, figures, logs, tokens, total, write_logs

from spendlight import paths
from spendlight.errors import (
    LedgerError,
    LedgerOutOfUseError,
    LedgerReplacedError,
    LedgerTooNewError,
    LedgerUnusableError,
    LeftoverUnreadableError,
)
from spendlight.ledger import carrying
from spendlight.ledger.carrying import carry_over
from spendlight.ledger.schema import MIGRATIONS, SCHEMA
from spendlight.ledger.usage_ledger import Batch, UsageLedger
from spendlight.metering.limits import AlertPolicy, LimitPeriod, Metric, SpendLimit
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import ReportKind
from spendlight.tracker import safekeeping
from spendlight.tracker.queries import ReportRequest
from spendlight.tracker.tracker import UsageTracker

BUDGET = SpendLimit(
    name="budget", amount=1, metric=Metric.TOKENS, period=LimitPeriod.MONTH, levels=(1.0,)
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try at each pass whether the ledger can be used again."""
    monkeypatch.setattr(safekeeping, "RETRY_S", 0.0)


@pytest.fixture
def fault(world: World) -> Fault:
    return Fault(world.place / "data")


class Fault:
    """A thing in the place of the data folder, as where a drive is not mounted."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.aside = data.with_name("aside")

    def begin(self) -> None:
        if self.data.exists():
            self.data.rename(self.aside)
        self.data.write_text("in the way")

    def end(self) -> None:
        self.data.unlink()
        if self.aside.exists():
            self.aside.rename(self.data)


def kept() -> list[Path]:
    """Return the temporary ledgers there are."""
    return [found for place in paths.temporary_ledgers() for found in place.glob("*/ledger*3")]


def test_what_was_counted_meanwhile_is_carried_over_and_nothing_is_left(
    world: World, fault: Fault
) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    fault.begin()
    write_log(world.root, "p/gone.jsonl", line(id="b"), b'{"message":{"usage":{}}}\n')
    tray.refresh()
    before = figures(tray)
    (world.root / "projects" / "p" / "gone.jsonl").unlink()
    assert causes(tray) == [LedgerUnusableError]

    fault.end()
    tray.refresh(only=frozenset())  # no log has changed; only the clock has

    assert tray.warnings == ()
    assert figures(tray) == before
    assert [problem.offset for problem in tray.health().problems] == [len(line(id="b"))]
    assert tray.health().ledger_path == str(world.place / "data" / "ledger.sqlite3")
    assert kept() == []
    tray.close()
    assert total(world.tracker()).answers == 2  # it is in the file itself
    assert world.tracker().refresh().new_answers == 0
    assert world.tracker().verify().is_good


def test_whose_answers_are_is_carried_over(world: World, fault: Fault) -> None:
    tray = world.read(is_long_lived=True)
    fault.begin()
    write_log(world.root, "p/agent-a.jsonl", line(id="a", sessionId="s1"))
    write_log(world.root, "p/b.jsonl", line(id="b", output_tokens=9, sessionId="b"))
    write_log(world.root, "p/c.jsonl", line(id="b", output_tokens=5, sessionId="c"))
    tray.refresh()
    shutil.rmtree(world.root / "projects" / "p")

    fault.end()
    tray.refresh()

    assert tray.warnings == ()
    for session in ("s1", "b", "c"):
        assert len(tray.session_answers(session, CostMode.AUTO)) == 1


def test_a_data_folder_that_was_moved_meanwhile_brings_its_history(
    world: World, fault: Fault
) -> None:
    forgotten = write_log(world.root, "p/old.jsonl", line(id="forgotten"))
    write_log(world.root, "p/s.jsonl", line(id="a"), line(id="b"))
    world.read().close()
    forgotten.unlink()
    fault.begin()
    moved = world.root.rename(world.place / "moved")
    gone = write_log(moved, "p/gone.jsonl", line(id="gone"))
    tray = world.read(moved, is_long_lived=True)
    assert total(tray).answers == 3
    gone.unlink()
    fault.end()

    tray.refresh()
    tray.close()

    assert total(world.read(moved)).answers == 4


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_data_folder_that_was_met_by_another_name_is_still_the_same(
    world: World, fault: Fault
) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    world.read().close()
    fault.begin()
    other = world.place / "other"
    other.symlink_to(world.root)
    gone = write_log(world.root, "p/gone.jsonl", line(id="gone"))
    tray = world.read(other, is_long_lived=True)
    gone.unlink()
    fault.end()

    tray.refresh()
    tray.close()

    assert total(world.read()).answers == 2
    with UsageLedger(fault.data / "ledger.sqlite3") as ledger:
        assert [root.folder for root in ledger.roots()] == [str(world.root)]
        assert {Path(name).parent.parent.parent for name in ledger.marks()} == {world.root}


def test_it_is_in_the_words_where_the_temporary_ledger_is(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()

    (warning,) = world.read().warnings

    assert isinstance(warning, LedgerOutOfUseError)
    assert warning.reason == "Not a directory"
    assert str(paths.state_dir()) in warning.advice


def test_a_report_on_a_fault_leaves_nothing_behind(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()

    tracker = world.read()
    assert len(kept()) == 1
    tracker.close()

    assert kept() == []


def test_what_no_log_holds_any_more_is_kept_for_the_next_start(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    tracker = world.read()
    gone.unlink()
    tracker.close()
    assert len(kept()) == 1

    again = world.read()
    assert total(again).answers == 1  # the next one goes on with it
    again.close()
    fault.end()

    assert total(world.read()).answers == 1
    assert kept() == []


@pytest.mark.slow
def test_a_kill_leaves_it_to_the_next_start(world: World, fault: Fault) -> None:
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


@pytest.mark.slow
def test_of_several_that_start_at_once_one_takes_it_in(world: World, fault: Fault) -> None:
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


def test_one_that_is_in_use_is_nobody_elses(world: World, fault: Fault) -> None:
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


def test_another_ledgers_temporary_one_is_left_alone(world: World, fault: Fault) -> None:
    gone = write_log(world.root, "p/gone.jsonl", line(id="a"))
    fault.begin()
    tracker = world.read()
    gone.unlink()
    tracker.close()

    assert total(world.read(data="other")).answers == 0
    assert len(kept()) == 1


@pytest.mark.parametrize("failing", range(1, 8))
def test_broken_off_at_any_moment_it_is_done_by_the_next_one(
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


def test_a_ledger_that_proves_to_be_damaged_is_restored_first(world: World, fault: Fault) -> None:
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


def test_what_cannot_be_read_of_it_is_kept_and_told(world: World, fault: Fault) -> None:
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


def test_a_place_that_fails_too_is_left_for_the_next_one(world: World, fault: Fault) -> None:
    paths.state_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.state_dir().write_text("in the way")
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()

    tracker = world.read()

    assert total(tracker).answers == 1
    assert Path(tracker.health().ledger_path).is_relative_to(paths.cache_dir({}))
    tracker.close()


@pytest.mark.skipif(os.name == "nt", reason="other users have no access there")
def test_a_place_that_another_user_may_write_to_is_not_used(
    world: World, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for place in (paths.state_dir(), paths.cache_dir({})):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("in the way")
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()
    assert Path(world.read().health().ledger_path).is_relative_to(tmp_path)
    shutil.rmtree(paths.temp_dir())
    paths.temp_dir().mkdir()
    paths.temp_dir().chmod(0o777)

    with pytest.raises(LedgerError):
        world.read()


def alerts(tracker: UsageTracker) -> int:
    return len(tracker.refresh().alerts)


def with_budget(world: World) -> UsageTracker:
    tracker = world.tracker(is_long_lived=True)
    tracker.use_limits([BUDGET], AlertPolicy())
    return tracker


def now_line(name: str) -> bytes:
    return line(id=name, timestamp=datetime.now(UTC).isoformat())


@pytest.mark.parametrize("is_restarted", [False, True])
def test_no_alert_is_told_twice_though_the_ledger_changes(
    world: World, fault: Fault, *, is_restarted: bool
) -> None:
    write_log(world.root, "p/s.jsonl")
    tray = with_budget(world)
    assert alerts(tray) == 0
    log = write_log(world.root, "p/s.jsonl", now_line("a"))
    assert alerts(tray) == 1
    fault.begin()
    append(log, now_line("b"))
    assert alerts(tray) == 0
    if is_restarted:
        tray.close()
        tray = with_budget(world)
    assert alerts(tray) == 0
    fault.end()

    assert alerts(tray) == 0
    assert tray.warnings == ()
    assert len(tray.alert_log(10)) == 1
    tray.close()


def test_an_alert_told_meanwhile_is_not_told_again(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl")
    tray = with_budget(world)
    assert alerts(tray) == 0
    fault.begin()
    assert alerts(tray) == 0
    write_log(world.root, "p/s.jsonl", now_line("a"))
    assert alerts(tray) == 1
    fault.end()
    assert alerts(tray) == 0
    tray.close()
    again = with_budget(world)

    assert alerts(again) == 0
    assert len(again.alert_log(10)) == 1
    again.close()


@pytest.mark.parametrize("is_muted", [True, False])
def test_the_users_last_wish_about_alerts_holds(
    world: World, fault: Fault, *, is_muted: bool
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    tray = world.read(is_long_lived=True)
    tray.mute(None if is_muted else until)
    fault.begin()
    tray.refresh()
    tray.mute(until if is_muted else None)
    fault.end()
    tray.refresh()

    assert tray.warnings == ()
    assert world.tracker().muted_until() == (until if is_muted else None)
    tray.close()


def test_questions_are_answered_while_the_ledger_changes(world: World) -> None:
    write_log(world.root, "p/s.jsonl", *(line(id=f"m{n}") for n in range(50)))
    tracker = world.read()
    stop = threading.Event()
    wrong: list[object] = []

    def ask() -> None:
        while not stop.is_set():
            if (answers := total(tracker).answers) != 50:
                wrong.append(answers)

    def refresh_as(version: int) -> None:
        """Make a pass while the ledger is of some version, which changes in no time."""
        with closing(sqlite3.connect(world.place / "data" / "ledger.sqlite3")) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        tracker.refresh()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(3):
            refresh_as(999)
            assert causes(tracker) == [LedgerTooNewError]
            refresh_as(SCHEMA)
    finally:
        stop.set()
        thread.join()

    assert wrong == []
    tracker.refresh()
    assert tracker.warnings == ()
    assert kept() == []


def test_one_that_fails_again_and_again_is_tried_less_often(
    world: World, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safekeeping, "RETRY_S", 10.0)
    clock = [1_000.0]
    monkeypatch.setattr("spendlight.tracker.safekeeping.time.monotonic", lambda: clock[0])
    tray = world.read(is_long_lived=True)

    def wait_for_return() -> float:
        fault.begin()
        tray.refresh()
        fault.end()
        begun = clock[0]
        while tray.warnings:
            clock[0] += 1
            tray.refresh(only=frozenset())
        return clock[0] - begun

    assert [wait_for_return() for _ in range(3)] == [10, 20, 40]
    clock[0] += 1_000
    assert wait_for_return() == 10
    tray.close()


def test_all_that_a_ledger_holds_is_carried_over_or_follows_from_that() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in MIGRATIONS:
            connection.executescript(step)
        tables = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(files)")}

    names = {"path", "root", "session", "first_name"}
    assert columns == {"id", *names, "size", "mtime_ns", "inode", "read_to", "fingerprint"}
    assert tables == carrying.CARRIED | carrying.LEFT
    assert not carrying.CARRIED & carrying.LEFT


@settings(max_examples=20, deadline=None)
@given(first=logs(), second=logs(), has_second_root=st.booleans())
def test_carried_over_it_is_as_if_it_had_been_read_there(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, list[bytes]],
    second: dict[str, list[bytes]],
    *,
    has_second_root: bool,
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    roots = [world.root, *([world.make_root("other")] if has_second_root else [])]
    write_logs(world.root, first)
    world.read(*roots, data="real")
    for place, lines in second.items():
        log = roots[-1] / "projects" / place
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as writer:
            writer.write(b"".join(lines))
    expected = figures(world.read(*roots, data="expected"))
    world.read(*roots, data="temporary")

    ledgers = [paths.ledger_path(world.place / name) for name in ("temporary", "real")]
    carried = [carry_over(*ledgers) for _ in range(2)]

    assert carried[0].is_whole
    assert carried[1] == carrying.Carried(0, is_whole=True)
    assert figures(world.tracker(*roots, data="real")) == expected
    assert world.tracker(*roots, data="real").refresh().new_answers == 0
    assert figures(world.tracker(*roots, data="real")) == expected
    assert world.tracker(*roots, data="real").verify().is_good


@pytest.mark.parametrize("has_log", [False, True])
def test_blocks_that_files_describe_are_carried_over(
    world: World, fault: Fault, *, has_log: bool
) -> None:
    tray = world.read(is_long_lived=True)
    fault.begin()
    gone = [write_blocks(world.root, [block(-30, 270)])]
    if has_log:
        gone.append(write_log(world.root, "p/s.jsonl", line()))
    tray.refresh()
    before = figures(tray)
    for file in gone:
        file.unlink()
    fault.end()

    tray.refresh()
    tray.close()

    assert figures(world.read()) == before
    assert tokens(world.tracker()) == 21_510
    assert kept() == []


def test_nothing_is_handed_to_other_machines_from_a_temporary_ledger(
    world: World, fault: Fault
) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()
    tracker = world.read()

    with pytest.raises(LedgerUnusableError):
        tracker.export_entries(
            ReportRequest(ReportKind.DAILY), lambda export: len(list(export.rows))
        )

    assert len(kept()) == 1

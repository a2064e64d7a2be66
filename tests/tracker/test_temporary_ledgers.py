"""Usage that was counted in a temporary ledger is carried over."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.block_files import block
from tests.tracker.block_files import write as write_blocks
from tests.tracker.faults import Fault, kept
from tests.tracker.worlds import World, causes, figures, logs, tokens, total, write_logs

from spendlight import paths
from spendlight.errors import (
    LedgerError,
    LedgerOutOfUseError,
    LedgerTooNewError,
    LedgerUnusableError,
)
from spendlight.ledger import carrying
from spendlight.ledger.carrying import carry_over
from spendlight.ledger.migrations import MIGRATIONS
from spendlight.ledger.schema import SCHEMA
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.tracker import safekeeping
from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.selection import EVERYTHING

pytestmark = pytest.mark.usefixtures("at_once")


def test_usage_counted_meanwhile_is_carried_over_completely(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    fault.begin()
    write_log(world.root, "p/gone.jsonl", line(id="b"), b'{"message":{"usage":{}}}\n')
    tray.refresh()
    before = figures(tray)
    (world.root / "projects" / "p" / "gone.jsonl").unlink()
    assert causes(tray) == [LedgerUnusableError]

    fault.end()
    tray.refresh(only=frozenset())  # no log has changed, only the time

    assert tray.warnings == ()
    assert figures(tray) == before
    assert [problem.offset for problem in tray.health().problems] == [len(line(id="b"))]
    assert tray.health().ledger_path == str(world.place / "data" / "ledger.sqlite3")
    assert kept() == []
    tray.close()
    assert total(world.tracker()).answers == 2  # it is in the file itself
    assert world.tracker().refresh().new_answers == 0
    assert world.tracker().verify().is_good


def test_the_sessions_of_answers_are_carried_over(world: World, fault: Fault) -> None:
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
        assert len(tray.ask(SessionAnswers(session))) == 1


def test_a_data_folder_moved_meanwhile_keeps_its_history(world: World, fault: Fault) -> None:
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
def test_a_data_folder_with_another_path_meanwhile_is_the_same(world: World, fault: Fault) -> None:
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


def test_the_warning_names_the_path_of_the_temporary_ledger(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()

    (warning,) = world.read().warnings

    assert isinstance(warning, LedgerOutOfUseError)
    assert warning.reason == "Not a directory"
    assert str(paths.state_dir()) in warning.advice


def test_a_report_leaves_no_temporary_ledger_behind(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()

    tracker = world.read()
    assert len(kept()) == 1
    tracker.close()

    assert kept() == []


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


@pytest.mark.skipif(os.name == "nt", reason="other users have no access there")
def test_another_users_folder_does_not_prevent_using_private_ones(
    world: World, fault: Fault
) -> None:
    paths.temp_dir().mkdir()
    paths.temp_dir().chmod(0o777)
    fault.begin()

    assert Path(world.read().health().ledger_path).is_relative_to(paths.state_dir())


def test_another_thread_can_finish_what_one_has_begun(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    tray = world.read(is_long_lived=True)
    fault.begin()
    tray.refresh()
    assert len(kept()) == 1
    fault.end()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(tray.refresh).result()

    assert (kept(), tray.warnings) == ([], ())
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
        """Make a pass while the ledger has some version, which changes at once."""
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


def test_a_ledger_that_fails_repeatedly_is_retried_less_often(
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


def test_every_table_is_carried_over_or_derived() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in MIGRATIONS:
            connection.executescript(step)
        tables = {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }

        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(files)")}

    names = {"path", "root", "session", "first_name"}
    marks = {"size", "mtime_ns", "inode", "read_to", "fingerprint", "state"}
    assert columns == {"id", *names, *marks, "signature"}  # which is derived from the names
    assert tables == carrying.CARRIED | carrying.LEFT
    assert not carrying.CARRIED & carrying.LEFT


@settings(max_examples=20, deadline=None)
@given(first=logs(), second=logs(), has_second_root=st.booleans())
def test_carried_over_usage_equals_usage_read_there(
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
def test_described_blocks_are_carried_over(world: World, fault: Fault, *, has_log: bool) -> None:
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


def test_nothing_is_exported_from_a_temporary_ledger(world: World, fault: Fault) -> None:
    write_log(world.root, "p/s.jsonl", line())
    fault.begin()
    tracker = world.read()

    with pytest.raises(LedgerUnusableError):
        tracker.export_entries(EVERYTHING, lambda export: len(list(export.rows)))

    assert len(kept()) == 1

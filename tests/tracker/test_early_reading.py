from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.makers import append, line, progress, record, write_log
from tests.tracker import block_files
from tests.tracker.worlds import World, figures, total

from spendlight.logs.claude_code import native
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import Parsed, ParsedRange
from spendlight.tracker import parsing_threads, read_jobs
from spendlight.tracker.early_reading import EarlyReading, begin_reading
from spendlight.tracker.opening import opened_tracker
from spendlight.worker_threads import start_thread

FEW = 40

pytestmark = pytest.mark.skipif(bool(native.NATIVE.reason), reason="only natively")


@pytest.fixture(autouse=True)
def little_is_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start threads for any amount of work."""
    monkeypatch.setattr(parsing_threads.ThreadMap.__init__, "__defaults__", (2, START, 0))


START = start_thread


def make_logs(root: Path, count: int = FEW) -> None:
    """Write logs, among them copies, a subagent's, and one that is only half written."""
    for number in range(count):
        write_log(root, f"p/{number:03}.jsonl", line(id=f"m{number}"), line(id=f"n{number // 2}"))
    write_log(root, "p/s/subagents/agent-a.jsonl", line(id="sub"))
    write_log(root, "q/t.jsonl", progress(record(id="sub")), line(id="q"))
    append(root / "projects/q/t.jsonl", b'{"message":{"usage":{"inp')


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that gets an item when what was read early is used."""
    found: list[bool] = []
    results = EarlyReading.results

    def watched(
        self: EarlyReading, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob]
    ) -> Iterator[Parsed]:
        found.append(True)
        return results(self, function, jobs)

    monkeypatch.setattr(EarlyReading, "results", watched)
    return found


def test_what_was_read_early_is_counted_like_everything_else(
    world: World, used: list[bool]
) -> None:
    make_logs(world.root)

    with opened_tracker(world.options(has_threads=True)) as tracker:
        read = tracker.refresh()
        second = tracker.refresh()

    assert used == [True]
    assert (read.is_complete, second.new_answers) == (True, 0)
    assert figures(tracker) == figures(world.read(data="usual"))


def test_large_logs_are_numbered_before_small_ones(
    world: World, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_logs(world.root)
    write_log(world.root, "p/long.jsonl", *(line(id=f"long{number}") for number in range(20)))
    monkeypatch.setattr(read_jobs, "PART_BYTES", 2_000)

    with opened_tracker(world.options(has_threads=True)) as tracker:
        tracker.refresh()

    assert used == [True]
    assert figures(tracker) == figures(world.read(data="usual"))


def test_it_is_dropped_if_another_process_has_made_the_ledger(
    world: World, used: list[bool]
) -> None:
    make_logs(world.root)

    with opened_tracker(world.options(has_threads=True)) as tracker:
        write_log(world.root, "o/first.jsonl", line(id="first"))
        world.read()
        write_log(world.root, "o/later.jsonl", line(id="later"))
        tracker.refresh()

    assert used == []
    assert figures(tracker) == figures(world.read(data="usual"))


def test_it_is_dropped_if_a_session_block_file_is_numbered_first(
    world: World, used: list[bool]
) -> None:
    make_logs(world.root)
    block_files.write(world.root, [block_files.block(-120, 180)])

    with opened_tracker(world.options(has_threads=True)) as tracker:
        tracker.refresh()

    assert used == []
    assert figures(tracker) == figures(world.read(data="usual"))


def test_a_log_that_is_written_meanwhile_is_read_by_the_next_pass(world: World) -> None:
    make_logs(world.root)

    with opened_tracker(world.options(has_threads=True)) as tracker:
        write_log(world.root, "o/later.jsonl", line(id="later"))
        append(world.root / "projects/p/000.jsonl", line(id="appended"))
        tracker.refresh()
        tracker.refresh()

    assert figures(tracker) == figures(world.read(data="usual"))


def test_no_thread_stays_if_nothing_is_asked(world: World) -> None:
    make_logs(world.root)

    with opened_tracker(world.options(has_threads=True)):
        pass

    assert [one for one in threading.enumerate() if one.name == "worker" and _is_busy(one)] == []
    assert not (world.place / "data").exists()


def _is_busy(thread: threading.Thread) -> bool:
    thread.join(20)
    return thread.is_alive()


@pytest.mark.parametrize("reason", ["a ledger", "one thread", "its own threads", "in Python"])
def test_nothing_is_read_early_where_it_would_not_help(
    world: World, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    make_logs(world.root)
    options = world.options(has_threads=True)
    if reason == "a ledger":
        world.read()
    elif reason == "one thread":
        options = options._replace(has_threads=False)
    elif reason == "its own threads":
        options = options._replace(parse_map=parsing_threads.ThreadMap())
    else:
        monkeypatch.setattr(native.NATIVE, "_library", None)

    assert begin_reading(options) is None


def test_an_error_of_a_thread_is_raised_by_the_pass(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spendlight.logs.agents import JobParser

    def failing(_self: JobParser, _jobs: list[ReadJob]) -> list[ParsedRange]:
        raise ZeroDivisionError

    make_logs(world.root)
    monkeypatch.setattr(JobParser, "read_all", failing)

    with (
        opened_tracker(world.options(has_threads=True)) as tracker,
        pytest.raises(ZeroDivisionError),
    ):
        tracker.refresh()

    monkeypatch.undo()
    tracker.refresh()
    assert total(tracker).answers == total(world.read(data="usual")).answers


EARLY = """
import sys
from spendlight import worker_threads
from spendlight.tracker import parsing_threads

parsing_threads.ThreadMap.__init__.__defaults__ = 2, parsing_threads.start_thread, 0
start = worker_threads.WorkerThreads.start

def watched(self, count):
    print(*(name for name in ("sqlite3", "msgspec") if name in sys.modules), file=sys.stderr)
    start(self, count)

worker_threads.WorkerThreads.start = watched
sys.argv[0] = "spendlight"
from spendlight.__main__ import main
code = main()
print(*(name for name in ("sqlite3", "msgspec") if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""
"""Runs the program; it reports what is loaded when threads are started, and at the end."""


@pytest.mark.slow  # starts a program
def test_threads_start_before_what_the_ledger_needs_is_loaded(world: World) -> None:
    for number in range(FEW):
        write_log(world.root, f"p/{number:03}.jsonl", line(id=f"m{number}"))
    words = ["daily", "--json", "--offline", "--data-dir", str(world.place / "data")]

    ran = subprocess.run(
        [sys.executable, "-c", EARLY, *words, "--prices", str(world.prices_file)],
        env={"CLAUDE_CONFIG_DIR": str(world.root), "TZ": "UTC", "HOME": str(world.place)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stderr.splitlines() == ["", "sqlite3"]
    assert json.loads(ran.stdout)["totals"]["totalTokens"] == 21_403 * FEW

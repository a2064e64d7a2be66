from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from tests.makers import LEFT_OUT, job_for, line, ranges, write_log
from tests.tracker.worlds import World, figures, total

from spendlight.logs.claude_code import native
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import Parsed, ParsedRange
from spendlight.tracker import parsing_threads
from spendlight.tracker.parsing_threads import ThreadMap
from spendlight.worker_threads import start_thread

MANY = 300
PATIENCE_S = 20


def make_jobs(root: Path, count: int = MANY) -> list[ReadJob]:
    return [
        job_for(write_log(root, f"p/{number:03}.jsonl", line(id=f"m{number}")))
        for number in range(count)
    ]


def spread(threads: int = 2) -> ThreadMap:
    """Return a map that uses threads for any amount of work."""
    return ThreadMap(threads, few_bytes=0)


def paths(parsed: Iterable[Parsed]) -> list[str]:
    return sorted(one.job.path for one in ranges(parsed))


def parsing_alive() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "worker"]


def wait_for_threads() -> None:
    for thread in parsing_alive():
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.mark.parametrize("reader", ["native", "python"])
def test_every_job_is_done_once_by_either_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    if reader == "python":
        monkeypatch.setattr(native.NATIVE, "take", lambda: None)
    jobs = make_jobs(tmp_path)

    parsed = list(spread()(parse_range, jobs))

    assert sorted(job.path for job in jobs) == paths(parsed)
    assert sum(one.packed.count for one in ranges(parsed)) == MANY


def test_jobs_are_done_in_parallel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing_threads, "_BATCH_FILES", 1)
    together = threading.Barrier(2, timeout=PATIENCE_S)

    def meet(job: ReadJob) -> ParsedRange:
        together.wait()
        return parse_range(job)

    assert len(list(spread()(meet, make_jobs(tmp_path, 4)))) == 4


def test_little_work_is_done_without_threads(tmp_path: Path) -> None:
    doers = set[int]()

    def watched(job: ReadJob) -> ParsedRange:
        doers.add(threading.get_ident())
        return parse_range(job)

    for jobs in ([], make_jobs(tmp_path, 1), make_jobs(tmp_path, 9)):
        assert paths(ThreadMap(2)(watched, jobs)) == sorted(job.path for job in jobs)

    assert doers == {threading.get_ident()}


@pytest.mark.parametrize("allowed", [0, 1])
def test_the_threads_that_could_be_started_do_all_jobs(tmp_path: Path, allowed: int) -> None:
    jobs = make_jobs(tmp_path)
    started = 0

    def start(function: Callable[[], None]) -> None:
        nonlocal started
        if started == allowed:
            message = "can't start new thread"
            raise RuntimeError(message)
        started += 1
        start_thread(function)

    parsed = ThreadMap(3, start, few_bytes=0)(parse_range, jobs)

    assert paths(parsed) == sorted(job.path for job in jobs)
    assert started == allowed


def test_closing_the_iterator_ends_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing_threads, "_BATCH_FILES", 4)
    monkeypatch.setattr(parsing_threads, "_MOST_WAITING", 2)
    done: list[ReadJob] = []

    def watched(job: ReadJob) -> ParsedRange:
        done.append(job)
        return parse_range(job)

    results = spread()(watched, make_jobs(tmp_path))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator

    wait_for_threads()
    assert len(done) <= 4 * (2 + 2 + 2)


def test_reading_ahead_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing_threads, "_BATCH_FILES", 1)
    monkeypatch.setattr(parsing_threads, "_MOST_WAITING", 5)
    ahead = most = 0

    def watched(job: ReadJob) -> ParsedRange:
        nonlocal ahead, most
        ahead += 1
        most = max(most, ahead)
        return parse_range(job)

    taken = 0
    for _ in spread()(watched, make_jobs(tmp_path)):
        taken += 1
        ahead -= 1

    assert taken == MANY
    assert most <= 5 + 2


def test_an_exception_of_a_job_is_raised_for_the_consumer(tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path)

    def failing(job: ReadJob) -> ParsedRange:
        if job is jobs[100]:
            raise ZeroDivisionError
        return parse_range(job)

    with pytest.raises(ZeroDivisionError):
        list(spread()(failing, jobs))
    wait_for_threads()


def test_a_stopped_pass_keeps_its_results_and_continues_next_time(world: World) -> None:
    make_jobs(world.root, 10)
    stop = threading.Event()

    def one_by_one(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        for number, job in enumerate(jobs, 1):
            if number == 4:
                stop.set()
            yield function(job)

    tracker = world.tracker(parse_map=one_by_one)

    first = tracker.refresh(stop)
    kept = total(tracker).answers
    second = tracker.refresh()

    assert (first.is_complete, first.new_answers, kept) == (False, 4, 4)
    assert (second.is_complete, second.new_answers) == (True, 6)
    assert figures(world.read(data="fresh")) == figures(tracker)


def test_logs_that_another_program_reads_at_the_same_time_count_once(world: World) -> None:
    make_jobs(world.root, 10)
    write_log(world.root, "p/s/subagents/agent-a.jsonl", line(id="sub"), line(id=LEFT_OUT))
    other = world.tracker()

    def with_another(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        for number, job in enumerate(jobs):
            yield function(job)
            if number == 4:
                write_log(world.root, "p/later.jsonl", line(id="later"))
                assert other.refresh().new_answers == 13

    tracker = world.tracker(parse_map=with_another)
    tracker.refresh()
    tracker.refresh()

    assert figures(world.read(data="fresh")) == figures(tracker)
    assert total(tracker).answers == 13


def test_a_pass_stopped_between_threads_continues_next_time(world: World) -> None:
    make_jobs(world.root)
    stop = threading.Event()
    stop.set()
    tracker = world.tracker(parse_map=spread())

    assert not tracker.refresh(stop).is_complete
    wait_for_threads()
    assert tracker.refresh().is_complete
    assert total(tracker).answers == MANY


INTERRUPTED = """
import sys
from spendlight.logs.claude_code import parser
from spendlight.tracker import parsing_threads

parsing_threads.ThreadMap.__init__.__defaults__ = 2, parsing_threads.start_thread, 0
parse_range = parser.parse_range

def held(job):
    if job.path.endswith("150.jsonl"):
        print("reading", file=sys.stderr, flush=True)
        sys.stdin.read()
    return parse_range(job)

parser.parse_range = held
parser.parse_many = lambda jobs: list(map(held, jobs))
sys.argv[0] = "spendlight"
from spendlight.__main__ import start
start()
"""
"""Runs the program; it reports when it reads a log, and continues when stdin is closed."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_a_signal_ends_the_program_in_the_middle_of_a_scan(
    world: World, number: signal.Signals, code: int
) -> None:
    make_jobs(world.root)
    words = ["daily", "--json", "--offline", "--data-dir", str(world.place / "data")]
    words += ["--prices", str(world.prices_file)]
    environ = os.environ | {"CLAUDE_CONFIG_DIR": str(world.root), "TZ": "UTC"}
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *words],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stderr is not None
        assert program.stdin is not None
        assert program.stderr.readline() == "reading\n"
        program.send_signal(number)
        program.stdin.close()
        said = program.stderr.read()

    assert (program.returncode, said) == (code, "")
    ran = subprocess.run(
        [sys.executable, "-m", "spendlight", *words], env=environ, capture_output=True, check=True
    )
    assert json.loads(ran.stdout)["totals"]["totalTokens"] == 21_403 * MANY


def test_a_short_command_does_not_load_what_threads_need(tmp_path: Path) -> None:
    code = "import sys; from spendlight.__main__ import main; main(['--version']); "
    code += "sys.exit('spendlight.tracker.parsing_threads' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0

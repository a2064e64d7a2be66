from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.makers import job_for, line, write_log
from tests.tracker.worlds import World, figures, total

from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker.worker_processes import ProcessMap

pytestmark = pytest.mark.slow

MANY = 300
"""More than is assigned to two processes at once: batches of 32, two for each."""


def make_jobs(root: Path, count: int = MANY) -> list[ReadJob]:
    return [
        job_for(write_log(root, f"p/{number:03}.jsonl", line(id=f"m{number}")))
        for number in range(count)
    ]


def kill_children() -> None:
    for child in multiprocessing.active_children():
        if child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)


def paths(parsed: Iterable[ParsedRange]) -> list[str]:
    return sorted(one.job.path for one in parsed)


def test_every_job_is_answered_once(tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path)

    parsed = list(ProcessMap(2)(parse_range, jobs))

    assert sorted(job.path for job in jobs) == paths(parsed)
    assert not multiprocessing.active_children()


def test_no_job_starts_no_process() -> None:
    assert list(ProcessMap(2)(parse_range, [])) == []


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_what_killed_processes_had_at_hand_and_all_else_is_still_done(tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path)
    results = ProcessMap(2)(parse_range, jobs)
    parsed = [next(results)]

    kill_children()
    parsed += results

    assert sorted(job.path for job in jobs) == paths(parsed)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_one_killed_process_leaves_its_work_to_the_others(tmp_path: Path) -> None:
    jobs = make_jobs(tmp_path)
    results = ProcessMap(2)(parse_range, jobs)
    parsed = [next(results)]

    victim = multiprocessing.active_children()[0]
    os.kill(victim.pid or 0, signal.SIGKILL)
    parsed += results

    assert sorted(job.path for job in jobs) == paths(parsed)


def test_whoever_stops_listening_ends_the_processes(tmp_path: Path) -> None:
    results = ProcessMap(2)(parse_range, make_jobs(tmp_path))
    next(results)

    results.close()  # type: ignore[attr-defined]  # it is a generator

    assert not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_the_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    make_jobs(tmp_path, 100)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        children = [psutil.Process(pid) for pid in pids]

        parent.kill()
        _, alive = psutil.wait_procs(children, timeout=20)

    assert len(pids) == 2
    assert not alive


PARENT = """
import multiprocessing, sys
from pathlib import Path
from spendlight.logs.claude_code.parser import parse_range
from spendlight.tracker.worker_processes import ProcessMap
from tests.makers import job_for

if __name__ == "__main__":
    jobs = [job_for(path) for path in Path(sys.argv[1]).rglob("*.jsonl")]
    results = ProcessMap(2)(parse_range, jobs)
    next(results)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    sys.stdin.read()
"""


def test_a_stopped_pass_keeps_what_it_read_and_goes_on_next_time(world: World) -> None:
    make_jobs(world.root, 10)
    stop = threading.Event()

    def spread(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        for number, job in enumerate(jobs, 1):
            if number == 4:
                stop.set()
            yield function(job)

    tracker = world.tracker(parse_map=spread)

    first = tracker.refresh(stop)
    kept = total(tracker).answers
    second = tracker.refresh()

    assert (first.is_complete, first.new_answers, kept) == (False, 4, 4)
    assert (second.is_complete, second.new_answers) == (True, 6)
    assert figures(world.read(data="fresh")) == figures(tracker)


def test_a_pass_stopped_between_processes_goes_on_next_time(world: World) -> None:
    make_jobs(world.root)
    stop = threading.Event()
    stop.set()
    tracker = world.tracker(parse_map=ProcessMap(2))

    assert not tracker.refresh(stop).is_complete
    assert not multiprocessing.active_children()
    assert tracker.refresh().is_complete
    assert total(tracker).answers == MANY

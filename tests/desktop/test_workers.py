from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal
from pytestqt.qtbot import QtBot
from tests.makers import job_for, line, ranges, write_log

from spendlight.desktop.workers import BACKGROUND_NICENESS, PoolMap, TaskPool
from spendlight.errors import UsageError
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange


class Listener(QObject):
    """Receives the results of tasks, and records the thread."""

    heard = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []
        self.errors: list[object] = []
        self.threads: set[QThread] = set()

    def on_done(self, result: object) -> None:
        self.results.append(result)
        self.threads.add(QThread.currentThread())
        self.heard.emit()

    def on_failed(self, error: object) -> None:
        self.errors.append(error)
        self.heard.emit()


@pytest.fixture
def pool() -> Iterator[TaskPool]:
    pool = TaskPool(2)
    yield pool
    pool.shut_down()


@pytest.fixture
def pool_map() -> Iterator[PoolMap]:
    pool_map = PoolMap(2)
    yield pool_map
    pool_map.shut_down()


def test_the_result_of_no_task_is_lost(qtbot: QtBot, pool: TaskPool) -> None:
    listener = Listener()

    for number in range(500):
        pool.run(lambda number=number: number, listener.on_done, listener.on_failed)  # type: ignore[misc]  # bound early

    qtbot.waitUntil(lambda: len(listener.results) == 500)
    assert set(range(500)) == set(listener.results)


def test_results_arrive_on_the_thread_of_the_receiver(qtbot: QtBot, pool: TaskPool) -> None:
    listener = Listener()

    with qtbot.waitSignal(listener.heard):
        pool.run(lambda: 1, listener.on_done, listener.on_failed)

    assert listener.threads == {QThread.currentThread()}


def test_a_handled_user_error_is_not_logged(
    qtbot: QtBot, pool: TaskPool, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()
    error = UsageError("It is busy")

    def fail() -> None:
        raise error

    with qtbot.waitSignal(listener.heard):
        pool.run(fail, listener.on_done, listener.on_failed)

    assert listener.errors == [error]
    assert not caplog.records


def test_a_bug_is_passed_on_and_logged_with_its_traceback(
    qtbot: QtBot, pool: TaskPool, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()

    with qtbot.waitSignal(listener.heard):
        pool.run(lambda: 1 / 0, listener.on_done, listener.on_failed)

    assert isinstance(listener.errors[0], ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


def busy() -> None:
    error = UsageError("It is busy")
    raise error


def broken() -> None:
    1 / 0  # noqa: B018  # it fails


@pytest.mark.parametrize(("work", "said"), [(broken, "division by zero"), (busy, "It is busy")])
def test_an_unhandled_failure_is_logged_once_with_its_traceback(
    qtbot: QtBot,
    pool: TaskPool,
    caplog: pytest.LogCaptureFixture,
    work: Callable[[], None],
    said: str,
) -> None:
    listener = Listener()

    pool.run(work, listener.on_done)

    qtbot.waitUntil(lambda: bool(caplog.records))
    with qtbot.waitSignal(listener.heard):
        pool.run(lambda: 1, listener.on_done)  # earlier output of the first one precedes this
    (record,) = caplog.records
    assert record.getMessage().startswith(f"A task failed: {said}")
    assert f"in {work.__name__}" in caplog.text
    assert listener.results == [1]


def test_an_unhandled_user_error_is_logged_without_and_a_bug_with_a_traceback(
    qtbot: QtBot, pool: TaskPool, caplog: pytest.LogCaptureFixture
) -> None:
    pool.run(busy, failure="No backup")
    qtbot.waitUntil(lambda: "No backup: It is busy" in caplog.text)
    assert "Traceback" not in caplog.text

    pool.run(broken, failure="No tea")
    qtbot.waitUntil(lambda: "No tea: division by zero" in caplog.text)
    assert "in broken" in caplog.text
    assert len(caplog.records) == 2


def test_a_task_need_not_be_waited_for(qtbot: QtBot, pool: TaskPool) -> None:
    listener = Listener()
    did: list[int] = []

    pool.run(lambda: did.append(1))
    pool.run(lambda: did.append(2), listener.on_done)

    qtbot.waitUntil(lambda: sorted(did) == [1, 2] and listener.results == [None])


@pytest.mark.usefixtures("qapp")
def test_a_deleted_pool_gets_no_results(capfd: pytest.CaptureFixture[str]) -> None:
    ends, has_ended = threading.Event(), threading.Event()
    listener = Listener()
    pool = TaskPool(1)

    def work() -> None:
        ends.wait(5)
        has_ended.set()

    pool.run(work, listener.on_done, listener.on_failed)
    threading.Timer(0.1, ends.set).start()
    shiboken6.delete(pool)  # waits for its threads

    assert has_ended.wait(5)
    QCoreApplication.processEvents()  # it would be reported here
    assert listener.results == []
    assert "deleted" not in capfd.readouterr().err


def test_a_finished_task_is_released(qtbot: QtBot, pool: TaskPool) -> None:
    class Work:
        def __call__(self) -> None:
            pass

    listener = Listener()
    work = Work()
    kept = weakref.ref(work)

    pool.run(work, listener.on_done, listener.on_failed)
    del work

    qtbot.waitUntil(lambda: listener.results == [None])
    qtbot.waitUntil(lambda: kept() is None)


def test_shutting_down_waits_for_the_running_task(pool: TaskPool) -> None:
    listener = Listener()
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        ended.wait(0.2)
        ended.set()

    pool.run(work, listener.on_done, listener.on_failed)
    begun.wait()
    pool.shut_down()

    assert ended.is_set()


def jobs_in(folder: Path, count: int) -> list[ReadJob]:
    return [
        job_for(write_log(folder, f"p/{number}.jsonl", line(id=f"m{number}")))
        for number in range(count)
    ]


def test_a_pool_map_reads_in_the_threads_of_its_pool(tmp_path: Path, pool_map: PoolMap) -> None:
    jobs = jobs_in(tmp_path, 200)
    threads = set[int]()

    def watched(job: ReadJob) -> ParsedRange:
        threads.add(threading.get_native_id())
        return parse_range(job)

    parsed = list(pool_map(watched, jobs))

    assert sorted(one.job.path for one in ranges(parsed)) == sorted(job.path for job in jobs)
    assert threading.get_native_id() not in threads
    assert 1 <= len(threads) <= 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the priority is Qt's")
@pytest.mark.parametrize("reason", ["", "there is no compiler"])
def test_a_pool_map_has_a_low_priority_unless_it_holds_the_gil(
    tmp_path: Path, pool_map: PoolMap, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(NATIVE, "reason", reason)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    niceness = set[int]()

    def watched(job: ReadJob) -> ParsedRange:
        niceness.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return parse_range(job)

    list(pool_map(watched, jobs_in(tmp_path, 200)))

    assert niceness == {own if reason else BACKGROUND_NICENESS}
    assert own == os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_finished_job_is_released(qtbot: QtBot, tmp_path: Path, pool_map: PoolMap) -> None:
    found = [weakref.ref(one) for one in pool_map(Found, jobs_in(tmp_path, 200))]

    qtbot.waitUntil(lambda: not any(result() for result in found))


class Found(ParsedRange):
    """What can be referred to weakly."""

    __slots__ = ("__weakref__",)

    def __init__(self, job: ReadJob) -> None:
        super().__init__(job, 0, 0)


def test_a_pool_map_that_is_abandoned_leaves_nothing_running(
    tmp_path: Path, pool_map: PoolMap
) -> None:
    running = 0
    lock = threading.Lock()

    def work(job: ReadJob) -> ParsedRange:
        nonlocal running
        with lock:
            running += 1
        parsed = parse_range(job)
        with lock:
            running -= 1
        return parsed

    results = pool_map(work, jobs_in(tmp_path, 300))
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator

    assert not running


@pytest.mark.usefixtures("qapp")
def test_signals_do_not_change_reference_counts() -> None:
    """PySide6 6.12.0 drops a reference to True on each emit and aborts after some hundred."""

    class Sender(QObject):
        told = Signal(bool)

    sender = Sender()
    heard: list[bool] = []
    sender.told.connect(heard.append)
    before = sys.getrefcount(True), sys.getrefcount(None)  # noqa: FBT003  # its references are counted

    for _ in range(100):
        sender.told.emit(True)  # noqa: FBT003  # a signal takes no keywords
    heard.clear()

    after = sys.getrefcount(True), sys.getrefcount(None)  # noqa: FBT003  # its references are counted
    assert after[0] >= before[0] - 5
    assert after[1] >= before[1] - 5

"""Work is spread over threads, however many can be started and however long a piece takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty

import pytest

from spendlight.worker_threads import MAX_THREADS, WorkerThreads, start_thread, useful_threads

PATIENCE_S = 20


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Return what holds a thread up; it opens at the end of the test, and all threads end."""
    opened = threading.Event()
    yield opened
    opened.set()
    for thread in threading.enumerate():
        if thread.name == "worker":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def doubling() -> Callable[[int], int]:
    return lambda number: 2 * number


def test_all_work_given_is_done(gate: threading.Event) -> None:
    threads = WorkerThreads(doubling)
    threads.start(3)
    for number in range(100):
        threads.give(number)
    assert threads.under_way == 100

    found = [threads.take(PATIENCE_S) for _ in range(100)]
    threads.end(waits=True)

    assert sorted(found) == [2 * number for number in range(100)]
    assert (threads.count, threads.under_way) == (3, 0)
    assert not gate.is_set()


@pytest.mark.usefixtures("gate")
def test_work_is_given_in_its_order_and_none_is_a_piece_of_it() -> None:
    threads = WorkerThreads[int | None, int | None](lambda: lambda work: work)
    for work in (1, None, 2):
        threads.give(work)
    threads.start(1)

    assert [threads.take(PATIENCE_S) for _ in range(3)] == [1, None, 2]
    threads.end(waits=True)


@pytest.mark.usefixtures("gate")
def test_each_thread_has_a_worker_of_its_own() -> None:
    together = threading.Barrier(2, timeout=PATIENCE_S)
    made: list[object] = []

    def make() -> Callable[[int], object]:
        own = object()
        made.append(own)

        def meet(_: int) -> object:
            together.wait()
            return own

        return meet

    threads = WorkerThreads(make)
    threads.start(2)
    for number in range(2):
        threads.give(number)

    assert {threads.take(PATIENCE_S) for _ in range(2)} == set(made)
    threads.end(waits=True)


@pytest.mark.usefixtures("gate")
def test_as_many_are_started_as_the_system_allows() -> None:
    allowed = iter([True, True])

    def start(function: Callable[[], None]) -> None:
        if not next(allowed, False):
            message = "can't start new thread"
            raise RuntimeError(message)
        start_thread(function)

    threads = WorkerThreads(doubling, start)
    threads.start(4)

    assert threads.count == 2
    threads.end(waits=True)


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize("fails", ["worker", "work"])
def test_an_exception_in_a_thread_is_raised_for_the_consumer(fails: str) -> None:
    def fail(_: int = 0) -> Callable[[int], int]:
        raise ZeroDivisionError

    threads = WorkerThreads(fail if fails == "worker" else lambda: fail)
    threads.start(1)
    threads.give(1)

    with pytest.raises(ZeroDivisionError):
        threads.take(PATIENCE_S)
    assert not threads.under_way
    threads.end(waits=True)


def test_the_owner_may_look_for_results_at_intervals(gate: threading.Event) -> None:
    threads = WorkerThreads[int, bool](lambda: lambda _: gate.wait(PATIENCE_S))
    threads.start(1)
    threads.give(1)

    with pytest.raises(Empty):
        threads.take(0.01)
    assert threads.under_way == 1
    threads.end(waits=False)


def test_work_that_may_never_end_is_not_waited_for(gate: threading.Event) -> None:
    begun: list[int] = []
    has_begun = threading.Event()

    def hang(number: int) -> None:
        begun.append(number)
        has_begun.set()
        gate.wait(PATIENCE_S)

    threads = WorkerThreads(lambda: hang)
    threads.start(1)
    for number in range(5):
        threads.give(number)
    assert has_begun.wait(PATIENCE_S)

    threads.end(waits=False)

    assert threads.is_over()
    assert begun == [0]
    assert not gate.is_set()


def test_only_work_that_has_begun_is_waited_for(gate: threading.Event) -> None:
    done: list[int] = []
    has_begun = threading.Event()

    def work(number: int) -> None:
        has_begun.set()
        gate.wait(PATIENCE_S)
        done.append(number)

    threads = WorkerThreads(lambda: work)
    threads.start(1)
    for number in range(5):
        threads.give(number)
    assert has_begun.wait(PATIENCE_S)
    opening = threading.Thread(target=lambda: _open_when_over(threads, gate))
    opening.start()

    threads.end(waits=True)

    assert done == [0]
    opening.join()


def _open_when_over(threads: WorkerThreads[int, None], gate: threading.Event) -> None:
    while not threads.is_over():
        pass
    gate.set()


def test_no_more_threads_than_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, expected in ((None, 1), (1, 1), (2, 2), (64, MAX_THREADS)):
        monkeypatch.setattr("os.cpu_count", lambda found=processors: found)
        assert useful_threads() == expected

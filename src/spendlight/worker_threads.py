"""Spreads work over threads, and passes their results to the thread that spreads it."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Start: TypeAlias = "Callable[[Callable[[], None]], object]"
"""Makes a thread call a function, at once or as soon as one is free."""

MAX_THREADS: Final = 4
"""More do not help: a single thread processes their results, or all wait for the same disk."""

_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


def useful_threads() -> int:
    """Return the useful number of threads."""
    return min(os.cpu_count() or 1, MAX_THREADS)


def start_thread(function: Callable[[], None]) -> None:
    """Call a function on a new thread; the program can end without waiting for it.

    Raises:
        RuntimeError: If the system cannot start a thread.
    """
    threading.Thread(target=function, name="worker", daemon=True).start()


class WorkerThreads(Generic[_Work, _Result]):
    """Threads that do pieces of work in the order in which they are given, several at a time.

    One thread, the owner, gives the work, takes the results, and ends the threads. How much work is
    given at a time is up to the owner, and so is whether to wait for the threads at the end.

    Args:
        make_worker: Called once in each thread; returns the function that does a piece of work.
            Long pieces should call `is_over` at intervals, and end early if it returns true.
        start: Starts a thread.

    Attributes:
        count: The number of threads started.
        under_way: The number of pieces given whose results were not taken.
    """

    def __init__(
        self, make_worker: Callable[[], Callable[[_Work], _Result]], start: Start = start_thread
    ) -> None:
        self.count = 0
        self.under_way = 0
        self._make_worker = make_worker
        self._start = start
        self._is_over = threading.Event()
        self._work: SimpleQueue[tuple[_Work] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[_Result] | BaseException] = SimpleQueue()
        self._ends: list[threading.Event] = []

    def start(self, count: int) -> None:
        """Start this many threads, or as many as the system allows."""
        with suppress(RuntimeError):
            for _ in range(count):
                end = threading.Event()
                self._start(lambda end=end: self._run(end))  # type: ignore[misc]  # bound now
                self._ends.append(end)
                self.count += 1

    def give(self, work: _Work) -> None:
        """Make one of the threads do a piece of work."""
        self.under_way += 1
        self._work.put((work,))

    def take(self, timeout_s: float | None = None) -> _Result:
        """Wait for the next result, and return it.

        Raises:
            Empty: If there is none in time (see `queue`).
            Exception: The exception with which a thread failed.
        """
        result = self._results.get(timeout=timeout_s)
        self.under_way -= 1
        if isinstance(result, BaseException):
            raise result
        return result[0]

    def is_over(self) -> bool:
        """Return whether the threads are to end."""
        return self._is_over.is_set()

    def end(self, *, waits: bool) -> None:
        """End the threads; work that has not begun is dropped, and so are results.

        Args:
            waits: Whether to wait for work that has begun. A folder on a lost network drive may
                never respond.
        """
        self._is_over.set()
        for _ in self._ends:
            self._work.put(None)
        if waits:
            for end in self._ends:
                end.wait()

    def _run(self, end: threading.Event) -> None:
        try:
            do = self._make_worker()
            while (work := self._work.get()) is not None and not self.is_over():
                self._results.put((do(work[0]),))
        except BaseException as error:  # noqa: BLE001  # raised again where the results are taken
            self._results.put(error)
        finally:
            end.set()

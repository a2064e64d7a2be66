"""Runs plain functions on the threads of a pool and brings back what they return."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from spendlight.errors import UsageError

log = logging.getLogger(__name__)

JOBS_PER_THREAD = 3
"""So many jobs wait in the pool for each thread: enough to keep it busy, few enough to drop."""

Job = TypeVar("Job")
Result = TypeVar("Result")


class TaskSignals(QObject):
    """The signals of a `Task`, which is no QObject itself.

    Signals:
        done: The function has returned this.
        failed: The function has raised this.
        answered: One of the two has been sent; carries the task's number.
    """

    done = Signal(object)
    failed = Signal(object)
    answered = Signal(int)


class Task(QRunnable):
    """Runs one function on a pool thread.

    Whoever starts a task keeps it until it has answered: Qt does not keep the Python half alive,
    and the result of a forgotten task is lost.
    """

    def __init__(self, function: Callable[[], object], number: int) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.signals = TaskSignals()
        self._function = function
        self._number = number

    def run(self) -> None:
        """Call the function and send what comes of it."""
        try:
            result = self._function()
        except Exception as error:  # handed over
            if not isinstance(error, UsageError):
                log.exception("A task failed")
            self.signals.failed.emit(error)
        else:
            self.signals.done.emit(result)
        self.signals.answered.emit(self._number)


class TaskPool(QObject):
    """Starts tasks on threads of its own and keeps each one until it has answered."""

    def __init__(self, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._tasks: dict[int, Task] = {}
        self._started = 0

    def run(
        self,
        function: Callable[[], object],
        done: Callable[[object], None],
        failed: Callable[[object], None],
    ) -> None:
        """Call a function on a thread of the pool.

        Args:
            function: Called there.
            done: A bound method of a QObject; called with the result on that object's thread.
            failed: The same, called with the exception.
        """
        self._started += 1
        task = Task(function, self._started)
        task.signals.done.connect(done)
        task.signals.failed.connect(failed)
        task.signals.answered.connect(self._forget)
        self._tasks[self._started] = task
        self._pool.start(task)

    def shut_down(self) -> None:
        """Drop what has not begun and wait for the rest, which must have been told to stop."""
        self._pool.clear()
        self._pool.waitForDone()
        self._tasks.clear()

    def _forget(self, number: int) -> None:
        self._tasks.pop(number, None)


class _Piece(QRunnable, Generic[Job, Result]):
    """Runs the function of a `PoolMap` on one job."""

    def __init__(
        self,
        function: Callable[[Job], Result],
        job: Job,
        finished: SimpleQueue[_Piece[Job, Result]],
    ) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._function = function
        self._job = job
        self._finished = finished
        self._result: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Call the function and come back through the queue, whatever happened."""
        try:
            self._result.append(self._function(self._job))
        except BaseException as error:  # noqa: BLE001  # raised again by result()
            self._error = error
        self._finished.put(self)

    def result(self) -> Result:
        """Return what the function returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]


class PoolMap:
    """A map over the threads of a pool, with the results in the order in which they are ready.

    It may be used from any thread but those of its own pool. Whoever stops asking for results, or
    gets an exception from one, has the jobs dropped that have not begun; those under way are
    waited for.
    """

    def __init__(self, threads: int) -> None:
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)

    def __call__(
        self, function: Callable[[Job], Result], jobs: Iterable[Job], /
    ) -> Iterator[Result]:
        """Call the function with every job and yield what it returns."""
        finished: SimpleQueue[_Piece[Job, Result]] = SimpleQueue()
        waiting = iter(jobs)
        under_way: set[_Piece[Job, Result]] = set()

        def start(count: int) -> None:
            for job in islice(waiting, count):
                piece = _Piece(function, job, finished)
                under_way.add(piece)
                self._pool.start(piece)

        try:
            start(self._pool.maxThreadCount() * JOBS_PER_THREAD)
            while under_way:
                piece = finished.get()
                under_way.discard(piece)
                start(1)
                yield piece.result()
        finally:
            under_way = {piece for piece in under_way if not self._pool.tryTake(piece)}
            while under_way:
                under_way.discard(finished.get())

    def shut_down(self) -> None:
        """Wait for the last thread to end."""
        self._pool.waitForDone()

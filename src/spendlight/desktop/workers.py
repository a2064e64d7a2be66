"""Runs plain functions on the threads of a pool and delivers their results.

The pools get bound methods, not a `QRunnable`: one that is created and kept in Python is never
freed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal
from shiboken6 import isValid

from spendlight.errors import UsageError

log = logging.getLogger(__name__)

JOBS_PER_THREAD = 3
"""Jobs queued in the pool per thread: enough to keep it busy, few enough to drop."""

A_TASK: Final = "A task failed"
"""The log message for an unexpected failure."""

Job = TypeVar("Job")
Result = TypeVar("Result")


_Answers: TypeAlias = tuple[Callable[[Any], object] | None, Callable[[Exception], object] | None]
"""The callbacks for the result of a task and for its exception."""


class TaskPool(QObject):
    """Runs tasks on its own threads, and delivers their results on the thread it lives on.

    Signals:
        answered: A task has ended; carries its number, its result or exception, and whether it is
            an exception.
    """

    answered = Signal(int, object, bool)

    def __init__(self, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._waiting: dict[int, _Answers] = {}
        self._started = 0
        self.answered.connect(self._on_answered)

    def run(
        self,
        function: Callable[[], Result],
        done: Callable[[Result], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        *,
        failure: str = A_TASK,
    ) -> None:
        """Call a function on a thread of the pool.

        A failure is logged once, with its traceback. Only of a `UsageError`, which is meant for the
        user, the message is logged without a traceback, or nothing if *failed* gets the exception.

        Args:
            function: Called there.
            done: Called with the result on the thread that the pool lives on.
            failed: The same, called with the exception.
            failure: The log message for a failure.
        """
        self._started += 1
        number = self._started
        self._waiting[number] = done, failed
        is_handled = failed is not None
        self._pool.start(lambda: self._run(number, function, failure, is_handled=is_handled))

    def shut_down(self) -> None:
        """Drop tasks that have not begun; wait for the rest, which must have been told to stop."""
        self._pool.clear()
        self._pool.waitForDone()
        self._waiting.clear()

    def _run(
        self, number: int, function: Callable[[], object], failure: str, *, is_handled: bool
    ) -> None:
        """Call the function and send its result; called on a thread of the pool."""
        try:
            result = function()
        except Exception as error:  # noqa: BLE001  # logged, or passed on
            _log_failure(error, failure, is_handled=is_handled)
            self._answer(number, error, has_failed=True)
        else:
            self._answer(number, result, has_failed=False)

    def _answer(self, number: int, answer: object, *, has_failed: bool) -> None:
        """Send the result of a task, if the pool still exists."""
        if isValid(self):  # a program that is ending may not have waited
            self.answered.emit(number, answer, has_failed)

    def _on_answered(self, number: int, answer: object, has_failed: bool) -> None:  # noqa: FBT001  # a slot
        done, failed = self._waiting.pop(number, (None, None))  # there may be no listener any more
        listener: Callable[[Any], object] | None = failed if has_failed else done
        if listener is not None:
            listener(answer)


def _log_failure(error: Exception, failure: str, *, is_handled: bool) -> None:
    if not isinstance(error, UsageError):
        log.error("%s: %s", failure, error, exc_info=error)
    elif not is_handled:
        log.warning("%s: %s", failure, error, exc_info=error if failure == A_TASK else None)


class _Piece(Generic[Job, Result]):
    """Runs the function of a `PoolMap` on one job.

    Attributes:
        is_dropped: Whether the result is no longer needed.
    """

    def __init__(
        self,
        function: Callable[[Job], Result],
        job: Job,
        finished: SimpleQueue[_Piece[Job, Result]],
    ) -> None:
        self.is_dropped = False
        self._function = function
        self._job = job
        self._finished = finished
        self._result: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Call the function and put itself into the queue, whatever happened."""
        try:
            if not self.is_dropped:
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
    """A map over the threads of a pool, with results in the order in which they are ready.

    It may be used from any thread except those of its own pool. If the caller stops iterating, or
    gets an exception, jobs that have not begun are dropped; running ones are waited for.
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
                self._pool.start(piece.run)

        try:
            start(self._pool.maxThreadCount() * JOBS_PER_THREAD)
            while under_way:
                piece = finished.get()
                under_way.discard(piece)
                start(1)
                yield piece.result()
        finally:
            for piece in under_way:
                piece.is_dropped = True
            while under_way:
                under_way.discard(finished.get())

    def shut_down(self) -> None:
        """Wait for the last thread to end."""
        self._pool.waitForDone()

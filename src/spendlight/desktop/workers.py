"""Runs plain functions on the threads of a pool and delivers their results.

The pools get bound methods, not a `QRunnable`: one that is created and kept in Python is never
freed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeAlias, TypeVar

from PySide6.QtCore import QObject, QThread, QThreadPool, Signal
from shiboken6 import isValid

from spendlight.errors import UsageError
from spendlight.tracker.parsing_threads import ThreadMap, may_step_back

log = logging.getLogger(__name__)

BACKGROUND_NICENESS: Final = 10
"""The niceness of background threads."""

A_TASK: Final = "A task failed"
"""The log message for an unexpected failure."""

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


class PoolMap(ThreadMap):
    """Spreads work over the threads of a pool, with a low priority if possible.

    It may be used from any thread except those of its own pool.

    Args:
        threads: The number of threads; by default the useful maximum.
    """

    def __init__(self, threads: int | None = None) -> None:
        super().__init__(threads, self._run_in_pool)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(self.threads)

    def shut_down(self) -> None:
        """Wait for the last thread to end."""
        self._pool.waitForDone()

    def _run_in_pool(self, function: Callable[[], None]) -> None:
        if not may_step_back():
            self._pool.start(function)
            return
        self._pool.setThreadPriority(QThread.Priority.LowPriority)
        self._pool.start(lambda: _in_background(function))


def _in_background(function: Callable[[], None]) -> None:
    """Call a function with the priority of background work.

    Linux has no priorities for normal threads, but each has its own niceness.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # its priority is lower already
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
    function()

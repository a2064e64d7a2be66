"""Spreads a survey over processes, as threads would only wait for one another.

Measured on 200,000 files and two processors: alone 0.7 s, two threads 0.75 s, two processes 0.4 s.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spendlight.safe_start import safe_start
from spendlight.survey.walk import Task, Walker

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from spendlight.survey.tally import Tally
    from spendlight.survey.walk import WalkPlan

MAX_PROCESSES: Final = 4
"""More would wait for the file system and not for a processor."""

_BATCH_FILES: Final = 5_000
"""After this many files a process returns its remaining folders, so that others can help."""

_MOST_FOLDERS: Final = 256
_LOOK_EVERY_S: Final = 0.1


def start_method() -> str:
    """Return the cheapest way to start processes from here."""
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if is_alone else "spawn"


def processors() -> int:
    """Return how many processes pay off."""
    return min(os.cpu_count() or 1, MAX_PROCESSES)


def walk_together(
    tasks: list[Task],
    walker: Walker,
    plan: WalkPlan,
    processes: int,
    is_over: Callable[[], bool],
) -> int:
    """Walk folders in worker processes, and add up their counts.

    The folders of a process that was killed are walked by the others, or in this process.

    Args:
        tasks: The folders. None are left at the end, unless it was stopped.
        walker: Collects the counts, and walks what no worker is left to do.
        plan: The parameters.
        processes: The most processes.
        is_over: Called at intervals; once it is true, the processes are ended.

    Returns:
        How many processes could be started.
    """
    from multiprocessing.connection import wait  # a small survey needs none

    idle: list[_Worker] = []
    busy: dict[object, _Worker] = {}
    try:
        _start(idle, plan, min(processes, len(tasks)))
        started = len(idle)
        while (tasks or busy) and not is_over():
            while tasks and idle:
                worker = idle.pop()
                worker.give(_share(tasks, processes))
                busy[worker.connection] = worker
            if not busy:  # nobody is left
                tasks += walker.visit(tasks.pop())
                continue
            for connection in wait([worker.connection for worker in busy.values()], _LOOK_EVERY_S):
                worker = busy.pop(connection)
                if worker.hand_over(tasks, walker.tally):
                    idle.append(worker)
                else:
                    worker.stop()
    finally:
        for worker in (*idle, *busy.values()):
            worker.stop()
    return started


def _start(workers: list[_Worker], plan: WalkPlan, count: int) -> None:
    """Start up to *count* processes, or as many as the system allows."""
    method = start_method()
    with suppress(OSError):
        for _ in range(count):
            workers.append(_Worker(plan, method, [worker.connection for worker in workers]))


def _share(tasks: list[Task], processes: int) -> list[Task]:
    """Take a part of the folders that leaves enough for the other processes."""
    count = min(_MOST_FOLDERS, 1 + len(tasks) // (2 * processes))
    share = tasks[-count:]
    del tasks[-count:]
    return share


class _Worker:
    """A process and the folders that it is working on."""

    def __init__(self, plan: WalkPlan, method: str, others: list[Connection]) -> None:
        import multiprocessing  # a small survey needs none

        self.at_hand: list[Task] = []
        context = multiprocessing.get_context(method)
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        inherited = [*others, self.connection] if method == "fork" else []
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, plan, inherited), daemon=True
        )
        with safe_start():
            self._process.start()
        theirs.close()

    def give(self, tasks: list[Task]) -> None:
        """Give it folders to walk."""
        self.at_hand = tasks
        try:
            self.connection.send(tasks)
        except OSError:
            return  # it has died, which the next receive will show

    def hand_over(self, tasks: list[Task], tally: Tally) -> bool:
        """Add its counts, and its remaining folders; if it has died, all its folders.

        Returns:
            Whether it is alive.
        """
        try:
            counted, left = self.connection.recv()
        except (EOFError, OSError):
            tasks += self.at_hand
            return False
        tally.merge(counted)
        tasks += left
        self.at_hand = []
        return True

    def stop(self) -> None:
        """End the process, without waiting for its result."""
        if self.at_hand:
            self._process.terminate()
        self.connection.close()
        self._process.join()


def _serve(connection: Connection, plan: WalkPlan, inherited: list[Connection]) -> None:
    """Walk folders until the parent closes the pipe, or is gone.

    A pipe is closed when all copies of its other end are, so the inherited ones are closed first.
    """
    for end in inherited:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # objects live for one batch, and have no cycles
    walker = Walker(plan, lambda: False)
    try:
        while True:
            tasks: list[Task] = connection.recv()
            while tasks and walker.tally.files + len(walker.tally.named) < _BATCH_FILES:
                tasks += walker.visit(tasks.pop())
            connection.send((walker.hand_over(), tasks))
    except (EOFError, OSError):
        return

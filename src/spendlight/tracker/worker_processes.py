"""How a pass spreads its work: in this thread, on a pool of threads, or over processes."""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from spendlight.safe_start import safe_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

MAX_PROCESSES: Final = 4
"""More do not help: the coordinator has to take in what they find."""

_BATCH_BYTES: Final = 4 << 20
_BATCH_FILES: Final = 64
_BATCHES_AHEAD: Final = 2
"""The number of batches assigned to each process, so that it never waits for the next."""

_MOST_WAITING: Final = 64
"""The most batches that wait to be written; then the processes wait."""

_PATIENCE_S: Final = 0.05

_Found = tuple["list[ParsedRange]", "list[list[ReadJob]]"]
"""The results of a batch, and the batches assigned to a process that died."""


class ParseMap(Protocol):
    """How a pass spreads its work; results may come in any order."""

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        """Yield what *function* makes of each job."""
        ...


class ProcessMap:
    """Spreads work over processes of its own.

    A process waits for its work on a pipe, so it ends by itself when the parent does, however that
    came about. The batches of a process that was killed are read in this one.

    Args:
        processes: How many; by default one for each processor.
        niceness: By how much they step back behind other programs.
        start_method: ``fork`` costs nothing, but only a process of a single thread may do it;
            ``spawn`` works always and everywhere. By default whichever fits.
    """

    def __init__(
        self,
        processes: int | None = None,
        niceness: int = 0,
        start_method: str | None = None,
    ) -> None:
        self._count = processes or min(os.cpu_count() or 1, MAX_PROCESSES)
        self._niceness = niceness
        self._start_method = start_method

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob]
    ) -> Iterator[ParsedRange]:
        """Yield what *function* makes of each job."""
        batches = _batches(jobs)
        workers: list[_Worker] = []
        start_method = self._start_method or _start_method()
        try:
            for batch in islice(batches, self._count):
                others = [worker.connection for worker in workers]
                workers.append(_Worker(function, batch, self._niceness, start_method, others))
            yield from _Collector(workers, batches, function)
        finally:
            for worker in workers:
                worker.stop()


class _Collector:
    """Takes in what the processes find, on a thread of its own, and keeps them supplied.

    So they have work while what was found before is being written.
    """

    def __init__(
        self,
        workers: list[_Worker],
        batches: Iterator[list[ReadJob]],
        function: Callable[[ReadJob], ParsedRange],
    ) -> None:
        self._workers = workers
        self._batches = batches
        self._function = function
        self._found: queue.Queue[_Found | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._collect, name="collector")

    def __iter__(self) -> Iterator[ParsedRange]:
        self._thread.start()
        try:
            while (found := self._found.get()) is not None:
                results, lost = found
                yield from results
                for batch in lost:
                    yield from map(self._function, batch)
            for batch in self._batches:  # nobody is left to do them
                yield from map(self._function, batch)
        finally:
            self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.give_up()
        while self._thread.is_alive():
            with suppress(queue.Empty):  # it may wait for room
                self._found.get(timeout=_PATIENCE_S)
        self._thread.join()

    def _collect(self) -> None:
        from multiprocessing.connection import wait  # a small scan needs none

        try:
            for worker in self._workers:
                worker.feed(self._batches)
            busy = {worker.connection: worker for worker in self._workers}
            while busy:
                for connection in wait(list(busy)):
                    worker = busy[connection]  # type: ignore[index]  # only connections were waited for
                    results = worker.receive()
                    if results is None:
                        del busy[worker.connection]
                        self._found.put(([], list(worker.at_hand)))
                        continue
                    worker.feed(self._batches)
                    if not worker.at_hand:
                        del busy[worker.connection]
                    self._found.put((results, []))
        finally:
            self._found.put(None)


class _Worker:
    """One process and the batches assigned to it."""

    def __init__(
        self,
        function: Callable[[ReadJob], ParsedRange],
        batch: list[ReadJob],
        niceness: int,
        start_method: str,
        others: list[Connection],
    ) -> None:
        import multiprocessing  # a small scan needs none

        self.function = function
        self.at_hand: deque[list[ReadJob]] = deque()
        context = multiprocessing.get_context(start_method)
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        inherited = [*others, self.connection] if start_method == "fork" else []
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, function, niceness, inherited)
        )
        with safe_start():
            self._process.start()
        theirs.close()
        self._send(batch)

    def feed(self, batches: Iterator[list[ReadJob]]) -> None:
        """Give it more to do, if there is more."""
        for batch in islice(batches, _BATCHES_AHEAD - len(self.at_hand)):
            self._send(batch)

    def receive(self) -> list[ParsedRange] | None:
        """Return the results of a batch, or None if the process has died."""
        try:
            results: list[ParsedRange] = self.connection.recv()
        except (EOFError, OSError):
            return None
        self.at_hand.popleft()
        return results

    def give_up(self) -> None:
        """End the process if it is still at work: nobody wants the result."""
        if self.at_hand:
            self._process.terminate()

    def stop(self) -> None:
        """Let the process end."""
        self.give_up()
        self.connection.close()
        self._process.join()

    def _send(self, batch: list[ReadJob]) -> None:
        self.at_hand.append(batch)
        try:
            self.connection.send(batch)
        except OSError:
            return  # it has died; receive will say so


def _serve(
    connection: Connection,
    function: Callable[[ReadJob], ParsedRange],
    niceness: int,
    inherited: list[Connection],
) -> None:
    """Work until the parent closes the pipe, or is gone.

    A pipe is closed when all who hold its other end are gone, so what was inherited of the
    parent's ends is closed first.
    """
    for end in inherited:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # what is made here lives for one batch, and has no cycles
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    try:
        while True:
            batch = connection.recv()
            connection.send([function(job) for job in batch])
    except (EOFError, OSError):
        return


def _start_method() -> str:
    """Return how processes can be started from here, at the least cost."""
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    return "fork" if is_alone else "spawn"


def _batches(jobs: Iterable[ReadJob]) -> Iterator[list[ReadJob]]:
    batch: list[ReadJob] = []
    size = 0
    for job in jobs:
        batch.append(job)
        size += job.end - job.start
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

"""How a pass spreads its work: in this thread, on a pool of threads, or over processes."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from spendlight.logs.parser import ParsedRange, ReadJob

PROCESS_THRESHOLD_BYTES: Final = 32 << 20
"""Less than this is read sooner than processes have started (about 0.15 s)."""

MAX_PROCESSES: Final = 4
"""More do not help: the coordinator has to take in what they find."""

_BATCH_BYTES: Final = 4 << 20
_BATCH_FILES: Final = 32
_BATCHES_AHEAD: Final = 2
"""So many batches each process has at hand, so that it never waits for the next."""


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
    came about. What a process that was killed had at hand is done in this one.

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
            for worker in workers:
                worker.feed(batches)
            yield from _collect(workers, batches)
            for batch in batches:  # nobody is left to do them
                yield from map(function, batch)
        finally:
            for worker in workers:
                worker.stop()


def _collect(workers: list[_Worker], batches: Iterator[list[ReadJob]]) -> Iterator[ParsedRange]:
    from multiprocessing.connection import wait  # a small scan needs none

    busy = {worker.connection: worker for worker in workers}
    while busy:
        for connection in wait(list(busy)):
            worker = busy[connection]  # type: ignore[index]  # only connections were waited for
            results = worker.receive()
            if results is None:
                del busy[worker.connection]
                for batch in worker.at_hand:
                    yield from map(worker.function, batch)
                continue
            worker.feed(batches)
            yield from results
            if not worker.at_hand:
                del busy[worker.connection]


class _Worker:
    """One process and the batches it has at hand."""

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

    def stop(self) -> None:
        """Let the process end; if it is still at work, nobody wants the result."""
        if self.at_hand:
            self._process.terminate()
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

"""Spreads the reading of a pass over threads, which run in parallel with the native reader.

The Python reader uses the same threads. It holds the GIL, so they do not make it faster, but it
continues to read while results are being written.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import ParsedRange

MAX_THREADS: Final = 4
"""More do not help, because a single thread processes their results."""

FEW_BYTES: Final = 1 << 20
"""Less than this is read before a second thread has started."""

FILE_BYTES: Final = 8 << 10
"""The overhead of opening a file, expressed in bytes of content."""

_BATCH_BYTES: Final = 1 << 20
_BATCH_FILES: Final = 64

_MOST_WAITING: Final = 32
"""The number of batches that may be waiting to be processed; above it, the threads wait."""


class ParseMap(Protocol):
    """Spreads the work of a pass; results may come in any order."""

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Iterator[ParsedRange]:
        """Yield what *function* makes of each job."""
        ...


Start: TypeAlias = "Callable[[Callable[[], None]], object]"
"""Makes a thread call a function, at once or as soon as one is free."""


def start_thread(function: Callable[[], None]) -> None:
    """Call a function on a new thread; the program can end without waiting for it.

    Raises:
        RuntimeError: If the system cannot start a thread.
    """
    threading.Thread(target=function, name="parse", daemon=True).start()


def may_step_back() -> bool:
    """Return whether threads that read may have a lower priority than others.

    Those of the Python reader hold the GIL: on a busy computer the window would wait for them.
    """
    from spendlight.logs.claude_code.native import NATIVE  # most passes find nothing new

    return not NATIVE.reason


class ThreadMap:
    """Spreads work over threads and yields their results in the calling thread.

    Small amounts of work are done in the calling thread. If the caller stops iterating or gets an
    exception, jobs that have not begun are dropped, and running ones are waited for.

    Args:
        threads: The number of threads; by default one for each processor.
        start: Starts a thread; if the system refuses, the threads already started do all the work.
        few_bytes: The amount of work below which no threads are started.

    Attributes:
        threads: The number of threads.
    """

    def __init__(
        self,
        threads: int | None = None,
        start: Start = start_thread,
        few_bytes: int = FEW_BYTES,
    ) -> None:
        self.threads = threads or min(os.cpu_count() or 1, MAX_THREADS)
        self._start = start
        self._few_bytes = few_bytes

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Iterator[ParsedRange]:
        """Yield what *function* makes of each job.

        Raises:
            Exception: The first exception raised by *function*.
        """
        if len(jobs) < 2 or sum(map(_weight, jobs)) < self._few_bytes:  # noqa: PLR2004  # too little to share
            yield from map(function, jobs)
            return
        work = _Work(function, jobs)
        ends: list[threading.Event] = []
        try:
            for _ in range(self.threads):
                end = threading.Event()
                try:
                    self._start(lambda end=end: work.run(end))  # type: ignore[misc]  # bound now
                except RuntimeError:
                    break
                ends.append(end)
            if not ends:
                yield from map(function, jobs)
                return
            yield from work.results(len(ends))
        finally:
            work.stop(self.threads)
            for end in ends:
                end.wait()


class _Work:
    """Jobs for several threads, and their results."""

    def __init__(self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob]) -> None:
        self._function = function
        self._batches = _batches(jobs)
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._is_over = False
        self._found: SimpleQueue[list[ParsedRange] | BaseException | None] = SimpleQueue()

    def run(self, end: threading.Event) -> None:
        """Do jobs until none are left or `stop` was called; then set *end*."""
        try:
            while batch := self._next():
                self._found.put([self._function(job) for job in batch if not self._is_over])
        except BaseException as error:  # noqa: BLE001  # raised again where the results are received
            self._found.put(error)
        finally:
            self._found.put(None)
            end.set()

    def results(self, threads: int) -> Iterator[ParsedRange]:
        """Yield the results of the threads until all of them have ended."""
        while threads:
            found = self._found.get()
            if found is None:
                threads -= 1
            elif isinstance(found, BaseException):
                raise found
            else:
                self._room.release()
                yield from found

    def stop(self, threads: int) -> None:
        """Make each thread end after its current job."""
        self._is_over = True
        self._room.release(threads)  # wakes threads that are waiting for room

    def _next(self) -> list[ReadJob]:
        self._room.acquire()
        with self._lock:
            return [] if self._is_over else next(self._batches, [])


def _weight(job: ReadJob) -> int:
    """Return the amount of work in a job, in bytes."""
    return job.end - job.start + FILE_BYTES


def _batches(jobs: Sequence[ReadJob]) -> Iterator[list[ReadJob]]:
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

"""How a pass spreads its reading: over threads, which the native reader lets work at once.

The Python reader runs in the same threads. It holds the GIL, so it is no faster for them, but it
reads on while what was found is written.
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
"""More do not help: one thread has to take in what they find."""

FEW_BYTES: Final = 1 << 20
"""Less than this is read sooner than a second thread has started."""

FILE_BYTES: Final = 8 << 10
"""What a file takes beside what is in it, as so many bytes more."""

_BATCH_BYTES: Final = 1 << 20
_BATCH_FILES: Final = 64

_MOST_WAITING: Final = 32
"""So many batches at most are read and not taken in yet; then the threads wait."""


class ParseMap(Protocol):
    """How a pass spreads its work; results may come in any order."""

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Iterator[ParsedRange]:
        """Yield what *function* makes of each job."""
        ...


Start: TypeAlias = "Callable[[Callable[[], None]], object]"
"""Has a thread call a function, now or as soon as one is free."""


def start_thread(function: Callable[[], None]) -> None:
    """Call a function on a new thread, for which the end of the program does not wait.

    Raises:
        RuntimeError: If the system lets no thread be started.
    """
    threading.Thread(target=function, name="parse", daemon=True).start()


class ThreadMap:
    """Spreads work over threads and yields what they find in the one that asks.

    Little work is done in that one. Whoever stops asking, or gets an exception, has what has not
    begun dropped; what is being read is waited for.

    Args:
        threads: How many; by default one for each processor.
        start: Starts one; where the system refuses, those that were started do all.
        few_bytes: Less work than this is little.

    Attributes:
        threads: How many.
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
            Exception: What *function* raised first.
        """
        if len(jobs) < 2 or sum(map(_weight, jobs)) < self._few_bytes:  # noqa: PLR2004  # nothing to share
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
    """Jobs that several threads do, and what they found."""

    def __init__(self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob]) -> None:
        self._function = function
        self._batches = _batches(jobs)
        self._lock = threading.Lock()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._is_over = False
        self._found: SimpleQueue[list[ParsedRange] | BaseException | None] = SimpleQueue()

    def run(self, end: threading.Event) -> None:
        """Do jobs until there are none left, or nobody wants any; then set *end*."""
        try:
            while batch := self._next():
                self._found.put([self._function(job) for job in batch if not self._is_over])
        except BaseException as error:  # noqa: BLE001  # it is raised where the results are taken
            self._found.put(error)
        finally:
            self._found.put(None)
            end.set()

    def results(self, threads: int) -> Iterator[ParsedRange]:
        """Yield what some threads find, until all of them have ended."""
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
        """Let the threads end after the job that each is doing."""
        self._is_over = True
        self._room.release(threads)  # none waits for what is not taken in any more

    def _next(self) -> list[ReadJob]:
        self._room.acquire()
        with self._lock:
            return [] if self._is_over else next(self._batches, [])


def _weight(job: ReadJob) -> int:
    """Return how much work a job is, in bytes."""
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

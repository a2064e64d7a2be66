"""Spreads the reading of a pass over threads, which run in parallel with the native reader.

The Python reader uses the same threads. It holds the GIL, so they do not make it faster, but it
continues to read while results are being written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from spendlight.logs.agents import JobParser
from spendlight.logs.parsed import ParsedLogs
from spendlight.worker_threads import WorkerThreads, start_thread, useful_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed, ParsedRange
    from spendlight.worker_threads import Start

FEW_BYTES: Final = 1 << 20
"""Less than this is read before a second thread has started."""

FILE_BYTES: Final = 8 << 10
"""The overhead of opening a file, expressed in bytes of content."""

_BATCH_BYTES: Final = 1 << 20
_BATCH_FILES: Final = 256

_MOST_WAITING: Final = 128
"""The number of batches that may be read ahead of the one that is processed, while a part of the
pass is written. What is read waits packed, in some kilobytes for each megabyte of log."""

_MOST_FILES_WAITING: Final = 2_048
"""Likewise of files, as an answer in a log of its own needs a kilobyte."""


class ParseMap(Protocol):
    """Spreads the work of a pass; results may come in any order."""

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Iterator[Parsed]:
        """Yield what *function* makes of each job."""
        ...


def may_step_back() -> bool:
    """Return whether threads that read may have a lower priority than others.

    Those of the Python reader hold the GIL: on a busy computer the window would wait for them.
    """
    from spendlight.logs.claude_code.native import NATIVE  # most passes find nothing new

    return not NATIVE.reason


class Reading:
    """Jobs that threads are doing; see `ThreadMap`.

    Args:
        threads: The threads.
        batches: What they are to do.
    """

    def __init__(
        self,
        threads: WorkerThreads[list[ReadJob], list[Parsed]],
        batches: Iterator[list[ReadJob]],
    ) -> None:
        self._threads = threads
        self._batches = batches
        self._files = 0
        self._give()

    def results(self) -> Iterator[Parsed]:
        """Yield the result of each job; at the end, or if the caller stops, the threads end.

        Raises:
            Exception: The first exception raised by a job.
        """
        try:
            while self._threads.under_way:
                found = self._threads.take()
                for parsed in found:
                    self._files -= len(parsed.jobs) if isinstance(parsed, ParsedLogs) else 1
                self._give()
                yield from found
        finally:
            self.end()

    def end(self) -> None:
        """Drop the jobs that have not begun, and wait for those that have."""
        self._threads.end(waits=True)

    def _give(self) -> None:
        while self._threads.under_way < _MOST_WAITING and self._files < _MOST_FILES_WAITING:
            batch = next(self._batches, None)
            if batch is None:
                break
            self._files += len(batch)
            self._threads.give(batch)


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
        self.threads = threads or useful_threads()
        self._start = start
        self._few_bytes = few_bytes

    def __call__(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Iterator[Parsed]:
        """Yield what *function* makes of each job.

        Raises:
            Exception: The first exception raised by *function*.
        """
        reading = self.begin(function, jobs)
        yield from map(function, jobs) if reading is None else reading.results()

    def begin(
        self, function: Callable[[ReadJob], ParsedRange], jobs: Sequence[ReadJob], /
    ) -> Reading | None:
        """Start the threads; None if there is too little to share, or none can be started."""
        if len(jobs) < 2 or _are_few(jobs, self._few_bytes):  # noqa: PLR2004  # too little to share
            return None

        def read(batch: list[ReadJob]) -> list[Parsed]:
            if isinstance(function, JobParser):
                return function.read_all(batch)
            return [function(job) for job in batch if not threads.is_over()]

        threads = WorkerThreads(lambda: read, self._start)
        threads.start(self.threads)
        return Reading(threads, _batches(jobs)) if threads.count else None


def _are_few(jobs: Sequence[ReadJob], few_bytes: int) -> bool:
    """Return whether jobs are less work than this, in bytes."""
    total = len(jobs) * FILE_BYTES
    return total < few_bytes and total + sum(job.end - job.start for job in jobs) < few_bytes


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

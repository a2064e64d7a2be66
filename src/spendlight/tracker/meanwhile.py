"""Does something on another thread while the caller does something else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from spendlight.worker_threads import WorkerThreads, start_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Found = TypeVar("_Found")


@contextmanager
def done_meanwhile(function: Callable[[], _Found]) -> Iterator[Callable[[], _Found]]:
    """Begin to call a function; yield one that waits for its result, or for its exception."""
    threads: WorkerThreads[None, _Found] = WorkerThreads(lambda: lambda _: function(), start_thread)
    threads.start(1)
    if not threads.count:  # the system allows no more
        yield function
        return
    try:
        threads.give(None)
        yield threads.take
    finally:
        threads.end(waits=True)

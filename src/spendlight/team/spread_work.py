"""Does something with each of many files, on threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.worker_threads import WorkerThreads, useful_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AT_ONCE: Final = 16
_LEAST: Final = 64
"""From so many files on, it pays to start threads."""


def on_threads(do: Callable[[int], None], items: Sequence[int]) -> None:
    """Call a function with each of some numbers, several at a time.

    Raises:
        Exception: Whatever one of the calls raised.
    """

    def do_some(start: int) -> None:
        for item in items[start : start + _AT_ONCE]:
            do(item)

    starts = range(0, len(items), _AT_ONCE)
    threads = WorkerThreads[int, None](lambda: do_some)
    threads.start(useful_threads() if len(items) >= _LEAST else 0)
    try:
        for start in starts:
            if threads.count:
                threads.give(start)
            else:
                do_some(start)
        while threads.under_way:
            threads.take()
    finally:
        threads.end(waits=True)

"""Three ways to call functions, of which this module has two: in turn, and on threads.

The third is in `team.cluster`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from spendlight.worker_threads import WorkerThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Pending = Any
"""The result of a call, or what will become it."""


class Workers(Protocol):
    """Calls functions, several at a time."""

    @property
    def count(self) -> int:
        """How many calls there can be at a time."""

    @property
    def threads(self) -> int | None:
        """How many threads each call may use; None means as many as there are processors."""

    def map(self, function: Callable[..., Any], *columns: Sequence[Pending]) -> list[Pending]:
        """Call a function for each row of some columns.

        Args:
            function: A function that gives the same result wherever and how often it is called.
            columns: Arguments: values, results of other calls, or lists of them.
        """

    def collect(self, pending: Sequence[Pending]) -> list[Any]:
        """Return the results of calls."""


class OneProcess:
    """Calls functions one after the other."""

    count: int = 1
    threads: int | None = None

    def map(self, function: Callable[..., Any], *columns: Sequence[Pending]) -> list[Pending]:
        """See `Workers`."""
        return [function(*row) for row in zip(*columns, strict=True)]

    def collect(self, pending: Sequence[Pending]) -> list[Any]:
        """See `Workers`."""
        return list(pending)


class Threads(OneProcess):
    """Calls functions on threads.

    Args:
        count: How many.
    """

    threads = 1

    def __init__(self, count: int) -> None:
        self.count = count

    def map(self, function: Callable[..., Any], *columns: Sequence[Pending]) -> list[Pending]:
        """See `Workers`."""
        rows = list(zip(*columns, strict=True))
        workers = WorkerThreads[tuple[int, Any], tuple[int, Any]](
            lambda: lambda work: (work[0], function(*work[1]))
        )
        workers.start(min(self.count, len(rows)))
        if not workers.count:  # the system starts none
            return super().map(function, *columns)
        try:
            for work in enumerate(rows):
                workers.give(work)
            found = dict(workers.take() for _ in rows)
        finally:
            workers.end(waits=True)
        return [found[number] for number in range(len(rows))]

"""Computes a team's figures without the cache, in a cluster or on this machine."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from spendlight.team.cache import TeamCache
from spendlight.team.cluster import connected
from spendlight.team.engine import connect
from spendlight.team.intake import TakenIn
from spendlight.team.shared_folder import SharedFolder
from spendlight.team.spreading import gather
from spendlight.team.workers import OneProcess, Threads
from spendlight.worker_threads import useful_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spendlight.team.workers import Workers

HERE: Final = "here"
THREADS: Final = "threads"


@contextmanager
def computed(
    url: str, scheduler: str, thresholds_of: Callable[[set[str]], Iterable[int]]
) -> Iterator[tuple[TeamCache, TakenIn]]:
    """Compute the sums of all segments; yield them, and what was found.

    Args:
        url: The team's folder.
        scheduler: The address of a Dask scheduler, `HERE` or `THREADS`.
        thresholds_of: Returns the context sizes at which the price of any of some models changes.

    Raises:
        ClusterError: If the cluster cannot be used.
        SharedFolderError: If the folder cannot be used.
        WorkerFolderError: If a worker cannot use it.
    """
    with (
        TemporaryDirectory(prefix="spendlight-team-") as folder,
        _workers(scheduler) as workers,
        connect() as connection,
    ):
        cache = TeamCache(connection, thresholds_of, Path(folder))
        found = gather(SharedFolder(url), workers, cache, thresholds_of)
        yield cache, TakenIn(found.segments, found.segments, found.unreadable, 0)


@contextmanager
def _workers(scheduler: str) -> Iterator[Workers]:
    if scheduler == HERE:
        yield OneProcess()
    elif scheduler == THREADS:
        yield Threads(useful_threads())
    else:
        with connected(scheduler) as cluster:
            cluster.demand_usable()
            yield cluster

"""Calls functions on the workers of a Dask cluster that exists already."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.build import read_build
from spendlight.errors import BadArgumentError, UsageError
from spendlight.names import name as shown_name
from spendlight.names import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from spendlight.team.workers import Pending

PATIENCE_S: Final = 10.0
"""How long to wait for the scheduler, and for a worker where there is none."""

PROGRAM: Final = "spendlight"
DISTRIBUTED: Final = "distributed"

_VERSIONS: Final = (
    "[next((found.version for found in"
    " __import__('importlib.metadata').metadata.distributions(name=name)), '')"
    f" for name in ('{PROGRAM}', 'duckdb')]"
)
"""What returns the versions of the program and of DuckDB on a worker, even if it has neither."""

_ADDRESS: Final = re.compile(r"(?:tcp|tls|ucx|ws|wss)://[^\s/@]+(?:/\S*)?")


class ClusterMissingError(UsageError):
    """Dask is not installed."""

    def __init__(self) -> None:
        if read_build().is_frozen:  # nothing can be added to a frozen program
            super().__init__(
                "This build of Spendlight does not support Dask",
                "Install Spendlight with pipx or uv: pipx install 'spendlight[cluster]'.",
            )
            return
        super().__init__(
            "--scheduler needs Dask, which is not installed",
            "Install it with: pip install 'spendlight[cluster]'.",
        )


class BadSchedulerError(BadArgumentError):
    """An address at which no scheduler can be."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{shown_name(address)} is not the address of a Dask scheduler",
            "It looks like tcp://host:8786; 'dask scheduler' prints it when it starts.",
        )


class ClusterError(UsageError):
    """A cluster cannot be used."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"The Dask cluster at {shown_name(address)} cannot be used: {reason}",
            "Nothing was changed. Without --scheduler this machine computes the same.",
        )
        self.reason = reason


class Worker(NamedTuple):
    """A worker of a cluster.

    Attributes:
        host: The machine that it is on, as the scheduler knows it.
        fault: Why it cannot do anything for us, or "".
    """

    address: str
    host: str
    fault: str


class Cluster:
    """The workers of a cluster; see `workers.Workers`.

    Args:
        address: The scheduler's.
        client: Connected to it.
        patience_s: How long to wait where there are no workers.

    Attributes:
        workers: Those that it had when the connection was made.
    """

    threads = 1

    def __init__(self, address: str, client: Any, patience_s: float) -> None:  # noqa: ANN401  # untyped
        self._address = address
        self._client = client
        self._patience_s = patience_s
        self.workers = self._look()

    @property
    def count(self) -> int:
        """How many calls there can be at a time."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def map(self, function: Callable[..., Any], *columns: Sequence[Pending]) -> list[Pending]:
        """See `workers.Workers`."""
        with self._told():
            found: list[Pending] = self._client.map(function, *columns, pure=False)
            return found

    def collect(self, pending: Sequence[Pending]) -> list[Any]:
        """See `workers.Workers`.

        Raises:
            ClusterError: If a call fails, or if there are no workers any more.
        """
        with self._told():
            self._wait(pending)
            found: list[Any] = self._client.gather(list(pending))
            return found

    def demand_usable(self) -> None:
        """Make sure that every worker has the same versions as we.

        Raises:
            ClusterError: If one does not.
        """
        for worker in self.workers:
            if worker.fault:
                raise ClusterError(self._address, f"{worker.fault} on worker {worker.host}")

    def on_each(self, addresses: Collection[str], function: Callable[..., Any]) -> dict[str, Any]:
        """Call a function on some workers; return its results, or exceptions, by their addresses.

        It must be short, as the workers do nothing else meanwhile.
        """
        with self._told():
            found: dict[str, Any] = self._client.run(
                function, workers=list(addresses), on_error="return"
            )
            return found

    def on_one_of(
        self, groups: Sequence[Collection[str]], function: Callable[..., Any], *arguments: object
    ) -> list[Any]:
        """Call a function on one worker of each group; return its results, or exceptions."""
        with self._told():
            calls = [
                self._client.submit(
                    function,
                    *arguments,
                    workers=list(group),
                    allow_other_workers=False,
                    pure=False,
                )
                for group in groups
            ]
            return [self._result(*pair) for pair in zip(calls, groups, strict=True)]

    def _result(self, call: Any, group: Collection[str]) -> object:  # noqa: ANN401  # a future
        """Return the result of a call that only some workers can do, or the exception."""
        try:
            while not self._is_done([call], self._patience_s):
                if not self._alive() & set(group):
                    call.cancel()
                    return ClusterError(self._address, "its worker has ended")
            return call.result()
        except UsageError as error:
            return error
        except Exception as error:  # whatever a worker raises  # noqa: BLE001
            return ClusterError(self._address, _reason(error))

    def _wait(self, pending: Sequence[Pending]) -> None:
        while not self._is_done(pending, self._patience_s):
            if not self._alive():
                raise ClusterError(self._address, "it has no workers any more")

    @staticmethod
    def _is_done(pending: Sequence[Pending], timeout_s: float) -> bool:
        from distributed import wait

        try:
            wait(list(pending), timeout=timeout_s)  # type: ignore[no-untyped-call]
        except TimeoutError:
            return False
        return True

    def _alive(self) -> set[str]:
        return set(self._client.nthreads())

    def _look(self) -> list[Worker]:
        """Return all workers.

        Raises:
            ClusterError: If there are none, or if the scheduler has another version.
        """
        try:
            self._client.wait_for_workers(1, timeout=self._patience_s)
        except TimeoutError:
            raise ClusterError(self._address, "it has no workers") from None
        versions = self._client.get_versions(check=False)
        scheduler = _fault("Dask", versions["client"], versions["scheduler"])
        if scheduler:
            raise ClusterError(self._address, f"{scheduler} on its scheduler")
        hosts = self._client.scheduler_info(n_workers=-1)["workers"]
        installed = self._client.run(eval, _VERSIONS)
        return [
            Worker(
                address,
                str(hosts.get(address, {}).get("host", address)),
                _fault("Dask", versions["client"], told)
                or _program_fault(*installed.get(address, ("", ""))),
            )
            for address, told in sorted(versions["workers"].items())
        ]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what goes wrong into words."""
        try:
            yield
        except UsageError:
            raise
        except Exception as error:  # Dask's own, and whatever a worker raises
            raise ClusterError(self._address, _reason(error)) from error


@contextmanager
def connected(address: str, patience_s: float = PATIENCE_S) -> Iterator[Cluster]:
    """Connect to a cluster.

    Args:
        address: Its scheduler's, such as "tcp://host:8786".
        patience_s: How long to wait for it, and for workers where there are none.

    Raises:
        BadSchedulerError: If no scheduler can be there.
        ClusterMissingError: If Dask is not installed.
        ClusterError: If it cannot be used.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise BadSchedulerError(address)
    try:
        from distributed import Client
    except ImportError:
        raise ClusterMissingError from None
    logging.getLogger(DISTRIBUTED).setLevel(logging.CRITICAL)  # we say what matters ourselves
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        try:
            client = Client(address, timeout=patience_s)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise ClusterError(address, _reason(error)) from error
        try:
            try:
                cluster = Cluster(address, client, patience_s)
            except UsageError:
                raise
            except Exception as error:
                raise ClusterError(address, _reason(error)) from error
            yield cluster
        finally:
            client.close()  # type: ignore[no-untyped-call]


def _fault(what: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Return what is wrong with the version of Dask elsewhere, or ""."""
    own, other = (one.get("packages", {}).get(DISTRIBUTED) for one in (ours, theirs))
    return "" if own == other else f"{what} {shown(str(other))} instead of {own} is installed"


def _program_fault(program: str, engine: str) -> str:
    """Return what is wrong with the versions on a worker, or ""."""
    if not program:
        return "Spendlight is not installed"
    own = metadata.version(PROGRAM)
    if program != own:
        return f"Spendlight {shown(program)} instead of {own} is installed"
    return "" if engine else "DuckDB is not installed"


def _reason(error: Exception) -> str:
    """Return in words what Dask says."""
    kind = type(error).__name__
    if kind == "KilledWorker":
        return "its workers end again and again while they work on the same"
    if kind in {"FutureCancelledError", "CancelledError", "CommClosedError"}:
        return "the connection to it was lost"
    if isinstance(error, UsageError):
        return error.title
    if kind == "TimeoutError":
        return "it did not respond in time"
    text = " ".join(str(error).split())[:300].rstrip(".")
    return shown(text or kind)

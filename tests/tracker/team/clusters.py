"""Makers of Dask clusters: a scheduler, and workers as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

DIE_ONCE = """
import os
import signal

from spendlight.team import spreading


def settle(*arguments, whole=spreading.settle):
    try:
        os.close(os.open({flag!r}, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)


spreading.settle = settle
"""
"""Has the first worker that settles a partition die of it; the file tells the others."""

OTHER_VERSION = """
from importlib import metadata
from types import SimpleNamespace


def distributions(name, found=metadata.distributions):
    return {found} if name == "spendlight" else found(name=name)


metadata.distributions = distributions
"""
"""Has a worker pretend that it has another Spendlight, or none."""


class Cluster:
    """A scheduler and its workers.

    Attributes:
        address: The scheduler's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self.address = self._start(
            "scheduler", "Scheduler at:", "--host", "127.0.0.1", "--port", "0"
        ).split()[-1]

    def add_worker(self, preload: str = "", host: str = "127.0.0.1", **environ: str) -> Self:
        """Start a worker that has run some code, and wait until the scheduler knows it."""
        options = ["--no-nanny", "--nthreads", "1", "--host", host]
        if preload:
            script = self._folder / f"preload-{len(self._processes)}.py"
            script.write_text(preload)
            options += ["--preload", str(script)]
        self._start("worker", "Registered to:", self.address, *options, **environ)
        return self

    def ended(self) -> list[int]:
        """Return the exit codes of the processes that have ended."""
        return [code for process in self._processes if (code := process.poll()) is not None]

    def end(self) -> None:
        """End everything."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            if process.stderr is not None:
                process.stderr.close()

    def _start(self, what: str, sign: str, *arguments: str, **environ: str) -> str:
        """Start a process; return the line that says that it is ready."""
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", what, *arguments, "--no-dashboard"],
            cwd=self._folder,
            env=os.environ | {"DASK_TEMPORARY_DIRECTORY": str(self._folder)} | environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if sign in line:
                return line
        raise AssertionError("".join(said))


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Start a scheduler without workers; end it and its workers afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.end()

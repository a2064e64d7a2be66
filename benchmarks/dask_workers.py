"""Starts a Dask scheduler and workers on this machine, each a process with one thread."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SCHEDULER = """
import asyncio
from distributed import Scheduler

async def run():
    options = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": None}
    async with Scheduler(**options) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()

asyncio.run(run())
"""
_WORKER = """
import asyncio, sys
from distributed import Worker

async def run():
    async with Worker(sys.argv[1], nthreads=1, memory_limit=0) as worker:
        print(worker.address, flush=True)
        await worker.finished()

asyncio.run(run())
"""


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Provide the address of a scheduler with some workers."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *words: str) -> str:
        command = [sys.executable, "-c", program, *words]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        out = started[-1].stdout
        assert out is not None
        return out.readline().strip()  # it says so once it can be used

    try:
        address = start(_SCHEDULER)
        for _ in range(workers):
            start(_WORKER, address)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

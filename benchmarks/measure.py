"""Runs one program and measures it: time, processor time, memory of all its processes.

For Linux and macOS; the memory of all processes together is known only on Linux.
"""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import platform

SAMPLE_S = 0.01

METHOD = (
    "Memory: in runs that are not timed, the proportional sizes (PSS, so that what processes share"
    " counts once) of all processes of the program's group, added up every"
    f" {SAMPLE_S * 1000:.0f} ms from another process; the greatest sum counts."
)
"""The explanation of the figures for memory."""

_MAXRSS_UNIT = 1 if platform == "darwin" else 1024
_STDERR_SHOWN = 2_000
_HAS_PSS = Path("/proc/self/smaps_rollup").exists()


class ProgramFailedError(Exception):
    """A measured program ended with an error, so its figures are meaningless."""


@dataclass(frozen=True, slots=True)
class Run:
    """The measurements of one run.

    Attributes:
        wall_s: From start to end.
        cpu_s: User and system time of the program and of the children it waited for.
        peak_bytes: Peak memory of all its processes together, if it was sampled; if that is
            unknown, of the largest one.
        output: Its output.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int | None
    output: bytes


class Sampler:
    """Repeatedly adds up the memory of a group of processes, on its own thread."""

    def __init__(self, group: int) -> None:
        self._group = group
        self._is_member: dict[int, bool] = {}
        self._peak_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def peak_bytes(self) -> int:
        """Stop, and return the greatest sum seen."""
        self._stop.set()
        self._thread.join()
        return self._peak_bytes

    def _sample(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self._peak_bytes = max(self._peak_bytes, self._sum())
            due = max(due + SAMPLE_S, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def _sum(self) -> int:
        pids = {int(name) for name in os.listdir("/proc") if name.isdecimal()}  # noqa: PTH208  # twice as fast
        for pid in pids - self._is_member.keys():
            try:
                self._is_member[pid] = os.getpgid(pid) == self._group
            except OSError:
                continue  # it ended while we looked
        return sum(_proportional_bytes(pid) for pid in pids if self._is_member.get(pid))


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured program, like an installed one, with bytecode."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | dict(added)


def measure(command: Sequence[str], env: Mapping[str, str], *, is_sampled: bool = False) -> Run:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        env: Added to the environment.
        is_sampled: Measure its memory. This takes a little time, so times of sampled runs must
            not be compared.

    Raises:
        ProgramFailedError: If it ends with an error.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment(env), stdout=out, stderr=err, start_new_session=True
        )
        sampler = Sampler(process.pid) if is_sampled and _HAS_PSS else None
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        peak = sampler.peak_bytes() if sampler is not None else None
        process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for here
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            said = err.read().decode(errors="replace")[-_STDERR_SHOWN:]
            message = f"{' '.join(command)} ended with {process.returncode}\n{said}"
            raise ProgramFailedError(message)
        if is_sampled and peak is None:
            peak = usage.ru_maxrss * _MAXRSS_UNIT
        return Run(wall, usage.ru_utime + usage.ru_stime, peak, out.read())


def _proportional_bytes(pid: int) -> int:
    """Return the memory of a process, with shared memory divided among its users."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except OSError:
        return 0  # it ended while we looked
    _, found, rest = rollup.partition(b"\nPss:")
    return int(rest.split(maxsplit=1)[0]) * 1024 if found else 0

"""Runs one program and measures it: time, processor time, memory of all its processes.

For Linux and macOS; the memory of the whole tree is known on Linux only.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from sys import platform

SAMPLE_SECONDS = 0.02

_MAXRSS_UNIT = 1 if platform == "darwin" else 1024
_STDERR_SHOWN = 2_000


class ProgramFailedError(Exception):
    """A measured program ended with an error, so its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    Attributes:
        wall_seconds: From start to end.
        cpu_seconds: User and system time of the program and of the children it waited for.
        largest_bytes: Peak resident size of the largest single process.
        tree_bytes: Peak of the proportional sizes of all processes together, if sampled.
        output: What it printed.
    """

    wall_seconds: float
    cpu_seconds: float
    largest_bytes: int
    tree_bytes: int | None
    output: bytes


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured program: as an installed one has it, with bytecode."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | dict(added)


def measure(command: Sequence[str], env: Mapping[str, str], *, is_sampled: bool = False) -> Run:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        env: Added to the environment.
        is_sampled: Look at the memory of all processes every 20 ms. It costs a little time, so the
            times of a sampled run are not to be compared.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment(env), stdout=out, stderr=err)
        peak, status, usage = _wait(process.pid, is_sampled=is_sampled)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # waited for behind its back
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            said = err.read().decode(errors="replace")[-_STDERR_SHOWN:]
            message = f"{' '.join(command)} ended with {process.returncode}\n{said}"
            raise ProgramFailedError(message)
        return Run(
            wall,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * _MAXRSS_UNIT,
            peak,
            out.read(),
        )


def _wait(pid: int, *, is_sampled: bool) -> tuple[int | None, int, struct_rusage]:
    """Wait for a process; return the peak of its tree, its status and what it used."""
    if not is_sampled or not Path("/proc/self/smaps_rollup").exists():
        _, status, usage = os.wait4(pid, 0)
        return None, status, usage
    peak = 0
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return peak, status, usage
        peak = max(peak, sum(map(_proportional_bytes, _tree(pid))))
        time.sleep(SAMPLE_SECONDS)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue  # it ended while we looked
        for child in found:
            yield from _tree(int(child))


def _proportional_bytes(pid: int) -> int:
    """Return the memory of a process, what it shares with others divided among them."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0  # it ended while we looked
    sizes = (line.split() for line in rollup.splitlines())
    return sum(int(size[1]) * 1024 for size in sizes if size[0] == "Pss:")

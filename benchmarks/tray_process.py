"""Runs the real tray as a separate process, in its own desktop session, and measures it.

For Linux only: a process's resource usage is read from /proc.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from programs import our_program

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the session and the panel of the tests

from tests.desktop.sessions import NEEDED, desktop_session  # noqa: E402  # from there
from tests.desktop.tray_host import TrayHost  # noqa: E402  # from there

PROGRAM = (*our_program(), "--offline")
PATIENCE_S = 600.0
CALM_S = 4.0
"""A tray that has used almost nothing for this long has nothing left to do."""

CALM_CPU_S = 0.02
LOOK_S = 0.5

_MAPPING = re.compile(rb"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$")
_FOREIGN = ("CLAUDE", "CCUSAGE", "SPENDLIGHT", "XDG_")


def has_session_programs() -> bool:
    """Return whether the programs for a desktop session are installed."""
    return all(map(shutil.which, NEEDED))


class NotCalmError(Exception):
    """The tray does not become idle."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The resource usage of a process so far.

    Attributes:
        at: When that was, in seconds of the monotonic clock.
        resident_bytes: Memory in use.
        private_bytes: The part of it that no other process shares.
        cpu_s: Processor time of all its threads, including those that have ended.
        wakeups: How often a thread has waited.
        written_bytes: Bytes to be written to disk, without what was deleted before.
        threads: The number of threads.
        open_files: The number of open files.
    """

    at: float
    resident_bytes: int
    private_bytes: int
    cpu_s: float
    wakeups: int
    written_bytes: int
    threads: int
    open_files: int


class TrayProcess:
    """The tray as a process.

    Attributes:
        host: The panel with its icon; without one the window stays open.
        first_number_s: The time from the start until the icon showed a number; None without a
            panel.
    """

    def __init__(self, process: Process) -> None:
        self._proc = Path("/proc", str(process.pid))
        self._clock = (~process.pid << 3) | 2  # a clock of the processor time of all its threads
        self._waits: dict[str, int] = {}
        self.host: TrayHost | None = None
        self.first_number_s: float | None = None

    def cpu_s(self) -> float:
        """Return the processor time so far."""
        return time.clock_gettime_ns(self._clock) / 1e9

    def figures(self) -> Figures:
        """Return its resource usage so far.

        Waits of threads that started and ended between two calls are not included.
        """
        memory = _fields(self._proc / "smaps_rollup")
        for task in (self._proc / "task").iterdir():
            try:
                self._waits[task.name] = _fields(task / "status")["voluntary_ctxt_switches"]
            except OSError:
                continue  # it has ended; its last figures count
        disk = _fields(self._proc / "io")
        return Figures(
            time.monotonic(),
            memory["Rss"] * 1024,
            (memory["Private_Clean"] + memory["Private_Dirty"]) * 1024,
            self.cpu_s(),
            sum(self._waits.values()),
            disk["write_bytes"] - disk["cancelled_write_bytes"],
            len(os.listdir(self._proc / "task")),  # noqa: PTH208  # only how many
            len(os.listdir(self._proc / "fd")),  # noqa: PTH208  # only how many
        )

    def memory_map(self) -> dict[str, tuple[int, int]]:
        """Return the memory map: the resident bytes of each file, and of anonymous memory."""
        found: dict[str, tuple[int, int]] = {}
        name = ""
        for line in (self._proc / "smaps").read_bytes().splitlines():
            if mapping := _MAPPING.match(line):
                name = Path(mapping[1].decode(errors="replace")).name or "[no file]"
            elif line.startswith((b"Rss:", b"Private_")):
                size = int(line.split()[1]) * 1024
                resident, private = found.get(name, (0, 0))
                is_all = line.startswith(b"Rss:")
                found[name] = (resident + size * is_all, private + size * (not is_all))
        return dict(sorted(found.items(), key=lambda one: -one[1][0]))

    async def calm(self) -> None:
        """Wait until it is idle.

        Raises:
            NotCalmError: If it takes too long.
        """
        begun = calm_since = time.monotonic()
        before = self.cpu_s()
        while time.monotonic() - calm_since < CALM_S:
            await asyncio.sleep(LOOK_S)
            now = self.cpu_s()
            if now - before > CALM_CPU_S:
                calm_since, before = time.monotonic(), now
            if time.monotonic() - begun > PATIENCE_S:
                message = f"the tray is at work for more than {PATIENCE_S:.0f} s"
                raise NotCalmError(message)


def clean_environment(places: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that finds these folders and nothing of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # installed programs have bytecode
    return kept | dict(places)


def fill_ledger(data: Path, environ: Mapping[str, str]) -> None:
    """Bring a ledger up to date."""
    command = [*PROGRAM, "--data-dir", str(data), "daily"]
    subprocess.run(command, env=dict(environ), check=True, stdout=subprocess.DEVNULL)


@asynccontextmanager
async def running_tray(
    data: Path, environ: Mapping[str, str], program: Sequence[str] = PROGRAM
) -> AsyncIterator[TrayProcess]:
    """Run the tray.

    Args:
        data: Where its ledger is.
        environ: Its environment, without the session's.
        program: Its command.
    """
    async with AsyncExitStack() as stack:
        runtime = stack.enter_context(tempfile.TemporaryDirectory(prefix="sl-"))
        places = {"XDG_RUNTIME_DIR": runtime, "HOME": runtime, "QT_QPA_PLATFORM": "offscreen"}
        host = None
        if has_session_programs():
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sl-"))
            session = stack.enter_context(desktop_session(Path(folder)))
            places |= {
                "DISPLAY": session.display,
                "DBUS_SESSION_BUS_ADDRESS": session.bus,
                "QT_QPA_PLATFORM": "xcb",
            }
            host = await stack.enter_async_context(TrayHost(session.bus))
        command = [*program, "--data-dir", str(data)]
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(*command, env={**environ, **places})
        stack.push_async_callback(_end, process)
        tray = TrayProcess(process)
        if host is not None:
            await host.wait_for_item(PATIENCE_S)
            await host.wait_for_tooltip("$", PATIENCE_S)
            tray.host, tray.first_number_s = host, time.monotonic() - begun
        await tray.calm()
        yield tray


async def _end(process: Process) -> None:
    process.terminate()
    await process.wait()


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers in a file of names and values."""
    found: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if words and words[0].isdecimal():
            found[name] = int(words[0])
    return found

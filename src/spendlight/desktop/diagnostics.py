"""Diagnostics of the program: its resource usage, and recent errors."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from PySide6.QtCore import QCoreApplication, QLocale, qVersion
from PySide6.QtGui import QGuiApplication

from spendlight import __version__

translate = QCoreApplication.translate

PROC: Final = Path("/proc/self")

LOGGER: Final = "spendlight"

KEPT_ERRORS: Final = 20
"""The number of latest errors and warnings that are shown."""

LATELY_S: Final = 1.0
"""Figures over a shorter time are meaningless, so the last ones stay."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """The resource usage of the process, according to the system.

    Attributes:
        cpu_s: Processor time, including child processes that have ended.
        resident_bytes: Memory in use; None if the system does not report it.
        is_peak: Whether that is the peak, which is all that macOS reports.
        wakeups: How often a thread went to sleep to wait; None if not reported.
        written_bytes: What was written to disks; None if not reported.
    """

    cpu_s: float
    resident_bytes: int | None = None
    is_peak: bool = False
    wakeups: int | None = None
    written_bytes: int | None = None


class MemoryCounters(ctypes.Structure):
    """Windows' structure for a process's memory, with its own names."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


class Kernel(Protocol):
    """The part of Windows' API for memory usage."""

    @property
    def GetCurrentProcess(self) -> Any:  # noqa: ANN401  # a foreign function
        """Return a handle of this process."""
        ...

    @property
    def K32GetProcessMemoryInfo(self) -> Any:  # noqa: ANN401  # a foreign function
        """Fill in the counters; return 0 on failure."""
        ...


def process_figures(
    system: str = sys.platform, *, proc: Path = PROC, kernel: Kernel | None = None
) -> ProcessFigures:
    """Return the resource usage of this process so far. Fast, without disk access.

    Args:
        system: The value of ``sys.platform``.
        proc: Linux's folder of information about this process.
        kernel: Windows' API; by default the real one.
    """
    times = os.times()
    cpu_s = times.user + times.system + times.children_user + times.children_system
    if system == "win32":
        return ProcessFigures(cpu_s, _windows_resident(kernel or _windows_kernel()))
    import resource  # Windows has none

    usage = resource.getrusage(resource.RUSAGE_SELF)
    if system == "darwin":  # in bytes there
        return ProcessFigures(cpu_s, usage.ru_maxrss, is_peak=True, wakeups=usage.ru_nvcsw)
    return ProcessFigures(
        cpu_s,
        _linux_resident(proc / "statm"),
        wakeups=usage.ru_nvcsw,
        written_bytes=_linux_written(proc / "io"),
    )


@dataclass(frozen=True, slots=True)
class Consumption:
    """The program's resource usage over time.

    Attributes:
        used: The total since the start.
        running_s: The seconds since then.
        cpu_share: The share of one processor since then.
        cpu_share_lately: The same between the last two measurements; None after the first.
        wakeups_per_s_lately: Likewise; None also if the system does not report it.
    """

    used: ProcessFigures
    running_s: float
    cpu_share: float
    cpu_share_lately: float | None = None
    wakeups_per_s_lately: float | None = None


class ProcessMeter:
    """Measures the program's resource usage, from the creation of the meter on."""

    def __init__(
        self,
        read: Callable[[], ProcessFigures] = process_figures,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._clock = clock
        self._first = self._last = (clock(), read())
        self._lately: tuple[float | None, float | None] = (None, None)

    def measure(self) -> Consumption:
        """Return the usage since the start, and since the previous measurement."""
        now, used = self._clock(), self._read()
        began_at, at_first = self._first
        before, last = self._last
        if now - before >= LATELY_S:
            is_counted = used.wakeups is not None and last.wakeups is not None
            wakeups = (used.wakeups or 0) - (last.wakeups or 0)
            self._lately = (
                (used.cpu_s - last.cpu_s) / (now - before),
                wakeups / (now - before) if is_counted else None,
            )
            self._last = (now, used)
        running_s = max(now - began_at, 1e-3)
        share = (used.cpu_s - at_first.cpu_s) / running_s
        return Consumption(used, running_s, share, *self._lately)


class RecentErrors(logging.Handler):
    """Keeps the last warnings and errors of the log, to show them. Thread-safe."""

    def __init__(self, count: int = KEPT_ERRORS) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[str] = deque(maxlen=count)

    @property
    def lines(self) -> Sequence[str]:
        """A line for each, the oldest first."""
        return tuple(self._lines)

    def listen(self) -> None:
        """Start recording."""
        logging.getLogger(LOGGER).addHandler(self)

    def stop(self) -> None:
        """Stop recording."""
        logging.getLogger(LOGGER).removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, and print it if no other handler would."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {record.exc_info[1]!r}"
        at = datetime.fromtimestamp(record.created).astimezone()
        self._lines.append(f"{at:%Y-%m-%d %H:%M:%S} {record.levelname.lower()}: {text}")
        # Python prints records without a handler, and this handler would prevent that.
        if logging.lastResort is not None and not logging.getLogger().handlers:
            logging.lastResort.handle(record)


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Facts about the ledger.

    Attributes:
        path: Its path.
        bytes_: Its size.
        answers: How many answers are in it.
        logs: How many logs there are now.
    """

    path: str
    bytes_: int
    answers: int
    logs: int


def diagnostics_text(
    cost: Consumption,
    errors: Sequence[str],
    ledger: LedgerFacts | None = None,
    home: str = "",
) -> str:
    """Return the diagnostics as text, to read or to send to somebody.

    Args:
        cost: The resource usage.
        errors: Recent errors.
        ledger: Facts about the ledger, once they are known.
        home: The home folder, which contains the user's name; replaced by ``~``.
    """
    parts = [
        "\n".join(_versions()),
        "\n".join(_costs(cost)),
        "\n".join(_ledger(ledger)) if ledger is not None else "",
        "\n".join([translate("diagnostics", "Recent errors"), *_errors(errors)]),
    ]
    text = "\n\n".join(part for part in parts if part)
    return text.replace(home, "~") if len(home) > 1 else text


def _versions() -> list[str]:
    return [
        f"Spendlight {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {QGuiApplication.platformName()}",
        platform.platform(),
    ]


def _costs(cost: Consumption) -> list[str]:
    used = cost.used
    lines = [_row(translate("diagnostics", "Running for"), _span(cost.running_s))]
    if used.resident_bytes is not None:
        most = translate("diagnostics", "Peak memory")
        name = most if used.is_peak else translate("diagnostics", "Memory")
        lines.append(_row(name, _megabytes(used.resident_bytes)))
    share = translate("diagnostics", "{seconds} s, {percent} % of one processor").format(
        seconds=_number(used.cpu_s, 1), percent=_number(cost.cpu_share * 100, 2)
    )
    lines.append(_row(translate("diagnostics", "Processor"), share))
    if cost.cpu_share_lately is not None:
        now = translate("diagnostics", "{percent} %").format(
            percent=_number(cost.cpu_share_lately * 100, 2)
        )
        lines.append(_row(translate("diagnostics", "Processor now"), now))
    if cost.wakeups_per_s_lately is not None:
        wakeups = translate("diagnostics", "{count} per second").format(
            count=_number(cost.wakeups_per_s_lately, 1)
        )
        lines.append(_row(translate("diagnostics", "Wake-ups now"), wakeups))
    if used.written_bytes is not None:
        name = translate("diagnostics", "Written to disk")
        lines.append(_row(name, _megabytes(used.written_bytes)))
    return lines


def _ledger(ledger: LedgerFacts) -> list[str]:
    return [
        _row(translate("diagnostics", "Ledger"), ledger.path),
        _row(translate("diagnostics", "Ledger size"), _megabytes(ledger.bytes_)),
        _row(translate("diagnostics", "Answers in the ledger"), _number(ledger.answers, 0)),
        _row(translate("diagnostics", "Logs watched"), _number(ledger.logs, 0)),
    ]


def _errors(errors: Sequence[str]) -> Sequence[str]:
    return errors or [translate("diagnostics", "none since Spendlight started")]


def _row(name: str, value: str) -> str:
    return translate("diagnostics", "{name}: {value}").format(name=name, value=value)


def _number(value: float, decimals: int) -> str:
    return QLocale().toString(float(value), "f", decimals)


def _megabytes(count: int) -> str:
    return translate("diagnostics", "{size} MB").format(size=_number(count / 1e6, 1))


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return translate("diagnostics", "{minutes} min").format(minutes=minutes)
    return translate("diagnostics", "{hours} h {minutes} min").format(hours=hours, minutes=rest)


def _linux_resident(path: Path) -> int | None:
    try:
        pages = int(path.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):  # other Unix systems report nothing
        return None


def _linux_written(path: Path) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        counts = dict(line.split(": ", 1) for line in lines)
        return int(counts["write_bytes"])
    except (OSError, ValueError, KeyError):
        return None


def _windows_kernel() -> Kernel:
    kernel: Kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]  # Windows
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    return kernel


def _windows_resident(kernel: Kernel) -> int | None:
    counters = MemoryCounters(cb=ctypes.sizeof(MemoryCounters))
    process = kernel.GetCurrentProcess()
    size = ctypes.sizeof(counters)
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), size):
        return None
    return int(counters.WorkingSetSize)

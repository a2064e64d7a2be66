"""What the settings mean for the session, and what the settings dialog tells of the program."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, qVersion
from PySide6.QtGui import QGuiApplication

from spendlight import __version__, autostart
from spendlight.autostart import LoginState

translate = QCoreApplication.translate


def start_at_login(*, is_wanted: bool) -> None:
    """Have the session start the tray, or not.

    Raises:
        AutostartError: It cannot be changed.
    """
    item = autostart.login_item(os.environ, autostart.login_command(os.environ))
    if is_wanted:
        item.enable()
    elif item.state() is not LoginState.OFF:
        item.disable()


def repair_start_at_login() -> None:
    """Let the session start this program, if it would start one that has moved.

    Raises:
        AutostartError: It cannot be changed.
    """
    autostart.repair(autostart.login_item(os.environ, autostart.login_command(os.environ)))


def diagnostics(started_at: float) -> str:
    """Return how the program fares, for the user to read and to copy.

    Args:
        started_at: When it started, by `time.monotonic`.
    """
    running_s = max(1e-3, time.monotonic() - started_at)
    cpu_s = time.process_time()
    lines = [
        f"Spendlight {__version__}",
        f"Python {platform.python_version()}, Qt {qVersion()}, {QGuiApplication.platformName()}",
        platform.platform(),
        translate("settings", "Running for {minutes} min").format(minutes=int(running_s // 60)),
        translate("settings", "Processor time {seconds} s, {share} % of the time").format(
            seconds=f"{cpu_s:.1f}", share=f"{cpu_s / running_s * 100:.2f}"
        ),
    ]
    resident = _resident_bytes()
    if resident is not None:
        memory = translate("settings", "Memory {size} MB")
        lines.append(memory.format(size=f"{resident / 1e6:.0f}"))
    return "\n".join(lines)


def _resident_bytes() -> int | None:
    """Return the memory that is in use now, or None where nobody tells."""
    if sys.platform != "linux":
        return None
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

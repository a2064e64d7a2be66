"""What the settings mean for the tracker, for the session and for the settings dialog."""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, qVersion
from PySide6.QtGui import QGuiApplication

from spendlight import __version__, autostart
from spendlight.autostart import LoginState

if TYPE_CHECKING:
    from spendlight.settings import Settings
    from spendlight.tracker.tracker import TrackerOptions

translate = QCoreApplication.translate

CONFIG_VARIABLE = "CLAUDE_CONFIG_DIR"
_OWN_FOLDERS = (".config/claude", ".claude")


def chosen_options(options: TrackerOptions, settings: Settings) -> TrackerOptions:
    """Return the options with what was chosen; what was typed or is in the environment wins."""
    environ = options.environment
    if settings.config_dirs and not environ.get(CONFIG_VARIABLE):
        home = Path(environ.get("HOME") or Path.home())
        own = [home / folder for folder in _OWN_FOLDERS]
        folders = [str(folder) for folder in own if folder.is_dir()]
        named = ",".join([*folders, *settings.config_dirs])
        environ = dict(environ) | {CONFIG_VARIABLE: named}
    prices = Path(settings.prices_file).expanduser() if settings.prices_file else None
    return replace(
        options,
        environ=environ,
        is_offline=options.is_offline or settings.is_offline,
        prices_file=options.prices_file or prices,
        with_vms=options.with_vms and settings.with_vms,
        zone=options.zone or _zone(settings.time_zone),
    )


def _zone(name: str) -> ZoneInfo | None:
    """Return a time zone, or None for the computer's own."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # KeyError: nobody knows the name
        return None


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

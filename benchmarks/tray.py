"""Common code of the tray's harnesses: the real desktop, without a screen."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything loads Qt

from PySide6.QtCore import QEventLoop, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

from spendlight.desktop import heap
from spendlight.desktop.app import Desktop
from spendlight.desktop.door import Door
from spendlight.desktop.plain_import import read_no_sources
from spendlight.desktop.refresh import RefreshController
from spendlight.desktop.workers import PoolMap
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

if TYPE_CHECKING:
    from spendlight.desktop.window import MainWindow

PATIENCE_MS = 600_000


class TooSlowError(Exception):
    """What was waited for has not happened in time."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has not come within {PATIENCE_MS / 1000:.0f} s")


@contextmanager
def desktop_on(folder: Path | str, data: Path) -> Iterator[tuple[Desktop, RefreshController]]:
    """Yield a desktop for logs and a ledger; it is not started yet.

    Args:
        folder: The Claude data folder, or several with commas between them.
        data: Where the ledger is.
    """
    read_no_sources()  # as the program does
    app = QApplication.instance() or QApplication(["spendlight"])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    parse_map = PoolMap()
    options = TrackerOptions(
        data_dir=data,
        environ={"CLAUDE_CONFIG_DIR": str(folder)},
        is_offline=True,
        parse_map=parse_map,
        is_long_lived=True,
        zone=UTC,
    )
    desktop = Desktop(
        app, Door(lambda: UsageTracker.open(options), None, heap.without_collecting), UTC
    )
    controller = desktop.findChild(RefreshController)
    assert controller is not None
    try:
        yield desktop, controller
    finally:
        desktop.shut_down()
        parse_map.shut_down()


def wait_for(signal: SignalInstance) -> None:
    """Run the event loop until a signal is sent."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    watchdog = QTimer()
    watchdog.setSingleShot(True)
    watchdog.timeout.connect(lambda: loop.exit(1))
    watchdog.start(PATIENCE_MS)
    is_late = loop.exec()
    signal.disconnect(loop.quit)
    if is_late:
        raise TooSlowError(str(signal))


def wait_for_answers(window: "MainWindow") -> None:
    """Run the event loop until a window has all answers; a question that it replaced gets none."""
    while window.is_waiting:
        wait_for(window.answered)


def idle(ms: int) -> None:
    """Run the event loop for a while."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()

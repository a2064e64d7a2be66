"""Imports what draws axes, beside the thread that draws the window."""

from __future__ import annotations

import gc
import importlib
import sys
from functools import cache
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

DRAWS_AXES: Final = "spendlight.desktop.window.charts.plot"


class _Import(QThread):
    """Imports it."""

    def run(self) -> None:
        """Import it, and spare what modules hold from being looked through for garbage.

        It is there for as long as the program is, and each look at it would keep the window
        waiting for the better part of a tenth of a second.
        """
        importlib.import_module(DRAWS_AXES)
        gc.freeze()


class PlotLoader(QObject):
    """Knows whether axes can be drawn, and makes it so.

    Signals:
        loaded: They can be drawn now.
    """

    loaded = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._thread = _Import()
        self._thread.finished.connect(self.loaded)

    @property
    def is_loaded(self) -> bool:
        """Whether axes can be drawn."""
        return DRAWS_AXES in sys.modules and not self._thread.isRunning()

    def load(self) -> None:
        """Make it so, soon."""
        if not self.is_loaded and not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)

    def wait(self) -> None:
        """Wait until nothing is under way."""
        self._thread.wait()


@cache
def plot_loader() -> PlotLoader:
    """Return the only loader there is."""
    return PlotLoader()

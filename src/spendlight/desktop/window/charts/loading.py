"""Imports the library that draws axes, on another thread than the GUI."""

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
        """Import it, and exempt its objects from garbage collection.

        They live as long as the program, and each collection of them would block the window for
        nearly a tenth of a second.
        """
        importlib.import_module(DRAWS_AXES)
        gc.freeze()


class PlotLoader(QObject):
    """Loads what axes need.

    Signals:
        loaded: Axes can be drawn now.
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
        """Start loading."""
        if not self.is_loaded and not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)

    def wait(self) -> None:
        """Wait until loading has ended."""
        self._thread.wait()


@cache
def plot_loader() -> PlotLoader:
    """Return the only loader."""
    return PlotLoader()

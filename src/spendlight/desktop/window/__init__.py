"""The window: every figure, by page, as table and as picture."""

from __future__ import annotations

from spendlight.desktop.window.main_window import MainWindow
from spendlight.desktop.window.page import Work

__all__ = ["MainWindow", "Work"]

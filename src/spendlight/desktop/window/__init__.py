"""The window: every figure, by page, as table and as picture."""

from __future__ import annotations

from spendlight.desktop.window.main_window import MainWindow

__all__ = ["MainWindow"]

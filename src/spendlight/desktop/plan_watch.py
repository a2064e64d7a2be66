"""Notices that Claude Code has reported new plan limits."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal


class PlanWatch(QObject):
    """Sleeps until a status line has stored new figures, which are not in the logs.

    Signals:
        heard: There are new figures.
    """

    heard = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watcher: QFileSystemWatcher | None = None

    @property
    def is_watching(self) -> bool:
        """Whether it is watching."""
        return self._watcher is not None

    def watch(self, folder: Path) -> None:
        """Start watching the folder in which figures are stored."""
        self._watcher = QFileSystemWatcher([str(folder)], self)
        self._watcher.directoryChanged.connect(self.heard)

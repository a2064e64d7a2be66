"""Lets a newly installed version take over from the running one.

A frozen program reads most of its files when it needs them, and the system's package manager
replaces them under a running tray. Continuing would mix two versions, and the user has installed
the newer one to use it. So the tray restarts as soon as none of its windows is open.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

LOOK_MS: Final = 10_000
"""How often the program's file is checked: one system call, without reading it."""

_LOOKED_AT: Final = (QMainWindow, QDialog, QMenu)

RESET_VARIABLE: Final = "PYINSTALLER_RESET_ENVIRONMENT"
"""Makes PyInstaller's boot loader start independently of the running process."""


class _Identity(NamedTuple):
    """What distinguishes a file from another of the same name."""

    device: int
    inode: int
    modified_ns: int
    size: int


class Succession(QObject):
    """Watches the file of the running program.

    Args:
        program: The file.
        parent: The owner.

    Attributes:
        program: The file.

    Signals:
        due: Another version is installed completely, and no window is open. Sent once.
    """

    due = Signal()

    def __init__(self, program: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.program = program
        self._first = self._last = _identity(program)
        self._is_due = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_due(self) -> bool:
        """Whether this process should be replaced."""
        return self._is_due

    def start(self) -> None:
        """Start watching."""
        self._timer.start()

    def look(self) -> None:
        """Check the file now.

        It must have changed twice in a row: when a package manager replaces this file, others may
        still follow. A file that is gone has no successor.
        """
        now = _identity(self.program)
        is_settled = now == self._last
        self._last = now
        if now is None or now == self._first or not is_settled or _is_looked_at():
            return
        if os.access(self.program, os.X_OK):
            self._timer.stop()
            self._is_due = True
            self.due.emit()


def watched_program(environ: Mapping[str, str]) -> Path | None:
    """Return the file to watch, or None if nothing can be replaced under a running program.

    An AppImage continues to read its own file, even if another one gets its name; Windows lets
    nobody replace a file in use, and macOS moves whole bundles. Developers run from source.
    """
    is_alone = sys.platform == "linux" and getattr(sys, "frozen", False)
    return Path(sys.executable) if is_alone and "APPIMAGE" not in environ else None


def give_way(program: Path) -> NoReturn:
    """Replace this process by the newly installed program, with the same arguments.

    Raises:
        OSError: If it cannot be started.
    """
    environ = {**os.environ, RESET_VARIABLE: "1"}
    os.execve(program, [str(program), *sys.argv[1:]], environ)  # noqa: S606  # our own program


def _is_looked_at() -> bool:
    """Return whether a window, dialog or menu is open; some panels embed the icon as a widget."""
    widgets = QApplication.topLevelWidgets()
    return any(isinstance(widget, _LOOKED_AT) and widget.isVisible() for widget in widgets)


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)

"""Lets a newer version that was installed take over from the one that is running.

A frozen program reads most of its files when it needs them, and the system's package manager
replaces them under a running tray. Going on would mix two versions, and the user has installed the
newer one to have it. So the tray starts anew, as soon as nobody looks at a window of it.
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
"""How often the program's file is looked at: one question to the system, and nothing is read."""

_LOOKED_AT: Final = (QMainWindow, QDialog, QMenu)

RESET_VARIABLE: Final = "PYINSTALLER_RESET_ENVIRONMENT"
"""Has PyInstaller's boot loader start as if nothing of it ran yet."""


class _Identity(NamedTuple):
    """What tells a file from another of the same name."""

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
        due: Another version is there, whole, and no window is open. Sent once.
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
        """Whether this process should give way."""
        return self._is_due

    def start(self) -> None:
        """Begin to watch."""
        self._timer.start()

    def look(self) -> None:
        """Look at the file now.

        It must be another one twice in a row: a package manager is not done with all others in the
        moment in which it replaces this one. One that is gone has no successor.
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
    """Return the file to watch, or None where nothing can be replaced under a running program.

    An AppImage goes on reading its own file, also when another has its name; Windows lets nobody
    replace a file in use, and macOS moves whole bundles. From source, developers know what they do.
    """
    is_alone = sys.platform == "linux" and getattr(sys, "frozen", False)
    return Path(sys.executable) if is_alone and "APPIMAGE" not in environ else None


def give_way(program: Path) -> NoReturn:
    """Become the program that is there now, told what this one was told.

    Raises:
        OSError: It cannot be started.
    """
    environ = {**os.environ, RESET_VARIABLE: "1"}
    os.execve(program, [str(program), *sys.argv[1:]], environ)  # noqa: S606  # it is ourselves


def _is_looked_at() -> bool:
    """Tell whether a window, a dialog or a menu is open; some panels hold the icon as a widget."""
    widgets = QApplication.topLevelWidgets()
    return any(isinstance(widget, _LOOKED_AT) and widget.isVisible() for widget in widgets)


def _identity(path: Path) -> _Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)

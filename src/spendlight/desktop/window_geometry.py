"""Stores where the window was and which columns were chosen; restores it to where it is visible."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from spendlight.regular_files import read_regular

log = logging.getLogger(__name__)

TITLE_PX: Final = 32
"""Space for the title bar, with which a window is moved."""

_MOST_BYTES: Final = 65_536
"""A larger file is not one of ours."""

_FIELDS: Final = ("x", "y", "width", "height")


class WindowGeometry:
    """Where the window was when the program last ended, and the columns of its tables.

    Reads its file when it is created, and writes it at the end; failures are ignored.

    Attributes:
        columns: What the file says about the chosen columns.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        told = _read(path)
        self._geometry = _geometry(told)
        self._is_maximized = self._geometry is not None and told.get("maximized") is True
        self.columns: object = told.get("columns")

    def restore(self, window: QWidget) -> None:
        """Move a window to where it was, as far as the screens still allow.

        The first time it has its usual size, as far as the main screen has room for it: at 200 %
        few have.
        """
        screens = [screen.availableGeometry() for screen in _screens()]
        if screens:
            room = _room(screens[0]).size()
            window.setMinimumSize(window.minimumSize().boundedTo(room))
            if self._geometry is None:
                window.resize(window.size().boundedTo(room))
            else:
                window.setGeometry(seen_on(screens, self._geometry, window.minimumSize()))
        if self._is_maximized:
            window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)

    def remember(self, window: QWidget, columns: Mapping[str, object] | None = None) -> None:
        """Store where a window is, and the chosen columns."""
        geometry = window.normalGeometry() if window.isMaximized() else window.geometry()
        values = (geometry.x(), geometry.y(), geometry.width(), geometry.height())
        told: dict[str, object] = dict(zip(_FIELDS, values, strict=True))
        told |= {"maximized": window.isMaximized(), "columns": columns or {}}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(told), encoding="utf-8")
        except OSError as error:
            log.info("The position of the window could not be saved: %s", error)


def seen_on(screens: Sequence[QRect], geometry: QRect, smallest: QSize) -> QRect:
    """Return the geometry, moved and shrunk so that all of it is on one screen.

    Args:
        screens: The part of each screen available to windows, the main screen first.
        geometry: Where the window was.
        smallest: Its smallest size.
    """

    def overlap(screen: QRect) -> int:
        common = screen.intersected(geometry)
        return max(0, common.width()) * max(0, common.height())

    screen = max(screens, key=overlap)  # the first if equal, which is the main one
    room = _room(screen)
    size = geometry.size().boundedTo(room.size()).expandedTo(smallest)
    left = max(room.left(), min(geometry.left(), room.right() - size.width() + 1))
    top = max(room.top(), min(geometry.top(), room.bottom() - size.height() + 1))
    return QRect(QPoint(left, top), size)


def _room(screen: QRect) -> QRect:
    """Return where the contents of a window may be, below its title bar."""
    return screen.adjusted(0, TITLE_PX, 0, 0)


def _screens() -> list[QScreen]:
    main = QGuiApplication.primaryScreen()
    return sorted(QGuiApplication.screens(), key=lambda screen: screen is not main)


def _read(path: Path) -> Mapping[str, Any]:
    """Return what the file says; nothing at the first time, or if it is not one of ours."""
    try:
        told = json.loads(read_regular(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _geometry(told: Mapping[str, Any]) -> QRect | None:
    """Return where the window was, or None if that is not known."""
    try:
        geometry = QRect(*(int(told[name]) for name in _FIELDS))
    except (ValueError, TypeError, KeyError, OverflowError):
        return None  # the first time, or edited by hand
    return geometry if geometry.isValid() else None

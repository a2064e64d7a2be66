"""The keyboard shortcuts of the window, and their names on this system."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QKeySequence


class Keys(StrEnum):
    """The shortcuts, except those of pages."""

    BACK = "Alt+Left"
    FILTER = "Ctrl+F"
    COPY = "Ctrl+C"
    EXPORT = "Ctrl+E"
    SAVE = "Ctrl+Shift+E"
    PRIVATE = "Ctrl+H"
    REFRESH = "F5"
    SETTINGS = "Ctrl+,"
    CLOSE = "Ctrl+W"
    QUIT = "Ctrl+Q"
    HELP = "F1"
    HELP_TOO = "Ctrl+/"


def page_keys(number: int) -> str:
    """Return the shortcut of a page."""
    return f"Ctrl+{number}"


def shown(keys: str) -> str:
    """Return the name of a shortcut on this system and in the user's language."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)

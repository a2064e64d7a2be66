"""The keys of the window, and how this system writes them."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QKeySequence


class Keys(StrEnum):
    """Which keys there are, but for those that stand for pages."""

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
    """Return the keys that lead to a page."""
    return f"Ctrl+{number}"


def shown(keys: str) -> str:
    """Return keys as they are called on this system and in the user's language."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)

"""Headings and cells that reports have in plain English, listed for translation.

Headings in a ``Column(...)`` call itself are found there (`maintenance/translate.py`).
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

HEADINGS: Final = (
    QT_TRANSLATE_NOOP("Column", "Day"),
    QT_TRANSLATE_NOOP("Column", "Models"),
    QT_TRANSLATE_NOOP("Column", "Month"),
    QT_TRANSLATE_NOOP("Column", "Type"),
    QT_TRANSLATE_NOOP("Column", "Week of"),
    QT_TRANSLATE_NOOP("Kind", "advisor"),
    QT_TRANSLATE_NOOP("Kind", "compaction"),
    QT_TRANSLATE_NOOP("Kind", "fallback attempt"),
    QT_TRANSLATE_NOOP("Kind", "refused, not billed"),
    QT_TRANSLATE_NOOP("State", "active"),
    QT_TRANSLATE_NOOP("State", "gap"),
    QT_TRANSLATE_NOOP("State", "not begun"),
)

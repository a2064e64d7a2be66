"""Headings and cells that reports have in plain English, listed for translation.

Headings in a ``Column(...)`` call itself are found there (`maintenance/translate.py`).
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

HEADINGS: Final = (
    QT_TRANSLATE_NOOP("Column", "Agent type"),
    QT_TRANSLATE_NOOP("Column", "Branch"),
    QT_TRANSLATE_NOOP("Column", "Day"),
    QT_TRANSLATE_NOOP("Column", "Effort"),
    QT_TRANSLATE_NOOP("Column", "Entry point"),
    QT_TRANSLATE_NOOP("Column", "Folder"),
    QT_TRANSLATE_NOOP("Column", "MCP server"),
    QT_TRANSLATE_NOOP("Column", "Models"),
    QT_TRANSLATE_NOOP("Column", "Month"),
    QT_TRANSLATE_NOOP("Column", "Plugin"),
    QT_TRANSLATE_NOOP("Column", "Repository"),
    QT_TRANSLATE_NOOP("Column", "Service tier"),
    QT_TRANSLATE_NOOP("Column", "Skill"),
    QT_TRANSLATE_NOOP("Column", "Subagent"),
    QT_TRANSLATE_NOOP("Column", "Tools called"),
    QT_TRANSLATE_NOOP("Column", "Type"),
    QT_TRANSLATE_NOOP("Column", "Version"),
    QT_TRANSLATE_NOOP("Column", "Week of"),
    QT_TRANSLATE_NOOP("Kind", "advisor"),
    QT_TRANSLATE_NOOP("Kind", "compaction"),
    QT_TRANSLATE_NOOP("Kind", "fallback attempt"),
    QT_TRANSLATE_NOOP("Kind", "refused, not billed"),
    QT_TRANSLATE_NOOP("State", "active"),
    QT_TRANSLATE_NOOP("State", "gap"),
    QT_TRANSLATE_NOOP("State", "not begun"),
)

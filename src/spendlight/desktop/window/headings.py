"""The headings of all tables, for translators: reports bring theirs as plain English."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

HEADINGS: Final = (
    QT_TRANSLATE_NOOP("Column", "Cache read"),
    QT_TRANSLATE_NOOP("Column", "Cache write"),
    QT_TRANSLATE_NOOP("Column", "Cost"),
    QT_TRANSLATE_NOOP("Column", "Day"),
    QT_TRANSLATE_NOOP("Column", "Deleted from"),
    QT_TRANSLATE_NOOP("Column", "Depth"),
    QT_TRANSLATE_NOOP("Column", "Detail"),
    QT_TRANSLATE_NOOP("Column", "End"),
    QT_TRANSLATE_NOOP("Column", "Files"),
    QT_TRANSLATE_NOOP("Column", "Folders"),
    QT_TRANSLATE_NOOP("Column", "From"),
    QT_TRANSLATE_NOOP("Column", "Input"),
    QT_TRANSLATE_NOOP("Column", "Kept here"),
    QT_TRANSLATE_NOOP("Column", "Last activity"),
    QT_TRANSLATE_NOOP("Column", "Last change"),
    QT_TRANSLATE_NOOP("Column", "Level"),
    QT_TRANSLATE_NOOP("Column", "Machine"),
    QT_TRANSLATE_NOOP("Column", "Model"),
    QT_TRANSLATE_NOOP("Column", "Models"),
    QT_TRANSLATE_NOOP("Column", "Month"),
    QT_TRANSLATE_NOOP("Column", "Output"),
    QT_TRANSLATE_NOOP("Column", "Path"),
    QT_TRANSLATE_NOOP("Column", "Project"),
    QT_TRANSLATE_NOOP("Column", "Session"),
    QT_TRANSLATE_NOOP("Column", "Sessions"),
    QT_TRANSLATE_NOOP("Column", "Share of cost"),
    QT_TRANSLATE_NOOP("Column", "Size"),
    QT_TRANSLATE_NOOP("Column", "Start"),
    QT_TRANSLATE_NOOP("Column", "State"),
    QT_TRANSLATE_NOOP("Column", "Subagent"),
    QT_TRANSLATE_NOOP("Column", "Time"),
    QT_TRANSLATE_NOOP("Column", "Told"),
    QT_TRANSLATE_NOOP("Column", "Total tokens"),
    QT_TRANSLATE_NOOP("Column", "Type"),
    QT_TRANSLATE_NOOP("Column", "Used for"),
    QT_TRANSLATE_NOOP("Column", "Week of"),
    QT_TRANSLATE_NOOP("Column", "What"),
    QT_TRANSLATE_NOOP("Column", "When"),
    QT_TRANSLATE_NOOP("State", "active"),
    QT_TRANSLATE_NOOP("State", "gap"),
    QT_TRANSLATE_NOOP("State", "not begun"),
)

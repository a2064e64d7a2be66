"""Texts of the tray and the window, made from a situation. Widgets only show them."""

from __future__ import annotations

from spendlight.desktop.words.situation import (
    STATES_WITH_FIGURES,
    Message,
    Situation,
    is_old,
    limit_reset,
    share_of_block,
)
from spendlight.desktop.words.tray import (
    TrayRow,
    TrayTexts,
    agents_row,
    block_row,
    severity,
    share_of_ring,
    tightest_budget,
    today_row,
    tray_texts,
)
from spendlight.desktop.words.window import (
    NAME,
    Card,
    cards,
    empty_state,
    failure,
    no_tray_hint,
    notice,
    price_details,
    price_line,
    price_words,
    progress_text,
    team_problem,
    window_title,
)

__all__ = [
    "NAME",
    "STATES_WITH_FIGURES",
    "Card",
    "Message",
    "Situation",
    "TrayRow",
    "TrayTexts",
    "agents_row",
    "block_row",
    "cards",
    "empty_state",
    "failure",
    "is_old",
    "limit_reset",
    "no_tray_hint",
    "notice",
    "price_details",
    "price_line",
    "price_words",
    "progress_text",
    "severity",
    "share_of_block",
    "share_of_ring",
    "team_problem",
    "tightest_budget",
    "today_row",
    "tray_texts",
    "window_title",
]

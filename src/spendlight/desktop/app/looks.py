"""The tray's glyph in each situation, and the kind of icon that shows it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QMenu

from spendlight.desktop import words
from spendlight.desktop.glyph import Glyph, Mark, steps_of
from spendlight.desktop.status_item import StatusItem
from spendlight.desktop.tray import QtItem, TrayItem
from spendlight.metering.budgets import Severity
from spendlight.tracker.snapshot import DataState

log = logging.getLogger(__name__)

LIVE_S: Final = 120
"""How long after an answer the glyph has its dot."""

_MARKS = {
    DataState.NO_CLAUDE: Mark.NO_CLAUDE,
    DataState.NO_LOGS: Mark.NO_USAGE,
    DataState.IDLE: Mark.IDLE,
    DataState.ACTIVE: Mark.ACTIVE,
}


def glyph_of(situation: words.Situation) -> Glyph:
    """Return the glyph of a situation."""
    snapshot = situation.snapshot
    if snapshot is None:
        progress = situation.progress
        share = (
            progress.bytes_done / progress.bytes_total if progress and progress.bytes_total else 0
        )
        return Glyph(Mark.READING if situation.error is None else Mark.ERROR, steps_of(share))
    steps = steps_of(words.share_of_ring(situation) or 0)
    if words.is_old(situation):
        return Glyph(Mark.STALE, steps)
    severity = words.severity(situation)
    if words.limit_reset(situation) is not None or severity is Severity.CRITICAL:
        return Glyph(Mark.OVER, steps)
    if severity is Severity.WARN:
        return Glyph(Mark.WARN, steps)
    last = snapshot.last_at
    is_live = last is not None and 0 <= (situation.now - last).total_seconds() < LIVE_S
    return Glyph(_MARKS[snapshot.state], steps, is_live)


def make_tray_item(
    menu: QMenu,
    on_click: Callable[[], None],
    on_message_click: Callable[[], None],
    *,
    platform: str = sys.platform,
) -> TrayItem:
    """Return an icon of the right kind for the system."""
    if platform == "darwin":
        try:
            return StatusItem(menu, on_click, on_message_click)
        except ImportError as error:
            log.info("No text beside the icon: %s", error)
    return QtItem(menu, on_click, on_message_click)

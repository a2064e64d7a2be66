from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_snapshot

from spendlight.desktop.app import glyph_of
from spendlight.desktop.app.looks import make_tray_item
from spendlight.desktop.glyph import Glyph, Mark
from spendlight.desktop.tray import QtItem
from spendlight.desktop.words import Situation
from spendlight.errors import LedgerBusyError
from spendlight.tracker.snapshot import DataState, ScanProgress


@pytest.mark.parametrize("state", list(DataState))
def test_each_state_of_the_data_has_its_glyph(state: DataState) -> None:
    now = datetime.now(UTC)

    glyph = glyph_of(Situation(now, make_snapshot(now, state=state)))

    assert (
        glyph.mark
        is {
            DataState.NO_CLAUDE: Mark.NO_CLAUDE,
            DataState.NO_LOGS: Mark.NO_USAGE,
            DataState.IDLE: Mark.IDLE,
            DataState.ACTIVE: Mark.ACTIVE,
        }[state]
    )


def test_the_glyph_has_a_dot_while_answers_arrive() -> None:
    now = datetime.now(UTC)
    live = make_snapshot(now, last_at=now - timedelta(seconds=30))
    quiet = make_snapshot(now, last_at=now - timedelta(minutes=5))

    assert glyph_of(Situation(now, live)).is_live
    assert not glyph_of(Situation(now, quiet)).is_live


def test_errors_have_separate_glyphs() -> None:
    now = datetime.now(UTC)
    error = LedgerBusyError("ledger")
    limited = make_snapshot(now, limit_reset=now + timedelta(hours=1))

    assert glyph_of(Situation(now)) == Glyph(Mark.READING)
    assert glyph_of(Situation(now, progress=ScanProgress(0, 0, 0, 0))) == Glyph(Mark.READING)
    assert glyph_of(Situation(now, progress=ScanProgress(1, 2, 1, 2))) == Glyph(Mark.READING, 30)
    assert glyph_of(Situation(now, error=error)) == Glyph(Mark.ERROR)
    assert glyph_of(Situation(now, make_snapshot(now), error=error)).mark is Mark.STALE
    assert glyph_of(Situation(now, limited)).mark is Mark.OVER


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_each_system_has_its_kind_of_icon_or_else_qts(qtbot: QtBot, platform: str) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)

    item = make_tray_item(menu, lambda: None, lambda: None, platform=platform)

    assert isinstance(item, QtItem)  # there is no AppKit here
    item.remove()

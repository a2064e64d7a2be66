"""The window shows sessions by their titles, unless amounts are hidden."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from tests.cli.shell import minutes_ago
from tests.desktop.window.conftest import Shown, show
from tests.makers import encoded, write_log

from spendlight.desktop.window import MainWindow
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.scope_bar import RangeChoice
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.tracker import UsageTracker

SESSION = "11111111-1111-4111-8111-111111111111"
TITLE = "<b>Mend</b> the clock \u202e & the bell"
SHOWN = "<b>Mend</b> the clock \\u202e & the bell (11111111)"
LINK = {"prNumber": 7, "prUrl": "https://example.com/7", "prRepository": "ada/engine"}


@pytest.fixture
def titled(qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    """A window with a session that has a title and a pull request, and one that has none."""
    root = tmp_path / "claude"
    write_log(
        root,
        f"p/{SESSION}.jsonl",
        minutes_ago(5),
        encoded({"type": "ai-title", "aiTitle": TITLE, "sessionId": SESSION}),
        encoded({"type": "pr-link", "sessionId": SESSION, **LINK}),
    )
    options = TrackerOptions(
        data_dir=tmp_path / "data",
        environ={"CLAUDE_CONFIG_DIR": str(root)},
        is_offline=True,
        has_threads=False,
    )
    tracker = UsageTracker.open(options)
    tracker.read_logs()
    window = MainWindow(options.time_zone)
    qtbot.addWidget(window)
    found = Shown(window, tracker, qtbot)
    window.asked.connect(found.answer)
    window.work_requested.connect(found.work)
    show(window, tracker.snapshot())
    window.come_up()
    qtbot.waitUntil(lambda: plot_loader().is_loaded)
    yield found
    window.shut_down()


def cells(shown: Shown) -> set[str]:
    """Return the texts of the table's first row."""
    model = shown.table.model()
    return {
        str(model.data(model.index(0, column), Qt.ItemDataRole.DisplayRole))
        for column in range(model.columnCount())
    }


def visible(shown: Shown) -> str:
    """Return all texts of the window outside its tables."""
    found = shown.window.findChildren(QLabel)
    return "\n".join(label.text() for label in found if label.isVisible())


@pytest.mark.parametrize("page", [PageKey.SESSIONS, PageKey.NOW])
def test_a_session_is_shown_by_its_title_unless_amounts_are_hidden(
    titled: Shown, page: PageKey
) -> None:
    titled.window.show_page(page)
    titled.window.scope_bar.choose_range(RangeChoice.ALL)
    assert SHOWN in cells(titled)

    titled.window.set_private(True)
    assert "11111111…" in cells(titled)
    assert SHOWN not in cells(titled)

    titled.window.set_private(False)
    assert SHOWN in cells(titled)


def test_the_trail_and_the_cards_of_a_session_hide_its_title_with_amounts(titled: Shown) -> None:
    titled.window.show_page(PageKey.SESSIONS)
    titled.window.scope_bar.choose_range(RangeChoice.ALL)
    titled.table.setCurrentIndex(titled.view.model.index(0, 0))
    QTest.keyClick(titled.table, Qt.Key.Key_Return)
    assert titled.page_key == "session"
    assert SHOWN in visible(titled)
    assert "#7" in visible(titled)
    assert "ada/engine" in visible(titled)

    titled.window.set_private(True)

    assert "Mend" not in visible(titled)
    assert "11111111…" in visible(titled)
    assert "ada/engine" not in visible(titled)

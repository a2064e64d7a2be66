"""Names that contain HTML are shown literally, in every widget and tooltip."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QTableView,
    QToolTip,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tests.desktop.window.conftest import Shown, show
from tests.makers import line, write_log

from spendlight.desktop.alert_words import budget_title
from spendlight.desktop.settings_dialog.budget_table import BudgetTable
from spendlight.desktop.window import MainWindow
from spendlight.desktop.window.dialogs import TextDialog, why_figures_differ
from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.tables import as_tsv
from spendlight.metering.budgets import Budget, BudgetPeriod
from spendlight.metering.reports import Column
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.tracker import UsageTracker

TAG = "<b>x</b><img src=x>"
NAME = TAG.replace("/", "")
"""The part of it that the name of a folder can contain."""

EVIL = f"{TAG}\x1b[2J\u202e\n"


@pytest.fixture
def hostile(qtbot: QtBot, tmp_path: Path) -> Shown:
    logs = tmp_path / "claude"
    for number in range(3):
        at = datetime.now(UTC) - timedelta(minutes=5 + number)
        timestamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        answer = line(
            id=f"m{number}",
            requestId=f"r{number}",
            timestamp=timestamp,
            model=f"{EVIL}{number}",
            agentId=EVIL,
            attributionSkill=EVIL,
        )
        write_log(logs, f"{NAME}{number}\x1b[2J/{NAME}\n{number}.jsonl", answer)
    (logs / f"{NAME}.txt").write_text(EVIL)
    options = TrackerOptions(
        data_dir=tmp_path / "data",
        environ={"CLAUDE_CONFIG_DIR": str(logs), "SPENDLIGHT_MACHINE": NAME},
        is_offline=True,
        has_threads=False,
        zone=UTC,
    )
    tracker = UsageTracker.open(options)
    tracker.read_logs()
    window = MainWindow(UTC)
    qtbot.addWidget(window)
    found = Shown(window, tracker, qtbot)
    window.asked.connect(found.answer)
    window.work_requested.connect(found.work)
    show(window, tracker.snapshot())
    window.come_up()
    return found


def as_qt_shows(text: str) -> str:
    """Return how a tooltip shows a text."""
    if not QtGui.Qt.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


def cells(model: QAbstractItemModel) -> list[QModelIndex]:
    return [
        index
        for row in range(model.rowCount(QModelIndex()))
        for column in range(20)
        if (index := model.index(row, column)).isValid()
    ]


@pytest.mark.parametrize("page", list(PageKey)[:8])
def test_no_name_is_shown_as_html(page: PageKey, hostile: Shown) -> None:
    hostile.window.show_page(page)
    QApplication.processEvents()

    for widget in hostile.window.findChildren(QWidget):
        assert not QtGui.Qt.mightBeRichText(widget.toolTip())
        if isinstance(widget, QLabel):
            assert not shows_html(widget), widget.text()
            assert "\x1b" not in widget.text()
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            for index in cells(widget.model()):
                drawn = index.data(Qt.ItemDataRole.DisplayRole)
                tip = index.data(Qt.ItemDataRole.ToolTipRole)
                for text in (drawn, as_qt_shows(tip) if isinstance(tip, str) else ""):
                    if isinstance(text, str):
                        assert "\x1b" not in text
                        assert "\u202e" not in text
                        assert ("img" in text) is ("<img src=x>" in text), text


def shows_html(label: QLabel) -> bool:
    """Whether a label would show a text with a tag in it as HTML."""
    is_plain = label.textFormat() is Qt.TextFormat.PlainText
    return not is_plain and QtGui.Qt.mightBeRichText(label.text())


def test_the_tooltip_of_a_cell_shows_the_full_name(hostile: Shown) -> None:
    hostile.window.show_page(PageKey.PROJECTS)
    table: QTableView = hostile.table
    rect = table.visualRect(table.model().index(0, 0))

    QTest.mouseMove(table.viewport(), rect.center())
    tip = table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    QToolTip.showText(table.viewport().mapToGlobal(rect.center()), tip, table)

    assert as_qt_shows(QToolTip.text()).startswith(NAME)
    QToolTip.hideText()


def test_copied_rows_contain_no_formulas_or_line_breaks() -> None:
    column: Column[str] = Column("Name", str, str)

    assert as_tsv([column], ["=1+1", "-home", "a\tb\n", "me"]).splitlines() == [
        "Name",
        "'=1+1",
        "'-home",
        "a\\x09b\\x0a",
        "me",
    ]


def test_the_explanation_of_differing_figures_contains_no_html(qtbot: QtBot) -> None:
    sections = why_figures_differ("3", "LiteLLM", [EVIL], 0)
    dialog = TextDialog(TAG, sections)
    qtbot.addWidget(dialog)

    labels = dialog.findChildren(QLabel)
    assert not any(map(shows_html, labels))
    assert any(f"{TAG}\\x1b[2J\\u202e\\x0a" in label.text() for label in labels)


def test_rules_with_such_names_show_them_literally(qtbot: QtBot) -> None:
    budget = Budget(name="r", amount=5, period=BudgetPeriod.DAY, project=EVIL)

    table = BudgetTable()
    qtbot.addWidget(table)
    table.show_budgets([budget])
    rows = table.findChild(QTreeWidget)

    assert rows is not None
    item = rows.topLevelItem(0)
    assert item is not None
    shown = f"{TAG}\\x1b[2J\\u202e\\x0a"
    assert shown in budget_title(budget)
    assert shown in [item.text(column) for column in range(rows.columnCount())]
    assert as_qt_shows(item.toolTip(1)) == shown

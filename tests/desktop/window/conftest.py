"""A window with a real tracker that answers at once and on the same thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from spendlight.demo import DEMO, write_logs
from spendlight.desktop import words
from spendlight.desktop.door import Door
from spendlight.desktop.window import MainWindow, Work
from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.report_view import ReportView
from spendlight.errors import UsageError
from spendlight.metering.reports import Report
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.questions.question import Question
from spendlight.tracker.snapshot import UsageSnapshot
from spendlight.tracker.tracker import UsageTracker

SMALL = replace(
    DEMO, days=20, projects=("kettle", "lighthouse", "paper-boats"), files=24, answers=300
)
"""A small world with sessions, projects, models and blocks, which is created quickly."""


@dataclass
class Shown:
    """A window, its tracker, and the questions it asked."""

    window: MainWindow
    tracker: UsageTracker
    qtbot: QtBot
    questions: list[Question[object]] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)
    problem: str = ""

    def answer(self, number: int, question: Question[object]) -> None:
        self.questions.append(question)
        selection = question.selection._replace(zone=UTC)
        door = Door(lambda: self.tracker)
        answer, self.problem = door.ask(question._replace(selection=selection))
        self.answers.append(answer)
        self.window.on_answer(number, answer)

    @property
    def report(self) -> Report[Any]:
        """The report that was the last answer."""
        report = self.answers[-1]
        assert isinstance(report, Report)
        return report

    def work(self, work: Work[Any]) -> None:
        try:
            result = work.run(self.tracker)
        except (OSError, UsageError) as error:
            work.failed(error)
        else:
            work.done(result)

    @property
    def page_key(self) -> PageKey:
        return self.window.page_key

    @property
    def chart(self) -> Chart:
        chart = self.window.page.chart()
        assert chart is not None
        return chart

    @property
    def view(self) -> ReportView:
        view = self.window.page.table()
        assert view is not None
        return view

    @property
    def table(self) -> QTableView:
        """The table of rows on the page that is shown."""
        return next(
            table
            for table in self.view.findChildren(QTableView)
            if table.accessibleName() != "Total"
        )

    def texts(self) -> set[str]:
        """Return all visible texts."""
        return {label.text() for label in self.window.findChildren(QLabel) if label.isVisible()}

    def key(self, key: Qt.Key, *, control: bool = False, alt: bool = False) -> None:
        """Press a key on the window."""
        modifiers = Qt.KeyboardModifier.NoModifier
        if control:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        if alt:
            modifiers |= Qt.KeyboardModifier.AltModifier
        QTest.keyClick(self.window, key, modifiers)

    def drawn(self) -> Chart:
        """Return the chart as soon as it is drawn."""
        self.qtbot.waitUntil(lambda: self.chart.surface is not None)
        QApplication.processEvents()  # posted events lay it out
        return self.chart


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrackerOptions]:
    """A folder with small logs, and options for it."""
    place = tmp_path_factory.mktemp("small")
    logs = place / "claude"
    now = datetime.now(UTC)
    write_logs(logs, replace(SMALL.at(now), target_bytes=1_500_000))
    options = TrackerOptions(
        data_dir=place / "data",
        environ={"CLAUDE_CONFIG_DIR": str(logs)},
        is_offline=True,
        has_threads=False,
        zone=UTC,
    )
    UsageTracker.open(options).read_logs()
    return logs, options


@pytest.fixture
def shown(qtbot: QtBot, small_world: tuple[Path, TrackerOptions]) -> Iterator[Shown]:
    """A window with the small logs that shows its first page."""
    tracker = UsageTracker.open(small_world[1])
    window = MainWindow(UTC)
    qtbot.addWidget(window)
    found = Shown(window, tracker, qtbot)
    window.asked.connect(found.answer)
    window.work_requested.connect(found.work)
    show(window, tracker.snapshot())
    window.come_up()
    qtbot.waitUntil(lambda: plot_loader().is_loaded)
    yield found
    window.shut_down()


def show(window: MainWindow, snapshot: UsageSnapshot) -> None:
    """Pass the current figures to a window as the application does."""
    situation = words.Situation(snapshot.at, snapshot=snapshot, zone=UTC)
    window.show_snapshot(snapshot)
    window.show_figures(
        words.window_title(situation),
        words.cards(situation),
        words.price_line(situation),
        words.notice(situation),
        words.empty_state(situation),
    )


def child(widget: QWidget, kind: type[QWidget], name: str) -> QWidget:
    """Return the only widget of a class with an accessible name."""
    (found,) = (each for each in widget.findChildren(kind) if each.accessibleName() == name)
    return found


def click_choice(shown: Shown, name: str) -> None:
    """Click on the choice with an accessible name."""
    (button,) = (
        b for b in shown.window.page.findChildren(QToolButton) if b.accessibleName() == name
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

"""What all pages have in common: they ask for reports, and show a chart above its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import GROUP_PX, RELATED_PX, TITLE, Label
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.scope_bar import PageScope
from spendlight.desktop.window.targets import Target
from spendlight.metering.reports import Report, ReportKind
from spendlight.tracker.page_requests import PageRequest
from spendlight.tracker.snapshot import UsageSnapshot
from spendlight.tracker.tracker import UsageTracker

CHART_SHARE: Final = (11, 9)
"""How the height is shared between a chart and its table at first."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is true for all pages.

    Attributes:
        today: The local day.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        snapshot: The present, if it is known yet.
    """

    now: datetime
    today: date
    week_start: int = 6
    snapshot: UsageSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do on another thread.

    Attributes:
        run: Does it with the tracker.
        done: A bound method of a widget; takes what came of it.
        failed: The same; takes the exception.
    """

    run: Callable[[UsageTracker], object]
    done: Callable[[object], None]
    failed: Callable[[object], None]


class Page(QWidget):
    """One page of the window.

    Signals:
        work_requested: The page wants something done on another thread; carries `Work`.
        opened: The user wants to drill down; carries a `Target`.
        asked: The page shows something else now and must ask anew.
        export_requested: The user wants a table as a file; carries the `ReportView`.
        save_requested: The user wants a picture; carries the `Chart`.
        clear_requested: The user wants to see everything.
        settings_requested: The user wants to change the settings.
    """

    opened = Signal(object)
    asked = Signal()
    export_requested = Signal(object)
    save_requested = Signal(object)
    clear_requested = Signal()
    settings_requested = Signal()
    work_requested = Signal(object)

    has_range: ClassVar[bool] = True
    """Whether the range of days that was chosen is what it is about."""

    has_scope: ClassVar[bool] = True
    """Whether the filter is about it at all."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__()
        self.formats = formats
        self.maker = maker
        self.scope = PageScope()
        self._answers: dict[str, Report[Any]] = {}
        self.around: Around | None = None
        self.target: Target | None = None
        formats.changed.connect(self._write_again)

    def requests(self) -> Mapping[str, PageRequest]:
        """Return what the page wants to know, by the name under which it takes the answer."""
        return {}

    def take(self, name: str, report: Report[Any]) -> None:
        """Take an answer, and keep it for when it must be written otherwise."""
        self._answers[name] = report
        self.show_answer(name, report)

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show an answer."""

    def show_around(self, around: Around) -> None:
        """Take what is true for all pages."""
        self.around = around

    def come_into_sight(self) -> None:
        """Look for what the page shows besides reports."""

    def shut_down(self) -> None:
        """Tell what is under way to stop."""

    def request(self, kind: ReportKind, **more: object) -> PageRequest:
        """Return a request that keeps to the range and the filter."""
        found: dict[str, Any] = {
            "days": self.scope.days,
            "project": self.scope.project,
            "model": self.scope.model,
            "machines": (self.scope.machine,) if self.scope.machine else (),
            "week_start": self.around.week_start if self.around else 6,
            **more,
        }
        return PageRequest(kind, **found)

    def _write_again(self) -> None:
        for name, report in self._answers.items():
            self.show_answer(name, report)

    def table(self) -> ReportView | None:
        """Return the table that is exported and copied."""
        return None

    def chart(self) -> Chart | None:
        """Return the chart that is saved."""
        return None


class ChartPage(Page):
    """A chart above its table."""

    def __init__(
        self,
        formats: Formats,
        maker: ChartMaker,
        view: ReportView,
        *,
        controls: QWidget | None = None,
        head: QWidget | None = None,
    ) -> None:
        super().__init__(formats, maker)
        self._chart = Chart(formats)
        self._view = view
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(GROUP_PX)
        self._splitter.addWidget(self._chart)
        self._splitter.addWidget(view)
        for number, share in enumerate(CHART_SHARE):
            self._splitter.setStretchFactor(number, share)
        self._splitter.setSizes([share * 100 for share in CHART_SHARE])
        self._is_moved = False
        self._splitter.splitterMoved.connect(self._on_moved)
        self._nothing = Nothing()
        self._nothing.cleared.connect(self.clear_requested)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self._nothing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        for widget in (head, controls):
            if widget is not None:
                layout.addWidget(widget)
                layout.addSpacing(RELATED_PX)
        layout.addWidget(self._stack, 1)
        view.export_requested.connect(lambda: self.export_requested.emit(view))
        self._chart.save_requested.connect(lambda: self.save_requested.emit(self._chart))
        self._chart.opened.connect(self.open_meaning)
        view.row_opened.connect(self.open_meaning)

    def table(self) -> ReportView:
        """Return the table."""
        return self._view

    def chart(self) -> Chart:
        """Return the chart."""
        return self._chart

    def give_chart(self, height: int | None) -> None:
        """Give the chart so much of the height, unless the user has; None is the usual share.

        Args:
            height: Pixels; less than the usual share, which is the most it gets.
        """
        if self._is_moved:
            return
        whole = self._splitter.height() - self._splitter.handleWidth()
        usual = whole * CHART_SHARE[0] // sum(CHART_SHARE)
        given = usual if height is None else min(usual, height)
        if whole > 0 and abs(self._splitter.sizes()[0] - given) > 1:
            self._splitter.setSizes([given, whole - given])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new height."""
        super().resizeEvent(event)
        self.share_height()

    def share_height(self) -> None:
        """Share the height between the chart and its table."""
        self.give_chart(None)

    def _on_moved(self) -> None:
        self._is_moved = True

    def open_meaning(self, meaning: object) -> None:
        """Drill down to what a place of the chart or a row of the table is about."""

    def show_whether_empty(self, *, is_empty: bool) -> None:
        """Say that nothing is here, and why that may be."""
        self._nothing.explain(is_filtered=self.scope.is_filtered)
        self._stack.setCurrentIndex(int(is_empty))


class Nothing(QWidget):
    """Stands there where a filter or a range leaves nothing over.

    Signals:
        cleared: The user wants to see everything.
    """

    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = Label(TITLE)
        self._advice = Label(is_secondary=True)
        button = QPushButton(self.tr("Show everything"))
        button.clicked.connect(self.cleared)
        layout = QVBoxLayout(self)
        layout.setSpacing(RELATED_PX)
        layout.addStretch(2)
        for label in (self._title, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def explain(self, *, is_filtered: bool) -> None:
        """Say why nothing is here."""
        if is_filtered:
            self._title.setText(self.tr("Nothing matches the filter"))
            self._advice.setText(
                self.tr("In this range there is no usage of what is chosen above.")
            )
        else:
            self._title.setText(self.tr("Nothing was used in this range"))
            self._advice.setText(self.tr("There is usage outside of it."))


class Choice(QWidget):
    """A few choices side by side, of which one holds.

    Signals:
        chosen: Another one was chosen; carries its data.
    """

    chosen = Signal(object)

    def __init__(self, name: str, choices: Mapping[str, object]) -> None:
        """Make it.

        Args:
            name: What it is called when it is read aloud.
            choices: Texts and what they stand for; the first one holds at first.
        """
        super().__init__()
        self.setAccessibleName(name)
        self._data = list(choices.values())
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for number, text in enumerate(choices):
            button = QToolButton()
            button.setText(text)
            button.setAccessibleName(f"{name}: {text}")
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setChecked(number == 0)
            self._group.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.idToggled.connect(self._on_toggled)

    @property
    def current(self) -> object:
        """What holds."""
        return self._data[max(0, self._group.checkedId())]

    def choose(self, data: object) -> None:
        """Let another one hold."""
        self._group.button(self._data.index(data)).setChecked(True)

    def _on_toggled(self, number: int, is_on: bool) -> None:  # noqa: FBT001  # a slot
        if is_on:
            self.chosen.emit(self._data[number])

"""The base class of pages, which ask questions and show the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QWidget,
)

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.scope_bar import PageScope
from spendlight.desktop.window.targets import Target
from spendlight.metering.reports import Report
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.snapshot import UsageSnapshot
from spendlight.tracker.tracker import UsageTracker


class Around(NamedTuple):
    """Values shared by all pages.

    Attributes:
        today: The local day.
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        snapshot: Current usage, if it is known yet.
    """

    now: datetime
    today: date
    week_start: int = 6
    snapshot: UsageSnapshot | None = None


def moment_shown(snapshot: UsageSnapshot | None) -> datetime:
    """Return the current moment, or that of a snapshot of tests or screenshots."""
    now = datetime.now(UTC)
    if snapshot is None:
        return now
    is_live = abs(now - snapshot.at) < timedelta(days=1)
    return max(now, snapshot.at) if is_live else snapshot.at


Result = TypeVar("Result")


class Work(NamedTuple, Generic[Result]):
    """A task for another thread.

    Attributes:
        run: The function, which gets the tracker.
        done: A bound method of a widget; called with the result.
        failed: The same; called with the exception.
    """

    run: Callable[[UsageTracker], Result]
    done: Callable[[Result], object]
    failed: Callable[[Exception], object]


class Page(QWidget):
    """One page of the window.

    Signals:
        work_requested: A task for another thread; carries `Work`.
        opened: The user wants to drill down; carries a `Target`.
        asked: The page shows something else now and must ask again.
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

    has_range: bool = True
    """Whether the page uses the selected range of days."""

    has_scope: ClassVar[bool] = True
    """Whether the page uses the filter."""

    knows_team: ClassVar[bool] = False
    """Whether the page can show usage of the team, which has sums but no single answers."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__()
        self.formats = formats
        self.maker = maker
        self.scope = PageScope()
        self._answers: dict[str, Report[Any]] = {}
        self.around: Around | None = None
        self.target: Target | None = None
        formats.changed.connect(self._write_again)

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the page's questions by the names of their answers."""
        return {}

    def take(self, name: str, report: Report[Any]) -> None:
        """Show an answer, and keep it in case formats change."""
        self._answers[name] = report
        self.show_answer(name, report)

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show an answer."""

    def show_failure(self) -> None:
        """Show that the questions could not be answered; the window says why."""

    @property
    def is_beyond(self) -> bool:
        """Whether usage is selected that the page cannot show."""
        return self.has_scope and self.scope.is_of_team and not self.knows_team

    def show_whether_beyond(self) -> None:
        """Show that usage is selected that the page cannot show, or show it no longer."""

    def show_around(self, around: Around) -> None:
        """Set the values shared by all pages."""
        self.around = around

    def come_into_sight(self) -> None:
        """Load what the page shows besides reports, when it becomes visible."""

    def shut_down(self) -> None:
        """Stop running work."""

    @property
    def selection(self) -> Selection:
        """The usage selected by range and filter; the time zone is added when asking."""
        scope = self.scope
        machines = (scope.machine,) if scope.machine else ()
        return Selection(
            days=scope.days,
            project=scope.project,
            model=scope.model,
            machines=machines,
            agents=(scope.agent,) if scope.agent else (),
            is_of_team=scope.is_of_team,
        )

    def _write_again(self) -> None:
        for name, report in self._answers.items():
            self.show_answer(name, report)

    def table(self) -> ReportView | None:
        """Return the table that is exported and copied."""
        return None

    def chart(self) -> Chart | None:
        """Return the chart that is saved."""
        return None

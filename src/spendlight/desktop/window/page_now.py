"""The page of current usage: the active block, its projection, and its sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from spendlight.desktop.window.chart_page import ChartPage
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.values import Forecast
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import GROUP_PX, RELATED_PX, TITLE, CardRow, Label
from spendlight.desktop.window.page import Around
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.targets import SessionTarget, part_of
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.budgets import BudgetPeriod, Metric
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import Report, SessionRow, session_label
from spendlight.tracker.questions.course import COURSE_STEP_MS, Course, SessionsAtWork
from spendlight.tracker.questions.question import Question
from spendlight.tracker.snapshot import UsageSnapshot

IDLE_REACH = timedelta(hours=24)
"""Without an active block, the page shows this much of the past."""

IDLE_STEP_MS = 900_000


class NowPage(ChartPage):
    """Current figures above the course of the block and its sessions."""

    has_range = False

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        self._cards = CardRow()
        self._heading = Label(TITLE)
        head = QWidget()
        layout = QVBoxLayout(head)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GROUP_PX)
        layout.addWidget(self._cards)
        layout.addSpacing(RELATED_PX)
        layout.addWidget(self._heading)
        view = ReportView(self.tr("Sessions of this block"), formats, sort_by="Last activity")
        view.say_where_empty(self.tr("No session was active in this period."))
        super().__init__(formats, maker, view, head=head)
        self._report: Report[Any] | None = None
        self._stretch: tuple[datetime, datetime] | None = None

    def show_cards(self, cards: Sequence[tuple[str, str, str]], *, is_stale: bool) -> None:
        """Show the figures, and whether they are outdated."""
        self._cards.show_cards(cards, is_stale=is_stale)

    def show_around(self, around: Around) -> None:
        """Update current usage; if another block is active now, the page asks for it."""
        super().show_around(around)
        before, self._stretch = self._stretch, self._stretch_of(around)
        if before == self._stretch:
            self._draw()

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the questions for the course of the block and its sessions."""
        if self._stretch is None:
            return {}
        since, until = self._stretch
        return {
            "course": Course(since, until, self._step_ms, self.selection),
            "sessions": SessionsAtWork(since, until, self.selection),
        }

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show the course or the sessions."""
        if name == "course":
            self._report = report
            self._draw()
        else:
            self._view.show_report(report)

    def open_meaning(self, meaning: object) -> None:
        """Drill down to a session, or to an hour of the course."""
        if isinstance(meaning, SessionRow):
            self.opened.emit(session_target(meaning, self.formats))
        elif isinstance(meaning, datetime) and self._stretch is not None:
            self.opened.emit(part_of(meaning, *self._stretch, self.formats))

    @property
    def _step_ms(self) -> int:
        return COURSE_STEP_MS if self._block is not None else IDLE_STEP_MS

    @property
    def _block(self) -> SessionBlock | None:
        if self.around is None or self.around.snapshot is None:
            return None
        block = self.around.snapshot.block
        return block if block is not None and block.is_present(self.around.now) else None

    def _stretch_of(self, around: Around) -> tuple[datetime, datetime] | None:
        if around.snapshot is None:
            return None
        block = self._block
        if block is not None:
            return block.start, block.end
        end = around.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return end - IDLE_REACH, end

    def _draw(self) -> None:
        if self._report is None or self._stretch is None or self.around is None:
            return
        since, until = self._stretch
        block, snapshot = self._block, self.around.snapshot
        if block is not None and snapshot is not None:
            title = self.tr("This block, {0} to {1}").format(
                self.formats.clock(since), self.formats.clock(until)
            )
            forecast = self._forecast(block, snapshot)
        else:
            title = self.tr("Last 24 hours")
            forecast = None
        if self.scope.is_filtered:
            title = self.tr("{0}, filtered").format(title)
        self._heading.setText(title)
        data = self.maker.course(
            self._report.rows,
            since,
            until,
            self._step_ms,
            title=title,
            forecast=forecast,
            until=self.around.now,
        )
        self._chart.show_stack(data)

    def _forecast(self, block: SessionBlock, snapshot: UsageSnapshot) -> Forecast:
        assert self.around is not None  # noqa: S101  # told to mypy
        now = (to_ms(self.around.now) - block.start_ms) / self._step_ms
        if self.scope.is_filtered:
            return Forecast(now)
        projected = None if snapshot.projection is None else snapshot.projection.total_cost
        budgets = [
            state.budget.amount
            for state in snapshot.budgets
            if state.budget.metric in {Metric.COST, Metric.FORECAST}
            and state.budget.period is BudgetPeriod.BLOCK
            and not state.budget.project
            and not state.budget.model
        ]
        return Forecast(now, projected, min(budgets, default=None))


def session_target(row: SessionRow, formats: Formats) -> SessionTarget:
    """Return the target of a row about a session."""
    project = formats.project(row.name.project_path)
    session = row.name.session
    hidden = formats.session(session)
    title = session_label(session, row.title) if row.title else hidden
    return SessionTarget(
        f"{project} · {title}", session, f"{project} · {hidden}", row.pull_requests
    )

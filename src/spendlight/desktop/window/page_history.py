"""The history page: cost and tokens by day, week and month, and the year as a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from spendlight.desktop.window.chart_page import ChartPage
from spendlight.desktop.window.charts.data import ChartMaker, measured, next_start
from spendlight.desktop.window.charts.heatmap import DAYS, HeatMap
from spendlight.desktop.window.charts.speech import hover_lines, summary
from spendlight.desktop.window.charts.values import ChartData, DataPoint, Measure, Series, Split
from spendlight.desktop.window.choice import Choice
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import GROUP_PX, RELATED_PX
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.targets import StretchTarget
from spendlight.metering.periods import DateRange, Period
from spendlight.metering.reports import Column, PeriodRow, Report
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question

YEAR = "year"
"""The calendar of a year, in addition to the periods."""


class HistoryPage(ChartPage):
    """Usage over time."""

    knows_team = True

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        self._period = Choice(
            self.tr("Period"),
            {
                self.tr("Day"): Period.DAY,
                self.tr("Week"): Period.WEEK,
                self.tr("Month"): Period.MONTH,
                self.tr("Year"): YEAR,
            },
        )
        self._measure = Choice(
            self.tr("Measure"),
            {self.tr("Cost"): Measure.COST, self.tr("Tokens"): Measure.TOKENS},
        )
        self._split = Choice(
            self.tr("Stacked by"),
            {self.tr("By model"): Split.MODEL, self.tr("By project"): Split.PROJECT},
        )
        controls = QWidget()
        layout = QHBoxLayout(controls)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GROUP_PX)
        for choice in (self._period, self._measure, self._split):
            layout.addWidget(choice, 0)
        layout.addStretch(1)
        super().__init__(
            formats, maker, ReportView(self.tr("Usage over time"), formats), controls=controls
        )
        self._heat = HeatMap(formats, self)
        self._heat.hide()  # until the year is chosen
        self._report: Report[PeriodRow] | None = None
        self._period.chosen.connect(self._on_period)
        self._measure.chosen.connect(self._draw)
        self._split.chosen.connect(self.asked)

    @property
    def period(self) -> Period:
        """The period of the table."""
        chosen = self._period.current
        return chosen if isinstance(chosen, Period) else Period.DAY

    @property
    def is_year(self) -> bool:
        """Whether the calendar is shown."""
        return self._period.current == YEAR

    def choose(
        self,
        period: object = None,
        measure: Measure | None = None,
        split: Split | None = None,
    ) -> None:
        """Choose what is shown; None means no change."""
        for choice, data in (
            (self._period, period),
            (self._measure, measure),
            (self._split, split),
        ):
            if data is not None:
                choice.choose(data)

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the report that both the chart and the table show."""
        if self.is_year and self.around is not None:
            first = self.around.today - timedelta(days=DAYS)
            days = DateRange(first, self.around.today)
            return {"periods": Periods(self.selection._replace(days=days))}
        return {
            "periods": Periods(
                self.selection,
                self.period,
                week_start=self.around.week_start if self.around is not None else 6,
                by_project=self._split.current is Split.PROJECT,
            )
        }

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show the report."""
        del name
        self._report = report
        self._view.show_report(_with_projects(report) if self._is_by_project else report)
        self.show_whether_empty(is_empty=not report.rows)
        self._draw()

    def open_meaning(self, meaning: object) -> None:
        """Drill down to a period."""
        start = meaning.start if isinstance(meaning, PeriodRow) else meaning
        if not isinstance(start, date):
            return
        title = (
            self.formats.month(start)
            if self.period is Period.MONTH
            else self.formats.long_day(start)
            if self.period is Period.DAY
            else self.tr("Week of {0}").format(self.formats.day(start))
        )
        since, until = (self._midnight(day) for day in (start, next_start(start, self.period)))
        self.opened.emit(StretchTarget(title, since, until))

    @property
    def _is_by_project(self) -> bool:
        return bool(self._report and any(row.project for row in self._report.rows)) and (
            self._split.current is Split.PROJECT and not self.is_year
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.formats.zone)

    def _on_period(self) -> None:
        self._split.setEnabled(not self.is_year)
        self.has_range = not self.is_year
        self.asked.emit()

    def _draw(self) -> None:
        if self._report is None or self.around is None:
            return
        measure = Measure(str(self._measure.current))
        if self.is_year:
            self._draw_year(self._report, measure)
            self._fit_year()
            return
        self.give_chart(None)
        data = self.maker.periods(
            self._report.rows,
            self.period,
            measure,
            Split(str(self._split.current)),
            first=self.scope.days.since,
            last=self.scope.days.until,
            week_start=self.around.week_start,
            today=self.around.today,
        )
        self._chart.show_stack(data)

    def share_height(self) -> None:
        """Give a calendar the height it needs, and bars the usual share."""
        if self.is_year:
            self._fit_year()
        else:
            self.give_chart(None)

    def _fit_year(self) -> None:
        height = self._heat.height_for(self._chart.width() - 2 * RELATED_PX)
        self.give_chart(height + 3 * RELATED_PX)

    def _draw_year(self, report: Report[PeriodRow], measure: Measure) -> None:
        assert self.around is not None  # noqa: S101  # told to mypy
        values = {row.start: measured(row.spending, measure) for row in report.rows}
        self._heat.show_year(values, self.around.today, self.around.week_start)
        days = [self._heat.day_at(index) for index in range(self._heat.count)]
        points = tuple(DataPoint(self.formats.long_day(day), "", day) for day in days)
        data = ChartData(
            self.tr("Cost over a year")
            if measure is Measure.COST
            else self.tr("Tokens over a year"),
            points,
            (Series("", tuple(values.get(day, 0.0) for day in days)),),
            is_money=measure is Measure.COST,
            empty=self.tr("No usage in this range."),
        )
        self._chart.show_surface(
            self._heat,
            data.title,
            summary(data, self.formats),
            points,
            lambda index: [
                (self.tr("Total"), value, None)
                for _, value, _ in hover_lines(data, index, self.formats)[-1:]
            ],
        )


def _with_projects(report: Report[PeriodRow]) -> Report[PeriodRow]:
    """Return the report with a column for the project."""
    project: Column[PeriodRow] = Column(
        "Project", lambda row: row.project or "", lambda row: row.project or ""
    )
    first, *rest = report.columns
    return report._replace(columns=[first, project, *rest])

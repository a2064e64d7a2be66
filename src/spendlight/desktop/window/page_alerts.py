"""The page of past alerts, and the hours that caused them."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout

from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.nothing import Nothing
from spendlight.desktop.window.page import Page, Work
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.targets import hour_of
from spendlight.errors import UsageError
from spendlight.metering.budgets import (
    Alert,
    AlertFate,
    AlertRecord,
    BudgetPeriod,
    Metric,
    Severity,
)
from spendlight.metering.reports import Column, compact_count, money

COUNT: Final = 500
"""The number of past alerts shown."""


class AlertsPage(Page):
    """The log of alerts, the latest first."""

    has_range = False
    has_scope = False

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__(formats, maker)
        self._view = ReportView(self.tr("Alerts"), formats)
        self._view.row_opened.connect(self._open)
        self._view.export_requested.connect(lambda: self.export_requested.emit(self._view))
        settings = QPushButton(self.tr("Settings…"))
        settings.clicked.connect(self.settings_requested)
        self._nothing = Nothing(settings)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._records: tuple[AlertRecord, ...] = ()
        self._nothing.explain(
            self.tr("No alerts so far"),
            self.tr("Set a budget in the settings; its alerts are listed here."),
        )
        formats.changed.connect(self._show)

    def table(self) -> ReportView:
        """Return the table."""
        return self._view

    def come_into_sight(self) -> None:
        """Ask for the log."""
        work = Work(lambda tracker: tracker.alert_log(COUNT), self.show_records, self._on_failed)
        self.work_requested.emit(work)

    def show_records(self, records: tuple[AlertRecord, ...]) -> None:
        """Show alerts, the latest first."""
        self._records = records
        self._show()

    def _show(self) -> None:
        if self._records:
            self._view.show_rows(self._columns(), self._records)
        self._stack.setCurrentIndex(int(bool(self._records)))

    def _columns(self) -> list[Column[AlertRecord]]:
        formats = self.formats
        fates = {
            AlertFate.SHOWN: self.tr("shown"),
            AlertFate.DELAYED: self.tr("shown a minute later"),
            AlertFate.MUTED: self.tr("muted"),
        }
        severities = {
            Severity.WARN: self.tr("warning"),
            Severity.CRITICAL: self.tr("critical"),
        }
        return [
            Column(
                "When",
                lambda row: row.alert.at,
                lambda row: f"{row.alert.at.astimezone(formats.zone):%Y-%m-%d %H:%M}",
            ),
            Column("What", lambda row: self._what(row.alert), lambda row: self._what(row.alert)),
            Column(
                "Level",
                lambda row: severities[row.alert.severity],
                lambda row: severities[row.alert.severity],
            ),
            Column(
                "Project",
                lambda row: row.alert.project,
                lambda row: row.alert.project,
                is_vital=False,
            ),
            Column(
                "Model", lambda row: row.alert.model, lambda row: row.alert.model, is_vital=False
            ),
            Column("Status", lambda row: fates[row.fate], lambda row: fates[row.fate]),
        ]

    def _what(self, alert: Alert) -> str:
        """Return an alert in one line."""
        budget = alert.budget
        period = {
            BudgetPeriod.BLOCK: self.tr("block"),
            BudgetPeriod.DAY: self.tr("day"),
            BudgetPeriod.WEEK: self.tr("week"),
            BudgetPeriod.MONTH: self.tr("month"),
        }[budget.period]
        if budget.metric is Metric.RESET:
            return self.tr("A new {0} has begun").format(period)
        if budget.metric is Metric.PLAN:
            text = self.tr("{percent} % of the plan’s 5-hour limit")
            if budget.period is BudgetPeriod.WEEK:
                text = self.tr("{percent} % of the plan’s weekly limit")
            return text.format(percent=int(alert.used))
        if budget.metric is Metric.TOKENS:
            used, amount = compact_count(alert.used), compact_count(budget.amount)
        else:
            used, amount = money(alert.used), money(budget.amount)
        share = self.formats.share(alert.level)
        text = {
            Metric.BURN: self.tr("{used} per hour, more than {amount}"),
            Metric.FORECAST: self.tr("{used} of {amount} for the {period}, and it will not last"),
        }.get(budget.metric, self.tr("{used} of {amount} for the {period}: {share} reached"))
        return self.formats.text(text.format(used=used, amount=amount, period=period, share=share))

    def _open(self, row: object) -> None:
        if isinstance(row, AlertRecord):
            self.opened.emit(hour_of(row.alert, self.formats))

    def _on_failed(self, error: Exception) -> None:
        title = error.title if isinstance(error, UsageError) else str(error)
        self._nothing.explain(title, error.advice if isinstance(error, UsageError) else "")
        self._stack.setCurrentIndex(0)

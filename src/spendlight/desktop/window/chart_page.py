"""A page with a chart above its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from spendlight.desktop.window.charts.chart import Chart
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.extra_columns import told_among, with_extra
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import GROUP_PX, RELATED_PX
from spendlight.desktop.window.nothing import Nothing
from spendlight.desktop.window.page import Page
from spendlight.desktop.window.report_view import ReportView
from spendlight.metering.reports import Report

AT_ONCE: Final = 300
"""A table with more rows and its chart, drawn together, would block the event loop for too long."""

CHART_SHARE: Final = (11, 9)
"""The initial ratio of the heights of a chart and its table."""


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
        self._was_beyond = False
        self._wanted: Callable[[], None] = lambda: None
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.timeout.connect(self._draw_now)
        self._splitter.splitterMoved.connect(self._on_moved)
        everything = QPushButton(self.tr("Show everything"))
        everything.clicked.connect(self.clear_requested)
        self._nothing = Nothing(everything)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self._nothing)
        again = QPushButton(self.tr("Try again"))
        again.clicked.connect(self.asked)
        self._failure = Nothing(again)
        self._failure.explain(
            self.tr("This could not be computed"), self.tr("The message above says why.")
        )
        self._stack.addWidget(self._failure)
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
        view.columns_chosen.connect(self.asked)

    def table(self) -> ReportView:
        """Return the table."""
        return self._view

    def chart(self) -> Chart:
        """Return the chart."""
        return self._chart

    @property
    def told(self) -> tuple[str, ...]:
        """The dimensions whose columns are chosen; a team knows none."""
        return () if self.scope.is_of_team else told_among(self._view.wanted_extra)

    def show_table(self, report: Report[Any]) -> None:
        """Show a report in the table, with the chosen columns."""
        self._view.show_report(with_extra(report, self._view.wanted_extra, self.formats.zone))

    def draw(self, report: Report[Any], draw: Callable[[], None]) -> None:
        """Draw the chart of a report: at once, or after the table if it has many rows."""
        self._wanted = draw
        if len(report.rows) > AT_ONCE:
            self._drawing.start(0)
        else:
            self._draw_now()

    def take(self, name: str, report: Report[Any]) -> None:
        """Show an answer, which replaces a failure."""
        if self._stack.currentWidget() is self._failure:
            self._stack.setCurrentIndex(0)
        super().take(name, report)

    def show_failure(self) -> None:
        """Show no figures, as those shown until now would be taken for the answer."""
        self._stack.setCurrentWidget(self._failure)

    def _draw_now(self) -> None:
        self._drawing.stop()
        self._wanted()

    def give_chart(self, height: int | None) -> None:
        """Set the height of the chart, unless the user has; None means the usual share.

        Args:
            height: Pixels; at most the usual share.
        """
        if self._is_moved:
            return
        whole = self._splitter.height() - self._splitter.handleWidth()
        usual = whole * CHART_SHARE[0] // sum(CHART_SHARE)
        given = usual if height is None else min(usual, height)
        if whole > 0 and abs(self._splitter.sizes()[0] - given) > 1:
            self._splitter.setSizes([given, whole - given])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the new height."""
        super().resizeEvent(event)
        self.share_height()

    def share_height(self) -> None:
        """Distribute the height between the chart and its table."""
        self.give_chart(None)

    def _on_moved(self) -> None:
        self._is_moved = True

    def open_meaning(self, meaning: object) -> None:
        """Drill down to what a data point of the chart or a row of the table represents."""

    def show_whether_beyond(self) -> None:
        """Show that a machine of the team is selected whose single answers are not known."""
        if self.is_beyond:
            self._nothing.explain(
                self.tr("This page needs single answers"),
                self.tr(
                    "Of the team’s other machines, only sums are known here: choose History, "
                    "Sessions, Projects or Models. With “spendlight team join … --keep-entries”, "
                    "their entries come into this machine’s ledger."
                ),
            )
        if self.is_beyond or self._was_beyond:
            self._stack.setCurrentIndex(int(self.is_beyond))
        self._was_beyond = self.is_beyond

    def show_whether_empty(self, *, is_empty: bool) -> None:
        """Show that there is no data, and a possible reason."""
        if self.scope.is_filtered:
            self._nothing.explain(
                self.tr("Nothing matches the filter"),
                self.tr("There is no usage in this range for the selection above."),
            )
        else:
            self._nothing.explain(
                self.tr("No usage in this range"),
                self.tr("There is usage outside it."),
            )
        self._stack.setCurrentIndex(int(is_empty))

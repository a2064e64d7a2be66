"""Pages with one list each: sessions, projects, models and blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from spendlight.desktop.window.chart_page import ChartPage
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.charts.surface import ShareBars
from spendlight.desktop.window.charts.values import Measure, Split
from spendlight.desktop.window.extra_columns import EXTRA
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import GROUP_PX
from spendlight.desktop.window.page_now import session_target
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.targets import FilterTarget, StretchTarget
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.reports import BlockRow, Report, SessionRow
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.questions.shares import ModelShares, NameRow, ProjectShares

Shares: TypeAlias = Callable[[Selection], Question[Report[NameRow]]]


class SessionsPage(ChartPage):
    """Cost by session."""

    knows_team = True

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        view = ReportView(
            self.tr("Usage by session"), formats, sort_by="Last activity", extra=EXTRA
        )
        super().__init__(formats, maker, view)

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the report by session."""
        return {"sessions": Sessions(self.selection, also=self.told)}

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Take it."""
        del name
        self.show_table(report)
        self.show_whether_empty(is_empty=not report.rows)
        self.draw(report, lambda: self._chart.show_dots(self.maker.sessions(report.rows)))

    def open_meaning(self, meaning: object) -> None:
        """Drill down to the answers of a session."""
        if isinstance(meaning, SessionRow):
            self.opened.emit(session_target(meaning, self.formats))


class SharesPage(ChartPage):
    """Cost by project or by model, with bars that get no more height than they need."""

    knows_team = True

    def __init__(
        self, formats: Formats, maker: ChartMaker, view: ReportView, asked: Shares, split: Split
    ) -> None:
        """Create the page.

        Args:
            formats: How figures are written.
            maker: Makes the chart.
            view: The table.
            asked: Makes the page's question.
            split: What the bars represent.
        """
        super().__init__(formats, maker, view)
        self._asked = asked
        self._split = split

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the report by project or by model."""
        if self.scope.is_of_team:
            from spendlight.tracker.team.shares import TeamShares  # most have no team

            of_team: Any = TeamShares(str(self._split), self.selection)  # only a team answers it
            return {"shares": of_team}
        return {"shares": self._asked(self.selection)}

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Take it."""
        del name
        self.show_table(report)
        self.show_whether_empty(is_empty=not report.rows)
        self._chart.show_shares(self.maker.shares(report.rows, self._split, Measure.COST))
        self.share_height()

    def share_height(self) -> None:
        """Give the bars the height they need."""
        surface = self._chart.surface
        if isinstance(surface, ShareBars):
            self.give_chart(surface.needed_height + GROUP_PX)


class ProjectsPage(SharesPage):
    """Cost by project."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        view = ReportView(self.tr("Usage by project"), formats, sort_by="Cost", extra=EXTRA)
        super().__init__(formats, maker, view, self._shares, Split.PROJECT)

    def _shares(self, selection: Selection) -> Question[Report[NameRow]]:
        return ProjectShares(selection, self.told)

    def open_meaning(self, meaning: object) -> None:
        """Drill down to the sessions of a project."""
        if isinstance(meaning, NameRow):
            title = self.formats.project(meaning.name)
            self.opened.emit(FilterTarget(title, meaning.name, self.scope.model))


class ModelsPage(SharesPage):
    """Cost by model."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        view = ReportView(self.tr("Usage by model"), formats, sort_by="Cost")
        super().__init__(formats, maker, view, ModelShares, Split.MODEL)

    def open_meaning(self, meaning: object) -> None:
        """Drill down to the sessions that used a model."""
        if isinstance(meaning, NameRow):
            title = self.formats.model(meaning.name)
            self.opened.emit(FilterTarget(title, self.scope.project, meaning.name))


class BlocksPage(ChartPage):
    """Cost by five-hour block."""

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        super().__init__(formats, maker, ReportView(self.tr("Usage by block"), formats))

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the report by block."""
        return {"blocks": Blocks(self.selection)}

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Take it."""
        del name
        self._view.show_report(report)
        self.show_whether_empty(is_empty=not report.rows)
        self.draw(report, lambda: self._draw_blocks(report.rows))

    def _draw_blocks(self, rows: Sequence[BlockRow]) -> None:
        blocks = sorted(
            (row.block for row in rows if not row.block.is_gap),
            key=lambda block: block.start_ms,
        )
        self._chart.show_stack(self.maker.blocks(blocks))

    def open_meaning(self, meaning: object) -> None:
        """Drill down to the course of a block."""
        block = meaning.block if isinstance(meaning, BlockRow) else meaning
        if isinstance(block, SessionBlock) and not block.is_gap:
            begin, end = self.formats.moment(block.start), self.formats.clock(block.end)
            self.opened.emit(StretchTarget(f"{begin} – {end}", block.start, block.end))

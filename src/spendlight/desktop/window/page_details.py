"""Pages to drill down to: a span of time, and a session answer by answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from spendlight.desktop.window.chart_page import ChartPage
from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.labels import CardRow
from spendlight.desktop.window.page_now import session_target
from spendlight.desktop.window.report_view import ReportView
from spendlight.desktop.window.targets import SessionTarget, StretchTarget, part_of
from spendlight.metering.dimensions import DIMENSIONS
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import Report, SessionRow, cost_text
from spendlight.names import name
from spendlight.tracker.questions.course import COURSE_STEP_MS, Course, SessionsAtWork, StepRow
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.timeline import DETAILS, Timeline, TimelineRow

STEPS_MS: Final = (60_000, COURSE_STEP_MS, 900_000, 3_600_000, 14_400_000, 86_400_000)
MOST_STEPS: Final = 100


def step_of(since: datetime, until: datetime) -> int:
    """Return the length of steps with which a chart can show a whole span."""
    length = to_ms(until) - to_ms(since)
    return next((step for step in STEPS_MS if length / step <= MOST_STEPS), STEPS_MS[-1])


class StretchPage(ChartPage):
    """The course of a day, a block or an hour, and its sessions."""

    has_range = False

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        view = ReportView(self.tr("Sessions in this period"), formats, sort_by="Cost")
        super().__init__(formats, maker, view)

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the questions for the course of the span and its sessions."""
        target = self.target
        if not isinstance(target, StretchTarget):
            return {}
        since, until = target.since, target.until
        return {
            "course": Course(since, until, step_of(since, until), self.selection),
            "sessions": SessionsAtWork(since, until, self.selection),
        }

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show the course or the sessions."""
        target = self.target
        if not isinstance(target, StretchTarget):
            return
        if name != "course":
            self._view.show_report(report)
            self.show_whether_empty(is_empty=not report.rows)
            return
        data = self.maker.course(
            report.rows,
            target.since,
            target.until,
            step_of(target.since, target.until),
            title=target.title,
            until=self.around.now if self.around else None,
        )
        self._chart.show_stack(data)

    def open_meaning(self, meaning: object) -> None:
        """Drill down to a session, or to a part of the span."""
        target = self.target
        if isinstance(meaning, SessionRow):
            self.opened.emit(session_target(meaning, self.formats))
        elif isinstance(meaning, datetime) and isinstance(target, StretchTarget):
            self.opened.emit(part_of(meaning, target.since, target.until, self.formats))


class SessionPage(ChartPage):
    """One session, answer by answer."""

    has_range = False

    def __init__(self, formats: Formats, maker: ChartMaker) -> None:
        self._cards = CardRow()
        extra = tuple(DIMENSIONS[dimension].heading for dimension in DETAILS)
        view = ReportView(self.tr("Answers of this session"), formats, extra=extra)
        super().__init__(formats, maker, view, head=self._cards)

    def questions(self) -> Mapping[str, Question[Report[Any]]]:
        """Return the question for the answers of the session."""
        target = self.target
        if not isinstance(target, SessionTarget):
            return {}
        return {"answers": Timeline(target.session, self.selection, target.agent)}

    def open_meaning(self, meaning: object) -> None:
        """Select the last answer up to a moment of the course."""
        if isinstance(meaning, datetime):
            earlier = [row for row in self._view.rows if row.at <= meaning]
            if earlier:
                self._view.mark(max(earlier, key=lambda row: row.at))

    def show_answer(self, name: str, report: Report[Any]) -> None:
        """Show the answers."""
        del name
        self._view.show_report(report)
        self.show_whether_empty(is_empty=not report.rows)
        rows: list[TimelineRow] = list(report.rows)
        if not rows or self.target is None:
            return
        formats, total = self.formats, report.total
        first, last = rows[0].at, rows[-1].at
        minutes = int((last - first) / timedelta(minutes=1))
        lasted = (
            self.tr("{0} min").format(minutes)
            if minutes < 120  # noqa: PLR2004  # minutes are more precise up to two hours
            else self.tr("{0} h").format(round(minutes / 60))
        )
        self._cards.show_cards(
            (
                (self.tr("This session"), formats.text(cost_text(total)), lasted),
                (
                    self.tr("Answers"),
                    formats.count(len(rows)),
                    ", ".join(formats.model(model.label) for model in total.models_by_cost),
                ),
                (
                    self.tr("Tokens"),
                    formats.compact(total.tokens.total),
                    self.tr("{0} of them output").format(formats.compact(total.tokens.output)),
                ),
                (
                    self.tr("Last answer"),
                    formats.clock(last),
                    self.tr("started {0}").format(formats.moment(first)),
                ),
                *self._links(),
            )
        )
        begin = first.replace(minute=first.minute // 10 * 10, second=0, microsecond=0)
        end = last + timedelta(minutes=1)
        step = step_of(begin, end)
        steps = [StepRow(row.at, row.spending) for row in rows]
        title = self.tr("Cost of the session")
        self._chart.show_stack(self.maker.course(steps, begin, end, step, title=title))

    def _links(self) -> tuple[tuple[str, str, str], ...]:
        """Return a card with the latest of the pull requests linked to the session, if any."""
        target = self.target
        if self.formats.is_private or not isinstance(target, SessionTarget):
            return ()
        if not target.pull_requests:
            return ()
        latest = target.pull_requests[-1]
        where = latest.repository or latest.url.partition("://")[2]
        number = "" if latest.number is None else f"#{latest.number}"
        return ((self.tr("Pull request"), number or "1", name(where)),)

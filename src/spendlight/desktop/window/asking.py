"""Keeps track of pending questions, and delivers their answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from spendlight.desktop.window.charts.data import ChartMaker
from spendlight.desktop.window.formats import Formats
from spendlight.desktop.window.page import Page, Work
from spendlight.metering.project_names import project_names
from spendlight.metering.reports import Report
from spendlight.metering.slices import Spending
from spendlight.tracker.agents import title_of
from spendlight.tracker.questions.choices import Choices, KnownNames, ModelsUsed
from spendlight.tracker.questions.question import Question
from spendlight.tracker.questions.shares import NameRow

log = logging.getLogger(__name__)

CHOICES: Final = "choices"
EVER: Final = "ever"
"""The key under which the choices of the filter are asked for, over all time."""


class Asking(QObject):
    """Asks the questions of pages, and delivers the answers; only the last question counts.

    Signals:
        asked: A question; carries a number and the `Question`.
        choices_known: What the filter can offer: projects, their names, models, machines, machines
            of the team, and agents.
        work_requested: A task for another thread; carries `Work`.
    """

    asked = Signal(int, object)
    choices_known = Signal(object, object, object, object, object, object)
    work_requested = Signal(object)

    def __init__(self, formats: Formats, maker: ChartMaker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._maker = maker
        self._count = 0
        self._waiting: dict[int, tuple[Page | None, str]] = {}
        self._failures: dict[Page | None, tuple[str, str]] = {}
        self._shown: dict[Page | None, Mapping[str, Question[object]]] = {}
        self._projects: tuple[str, ...] = ()
        self._models: tuple[str, ...] = ()
        self._machines: tuple[str, ...] = ()
        self._agents: tuple[str, ...] = ()
        self._team: tuple[str, ...] = ()
        self._answers = 0
        self._unpriced: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[int, tuple[str, ...]]:
        """How many answers there are in total, and which models have no known price."""
        return self._answers, self._unpriced

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._waiting)

    def failure(self, page: Page) -> tuple[str, str] | None:
        """Return why a page's last questions, or those of the filter, have no answers."""
        return self._failures.get(page) or self._failures.get(None)

    def fail(self, number: int, reason: tuple[str, str]) -> bool:
        """Drop a question that cannot be answered; return whether it had not been replaced.

        With it go all others of the same page, which are asked again when something changes.
        """
        page, name = self._waiting.get(number, (None, ""))
        if not name:
            return False
        self._drop(page)
        self._failures[page] = reason
        if page is not None:
            page.show_failure()
        return True

    def outdate(self) -> None:
        """Mark all answers as outdated, including pending ones."""
        self._shown.clear()
        self._waiting.clear()

    def forget_pages(self) -> None:
        """Forget all pages, which are going to be deleted."""
        self.outdate()
        self._failures.clear()

    def forget(self, page: Page) -> None:
        """Mark a page's answers as outdated."""
        self._shown.pop(page, None)

    def ask(self, page: Page) -> None:
        """Ask a page's questions, unless it has the answers already."""
        page.show_whether_beyond()
        wanted = {} if page.is_beyond else page.questions()
        if self._shown.get(page) != wanted:
            self._ask(page, wanted)
        if None not in self._shown:
            self._ask(None, {CHOICES: Choices(), EVER: ModelsUsed()})
            work = Work(
                lambda tracker: tracker.team.other_machines, self._on_team, self._on_no_team
            )
            self.work_requested.emit(work)

    def take(self, number: int, answer: object) -> bool:
        """Deliver an answer, unless its question has been replaced."""
        page, name = self._waiting.pop(number, (None, ""))
        if name:
            self._failures.pop(page, None)
        if page is not None and isinstance(answer, Report):
            if page.scope.is_of_team:
                self._meet_projects(answer)
            page.take(name, answer)
        elif isinstance(answer, KnownNames):
            self._projects, self._machines, self._agents = answer
            self._learn()
        elif isinstance(answer, Spending):
            self._models = tuple(model.label for model in answer.models)
            self._answers = answer.answers
            self._unpriced = answer.unpriced
            self._learn()
            self._order_colors(self._models)
        return bool(name)

    def _ask(self, page: Page | None, wanted: Mapping[str, Question[object]]) -> None:
        self._drop(page)
        self._shown[page] = wanted
        for name, question in wanted.items():
            self._count += 1
            self._waiting[self._count] = (page, name)
            self.asked.emit(self._count, question)

    def _drop(self, page: Page | None) -> None:
        """Drop the questions of a page, or those of the filter."""
        for number in [n for n, (asker, _) in self._waiting.items() if asker is page]:
            del self._waiting[number]
        self._shown.pop(page, None)

    def _meet_projects(self, report: Report[Any]) -> None:
        """Learn the names of projects that are not in the ledger."""
        if any(column.heading == "Project" for column in report.columns[:1]):
            found = {
                row.name if isinstance(row, NameRow) else row.name.project for row in report.rows
            }
        else:
            found = {getattr(row, "project", None) or "" for row in report.rows}
        new = found - {"", *self._projects}
        if new:
            self._projects = (*self._projects, *sorted(new))
            self._learn()

    def _learn(self) -> None:
        names = project_names(self._projects)
        self._formats.set_projects(names)
        self._maker.projects.learn(sorted(self._projects))
        models = [(label, self._formats.model(label)) for label in self._models]
        machines = self._machines if len(self._machines) > 1 else ()
        agents = [(agent, title_of(agent)) for agent in self._agents]
        self.choices_known.emit(self._projects, names, models, machines, self._team, agents)

    def _order_colors(self, models: tuple[str, ...]) -> None:
        """Assign colours to models in the stored order.

        Args:
            models: All models, in the order in which they were first seen.
        """
        work = Work(
            lambda tracker: tracker.color_order(models), self._on_colors, self._on_no_colors
        )
        self.work_requested.emit(work)

    def _on_team(self, machines: tuple[str, ...]) -> None:
        if machines != self._team:
            self._team = machines
            self._learn()

    def _on_no_team(self, error: Exception) -> None:
        log.warning("The machines of the team are not known: %s", error)

    def _on_colors(self, models: tuple[str, ...]) -> None:
        if self._maker.models.learn(models):
            self._formats.changed.emit()

    def _on_no_colors(self, error: Exception) -> None:
        log.warning("Colours could not be saved: %s", error)

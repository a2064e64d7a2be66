"""The selection for all pages: a range of days, and a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from PySide6.QtCore import QDate, QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QWidget

from spendlight.desktop.window.formats import day_form
from spendlight.desktop.window.labels import RELATED_PX, Label
from spendlight.metering.periods import EVER, DateRange
from spendlight.names import name

WIDEST_LIST_PX: Final = 480
"""Lists of choices are shown in full up to this width."""


_TEAM: Final = "\x1fteam:"
"""The prefix of choices that mean machines of the team; no name contains it."""


class RangeChoice(StrEnum):
    """The ranges to choose from."""

    TODAY = "today"
    WEEK = "week"
    THIRTY = "thirty"
    MONTH = "month"
    ALL = "all"
    CUSTOM = "custom"


class PageScope(NamedTuple):
    """The selection for all pages.

    Attributes:
        project: The folder in ``projects``, or None for all.
        model: The model as reports show it, or "" for all.
        machine: The machine, or "" for all: those in the ledger, or all of the team.
        is_of_team: Whether the machine is one of the team, whose usage is not in the ledger.
        agent: The agent, by its name in the ledger, or "" for all; always for a team.
    """

    choice: RangeChoice = RangeChoice.THIRTY
    days: DateRange = EVER
    project: str | None = None
    model: str = ""
    machine: str = ""
    is_of_team: bool = False
    agent: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether only a part of the usage in the range is shown."""
        has_machine = self.is_of_team or bool(self.machine)
        has_name = self.project is not None or bool(self.model or self.agent)
        return has_name or has_machine


def days_of(choice: RangeChoice, today: date, custom: DateRange) -> DateRange:
    """Return the days of a range."""
    if choice is RangeChoice.TODAY:
        return DateRange(today, today)
    if choice is RangeChoice.WEEK:
        return DateRange(today - timedelta(days=6), today)
    if choice is RangeChoice.THIRTY:
        return DateRange(today - timedelta(days=29), today)
    if choice is RangeChoice.MONTH:
        return DateRange(today.replace(day=1), today)
    return custom if choice is RangeChoice.CUSTOM else DateRange()


class ScopeBar(QWidget):
    """Selects what all pages show.

    Signals:
        changed: Another range or filter was selected, see `scope`.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = date(2000, 1, 1)
        self._range = QComboBox()
        self._range.setAccessibleName(self.tr("Date range"))
        for choice, text in (
            (RangeChoice.TODAY, self.tr("Today")),
            (RangeChoice.WEEK, self.tr("Last 7 days")),
            (RangeChoice.THIRTY, self.tr("Last 30 days")),
            (RangeChoice.MONTH, self.tr("This month")),
            (RangeChoice.ALL, self.tr("All time")),
            (RangeChoice.CUSTOM, self.tr("Custom…")),
        ):
            self._range.addItem(text, choice)
        self._range.setCurrentIndex(2)
        self._since, self._until = QDateEdit(), QDateEdit()
        self._to = Label()
        self._to.setText(self.tr("to"))
        for edit, title in (
            (self._since, self.tr("First day")),
            (self._until, self.tr("Last day")),
        ):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat(day_form(QLocale()))
            edit.setAccessibleName(title)
            edit.dateChanged.connect(self._on_date)
        self._machine = self._filter(self.tr("Machine"))
        self._agent = self._filter(self.tr("Agent"))
        self._project = self._filter(self.tr("Project"))
        self._model = self._filter(self.tr("Model"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(RELATED_PX)
        for widget in (self._range, self._since, self._to, self._until):
            layout.addWidget(widget)
        layout.addSpacing(RELATED_PX)
        for widget in (self._machine, self._agent, self._project, self._model):
            layout.addWidget(widget)
        layout.addStretch(1)
        self._range.currentIndexChanged.connect(self._on_range)
        self._machine.currentIndexChanged.connect(self._show_whether_agents_are_known)
        self._show_dates()
        self.show_choices((), {}, (), ())

    @property
    def scope(self) -> PageScope:
        """The selection."""
        choice = RangeChoice(self._range.currentData())
        since, until = _day(self._since), _day(self._until)
        custom = DateRange(min(since, until), max(since, until))
        machine, is_of_team = _machine_in(self._machine.currentData() or "")
        return PageScope(
            choice,
            days_of(choice, self._today, custom),
            self._project.currentData() or None,
            self._model.currentData() or "",
            machine,
            is_of_team,
            "" if is_of_team else self._agent.currentData() or "",
        )

    def set_today(self, today: date) -> bool:
        """Set the current day; return whether that changes the range."""
        before = self.scope.days
        is_first = self._today.year == 2000  # noqa: PLR2004  # the initial value
        self._today = today
        if is_first:
            for edit, day in ((self._since, today - timedelta(days=29)), (self._until, today)):
                with QSignalBlocker(edit):
                    edit.setDate(QDate(day.year, day.month, day.day))
        return self.scope.days != before

    def show_choices(  # noqa: PLR0913, PLR0917  # one for each filter
        self,
        projects: Sequence[str],
        names: Mapping[str, str],
        models: Sequence[tuple[str, str]],
        machines: Sequence[str],
        team: Sequence[str] = (),
        agents: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Set the choices; the selection stays.

        Args:
            projects: The projects' folders.
            names: Their display names.
            models: Labels and names of models.
            machines: Names of the machines in the ledger.
            team: Names of the team's other machines.
            agents: Names of agents in the ledger, and their titles; one alone is no choice.
        """
        ordered = sorted(projects, key=lambda slug: names.get(slug, slug).casefold())
        self._fill(
            self._project,
            self.tr("All projects"),
            [(slug, names.get(slug, slug)) for slug in ordered],
        )
        self._fill(self._model, self.tr("All models"), models)
        choices = [(name, name) for name in machines]
        if team:
            choices.append((_TEAM, self.tr("Whole team")))
            choices += [(_TEAM + name, self.tr("{0} (team)").format(name)) for name in team]
        everything = self.tr("This machine") if team and not machines else self.tr("All machines")
        self._fill(self._machine, everything, choices)
        self._machine.setVisible(bool(choices))
        self._fill(self._agent, self.tr("All agents"), agents if len(agents) > 1 else ())
        self._agent.setVisible(len(agents) > 1)
        self._show_whether_agents_are_known()

    def choose_range(self, choice: RangeChoice, days: DateRange | None = None) -> None:
        """Select a range; *days* go with `RangeChoice.CUSTOM`."""
        if days is not None:
            for edit, day in ((self._since, days.since), (self._until, days.until)):
                if day is not None:
                    with QSignalBlocker(edit):
                        edit.setDate(QDate(day.year, day.month, day.day))
        self._range.setCurrentIndex(self._range.findData(choice))

    def choose_filter(
        self,
        *,
        project: str | None = None,
        model: str = "",
        machine: str | None = None,
        is_of_team: bool = False,
        agent: str | None = None,
    ) -> None:
        """Select a project or a model; by default all.

        Args:
            project: The folder in ``projects``.
            model: The model as reports show it.
            machine: The machine, "" for all; None means no change.
            is_of_team: Whether the machine is one of the team.
            agent: The agent, by its name in the ledger, "" for all; None means no change.
        """
        chosen = [(self._project, project or ""), (self._model, model)]
        if machine is not None:
            chosen.append((self._machine, _TEAM + machine if is_of_team else machine))
        if agent is not None:
            chosen.append((self._agent, agent))
        for box, data in chosen:
            with QSignalBlocker(box):
                box.setCurrentIndex(max(0, box.findData(data)))
        self._show_whether_agents_are_known()
        self.changed.emit()

    def restore(self, scope: PageScope) -> None:
        """Restore an earlier selection without emitting a signal."""
        with QSignalBlocker(self):
            self.choose_filter(
                project=scope.project,
                model=scope.model,
                machine=scope.machine,
                is_of_team=scope.is_of_team,
                agent=scope.agent,
            )
            days = scope.days if scope.choice is RangeChoice.CUSTOM else None
            self.choose_range(scope.choice, days)

    def set_has_range(self, has_range: bool, why: str) -> None:  # noqa: FBT001  # as Qt's own setters
        """Enable the range, or disable it with a reason."""
        self._range.setEnabled(has_range)
        self._range.setToolTip("" if has_range else why)
        self._since.setEnabled(has_range)
        self._until.setEnabled(has_range)

    def focus_filter(self) -> None:
        """Set the keyboard focus to the filter by project."""
        self._project.setFocus()

    def _filter(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setMinimumContentsLength(10)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow)
        box.setMaximumWidth(220)
        box.currentIndexChanged.connect(self.changed)
        return box

    @staticmethod
    def _fill(box: QComboBox, everything: str, choices: Sequence[tuple[str, str]]) -> None:
        wanted = [("", everything), *((data, name(text)) for data, text in choices)]
        there = [(box.itemData(n), box.itemText(n)) for n in range(box.count())]
        if wanted == there:
            return
        chosen = box.currentData()
        with QSignalBlocker(box):
            box.clear()
            for data, text in wanted:
                box.addItem(text, data)
            box.setCurrentIndex(max(0, box.findData(chosen or "")))
        widest = box.view().sizeHintForColumn(0) + 4 * RELATED_PX
        box.view().setMinimumWidth(min(widest, WIDEST_LIST_PX))

    def _on_range(self) -> None:
        self._show_dates()
        self.changed.emit()

    def _on_date(self) -> None:
        if self.scope.choice is RangeChoice.CUSTOM:
            self.changed.emit()

    def _show_whether_agents_are_known(self) -> None:
        """Disable the choice of an agent for usage of the team, in which agents are not named."""
        _, is_of_team = _machine_in(self._machine.currentData() or "")
        self._agent.setEnabled(not is_of_team)
        why = self.tr("The usage of a team is not divided by agents.")
        self._agent.setToolTip(why if is_of_team else "")

    def _show_dates(self) -> None:
        is_custom = self._range.currentData() == RangeChoice.CUSTOM
        for widget in (self._since, self._to, self._until):
            widget.setVisible(is_custom)


def _machine_in(data: str) -> tuple[str, bool]:
    """Return the machine that a choice means, and whether it is one of the team."""
    return data.removeprefix(_TEAM), data.startswith(_TEAM)


def _day(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())

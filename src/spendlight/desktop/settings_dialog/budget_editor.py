"""A dialog to create or edit one rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from spendlight.desktop.settings_dialog.budget_words import (
    LEDGER,
    PERSON,
    has_levels,
    level_words,
    metric_words,
    owner_of,
    owner_words,
    period_words,
    read_levels,
)
from spendlight.desktop.settings_dialog.parts import (
    EDGE_PX,
    GROUP_PX,
    Problem,
    ProblemLine,
    add_field,
    choice_box,
    choose,
    dialog_buttons,
    form,
    paragraph,
    searched_box,
)
from spendlight.metering.budgets import Budget, BudgetOf, BudgetPeriod, Metric
from spendlight.metering.plan import WHOLE
from spendlight.settings import unused_name
from spendlight.tracker.agents import title_of

translate = QCoreApplication.translate

MOST: Final = 1e15
"""More than anybody uses, and still exact as a float."""

_WITHOUT_AMOUNT: Final = (Metric.RESET, Metric.PLAN)

USUAL: Final = "80, 100"
SCOPE_CHARS: Final = 30


class Scopes(NamedTuple):
    """The projects, models and agents to which a rule can be limited.

    Attributes:
        projects: The folder of each project, and its display name.
        models: The name of each model, and a short one.
        has_team: Whether this machine belongs to a team.
        people: The people of the team, as far as they are known.
        agents: The name of each agent in the ledger, and its title.
    """

    projects: Sequence[tuple[str, str]] = ()
    models: Sequence[tuple[str, str]] = ()
    has_team: bool = False
    people: Sequence[str] = ()
    agents: Sequence[tuple[str, str]] = ()


class BudgetEditor(QDialog):
    """Creates a rule, or edits one.

    Attributes:
        budget: The edited rule; valid only if the dialog was accepted.
    """

    def __init__(
        self,
        budget: Budget | None,
        taken: Iterable[str],
        scopes: Scopes,
        parent: QWidget | None = None,
    ) -> None:
        """Create the dialog.

        Args:
            budget: The rule to edit, or None for a new one.
            taken: The names of all other rules.
            scopes: The projects and models to choose from.
            parent: The parent window.
        """
        super().__init__(parent)
        self._before = budget
        self._taken = frozenset(taken)
        self._projects = _by_name(scopes.projects)
        self._models = _by_name(scopes.models)
        is_new = budget is None
        is_of_team = budget is not None and budget.is_of_team
        self.setWindowTitle(
            translate("settings", "New rule") if is_new else translate("settings", "Edit rule")
        )
        self._metric = choice_box(
            translate("settings", "Notify me about"), list(metric_words().items())
        )
        self._period = choice_box(translate("settings", "Period"), list(period_words().items()))
        whose = translate("settings", "Whose usage")
        self._owner = choice_box(whose, list(owner_words(budget, scopes.people).items()))
        self._amount = QDoubleSpinBox()
        self._amount.setRange(0, MOST)
        self._amount.setGroupSeparatorShown(True)
        self._amount.setAccessibleName(translate("settings", "Amount"))
        everything = translate("settings", "All")
        agents = dict(scopes.agents)
        if budget is not None and budget.agent:
            agents.setdefault(budget.agent, title_of(budget.agent))
        self._has_agents = len(agents) > 1 or (budget is not None and bool(budget.agent))
        self._agent = choice_box(
            translate("settings", "Agent"), [("", everything), *agents.items()]
        )
        self._project = searched_box(
            translate("settings", "Project"),
            [everything, *self._projects],
            SCOPE_CHARS,
        )
        self._model = searched_box(
            translate("settings", "Model"), [everything, *self._models], SCOPE_CHARS
        )
        self._levels = QLineEdit(USUAL)
        self._levels.setAccessibleName(translate("settings", "Notify at, in percent"))
        self._hint = paragraph("", is_secondary=True)
        self._problem = ProblemLine()
        buttons = dialog_buttons(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._form = form()
        for text, field in (
            (translate("settings", "&Whose usage"), self._owner),
            (translate("settings", "&Notify me about"), self._metric),
            (translate("settings", "&Period"), self._period),
            (translate("settings", "A&mount"), self._amount),
            (translate("settings", "A&gent"), self._agent),
            (translate("settings", "P&roject"), self._project),
            (translate("settings", "Mo&del"), self._model),
            (translate("settings", "&At, in percent"), self._levels),
        ):
            add_field(self._form, text, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE_PX, EDGE_PX, EDGE_PX, GROUP_PX)
        column.setSpacing(GROUP_PX)
        column.addLayout(self._form)
        column.addWidget(self._hint)
        column.addWidget(self._problem)
        column.addStretch(1)
        column.addWidget(buttons)
        self._form.setRowVisible(self._owner, scopes.has_team or is_of_team)
        self._owner.currentIndexChanged.connect(self._on_owner)
        self._metric.currentIndexChanged.connect(self._on_metric)
        self._period.currentIndexChanged.connect(self._on_period)
        if budget is not None:
            self._show(budget)
        self._on_metric()
        for signal in (
            self._amount.valueChanged,
            self._levels.textEdited,
            self._metric.currentIndexChanged,
        ):
            signal.connect(lambda _: self._problem.show_problem(None))

    @property
    def budget(self) -> Budget:
        """The rule as edited so far."""
        metric, period = (
            Metric(self._metric.currentData()),
            BudgetPeriod(self._period.currentData()),
        )
        project, model = _scope(self._project), _scope(self._model)
        is_plan = metric is Metric.PLAN
        before = self._before or Budget(name=unused_name(f"{period}-{metric}", self._taken))
        levels = read_levels(self._levels.text())
        if not levels or not has_levels(metric) or self._levels.text() == level_words(before):
            levels = before.levels
        return replace(
            before,
            metric=metric,
            period=period,
            amount=self._chosen_amount(metric),
            project="" if is_plan else self._projects.get(project, project),
            model="" if is_plan else self._models.get(model, model),
            levels=levels,
            of=BudgetOf.TEAM if self._is_of_team else BudgetOf.LEDGER,
            person=self._person,
            agent=str(self._agent.currentData()) if self._offers_agents else "",
        )

    @property
    def _is_of_team(self) -> bool:
        return bool(self._owner.currentData() != LEDGER)

    @property
    def _offers_agents(self) -> bool:
        """Whether the rule can be about one agent: blocks and plan limits are Claude Code's."""
        metric = self._metric.currentData()
        is_of_claude = metric in {Metric.BURN, Metric.PLAN} or (
            self._period.currentData() == BudgetPeriod.BLOCK
        )
        return self._has_agents and not self._is_of_team and not is_of_claude

    @property
    def _person(self) -> str:
        """The person whose usage it is about, or ""."""
        owner = str(self._owner.currentData())
        return owner.removeprefix(PERSON) if owner.startswith(PERSON) else ""

    def problem(self) -> Problem | None:
        """Return the first invalid input, if any."""
        metric = Metric(self._metric.currentData())
        if metric not in _WITHOUT_AMOUNT and self._amount.value() <= 0:
            text = translate("settings", "Enter an amount above 0.")
            return Problem(text, self._amount)
        if has_levels(metric) and not read_levels(self._levels.text()):
            text = translate(
                "settings", "Enter percentages up to 1000, separated by commas: 80, 100."
            )
            return Problem(text, self._levels)
        return None

    def _chosen_amount(self, metric: Metric) -> float:
        if metric is Metric.RESET:
            return 0.0
        if metric is not Metric.PLAN:
            return self._amount.value()
        before = self._before
        return before.amount if before is not None and before.metric is Metric.PLAN else WHOLE

    def _show(self, budget: Budget) -> None:
        choose(self._owner, owner_of(budget))
        choose(self._metric, budget.metric)
        self._on_metric()
        choose(self._period, budget.period)
        choose(self._agent, budget.agent)
        self._amount.setValue(budget.amount)
        projects = {folder: name for name, folder in self._projects.items()}
        models = {label: name for name, label in self._models.items()}
        for box, text in (
            (self._project, projects.get(budget.project, budget.project)),
            (self._model, models.get(budget.model, budget.model)),
        ):
            index = box.findText(text) if text else 0
            if index >= 0:
                box.setCurrentIndex(index)
            else:
                box.addItem(text)
                box.setCurrentIndex(box.count() - 1)
        self._levels.setText(level_words(budget) or USUAL)

    def _on_owner(self) -> None:
        """Offer what can be measured of it; the choice stays, if that is possible."""
        _offer(self._metric, metric_words(is_of_team=self._is_of_team), Metric.COST)
        self._on_metric()

    def _on_metric(self) -> None:
        metric = Metric(self._metric.currentData())
        is_tokens, is_plan = metric is Metric.TOKENS, metric is Metric.PLAN
        usual = BudgetPeriod.MONTH if self._is_of_team else BudgetPeriod.BLOCK
        _offer(self._period, period_words(metric, is_of_team=self._is_of_team), usual)
        self._amount.setDecimals(0 if is_tokens else 2)
        self._amount.setSingleStep(1_000_000 if is_tokens else 1)
        self._amount.setPrefix("" if is_tokens else "$ ")
        per_hour = translate("settings", " per hour")
        self._amount.setSuffix(per_hour if metric is Metric.BURN else "")
        self._form.setRowVisible(self._amount, metric not in _WITHOUT_AMOUNT)
        for field in (self._project, self._model):
            self._form.setRowVisible(field, not is_plan)
        self._form.setRowVisible(self._agent, self._offers_agents)
        self._form.setRowVisible(self._levels, has_levels(metric))
        self._hint.setText(_hint(metric))
        self._hint.setVisible(bool(_hint(metric)))

    def _on_period(self) -> None:
        self._form.setRowVisible(self._agent, self._offers_agents)

    def _accept(self) -> None:
        problem = self.problem()
        self._problem.show_problem(problem)
        if problem is None:
            self.accept()
        else:
            problem.field.setFocus(Qt.FocusReason.OtherFocusReason)


def _by_name(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the full name for each short name; ambiguous ones are replaced by the full names."""
    names = Counter(name for _, name in pairs)
    return {name if names[name] == 1 else whole: whole for whole, name in pairs}


def _offer(box: QComboBox, words: Mapping[Any, str], usual: object) -> None:
    """Offer other choices in a box; what was chosen stays, if it is among them."""
    if box.count() == len(words):
        return
    before = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for value, text in words.items():
            box.addItem(text, value)
        choose(box, before if before in words else usual)


def _scope(box: QComboBox) -> str:
    """Return what was chosen or typed; "" for the first choice, which means everything."""
    text = box.currentText().strip()
    return "" if text == box.itemText(0) else text


def _hint(metric: Metric) -> str:
    hints = {
        Metric.BURN: translate(
            "settings",
            "The burn rate of the active block; the period sets how often you are notified.",
        ),
        Metric.FORECAST: translate(
            "settings",
            "Notifies you if the amount is going to run out well before the period ends.",
        ),
        Metric.RESET: translate(
            "settings",
            "Notifies you at the end of a period in which at least 90 % of a budget was used.",
        ),
        Metric.PLAN: translate(
            "settings", "Claude Code reports how much is used; set this up under “Data sources”."
        ),
    }
    return hints.get(metric, "")

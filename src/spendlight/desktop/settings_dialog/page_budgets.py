"""The page of budgets, of more rules, and of when and how alerts are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Final

from PySide6.QtCore import QCoreApplication, QTime, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QMenu, QTimeEdit

from spendlight.desktop.settings_dialog.budget_editor import MOST, Scopes
from spendlight.desktop.settings_dialog.budget_table import BudgetTable
from spendlight.desktop.settings_dialog.budget_words import (
    CENTS,
    FORECAST,
    PLAN,
    PLAN_WEEK,
    RESET,
    SIMPLE,
    TICKED,
    is_simple,
    is_ticked,
)
from spendlight.desktop.settings_dialog.parts import (
    Problem,
    ProblemLine,
    SettingsPage,
    add_field,
    plain_button,
)
from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.metering.plan import WHOLE
from spendlight.settings import Settings

translate = QCoreApplication.translate

NIGHT: Final = (time(22), time(7))
"""The quiet hours offered by default."""


class BudgetsPage(SettingsPage):
    """Budgets for a block, a day, a week and a month; more rules; when alerts may be shown.

    Signals:
        test_requested: The user wants to see a notification.
        mute_requested: The user wants no alerts for a while; carries "HOUR", "TOMORROW", "RESET"
            or, for alerts again, "NOT".
    """

    test_requested = Signal()
    mute_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__(translate("settings", "Budgets and alerts"))
        self.add_text(
            translate(
                "settings",
                "You are notified when 80 % of a budget is used, and when it is used up. Amounts "
                "are list prices of the tokens, not a bill.",
            ),
            is_secondary=True,
        )
        self._amounts = self._add_amounts()
        self.add_gap()
        self._ticked = {
            FORECAST: self.add_check(
                translate("settings", "Notify me when the budget for a block will not &last")
            ),
            RESET: self.add_check(
                translate(
                    "settings", "Notify me at the &end of a block with a budget nearly used up"
                )
            ),
        }
        self._forecast_note = ProblemLine()
        self.column.addWidget(self._forecast_note)
        self.add_gap()
        self._ticked |= {
            PLAN: self.add_check(
                translate("settings", "Notify me at 80 % and 100 % of the plan’s &5-hour limit")
            ),
            PLAN_WEEK: self.add_check(
                translate("settings", "Notify me at 80 % and 100 % of the plan’s wee&kly limit")
            ),
        }
        self.add_group(translate("settings", "More rules"))
        self._table = BudgetTable()
        self._table.edited.connect(self.edited)
        self.column.addWidget(self._table)
        self.add_group(translate("settings", "Notifications"))
        self._is_on = self.add_check(translate("settings", "&Show alerts as notifications"))
        self._add_quiet_hours()
        self.add_gap()
        self._muted = self.add_text(is_secondary=True)
        self._muted.hide()
        mute = plain_button(translate("settings", "M&ute"))
        self._mute_menu = self._make_mute_menu()
        mute.setMenu(self._mute_menu)
        test = plain_button(translate("settings", "Send &test notification"))
        test.clicked.connect(self.test_requested)
        self.add_row(test, mute)
        self._delivery = self.add_text(is_secondary=True)
        self._policy = AlertPolicy()
        self._ticked[FORECAST].toggled.connect(self._on_forecast)
        self._amounts[BudgetPeriod.BLOCK].valueChanged.connect(self._on_forecast)
        self.finish()

    def show_delivery(self, words: str) -> None:
        """Show how notifications are delivered."""
        self._delivery.setText(words)

    def show_muted(self, until: str) -> None:
        """Show until when alerts are muted; "" if they are not."""
        words = translate("settings", "Alerts are muted until {time}.").format(time=until)
        self._muted.setText(words if until else "")
        self._muted.setVisible(bool(until))
        self._unmute.setEnabled(bool(until))

    def show_scopes(self, scopes: Scopes) -> None:
        """Set the projects and models to choose from."""
        self._table.show_scopes(scopes)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        simple = {budget.period: budget for budget in settings.budgets if is_simple(budget)}
        for period, field in self._amounts.items():
            budget = simple.get(period)
            field.setValue(budget.amount if budget is not None and budget.is_on else 0.0)
        ticked = {budget.name for budget in settings.budgets if is_ticked(budget) and budget.is_on}
        for name, box in self._ticked.items():
            box.setChecked(name in ticked)
        self._table.show_budgets(
            [
                budget
                for budget in settings.budgets
                if not is_simple(budget) and not is_ticked(budget)
            ]
        )
        policy = self._policy = settings.alerts
        self._is_on.setChecked(policy.is_on)
        self._is_quiet.setChecked(policy.quiet_from is not None and policy.quiet_until is not None)
        self._from.setTime(_as_qt(policy.quiet_from or NIGHT[0]))
        self._until.setTime(_as_qt(policy.quiet_until or NIGHT[1]))
        self._breaks.setChecked(policy.critical_breaks_quiet)
        self._on_quiet()

    def chosen(self, settings: Settings) -> Settings:
        """Return the settings with what is chosen on this page."""
        before = {
            budget.name: budget
            for budget in settings.budgets
            if is_simple(budget) or is_ticked(budget)
        }
        budgets: list[Budget] = []
        for period, field in self._amounts.items():
            amount, known = field.value(), before.get(SIMPLE[period])
            if amount > 0:
                budget = known or Budget(name=SIMPLE[period], period=period)
                is_same = round(budget.amount, CENTS) == amount  # the file may have more decimals
                amount = budget.amount if is_same else amount
                budgets.append(replace(budget, amount=amount, is_on=True))
            elif known is not None and not known.is_on:
                budgets.append(known)  # was off before, and still is
        block = self._amounts[BudgetPeriod.BLOCK].value()
        for name, (metric, period) in TICKED.items():
            known = before.get(name)
            percent = WHOLE if known is None else known.amount
            amount = {Metric.RESET: 0.0, Metric.PLAN: percent}.get(metric, block)
            if self._ticked[name].isChecked() and (amount > 0 or metric is Metric.RESET):
                budget = known or Budget(name=name, metric=metric, period=period)
                budgets.append(replace(budget, amount=amount or budget.amount, is_on=True))
            elif known is not None and not known.is_on:
                budgets.append(known)
        is_quiet = self._is_quiet.isChecked()
        policy = AlertPolicy(
            is_on=self._is_on.isChecked(),
            quiet_from=_as_time(self._from.time()) if is_quiet else None,
            quiet_until=_as_time(self._until.time()) if is_quiet else None,
            critical_breaks_quiet=self._breaks.isChecked(),
        )
        return replace(settings, budgets=(*budgets, *self._table.budgets), alerts=policy)

    def problem(self) -> Problem | None:
        """Return the problem if the quiet hours begin and end at the same time."""
        if self._is_quiet.isChecked() and self._from.time() == self._until.time():
            text = translate(
                "settings", "Quiet hours cannot begin and end at the same time. Change one of them."
            )
            return Problem(text, self._until)
        return None

    def _add_amounts(self) -> dict[BudgetPeriod, QDoubleSpinBox]:
        form = self.add_form()
        labels = {
            BudgetPeriod.BLOCK: translate("settings", "Five-hour &block"),
            BudgetPeriod.DAY: translate("settings", "&Day"),
            BudgetPeriod.WEEK: translate("settings", "&Week"),
            BudgetPeriod.MONTH: translate("settings", "&Month"),
        }
        fields: dict[BudgetPeriod, QDoubleSpinBox] = {}
        for period, text in labels.items():
            field = fields[period] = QDoubleSpinBox()
            field.setRange(0, MOST)
            field.setDecimals(CENTS)
            field.setGroupSeparatorShown(True)
            field.setPrefix("$ ")
            field.setSpecialValueText(translate("settings", "No budget"))
            field.setMinimumWidth(field.fontMetrics().averageCharWidth() * 20)
            field.setAccessibleName(text.replace("&", ""))
            field.valueChanged.connect(self.edited)
            add_field(form, text, field)
        return fields

    def _add_quiet_hours(self) -> None:
        self._is_quiet = self.add_check(translate("settings", "&Quiet hours"))
        self._from, self._until = QTimeEdit(), QTimeEdit()
        begin = QLabel(translate("settings", "&from"))
        end = QLabel(translate("settings", "u&ntil"))
        for label, field, name in (
            (begin, self._from, translate("settings", "Quiet from")),
            (end, self._until, translate("settings", "Quiet until")),
        ):
            label.setBuddy(field)
            field.setAccessibleName(name)
            field.timeChanged.connect(self._on_quiet)
        self.add_row(begin, self._from, end, self._until)
        self._quiet_problem = ProblemLine()
        self.column.addWidget(self._quiet_problem)
        self._breaks = self.add_check(
            translate("settings", "Show &critical alerts during quiet hours too")
        )
        self._quiet_parts = (begin, self._from, end, self._until, self._breaks)
        self._is_quiet.toggled.connect(self._on_quiet)

    def _make_mute_menu(self) -> QMenu:
        menu = QMenu(self)
        for name, text in (
            ("HOUR", translate("settings", "For an &hour")),
            ("TOMORROW", translate("settings", "Until &tomorrow")),
            ("RESET", translate("settings", "Until the &block ends")),
            ("NOT", translate("settings", "&Unmute")),
        ):
            self._unmute = menu.addAction(text)
            self._unmute.setData(name)
        self._unmute.setEnabled(False)
        menu.triggered.connect(self._on_mute)
        return menu

    def _on_mute(self, action: QAction) -> None:
        self.mute_requested.emit(str(action.data()))

    def _on_quiet(self) -> None:
        for widget in self._quiet_parts:
            widget.setEnabled(self._is_quiet.isChecked())
        self._quiet_problem.show_problem(self.problem())
        self.edited.emit()

    def _on_forecast(self) -> None:
        has_budget = self._amounts[BudgetPeriod.BLOCK].value() > 0
        text = translate("settings", "This requires a budget for the block.")
        is_idle = self._ticked[FORECAST].isChecked() and not has_budget
        self._forecast_note.show_text(text if is_idle else "")


def _as_qt(moment: time) -> QTime:
    return QTime(moment.hour, moment.minute)


def _as_time(moment: QTime) -> time:
    return time(moment.hour(), moment.minute())

"""The page of budgets and alerts."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QTime, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QListWidget, QPushButton, QTimeEdit

from spendlight.desktop.settings_dialog.parts import SettingsPage
from spendlight.metering.limits import AlertPolicy, LimitPeriod, Metric, SpendLimit
from spendlight.settings import Settings

translate = QCoreApplication.translate

_MOST_DOLLARS = 1_000_000.0
_SIMPLE = {
    LimitPeriod.BLOCK: "block",
    LimitPeriod.DAY: "day",
    LimitPeriod.WEEK: "week",
    LimitPeriod.MONTH: "month",
}
_MORE = (
    (Metric.FORECAST, "forecast"),
    (Metric.RESET, "reset"),
)


def is_simple(limit: SpendLimit) -> bool:
    """Return whether a limit is one of those with a field of its own."""
    return (
        limit.metric is Metric.COST
        and not limit.project
        and not limit.model
        and limit.name == _SIMPLE[limit.period]
    )


class BudgetsPage(SettingsPage):
    """Budgets for a block, a day, a week and a month, and when alerts may be heard.

    Signals:
        test_requested: The user wants to see a notification.
    """

    test_requested = Signal()

    def __init__(self) -> None:
        super().__init__(translate("settings", "Budgets and alerts"))
        self.add_text(
            translate(
                "settings",
                "You are told at 80 % and when a budget is spent. Money is the list price of the"
                " tokens, not a bill. Nothing in a field means no budget.",
            )
        )
        form = self.add_form()
        labels = {
            LimitPeriod.BLOCK: translate("settings", "Five-hour &block"),
            LimitPeriod.DAY: translate("settings", "&Day"),
            LimitPeriod.WEEK: translate("settings", "&Week"),
            LimitPeriod.MONTH: translate("settings", "&Month"),
        }
        self._amounts: dict[LimitPeriod, QDoubleSpinBox] = {}
        for period, text in labels.items():
            field = QDoubleSpinBox()
            field.setRange(0, _MOST_DOLLARS)
            field.setDecimals(2)
            field.setPrefix("$ ")
            field.setSpecialValueText(translate("settings", "none"))
            field.setAccessibleName(text.replace("&", ""))
            form.addRow(text, field)
            self._amounts[period] = field
        self.add_gap()
        self._forecast = self.add_check(
            translate("settings", "Tell me when a block’s budget will not &last")
        )
        self._reset = self.add_check(
            translate("settings", "Tell me when a block &ends that was nearly used up")
        )
        self.add_gap()
        self._others_title = self.add_text(translate("settings", "Other limits in the file"))
        self._others = QListWidget()
        self._others.setAccessibleName(translate("settings", "Other limits"))
        self._others.setMaximumHeight(96)
        self.column.addWidget(self._others)
        self._remove = QPushButton(translate("settings", "&Remove"))
        self._remove.clicked.connect(self._remove_chosen)
        row = QHBoxLayout()
        row.addWidget(self._remove)
        row.addStretch(1)
        self.column.addLayout(row)
        self.add_gap()
        self._is_on = self.add_check(translate("settings", "&Show alerts as notifications"))
        self._is_quiet = self.add_check(translate("settings", "&Quiet hours"))
        hours = self.add_form()
        self._from, self._until = QTimeEdit(), QTimeEdit()
        self._from.setAccessibleName(translate("settings", "Quiet from"))
        self._until.setAccessibleName(translate("settings", "Quiet until"))
        hours.addRow(translate("settings", "&From"), self._from)
        hours.addRow(translate("settings", "&Until"), self._until)
        self._breaks = self.add_check(
            translate("settings", "&Critical alerts are shown in quiet hours too")
        )
        self._is_quiet.toggled.connect(self._on_quiet)
        self.add_gap()
        self._delivery = self.add_text()
        test = QPushButton(translate("settings", "Send &test notification"))
        test.clicked.connect(self.test_requested)
        tests = QHBoxLayout()
        tests.addWidget(test)
        tests.addStretch(1)
        self.column.addLayout(tests)
        self.finish()
        self._limits: tuple[SpendLimit, ...] = ()

    def show_delivery(self, words: str) -> None:
        """Say how notifications are shown."""
        self._delivery.setText(words)

    def show_settings(self, settings: Settings) -> None:
        """Show what was chosen."""
        simple = {limit.period: limit for limit in settings.limits if is_simple(limit)}
        for period, field in self._amounts.items():
            limit = simple.get(period)
            field.setValue(limit.amount if limit is not None and limit.is_on else 0.0)
        named = {limit.name: limit for limit in settings.limits}
        for (_, name), box in zip(_MORE, (self._forecast, self._reset), strict=True):
            box.setChecked(name in named and named[name].is_on)
        extra = {name for _, name in _MORE}
        self._limits = tuple(
            limit for limit in settings.limits if not is_simple(limit) and limit.name not in extra
        )
        self._show_others()
        policy = settings.alerts
        self._is_on.setChecked(policy.is_on)
        has_hours = policy.quiet_from is not None and policy.quiet_until is not None
        self._is_quiet.setChecked(has_hours)
        self._from.setTime(QTime(22, 0) if policy.quiet_from is None else _qt(policy.quiet_from))
        self._until.setTime(QTime(7, 0) if policy.quiet_until is None else _qt(policy.quiet_until))
        self._breaks.setChecked(policy.critical_breaks_quiet)
        self._on_quiet(has_hours)

    def changed(self, settings: Settings) -> Settings:
        """Return the settings with what was chosen here."""
        before = {limit.name: limit for limit in settings.limits}
        limits: list[SpendLimit] = []
        for period, field in self._amounts.items():
            amount = field.value()
            if amount <= 0:
                continue
            name = _SIMPLE[period]
            known = before.get(name) or SpendLimit(name=name, amount=amount, period=period)
            limits.append(replace(known, amount=amount, is_on=True))
        block = self._amounts[LimitPeriod.BLOCK].value()
        for (metric, name), box in zip(_MORE, (self._forecast, self._reset), strict=True):
            if box.isChecked() and (block > 0 or metric is Metric.RESET):
                limits.append(SpendLimit(name=name, amount=max(block, 1.0), metric=metric))
        quiet = self._is_quiet.isChecked()
        policy = AlertPolicy(
            is_on=self._is_on.isChecked(),
            quiet_from=self._from.time().toPython() if quiet else None,  # type: ignore[arg-type]  # a time
            quiet_until=self._until.time().toPython() if quiet else None,  # type: ignore[arg-type]  # a time
            critical_breaks_quiet=self._breaks.isChecked(),
        )
        return replace(settings, limits=(*limits, *self._limits), alerts=policy)

    def _on_quiet(self, is_quiet: bool) -> None:  # noqa: FBT001  # a slot
        for widget in (self._from, self._until, self._breaks):
            widget.setEnabled(is_quiet)

    def _show_others(self) -> None:
        self._others.clear()
        for limit in self._limits:
            parts = (limit.name, limit.metric.value, limit.period.value, f"{limit.amount:,g}")
            scope = (limit.project, limit.model)
            self._others.addItem(" · ".join(part for part in (*parts, *scope) if part))
        for widget in (self._others_title, self._others, self._remove):
            widget.setVisible(bool(self._limits))

    def _remove_chosen(self) -> None:
        row = self._others.currentRow()
        if row >= 0:
            self._limits = self._limits[:row] + self._limits[row + 1 :]
            self._show_others()


def _qt(moment: object) -> QTime:
    """Return a time of day as Qt has it."""
    text = f"{moment:%H:%M}"
    return QTime.fromString(text, "HH:mm")

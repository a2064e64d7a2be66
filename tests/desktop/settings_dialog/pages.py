"""Finds widgets of the dialog as a user does, by their names."""

from __future__ import annotations

from datetime import time as clock
from typing import TypeVar

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from spendlight.desktop.settings_dialog import TrayPreview
from spendlight.metering.budgets import AlertPolicy, Budget, BudgetPeriod, Metric
from spendlight.metering.pricing import CostMode
from spendlight.settings import AgentChoices, Appearance, Settings, TrayText

GENERAL, TRAY, BUDGETS, SOURCES, PRICES, PRIVACY, DIAGNOSTICS = range(7)

Kind = TypeVar("Kind", bound=QWidget)

CHOSEN = Settings(
    tray_text=TrayText.BURN,
    appearance=Appearance.DARK,
    starts_at_login=True,
    week_start=0,
    time_zone="Europe/Berlin",
    budgets=(
        Budget(name="block", amount=5.0),
        Budget(name="month", amount=200.0, period=BudgetPeriod.MONTH),
        Budget(name="forecast", amount=5.0, metric=Metric.FORECAST),
        Budget(name="kettle", amount=20.0, period=BudgetPeriod.WEEK, project="-home-kettle"),
    ),
    alerts=AlertPolicy(quiet_from=clock(22, 30), quiet_until=clock(6, 15), is_on=False),
    config_dirs=("/data/claude", "~/other"),
    agents=AgentChoices(off=("amp",), folders=(("codex", ("/data/codex",)),)),
    with_vms=False,
    cost_mode=CostMode.CALCULATE,
    is_offline=True,
    check_for_updates=False,
    prices_file="/data/prices.json",
    is_private=True,
    has_offered_budgets=True,
)
"""Settings that all differ from the defaults."""


def preview(beside: TrayText) -> TrayPreview:
    """Return a tray text that shows the name of the text beside the icon."""
    return TrayPreview(QIcon(), f"<{beside}>", "Block $3.75\nToday $9.10", has_room=True)


def named(parent: QWidget, kind: type[Kind], name: str) -> Kind:
    """Return the widget with an accessible name."""
    return next(one for one in parent.findChildren(kind) if one.accessibleName() == name)


def button(parent: QWidget, text: str) -> QAbstractButton:
    """Return the button or checkbox whose text contains some words."""
    buttons = parent.findChildren(QAbstractButton)
    return next(one for one in buttons if text in one.text().replace("&", ""))


def said(parent: QWidget) -> str:
    """Return all visible texts."""
    labels = (label for label in parent.findChildren(QLabel) if label.isVisible())
    return "\n".join(label.text().replace("\u200b", "") for label in labels)

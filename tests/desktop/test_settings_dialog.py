from __future__ import annotations

from collections.abc import Iterator
from datetime import time as clock
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from spendlight.desktop.settings_dialog import SettingsDialog
from spendlight.metering.limits import AlertPolicy, LimitPeriod, Metric, SpendLimit
from spendlight.settings import Appearance, Settings, TrayText

CHOSEN = Settings(
    tray_text=TrayText.BURN,
    appearance=Appearance.DARK,
    starts_at_login=True,
    week_start=0,
    time_zone="Europe/Berlin",
    limits=(
        SpendLimit(name="block", amount=5.0),
        SpendLimit(name="month", amount=200.0, period=LimitPeriod.MONTH),
        SpendLimit(name="forecast", amount=5.0, metric=Metric.FORECAST),
        SpendLimit(name="kettle", amount=20.0, period=LimitPeriod.WEEK, project="-home-kettle"),
    ),
    alerts=AlertPolicy(quiet_from=clock(22, 30), quiet_until=clock(6, 15)),
    config_dirs=("/data/claude", "~/other"),
    with_vms=False,
    is_offline=True,
    prices_file="/data/prices.json",
    is_private=True,
)


Kind = TypeVar("Kind", bound=QWidget)


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SettingsDialog]:
    dialog = SettingsDialog(lambda beside: f"<{beside}>", lambda: "Memory 75 MB")
    qtbot.addWidget(dialog)
    dialog.show_settings(Settings())
    dialog.show()
    yield dialog
    dialog.close()


def named(dialog: SettingsDialog, kind: type[Kind], name: str) -> Kind:
    return next(one for one in dialog.findChildren(kind) if one.accessibleName() == name)


def button(dialog: SettingsDialog, text: str) -> QAbstractButton:
    return next(
        one for one in dialog.findChildren(QAbstractButton) if text in one.text().replace("&", "")
    )


def test_what_is_shown_is_what_is_applied(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)

    with qtbot.waitSignal(dialog.applied) as done:
        QTest.mouseClick(button(dialog, "OK"), Qt.MouseButton.LeftButton)

    assert done.args == [CHOSEN]
    assert not dialog.isVisible()


def test_nothing_is_applied_when_it_is_cancelled(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)

    with qtbot.assertNotEmitted(dialog.applied):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


def test_a_budget_is_set_by_typing_it(qtbot: QtBot, dialog: SettingsDialog) -> None:
    field = named(dialog, QDoubleSpinBox, "Day")
    field.selectAll()
    QTest.keyClicks(field, "12.5")
    apply = dialog.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Apply)

    with qtbot.waitSignal(dialog.applied) as done:
        QTest.mouseClick(apply, Qt.MouseButton.LeftButton)

    assert done.args is not None
    assert done.args[0].limits == (SpendLimit(name="day", amount=12.5, period=LimitPeriod.DAY),)
    assert dialog.isVisible()


def test_no_amount_is_no_budget(dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)
    field = named(dialog, QDoubleSpinBox, "Month")

    field.setValue(0)

    assert "month" not in {limit.name for limit in dialog.chosen().limits}


def test_a_limit_from_the_file_can_be_removed(dialog: SettingsDialog) -> None:
    dialog.show_settings(CHOSEN)
    dialog.show_page(2)
    others = named(dialog, QListWidget, "Other limits")
    assert others.item(0).text() == "kettle · cost · week · 20 · -home-kettle"
    others.setCurrentRow(0)

    QTest.mouseClick(button(dialog, "Remove"), Qt.MouseButton.LeftButton)

    assert "kettle" not in {limit.name for limit in dialog.chosen().limits}


def test_the_tray_is_previewed(dialog: SettingsDialog) -> None:
    box = named(dialog, QComboBox, "Beside the icon")

    box.setCurrentIndex(box.findData(TrayText.TIME_LEFT))

    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Now that would be: <time-left>" in texts


def test_diagnostics_are_looked_at_only_while_they_are_shown(
    qtbot: QtBot, dialog: SettingsDialog
) -> None:
    text = named(dialog, QPlainTextEdit, "Diagnostics")
    assert not text.toPlainText()

    dialog.show_page(6)
    qtbot.waitUntil(lambda: text.toPlainText() == "Memory 75 MB")


def test_it_says_what_it_is_told(dialog: SettingsDialog) -> None:
    dialog.show_delivery("Notifications go through dunst 1.9.")
    dialog.show_prices("LiteLLM list of 2026-11-21")
    dialog.show_sources([("/home/ada/.claude", 2227)], "/home/ada/ledger")

    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for said in ("dunst 1.9", "2026-11-21", "/home/ada/.claude: 2,227 logs", "/home/ada/ledger"):
        assert said in texts


def test_everything_has_a_name_for_those_who_listen(dialog: SettingsDialog) -> None:
    for kind in (QComboBox, QDoubleSpinBox, QListWidget, QPlainTextEdit):
        for widget in dialog.findChildren(kind):
            assert widget.accessibleName(), widget
    inner = {"qt_spinbox_lineedit"}
    for edit in dialog.findChildren(QLineEdit):
        assert edit.accessibleName() or edit.objectName() in inner


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(LimitPeriod)), st.integers(1, 10**8).map(lambda cents: cents / 100)
    ),
    st.booleans(),
)
def test_budgets_come_back_to_the_cent(
    budgets: dict[LimitPeriod, float],
    is_on: bool,  # noqa: FBT001  # any value
) -> None:
    limits = tuple(
        SpendLimit(name=period.value, amount=budgets[period], period=period)
        for period in LimitPeriod
        if period in budgets
    )
    chosen = Settings(limits=limits, alerts=AlertPolicy(is_on=is_on))
    dialog = SettingsDialog(lambda _: "", lambda: "")

    dialog.show_settings(chosen)

    assert dialog.chosen() == chosen

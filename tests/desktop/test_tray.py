from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from spendlight.desktop.tray import Mute, QtItem, Tray

WAIT_MS = 50


@pytest.fixture
def tray(qapp: QApplication) -> Iterator[Tray]:  # noqa: ARG001  # it needs one
    tray = Tray(wait_ms=WAIT_MS)
    yield tray
    tray.remove()
    tray.deleteLater()


def icon() -> QIcon:
    return QIcon(QPixmap(16, 16))


def shown(*texts: str) -> list[tuple[str, str]]:
    return [(text, "now") for text in texts if text]


def mutes(tray: Tray) -> list[QAction]:
    menu = next(row.menu() for row in rows(tray) if isinstance(row.menu(), QMenu))
    assert isinstance(menu, QMenu)
    return menu.actions()


def rows(tray: Tray) -> list[QAction]:
    return [action for action in tray.menu.actions() if not action.isSeparator()]


def set_available(monkeypatch: pytest.MonkeyPatch, *, is_available: bool) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: is_available)


def test_names_in_the_tooltip_are_never_shown_as_html(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "setToolTip", lambda _item, text: told.append(text))
    menu = QMenu()
    qtbot.addWidget(menu)

    QtItem(menu, lambda: None, lambda: None).set_tooltip("Budget for <b>x</b><img src=x>: 80 %")

    assert told == ["Budget for \u2039b>x\u2039/b>\u2039img src=x>: 80 %"]


def test_the_first_rows_of_the_menu_show_the_state(tray: Tray) -> None:
    tray.show_state(icon(), "tip", shown("Block $3.75 · ends 14:20", "Today $9.10"))

    seen = [row for row in rows(tray) if row.isVisible()]
    assert [row.text() for row in seen] == [
        "Block $3.75 · ends 14:20",
        "Today $9.10",
        "&Open window",
        "&Refresh now",
        "&Mute alerts",
        "&Settings…",
        "&Quit",
    ]
    assert all(row.isEnabled() for row in seen)
    assert tray.tooltip == "tip"


def test_the_rows_are_changed_in_place(tray: Tray) -> None:
    tray.show_state(icon(), "", shown("Block $1.00", "Today $1.00"))
    before = rows(tray)

    tray.show_state(icon(), "", shown("Block $2.00", "Today $2.00"))

    assert rows(tray) == before
    assert before[0].text() == "Block $2.00"


def test_unchanged_rows_are_not_updated(qtbot: QtBot, tray: Tray) -> None:
    same = icon()
    tray.show_state(same, "tip", shown("Block", "Today"))
    block, today, *_ = rows(tray)

    with qtbot.assertNotEmitted(block.changed), qtbot.assertNotEmitted(today.changed):
        tray.show_state(same, "tip", shown("Block", "Today"))


def test_an_empty_row_is_hidden(tray: Tray) -> None:
    tray.show_state(icon(), "", shown("No usage yet", ""))
    assert not rows(tray)[1].isVisible()

    tray.show_state(icon(), "", shown("Block", "Today $1.00"))
    assert rows(tray)[1].isVisible()


def test_a_newer_version_has_a_row(tray: Tray) -> None:
    row = rows(tray)[-2]
    assert not row.isVisible()

    tray.show_update("Version 1.2.0 is available")
    assert (row.text(), row.isVisible()) == ("Version 1.2.0 is available", True)

    tray.show_update("")
    assert not row.isVisible()


def test_an_ampersand_is_shown_literally(tray: Tray) -> None:
    tray.show_state(icon(), "", shown("R & D is busy", ""))

    assert rows(tray)[0].text() == "R && D is busy"


def test_every_row_does_what_it_says(qtbot: QtBot, tray: Tray) -> None:
    *_, open_window, refresh, _, settings, update, leave = rows(tray)

    for row, wanted in (
        (open_window, tray.open_requested),
        (refresh, tray.refresh_requested),
        (settings, tray.settings_requested),
        (update, tray.update_requested),
        (leave, tray.quit_requested),
    ):
        with qtbot.waitSignal(wanted):
            row.trigger()


def test_a_row_about_the_state_opens_the_page_with_details(qtbot: QtBot, tray: Tray) -> None:
    tray.show_state(icon(), "tip", [("Block", "now"), ("Today", "history")])

    for row, page in zip(rows(tray), ("now", "history"), strict=False):
        with qtbot.waitSignal(tray.page_requested) as asked:
            row.trigger()
        assert asked.args == [page]


@pytest.mark.parametrize("mute", [Mute.HOUR, Mute.TOMORROW, Mute.RESET, Mute.NOT])
def test_alerts_can_be_muted_from_the_menu(qtbot: QtBot, tray: Tray, mute: Mute) -> None:
    row = next(row for row in mutes(tray) if row.data() is mute)

    with qtbot.waitSignal(tray.mute_requested) as asked:
        row.trigger()

    assert asked.args == [mute]


def test_the_menu_says_until_when_alerts_are_muted(tray: Tray) -> None:
    assert [row.data() for row in mutes(tray) if row.isVisible()] == [
        Mute.HOUR,
        Mute.TOMORROW,
        Mute.RESET,
    ]

    tray.show_muted("14:20")
    assert [row.data() for row in mutes(tray) if row.isVisible()] == [Mute.NOT]
    assert "Alerts muted until 14:20" in [row.text() for row in rows(tray)]

    tray.show_muted("")
    assert "&Mute alerts" in [row.text() for row in rows(tray)]


def test_a_missing_tray_is_reported_after_a_delay(qtbot: QtBot, tray: Tray) -> None:
    with qtbot.waitSignal(tray.missing, timeout=WAIT_MS * 20):
        tray.show()

    with qtbot.assertNotEmitted(tray.missing, wait=WAIT_MS * 2):
        tray.check()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # offscreen has none
def test_a_tray_that_appears_in_time_is_used(
    qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.assertNotEmitted(tray.missing, wait=WAIT_MS * 2):
        tray.show()
        set_available(monkeypatch, is_available=True)


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # offscreen has none
def test_a_tray_that_appears_late_is_reported(
    qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray.show_state(icon(), "tip", shown("Block", "Today"))
    with qtbot.waitSignal(tray.missing):
        tray.show()

    set_available(monkeypatch, is_available=True)
    with qtbot.waitSignal(tray.found):
        tray.check()

    set_available(monkeypatch, is_available=False)
    with qtbot.waitSignal(tray.missing):
        tray.check()


def test_the_menu_outlives_the_icon(tray: Tray) -> None:
    tray.remove()
    tray.show_state(icon(), "tip", shown("Block", "Today"))

    assert isinstance(tray.menu, QMenu)
    assert rows(tray)[0].text() == "Block"

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from tests.desktop.fake_appkit import Button, FakeAppKit, Menu

from spendlight.desktop.status_item import POINTS, StatusItem
from spendlight.desktop.tray import Tray

LEFT, RIGHT, CONTROL = 2, 4, 1 << 18


class Clicks:
    def __init__(self) -> None:
        self.clicked = 0
        self.message_clicked = 0

    def click(self) -> None:
        self.clicked += 1

    def click_message(self) -> None:
        self.message_clicked += 1


@pytest.fixture
def kit() -> FakeAppKit:
    return FakeAppKit()


@pytest.fixture
def clicks() -> Clicks:
    return Clicks()


@pytest.fixture
def menu(qtbot: QtBot) -> QMenu:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Block $3.75")
    menu.addSeparator()
    below = menu.addMenu("&Mute alerts")
    below.addAction("For &1 hour")
    menu.addAction("R && D")
    return menu


@pytest.fixture
def item(kit: FakeAppKit, menu: QMenu, clicks: Clicks) -> StatusItem:
    return StatusItem(menu, clicks.click, clicks.click_message, appkit=kit)


def button(kit: FakeAppKit) -> Button:
    return kit.items[0].button()


def click(kit: FakeAppKit, kind: int, flags: int = 0) -> None:
    kit.event = SimpleNamespace(type=lambda: kind, modifierFlags=lambda: flags)
    target = vars(button(kit))["target"]
    target.clicked_(None)


def opened(kit: FakeAppKit) -> Menu:
    """Return the menu that a click with the right button opens."""
    click(kit, RIGHT)
    return button(kit).opened[-1]


def test_a_text_is_shown_beside_the_icon(kit: FakeAppKit, item: StatusItem) -> None:
    item.set_text("$3.75")
    item.set_tooltip("Block $3.75")

    assert vars(button(kit))["title"] == " $3.75"
    assert vars(button(kit))["toolTip"] == "Block $3.75"

    item.set_text("")
    assert vars(button(kit))["title"] == ""


def test_the_glyph_is_a_template_in_points(kit: FakeAppKit, item: StatusItem) -> None:
    item.set_icon(QIcon(QPixmap(32, 32)))

    image = vars(button(kit))["image"]
    assert (vars(image)["size"], vars(image)["template"]) == ((POINTS, POINTS), True)
    assert QImage.fromData(vars(image)["content"]).width() == 2 * POINTS


@pytest.mark.usefixtures("item")
def test_a_click_is_reported_and_opens_no_menu(kit: FakeAppKit, clicks: Clicks) -> None:
    click(kit, LEFT)

    assert clicks.clicked == 1
    assert button(kit).opened == []


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize(("kind", "flags"), [(RIGHT, 0), (LEFT, CONTROL)])
def test_the_right_button_opens_the_menu(
    kit: FakeAppKit, clicks: Clicks, kind: int, flags: int
) -> None:
    click(kit, kind, flags)

    assert len(button(kit).opened) == 1
    assert clicks.clicked == 0
    assert vars(kit.items[0])["menu"] is None  # the next click is a click again


@pytest.mark.usefixtures("item")
def test_the_menu_equals_qts(kit: FakeAppKit) -> None:
    shown = opened(kit)

    assert shown.titles() == ["Block $3.75", "Mute alerts", "R & D"]
    assert shown.item("Mute alerts").submenu.titles() == ["For 1 hour"]


@pytest.mark.usefixtures("item")
def test_the_menu_is_updated_in_place(kit: FakeAppKit, menu: QMenu) -> None:
    shown = opened(kit)
    first, _, _, last = menu.actions()
    rows = list(shown.items)

    first.setText("Block $4.00")
    last.setVisible(False)

    assert shown.titles() == ["Block $4.00", "Mute alerts"]
    assert opened(kit).items == rows


@pytest.mark.usefixtures("item")
def test_a_row_has_the_effect_of_the_row_in_qts_menu(
    qtbot: QtBot, kit: FakeAppKit, menu: QMenu
) -> None:
    shown = opened(kit)
    below = menu.actions()[2].menu()
    assert isinstance(below, QMenu)

    for row, action in (
        (shown.item("Block $3.75"), menu.actions()[0]),
        (shown.item("Mute alerts").submenu.item("For 1 hour"), below.actions()[0]),
    ):
        with qtbot.waitSignal(action.triggered):
            vars(row)["target"].chosen_(SimpleNamespace(tag=lambda row=row: row.tag))


def test_a_message_is_delivered_and_its_click_reported(
    kit: FakeAppKit, item: StatusItem, clicks: Clicks
) -> None:
    item.show_message("Block budget used up", "$5.00 of $5.00", is_critical=True)

    (message,) = kit.delivered
    assert (vars(message)["title"], vars(message)["informativeText"]) == (
        "Block budget used up",
        "$5.00 of $5.00",
    )
    delegate = vars(kit.center)["delegate"]
    assert delegate.userNotificationCenter_shouldPresentNotification_(None, message)
    delegate.userNotificationCenter_didActivateNotification_(None, message)
    assert clicks.message_clicked == 1


def test_without_a_bundle_there_is_no_message_and_no_failure(menu: QMenu, clicks: Clicks) -> None:
    kit = FakeAppKit(is_bundle=False)
    item = StatusItem(menu, clicks.click, clicks.click_message, appkit=kit)

    item.show_message("Title", "Text", is_critical=False)

    assert kit.delivered == []


def test_after_its_removal_it_is_not_updated(
    kit: FakeAppKit, item: StatusItem, menu: QMenu
) -> None:
    shown = opened(kit)

    item.remove()
    menu.actions()[0].setText("Other")

    assert kit.items == []
    assert shown.titles()[0] == "Block $3.75"


def test_on_other_systems_it_cannot_be_created(menu: QMenu, clicks: Clicks) -> None:
    with pytest.raises(ImportError):
        StatusItem(menu, clicks.click, clicks.click_message)


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # offscreen has none
def test_the_tray_shows_its_state_in_it(
    qtbot: QtBot, kit: FakeAppKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tray = Tray(make_item=lambda *parts: StatusItem(*parts, appkit=kit))
    monkeypatch.setattr(
        "spendlight.desktop.tray.QSystemTrayIcon.isSystemTrayAvailable", lambda: True
    )
    tray.show()

    tray.show_state(QIcon(QPixmap(32, 32)), "tip", [("Block $3.75", "now")], "$3.75")

    assert vars(button(kit))["title"] == " $3.75"
    assert opened(kit).titles()[:2] == ["Block $3.75", "Open window"]
    with qtbot.waitSignal(tray.toggle_requested):
        click(kit, LEFT)
    tray.remove()
    tray.deleteLater()
    assert kit.items == []

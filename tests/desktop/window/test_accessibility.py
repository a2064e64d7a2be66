from __future__ import annotations

import re
from itertools import pairwise

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from tests.desktop.window.conftest import Shown

from spendlight.desktop.window.dialogs import KeysDialog, TextDialog
from spendlight.desktop.window.pages import PageKey

PAGES = list(PageKey)[:8]

NAMED = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.CheckBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.List,
    QAccessible.Role.ListItem,
    QAccessible.Role.ProgressBar,
    QAccessible.Role.SpinBox,
    QAccessible.Role.Table,
}


def tree(widget: QWidget) -> list[QAccessibleInterface]:
    """Return everything that a screen reader finds in a widget, except the cells of tables."""
    found: list[QAccessibleInterface] = []
    waiting = [QAccessible.queryAccessibleInterface(widget)]
    while waiting:
        here = waiting.pop()
        if here.state().invisible:
            continue
        found.append(here)
        if here.role() not in {QAccessible.Role.Table, QAccessible.Role.ComboBox}:
            waiting += [here.child(number) for number in range(here.childCount())]
    return found


@pytest.mark.parametrize("key", PAGES)
def test_every_control_has_an_accessible_name(shown: Shown, key: PageKey) -> None:
    shown.window.show_page(key)
    QApplication.processEvents()

    nameless = [
        f"{part.role()} {part.object()}"
        for part in tree(shown.window)
        if part.role() in NAMED
        and not part.text(QAccessible.Text.Name)
        and not _is_part_of_another(part)
    ]

    assert nameless == []


def _is_part_of_another(part: QAccessibleInterface) -> bool:
    """Return whether it is an internal part of a scroll bar, a combo box or a date field."""
    inner = part.object()
    return inner.objectName().startswith("qt_")


@pytest.mark.parametrize("key", PAGES[:6])
def test_a_chart_has_a_name_and_a_spoken_summary(shown: Shown, key: PageKey) -> None:
    shown.window.show_page(key)

    chart = QAccessible.queryAccessibleInterface(shown.drawn())

    assert chart.text(QAccessible.Text.Name) == shown.chart.title
    assert chart.text(QAccessible.Text.Description) == shown.chart.spoken
    assert len(shown.chart.spoken) > 20


@pytest.mark.parametrize("key", PAGES[:6])
def test_tab_reaches_everything_in_reading_order(shown: Shown, key: PageKey) -> None:
    shown.window.show_page(key)
    QApplication.processEvents()
    shown.window.activateWindow()
    shown.qtbot.waitUntil(shown.window.isActiveWindow)
    first = shown.window.findChild(QWidget, "pages")
    assert first is not None
    first.setFocus()
    seen: list[QWidget] = []

    for _ in range(40):
        here = QApplication.focusWidget()
        if here is None or here in seen:
            break
        seen.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)

    tops = [widget.mapTo(shown.window, widget.rect().topLeft()).y() for widget in seen[1:]]
    assert shown.chart in seen
    assert shown.table in seen
    assert len(seen) > 5
    assert tops == sorted(tops) or _rises_once_over(tops)


def _rises_once_over(tops: list[int]) -> bool:
    """Return whether the order goes down the page, starting anywhere."""
    falls = sum(later < earlier - 8 for earlier, later in pairwise(tops))
    return falls <= 1


def test_a_row_says_its_columns_when_it_is_read_aloud(shown: Shown) -> None:
    shown.window.show_page(PageKey.PROJECTS)
    model = shown.view.model
    cost = [column.heading for column in model.columns].index("Cost")

    said = model.index(0, cost).data(Qt.ItemDataRole.AccessibleTextRole)

    assert str(said).startswith("Cost: $")


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Slash])
def test_a_key_lists_the_keyboard_shortcuts(shown: Shown, key: Qt.Key) -> None:
    shown.key(key, control=key is Qt.Key.Key_Slash)

    dialogs = [d for d in shown.window.findChildren(QDialog) if isinstance(d, KeysDialog)]

    assert len(dialogs) == 1
    QTest.keyClick(dialogs[0], Qt.Key.Key_Escape)


def test_differing_figures_are_explained_with_this_machines_figures(shown: Shown) -> None:
    shown.window.explain_figures()

    (dialog,) = shown.window.findChildren(TextDialog)
    said = " ".join(
        part.text(QAccessible.Text.Name)
        for part in tree(dialog)
        if part.role() == QAccessible.Role.StaticText
    )
    answers = shown.tracker.health().answers
    assert f"{answers:,} answers counted" in said
    assert "ccusage" in said
    dialog.reject()


def test_differing_figures_are_explained_with_localized_days(shown: Shown) -> None:
    shown.window.formats.locale = QLocale("de_DE")

    shown.window.explain_figures()

    (dialog,) = shown.window.findChildren(TextDialog)
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert re.search(r"list from \d{2}\.\d{2}\.\d{4}", said)
    dialog.reject()


def test_the_window_supports_right_to_left_layout(shown: Shown) -> None:
    shown.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    pages = shown.window.findChild(QWidget, "pages")
    assert pages is not None

    left = pages.mapTo(shown.window, pages.rect().topLeft()).x()

    assert left > shown.window.width() / 2
    shown.window.show_page(PageKey.HISTORY)
    surface = shown.drawn().surface
    assert surface is not None
    assert surface.position_of(0).x() < surface.position_of(5).x()


def test_nothing_is_animated(shown: Shown) -> None:
    for key in PAGES:
        shown.window.show_page(key)
    QApplication.processEvents()

    assert not [child for child in shown.window.findChildren(QWidget) if child.property("animated")]


def grounds(shown: Shown) -> tuple[QColor, QColor]:
    """Return the background colours of the window and of its chart."""
    picture = shown.window.grab().toImage()
    corner = shown.chart.mapTo(shown.window, shown.chart.rect().bottomRight())
    return (
        picture.pixelColor(shown.window.width() - 2, 2),
        picture.pixelColor(corner.x() - 3, corner.y() - 3),
    )


def test_an_open_window_follows_the_colour_scheme(shown: Shown) -> None:
    from spendlight.desktop.theme import palette

    before = QGuiApplication.palette()
    shown.window.show_page(PageKey.HISTORY)
    shown.drawn()
    for is_dark in (True, False):
        colors = palette(is_dark=is_dark)
        QApplication.setPalette(colors)
        wanted = (colors.window().color(), colors.base().color())
        shown.qtbot.waitUntil(lambda wanted=wanted: grounds(shown) == wanted)  # type: ignore[misc]  # bound early
    QApplication.setPalette(before)

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QTableView, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.makers import make_report, make_snapshot

from spendlight.desktop.window import MainWindow
from spendlight.desktop.window.pages import PageKey
from spendlight.metering.periods import Period
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question

CARDS = (
    ("This block", "$3.75", "ends 14:20"),
    ("Burn rate", "$1.20/h", "$6.15 by 14:20 at this rate"),
    ("Today", "$9.10", "1.28 M tokens"),
)
EMPTY = ("No usage yet", "Claude Code is here.")


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = MainWindow(UTC)
    qtbot.addWidget(window)
    window.show_snapshot(make_snapshot(datetime.now(UTC)))
    window.show_figures("Spendlight", CARDS, "List price", None, None)
    return window


def visible_texts(window: QWidget) -> set[str]:
    return {label.text() for label in window.findChildren(QLabel) if label.isVisible()}


def test_it_asks_for_the_days_when_it_is_shown(window: MainWindow) -> None:
    questions: list[Question[object]] = []
    window.asked.connect(lambda _, question: questions.append(question))

    window.show_page(PageKey.HISTORY)
    window.come_up()

    (asked,) = (question for question in questions if isinstance(question, Periods))
    assert asked.period is Period.DAY
    assert asked.selection.days.since is not None


def test_while_it_is_hidden_it_asks_for_nothing(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.assertNotEmitted(window.asked, wait=20):
        window.on_days_changed()


def test_it_asks_again_only_when_days_have_changed(qtbot: QtBot, window: MainWindow) -> None:
    window.come_up()
    window.hide()
    with qtbot.assertNotEmitted(window.asked, wait=20):
        window.come_up()

    with qtbot.waitSignal(window.asked):
        window.on_days_changed()


def test_the_answer_to_a_replaced_question_is_dropped(qtbot: QtBot, window: MainWindow) -> None:
    numbers: list[int] = []
    window.asked.connect(lambda number, _: numbers.append(number))
    window.show_page(PageKey.HISTORY)
    window.come_up()
    first, numbers[:] = list(numbers), []
    window.on_days_changed()

    with qtbot.assertNotEmitted(window.answered):
        for number in first:
            window.on_answer(number, make_report(1.0))
    with qtbot.waitSignal(window.answered):
        window.on_answer(numbers[-1], make_report(2.0))


def test_it_waits_for_the_answers_to_the_latest_questions_only(window: MainWindow) -> None:
    numbers: list[int] = []
    window.asked.connect(lambda number, _: numbers.append(number))
    window.show_page(PageKey.HISTORY)
    window.come_up()
    numbers.clear()
    window.on_days_changed()

    assert numbers
    assert window.is_waiting
    for number in numbers:
        window.on_answer(number, make_report(1.0))
    assert not window.is_waiting


def test_a_question_that_failed_is_asked_again_on_the_next_showing(
    qtbot: QtBot, window: MainWindow
) -> None:
    asked: list[int] = []
    window.asked.connect(lambda number, _: asked.append(number))
    window.come_up()

    window.on_answer_failed(asked[0], ("The ledger is busy", "Try again in a moment."))

    assert {"The ledger is busy", "Try again in a moment."} <= visible_texts(window)
    window.hide()
    with qtbot.waitSignal(window.asked):
        window.come_up()


FAILED = ("The ledger is busy", "Try again in a moment.")
NO_FIGURES = "This could not be computed"


@pytest.mark.parametrize("key", [PageKey.WHY, PageKey.SESSIONS, PageKey.HISTORY])
def test_a_failure_is_shown_in_the_place_of_figures_until_there_is_an_answer(
    window: MainWindow, key: PageKey
) -> None:
    asked: dict[object, int] = {}
    window.asked.connect(lambda number, question: asked.__setitem__(type(question), number))
    window.come_up()
    window.show_page(key)
    (question, *_) = window.page.questions().values()
    window.on_answer(asked[type(question)], make_report())

    window.on_days_changed()
    window.on_answer_failed(asked[type(question)], FAILED)
    assert {NO_FIGURES, *FAILED} <= visible_texts(window)

    (again,) = (
        button for button in window.page.findChildren(QPushButton) if button.text() == "Try again"
    )
    again.click()
    window.on_answer(asked[type(question)], make_report())
    assert not {NO_FIGURES, *FAILED} & visible_texts(window)


def test_a_failure_belongs_to_its_page(window: MainWindow) -> None:
    asked: dict[object, int] = {}
    window.asked.connect(lambda number, question: asked.__setitem__(type(question), number))
    window.come_up()
    window.show_page(PageKey.WHY)
    (question,) = window.page.questions().values()
    number = asked[type(question)]
    window.show_page(PageKey.SESSIONS)
    sessions = window.page
    window.on_answer_failed(number, FAILED)

    assert not {NO_FIGURES, *FAILED} & visible_texts(window)
    assert window.is_waiting
    window.on_answer(asked[type(*sessions.questions().values())], make_report())
    window.show_page(PageKey.WHY)
    assert {NO_FIGURES, *FAILED} <= visible_texts(window)


def test_a_question_that_was_replaced_may_fail(window: MainWindow) -> None:
    asked: list[int] = []
    window.asked.connect(lambda number, _: asked.append(number))
    window.come_up()
    window.on_days_changed()
    window.on_answer_failed(asked[0], FAILED)

    assert not set(FAILED) & visible_texts(window)


def test_it_shows_the_cards_and_the_source_of_prices(window: MainWindow) -> None:
    window.come_up()

    assert {text for card in CARDS for text in card} | {"List price"} <= visible_texts(window)


def test_where_there_is_nothing_it_says_why_in_the_place_of_figures(window: MainWindow) -> None:
    window.come_up()

    window.show_figures("Spendlight", (), "", None, EMPTY)

    assert set(EMPTY) <= visible_texts(window)
    assert "$3.75" not in visible_texts(window)


def test_a_notice_is_shown_beside_the_figures(window: MainWindow) -> None:
    window.come_up()

    window.show_figures("Spendlight", CARDS, "List price", ("It is busy", "Wait."), None)
    assert {"It is busy", "Wait.", "$3.75"} <= visible_texts(window)

    window.show_figures("Spendlight", CARDS, "List price", None, None)
    assert "It is busy" not in visible_texts(window)


def test_the_hint_about_the_desktop_stays_beside_a_notice(window: MainWindow) -> None:
    window.come_up()
    window.show_hint(("No tray here.", "Install one."))

    window.show_figures("Spendlight", CARDS, "", ("It is busy", ""), None)
    assert {"No tray here.", "Install one.", "It is busy"} <= visible_texts(window)

    window.show_hint(None)
    assert "No tray here." not in visible_texts(window)


def test_a_long_scan_has_a_progress_bar_and_can_be_cancelled(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.come_up()
    window.show_progress(25, 100, "1 of 4 files")
    (bar,) = window.findChildren(QProgressBar)
    (cancel,) = (b for b in window.findChildren(QPushButton) if b.text() == "Cancel")

    assert bar.isVisible()
    assert bar.value() == bar.maximum() // 4
    assert "1 of 4 files" in visible_texts(window)
    with qtbot.waitSignal(window.cancel_requested):
        QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)

    window.show_progress(0, 0, "")
    assert not bar.isVisible()


def test_standard_keys_have_their_usual_effect(qtbot: QtBot, window: MainWindow) -> None:
    window.come_up()
    qtbot.waitUntil(window.isActiveWindow)

    with qtbot.waitSignal(window.refresh_requested):
        QTest.keyClick(window, Qt.Key.Key_F5)
    with qtbot.waitSignal(window.quit_requested):
        QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()


def test_outdated_figures_are_marked(window: MainWindow) -> None:
    window.come_up()
    (figure,) = (label for label in window.findChildren(QLabel) if label.text() == "$3.75")
    before = figure.palette().windowText().color()

    window.show_stale(True)  # noqa: FBT003  # as Qt's own setters
    assert figure.palette().windowText().color() != before
    assert "This block ◷" in visible_texts(window)

    window.show_stale(False)  # noqa: FBT003  # as Qt's own setters
    assert figure.palette().windowText().color() == before
    assert "This block" in visible_texts(window)


def test_synthetic_data_is_labelled(window: MainWindow) -> None:
    window.come_up()
    assert "Made-up data" not in visible_texts(window)

    window.show_demo()

    assert "Made-up data" in visible_texts(window)


def test_pages_are_released_while_the_window_is_hidden(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page(PageKey.HISTORY)
    window.come_up()
    before = len(window.findChildren(QTableView))
    window.hide()

    window.release()

    qtbot.waitUntil(lambda: len(window.findChildren(QTableView)) < before)
    window.come_up()
    assert window.page_key is PageKey.HISTORY
    assert len(window.findChildren(QTableView)) > 0


def test_a_click_on_the_tray_shows_and_hides_it(qtbot: QtBot, window: MainWindow) -> None:
    window.toggle()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.isVisible()

    window.toggle()
    assert not window.isVisible()


def test_a_click_on_the_tray_brings_back_a_minimized_window(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)

    window.toggle()

    assert window.isVisible()
    assert not window.isMinimized()

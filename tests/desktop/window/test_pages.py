from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QGraphicsView, QListWidget, QPushButton
from tests.desktop.leftovers import no_widget_left
from tests.desktop.window.conftest import Shown, click_choice

from spendlight.assets import resource
from spendlight.desktop.window import chart_page
from spendlight.desktop.window.page_history import HistoryPage
from spendlight.desktop.window.pages import PAGES, PageKey, listed_pages
from spendlight.desktop.window.scope_bar import RangeChoice
from spendlight.desktop.window.targets import Target
from spendlight.metering.periods import Period
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.question import Question

LISTS = [PageKey.HISTORY, PageKey.SESSIONS, PageKey.PROJECTS, PageKey.MODELS, PageKey.BLOCKS]


def click_page(shown: Shown, number: int) -> None:
    """Click on a page in the sidebar."""
    pages = shown.window.findChild(QListWidget)
    assert isinstance(pages, QListWidget)
    middle = pages.visualItemRect(pages.item(number)).center()
    QTest.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def choose(shown: Shown, name: str, text: str) -> None:
    """Choose an entry of the combo box with an accessible name."""
    (box,) = (b for b in shown.window.findChildren(QComboBox) if b.accessibleName() == name)
    box.setCurrentIndex(box.findText(text))


def test_each_page_opens_by_a_click_and_by_a_key(shown: Shown) -> None:
    for number, key in enumerate(page.key for page in listed_pages()):
        click_page(shown, number)
        assert shown.window.page_key is key

        shown.key(Qt.Key(Qt.Key.Key_1 + number), control=True)
        assert shown.window.page_key is key


def test_the_table_of_pages_defines_each_page(shown: Shown) -> None:
    assert set(PAGES) == set(PageKey)
    names = shown.window.findChild(QListWidget)
    assert isinstance(names, QListWidget)
    listed = listed_pages()

    assert [names.item(row).text() for row in range(names.count())] == [
        page.title for page in listed
    ]
    assert all(resource("icons", "pages", f"{page.icon}.svg").is_file() for page in listed)
    assert all(not names.item(row).icon().isNull() for row in range(names.count()))
    targets = [entry.target for entry in PAGES.values() if entry.target is not None]
    assert set(targets) == set(get_args(Target))
    assert len(targets) == len(set(targets))
    reachable = {page.key for page in listed}
    assert all(key in reachable or entry.target for key, entry in PAGES.items())


@pytest.mark.parametrize("key", LISTS)
def test_the_table_of_a_page_shows_its_report(shown: Shown, key: PageKey) -> None:
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    shown.window.show_page(key)

    report = shown.report
    assert set(shown.view.rows) == set(report.rows) if key is PageKey.HISTORY else True
    assert len(shown.view.rows) == len(report.rows) > 0


@pytest.mark.parametrize("key", [PageKey.HISTORY, PageKey.PROJECTS, PageKey.MODELS, PageKey.BLOCKS])
def test_a_chart_adds_up_to_the_total_of_all_usage(shown: Shown, key: PageKey) -> None:
    whole = shown.tracker.ask(Periods()).total
    shown.window.scope_bar.choose_range(RangeChoice.ALL)

    shown.window.show_page(key)

    shown.drawn()
    total = shown.window.formats.money(whole.cost)
    assert f"{total} in total" in shown.chart.spoken


def test_the_chart_of_now_ends_at_the_cost_of_the_block(shown: Shown) -> None:
    block = shown.tracker.snapshot().block
    assert block is not None

    shown.drawn()

    cost = shown.window.formats.money(block.spending.cost)
    assert f"{cost} in total" in shown.chart.spoken
    assert cost in shown.texts()


def test_history_is_by_day_week_or_month(shown: Shown) -> None:
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    shown.window.show_page(PageKey.HISTORY)

    for name, period, heading in (
        ("Period: Week", Period.WEEK, "Week of"),
        ("Period: Month", Period.MONTH, "Month"),
        ("Period: Day", Period.DAY, "Day"),
    ):
        click_choice(shown, name)
        asked = shown.questions[-1]
        assert isinstance(asked, Periods)
        assert asked.period is period
        assert shown.report.columns[0].heading == heading


def test_history_can_be_stacked_by_project(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)

    click_choice(shown, "Stacked by: By project")

    asked = shown.questions[-1]
    assert isinstance(asked, Periods)
    assert asked.by_project
    assert "kettle" in shown.chart.spoken
    headings = [column.heading for column in shown.view.model.columns]
    assert headings[:2] == ["Day", "Project"]


def test_a_year_is_a_calendar_of_days(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)

    click_choice(shown, "Period: Year")

    chart = shown.drawn()
    assert chart.title == "Cost over a year"
    assert chart.surface is not None
    assert chart.surface.count > 360


def test_released_pages_leave_nothing_behind(shown: Shown) -> None:
    shown.window.hide()
    shown.window.release()

    with no_widget_left("The window"):
        for key in LISTS:
            shown.window.show_page(key)
            shown.drawn()
        shown.window.show_page(PageKey.HISTORY)
        for period in ("Year", "Week"):
            click_choice(shown, f"Period: {period}")
        shown.window.release()


def test_a_chart_can_show_tokens(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)

    click_choice(shown, "Measure: Tokens")

    assert shown.chart.title == "Tokens by day"
    assert "$" not in shown.chart.spoken


def test_all_pages_share_one_range(shown: Shown) -> None:
    choose(shown, "Date range", "Last 7 days")

    for key in LISTS:
        shown.window.show_page(key)
        days = shown.questions[-1].selection.days
        assert days.since is not None
        assert days.until is not None
        assert days.until - days.since == timedelta(days=6)


def test_a_custom_range_can_be_chosen(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)

    choose(shown, "Date range", "Custom…")

    assert shown.questions[-1].selection.days.since is not None
    assert shown.window.scope.choice is RangeChoice.CUSTOM


def test_all_pages_share_one_filter(shown: Shown) -> None:
    choose(shown, "Project", "kettle")

    for key in LISTS:
        shown.window.show_page(key)
        assert str(shown.questions[-1].selection.project).endswith("kettle")


def test_machines_can_be_selected_if_there_are_several(shown: Shown) -> None:
    (box,) = (b for b in shown.window.findChildren(QComboBox) if b.accessibleName() == "Machine")
    assert not box.isVisible()

    shown.window.scope_bar.show_choices((), {}, (), ("desk", "laptop"))
    assert box.isVisible()

    shown.window.asked.disconnect()
    asked: list[Question[object]] = []
    shown.window.asked.connect(lambda _, question: asked.append(question))
    shown.window.show_page(PageKey.HISTORY)
    choose(shown, "Machine", "laptop")
    assert asked[-1].selection.machines == ("laptop",)


def test_an_agent_can_be_selected_if_there_are_several(shown: Shown) -> None:
    agents = [("claude-code", "Claude Code"), ("codex", "Codex")]
    (box,) = (b for b in shown.window.findChildren(QComboBox) if b.accessibleName() == "Agent")
    bar = shown.window.scope_bar
    bar.show_choices((), {}, (), (), (), agents[:1])
    assert not box.isVisible()

    bar.show_choices((), {}, (), ("desk",), ("far",), agents)
    assert [box.itemText(n) for n in range(box.count())] == ["All agents", "Claude Code", "Codex"]

    shown.window.asked.disconnect()
    asked: list[Question[object]] = []
    shown.window.asked.connect(lambda _, question: asked.append(question))
    shown.window.show_page(PageKey.HISTORY)
    choose(shown, "Agent", "Codex")
    before = bar.scope
    assert list(asked[-1].selection.agents) == ["codex"]
    assert before.is_filtered

    bar.choose_filter(machine="far", is_of_team=True)
    assert not box.isEnabled()
    assert "not divided by agents" in box.toolTip()
    assert list(asked[-1].selection.agents) == []

    shown.window.page.clear_requested.emit()
    assert (bar.scope.agent, box.isEnabled(), box.toolTip()) == ("", True, "")
    bar.restore(before)
    assert bar.scope == before


def test_resetting_the_filter_and_going_back_restore_the_machine(shown: Shown) -> None:
    shown.window.asked.disconnect()
    bar = shown.window.scope_bar
    bar.show_choices((), {}, (), ("desk", "laptop"))
    choose(shown, "Machine", "laptop")
    before = bar.scope

    shown.window.show_page(PageKey.HISTORY)
    shown.window.page.clear_requested.emit()
    assert (bar.scope.machine, bar.scope.choice) == ("", RangeChoice.ALL)

    bar.restore(before)
    assert bar.scope == before


def test_the_calendar_of_a_year_ignores_the_range(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)
    (box,) = (b for b in shown.window.findChildren(QComboBox) if b.accessibleName() == "Date range")
    assert box.isEnabled()

    click_choice(shown, "Period: Year")
    assert not box.isEnabled()

    click_choice(shown, "Period: Week")
    assert box.isEnabled()


def test_the_mouse_finds_a_dot_where_it_is_drawn(shown: Shown) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    surface = shown.drawn().surface
    assert surface is not None
    point = surface.position_of(surface.count // 2)
    (view,) = surface.findChildren(QGraphicsView)

    with shown.qtbot.waitSignal(surface.opened) as opened:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)

    assert (surface.position_of(opened.args[0]) - point).manhattanLength() < 14


def test_the_filter_for_a_model_shows_only_that_model(shown: Shown) -> None:
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    shown.window.show_page(PageKey.MODELS)
    first = shown.view.rows[0]

    choose(shown, "Model", shown.window.formats.model(first.name))

    assert [row.name for row in shown.view.rows] == [first.name]


def test_an_empty_filter_result_is_explained_and_can_be_reset(shown: Shown) -> None:
    shown.window.show_page(PageKey.PROJECTS)
    choose(shown, "Date range", "Today")
    everything = shown.view.rows
    others = {"kettle", "lighthouse", "paper-boats"} - {
        shown.window.formats.project(row.name) for row in everything
    }
    choose(shown, "Project", others.pop())

    assert "Nothing matches the filter" in shown.texts()
    (button,) = (
        b
        for b in shown.window.page.findChildren(QPushButton)
        if b.text() == "Show everything" and b.isVisible()
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert len(shown.view.rows) == 3
    assert "Nothing matches the filter" not in shown.texts()


def test_a_page_that_is_shown_again_asks_no_known_question(shown: Shown) -> None:
    shown.window.show_page(PageKey.PROJECTS)
    shown.window.show_page(PageKey.MODELS)
    before = len(shown.questions)

    shown.window.show_page(PageKey.PROJECTS)

    assert len(shown.questions) == before


def test_hiding_amounts_hides_every_amount_in_the_window(shown: Shown) -> None:
    for key in [PageKey.NOW, *LISTS]:
        shown.window.show_page(key)
        shown.drawn()
        assert "$" in shown.chart.spoken

    shown.key(Qt.Key.Key_H, control=True)

    for key in [PageKey.NOW, *LISTS]:
        shown.window.show_page(key)
        assert not {text for text in shown.texts() if "$" in text}
        assert "$" not in shown.chart.spoken
        assert "$" not in shown.window.windowTitle()
        model = shown.view.model
        cells = {
            str(model.index(row, column).data(role))
            for row in range(model.rowCount())
            for column in range(model.columnCount())
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        }
        assert not {cell for cell in cells if "$" in cell}
    shown.key(Qt.Key.Key_H, control=True)
    assert "$" in shown.chart.spoken


def test_a_session_opened_with_hidden_amounts_hides_its_own(shown: Shown) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    shown.window.page.open_meaning(shown.view.rows[0])  # type: ignore[attr-defined]  # a page with a chart
    assert {text for text in shown.texts() if "$" in text}

    shown.window.set_private(True)  # a slot

    assert not {text for text in shown.texts() if "$" in text}


def test_history_describes_its_contents(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)
    page = shown.window.page
    assert isinstance(page, HistoryPage)

    assert not page.is_year
    assert page.period is Period.DAY


@pytest.mark.parametrize("key", [PageKey.SESSIONS, PageKey.BLOCKS])
def test_the_chart_of_a_long_table_is_drawn_later_and_agrees(
    shown: Shown, key: PageKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown.window.show_page(key)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)
    at_once = shown.drawn().spoken
    monkeypatch.setattr(chart_page, "AT_ONCE", 0)
    shown.window.scope_bar.choose_range(RangeChoice.TODAY)
    shown.window.scope_bar.choose_range(RangeChoice.ALL)

    shown.qtbot.waitUntil(lambda: shown.chart.spoken == at_once)

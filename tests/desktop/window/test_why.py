"""The page "Why": what usage was for, one dimension at a time, and the columns that tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMenu
from pytestqt.qtbot import QtBot
from tests.cli.shell import minutes_ago
from tests.desktop.window.conftest import Shown, child, show
from tests.makers import encoded, write_log

from spendlight.desktop.window import ColumnChoices, MainWindow
from spendlight.desktop.window.charts.loading import plot_loader
from spendlight.desktop.window.formats import HIDDEN
from spendlight.desktop.window.headings import HEADINGS
from spendlight.desktop.window.page_why import WhyPage, next_level
from spendlight.desktop.window.pages import PageKey
from spendlight.desktop.window.part_words import short_paths
from spendlight.desktop.window.targets import WhyTarget
from spendlight.metering.dimensions import DIMENSIONS, NOT_KNOWN, Condition
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.questions.dimension_shares import DimensionRow
from spendlight.tracker.tracker import UsageTracker

SESSION = "11111111-1111-4111-8111-111111111111"
TITLE = "Mend the bell"
LATEST = "2.1.300"
TREE = "/home/ada/clock/.claude/worktrees/bell"
LONG = "feature/a-branch-with-a-name-that-nobody-would-type-but-a-tool-made-it/from-a-ticket-4711"


def answer(minutes: float, **told: object) -> bytes:
    """Return the line of an answer, by default in the worktree of a repository."""
    usual = {"version": LATEST, "cwd": TREE, "gitBranch": "fix/bell", "effort": "high"}
    return minutes_ago(minutes, **(usual | told))


def write_world(root: Path) -> None:
    """Write two sessions with a subagent, a skill, a server, and an answer that tells nothing."""
    write_log(
        root,
        f"p/{SESSION}.jsonl",
        encoded({"type": "ai-title", "aiTitle": TITLE, "sessionId": SESSION}),
        answer(30, output_tokens=5_000, attributionSkill="tidy"),
        answer(28, gitBranch=LONG, attributionMcpServer="browser"),
    )
    write_log(
        root,
        f"p/{SESSION}/subagents/agent-7.jsonl",
        answer(25, isSidechain=True, agentId="7", output_tokens=900),
    )
    write_log(root, "q/old.jsonl", answer(90, version="1.0.30", cwd="", gitBranch="", effort=""))
    write_log(root, "q/other.jsonl", answer(80, cwd="/home/ada/kettle"))


@pytest.fixture
def why(qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    """A window with such a world that shows the page."""
    write_world(tmp_path / "claude")
    options = TrackerOptions(
        data_dir=tmp_path / "data",
        environ={"CLAUDE_CONFIG_DIR": str(tmp_path / "claude")},
        is_offline=True,
        has_threads=False,
    )
    tracker = UsageTracker.open(options)
    tracker.read_logs()
    window = MainWindow(options.time_zone)
    qtbot.addWidget(window)
    found = Shown(window, tracker, qtbot)
    window.asked.connect(found.answer)
    window.work_requested.connect(found.work)
    show(window, tracker.snapshot())
    window.come_up()
    qtbot.waitUntil(lambda: plot_loader().is_loaded)
    window.show_page(PageKey.WHY)
    yield found
    window.shut_down()


def names(shown: Shown) -> list[str]:
    """Return the first column of the table."""
    model = shown.view.model
    return [model.text(row, 0) for row in range(model.rowCount())]


def page_of(shown: Shown) -> WhyPage:
    """Return the page."""
    page = shown.window.page
    assert isinstance(page, WhyPage)
    return page


def open_row(shown: Shown, is_it: Callable[[DimensionRow], bool]) -> None:
    """Open a row of the table by the keyboard."""
    row = next(number for number, row in enumerate(shown.view.rows) if is_it(row))
    shown.table.setCurrentIndex(shown.view.model.index(row, 0))
    QTest.keyClick(shown.table, Qt.Key.Key_Return)


def visible(shown: Shown) -> str:
    """Return all texts outside the tables."""
    labels = shown.window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def test_a_repository_leads_to_branches_sessions_subagents_and_answers_and_back(
    why: Shown,
) -> None:
    assert names(why) == ["/home/ada/clock", "not known"]
    costs = {row.part.value: row.spending.cost for row in why.view.rows}

    open_row(why, lambda row: row.part.value == "/home/ada/clock")
    assert set(names(why)) == {"fix/bell", LONG}
    assert sum(row.spending.cost for row in why.view.rows) == pytest.approx(
        costs["/home/ada/clock"]
    )
    open_row(why, lambda row: row.part.value == "fix/bell")
    assert names(why) == [f"{TITLE} (11111111)"]
    open_row(why, lambda row: row.part.value == SESSION)
    assert names(why) == ["main thread", "7"]
    open_row(why, lambda row: row.part.value == "7")
    assert why.page_key == "session"
    assert [row.spending.tokens.output for row in why.view.rows] == [900]

    for _ in range(4):
        why.window.go_back()
    assert why.page_key == "why"
    assert names(why) == ["/home/ada/clock", "not known"]


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        ("branch", {"fix/bell", LONG, "not known"}),
        ("skill", {"tidy", "none", "not known"}),
        ("mcp", {"browser", "none", "not known"}),
        ("tool", {"none"}),
        ("effort", {"high", "not known"}),
        ("version", {LATEST, "1.0.30"}),
        ("agent-type", {"main thread", "not known"}),
        ("session", {f"{TITLE} (11111111)", "old", "other"}),
    ],
)
def test_the_first_dimension_can_be_chosen(why: Shown, dimension: str, values: set[str]) -> None:
    box = child(why.window.page, QComboBox, "Divided by")
    assert isinstance(box, QComboBox)

    box.setCurrentIndex(box.findData(dimension))
    box.activated.emit(box.currentIndex())

    assert set(names(why)) == values
    assert sum(row.spending.answers for row in why.view.rows) == 5
    assert sum(row.share for row in why.view.rows) == pytest.approx(1)


def test_what_is_not_known_is_named_with_the_day_since_when_anything_is(why: Shown) -> None:
    page_of(why).choose("effort")

    unknown = next(row for row in why.view.rows if row.part.value is NOT_KNOWN)
    share = why.window.formats.share(unknown.share)
    assert f"Not known for {share}" in visible(why)
    assert "Known since" in visible(why)

    page_of(why).choose("version")
    assert "Not known" not in visible(why)


def test_a_value_that_is_not_known_has_its_parts_too(why: Shown) -> None:
    open_row(why, lambda row: row.part.value is NOT_KNOWN)

    assert set(names(why)) == {"fix/bell", "not known"}
    assert why.window.page.target is not None
    assert why.window.page.target.title == "not known"


def test_bars_have_whole_names_and_figures_for_those_who_hear_them(why: Shown) -> None:
    page_of(why).choose("branch")
    chart = why.drawn()

    assert LONG in {point.label for point in chart.points}
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    said = chart.accessibleDescription()
    row = why.view.rows[0]
    assert "Answers" in said
    assert why.window.formats.money(row.spending.cost) in said
    assert "Share by Branch" in chart.accessibleName()


def test_amounts_and_titles_are_hidden_in_privacy_mode(why: Shown) -> None:
    open_row(why, lambda row: row.part.value == "/home/ada/clock")
    open_row(why, lambda row: row.part.value == "fix/bell")
    open_row(why, lambda row: row.part.value == SESSION)
    why.window.set_private(True)
    QApplication.processEvents()
    chart = why.drawn()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    model = why.view.model
    cells = [
        model.text(row, column)
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    ]
    texts = "\n".join([visible(why), *cells, chart.spoken, chart.accessibleDescription()])

    assert "$" not in texts
    assert TITLE not in texts
    assert HIDDEN in texts


def test_a_range_without_usage_says_so(why: Shown) -> None:
    why.window.scope_bar.choose_filter(project="nowhere")
    page_of(why).scope = why.window.scope._replace(project="nowhere")
    page_of(why).asked.emit()
    why.window.open_target(WhyTarget("x", (Condition("branch", ("gone",), is_exact=True),)))

    assert "No usage in this range" in visible(why)


def test_folders_are_shown_if_no_repository_is_known(why: Shown) -> None:
    why.window.open_target(WhyTarget("x", (Condition("effort", ("high",), is_exact=True),)))
    assert "/home/ada/clock" in names(why)

    where = (Condition("version", ("1.0.30",), is_exact=True),)
    why.window.open_target(WhyTarget("x", where))
    assert page_of(why).dimension == "folder"


@pytest.mark.parametrize(
    ("where", "level"),
    [
        ((), "repo"),
        (("repo",), "branch"),
        (("repo", "branch"), "session"),
        (("repo", "branch", "session"), "agent"),
        (("repo", "branch", "session", "agent"), ""),
        (("skill",), "repo"),
        (("branch",), "repo"),
        (("folder",), "branch"),
        (("session",), "agent"),
        (("agent",), "session"),
        (("agent", "session"), ""),
    ],
)
def test_each_part_has_a_next_level(where: tuple[str, ...], level: str) -> None:
    assert next_level([Condition(name, ("x",)) for name in where]) == level


def test_paths_that_end_in_the_same_are_told_apart() -> None:
    paths = ["/a/clock", "/b/clock", "C:\\ada\\bell", "/clock", "bell"]

    assert list(short_paths(paths).values()) == ["a/clock", "b/clock", "ada/bell", "clock", "bell"]


def column_menu(shown: Shown, qtbot: QtBot) -> dict[str, Any]:
    """Return the actions of the menu of the headings."""
    menu = shown.view.make_column_menu()
    qtbot.addWidget(menu)
    return {action.text(): action for action in menu.actions() if action.text()}


@pytest.mark.parametrize("page", [PageKey.SESSIONS, PageKey.PROJECTS])
def test_columns_can_be_chosen_and_stay_chosen(qtbot: QtBot, why: Shown, page: PageKey) -> None:
    why.window.show_page(page)
    assert "Branch" not in headings(why)

    actions = column_menu(why, qtbot)
    for name in ("Branch", "Agent type", "First activity", "Answers"):
        assert not actions[name].isChecked()
        actions[name].trigger()

    assert {"Branch", "Agent type", "First activity", "Answers"} <= set(headings(why))
    column = headings(why).index("Branch")
    texts = {why.view.model.text(row, column) for row in range(len(why.view.rows))}
    assert any("fix/bell" in text and "feature/" in text for text in texts)
    assert any("not known" in text for text in texts)

    why.window.release()
    why.window.show_page(page)
    assert "Branch" in headings(why)

    column_menu(why, qtbot)["Usual columns"].trigger()
    assert "Branch" not in headings(why)


def headings(shown: Shown) -> list[str]:
    """Return the headings of all columns."""
    return [column.heading for column in shown.view.model.columns]


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)
def test_the_headings_have_a_menu_of_columns(why: Shown) -> None:
    seen: list[str] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            seen.extend(action.text() for action in menu.actions())
            menu.close()

    looking = QTimer(why.window)
    looking.timeout.connect(look)
    looking.start(1)
    why.window.show_page(PageKey.SESSIONS)
    header = why.table.horizontalHeader().viewport()
    at = QPoint(20, 5)

    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, header.mapToGlobal(at))
    QApplication.sendEvent(header, event)
    looking.stop()

    assert {"Project", "Session", "Branch", "Skill", "Usual columns"} <= set(seen)


def test_headings_of_dimensions_are_listed_for_translation() -> None:
    assert {row.heading for row in DIMENSIONS.values()} - set(HEADINGS) <= {"Project", "Session"}


def test_a_team_has_no_such_columns(why: Shown) -> None:
    why.window.show_page(PageKey.SESSIONS)
    why.view.choose_column("Branch", is_wanted=True)
    page = why.window.page

    page.scope = page.scope._replace(is_of_team=True)

    assert page.questions()["sessions"].also == ()  # type: ignore[attr-defined]  # a `Sessions`


def test_chosen_columns_survive_a_restart_and_a_damaged_file() -> None:
    choices = ColumnChoices()
    choices.restore({"sessions": {"added": ["Branch"], "removed": ["Models"]}})
    again = ColumnChoices()

    again.restore(choices.as_json())
    assert again.of("sessions") == choices.of("sessions")
    assert again.of("sessions").added == {"Branch"}
    assert again.of("projects").added == set()

    found: list[object] = [None, [], {"sessions": 3}, {"sessions": {"added": 7, "removed": [1]}}]
    for nonsense in found:
        choices = ColumnChoices()
        choices.restore(nonsense)
        assert choices.as_json() == {}


def test_a_session_shows_circumstances_after_its_log_was_deleted(
    why: Shown, tmp_path: Path
) -> None:
    (tmp_path / "claude" / "projects" / "p" / f"{SESSION}.jsonl").unlink()
    why.window.show_page(PageKey.SESSIONS)
    row = next(n for n, row in enumerate(why.view.rows) if row.name.session == SESSION)
    why.table.setCurrentIndex(why.view.model.index(row, 0))
    QTest.keyClick(why.table, Qt.Key.Key_Return)
    why.view.choose_column("Branch", is_wanted=True)
    model = why.view.model
    branch, used_for = (headings(why).index(name) for name in ("Branch", "Used for"))
    rows = range(model.rowCount())

    assert {model.text(row, branch) for row in rows} == {"fix/bell", LONG}
    assert {model.text(row, used_for) for row in rows} == {"tidy", ""}
    assert not why.table.isColumnHidden(branch)

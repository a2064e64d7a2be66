"""The team's machines in the window's filter: sums are shown, what needs answers says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox
from tests.desktop.window.conftest import Shown, child
from tests.makers import SONNET, line, write_log

from spendlight.desktop import words
from spendlight.desktop.window.pages import PageKey
from spendlight.metering.reports import Report
from spendlight.tracker.options import TrackerOptions
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.tracker import UsageTracker

NEEDS_ANSWERS = "This page needs single answers"


@pytest.fixture
def team(shown: Shown, tmp_path: Path) -> Iterator[Path]:
    """A team of the machine in the window and of a laptop with two answers, which was seen."""
    folder = tmp_path / "team"
    laptop = UsageTracker.open(
        TrackerOptions(
            data_dir=tmp_path / "laptop",
            environ={"CLAUDE_CONFIG_DIR": str(tmp_path / "logs")},
            is_offline=True,
        )
    )
    write_log(tmp_path / "logs", "blog/s.jsonl", line(), line(id="b", model=SONNET))
    laptop.read_logs()
    laptop.team.join(str(folder), name="laptop", person="Bob")
    laptop.team.publish()
    laptop.close()
    shown.tracker.team.join(str(folder), name="desk", person="Ada")
    shown.tracker.team.look()
    shown.window.on_days_changed()
    yield folder
    shown.tracker.team.leave()


def machines(shown: Shown) -> QComboBox:
    box = child(shown.window, QComboBox, "Machine")
    assert isinstance(box, QComboBox)
    return box


def choose(shown: Shown, text: str) -> None:
    box = machines(shown)
    box.setCurrentIndex(box.findText(text))


def test_the_filter_offers_the_other_machines_of_the_team(shown: Shown, team: Path) -> None:
    box = machines(shown)

    assert box.isVisible()
    assert [box.itemText(n) for n in range(box.count())] == [
        "This machine",
        "Whole team",
        "laptop (team)",
    ]
    assert team.is_dir()


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        (PageKey.HISTORY, 1),
        (PageKey.SESSIONS, 1),
        (PageKey.PROJECTS, 1),
        (PageKey.MODELS, 2),
    ],
)
def test_a_machine_of_the_team_is_shown_from_its_sums(
    shown: Shown, team: Path, page: PageKey, rows: int
) -> None:
    shown.window.show_page(page)
    shown.window.page.clear_requested.emit()
    own = shown.report.total.answers
    choose(shown, "laptop (team)")

    assert shown.report.total.answers == 2
    assert len(shown.report.rows) == rows
    assert len(shown.view.rows) == rows
    choose(shown, "This machine")
    assert shown.report.total.answers == own
    assert team.is_dir()


def test_projects_that_only_the_team_has_get_short_names(shown: Shown, team: Path) -> None:
    other = UsageTracker.open(
        TrackerOptions(
            data_dir=team.parent / "third",
            environ={"CLAUDE_CONFIG_DIR": str(team.parent / "logs3")},
            is_offline=True,
        )
    )
    write_log(team.parent / "logs3", "-home-ada-code-barn/s.jsonl", line(id="c"))
    other.read_logs()
    other.team.join(str(team), name="third")
    other.team.publish()
    other.close()
    shown.tracker.team.look()
    shown.window.on_days_changed()
    shown.window.show_page(PageKey.PROJECTS)
    shown.window.page.clear_requested.emit()

    choose(shown, "third (team)")

    assert [row.name for row in shown.view.rows] == ["-home-ada-code-barn"]
    assert shown.window.formats.project("-home-ada-code-barn") == "barn"


def test_the_whole_team_has_the_sum_of_its_machines(shown: Shown, team: Path) -> None:
    shown.tracker.team.publish()
    shown.window.show_page(PageKey.HISTORY)
    shown.window.page.clear_requested.emit()
    own = shown.report.total.answers

    choose(shown, "Whole team")

    assert shown.report.total.answers == own + 2
    assert team.is_dir()


@pytest.mark.parametrize("page", [PageKey.NOW, PageKey.BLOCKS])
def test_a_page_that_needs_answers_says_so(shown: Shown, team: Path, page: PageKey) -> None:
    shown.window.show_page(page)
    asked = len(shown.questions)

    choose(shown, "laptop (team)")

    assert NEEDS_ANSWERS in shown.texts()
    assert len(shown.questions) == asked
    choose(shown, "This machine")
    assert NEEDS_ANSWERS not in shown.texts()
    assert team.is_dir()


def test_a_session_of_the_team_says_that_its_answers_are_not_known(
    shown: Shown, team: Path
) -> None:
    shown.window.show_page(PageKey.SESSIONS)
    shown.window.page.clear_requested.emit()
    choose(shown, "laptop (team)")

    shown.view.row_opened.emit(shown.view.rows[0])

    assert shown.page_key is PageKey.SESSION
    assert NEEDS_ANSWERS in shown.texts()
    shown.window.go_back()
    assert shown.window.scope.is_of_team
    assert shown.window.scope.machine == "laptop"
    assert team.is_dir()


def test_without_its_folder_the_team_is_shown_as_it_was_known(shown: Shown, team: Path) -> None:
    shutil.rmtree(team)
    shown.window.show_page(PageKey.HISTORY)
    shown.window.page.clear_requested.emit()

    choose(shown, "laptop (team)")

    assert shown.report.total.answers == 2
    assert "mounted" in shown.problem
    told = words.team_problem(shown.problem)
    assert told is not None
    assert "newer usage is missing" in told.title


def test_a_range_without_usage_of_the_machine_is_empty(shown: Shown, team: Path) -> None:
    shown.window.show_page(PageKey.HISTORY)

    choose(shown, "laptop (team)")

    assert "Nothing matches the filter" in shown.texts()
    assert team.is_dir()


def test_after_leaving_the_team_the_filter_offers_it_no_longer(shown: Shown, team: Path) -> None:
    shown.tracker.team.leave()
    shown.window.on_days_changed()

    assert not machines(shown).isVisible()
    shown.tracker.team.join(str(team))
    assert shown.tracker.team.other_machines == ()


def test_what_is_asked_of_the_ledger_stays_the_same(shown: Shown) -> None:
    shown.window.show_page(PageKey.HISTORY)

    assert isinstance(shown.answers[-1], Report)
    asked = [one for one in shown.questions if isinstance(one, Periods)]
    assert not any(one.selection.is_of_team for one in asked)

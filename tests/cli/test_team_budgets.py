"""Budgets of a team on the command line, and what the tray knows of them afterwards."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shell import COST, TOKENS, Shell, minutes_ago

from spendlight.paths import settings_path
from spendlight.settings import SettingsFile
from spendlight.tracker.tracker import TrackerOptions, UsageTracker

BUDGETS = f"""
[[limits]]
name = "all"
amount = {4 * COST}
period = "month"
of = "team"

[[limits]]
name = "bob"
amount = {10 * TOKENS}
metric = "tokens"
period = "month"
of = "team"
person = "Bob"

[[limits]]
name = "gone"
amount = 5
period = "day"
of = "team"
person = "Nobody"

[[limits]]
name = "own"
amount = 5
"""


@pytest.fixture
def team(shell: Shell) -> Path:
    """The folder of a team of two machines with three answers of this month, and budgets for it."""
    folder = shell.place / "team"
    log = shell.log("blog/b.jsonl", minutes_ago(0.5))
    data = str(shell.place / "lap")
    shell.run("team", "join", str(folder), "--as", "lap", "--person", "Bob", "--data-dir", data)
    log.unlink()
    write_settings(BUDGETS)
    shell.log("shop/a.jsonl", minutes_ago(0.6), minutes_ago(0.7))
    shell.run("team", "join", str(folder), "--as", "desk", "--person", "Ada")
    return folder


def write_settings(text: str) -> None:
    path = settings_path(os.environ, None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def budget_lines(shell: Shell) -> list[str]:
    return [one for one in shell.run("team").out.splitlines() if one.startswith("Budget")]


def test_the_status_shows_how_much_of_the_teams_budgets_is_used(shell: Shell, team: Path) -> None:
    assert team.is_dir()
    lines = budget_lines(shell)

    assert lines[0].startswith("Budget    all, the team, per month: $0.08 of $0.11 (75 %)")
    assert lines[1].startswith("Budget    bob, Bob, per month: 21.4 k of 214 k tokens (10 %)")
    assert lines[2] == (
        "Budget    gone, Nobody, per day: not known: nobody in the team is called Nobody"
    )
    assert len(lines) == 3
    told = shell.run("team", "status", "--json").json["budgets"]
    assert [(one["name"], one["person"], one["used"]) for one in told] == [
        ("all", None, pytest.approx(3 * COST)),
        ("bob", "Bob", TOKENS),
        ("gone", "Nobody", None),
    ]
    assert not any(one["isLowerBound"] for one in told)


def test_without_the_teams_folder_the_status_says_as_of_when(shell: Shell, team: Path) -> None:
    team.rename(shell.place / "away")

    first, *_, last = budget_lines(shell)

    told = shell.run("team", "status", "--json").json["budgets"][0]["measuredAt"]
    at = datetime.fromisoformat(told)
    assert datetime.now(UTC) - at < timedelta(minutes=1)
    assert first.endswith(f", as of {at:%Y-%m-%d %H:%M}")
    assert last.endswith("not known, as the team's folder cannot be used")


@pytest.mark.usefixtures("team")
def test_publishing_tells_the_tray_what_the_team_has_used(shell: Shell) -> None:
    settings = SettingsFile(settings_path(os.environ, None)).load().settings
    tray = UsageTracker.open(TrackerOptions(prices_file=shell.prices))
    tray.use_budgets(settings.budgets, settings.alerts, settings.week_start)
    assert tray.refresh().alerts == ()
    shell.log("shop/c.jsonl", minutes_ago(0.2), minutes_ago(0.1))

    shell.run("team", "publish")

    (alert,) = tray.refresh().alerts
    assert (alert.budget.name, alert.level) == ("all", 1.0)
    assert alert.used == pytest.approx(5 * COST)
    state = next(one for one in tray.snapshot().budgets if one.budget.name == "all")
    assert state.measured_at is not None
    assert datetime.now(UTC) - state.measured_at < timedelta(minutes=1)
    assert tray.refresh().alerts == ()
    tray.close()


@pytest.mark.usefixtures("team")
def test_a_budget_that_no_team_can_have_is_ignored_with_the_reason(shell: Shell) -> None:
    write_settings('[[limits]]\nname = "x"\namount = 5\nof = "team"\n')

    ran = shell.run("team", "status")

    assert ran.err == (
        'spendlight: limits entry "x": for a team, period must be "day", "week" or "month". '
        "This entry is ignored.\n"
    )
    assert "Budget" not in ran.out

"""What tray, window and notifications say about a team's budgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from tests.desktop.makers import NOON, make_snapshot

from spendlight.desktop import words
from spendlight.desktop.alert_words import alert_texts
from spendlight.desktop.words import Situation
from spendlight.metering.budgets import (
    Alert,
    Budget,
    BudgetOf,
    BudgetPeriod,
    BudgetState,
    Metric,
    Severity,
)
from spendlight.metering.team_budgets import TeamReading, team_state

MINUTE = timedelta(minutes=1)
BEGAN = NOON.replace(day=1, hour=0)
MONTH = Budget(name="all", amount=500, period=BudgetPeriod.MONTH, of=BudgetOf.TEAM)
PERIOD = (BEGAN.date().isoformat(), BEGAN, BEGAN + timedelta(days=31))


def state(used: float, budget: Budget = MONTH, age: timedelta = 4 * MINUTE) -> BudgetState:
    reading = TeamReading(budget.rule, used, BEGAN, NOON - age, "prices")
    return team_state(budget, [reading], PERIOD, NOON)


def situation(*budgets: BudgetState, **others: object) -> Situation:
    return replace(Situation(NOON, make_snapshot(budgets=budgets), zone=UTC), **others)  # type: ignore[arg-type]


def row(*budgets: BudgetState, **others: object) -> str:
    texts = [one.text for one in words.tray_texts(situation(*budgets, **others)).rows]
    assert len(texts) == 3
    return texts[1]


def card(*budgets: BudgetState) -> tuple[str, str, str]:
    return words.cards(situation(*budgets))[-1]


UNKNOWN = BudgetState(budget=MONTH, used=0.0)


def test_the_menu_shows_the_teams_budget_and_how_old_it_is() -> None:
    assert row(state(2)) == "Team: month budget 0 % of $500.00 · lasts · 4 min ago"
    assert row(state(600)) == "Team: month budget 120 % of $500.00 · used up · 4 min ago"
    assert "runs out" in row(state(499))


def test_an_old_figure_is_a_lower_bound() -> None:
    old = state(400, age=3 * 60 * MINUTE)

    assert row(old) == "Team: month budget at least 80 % of $500.00 · 3 h ago"
    assert card(old) == ("Team: month budget", "≥ 80 %", "$400.00 of $500.00 · 3 h ago")


def test_what_is_not_known_is_never_nothing() -> None:
    assert row(UNKNOWN) == "Team: month budget not known yet"
    assert card(UNKNOWN) == ("Team: month budget", "–", "not known yet")


def test_the_fullest_budget_is_shown_and_a_known_one_first() -> None:
    ada = replace(MONTH, name="ada", person="Ada\n", period=BudgetPeriod.WEEK)
    tokens = replace(MONTH, name="t", metric=Metric.TOKENS, amount=5e6, period=BudgetPeriod.DAY)
    scoped = replace(MONTH, name="shop", project="shop")

    assert row(UNKNOWN, state(10), state(450, ada)).startswith("Ada\\x0a: week budget 90 % of $500")
    assert row(state(10), state(4e6, tokens), state(499, scoped)).startswith(
        "Team: day budget 80 % of 5 M tokens"
    )
    assert card(state(4e6, tokens))[2] == "4 M of 5 M tokens · 4 min ago"


def test_the_ring_and_the_text_beside_it_stay_those_of_this_machine() -> None:
    full = situation(state(600))

    assert words.tightest_budget(full) is None
    assert words.severity(full) is Severity.CRITICAL
    assert words.severity(situation(UNKNOWN)) is None


def test_hidden_amounts_stay_hidden() -> None:
    assert row(state(2), is_private=True) == "Team: month budget 0 % of ••• · lasts · 4 min ago"


@pytest.mark.parametrize(
    ("person", "title"),
    [("", "Monthly budget of the team used up"), ("Ada", "Monthly budget of Ada used up")],
)
def test_an_alert_names_whose_budget_it_is(person: str, title: str) -> None:
    alert = Alert(
        key="k",
        budget=replace(MONTH, person=person),
        level=1.0,
        severity=Severity.CRITICAL,
        used=512.5,
        at=NOON,
        resets_at=PERIOD[2],
    )

    assert alert_texts(alert, NOON, UTC) == (title, "$512.50 of $500.00")

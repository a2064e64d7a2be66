from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.desktop.makers import NOON, make_snapshot

from spendlight.desktop import words
from spendlight.desktop.words import Situation
from spendlight.metering.budgets import Budget, BudgetState
from spendlight.metering.plan import AgentPlan, PlanReading, PlanSource, PlanWindow
from spendlight.settings import TrayText
from spendlight.tracker.snapshot import DataState

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TWO_MINUTES = timedelta(minutes=2)


def five_hours(
    percent: float = 41, resets_in: timedelta = 2 * HOUR, age: timedelta = TWO_MINUTES
) -> PlanReading:
    return PlanReading(PlanWindow.FIVE_HOURS, percent, NOON + resets_in, NOON - age)


def week(
    percent: float = 63, resets_in: timedelta = 2 * DAY, age: timedelta = TWO_MINUTES
) -> PlanReading:
    return PlanReading(PlanWindow.WEEK, percent, NOON + resets_in, NOON - age)


def situation(*plan: PlanReading, now: datetime = NOON, **others: object) -> Situation:
    snapshot = make_snapshot(plan=plan)
    return replace(Situation(NOON, snapshot, zone=UTC), now=now, **others)  # type: ignore[arg-type]


def rows(*plan: PlanReading, now: datetime = NOON) -> list[str]:
    return [row.text for row in words.tray_texts(situation(*plan, now=now)).rows]


def test_the_menu_has_four_rows_in_the_documented_order() -> None:
    assert rows(five_hours(), week()) == [
        "Block $3.75 · $1.20/h · ends 14:00",
        "5-hour limit 41 % · from Claude Code, 2 min ago",
        "Week 63 % · lasts until reset",
        "Today $9.10",
    ]


def test_an_unknown_plan_limit_has_no_row() -> None:
    assert rows() == ["Block $3.75 · $1.20/h · ends 14:00", "Today $9.10"]
    assert rows(week())[1] == "Week 63 % · lasts until reset · from Claude Code, 2 min ago"


@pytest.mark.parametrize(
    ("reading", "row"),
    [
        (week(63, 4 * DAY), "Week 63 % · runs out Sun 06:13 at this rate"),
        (week(12, 6 * DAY), "Week 12 % · resets Thu 12:00"),
        (week(100, DAY), "Week 100 % · used up until Sat 12:00"),
        (five_hours(90), "5-hour limit 90 % · runs out 12:17 at this rate"),
        (five_hours(100), "5-hour limit 100 % · used up until 14:00"),
        (five_hours(8, 4.5 * HOUR), "5-hour limit 8 %"),
    ],
)
def test_a_row_shows_the_projection(reading: PlanReading, row: str) -> None:
    assert rows(reading)[1].removesuffix(" · from Claude Code, 2 min ago") == row


def test_an_old_percentage_is_a_lower_bound_and_shows_its_age() -> None:
    assert rows(five_hours(age=HOUR), week(age=3 * HOUR))[1:3] == [
        "5-hour limit ≥ 41 % · from Claude Code, 1 h ago",
        "Week ≥ 63 % · from Claude Code, 3 h ago",
    ]


def test_figures_age_between_two_snapshots() -> None:
    assert rows(five_hours(), now=NOON + HOUR)[1].startswith("5-hour limit ≥ 41 % · ")


def test_a_plan_window_that_ended_has_no_figure_and_after_a_day_no_row() -> None:
    over = five_hours(97, -HOUR, age=2 * HOUR)

    assert rows(over)[1] == "5-hour limit · reset 11:00, no newer report"
    assert len(rows(over, now=NOON + DAY)) == 2


def test_figures_of_the_usage_command_are_marked() -> None:
    cached = five_hours()._replace(source=PlanSource.USAGE_CACHE)

    assert rows(cached)[1].endswith(" · from Claude Code’s last /usage, 2 min ago")


def test_times_in_texts_are_in_the_users_time_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    texts = words.tray_texts(situation(week(100, DAY), zone=india))

    assert "used up until Sat 17:30" in texts.rows[1].text


def test_the_rows_open_the_page_now() -> None:
    pages = [row.page for row in words.tray_texts(situation(five_hours(), week())).rows]

    assert pages == ["now", "now", "now", "history"]


def test_the_tooltip_shows_plan_limits_beside_the_day() -> None:
    assert words.tray_texts(situation(five_hours(), week())).tooltip.splitlines() == [
        "Block $3.75 · $1.20/h · ends 14:00",
        "Today $9.10 · 5-hour limit 41 % · week 63 %",
        "List price · last answer 11:55",
    ]


def test_a_short_tooltip_shows_the_day_only() -> None:
    plan = (five_hours(age=HOUR), week(age=HOUR))
    hours = situation(snapshot=make_snapshot(today_cost=9_876_543.21, plan=plan))

    lines = words.tray_texts(hours).tooltip.splitlines()

    assert lines[1].startswith("Today $9,876,543.21")
    assert len(lines[1]) <= 60


def test_budgets_are_shown_below_the_plan_limits() -> None:
    state = BudgetState(budget=Budget(name="b", amount=10), used=4, instance="b")
    snapshot = make_snapshot(plan=(five_hours(),), budgets=(state,))

    texts = [row.text for row in words.tray_texts(situation(snapshot=snapshot)).rows]

    assert [text.split(" ")[0] for text in texts] == ["Block", "5-hour", "Block", "Today"]


@pytest.mark.parametrize(
    ("beside", "text", "first"),
    [
        (TrayText.FIVE_HOURS, "5 h: 41 %", "5-hour limit 41 %"),
        (TrayText.WEEK, "Week: 63 %", "Week 63 %"),
    ],
)
def test_a_plan_limit_can_be_the_text_beside_the_icon(
    beside: TrayText, text: str, first: str
) -> None:
    texts = words.tray_texts(situation(five_hours(), week(), beside=beside))

    assert texts.beside == text
    assert texts.rows[0].text.startswith(first)
    assert texts.tooltip.startswith(first)
    assert len(texts.rows) == 4
    assert len(texts.tooltip.splitlines()) == 3


def test_an_uncertain_value_is_marked_beside_the_icon() -> None:
    def beside(*plan: PlanReading) -> str:
        return words.tray_texts(situation(*plan, beside=TrayText.FIVE_HOURS)).beside

    assert beside(five_hours(age=HOUR)) == "5 h: ≥ 41 %"
    assert beside(five_hours(resets_in=-HOUR, age=2 * HOUR)) == "5 h: ?"
    assert beside(week()) == ""


@pytest.mark.parametrize(
    ("plan", "card"),
    [
        ((five_hours(), week()), ("5-hour limit", "41 %", "resets 14:00 · week 63 %")),
        ((five_hours(),), ("5-hour limit", "41 %", "resets 14:00")),
        ((week(),), ("Weekly limit", "63 %", "resets Sun 12:00")),
        (
            (five_hours(), week(63, 4 * DAY)),
            ("Weekly limit", "63 %", "runs out Sun 06:13 at this rate · 5 h 41 %"),
        ),
        (
            (five_hours(100), week(63, 4 * DAY)),
            ("5-hour limit", "100 %", "used up until 14:00 · week 63 %"),
        ),
        (
            (five_hours(age=3 * HOUR), week(age=3 * HOUR)),
            ("5-hour limit", "≥ 41 %", "3 h ago · week ≥ 63 %"),
        ),
        (
            (five_hours(100, age=HOUR), week()),
            ("5-hour limit", "≥ 100 %", "used up until 14:00 · week 63 %"),
        ),
        (
            (five_hours(100, -HOUR, age=2 * HOUR), week(63, 4 * DAY)),
            ("Weekly limit", "63 %", "runs out Sun 06:13 at this rate"),
        ),
        (
            (five_hours(97, -HOUR, age=2 * HOUR), week(age=2 * HOUR)),
            ("5-hour limit", "–", "reset 11:00, no newer report · week ≥ 63 %"),
        ),
    ],
)
def test_the_window_has_a_card_for_the_most_important_limit(
    plan: tuple[PlanReading, ...], card: tuple[str, str, str]
) -> None:
    assert words.cards(situation(*plan))[3:] == (card,)


def test_the_footer_of_the_window_names_the_source_of_plan_limits() -> None:
    assert words.price_line(situation(five_hours(), week(age=HOUR))).endswith(
        " · last answer 11:55 · limits from Claude Code, 2 min ago"
    )
    over = five_hours(resets_in=-HOUR, age=2 * HOUR)
    assert words.price_line(situation(over)).endswith("last answer 11:55")


def test_a_plan_limit_without_an_end_is_still_shown() -> None:
    endless = five_hours(100)._replace(resets_at=None)

    assert rows(endless)[1] == "5-hour limit 100 % · used up · from Claude Code, 2 min ago"
    assert words.cards(situation(endless))[-1].context == "used up"


def test_percentages_are_shown_while_amounts_are_hidden() -> None:
    texts = words.tray_texts(situation(five_hours(), is_private=True))

    assert texts.rows[1].text.startswith("5-hour limit 41 %")


def test_the_limits_of_another_agent_share_a_row_behind_those_of_claude_code() -> None:
    own = (
        five_hours(12)._replace(source=PlanSource.ROLLOUT),
        week(13)._replace(source=PlanSource.ROLLOUT),
    )
    over = AgentPlan("other", "Other", (five_hours(5, resets_in=-HOUR),))
    plans = (AgentPlan("codex", "Codex", own), over)
    snapshot = make_snapshot(plan=(five_hours(),))._replace(agent_plans=plans)

    texts = words.tray_texts(Situation(NOON, snapshot, zone=UTC))

    assert [row.text for row in texts.rows][1:3] == [
        "5-hour limit 41 % · from Claude Code, 2 min ago",
        "Codex: 5-hour limit 12 % · Week 13 % · from Codex, 2 min ago",
    ]
    assert "Codex" not in texts.tooltip  # it has few lines


def codex_alone(**others: object) -> Situation:
    """Return what is known where only Codex is used: its limits, an hour old, and no block."""
    own = tuple(
        reading._replace(source=PlanSource.ROLLOUT)
        for reading in (five_hours(12, age=HOUR), week(13, age=HOUR))
    )
    snapshot = make_snapshot(state=DataState.IDLE)._replace(
        agent_plans=(AgentPlan("codex", "Codex", own),)
    )
    return replace(Situation(NOON, snapshot, zone=UTC), **others)  # type: ignore[arg-type]


def test_where_only_codex_is_used_the_tray_starts_with_the_day_and_the_limits() -> None:
    texts = words.tray_texts(codex_alone())

    assert [row.text for row in texts.rows] == [
        "Today $9.10",
        "Codex: 5-hour limit ≥ 12 % · Week ≥ 13 % · from Codex, 1 h ago",
        "No active block",
    ]
    assert texts.tooltip.splitlines() == [
        "Today $9.10",
        "Codex: 5-hour limit ≥ 12 % · Week ≥ 13 % · 1 h ago",
        "List price · last answer 11:55",
    ]


def test_where_only_codex_is_used_the_chosen_limit_of_claude_code_is_not_missed() -> None:
    texts = words.tray_texts(codex_alone(beside=TrayText.WEEK))

    assert texts.rows[0].text == "Today $9.10"
    assert "No active block" not in texts.tooltip


def test_an_active_block_comes_before_the_limits_of_another_agent() -> None:
    codex = codex_alone().snapshot
    assert codex is not None
    both = make_snapshot()._replace(agent_plans=codex.agent_plans)

    texts = words.tray_texts(Situation(NOON, both, zone=UTC))

    assert texts.rows[0].text == "Block $3.75 · $1.20/h · ends 14:00"
    assert texts.tooltip.startswith("Block $3.75")

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from spendlight.desktop.alert_words import alert_texts, budget_title
from spendlight.metering.budgets import Alert, Budget, BudgetPeriod, Metric, Severity

NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
ENDS = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BLOCK = Budget(name="b", amount=50)


def make_alert(budget: Budget = BLOCK, level: float = 0.8, **changes: object) -> Alert:
    alert = Alert(
        key="k",
        budget=budget,
        level=level,
        severity=Severity.WARN,
        used=42,
        at=NOW,
        resets_at=ENDS,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]


def texts(alert: Alert, now: datetime = NOW) -> tuple[str, ...]:
    return tuple(alert_texts(alert, now, UTC))


def test_a_level_says_how_much_is_used_and_when_the_block_ends() -> None:
    assert texts(make_alert()) == (
        "Block budget: 84 % used",
        "$42.00 of $50.00 · ends 15:00",
    )


def test_a_budget_that_is_spent_is_used_up() -> None:
    assert texts(make_alert(level=1.0, used=51.2)) == (
        "Block budget used up",
        "$51.20 of $50.00 · ends 15:00",
    )


def test_a_level_beyond_the_budget_says_how_far() -> None:
    assert texts(make_alert(level=1.5, used=80))[0] == "Block budget: 160 % used"


def test_tokens_are_counted_and_a_calendars_end_is_known() -> None:
    budget = Budget(name="t", amount=5e6, metric=Metric.TOKENS, period=BudgetPeriod.WEEK)

    assert texts(make_alert(budget, used=4_210_000)) == (
        "Weekly tokens: 84 % used",
        "4.21 M of 5 M tokens",
    )


def test_a_burn_rate_names_what_it_has_passed() -> None:
    budget = Budget(name="burn", amount=20, metric=Metric.BURN)

    assert texts(make_alert(budget, used=18.5)) == (
        "Burn rate above $16.00/h",
        "$18.50/h in this block · ends 15:00",
    )


@pytest.mark.parametrize(
    ("period", "left", "text"),
    [
        (
            BudgetPeriod.BLOCK,
            timedelta(minutes=38),
            "At this rate the budget will run out at 14:22, 38 min before the block ends.",
        ),
        (
            BudgetPeriod.DAY,
            timedelta(hours=1),
            "At this rate the budget will run out at 14:00, 1 h before the day ends.",
        ),
        (
            BudgetPeriod.WEEK,
            timedelta(hours=1, minutes=59, seconds=59),
            "At this rate the budget will run out at 13:00, 1 h 59 min before the week ends.",
        ),
    ],
)
def test_a_forecast_has_the_clock_time(period: BudgetPeriod, left: timedelta, text: str) -> None:
    budget = Budget(name="f", amount=50, metric=Metric.FORECAST, period=period)

    title, body = texts(make_alert(budget, level=1.0, exhausted_at=ENDS - left))

    assert title.endswith("budget will not last")
    assert body == text


def test_a_forecast_of_another_day_has_the_day() -> None:
    budget = Budget(name="f", amount=50, metric=Metric.FORECAST, period=BudgetPeriod.MONTH)
    end = datetime(2026, 4, 1, tzinfo=UTC)
    alert = make_alert(budget, level=1.0, resets_at=end, exhausted_at=end - timedelta(days=9))

    assert (
        texts(alert)[1]
        == "At this rate the budget will run out at 2026-03-23 00:00, 9 days before the month ends."
    )


def test_a_reset_says_how_much_was_used() -> None:
    budget = Budget(name="r", metric=Metric.RESET)

    assert texts(make_alert(budget, level=1.0, used=0.965, resets_at=NOW)) == (
        "The block is over",
        "It ended at 13:00, with 96 % used.",
    )


@pytest.mark.parametrize(("others", "text"), [(1, "and 1 more alert"), (3, "and 3 more alerts")])
def test_one_alert_says_how_many_more_it_stands_for(others: int, text: str) -> None:
    assert texts(make_alert(others=others))[1].splitlines() == [
        "$42.00 of $50.00 · ends 15:00",
        text,
    ]


def test_what_was_muted_is_told_with_its_moment() -> None:
    alert = make_alert(level=1.0, was_muted=True, others=2)

    assert texts(alert, NOW + timedelta(hours=15)) == (
        "While alerts were muted",
        "Block budget used up at 2026-03-02 13:00\n$42.00 of $50.00\nand 2 more alerts",
    )


def test_moments_are_those_of_the_users_clock() -> None:
    assert alert_texts(make_alert(), NOW, ZoneInfo("Asia/Kathmandu")).body.endswith("ends 20:45")


@pytest.mark.parametrize(
    ("budget", "title"),
    [
        (Budget(name="x", amount=1, period=BudgetPeriod.DAY), "Daily budget"),
        (Budget(name="x", amount=1, period=BudgetPeriod.MONTH), "Monthly budget"),
        (Budget(name="x", amount=1, metric=Metric.TOKENS), "Block tokens"),
        (
            Budget(name="x", amount=1, project="-home-ada-kettle"),
            "Block budget for kettle",
        ),
        (Budget(name="x", amount=1, project="-tmp"), "Block budget for -tmp"),
        (
            Budget(name="x", amount=1, project="-home-ada-kettle", model="claude-opus-4-6"),
            "Block budget for kettle with opus-4-6",
        ),
        (Budget(name="x", metric=Metric.RESET, period=BudgetPeriod.DAY), "The day is over"),
    ],
)
def test_a_budget_is_called_by_what_it_is_about(budget: Budget, title: str) -> None:
    assert budget_title(budget, {"-home-ada-kettle": "kettle"}) == title


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("period", list(BudgetPeriod))
def test_every_limit_has_words(metric: Metric, period: BudgetPeriod) -> None:
    budget = Budget(name="x", amount=50, metric=metric, period=period)

    title, body = texts(make_alert(budget, exhausted_at=NOW))

    assert title
    assert body
    assert "{" not in title + body


@pytest.mark.parametrize(
    ("period", "used", "title"),
    [
        (BudgetPeriod.BLOCK, 82.7, "The plan’s 5-hour limit: 82 % used"),
        (BudgetPeriod.BLOCK, 104, "The plan’s 5-hour limit used up"),
        (BudgetPeriod.WEEK, 99.9, "The plan’s weekly limit: 99 % used"),
    ],
)
def test_a_limit_of_the_plan_says_whose_word_it_is(
    period: BudgetPeriod, used: float, title: str
) -> None:
    budget = Budget(name="p", amount=100, metric=Metric.PLAN, period=period)

    assert texts(make_alert(budget, used=used)) == (
        title,
        "As reported by Claude Code · resets 15:00",
    )
    assert texts(make_alert(budget, used=used), ENDS)[1] == "As reported by Claude Code"

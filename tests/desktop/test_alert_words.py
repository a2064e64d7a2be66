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


def test_an_alert_shows_the_share_and_the_end_of_the_block() -> None:
    assert texts(make_alert()) == (
        "Block budget: 84 % used",
        "$42.00 of $50.00 · ends 15:00",
    )


def test_a_budget_at_100_percent_is_called_used_up() -> None:
    assert texts(make_alert(level=1.0, used=51.2)) == (
        "Block budget used up",
        "$51.20 of $50.00 · ends 15:00",
    )


def test_an_alert_beyond_the_budget_shows_the_excess() -> None:
    assert texts(make_alert(level=1.5, used=80))[0] == "Block budget: 160 % used"


def test_an_alert_about_tokens_shows_the_end_of_the_period() -> None:
    budget = Budget(name="t", amount=5e6, metric=Metric.TOKENS, period=BudgetPeriod.WEEK)

    assert texts(make_alert(budget, used=4_210_000)) == (
        "Weekly tokens: 84 % used",
        "4.21 M of 5 M tokens",
    )


def test_an_alert_about_the_burn_rate_names_the_limit() -> None:
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


def test_a_forecast_for_another_day_names_it() -> None:
    budget = Budget(name="f", amount=50, metric=Metric.FORECAST, period=BudgetPeriod.MONTH)
    end = datetime(2026, 4, 1, tzinfo=UTC)
    alert = make_alert(budget, level=1.0, resets_at=end, exhausted_at=end - timedelta(days=9))

    assert (
        texts(alert)[1]
        == "At this rate the budget will run out at 2026-03-23 00:00, 9 days before the month ends."
    )


def test_an_alert_about_a_reset_shows_the_usage() -> None:
    budget = Budget(name="r", metric=Metric.RESET)

    assert texts(make_alert(budget, level=1.0, used=0.965, resets_at=NOW)) == (
        "The block is over",
        "It ended at 13:00, with 96 % used.",
    )


@pytest.mark.parametrize(("others", "text"), [(1, "and 1 more alert"), (3, "and 3 more alerts")])
def test_an_alert_shows_how_many_others_it_summarizes(others: int, text: str) -> None:
    assert texts(make_alert(others=others))[1].splitlines() == [
        "$42.00 of $50.00 · ends 15:00",
        text,
    ]


def test_muted_alerts_are_shown_with_their_times() -> None:
    alert = make_alert(level=1.0, was_muted=True, others=2)

    assert texts(alert, NOW + timedelta(hours=15)) == (
        "While alerts were muted",
        "Block budget used up at 13:00 yesterday\n$42.00 of $50.00\nand 2 more alerts",
    )


def test_a_time_of_the_next_day_is_one_of_tomorrow() -> None:
    alert = make_alert(resets_at=NOW + timedelta(hours=12))

    assert texts(alert)[1] == "$42.00 of $50.00 · ends 01:00 tomorrow"


def test_times_are_shown_in_the_users_time_zone() -> None:
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
def test_every_limit_can_be_described(metric: Metric, period: BudgetPeriod) -> None:
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
def test_a_plan_limit_names_its_source(period: BudgetPeriod, used: float, title: str) -> None:
    budget = Budget(name="p", amount=100, metric=Metric.PLAN, period=period)

    assert texts(make_alert(budget, used=used)) == (
        title,
        "As reported by Claude Code · resets 15:00",
    )
    assert texts(make_alert(budget, used=used), ENDS)[1] == "As reported by Claude Code"

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from spendlight.cli import plan_words
from spendlight.metering.plan import PlanReading, PlanSource, PlanWindow

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TWO_MINUTES = timedelta(minutes=2)


def use(
    percent: float,
    resets_in: timedelta | None,
    *,
    window: PlanWindow = PlanWindow.WEEK,
    age: timedelta = TWO_MINUTES,
    source: PlanSource = PlanSource.STATUS_LINE,
) -> str:
    resets_at = None if resets_in is None else NOW + resets_in
    reading = PlanReading(window, percent, resets_at, NOW - age, source)
    return plan_words.use(reading, NOW, UTC)


@pytest.mark.parametrize(
    ("percent", "resets_in", "words"),
    [
        (41, 3 * DAY, "41 % · lasts until reset Thu 12:00"),
        (63, 4 * DAY, "63 % · runs out Wed 06:13 at this rate · resets Fri 12:00"),
        (12, 6.5 * DAY, "12 % · resets Mon 00:00"),
        (99.2, HOUR, "99 % · lasts until reset 13:00"),
        (100, HOUR, "100 % · used up · resets 13:00"),
        (105, HOUR, "105 % · used up · resets 13:00"),
        (41, None, "41 %"),
    ],
)
def test_a_plan_limit_is_shown_with_its_projection(
    percent: float, resets_in: timedelta | None, words: str
) -> None:
    assert use(percent, resets_in) == f"{words} · from Claude Code, 2 min ago"


def test_an_old_percentage_is_a_lower_bound() -> None:
    assert use(41, HOUR, age=3 * HOUR) == "at least 41 % · resets 13:00 · from Claude Code, 3 h ago"


def test_after_its_window_a_plan_limit_is_unknown() -> None:
    assert (
        use(41, -HOUR, age=2 * HOUR)
        == "unknown · reset 11:00 · last 41 % from Claude Code, 2 h ago"
    )


def test_figures_of_the_usage_command_are_marked() -> None:
    said = use(41, 3 * DAY, source=PlanSource.USAGE_CACHE, age=timedelta(seconds=5))

    assert said.endswith(" · from Claude Code's last /usage, just now")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (-HOUR, "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (47 * HOUR, "47 h ago"),
        (2 * DAY, "2 days ago"),
    ],
)
def test_ages_are_rounded(span: timedelta, words: str) -> None:
    assert plan_words.age(span) == words


def test_times_are_shown_in_the_users_time_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))

    assert plan_words.clock(NOW, NOW, india) == "17:30"
    assert plan_words.clock(NOW + 7 * HOUR, NOW, india) == "Tue 00:30"


def test_json_contains_known_and_estimated_values() -> None:
    reading = PlanReading(PlanWindow.WEEK, 63, NOW + 4 * DAY, NOW - TWO_MINUTES)

    assert plan_words.to_json([reading], NOW)["seven_day"] == {
        "age_seconds": 120,
        "estimated_percentage_at_reset": pytest.approx(147.07, abs=0.01),
        "estimated_spent_at": "2026-03-04T06:13:58.095Z",
        "lasts_to_reset": False,
        "resets_at": "2026-03-06T12:00:00.000Z",
        "seen_at": "2026-03-02T11:58:00.000Z",
        "source": "statusline",
        "state": "fresh",
        "used_percentage": 63,
    }


@pytest.mark.parametrize(
    ("percent", "age", "lasts"),
    [(30, TWO_MINUTES, True), (100, 3 * HOUR, False), (30, 3 * HOUR, None)],
)
def test_json_says_whether_a_limit_lasts_if_that_is_known(
    percent: float, age: timedelta, lasts: object
) -> None:
    reading = PlanReading(PlanWindow.WEEK, percent, NOW + 4 * DAY, NOW - age)

    assert plan_words.to_json([reading], NOW)["seven_day"]["lasts_to_reset"] is lasts

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isclose

import pytest

from spendlight.tracker.questions.answers import SessionAnswers
from spendlight.tracker.questions.course import Course, SessionsAtWork
from spendlight.tracker.tracker import UsageTracker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("step_ms", [60_000, 300_000, 3_600_000])
@pytest.mark.parametrize("days", [1, 12])
def test_a_course_adds_up_to_the_sessions_of_its_time(
    tracker: UsageTracker, step_ms: int, days: int
) -> None:
    since, until = NOON - timedelta(days=days), NOON + timedelta(hours=1)

    course = tracker.ask(Course(since, until, step_ms))
    sessions = tracker.ask(SessionsAtWork(since, until))

    assert course.total.answers == sessions.total.answers > 0
    assert isclose(course.total.cost, sessions.total.cost)
    assert list(course.rows) == sorted(course.rows, key=lambda row: row.at)


def test_the_end_of_a_period_is_exclusive(tracker: UsageTracker) -> None:
    first = min(row.at for row in tracker.ask(SessionAnswers("session-0")))

    def answers(until: datetime) -> int:
        return tracker.ask(Course(first - timedelta(hours=1), until)).total.answers

    assert answers(first) == 0
    assert answers(first + timedelta(milliseconds=1)) == 1

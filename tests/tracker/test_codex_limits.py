"""What Codex's rollouts say about plan limits is shown beside Claude Code's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.tracker.codex_worlds import CodexWorld, meta, rollout_line, turn

from spendlight.metering.plan import AgentPlan, PlanSource, PlanWindow

LATER = timedelta(hours=2)
NOON = datetime.now(UTC).replace(second=0, microsecond=0) - LATER
"""Logs are recent, as old limits are not looked for."""


@pytest.fixture
def world(tmp_path: Path) -> CodexWorld:
    return CodexWorld(tmp_path)


def limits(minutes: int, of_five_hours: float, of_week: float, **more: object) -> bytes:
    """Return a line with limits, some minutes after the beginning."""
    at = NOON + timedelta(minutes=minutes)
    found: dict[str, Any] = {
        "limit_id": "codex",
        "primary": {
            "used_percent": of_five_hours,
            "window_minutes": 300,
            "resets_at": int((NOON + timedelta(hours=4)).timestamp()),
        },
        "secondary": {
            "used_percent": of_week,
            "window_minutes": 10_080,
            "resets_in_seconds": 86_400,
        },
        **more,
    }
    line = rollout_line(0, "event_msg", {"type": "token_count", "info": None, "rate_limits": found})
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.000Z".encode()
    return line.replace(b"2026-03-01T12:00:00.000Z", stamp)


def plans(world: CodexWorld, **after: float) -> tuple[AgentPlan, ...]:
    """Return what is known some time after the beginning."""
    return world.count().snapshot(NOON + timedelta(**after)).agent_plans


def test_the_latest_limits_are_shown_with_their_source_and_age(world: CodexWorld) -> None:
    world.write("sessions/a.jsonl", meta(), turn(), limits(0, 1, 2), limits(60, 12, 13))
    world.write("sessions/b.jsonl", meta("b"), turn(), limits(30, 5, 6), b"{half")

    (plan,) = plans(world, minutes=70)

    assert (plan.agent, plan.title) == ("codex", "Codex")
    five_hours, week = plan.readings
    assert (five_hours.window, five_hours.percent) == (PlanWindow.FIVE_HOURS, 12)
    assert five_hours.resets_at == NOON + timedelta(hours=4)
    assert five_hours.seen_at == NOON + timedelta(hours=1)
    assert five_hours.source is PlanSource.ROLLOUT
    assert (week.window, week.percent) == (PlanWindow.WEEK, 13)
    assert week.resets_at == NOON + timedelta(hours=25)


def test_limits_of_single_models_or_of_no_valid_form_are_not_shown(world: CodexWorld) -> None:
    other = limits(60, 99, 99, limit_id="codex_other")
    odd = limits(61, 1, 1, primary="x", secondary={"used_percent": "y", "window_minutes": 300})
    none = rollout_line(0, "event_msg", {"type": "token_count", "info": None, "rate_limits": {}})
    world.write("sessions/a.jsonl", meta(), turn(), limits(0, 1, 2), other, odd, none)

    (plan,) = plans(world, minutes=70)

    assert [reading.percent for reading in plan.readings] == [1, 2]


def test_nothing_is_guessed_where_no_rollout_says_anything(world: CodexWorld) -> None:
    world.write("sessions/a.jsonl", meta(), turn())

    assert plans(world, minutes=1) == ()


def test_a_limit_whose_window_has_long_ended_is_not_shown(world: CodexWorld) -> None:
    world.write("sessions/a.jsonl", meta(), turn(), limits(0, 1, 2))

    assert plans(world, days=3) == ()


def test_new_limits_in_a_log_replace_those_before(world: CodexWorld) -> None:
    log = world.write("sessions/a.jsonl", meta(), turn(), limits(0, 1, 2))
    assert [one.percent for one in plans(world, minutes=1)[0].readings] == [1, 2]

    with log.open("ab") as file:
        file.write(limits(5, 8, 9))

    assert [one.percent for one in plans(world, minutes=6)[0].readings] == [8, 9]

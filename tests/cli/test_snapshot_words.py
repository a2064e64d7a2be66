from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.desktop.makers import NOON, make_snapshot

from spendlight.cli import snapshot_words
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.burnrate import BurnRate, Projection
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.periods import to_ms
from spendlight.metering.plan import PlanReading, PlanWindow
from spendlight.metering.pricing import PriceSource
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker.snapshot import DataState, RecentUsage, UsageSnapshot

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(hours=1, minutes=30)
OPUS = ModelSpending("claude-opus-4-5", TokenCounts(), 1.5, is_priced=True, answers=1)
SPENDING = Spending(TokenCounts(3, 400, 1000, 0, 20_000), 1.5, (OPUS,), answers=1)
BLOCK = SessionBlock(to_ms(START), to_ms(START + timedelta(hours=5)), SPENDING)


def recent(count: int) -> tuple[RecentUsage, ...]:
    names = (SessionName("-w-app", f"-w-app/{number}", "s1") for number in range(count))
    return tuple(RecentUsage(name, NOW - timedelta(minutes=3), SPENDING) for name in names)


SNAPSHOT = UsageSnapshot(
    at=NOW,
    state=DataState.ACTIVE,
    block=BLOCK,
    rate=BurnRate(1_000, 20, 1.2),
    projection=Projection(210, 231_403, 5.7),
    today=SPENDING,
    recent=recent(1),
    last_at=NOW,
    prices=PriceSource("test list"),
)
IDLE = SNAPSHOT._replace(state=DataState.IDLE, block=None, rate=None, projection=None, recent=())


def told(
    snapshot: UsageSnapshot, limit_tokens: int | None = None
) -> dict[str, snapshot_words.Fact]:
    return {fact.heading: fact for fact in snapshot_words.facts(snapshot, limit_tokens, UTC)}


def test_the_current_figures_are_shown_line_by_line() -> None:
    assert snapshot_words.plain(snapshot_words.facts(SNAPSHOT, None, UTC)) == (
        "Block       12:00 – 17:00  ███████░░░░░░░░░░░░░░░░░  3h 30m left\n"
        "Cost        $1.50\n"
        "Tokens      21,403 (3 input, 400 output, cache 1 k write, 20 k read)\n"
        "Burn rate   $1.20/h · 1 k tokens/min\n"
        "Projection  $5.70 · 231 k tokens at 17:00\n"
        "Today       $1.50 · 21.4 k tokens\n"
        "Last hour   13:27     $1.50   21.4 k  -w-app/0  opus-4-5"
    )


def test_without_any_usage_ever_today_is_missing_and_not_zero() -> None:
    nothing = IDLE._replace(state=DataState.NO_CLAUDE, today=Spending(), last_at=None)

    text = snapshot_words.plain(snapshot_words.facts(nothing, None, UTC))

    assert text.startswith("No Claude Code data was found. ")
    assert "\n" not in text


def test_without_a_block_today_is_still_shown() -> None:
    facts = told(IDLE)

    assert facts["Block"].text == "No active block. The last answer was at 2026-03-01 13:30."
    assert facts["Today"].text == "$1.50 · 21.4 k tokens"
    assert "Cost" not in facts


@pytest.mark.parametrize(
    ("limit_tokens", "style"), [(1_000_000, "green"), (250_000, "yellow"), (200_000, "bold red")]
)
def test_a_limit_is_coloured_by_the_projection(limit_tokens: int, style: str) -> None:
    assert told(SNAPSHOT, limit_tokens)["Limit"].style == style


def test_early_in_a_block_a_limit_has_no_colour() -> None:
    early = SNAPSHOT._replace(at=START + timedelta(minutes=40))

    assert told(early, 200_000)["Limit"].style == ""


def test_a_reached_usage_limit_is_shown_with_its_end() -> None:
    reached = SPENDING._replace(limit_reset_ms=to_ms(START + timedelta(hours=4)))
    snapshot = SNAPSHOT._replace(block=BLOCK._replace(spending=reached))

    assert told(snapshot)["Usage limit"].text == "reached, resets at 16:00"


def test_many_sessions_are_summarized_by_their_number() -> None:
    facts = snapshot_words.facts(SNAPSHOT._replace(recent=recent(12)), None, UTC)

    assert facts[-1].text == "and 4 sessions more"
    assert sum(fact.may_be_cut for fact in facts) == 8


def test_a_snapshot_as_json_has_the_fields_of_claude_usage() -> None:
    assert snapshot_words.to_json(SNAPSHOT, 42_806, UTC) == {
        "status": "active",
        "tokens": {"current": 21_403, "limit": 42_806, "percentage": 50, "projected": 231_403},
        "cost": {"current": 1.5, "limit": None, "projected": 5.7},
        "timing": {
            "elapsed_minutes": 90,
            "remaining_minutes": 210,
            "current_time": "13:30",
            "start_time": "2026-03-01T12:00:00.000Z",
            "end_time": "2026-03-01T17:00:00.000Z",
        },
        "burn_rates": {"tokens_per_minute": 1_000, "cost_per_hour": 1.2},
        "plan": {},
        "session_count": 1,
        "today": {"cost": 1.5, "tokens": 21_403},
    }


def test_unknown_values_are_null_and_not_zero() -> None:
    young = SNAPSHOT._replace(rate=None, projection=None, recent=())

    said = snapshot_words.to_json(young, None, UTC)

    assert said["burn_rates"] == {"cost_per_hour": None, "tokens_per_minute": None}
    assert said["cost"]["projected"] is None
    assert said["tokens"]["percentage"] is None
    assert said["session_count"] == 1


def test_an_idle_hour_is_inactive() -> None:
    assert snapshot_words.to_json(IDLE, None, UTC) == {
        "status": "inactive",
        "message": "No active session",
        "plan": {},
        "today": {"cost": 1.5, "tokens": 21_403},
    }


def test_plan_limits_are_shown_above_the_day() -> None:
    fresh = PlanReading(PlanWindow.FIVE_HOURS, 41, NOON + timedelta(hours=2), NOON)
    spent = PlanReading(PlanWindow.WEEK, 100, NOON + timedelta(days=1), NOON)
    facts = snapshot_words.facts(make_snapshot(plan=(fresh, spent)), None, UTC)

    assert [fact.heading for fact in facts[-3:]] == ["5-hour limit", "Week", "Today"]
    assert [fact.style for fact in facts[-3:-1]] == ["", "bold red"]


def test_a_limit_that_will_not_last_is_marked_and_an_old_one_is_dim() -> None:
    early = PlanReading(PlanWindow.FIVE_HOURS, 90, NOW + timedelta(hours=2), NOW)
    old = early._replace(seen_at=NOW - timedelta(hours=1))

    styles = [snapshot_words.plan_facts([reading], NOW, UTC)[0].style for reading in (early, old)]

    assert styles == ["yellow", "dim"]

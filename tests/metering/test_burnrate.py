from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spendlight.metering.blocks import SessionBlock
from spendlight.metering.burnrate import (
    BurnRate,
    LimitVerdict,
    Projection,
    against_limit,
    burn_rate,
    project,
)
from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import DEFAULT_BLOCK_MS, to_ms
from spendlight.metering.slices import Spending

START = datetime(2026, 11, 21, tzinfo=UTC)
START_MS = to_ms(START)
TOKENS = TokenCounts(input=1210, output=5400, cache_write_5m=3000, cache_read=75000)


def block(
    *, minutes: float = 30, first: float = 0, cost: float = 0.0, tokens: TokenCounts = TOKENS
) -> SessionBlock:
    """Return a block used from one minute on for some minutes."""
    begin = START_MS + round(first * 60_000)
    spending = Spending(
        tokens, cost, first_ms=begin, last_ms=begin + round(minutes * 60_000), answers=3
    )
    return SessionBlock(START_MS, START_MS + DEFAULT_BLOCK_MS, spending)


def after(**time: float) -> datetime:
    """Return a moment after the start of the block."""
    return START + timedelta(**time)


def test_burn_rate_and_projection_of_a_real_block_equal_ccusages() -> None:
    found = block(first=55.45, minutes=30, cost=0.11838)
    now = datetime(2026, 11, 21, 1, 35, 27, 190_000, tzinfo=UTC)

    rate = burn_rate(found)

    assert rate is not None
    assert rate.tokens_per_minute == pytest.approx(2820.3333333333335, rel=1e-12)
    assert rate.input_output_tokens_per_minute == pytest.approx(220.33333333333334, rel=1e-12)
    assert rate.cost_per_hour == pytest.approx(0.23676, rel=1e-12)
    assert project(found, rate, now) == Projection(205, 662_778, 0.93)
    limit = against_limit(project(found, rate, now), 100_000)
    assert limit.percent_used == pytest.approx(662.778)
    assert limit.verdict is LimitVerdict.EXCEEDS


def test_a_single_moment_has_no_burn_rate() -> None:
    assert burn_rate(block(minutes=0)) is None
    assert burn_rate(SessionBlock(0, 1, Spending())) is None
    assert burn_rate(block(minutes=1 / 60_000)) is not None


@pytest.mark.parametrize(
    ("time", "minutes"),
    [
        ({"hours": 0}, 300),
        ({"hours": 4, "minutes": 30}, 30),
        ({"hours": 4, "minutes": 30, "seconds": 29.999}, 30),
        ({"hours": 4, "minutes": 30, "seconds": 30}, 30),
        ({"hours": 4, "minutes": 30, "seconds": 30.001}, 29),
        ({"hours": 4, "minutes": 29, "seconds": 30}, 31),
        ({"hours": 4, "minutes": 59, "seconds": 30}, 1),
        ({"hours": 4, "minutes": 59, "seconds": 30.001}, 0),
        ({"hours": 5, "minutes": 1, "seconds": 30}, -2),
    ],
)
def test_remaining_minutes_round_half_away_from_zero(time: dict[str, float], minutes: int) -> None:
    rate = BurnRate(0, 0, 0)

    assert minutes == project(block(), rate, after(**time)).remaining_minutes


@pytest.mark.parametrize(
    ("used", "per_minute", "tokens"), [(0, 0.5, 1), (1, 0.5, 2), (2, 0.49, 2), (2, 2.5, 5)]
)
def test_projected_tokens_round_half_away_from_zero(
    used: int, per_minute: float, tokens: int
) -> None:
    rate = BurnRate(per_minute, 0, 0)

    found = project(block(tokens=TokenCounts(used)), rate, after(hours=4, minutes=59))

    assert found.total_tokens == tokens


@pytest.mark.parametrize(
    ("cost", "cents"), [(0.125, 13), (0.375, 38), (0.124, 12), (0.0049, 0), (1234.5, 123_450)]
)
def test_projected_cost_is_rounded_half_up_to_cents(cost: float, cents: int) -> None:
    found = project(block(cost=cost), BurnRate(0, 0, 0), after(hours=5))

    assert found.total_cost == cents / 100


@pytest.mark.parametrize(
    ("projected", "limit", "percent", "verdict"),
    [
        (0, 100, 0.0, LimitVerdict.OK),
        (80, 100, 80.0, LimitVerdict.OK),
        (81, 100, 81.0, LimitVerdict.WARNING),
        (100, 100, 100.0, LimitVerdict.WARNING),
        (101, 100, 101.0, LimitVerdict.EXCEEDS),
        (5, 0, None, LimitVerdict.EXCEEDS),
        (0, 0, None, LimitVerdict.OK),
    ],
)
def test_a_projection_is_compared_with_a_limit(
    projected: int, limit: int, percent: float | None, verdict: LimitVerdict
) -> None:
    found = against_limit(Projection(10, projected, 0.0), limit)

    assert (found.percent_used, found.verdict) == (percent, verdict)
    assert (found.limit_tokens, found.projected_tokens) == (limit, projected)


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 300), st.integers(0, 300))
def test_with_even_usage_a_block_ends_at_its_projection(
    tokens: int, minutes: int, now: int
) -> None:
    found = block(minutes=minutes, tokens=TokenCounts(cache_read=tokens), cost=3.0)
    rate = burn_rate(found)

    assert rate is not None
    projection = project(found, rate, after(minutes=now))
    expected = tokens + tokens / minutes * (300 - now)
    assert projection.remaining_minutes == 300 - now
    assert abs(projection.total_tokens - expected) <= 0.5 + 1e-6 * expected
    assert projection.total_cost == pytest.approx(3 + 3 / minutes * (300 - now), abs=0.006)

"""Figures of leaks stay within the usage that they are about, in whatever order it is read."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import OPUS, QUICK, SONNET, prices, variant

from spendlight.metering.cheaper_models import comparisons, newest_claude_models
from spendlight.metering.entry import Role, TokenCounts
from spendlight.metering.leaks import (
    Request,
    expired_context,
    long_context,
    rebuilt_caches,
    unread_writes,
)
from spendlight.metering.tool_growth import tool_growth

PRICES = prices()
LATE_MS = 10**12

counts = st.integers(0, 300_000)
requests = st.builds(
    Request,
    session=st.sampled_from([("p", "s"), ("p", "t")]),
    agent=st.sampled_from(["", "a", "b"]),
    agent_type=st.just(""),
    at_ms=st.integers(0, 3 * 10**7),
    variant=st.builds(
        variant,
        st.sampled_from([OPUS, SONNET, "claude-nobody-knows"]),
        role=st.sampled_from([Role.ANSWER, Role.ADVISOR, Role.COMPACTION, Role.REFUSED]),
    ),
    context_threshold=st.sampled_from([0, 200_000]),
    tokens=st.builds(TokenCounts, counts, counts, counts, counts, counts),
    tools=st.sampled_from([None, (), ("Bash",), ("Bash", "Read")]),
    is_wanted=st.booleans(),
)


@given(st.lists(requests, max_size=12))
def test_no_figure_exceeds_the_usage_that_it_is_about(found: list[Request]) -> None:
    wanted = [request for request in found if request.is_wanted]
    writes = sum(request.tokens.cache_write for request in wanted)
    new = writes + sum(request.tokens.input for request in wanted)

    unread = unread_writes(found, PRICES, LATE_MS)
    expired = expired_context(found, PRICES)
    rebuilt = rebuilt_caches(found, PRICES)

    assert 0 <= unread.tokens <= writes
    assert 0 <= expired.tokens <= new
    assert 0 <= rebuilt.tokens <= writes
    for leak in (unread, expired, rebuilt, *(one.leak for one in long_context(found, PRICES))):
        assert 0 <= leak.unpriced <= leak.answers <= len(wanted)
        assert -1e-9 <= leak.extra <= leak.cost + 1e-9


@given(st.lists(requests, max_size=12, unique_by=lambda one: one.at_ms), st.randoms())
def test_the_order_of_reading_makes_no_difference(
    found: list[Request], chance: random.Random
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)

    def figures(some: list[Request]) -> tuple[int, ...]:
        growth = tool_growth(some, PRICES)
        return (
            unread_writes(some, PRICES, LATE_MS).tokens,
            expired_context(some, PRICES).tokens,
            rebuilt_caches(some, PRICES).tokens,
            sum(one.leak.tokens for one in long_context(some, PRICES)),
            growth.other_tokens,
            sum(one.tokens for one in growth.tools),
        )

    assert figures(shuffled) == figures(found)


def ask(name: str = OPUS, **changes: object) -> Request:
    told: dict[str, object] = {
        "session": ("p", "s"),
        "agent": "",
        "agent_type": "",
        "at_ms": 0,
        "variant": variant(name),
        "context_threshold": 0,
        "tokens": TokenCounts(1_000, 1_000, 1_000, 0, 1_000),
        "tools": (),
    }
    return Request(**(told | changes))  # type: ignore[arg-type]  # as named


def test_the_next_cheaper_model_is_the_most_expensive_of_the_cheaper_ones() -> None:
    (found,) = comparisons([ask(), ask()], PRICES, [OPUS, QUICK, SONNET])

    assert (found.label, found.cheaper, found.answers) == (OPUS, SONNET, 2)
    assert found.cost == pytest.approx(2 * (5 + 25 + 6.25 + 0.5) / 1000)
    assert found.cheaper_cost == pytest.approx(2 * (3 + 15 + 3.75 + 0.3) / 1000)


def test_the_fast_speed_is_compared_with_the_normal_one() -> None:
    fast = ask(variant=variant(QUICK, is_fast=True))

    (found,) = comparisons([fast], PRICES, [QUICK, SONNET])

    assert (found.label, found.cheaper) == (f"{QUICK}-fast", QUICK)


def test_the_newest_model_of_each_family_is_a_candidate() -> None:
    names = [
        "claude-3-5-haiku-20241022",
        "claude-haiku-4-5",
        "claude-instant-1",
        "claude-opus-4-1-20250805",
        "claude-opus-4-20250514",
        "claude-opus-4-5-20251101",
        "claude-sonnet-4-5",
        "claude-sonnet-4-5-20250929",
        "gpt-4.1-2025-04-14",
        "bedrock/claude-opus-9",
    ]

    assert newest_claude_models(names) == [
        "claude-haiku-4-5",
        "claude-opus-4-5-20251101",
        "claude-sonnet-4-5",
    ]

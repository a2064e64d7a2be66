from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from spendlight.cli import words
from spendlight.metering.burnrate import BurnRate, LimitVerdict, Projection, TokenLimit
from spendlight.metering.entry import TokenCounts
from spendlight.metering.pricing import PriceSource
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.tracker.snapshot import DataState

UNPRICED = Spending(
    cost=1.5,
    models=(
        ModelSpending("new", TokenCounts(), 0.0, is_priced=False, answers=1),
        ModelSpending("newer", TokenCounts(), 0.0, is_priced=False, answers=1),
    ),
)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(hours=3, minutes=24, seconds=59), "3h 24m"),
        (timedelta(minutes=7), "7m"),
        (timedelta(hours=5), "5h 0m"),
        (timedelta(minutes=-1), "0m"),
    ],
)
def test_a_duration_is_shown_in_hours_and_minutes(span: timedelta, text: str) -> None:
    assert words.duration(span) == text


def test_a_cost_is_shown_with_what_it_does_not_include() -> None:
    assert words.cost(Spending(cost=1.5)) == "$1.50"
    assert words.cost(UNPRICED) == "$1.50 (2 models without a price)"


def test_the_burn_rate_and_its_projection_are_unknown_at_first() -> None:
    assert words.burn(None) == "only one answer so far"
    assert words.lead(None, "17:00") == "too early to tell"


def test_the_burn_rate_and_its_projection_are_shown() -> None:
    assert words.burn(BurnRate(63_123, 80, 1.86)) == "$1.86/h · 63.1 k tokens/min"
    assert (
        words.lead(Projection(146, 18_297_687, 8.98), "17:00") == "$8.98 · 18.3 M tokens at 17:00"
    )


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (TokenLimit(1000, 500, 50.0, LimitVerdict.OK), "50 % of 1,000 tokens by the end: ok"),
        (
            TokenLimit(1000, 900, 90.0, LimitVerdict.WARNING),
            "90 % of 1,000 tokens by the end: near the limit",
        ),
        (
            TokenLimit(0, 500, None, LimitVerdict.EXCEEDS),
            "0 tokens by the end: over the limit!",
        ),
    ],
)
def test_the_state_of_a_limit_is_clear_without_colour(status: TokenLimit, text: str) -> None:
    assert words.limit(status) == text


@pytest.mark.parametrize("state", [DataState.NO_CLAUDE, DataState.NO_LOGS])
def test_no_usage_ever_is_not_called_idle(state: DataState) -> None:
    assert words.no_block(state, None, UTC) == words.nothing(state)
    assert words.nothing(state) != words.nothing(DataState.IDLE)


def test_an_idle_hour_says_when_the_last_answer_came() -> None:
    last_at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    assert words.no_block(DataState.IDLE, None, UTC) == "No active block."
    assert words.no_block(DataState.IDLE, last_at, UTC).endswith("was at 2026-03-01 12:00.")


def test_a_footer_contains_only_relevant_notes() -> None:
    assert words.footer(PriceSource("test list"), Spending(), 0) == ["List price: test list"]


def test_a_footer_lists_what_is_missing() -> None:
    searched = Spending(web_searches=1, web_search_cost=0.01, models=UNPRICED.models)

    assert words.footer(PriceSource("test list"), searched, 3, 2) == [
        "List price: test list",
        "1 web search, $0.01, not included in the cost",
        "2 models without a price: new, newer",
        words.PRICE_THEM,
        "3 lines could not be read; for details: spendlight doctor",
        "2 files or folders could not be read; for details: spendlight doctor",
    ]


def test_a_footer_lists_own_prices_that_are_not_used() -> None:
    source = PriceSource(
        "test list", refused=(("new\x1b", "output_cost_per_token is not a price"),)
    )

    assert words.footer(source, Spending(), 0)[1:] == [
        "Ignored in your price list: new\\x1b: output_cost_per_token is not a price"
    ]


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "██░░"), (0, "░░░░"), (1, "████"), (7, "████"), (-1, "░░░░")]
)
def test_a_bar_is_filled_from_the_left(share: float, text: str) -> None:
    assert words.bar(share, 4) == text


def test_entries_are_counted() -> None:
    assert words.entries(1) == "1 entry"
    assert words.entries(1_500) == "1,500 entries"


def test_imported_machines_are_named_with_their_last_import() -> None:
    at = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

    told = words.imported({"desk": at, "nas": at.replace(day=2)}, ZoneInfo("Europe/Berlin"))

    assert told == "Includes usage imported from: desk (2026-03-01 13:30), nas (2026-03-02 13:30)"

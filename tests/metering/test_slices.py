from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LONG_CONTEXT, NOON_MS, OPUS, QUICK, SONNET, piece, prices, variant

from spendlight.metering.entry import SYNTHETIC_MODEL, Role, TokenCounts
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import (
    QUARTER_MS,
    SLOT_MS,
    Spending,
    add_up,
    combine,
    cost_of,
    slot_of,
)
from spendlight.metering.sums import UsageSlice

PRICES = prices()
MILLION = {"input": 1_000_000, "output": 0, "cache_write_5m": 0, "cache_read": 0}
UNKNOWN = variant("claude-unheard-of-9")
MODES = list(CostMode)

slices = st.builds(
    piece,
    at_ms=st.integers(NOON_MS, NOON_MS + 10**9),
    variant=st.sampled_from(
        [
            variant(),
            variant(QUICK, is_fast=True, geo="us"),
            variant(SONNET),
            variant(OPUS, role=Role.ADVISOR),
            variant(""),
            variant(SYNTHETIC_MODEL),
            UNKNOWN,
        ]
    ),
    context_threshold=st.sampled_from([0, LONG_CONTEXT]),
    is_recorded=st.booleans(),
    recorded_cost=st.floats(-1, 10),
    input=st.integers(0, 10**6),
    output=st.integers(0, 10**6),
    cache_write_5m=st.integers(0, 10**6),
    cache_write_1h=st.integers(0, 10**6),
    cache_read=st.integers(0, 10**6),
    web_searches=st.integers(0, 3),
    answers=st.integers(1, 5),
    limit_reset_ms=st.none() | st.integers(1, 10**12),
)


@pytest.mark.parametrize(
    ("at_ms", "slot"),
    [
        (0, 0),
        (1, 1),
        (QUARTER_MS - 1, 1),
        (QUARTER_MS, 2),
        (QUARTER_MS + 1, 3),
        (QUARTER_MS + SLOT_MS, 3),
        (NOON_MS, NOON_MS // SLOT_MS),
    ],
)
def test_the_first_millisecond_of_a_quarter_is_a_separate_slot(at_ms: int, slot: int) -> None:
    assert slot_of(at_ms) == slot


@settings(deadline=None)
@given(st.integers(0, 10**13), st.integers(0, 10**7))
def test_slots_are_in_the_order_of_their_times(at_ms: int, later: int) -> None:
    assert slot_of(at_ms) <= slot_of(at_ms + later)
    assert slot_of(at_ms) // 2 == at_ms // QUARTER_MS


@pytest.mark.parametrize(
    ("changes", "auto", "calculate", "display"),
    [
        pytest.param({}, 5.0, 5.0, 0.0, id="not-recorded"),
        pytest.param({"is_recorded": True, "recorded_cost": 2.0}, 2.0, 5.0, 2.0, id="recorded"),
        pytest.param({"is_recorded": True, "recorded_cost": 0.0}, 0.0, 5.0, 0.0, id="recorded-0"),
        pytest.param({"is_recorded": True, "recorded_cost": -1.0}, -1.0, 5.0, -1.0, id="credit"),
        pytest.param({"variant": variant(role=Role.ADVISOR)}, 5.0, 5.0, 0.0, id="advisor"),
        pytest.param({"variant": variant(role=Role.REFUSED)}, 0.0, 0.0, 0.0, id="refused"),
        pytest.param(
            {"variant": variant("unheard-of", role=Role.REFUSED)}, 0.0, 0.0, 0.0, id="refused-new"
        ),
        pytest.param({"variant": UNKNOWN}, None, None, 0.0, id="unknown"),
        pytest.param(
            {"variant": UNKNOWN, "is_recorded": True, "recorded_cost": 2.0},
            2.0,
            None,
            2.0,
            id="unknown-recorded",
        ),
        pytest.param({"variant": variant("")}, 0.0, 0.0, 0.0, id="no-model"),
        pytest.param({"variant": variant(SYNTHETIC_MODEL)}, 0.0, 0.0, 0.0, id="synthetic"),
        pytest.param(
            {"variant": variant(SYNTHETIC_MODEL), "is_recorded": True, "recorded_cost": 2.0},
            2.0,
            0.0,
            2.0,
            id="synthetic-recorded",
        ),
        pytest.param({"variant": variant(QUICK, is_fast=True)}, 30.0, 30.0, 0.0, id="fast"),
        pytest.param({"variant": variant(QUICK, geo="us")}, 5.5, 5.5, 0.0, id="us"),
        pytest.param({"variant": variant(OPUS, geo="us")}, 5.0, 5.0, 0.0, id="us-no-dearer"),
        pytest.param(
            {"variant": variant(QUICK, is_fast=True, role=Role.ADVISOR)},
            30.0,
            30.0,
            0.0,
            id="fast-advisor",
        ),
        pytest.param({"variant": variant(SONNET)}, 3.0, 3.0, 0.0, id="short-context"),
        pytest.param(
            {"variant": variant(SONNET), "context_threshold": LONG_CONTEXT},
            6.0,
            6.0,
            0.0,
            id="long-context",
        ),
        pytest.param(
            {"variant": variant(SONNET), "context_threshold": LONG_CONTEXT - 1},
            3.0,
            3.0,
            0.0,
            id="below-the-threshold",
        ),
        pytest.param(
            {"variant": variant(OPUS), "context_threshold": LONG_CONTEXT},
            5.0,
            5.0,
            0.0,
            id="no-threshold",
        ),
    ],
)
def test_the_mode_selects_recorded_or_computed_costs(
    changes: dict[str, object], auto: float | None, calculate: float | None, display: float
) -> None:
    one = piece(**(MILLION | changes))  # type: ignore[arg-type]  # fields of a slice

    costs = [cost_of(one, PRICES, mode) for mode in MODES]

    assert [CostMode.AUTO, CostMode.CALCULATE, CostMode.DISPLAY] == MODES
    assert costs == pytest.approx([auto, calculate, display])


def test_every_kind_of_token_has_its_price() -> None:
    one = piece(input=1, output=10, cache_write_5m=100, cache_write_1h=1000, cache_read=10_000)

    expected = (1 * 5 + 10 * 25 + 100 * 6.25 + 1000 * 2 * 5 + 10_000 * 0.5) / 1e6
    assert cost_of(one, PRICES, CostMode.AUTO) == pytest.approx(expected)


def test_a_model_without_a_price_is_not_in_the_cost_and_is_named() -> None:
    spending = add_up(
        [piece(), piece(variant=UNKNOWN), piece(variant=variant("claude-aged-1"))],
        PRICES,
        CostMode.AUTO,
    )

    assert spending.unpriced == ("claude-aged-1", "claude-unheard-of-9")
    assert spending.cost == cost_of(piece(), PRICES, CostMode.AUTO)
    assert spending.tokens.total == 3 * piece().tokens.total
    assert [model.is_priced for model in spending.models] == [True, False, False]
    assert add_up([piece(variant=UNKNOWN)], PRICES, CostMode.DISPLAY).unpriced == ()


def test_a_partly_recorded_model_without_a_price_is_still_named() -> None:
    recorded = piece(variant=UNKNOWN, is_recorded=True, recorded_cost=2.0)

    spending = add_up([recorded, piece(variant=UNKNOWN)], PRICES, CostMode.AUTO)

    assert (spending.cost, spending.unpriced) == (2.0, ("claude-unheard-of-9",))


def test_messages_without_a_model_count() -> None:
    nobody = [piece(variant=variant(name)) for name in ("", SYNTHETIC_MODEL)]

    spending = add_up([*nobody, piece()], PRICES, CostMode.AUTO)

    assert (spending.answers, len(spending.models), spending.unpriced) == (3, 1, ())
    assert spending.tokens.total == 3 * piece().tokens.total


def test_models_are_in_the_order_of_first_use_or_of_cost() -> None:
    cheap = piece(variant=variant(SONNET), output=1)
    fast = piece(variant=variant(QUICK, is_fast=True))
    advisor = piece(variant=variant(SONNET, is_fast=True, role=Role.ADVISOR), output=1)

    spending = add_up([cheap, piece(), fast, advisor], PRICES, CostMode.AUTO)

    labels = [SONNET, OPUS, f"{QUICK}-fast"]
    assert [model.label for model in spending.models] == labels
    assert [model.answers for model in spending.models] == [2, 1, 1]
    assert [model.label for model in spending.models_by_cost] == [labels[2], labels[1], labels[0]]


def test_web_searches_are_counted_and_priced_beside_the_cost() -> None:
    searching = piece(web_searches=3)

    spending = add_up([searching, piece()], PRICES, CostMode.AUTO)

    assert spending.web_searches == 3
    assert spending.web_search_cost == pytest.approx(0.03)
    assert spending.cost == add_up([piece(), piece()], PRICES, CostMode.AUTO).cost


def test_first_last_and_the_latest_reset_are_kept() -> None:
    pieces = [
        piece(50, limit_reset_ms=7),
        piece(20, last_ms=90, limit_reset_ms=9),
        piece(30, limit_reset_ms=8),
    ]

    spending = add_up(pieces, PRICES, CostMode.AUTO)

    assert (spending.first_ms, spending.last_ms, spending.limit_reset_ms) == (20, 90, 9)


def test_no_slices_have_no_spending() -> None:
    assert add_up([], PRICES, CostMode.AUTO) == combine([]) == Spending()
    assert combine([Spending(), Spending()]) == Spending()
    assert str(add_up([], PRICES, CostMode.AUTO).cost).lstrip("0.") == ""


def comparable(spending: Spending) -> dict[str, object]:
    """Return a spending with its cost in a form that allows for rounding."""
    plain: dict[str, object] = spending._asdict()
    plain["cost"] = pytest.approx(spending.cost, rel=1e-9, abs=1e-9)
    plain["web_search_cost"] = pytest.approx(spending.web_search_cost)
    plain["models"] = [
        model._asdict() | {"cost": pytest.approx(model.cost, rel=1e-9, abs=1e-9)}
        for model in spending.models
    ]
    return plain


@settings(deadline=None)
@given(st.lists(slices, max_size=12), st.sampled_from(MODES), st.lists(st.integers(0, 12)))
def test_the_spending_of_parts_adds_up(
    pieces: list[UsageSlice], mode: CostMode, cuts: list[int]
) -> None:
    edges = [0, *sorted(min(cut, len(pieces)) for cut in cuts), len(pieces)]

    parts = [add_up(pieces[start:end], PRICES, mode) for start, end in itertools.pairwise(edges)]

    whole = add_up(pieces, PRICES, mode)
    models = [model._asdict() for model in whole.models]
    assert whole._asdict() | {"models": models} == comparable(combine(parts))


@settings(deadline=None)
@given(st.lists(slices, max_size=8), st.sampled_from(MODES))
def test_a_spending_is_the_sum_of_its_slices(pieces: list[UsageSlice], mode: CostMode) -> None:
    spending = add_up(pieces, PRICES, mode)

    costs = [cost_of(one, PRICES, mode) for one in pieces]
    assert spending.cost == pytest.approx(sum(cost or 0 for cost in costs), abs=1e-9)
    assert spending.tokens == sum((one.tokens for one in pieces), TokenCounts())
    assert spending.answers == sum(one.answers for one in pieces)
    assert set(spending.unpriced) == {
        one.variant.label for one, cost in zip(pieces, costs, strict=True) if cost is None
    }
    labels = [one.variant.label for one in pieces if one.variant.is_paid]
    assert [model.label for model in spending.models] == list(dict.fromkeys(labels))

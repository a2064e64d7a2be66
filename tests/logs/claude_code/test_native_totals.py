"""The native library adds a report up as Python does, to the last bit."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import LONG_CONTEXT, NOON_MS, OPUS, QUICK, SONNET, piece, prices, variant

from spendlight.ledger.sums.packing import pack_sums
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_totals import added_up
from spendlight.metering.entry import SYNTHETIC_MODEL, ModelVariant, Role
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import Spending, Tally
from spendlight.metering.sums import UsageSlice

PRICES = prices()
VARIANTS = {
    one.number: one
    for one in (
        variant(),
        variant(QUICK, is_fast=True, geo="us"),
        variant(SONNET),
        variant(OPUS, role=Role.ADVISOR),
        variant(OPUS, role=Role.REFUSED),
        variant(""),
        variant(SYNTHETIC_MODEL),
        variant("claude-unheard-of-9"),
    )
}
THRESHOLDS = (0, LONG_CONTEXT)
FIRST_SUM = UsageSlice._fields.index("input")

slices = st.builds(
    piece,
    at_ms=st.integers(NOON_MS, NOON_MS + 10**9),
    variant=st.sampled_from(list(VARIANTS.values())),
    context_threshold=st.sampled_from(THRESHOLDS),
    is_recorded=st.booleans(),
    recorded_cost=st.floats(0, 10),
    input=st.integers(0, 2**52),
    output=st.integers(0, 10**9),
    cache_write_5m=st.integers(0, 10**9),
    cache_write_1h=st.integers(0, 10**9),
    cache_read=st.integers(0, 2**40),
    web_searches=st.integers(0, 3),
    answers=st.integers(1, 5),
    limit_reset_ms=st.none() | st.integers(1, 10**12),
    reasoning=st.sampled_from([0, 0, 7, 2**40, 2**50]),
)


def pack(pieces: list[UsageSlice]) -> bytes:
    """Pack slices as the ledger does."""
    rows: list[tuple[Any, ...]] = [
        (
            one.variant.number,
            2 * THRESHOLDS.index(one.context_threshold) + one.is_recorded,
            *one[FIRST_SUM:],
        )
        for one in pieces
    ]
    return pack_sums(rows)


class Packed(NamedTuple):
    """Runs of packed sums."""

    packed: list[bytes]
    counts: list[int]

    def kind_of(self, number: int, price_class: int) -> tuple[ModelVariant, int, bool]:
        """Return what decides the price of a sum."""
        return VARIANTS[number], THRESHOLDS[price_class // 2], bool(price_class % 2)


@pytest.mark.skipif(NATIVE.library is None, reason="there is no native library")
@given(
    st.lists(st.tuples(st.integers(0, 4), st.lists(slices, max_size=6)), max_size=8),
    st.sampled_from(list(CostMode)),
)
def test_it_adds_up_like_python(runs: list[tuple[int, list[UsageSlice]]], mode: CostMode) -> None:
    expected: list[Spending | None] = []
    for row in range(5):
        pieces = [one for number, run in runs if number == row for one in run]
        tally = Tally(PRICES, mode)
        tally.add_all(pieces)
        expected.append(tally.total() if pieces else None)

    packed = Packed([pack(run) for _, run in runs], [len(run) for _, run in runs])
    found = added_up(packed, [number for number, _ in runs], 5, prices=PRICES, mode=mode)

    assert repr(found) == repr(expected)


def test_without_a_library_python_must_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NATIVE, "_library", None)

    assert added_up(Packed([], []), [], 0, prices=PRICES, mode=CostMode.AUTO) is None

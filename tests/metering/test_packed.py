"""Packed entries are unpacked unchanged, and their sums are correct."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import entry

from spendlight.metering.entry import UsageEntry
from spendlight.metering.packed import NOTHING, pack, pack_one
from spendlight.metering.slices import slot_of
from spendlight.metering.summing import sum_up

CONTEXT_THRESHOLDS = (100_000, 200_000)

counts = st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 2**63 - 1))
circumstances = st.one_of(st.integers(0, 3), st.integers(0, 2**63 - 1))
entries = st.lists(
    st.builds(
        UsageEntry,
        answer=st.integers(0, 2**63 - 1),
        request=st.integers(0, 2**63 - 1),
        at_ms=st.integers(0, 2**42),
        file=st.just(7),
        offset=counts,
        variant=st.integers(0, 2**32 - 1),
        flags=st.integers(0, 3),
        input=counts,
        output=counts,
        cache_write_5m=counts,
        cache_write_1h=counts,
        cache_read=counts,
        web_searches=counts,
        recorded_cost=st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(-1.0)),
        limit_reset_ms=st.one_of(st.none(), st.integers(1, 2**42)),
        attribution=circumstances,
        tools=circumstances,
        reasoning=counts,
    ),
    max_size=12,
)


@given(entries)
def test_packed_entries_are_unpacked_unchanged(found: list[UsageEntry]) -> None:
    packed = pack(7, found, CONTEXT_THRESHOLDS)

    assert packed.entries() == found
    assert packed.count == len(found)


@given(entries, st.integers(0, 12))
def test_sums_are_those_of_the_parts(found: list[UsageEntry], middle: int) -> None:
    whole = sum_up(found, CONTEXT_THRESHOLDS)
    parts = [sum_up(found[:middle], CONTEXT_THRESHOLDS), sum_up(found[middle:], CONTEXT_THRESHOLDS)]

    assert whole.keys() == parts[0].keys() | parts[1].keys()
    for key, total in whole.items():
        shares = [part[key] for part in parts if key in part]
        assert total[:5] == tuple(map(sum, zip(*(share[:5] for share in shares), strict=True)))
        assert total.answers == sum(share.answers for share in shares)
        assert total.first_ms == min(share.first_ms for share in shares)
        assert total.last_ms == max(share.last_ms for share in shares)
        assert total.recorded_cost == pytest.approx(sum(share.recorded_cost for share in shares))


@given(entries)
def test_the_extent_reaches_from_the_first_to_the_last(found: list[UsageEntry]) -> None:
    moments = [one.at_ms for one in found]

    if found:
        assert pack(7, found, ()).extent == (min(moments), max(moments))


@pytest.mark.parametrize(
    ("context", "cost", "price_class"),
    [(100_000, None, 0), (100_001, None, 2), (200_000, 0.0, 3), (200_001, None, 4), (0, 1.5, 1)],
)
def test_sums_are_separate_by_price_class(
    context: int, cost: float | None, price_class: int
) -> None:
    one = entry(input=context, cache_write_5m=0, cache_write_1h=0, cache_read=0, recorded_cost=cost)

    assert list(sum_up([one], CONTEXT_THRESHOLDS)) == [
        (slot_of(one.at_ms), one.variant, price_class, 0)
    ]


def test_small_counts_take_little_space() -> None:
    found = [entry(answer=number, offset=number) for number in range(100)]

    packed = pack(7, found, CONTEXT_THRESHOLDS)

    assert len(packed.answers) + len(packed.columns) < 60 * len(found)


def test_no_entries_can_be_packed() -> None:
    packed = pack(7, [], CONTEXT_THRESHOLDS)

    assert packed.entries() == NOTHING.entries() == []
    assert (packed.answers, packed.columns, packed.sums) == (b"", b"", {})


@given(entries.filter(bool))
def test_a_single_entry_is_packed_like_several(found: list[UsageEntry]) -> None:
    assert pack_one(found[0], CONTEXT_THRESHOLDS) == pack(7, found[:1], CONTEXT_THRESHOLDS)

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import NOON_MS, OPUS, SONNET, piece, prices, variant

from spendlight.metering.blocks import (
    SessionBlock,
    hours_by_block,
    split_into_blocks,
)
from spendlight.metering.periods import DEFAULT_BLOCK_MS, HOUR_MS
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import QUARTER_MS, Spending, slot_of
from spendlight.metering.sums import UsageSlice

PRICES = prices()
MINUTE_MS = 60_000
FIVE_HOURS = DEFAULT_BLOCK_MS


def at(text: str) -> int:
    """Return a time of the first of March, or of later days as hours beyond 24, in Unix ms."""
    hours, minutes, *rest = text.split(":")
    seconds = float(rest[0]) if rest else 0.0
    start = NOON_MS - 12 * HOUR_MS
    return start + int(hours) * HOUR_MS + int(minutes) * MINUTE_MS + round(seconds * 1000)


def split(*times: str, block_ms: int = FIVE_HOURS) -> list[SessionBlock]:
    """Return the blocks of answers at some times."""
    return split_into_blocks([piece(at(time)) for time in times], PRICES, CostMode.AUTO, block_ms)


def shape(blocks: list[SessionBlock]) -> list[tuple[int, int, bool, int]]:
    """Return where blocks start and end, whether they are gaps, and their answers."""
    return [(one.start_ms, one.end_ms, one.is_gap, one.spending.answers) for one in blocks]


def block(first: int, last: int, start: int | None = None) -> SessionBlock:
    """Return a block with two answers."""
    begin = first // HOUR_MS * HOUR_MS if start is None else start
    return SessionBlock(begin, begin + FIVE_HOURS, Spending(first_ms=first, last_ms=last))


def test_a_block_starts_at_the_full_hour_of_its_first_answer_and_lasts_five() -> None:
    (found,) = split("10:59:59.999", "11:00")

    assert (found.start, found.end) == (
        datetime(2026, 3, 1, 10, tzinfo=UTC),
        datetime(2026, 3, 1, 15, tzinfo=UTC),
    )
    assert found.last_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert found.spending.answers == 2


def test_an_answer_exactly_five_hours_after_the_start_is_in_the_block() -> None:
    assert shape(split("10:15", "14:00", "15:00")) == [(at("10:00"), at("15:00"), False, 3)]


def test_a_later_answer_starts_a_new_block_without_a_gap() -> None:
    assert shape(split("10:15", "14:00", "15:00:00.001")) == [
        (at("10:00"), at("15:00"), False, 2),
        (at("15:00"), at("20:00"), False, 1),
    ]


def test_a_pause_of_exactly_five_hours_is_no_gap() -> None:
    assert shape(split("10:30", "15:30")) == [
        (at("10:00"), at("15:00"), False, 1),
        (at("15:00"), at("20:00"), False, 1),
    ]


def test_a_longer_pause_is_a_gap_from_five_hours_after_the_last_answer() -> None:
    found = split("10:30", "11:00", "16:00:00.001")

    assert shape(found) == [
        (at("10:00"), at("15:00"), False, 2),
        (at("16:00"), at("16:00:00.001"), True, 0),
        (at("16:00"), at("21:00"), False, 1),
    ]


def test_gaps_and_blocks_are_sorted_by_their_starts() -> None:
    found = split("10:50", "16:10")

    assert shape(found) == [
        (at("10:00"), at("15:00"), False, 1),
        (at("15:50"), at("16:10"), True, 0),
        (at("16:00"), at("21:00"), False, 1),
    ]
    late = split("10:50", "15:55:00")
    assert shape(late) == [
        (at("10:00"), at("15:00"), False, 1),
        (at("15:00"), at("20:00"), False, 1),
        (at("15:50"), at("15:55"), True, 0),
    ]


def test_a_gap_has_no_usage_and_is_never_active() -> None:
    gap = next(one for one in split("10:00", "30:00") if one.is_gap)

    assert gap.spending == Spending()
    assert gap.last_at is None
    assert not gap.is_active(gap.start + timedelta(minutes=1))


def test_without_answers_there_are_no_blocks() -> None:
    assert split() == []


@pytest.mark.parametrize(("hours", "count"), [(1, 3), (0.5, 4), (2, 2), (5, 1), (10, 1), (0.25, 4)])
def test_blocks_may_have_another_length(hours: float, count: int) -> None:
    found = split("10:20", "10:59", "11:30", "12:45", block_ms=int(hours * HOUR_MS))

    assert count == sum(not one.is_gap for one in found)
    assert {one.end_ms - one.start_ms for one in found if not one.is_gap} == {hours * HOUR_MS}


def test_models_of_a_block_are_in_the_order_of_first_use() -> None:
    pieces = [piece(at("10:00"), variant=variant(SONNET)), piece(at("10:01"))]

    (found,) = split_into_blocks(pieces, PRICES, CostMode.AUTO)

    assert [model.label for model in found.spending.models] == [SONNET, OPUS]


@pytest.mark.parametrize(
    ("now", "is_active"),
    [
        ("10:40", True),
        ("14:59:59.999", True),
        ("15:00", False),
        ("09:00", True),
    ],
)
def test_a_block_is_active_until_its_end(now: str, *, is_active: bool) -> None:
    found = block(at("10:15"), at("10:30"))
    moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(milliseconds=at(now) - at("00:00"))

    assert found.is_active(moment) is is_active
    assert found.is_active(moment.astimezone()) is is_active


def test_a_block_is_not_active_five_hours_after_its_last_answer() -> None:
    short = SessionBlock(HOUR_MS, HOUR_MS + FIVE_HOURS, Spending(first_ms=1, last_ms=1))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    assert short.is_active(epoch + timedelta(hours=5))
    assert not short.is_active(epoch + timedelta(hours=5, milliseconds=1))


def test_an_answer_in_the_future_makes_its_block_active_and_not_the_present() -> None:
    ahead = block(at("20:00"), at("20:01"))

    assert ahead.is_active(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert not ahead.is_present(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert ahead.is_present(datetime(2026, 3, 1, 20, tzinfo=UTC))


answers = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 6 * FIVE_HOURS),
            st.integers(0, 6 * 20).map(lambda quarter: quarter * QUARTER_MS),
            st.builds(
                lambda quarter, beside: max(0, quarter * QUARTER_MS + beside),
                st.integers(0, 6 * 20),
                st.sampled_from([-1, 1, -MINUTE_MS]),
            ),
        ),
        st.sampled_from([OPUS, SONNET]),
    ),
    max_size=25,
)


def by_slot(singles: list[UsageSlice]) -> list[UsageSlice]:
    """Sum up single answers like the ledger's buckets: by slot and model."""
    groups: dict[tuple[int, str], list[UsageSlice]] = {}
    for one in singles:
        groups.setdefault((slot_of(one.first_ms), one.variant.name), []).append(one)
    summed = [
        piece(
            variant=variant(name),
            group=slot,
            input=sum(one.input for one in found),
            output=sum(one.output for one in found),
            cache_write_5m=sum(one.cache_write_5m for one in found),
            cache_read=sum(one.cache_read for one in found),
            answers=len(found),
            first_ms=min(one.first_ms for one in found),
            last_ms=max(one.last_ms for one in found),
        )
        for (slot, name), found in groups.items()
    ]
    return sorted(summed, key=lambda one: one.first_ms)


def facts(blocks: list[SessionBlock]) -> list[tuple[object, ...]]:
    """Return what must be equal in blocks; models within a slot have no order."""
    return [
        (
            *shape([one])[0],
            one.spending.tokens,
            pytest.approx(one.spending.cost),
            (one.spending.first_ms, one.spending.last_ms),
            sorted((model.label, model.tokens.total) for model in one.spending.models),
        )
        for one in blocks
    ]


@settings(deadline=None)
@given(answers, st.integers(4, 40))
def test_slots_and_single_answers_split_into_the_same_blocks(
    found: list[tuple[int, str]], quarters: int
) -> None:
    start = NOON_MS - 12 * HOUR_MS
    singles = [piece(start + at_ms, variant=variant(name)) for at_ms, name in sorted(found)]
    length = quarters * QUARTER_MS

    one = split_into_blocks(singles, PRICES, CostMode.AUTO, length)
    other = split_into_blocks(by_slot(singles), PRICES, CostMode.AUTO, length)

    assert facts(one) == facts(other)


@settings(deadline=None)
@given(answers, st.integers(1, 12))
def test_the_hours_of_a_block_are_grouped_without_its_sum(
    found: list[tuple[int, str]], length: int
) -> None:
    times = sorted(NOON_MS + at_ms for at_ms, _ in found)
    hours: dict[int, list[int]] = {}
    for one in times:
        hours.setdefault(2 * (one // HOUR_MS) + (one % HOUR_MS > 0), []).append(one)

    stretches = hours_by_block(
        ((hour, within[0], within[-1]) for hour, within in hours.items()), length * HOUR_MS
    )

    pieces = [piece(one) for one in times]
    blocks = split_into_blocks(pieces, PRICES, CostMode.AUTO, length * HOUR_MS)
    counts = [
        sum(len(within) for hour, within in hours.items() if first <= hour <= last)
        for first, last in stretches
    ]
    assert counts == [one.spending.answers for one in blocks if not one.is_gap]


@settings(deadline=None)
@given(answers)
def test_blocks_contain_every_answer_once_and_within_five_hours(
    found: list[tuple[int, str]],
) -> None:
    times = sorted(NOON_MS + at_ms for at_ms, _ in found)

    blocks = split_into_blocks([piece(one) for one in times], PRICES, CostMode.AUTO)

    used = [one for one in blocks if not one.is_gap]
    assert sum(one.spending.answers for one in used) == len(times)
    assert [one.start_ms for one in blocks] == sorted(one.start_ms for one in blocks)
    for one in used:
        first, last = one.spending.first_ms, one.spending.last_ms
        assert first is not None
        assert last is not None
        assert one.start_ms == first // HOUR_MS * HOUR_MS
        assert one.start_ms <= first <= last <= one.end_ms
    for one, other in itertools.pairwise(used):
        assert (other.spending.first_ms or 0) > (one.spending.last_ms or 0)

"""The native library sums up answers by labels as Python does, to the last bit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import LONG_CONTEXT, NOON_MS, entry

from spendlight.ledger.attributed_sums import in_runs
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.native_attributed_sums import NativeAdder, adder
from spendlight.metering.attributed_sums import (
    LEFT_OUT,
    LabelledSum,
    Labels,
    PackedAnswers,
    PythonAdder,
    Wanted,
)
from spendlight.metering.entry import UsageEntry
from spendlight.metering.packed import to_columns

NUMBERS = (0, 1, 2, 77, 2**62)

entries = st.builds(
    entry,
    answer=st.integers(0, 9),
    at_ms=st.integers(NOON_MS, NOON_MS + 100),
    offset=st.sampled_from([0, 7, 2**33]),
    variant=st.integers(0, 2),
    is_sidechain=st.booleans(),
    input=st.sampled_from([0, 3, LONG_CONTEXT, 2**32 - 1]),
    output=st.integers(0, 300),
    cache_read=st.integers(0, 70_000),
    web_searches=st.integers(0, 1),
    recorded_cost=st.none() | st.floats(0, 10),
    limit_reset_ms=st.none() | st.integers(1, 10**12),
    attribution=st.sampled_from(NUMBERS),
    tools=st.sampled_from(NUMBERS),
    reasoning=st.sampled_from([0, 0, 7, 300]),
)
labels = st.dictionaries(st.sampled_from(NUMBERS[1:]), st.integers(LEFT_OUT, 3)).flatmap(
    lambda some: st.integers(LEFT_OUT, 3).map(lambda unknown: {0: unknown, **some})
)
wanted = st.builds(
    Wanted,
    st.builds(Labels, labels, labels, labels),
    st.lists(st.integers(NOON_MS - 5, NOON_MS + 105), min_size=2, max_size=9).map(
        lambda cuts: list(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
    ),
    st.sampled_from([(), (0,), (0, 2)]),
    st.sampled_from([(), (LONG_CONTEXT,), (10, LONG_CONTEXT)]),
)


@st.composite
def packed(draw: st.DrawFn) -> PackedAnswers:
    """Return packed answers of one log."""
    found: list[UsageEntry] = draw(st.lists(entries, min_size=1, max_size=20))
    shadows = b"".join(draw(st.sampled_from([0, 1, 2])).to_bytes(4, "little") for _ in found)
    session, start = draw(st.integers(0, 2)), draw(st.sampled_from([0, 2**40]))
    return PackedAnswers(*to_columns(found), draw(st.sampled_from([None, shadows])), session, start)


def in_order(found: list[LabelledSum]) -> list[LabelledSum]:
    return sorted(found, key=lambda row: row[:-1])


@pytest.mark.skipif(NATIVE.library is None, reason="there is no native library")
@given(wanted, st.lists(packed(), max_size=4))
def test_it_sums_up_like_python(asked: Wanted, found: list[PackedAnswers]) -> None:
    python, native = PythonAdder(asked), adder(asked)
    python.add_all(found)
    native.add_all(found)

    assert isinstance(native, NativeAdder)
    assert in_order(list(native.sums())) == in_order(list(python.sums()))


@pytest.mark.skipif(NATIVE.library is None, reason="there is no native library")
@given(wanted, st.lists(packed(), max_size=4), st.permutations(range(3)))
def test_it_packs_sums_in_the_same_order(
    asked: Wanted, found: list[PackedAnswers], kinds: list[int]
) -> None:
    python, native = PythonAdder(asked), adder(asked)
    python.add_all(found)
    native.add_all(found)

    assert native.packed(kinds) == in_runs(python.sums(), kinds)


@pytest.mark.skipif(NATIVE.library is None, reason="there is no native library")
def test_what_it_refuses_among_others_is_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Wanted(Labels({0: 0}, {0: 0}, {0: 0}), [(0, NOON_MS * 2)], (0,), ())
    logs = [
        PackedAnswers(*to_columns([entry(answer=number, output=number)]), None, number, 0)
        for number in range(1, 6)
    ]
    odd = logs[2]._replace(columns=b"?")  # which only Python understands, let us say
    refused: list[PackedAnswers] = []
    monkeypatch.setattr(
        PythonAdder, "add_all", lambda _, found: refused.extend(found), raising=True
    )
    native = adder(asked)
    native.add_all([*logs[:2], odd, *logs[3:]])

    assert refused == [odd]
    assert sorted(total.output for *_, total in native.sums()) == [1, 2, 4, 5]


@pytest.mark.skipif(NATIVE.library is None, reason="there is no native library")
@pytest.mark.parametrize("size", range(0, 60, 7))
def test_damaged_answers_are_refused(size: int) -> None:
    answers, columns = to_columns([entry(attribution=77, tools=2), entry(tools=77)])
    asked = Wanted(Labels({0: 0}, {0: 0}, {0: 0}), [(0, NOON_MS * 2)], (0,), ())
    found = adder(asked)

    with pytest.raises((ValueError, LookupError)):
        found.add_all([PackedAnswers(answers, columns[:size], None, 1, 0)])
    assert list(found.sums()) == []

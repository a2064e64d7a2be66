from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spendlight.cli import json_out


def test_json_is_printed_in_the_order_of_its_keys() -> None:
    assert json_out.to_text({"b": [1.5], "a": None}) == (
        '{\n  "a": null,\n  "b": [\n    1.5\n  ]\n}'
    )


def test_a_sum_beyond_64_bits_stays_exact() -> None:
    assert json.loads(json_out.to_text({"tokens": 2**70})) == {"tokens": 2**70}


def test_a_folder_name_with_invalid_unicode_can_be_printed() -> None:
    assert json.loads(json_out.to_text({"project": "a\udcff"})) == {"project": "a\udcff"}


def test_costs_are_removed_at_every_depth_except_the_rate() -> None:
    told = {
        "blocks": [{"costUSD": 1, "burnRate": {"costPerHour": 2}}],
        "totals": {"totalCost": 1, "webSearchCost": 3, "totalTokens": 4},
    }

    assert json_out.without_cost(told) == {
        "blocks": [{"burnRate": {"costPerHour": 2}}],
        "totals": {"totalTokens": 4},
    }


def test_times_are_printed_to_the_millisecond() -> None:
    assert json_out.moment(1_772_366_400_050) == "2026-03-01T12:00:00.050Z"


_LETTERS = st.text(st.characters(exclude_categories=()))
_NUMBERS = st.one_of(
    st.integers(-(2**66), 2**66),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1),
    st.booleans(),
)
_VALUES = st.recursive(
    st.one_of(_NUMBERS, _LETTERS, st.none()),
    lambda parts: st.lists(parts) | st.dictionaries(_LETTERS, parts),
)


@given(_VALUES)
@example({"cost": 0.0001})
@example({"cost": 0.00009999})
@example({"cost": -0.0, "tokens": 1e16, "most": 2**63})
def test_short_and_long_json_are_written_identically(value: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short = json_out.to_text(value)
        patch.setattr(json_out, "_MANY_VALUES", 0)
        long = json_out.to_text(value)

    assert json.loads(short) == json.loads(long)
    assert short.count("\n") == long.count("\n")

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.metering.invoicing import (
    MOST_GAP_MS,
    Terms,
    added,
    rounded,
    shared_out,
    stretches,
)

amounts = st.lists(st.decimals(0, 10**6, places=10), max_size=30)
units = st.sampled_from([Decimal(1), Decimal("0.01"), Decimal("0.001")])


@given(amounts, units)
def test_parts_add_up_to_the_rounded_total_and_none_is_off_by_a_unit(
    parts: list[Decimal], unit: Decimal
) -> None:
    total = rounded(added(parts), unit)

    shares = shared_out(total, parts, unit)

    assert added(shares) == (total if parts else 0)
    assert all(abs(share - part) < unit for share, part in zip(shares, parts, strict=True))
    assert all(share % unit == 0 for share in shares)


@given(st.lists(amounts, max_size=6), units)
def test_parts_of_parts_add_up_too(groups: list[list[Decimal]], unit: Decimal) -> None:
    groups = [group for group in groups if group]
    sums = [added(group) for group in groups]
    total = rounded(added(sums), unit)

    for share, group in zip(shared_out(total, sums, unit), groups, strict=True):
        shares = shared_out(share, group, unit)
        assert added(shares) == share
        assert all(abs(one - part) <= unit for one, part in zip(shares, group, strict=True))


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(0.125, "0.13"), (2.675, "2.68"), (0.1 + 0.2, "0.30"), (0.285, "0.29"), (0.004999, "0.00")],
)
def test_halves_are_rounded_up_whatever_floating_point_makes_of_them(
    dollars: float, text: str
) -> None:
    terms = Terms()

    assert terms.text(rounded(terms.exact(dollars), terms.unit)) == text


@pytest.mark.parametrize(
    ("currency", "text"), [("EUR", "1,132.38"), ("JPY", "1,132"), ("KWD", "1,132.377")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, text: str) -> None:
    terms = Terms(Decimal("1.1"), currency, Decimal("0.92"))

    assert terms.text(rounded(terms.exact(1118.95), terms.unit)) == text


def test_a_product_of_many_digits_is_exact() -> None:
    terms = Terms(Decimal("123456789.123456789"), "IDR", Decimal("987654321.987654321"))

    assert terms.exact(0.0000000001) == Decimal("12193263.1356500531347203169112635269")


def test_time_is_active_up_to_gaps_of_fifteen_minutes() -> None:
    moments = [0, 60_000, 60_000 + MOST_GAP_MS, 60_000 + 2 * MOST_GAP_MS + 1, 60_000]

    assert list(stretches(moments)) == [(0, 60_000), (60_000, 60_000 + MOST_GAP_MS)]

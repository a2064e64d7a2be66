from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import NOON_MS, SONNET, piece, prices, variant

from spendlight.metering.blocks import SessionBlock
from spendlight.metering.entry import SessionName
from spendlight.metering.periods import DEFAULT_BLOCK_MS, Period
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import (
    BlockRow,
    Column,
    PeriodRow,
    Row,
    SessionRow,
    block_columns,
    compact_count,
    cost_text,
    models_text,
    money,
    period_columns,
    session_columns,
    short_model,
)
from spendlight.metering.slices import Spending, add_up
from spendlight.metering.sums import UsageSlice

UNKNOWN = variant("claude-unheard-of-9")
NUMBERS = ["Input", "Output", "Cache write", "Cache read", "Total tokens", "Cost"]


def spend(*pieces: UsageSlice) -> Spending:
    """Return the spending of slices."""
    return add_up(pieces, prices(), CostMode.AUTO)


def texts(columns: list[Column[Row]], row: Row) -> dict[str, str]:
    """Return the texts of a row's columns, by heading."""
    return {column.heading: column.text(row) for column in columns}


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (0, "$0.00"),
        (-0.0, "$0.00"),
        (0.0042, "$0.0042"),
        (0.00004, "$0.0000"),
        (0.00499, "$0.0050"),
        (0.005, "$0.01"),
        (0.994, "$0.99"),
        (1234.5, "$1,234.50"),
        (1e6, "$1,000,000.00"),
        (-0.0042, "-$0.0042"),
        (-5, "-$5.00"),
        (-1234.5, "-$1,234.50"),
    ],
)
def test_amounts_are_in_cents_and_small_ones_have_four_digits(dollars: float, text: str) -> None:
    assert money(dollars) == text


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("claude-opus-4-5-20251101", "opus-4-5"),
        ("claude-opus-4-6", "opus-4-6"),
        ("claude-3-5-haiku-20241022", "3-5-haiku"),
        ("glm-4.7", "glm-4.7"),
        ("gpt-5-2025110", "gpt-5-2025110"),
        ("20251101", "20251101"),
        ("claude-opus-4-6-fast", "opus-4-6-fast"),
        ("", ""),
    ],
)
def test_a_short_model_name_has_no_family_and_no_date(label: str, short: str) -> None:
    assert short_model(label) == short


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (7.4, "7"),
        (999, "999"),
        (999.6, "1 k"),
        (1000, "1 k"),
        (31_400, "31.4 k"),
        (999_499, "999 k"),
        (999_700, "1 M"),
        (1_280_000, "1.28 M"),
        (999_600_000, "1 G"),
        (2_500_000_000, "2.5 G"),
        (1_234_000_000_000, "1234 G"),
    ],
)
def test_a_compact_count_has_a_unit(count: float, text: str) -> None:
    assert compact_count(count) == text


@settings(deadline=None)
@given(st.integers(0, 999_499_999_999))
def test_a_compact_count_has_at_most_three_digits_and_is_close(count: int) -> None:
    number, _, unit = compact_count(count).partition(" ")

    size = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}[unit]
    assert len(number.replace(".", "")) <= 3 or number.startswith("0.")
    assert float(number) * size == pytest.approx(count, rel=0.0051)


def test_a_cost_without_some_price_is_marked() -> None:
    known = piece(input=1_000_000, output=0, cache_write_5m=0, cache_read=0)

    assert cost_text(spend(known)) == "$5.00"
    assert cost_text(spend(known, piece(variant=UNKNOWN))) == "$5.00 + ?"


def test_models_are_listed_one_on_each_line() -> None:
    assert models_text(spend(piece(), piece(variant=variant(SONNET)))) == "opus-4-5\nsonnet-4-5"
    assert models_text(Spending()) == ""


@pytest.mark.parametrize(
    ("period", "heading", "text"),
    [
        (Period.DAY, "Day", "2026-03-01"),
        (Period.WEEK, "Week of", "2026-03-01"),
        (Period.MONTH, "Month", "2026-03"),
    ],
)
def test_a_report_over_periods_shows_what_each_used(
    period: Period, heading: str, text: str
) -> None:
    one = piece(input=1234, output=5, cache_write_5m=6, cache_write_1h=7, cache_read=8_000_000)

    found = texts(period_columns(period), PeriodRow(date(2026, 3, 1), spend(one)))

    assert found == {
        heading: text,
        "Models": "opus-4-5",
        "Input": "1,234",
        "Output": "5",
        "Cache write": "13",
        "Cache read": "8,000,000",
        "Total tokens": "8,001,252",
        "Cost": "$4.01",
    }


def test_numbers_are_sorted_as_numbers_and_right_aligned() -> None:
    columns = period_columns(Period.DAY)
    row = PeriodRow(date(2026, 3, 1), spend(piece()))

    assert [column.heading for column in columns if column.is_number] == NUMBERS
    assert [column.value(row) for column in columns[:1]] == [date(2026, 3, 1)]
    assert [column.value(row) for column in columns[2:]] == [
        3,
        400,
        1000,
        20000,
        21403,
        row.spending.cost,
    ]


def test_the_narrowest_table_keeps_the_period_the_models_and_the_cost() -> None:
    vital = [column.heading for column in period_columns(Period.DAY) if column.is_vital]

    assert vital == ["Day", "Models", "Input", "Output", "Cost"]


def test_a_session_shows_its_project_and_last_use() -> None:
    row = SessionRow(SessionName("-app", "-app/deep", "s1"), spend(piece(), piece(NOON_MS + 5)))

    found = texts(session_columns(lambda at_ms: f"at {at_ms}"), row)

    assert (found["Project"], found["Session"]) == ("-app/deep", "s1")
    assert found["Last activity"] == f"at {NOON_MS + 5}"
    assert list(found)[3:-1] == NUMBERS


@pytest.mark.parametrize(
    ("is_gap", "is_active", "state"),
    [(True, False, "gap"), (False, True, "active"), (False, False, "")],
)
def test_a_block_shows_its_times_and_its_state(
    state: str, *, is_gap: bool, is_active: bool
) -> None:
    spending = Spending() if is_gap else spend(piece())
    block = SessionBlock(NOON_MS, NOON_MS + DEFAULT_BLOCK_MS, spending, is_gap)

    found = texts(block_columns(lambda at: f"{at:%d %H:%M}"), BlockRow(block, is_active))

    assert (found["Start"], found["End"], found["State"]) == ("01 12:00", "01 17:00", state)
    assert BlockRow(block, is_active).spending == spending
    assert block.start == datetime(2026, 3, 1, 12, tzinfo=UTC)

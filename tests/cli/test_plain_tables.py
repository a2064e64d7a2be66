"""Small tables fit the terminal and keep their first and last columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spendlight.cli.plain_tables import plain_table

ROWS = [
    ("Model", "Answers", "Tokens", "Cost"),
    ("a-model-with-a-long-name", "1,234", "123,456,789", "$1,234.56"),
]
WIDTHS = (32, 12, 20, 14)


@pytest.mark.parametrize(
    ("width", "columns"),
    [(100, "Model Answers Tokens Cost"), (78, "Model Answers Tokens Cost"),
     (50, "Model Answers Tokens Cost"), (40, "Model Tokens Cost"), (24, "Model Cost")],
)  # fmt: skip
def test_columns_in_the_middle_are_left_out_first(width: int, columns: str) -> None:
    heading, row = plain_table(ROWS, WIDTHS, width)

    assert heading.split() == columns.split()
    assert row.endswith("$1,234.56")
    assert max(map(len, (heading, row))) <= width


@given(
    st.lists(st.tuples(*[st.text("abc1", min_size=1, max_size=9)] * 3), min_size=1),
    st.integers(24, 90),
)
def test_lines_fit_and_are_aligned(rows: list[tuple[str, ...]], width: int) -> None:
    lines = list(plain_table(rows, (20, 20, 20), width))

    assert len(lines) == len(rows)
    assert len({len(line) for line in lines}) == 1
    assert max(map(len, lines)) <= width
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row[0])
        assert line.endswith(row[-1])


def test_no_rows_are_no_lines() -> None:
    assert list(plain_table([], WIDTHS, 20)) == []

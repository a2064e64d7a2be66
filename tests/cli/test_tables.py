from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from spendlight.cli.tables import Look, table
from spendlight.metering.blocks import SessionBlock
from spendlight.metering.dimensions import Part
from spendlight.metering.divisions import part_column
from spendlight.metering.entry import SessionName, TokenCounts
from spendlight.metering.periods import Period
from spendlight.metering.pricing import PriceSource
from spendlight.metering.reports import (
    BlockRow,
    PeriodRow,
    Report,
    SessionRow,
    block_columns,
    number_column,
    period_columns,
    session_columns,
)
from spendlight.metering.slices import ModelSpending, Spending, combine

OPUS = "claude-opus-4-5-20251101"
HAIKU = "claude-haiku-4-5-20251001"
TOKENS = TokenCounts(12_345, 614_098, 3_000_000, 0, 127_000_000)
SPENDING = Spending(
    TOKENS,
    88.5,
    (
        ModelSpending(HAIKU, TokenCounts(45, 98, 0, 0, 0), 8.5, is_priced=True, answers=1),
        ModelSpending(OPUS, TokenCounts(12_300, 614_000), 80.0, is_priced=True, answers=2),
    ),
    answers=3,
    first_ms=0,
    last_ms=1,
)
GAP = SessionBlock(20, 30, Spending(), is_gap=True)
NUMBERS = {
    *("12,345", "614,098", "3,000,000", "127,000,000", "130,626,443", "$88.50"),
    *("24,690", "1,228,196", "6,000,000", "254,000,000", "261,252,886", "$177.00"),
}


def report(rows: Sequence[Any], columns: Sequence[Any]) -> Report[Any]:
    total = combine(row.spending for row in rows)
    return Report(columns, tuple(rows), total, PriceSource("test list"))


def days(*rows: PeriodRow) -> Report[PeriodRow]:
    columns = period_columns(Period.DAY)
    return report(rows or [PeriodRow(date(2026, 3, 1), SPENDING)], columns)


def sessions() -> Report[SessionRow]:
    name = SessionName(
        "-w-app", "-home-ada-code-a-long-name", "aaaaaaaa-0000-4000-8000-000000000001"
    )
    columns = session_columns(lambda _at_ms: "2026-03-01")
    return report([SessionRow(name, SPENDING)], columns)


def blocks(*, limit_tokens: int | None = None) -> Report[BlockRow]:
    now = datetime(1970, 1, 1, tzinfo=UTC)
    rows = [
        BlockRow(SessionBlock(0, 10, SPENDING), is_active=False, limit_tokens=limit_tokens),
        BlockRow(GAP, is_active=False, limit_tokens=limit_tokens),
        BlockRow(SessionBlock(30, 40, SPENDING), is_active=True, limit_tokens=limit_tokens),
    ]
    return report(rows, block_columns(lambda _at: f"{now:%Y-%m-%d %H:%M}"))


def draw(shown: Report[Any], width: int = 200, **look: Any) -> list[str]:  # noqa: ANN401  # any look
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(table(shown, Look(**look), width))
    return [line.rstrip() for line in capture.get().splitlines()]


def headings(lines: Sequence[str]) -> list[str]:
    return [heading for heading in lines[0].split("  ") if heading]


def test_a_wide_table_has_every_column() -> None:
    lines = draw(days())

    assert [heading.strip() for heading in headings(lines)] == [
        "Day",
        "Models",
        "Input",
        "Output",
        "Cache write",
        "Cache read",
        "Total tokens",
        "Cost",
    ]


def test_columns_that_cannot_be_added_up_have_no_total_and_no_share() -> None:
    columns = period_columns(Period.DAY)
    columns.insert(2, number_column("Weekday", lambda row: row.start.isoweekday()))
    rows = [PeriodRow(date(2026, 3, day), SPENDING) for day in (2, 3)]

    lines = draw(report(rows, columns), has_breakdown=True)

    place = lines[0].index("Weekday") + len("Weekday")
    assert [line[:place].rstrip()[-1:] for line in lines if line.startswith("2026")] == ["1", "2"]
    others = [line for line in lines if line.startswith(("Total", "  opus", "  haiku"))]
    assert [line[place - 10 : place].strip() for line in others] == [""] * 5


@pytest.mark.parametrize("width", range(24, 140, 5))
@pytest.mark.parametrize("make", [days, sessions, blocks])
def test_no_number_is_shortened_and_no_line_is_too_long(
    make: Callable[[], Report[Any]], width: int
) -> None:
    lines = draw(make(), width)

    assert max(cell_len(line) for line in lines) <= width
    figures = {word for line in lines for word in line.split() if "," in word or "$" in word}
    assert "$88.50" in figures
    assert figures <= NUMBERS


def test_in_a_narrow_table_less_important_columns_are_dropped_first() -> None:
    assert "Total tokens" in draw(days(), 80)[0]
    assert "Cache read" not in draw(days(), 80)[0]
    assert "Total tokens" not in draw(days(), 55)[0]
    assert "Models" in draw(days(), 55)[0]
    assert "Models" not in draw(days(), 40)[0]
    assert draw(days(), 20)[0].split() == ["Day", "Cost"]


def test_the_names_that_tell_rows_apart_are_dropped_last() -> None:
    shown = sessions()
    columns = [*shown.columns[:2], part_column("Tools called"), *shown.columns[2:]]
    row = shown.rows[0]._replace(part=Part("tool", "Bash + Read"))
    divided = Report(columns, (row,), shown.total, shown.prices)

    headings = {width: " ".join(draw(divided, width)[0].split()) for width in (60, 40, 24)}
    assert headings[60].startswith("Project Session Tools called Cost")
    assert headings[40] == "Project Tools called Cost"
    assert headings[24] == "Project Cost"


def test_compact_shows_the_essential_columns_at_any_width() -> None:
    assert "Total tokens" not in draw(days(), 200, is_compact=True)[0]
    assert "Models" in draw(days(), 200, is_compact=True)[0]


def test_without_costs_the_tokens_are_last() -> None:
    lines = draw(days(), has_cost=False)

    assert lines[0].endswith("Total tokens")
    assert not any("$" in line for line in lines)


def test_a_single_row_needs_no_total() -> None:
    assert not any(line.startswith("Total") for line in draw(days()))


def test_several_rows_have_a_total() -> None:
    rows = [PeriodRow(date(2026, 3, day), SPENDING) for day in (1, 2)]

    assert draw(days(*rows))[-1].split() == [
        "Total",
        "24,690",
        "1,228,196",
        "6,000,000",
        "254,000,000",
        "261,252,886",
        "$177.00",
    ]


def test_a_breakdown_has_a_row_for_each_model_the_most_expensive_first() -> None:
    lines = draw(days(), has_breakdown=True)

    assert [line.split()[:3] for line in lines if line.startswith("  ") and "$" in line] == [
        ["opus-4-5", "12,300", "614,000"],
        ["haiku-4-5", "45", "98"],
    ]


def test_rows_are_grouped_by_project() -> None:
    rows = [
        PeriodRow(date(2026, 3, 1), SPENDING, "-w-b"),
        PeriodRow(date(2026, 3, 1), SPENDING, "-w-a"),
        PeriodRow(date(2026, 3, 2), SPENDING, "-w-b"),
    ]

    lines = draw(days(*rows), names={"-w-b": "Beta"})

    first_words = [line.split()[0] for line in lines[2:] if line.strip() and line[0] != " "]
    assert first_words[:5] == ["-w-a", "2026-03-01", "Beta", "2026-03-01", "2026-03-02"]


def test_a_gap_has_no_numbers() -> None:
    gap = next(line for line in draw(blocks()) if "gap" in line)

    assert gap.split()[-1] == "–"
    assert "0" not in gap.split("gap")[1]


def test_a_limit_has_a_separate_column() -> None:
    lines = draw(blocks(limit_tokens=261_252_886))

    assert lines[0].endswith("% of limit     Cost")
    assert "50.0 %" in lines[2]
    assert "%" not in lines[-1]

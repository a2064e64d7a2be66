"""Reports as tables that fit the terminal and never clip a number."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from rich import box
from rich.table import Table

from spendlight.cli.long_tables import MANY_LINES, Heading, LongTable, cells
from spendlight.metering.divisions import AGENT
from spendlight.metering.reports import (
    MODELS,
    BlockRow,
    Column,
    PeriodRow,
    SessionRow,
    short_model,
)
from spendlight.metering.slices import Spending
from spendlight.names import name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spendlight.metering.reports import Report
    from spendlight.metering.slices import ModelSpending

AnyRow = PeriodRow | SessionRow | BlockRow

MIN_TEXT_WIDTH = 12
"""Longer text may be wrapped down to this width before columns are left out."""

_GAP = 2
"""Spaces between columns."""

_COST = "Cost"
_OF_PARTS = frozenset({AGENT, MODELS})
"""The columns other than numbers that differ between the agents of a row."""

_NO_NUMBER = "–"


class Look(NamedTuple):
    """The style of a table.

    Attributes:
        is_compact: Only the vital columns, even if there is space for all.
        has_breakdown: A row for each model below each row.
        has_cost: Whether money is shown.
        names: Display names of projects.
    """

    is_compact: bool = False
    has_breakdown: bool = False
    has_cost: bool = True
    names: Mapping[str, str] = MappingProxyType({})


class Line(NamedTuple):
    """One line of a table, cell by cell, and its style."""

    cells: tuple[str, ...]
    style: str = ""


def table(report: Report[Any], look: Look, width: int) -> Table | LongTable:
    """Return a report as a table that is at most *width* cells wide."""
    columns = _columns(report, look)
    total = _numbers(columns, _total_row(report), "Total")
    lines = list(_lines(report.rows, columns, look))
    needs = [_needed(index, column, [*lines, total]) for index, column in enumerate(columns)]
    shown = fitting(columns, needs, width, is_compact=look.is_compact)
    needed = sum(needs[index] for index in shown) + _GAP * (len(shown) - 1)
    has_total = len(report.rows) > 1 or look.has_breakdown
    if len(lines) >= MANY_LINES and needed <= width:
        return LongTable(
            [Heading(columns[at].heading, total.cells[at], columns[at].is_number) for at in shown],
            [([line.cells[at] for at in shown], line.style) for line in lines],
            width,
            has_total=has_total,
        )
    drawn = Table(
        box=box.SIMPLE,
        padding=(0, _GAP - 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_footer=has_total,
        header_style="bold",
        footer_style="bold",
    )
    for index in shown:
        column = columns[index]
        drawn.add_column(
            column.heading,
            total.cells[index],
            justify="right" if column.is_number else "left",
            no_wrap=column.is_number,
            overflow="fold",
        )
    for line in lines:
        drawn.add_row(*(line.cells[index] for index in shown), style=line.style)
    return drawn


def fitting(
    columns: Sequence[Column[Any]], needs: Sequence[int], width: int, *, is_compact: bool = False
) -> list[int]:
    """Return the indices of the columns that fit, given the cells that each needs.

    If not all fit, those that are not vital are left out first, the total tokens last of these;
    then the models; then all numbers but the last: the money, or the tokens if there is none; then
    what is behind it; then all names but the first and the last; then the last.
    """
    everything = range(len(columns))
    vital = [index for index in everything if columns[index].is_vital]
    dispensable = [index for index in everything if index not in vital]
    short = sorted([*vital, *dispensable[-1:]])
    shorter = [index for index in vital if columns[index].heading != MODELS]
    last = max(index for index in vital if columns[index].is_number)
    named = [index for index in shorter if not columns[index].is_number or index == last]
    before = [index for index in named if index <= last]
    choices = [vital, shorter, named, before, sorted({0, *before[-2:]})]
    shortest = [0, last]
    choices.append(shortest)
    if not is_compact:
        choices = [list(everything), short, *choices]
    for choice in choices:
        if sum(needs[index] for index in choice) + _GAP * (len(choice) - 1) <= width:
            return choice
    return shortest


def _needed(index: int, column: Column[Any], lines: Sequence[Line]) -> int:
    texts = [column.heading, *(line.cells[index] for line in lines)]
    longest = max(map(cells, texts))
    return longest if column.is_number else min(longest, MIN_TEXT_WIDTH)


def _columns(report: Report[Any], look: Look) -> list[Column[Any]]:
    columns = list(report.columns)
    if any(isinstance(row, BlockRow) and row.limit_tokens for row in report.rows):
        share = Column("% of limit", _share, _share_text, is_number=True, is_sum=True)
        columns.insert(len(columns) - 1, share)
    return [column for column in columns if look.has_cost or column.heading != _COST]


def _share(row: BlockRow) -> float:
    return row.spending.tokens.total / row.limit_tokens * 100 if row.limit_tokens else 0.0


def _share_text(row: BlockRow) -> str:
    return f"{_share(row):.1f} %" if row.limit_tokens else ""


def _lines(rows: Sequence[AnyRow], columns: Sequence[Column[Any]], look: Look) -> Iterator[Line]:
    project = None
    for row in sorted(rows, key=_project):
        if isinstance(row, PeriodRow) and row.project != project:
            project = row.project
            heading = name(look.names.get(project or "", project or ""))
            yield Line((heading, *("" for _ in columns[1:])), "bold")
        if isinstance(row, BlockRow) and row.block.is_gap:
            dashes = (_NO_NUMBER if c.is_number else c.text(row) for c in columns)
            yield Line(tuple(dashes), "dim")
            continue
        has_parts = _has_parts(row)
        texts = (
            "" if has_parts and column.heading == MODELS else column.text(row) for column in columns
        )
        yield Line(tuple(texts), _style(row))
        if _has_parts(row):
            yield from _of_agents(row, columns, look)
        elif look.has_breakdown:
            for model in row.spending.models_by_cost:
                one = _with_spending(row, _spending_of(model))
                yield _numbers(columns, one, f"  {short_model(model.label)}", "dim")


def _has_parts(row: AnyRow) -> TypeGuard[PeriodRow]:
    """Whether a row is the sum of several agents, which are shown below it."""
    return isinstance(row, PeriodRow) and len(row.of_agents) > 1


def _of_agents(row: PeriodRow, columns: Sequence[Column[Any]], look: Look) -> Iterator[Line]:
    """Yield a line for each agent, below their sum."""
    for agent, spending in row.of_agents:
        part = row._replace(agent=agent, spending=spending, of_agents=())
        told = ("" if column.heading not in _OF_PARTS else column.text(part) for column in columns)
        cells = [
            column.text(part) if column.is_sum else f"- {text}" if column.heading == AGENT else text
            for column, text in zip(columns, told, strict=True)
        ]
        yield Line(tuple(cells))
        if look.has_breakdown:
            for model in spending.models_by_cost:
                one = _with_spending(part, _spending_of(model))
                yield _numbers(columns, one, f"  {short_model(model.label)}", "dim")


def _project(row: AnyRow) -> str:
    """Return the key that groups rows; without projects they stay in order."""
    return row.project or "" if isinstance(row, PeriodRow) else ""


def _style(row: AnyRow) -> str:
    return "bold" if isinstance(row, BlockRow) and row.is_active else ""


def _numbers(columns: Sequence[Column[Any]], row: AnyRow, name: str, style: str = "") -> Line:
    """Return a line with a name and the usage columns only."""
    cells = (column.text(row) if column.is_sum else "" for column in columns[1:])
    return Line((name, *cells), style)


def _total_row(report: Report[Any]) -> AnyRow:
    """Return a row with the total."""
    row: AnyRow = report.rows[0]
    if isinstance(row, BlockRow):
        row = row._replace(limit_tokens=None)
    return _with_spending(row, report.total)


def _with_spending(row: AnyRow, spending: Spending) -> AnyRow:
    if isinstance(row, BlockRow):
        return row._replace(block=row.block._replace(spending=spending))
    return row._replace(spending=spending)


def _spending_of(model: ModelSpending) -> Spending:
    return Spending(model.tokens, model.cost, (model,), model.answers)

"""Asks for usage by the values of one dimension, as a report, and for their share of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.dimensions import AGENT, AGENT_TYPE, DIMENSIONS, NOT_KNOWN, SESSION, Part
from spendlight.metering.divisions import part_column
from spendlight.metering.periods import day_of
from spendlight.metering.reports import (
    Column,
    Report,
    number_column,
    session_label,
    token_columns,
)
from spendlight.tracker.questions.breakdown import Breakdown
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.breakdown import BreakdownRow
    from spendlight.tracker.questions.source import Source


class DimensionRow(NamedTuple):
    """The usage of one value of a dimension.

    Attributes:
        share: Its share of the cost of all rows, from 0 to 1; of the tokens if nothing costs
            anything.
        title: The title of a session, or the type of a subagent; "" if there is none.
        known_since_ms: In the row of what is not known: the first moment of which anything is;
            None in other rows, or if nothing is.
    """

    part: Part
    spending: Spending
    share: float
    title: str = ""
    known_since_ms: int | None = None


class DimensionShares(NamedTuple):
    """Usage by the values of a dimension.

    Attributes:
        dimension: Its name, see `metering.dimensions`.
        selection: Which usage; to drill down, add conditions to its `where`.
    """

    dimension: str
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Report[DimensionRow]:
        """Return a row for each value, the most expensive first."""
        by = (AGENT_TYPE, AGENT) if self.dimension == AGENT else (self.dimension,)
        found = Breakdown(by, self.selection).answer(source)
        rows = tuple(
            DimensionRow(
                Part(self.dimension, row.value),
                row.spending,
                row.share,
                _title(row, found.titles),
                found.known_since_ms if row.value is NOT_KNOWN else None,
            )
            for row in found.rows
        )
        return Report(_columns(self.dimension, self.selection), rows, found.total, found.prices)


def _title(row: BreakdownRow, titles: Mapping[str, str]) -> str:
    if len(row.values) > 1 and row.value:
        return row.values[0] or ""
    return titles.get(row.value or "", "")


def _columns(dimension: str, selection: Selection) -> list[Column[DimensionRow]]:
    def label(row: DimensionRow) -> str:
        value = row.part.value
        return session_label(value, row.title) if value and row.title else row.part.words

    def first(row: DimensionRow) -> int:
        return row.spending.first_ms or 0

    def last(row: DimensionRow) -> int:
        return row.spending.last_ms or 0

    def day_text(at_ms: int) -> str:
        return f"{day_of(at_ms, selection.zone):%Y-%m-%d}"

    names: Column[DimensionRow] = part_column(DIMENSIONS[dimension].heading)
    tokens: list[Column[DimensionRow]] = token_columns(lambda row: row.spending)
    answers: Column[DimensionRow] = number_column("Answers", lambda row: row.spending.answers)
    return [
        names._replace(text=label) if dimension in {AGENT, SESSION} else names,
        answers._replace(is_sum=True),
        *tokens,
        Column(
            "Share of cost",
            lambda row: row.share,
            lambda row: f"{row.share:.1%}",
            is_number=True,
        ),
        Column("First activity", first, lambda row: day_text(first(row)), is_vital=False),
        Column("Last activity", last, lambda row: day_text(last(row)), is_vital=False),
    ]

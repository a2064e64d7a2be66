"""Asks for usage by project or by model, and its share of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.dimensions import PROJECT
from spendlight.metering.divisions import machine_column
from spendlight.metering.periods import day_of, spans
from spendlight.metering.reports import (
    Column,
    Report,
    name_column,
    number_column,
    token_columns,
)
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.told import told_of, with_told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spendlight.metering.entry import SessionName
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.source import Source
    from spendlight.tracker.questions.told import Told


class NameRow(NamedTuple):
    """The usage of one project or one model.

    Attributes:
        name: The folder in ``projects``, or the model as reports show it.
        share: Its share of the cost of all rows, from 0 to 1.
        sessions: In how many sessions it was used.
        machine: The machine or the person, if rows are by that as well.
        told: The values of dimensions whose columns were asked for; None if none were.
    """

    name: str
    spending: Spending
    share: float
    sessions: int
    machine: str | None = None
    told: Told | None = None


class ProjectShares(NamedTuple):
    """Usage by project.

    Attributes:
        also: The dimensions whose values are shown beside each project.
    """

    selection: Selection = EVERYTHING
    also: tuple[str, ...] = ()

    def answer(self, source: Source) -> Report[NameRow]:
        """Return a row for each project, the most expensive first."""
        report = _shares(source, self.selection, "Project", lambda piece: piece.session.project)
        if not self.also:
            return report
        told = told_of(source, self.selection, (PROJECT,), self.also)
        rows = tuple(row._replace(told=told.get((row.name,), {})) for row in report.rows)
        return report._replace(columns=with_told(report.columns, self.also), rows=rows)


class ModelShares(NamedTuple):
    """Usage by model."""

    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Report[NameRow]:
        """Return a row for each model, the most expensive first; without synthetic messages."""
        return _shares(source, self.selection, "Model", lambda piece: piece.variant.label or None)


def _shares(
    source: Source,
    selection: Selection,
    heading: str,
    name_of: Callable[[UsageSlice], str | None],
) -> Report[NameRow]:
    tallies: dict[str, Tally] = {}
    sessions: dict[str, set[SessionName]] = {}
    wanted = spans(selection.zone, *source.extent(), selection.days)
    pieces = source.ledger.by_session(source.scope, wanted, project=selection.project)
    for piece in source.named(pieces):
        name = name_of(piece)
        if name is None:
            continue
        if name not in tallies:
            tallies[name], sessions[name] = Tally(source.prices, selection.mode), set()
        tallies[name].add(piece)
        sessions[name].add(piece.session)
    found = [
        NameRow(name, tally.total(), 0.0, len(sessions[name])) for name, tally in tallies.items()
    ]
    return share_report(found, heading, selection, source.prices.source)


def share_report(
    found: Sequence[NameRow],
    heading: str,
    selection: Selection,
    prices: PriceSource,
    *,
    by: str = "",
) -> Report[NameRow]:
    """Return the rows with tokens, the most expensive first, with their shares.

    Args:
        found: The rows.
        heading: The heading of the names.
        selection: Which usage was asked for.
        prices: The price list used.
        by: The heading of machines or persons, if rows are by them as well.
    """
    total = combine(row.spending for row in found)
    rows = tuple(
        row._replace(share=row.spending.cost / total.cost if total.cost else 0.0)
        for row in sorted(found, key=_most_expensive_first)
        if row.spending.tokens.total
    )
    added = [machine_column()._replace(heading=by)] if by else []
    return Report([*added, *_columns(heading, selection)], rows, total, prices)


def _most_expensive_first(row: NameRow) -> tuple[object, ...]:
    spent = row.spending
    return -spent.cost, -spent.tokens.total, row.name, row.machine or ""


def _columns(heading: str, selection: Selection) -> list[Column[NameRow]]:
    def last(row: NameRow) -> int:
        return row.spending.last_ms or 0

    def day_text(row: NameRow) -> str:
        return f"{day_of(last(row), selection.zone):%Y-%m-%d}"

    tokens: list[Column[NameRow]] = token_columns(lambda row: row.spending)
    return [
        name_column(heading, lambda row: row.name),
        number_column("Sessions", lambda row: row.sessions, is_vital=False),
        *tokens,
        Column(
            "Share of cost",
            lambda row: row.share,
            lambda row: f"{row.share:.1%}",
            is_number=True,
        ),
        Column("Last activity", last, day_text, is_vital=False),
    ]

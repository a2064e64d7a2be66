"""Asks what usage was for: by one dimension or by several, one within the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.dimensions import NOT_KNOWN, SESSION
from spendlight.metering.periods import spans
from spendlight.metering.slices import combine
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from spendlight.metering.dimensions import Value
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.attributed_usage import Values
    from spendlight.tracker.questions.source import Source


class BreakdownRow(NamedTuple):
    """The usage of one value of a dimension, or of values of several.

    Attributes:
        values: The values, in the order of the dimensions; see `metering.dimensions`.
        share: Its share of the cost of all rows, from 0 to 1; of the tokens if nothing costs
            anything.
    """

    values: Values
    spending: Spending
    share: float

    @property
    def value(self) -> Value:
        """The value of the last dimension."""
        return self.values[-1]


class BreakdownReport(NamedTuple):
    """Usage by dimensions; the parts add up to the whole.

    Attributes:
        by: The names of the dimensions.
        rows: A row for each combination of values, the most expensive first.
        titles: The titles of sessions by their ids, if sessions are a dimension.
        known_since_ms: The first moment at which anything is known; None if nothing is.
    """

    by: tuple[str, ...]
    rows: tuple[BreakdownRow, ...]
    total: Spending
    prices: PriceSource
    titles: Mapping[str, str]
    known_since_ms: int | None

    def level(self, depth: int, within: Values = ()) -> tuple[BreakdownRow, ...]:
        """Return rows by the first dimensions only, the most expensive first.

        Args:
            depth: By how many dimensions.
            within: Only rows that begin with these values.
        """
        found: dict[Values, list[Spending]] = {}
        for row in self.rows:
            if row.values[: len(within)] == within:
                found.setdefault(row.values[:depth], []).append(row.spending)
        return with_shares((values, combine(parts)) for values, parts in found.items())


class Breakdown(NamedTuple):
    """Usage by dimensions, for example by repository and within it by branch.

    Attributes:
        by: The names of the dimensions.
        selection: Which usage; to drill down, add conditions to its `where`.
        between: A span of time in Unix milliseconds, the end exclusive, instead of the selection's
            days.
    """

    by: tuple[str, ...]
    selection: Selection = EVERYTHING
    between: tuple[int, int] | None = None

    def answer(self, source: Source) -> BreakdownReport:
        """Return a row for each combination of values."""
        selection = self.selection
        usage = source.attributed(self.by, selection.project)
        ranges = ranges_of(source, selection, self.between)
        of_runs, runs = usage.totals(ranges)
        number = {values: at for at, values in enumerate(dict.fromkeys(of_runs))}
        rows = [number[values] for values in of_runs]
        spent = source.add_up(runs, rows, len(number), selection.mode)
        found = with_shares(
            (values, spending)
            for values, spending in zip(number, spent, strict=True)
            if spending is not None and spending.answers
        )
        titles: dict[str, str] = {}
        if SESSION in self.by:
            index = self.by.index(SESSION)
            told, _ = source.session_notes({row.values[index] or "" for row in found})
            titles = {session: title for (_, session), title in told.items()}
        known = (
            row.spending.first_ms
            for row in found
            if any(value is not NOT_KNOWN for value in row.values)
        )
        return BreakdownReport(
            self.by,
            found,
            combine(row.spending for row in found),
            source.prices.source,
            titles,
            min((at_ms for at_ms in known if at_ms is not None), default=None),
        )


def ranges_of(
    source: Source, selection: Selection, between: tuple[int, int] | None
) -> Sequence[tuple[int, int]]:
    """Return the ranges of time of a selection, or the only one if it is given."""
    if between is not None:
        return [between]
    when = spans(selection.zone, *source.extent(), selection.days)
    return [(when[0].start_ms, when[-1].end_ms)] if when else []


def with_shares(found: Iterable[tuple[Values, Spending]]) -> tuple[BreakdownRow, ...]:
    """Return rows with their shares of all of them, the most expensive first."""
    spent = list(found)
    cost = sum(spending.cost for _, spending in spent)
    tokens = sum(spending.tokens.total for _, spending in spent)

    def share(spending: Spending) -> float:
        if cost:
            return spending.cost / cost
        return spending.tokens.total / tokens if tokens else 0.0

    rows = [BreakdownRow(values, spending, share(spending)) for values, spending in spent]
    rows.sort(key=_order)
    return tuple(rows)


def _order(row: BreakdownRow) -> tuple[object, ...]:
    names = tuple((value is NOT_KNOWN, value or "") for value in row.values)
    return -row.spending.cost, -row.spending.tokens.total, names

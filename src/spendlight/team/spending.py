"""Adds up a team's usage to exactly the rows of a report, with costs, within DuckDB.

A report may have a hundred thousand rows, each made of many sums; Python only sees the rows.
"""

from __future__ import annotations

from itertools import groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from spendlight.metering.entry import ModelVariant, Role, TokenCounts
from spendlight.metering.periods import Period
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import ModelSpending, Spending
from spendlight.metering.sums import COUNTS
from spendlight.team.day_sums import (
    days_of,
    keep_days,
    number_projects,
    sums_by_day,
    sums_with_projects,
)
from spendlight.team.engine import insert_rows
from spendlight.team.settling import added, sum_of
from spendlight.team.totals import MODEL, OWNERS, VARIANT, TeamFilter, period_of, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.metering.pricing import PricingTable
    from spendlight.team.engine import Connection
    from spendlight.team.totals import TeamTotals

_MOST_KINDS: Final = 4_096
"""So many kinds of models and prices are told apart where two began in the same millisecond."""

_THURSDAY: Final = 3
"""The weekday of 1970-01-01."""


class PeriodGrouping(NamedTuple):
    """The periods that the rows of a report are about.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
    """

    period: Period
    week_start: int = 6


class ModelPrices(NamedTuple):
    """How usage is priced.

    Attributes:
        renamed: Returns the model under which a variant is shown and priced.
        model: Only usage of this model, by the name that reports show; "" means all.
    """

    table: PricingTable
    mode: CostMode
    renamed: Callable[[ModelVariant], ModelVariant]
    model: str = ""


class RowSpending(NamedTuple):
    """The usage of a row.

    Attributes:
        names: By what rows are grouped, in the same order.
        day: The first day of its period, in days since 1970-01-01; 0 if rows have no period.
    """

    names: tuple[str, ...]
    day: int
    spending: Spending


def spending_of(
    totals: TeamTotals,
    which: TeamFilter,
    prices: ModelPrices,
    *,
    by: Sequence[str] = (),
    grouping: PeriodGrouping | None = None,
) -> list[RowSpending]:
    """Return the usage of each row of a report; those of one name follow each other.

    Args:
        totals: The sums.
        which: Which usage.
        prices: How it is priced.
        by: What rows are about: `MACHINE`, `PERSON`, `PROJECT` or `MODEL`, which comes last.
        grouping: The periods that they are about.
    """
    if not which.spans:
        return []
    db = totals.db
    models = {prices.renamed(ModelVariant(name)).name for name in totals.models()}
    steps = prices.table.steps(models)
    _make_prices(totals, prices, steps)
    which = which._replace(steps=steps)
    if which.ever and not steps:  # prices do not change at midnight everywhere
        keep_days(db, which.ever)
    else:
        which = which._replace(ever=())
        number_projects(db)
    names = _make_groups(db, [one for one in by if one != MODEL])
    label = "p.label" if MODEL in by else "''"
    counts = ", ".join(sum_of(f"s.{name}") for name in COUNTS)
    added_up, parameters = _added_up(which, grouping, has_groups=bool(names))
    rows = db.execute(
        f"WITH s AS ({added_up})"
        f" SELECT s.number, {label} AS shown, s.day, p.label, {counts},"
        f" SUM({_COST}), BOOL_AND(p.uses_recorded OR p.has_price),"
        " SUM(s.web_searches * p.web_search), MIN(s.first_ms), MAX(s.last_ms),"
        " MAX(s.limit_reset_ms) FROM s JOIN row_prices p"
        f" USING (variant, price_class{', period' if steps else ''})"
        " WHERE s.answers > 0 GROUP BY ALL"
        f" ORDER BY 1, 2, 3, MIN(s.first_ms * {_MOST_KINDS} + p.sequence)",
        parameters,
    ).fetchall()
    return list(_rows(rows, names, by))


def _added_up(
    which: TeamFilter, grouping: PeriodGrouping | None, *, has_groups: bool
) -> tuple[str, list[Any]]:
    """Return SQL that adds up sums by group, period, variant and price class; its parameters."""
    if which.ever:
        first, last = days_of(which.spans)
        sums, conditions = sums_by_day(which.ever), [f"s.day BETWEEN {first} AND {last}"]
    else:
        more = period_of(which.steps)
        sums, conditions = sums_with_projects(which.spans, when(which), more), ["TRUE"]
    parameters: list[Any] = []
    if which.project is not None:
        conditions.append("s.project_id IN (SELECT id FROM machine_projects WHERE project = ?)")
        parameters.append(which.project)
    if which.machines:
        conditions.append(
            f"s.project_id IN (SELECT n.id FROM machine_projects n {OWNERS}"
            " WHERE o.machine IN (SELECT UNNEST(?)))"
        )
        parameters.append(list(which.machines))
    number, groups = (
        ("g.number", "JOIN row_groups g USING (project_id)") if has_groups else ("0", "")
    )
    period = _start("s.day", grouping) if grouping else "0"
    found = (
        f"SELECT {number} AS number, {period} AS day, variant, price_class,"
        f"{' s.period,' if which.steps else ''} {added('s')} FROM ({sums}) s {groups}"
        f" WHERE {' AND '.join(conditions)} GROUP BY ALL"
    )
    return found, parameters


_COST: Final = (
    "CASE WHEN p.uses_recorded THEN s.recorded_cost WHEN p.has_price THEN"
    " (s.input * p.a + s.output * p.b + s.cache_write_5m * p.c + s.cache_write_1h * p.d"
    " + s.cache_read * p.e) * p.factor ELSE 0 END"
)
"""`slices.cost_of`, in SQL."""

_KEY: Final = itemgetter(0, 1, 2)


def _rows(
    rows: Sequence[tuple[Any, ...]], names: Sequence[tuple[str, ...]], by: Sequence[str]
) -> Iterator[RowSpending]:
    """Yield rows from those of their models, which are in the order of first use."""
    for (number, shown, day), found in groupby(rows, _KEY):
        models = []
        tokens = [0, 0, 0, 0, 0]
        cost = search_cost = 0.0
        answers = searches = reasoning = 0
        firsts_ms, lasts_ms, resets_ms = [], [], []
        for (
            *_,
            label,
            read,
            output,
            write_5m,
            write_1h,
            cache_read,
            web_searches,
            count,
            thought,
            dollars,
            is_priced,
            dollars_for_searches,
            first_ms,
            last_ms,
            reset_ms,
        ) in found:
            tokens[0] += read
            tokens[1] += output
            tokens[2] += write_5m
            tokens[3] += write_1h
            tokens[4] += cache_read
            cost += dollars
            answers += count
            reasoning += thought
            searches += web_searches
            search_cost += dollars_for_searches
            firsts_ms.append(first_ms)
            lasts_ms.append(last_ms)
            if reset_ms is not None:
                resets_ms.append(reset_ms)
            if label:
                used = TokenCounts(read, output, write_5m, write_1h, cache_read)
                models.append(ModelSpending(label, used, dollars, is_priced, count, thought))
        yield RowSpending(
            (*(names[number] if names else ()), *((shown,) if MODEL in by else ())),
            day,
            Spending(
                TokenCounts._make(tokens),
                cost,
                tuple(models),
                answers,
                searches,
                search_cost,
                min(firsts_ms),
                max(lasts_ms),
                max(resets_ms, default=None),
                reasoning,
            ),
        )


def _make_prices(totals: TeamTotals, prices: ModelPrices, steps: Sequence[int]) -> None:
    """Make the table of what each variant costs in each price class, if it is selected.

    Args:
        totals: The sums.
        prices: How they are priced.
        steps: The beginnings of the periods with other prices than before.
    """
    db, table, mode = totals.db, prices.table, prices.mode
    variants = db.execute(f"SELECT id, {', '.join(VARIANT)} FROM variants").fetchall()
    found = []
    for number, name, is_fast, geo, role in variants:
        variant = prices.renamed(ModelVariant(name, is_fast, geo, Role(role)))
        if prices.model and variant.label != prices.model:
            continue
        search = table.web_search_cost(variant, 1) or 0.0
        kinds = product(enumerate((0, *steps)), enumerate(totals.passed))
        for (period, at_ms), (passed, threshold) in kinds:
            rates = table.rates(variant, threshold, at_ms)
            for is_recorded in (False, True):
                uses = mode is CostMode.DISPLAY or (is_recorded and mode is CostMode.AUTO)
                found.append(
                    (
                        (variant, threshold, is_recorded, period),
                        (number, 2 * passed + is_recorded, period, variant.label, uses),
                        (rates is not None, *(rates or (0.0,) * 6), search),
                    )
                )
    found.sort(key=itemgetter(0))
    db.execute(
        "CREATE OR REPLACE TEMP TABLE row_prices (sequence INTEGER, variant INTEGER,"
        " price_class TINYINT, period INTEGER, label VARCHAR, uses_recorded BOOLEAN,"
        " has_price BOOLEAN, a DOUBLE, b DOUBLE, c DOUBLE, d DOUBLE, e DOUBLE, factor DOUBLE,"
        " web_search DOUBLE)"
    )
    rows = [
        (min(number, _MOST_KINDS - 1), *names, *rates)
        for number, (_, names, rates) in enumerate(found)
    ]
    insert_rows(db, "row_prices", rows)


def _make_groups(db: Connection, by: Sequence[str]) -> list[tuple[str, ...]]:
    """Make the table of the group of each project; return the names of the groups."""
    if not by:
        return []
    columns = ", ".join("n.project" if one == "project" else f"o.{one}" for one in by)
    db.execute(
        "CREATE OR REPLACE TEMP TABLE row_groups AS SELECT n.id AS project_id,"
        f" DENSE_RANK() OVER (ORDER BY {columns}) - 1 AS number, {columns}"
        f" FROM machine_projects n {OWNERS}"
    )
    named = db.execute(
        "SELECT DISTINCT * EXCLUDE (project_id) FROM row_groups ORDER BY number"
    ).fetchall()
    return [tuple(row[1:]) for row in named]


def _start(day: str, grouping: PeriodGrouping) -> str:
    """Return SQL that computes the first day of the period of a day."""
    if grouping.period is Period.MONTH:
        first = "DATE '1970-01-01'"
        return f"date_trunc('month', {first} + {day})::DATE - {first}"
    if grouping.period is Period.WEEK:
        back = f"(({day}) + {_THURSDAY + 7 - grouping.week_start}) % 7"
        return f"({day}) - {back}"
    return day

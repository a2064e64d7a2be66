"""Statistics of all usage: in total, on an average day, and on the day with the most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.slices import combine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from spendlight.metering.reports import PeriodRow
    from spendlight.metering.slices import Spending


class MonthCoverage(NamedTuple):
    """Where the usage of a month's days is known from.

    Attributes:
        month: Its first day.
        days: Its days from the first that was asked for, or has usage, to the last one.
        in_logs: Days with usage that is still in the logs.
        kept: Days with usage that only the ledger has: its logs are deleted or elsewhere.
    """

    month: date
    days: int
    in_logs: int
    kept: int

    @property
    def without_usage(self) -> int:
        """Days without known usage; idle days cannot be distinguished from lost ones."""
        return self.days - self.in_logs - self.kept


class UsageStats(NamedTuple):
    """Statistics of usage.

    Attributes:
        days: The days with usage, in order.
        months: Where their usage is known from.
    """

    total: Spending
    days: tuple[PeriodRow, ...]
    months: tuple[MonthCoverage, ...] = ()

    @property
    def active_days(self) -> int:
        """The number of days with usage."""
        return len(self.days)

    @property
    def tokens_a_day(self) -> float | None:
        """The tokens of an average day with usage."""
        return self.total.tokens.total / len(self.days) if self.days else None

    @property
    def cost_a_day(self) -> float | None:
        """The dollars of an average day with usage."""
        return self.total.cost / len(self.days) if self.days else None

    @property
    def fullest_day(self) -> PeriodRow | None:
        """The day with the most tokens; of several, the first."""
        return max(self.days, key=lambda row: row.spending.tokens.total, default=None)

    @property
    def dearest_day(self) -> PeriodRow | None:
        """The day with the highest cost; of several, the first."""
        return max(self.days, key=lambda row: row.spending.cost, default=None)


def usage_stats(rows: Iterable[PeriodRow], months: Sequence[MonthCoverage] = ()) -> UsageStats:
    """Return the statistics of the days of a report.

    Args:
        rows: The days, in any order.
        months: Where their usage is known from.
    """
    days = tuple(sorted((row for row in rows if row.spending.answers), key=lambda row: row.start))
    return UsageStats(combine(row.spending for row in days), days, tuple(months))


def coverage(
    used: Collection[date], in_logs: Collection[date], first: date, last: date
) -> tuple[MonthCoverage, ...]:
    """Return where the usage of a range of days is known from, by month.

    Args:
        used: The days with usage.
        in_logs: Those of them whose usage is still in the logs.
        first: The first day.
        last: The last day, included.
    """
    months: dict[date, list[int]] = {}
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = first.fromordinal(number)
        counts = months.setdefault(day.replace(day=1), [0, 0, 0])
        counts[0] += 1
        if day in used:
            counts[1 if day in in_logs else 2] += 1
    return tuple(MonthCoverage(month, *counts) for month, counts in months.items())

"""Asks for an invoice: what a project, a repository or a branch cost, by day and session."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.invoicing import (
    MINUTE_MS,
    Terms,
    added,
    rounded,
    shared_out,
    stretches,
)
from spendlight.metering.periods import day_from_number, day_number, day_of, to_ms
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.attributed import chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo
    from decimal import Decimal

    from spendlight.metering.entry import TokenCounts
    from spendlight.metering.periods import DateRange
    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.attributed import AttributedAnswer
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source


class InvoiceLine(NamedTuple):
    """A session on one day.

    Attributes:
        session: Its id.
        title: The title that its log gives it, or "".
        minutes: Active time, rounded to minutes.
        amount: Rounded, see `metering.invoicing.shared_out`.
    """

    session: str
    title: str
    project: str
    minutes: int
    spending: Spending
    amount: Decimal


class InvoiceDay(NamedTuple):
    """One day; its amount is the sum of those of its lines.

    Attributes:
        minutes: Active time: sessions that ran at the same time count once.
    """

    day: date
    minutes: int
    spending: Spending
    amount: Decimal
    lines: tuple[InvoiceLine, ...]


class InvoiceModel(NamedTuple):
    """The share of one model in an invoice.

    Attributes:
        is_priced: Whether the price of all its usage is known.
    """

    label: str
    tokens: TokenCounts
    answers: int
    amount: Decimal
    is_priced: bool


class InvoiceSheet(NamedTuple):
    """An invoice: its days add up to its total, and so do its models.

    Attributes:
        project: The only project in it, or "".
        repository: The only repository, or "": its folder.
        branch: The only branch, or "".
        days: The local days that were asked for.
        made_on: The local day on which it was made.
        rows: The days with usage.
        models: The most expensive first.
        minutes: Active time.
        total: All usage.
        amount: The rounded total.
        prices: The price list used.
    """

    project: str
    repository: str
    branch: str
    days: DateRange
    made_on: date
    terms: Terms
    rows: tuple[InvoiceDay, ...]
    models: tuple[InvoiceModel, ...]
    minutes: int
    total: Spending
    amount: Decimal
    prices: PriceSource


class Invoice(NamedTuple):
    """What a project, a repository, a branch, or everything cost.

    Attributes:
        selection: Which usage; its days should have both ends.
        repository: Only this one: its folder, or the last part of it; "" means all.
        branch: Only this one; "" means all.
        terms: How the cost becomes an amount.
        now: The moment to take as the current time.
    """

    selection: Selection
    repository: str = ""
    branch: str = ""
    terms: Terms = Terms()
    now: datetime | None = None

    def answer(self, source: Source) -> InvoiceSheet:
        """Return the invoice.

        Raises:
            UnknownNameError: If there is no usage of what was named.
            AmbiguousNameError: If a name means several repositories.
        """
        selection, terms = self.selection, self.terms
        found = chosen(source, selection, self.repository, self.branch)
        found = [answer for answer in found if answer.piece.variant.label]
        titles = source.session_notes().titles
        lines = _lines(found, source, self, titles)
        total = combine(line.spending for line in lines.values())
        amount = rounded(added(line.amount for line in lines.values()), terms.unit)
        times = active_ms((answer.piece.first_ms for answer in found), selection.zone)
        minutes = minutes_of(sum(times.values()))
        now = self.now or datetime.now(selection.zone)
        return InvoiceSheet(
            project=selection.project or "",
            repository=_repository(found, self),
            branch=self.branch,
            days=selection.days,
            made_on=now.astimezone(selection.zone).date(),
            terms=terms,
            rows=tuple(_days(lines, times, minutes, amount, terms)),
            models=tuple(_models(total, amount, terms)),
            minutes=minutes,
            total=total,
            amount=amount,
            prices=source.prices.source,
        )


_LineKey = tuple[int, str, str]
"""A day's number, the project's path, and the session's id."""


def _lines(
    found: Iterable[AttributedAnswer],
    source: Source,
    asked: Invoice,
    titles: Mapping[tuple[str, str], str],
) -> dict[_LineKey, InvoiceLine]:
    """Return the sessions by day, with amounts that are not rounded yet."""
    tallies: dict[_LineKey, Tally] = {}
    moments: dict[tuple[str, str], list[int]] = defaultdict(list)
    for answer in sorted(found, key=lambda answer: answer.piece.first_ms):
        session = answer.piece.session
        key = (answer.day, session.project_path, session.session)
        if key not in tallies:
            tallies[key] = Tally(source.prices, asked.selection.mode)
        tallies[key].add(answer.piece)
        moments[key[1:]].append(answer.piece.first_ms)
    times = {name: active_ms(found, asked.selection.zone) for name, found in moments.items()}
    lines = {}
    for key, tally in tallies.items():
        day, path, session_id = key
        spending = tally.total()
        minutes = minutes_of(times[path, session_id].get(day, 0))
        title, exact = titles.get((path, session_id), ""), asked.terms.exact(spending.cost)
        lines[key] = InvoiceLine(session_id, title, path, minutes, spending, exact)
    return lines


def _days(
    lines: Mapping[_LineKey, InvoiceLine],
    times: Mapping[int, int],
    minutes: int,
    amount: Decimal,
    terms: Terms,
) -> list[InvoiceDay]:
    """Return the days: their amounts add up to the total, and those of their lines to them."""
    from decimal import Decimal

    by_day: dict[int, list[InvoiceLine]] = defaultdict(list)
    for (day, *_), line in sorted(lines.items(), key=lambda each: each[1].spending.first_ms or 0):
        by_day[day].append(line)
    numbers = sorted(by_day)
    exact = [added(line.amount for line in by_day[day]) for day in numbers]
    amounts = shared_out(amount, exact, terms.unit)
    shares = [Decimal(times.get(day, 0)) / MINUTE_MS for day in numbers]
    of_day = shared_out(Decimal(minutes), shares, Decimal(1))
    days = []
    for day, day_amount, day_minutes in zip(numbers, amounts, of_day, strict=True):
        parts = shared_out(day_amount, [line.amount for line in by_day[day]], terms.unit)
        most = int(day_minutes)
        shown = [
            line._replace(
                amount=part,
                minutes=most if len(parts) == 1 else min(line.minutes, most),
            )
            for line, part in zip(by_day[day], parts, strict=True)
        ]
        spending = combine(line.spending for line in shown)
        days.append(InvoiceDay(day_from_number(day), most, spending, day_amount, tuple(shown)))
    return days


def _models(total: Spending, amount: Decimal, terms: Terms) -> list[InvoiceModel]:
    models = total.models_by_cost
    amounts = shared_out(amount, [terms.exact(model.cost) for model in models], terms.unit)
    return [
        InvoiceModel(model.label, model.tokens, model.answers, part, model.is_priced)
        for model, part in zip(models, amounts, strict=True)
    ]


def active_ms(moments_ms: Iterable[int], zone: tzinfo) -> dict[int, int]:
    """Return the active time of each local day; a stretch beyond midnight belongs to both."""
    found: dict[int, int] = defaultdict(int)
    for start_ms, end_ms in stretches(moments_ms):
        first = day_of(start_ms, zone)
        midnight = datetime.combine(first + timedelta(days=1), datetime.min.time(), zone)
        cut_ms = min(end_ms, max(start_ms, to_ms(midnight)))
        found[day_number(first)] += cut_ms - start_ms
        if cut_ms < end_ms:
            found[day_number(day_of(end_ms, zone))] += end_ms - cut_ms
    return found


def minutes_of(time_ms: int) -> int:
    """Return a time in minutes, halves rounded up."""
    return (time_ms + MINUTE_MS // 2) // MINUTE_MS


def _repository(found: Iterable[AttributedAnswer], asked: Invoice) -> str:
    """Return the repository of answers; "" if none was chosen, and what was typed for several."""
    if not asked.repository and not asked.branch:
        return ""
    repositories = {answer.repository for answer in found}
    return repositories.pop() if len(repositories) == 1 else asked.repository

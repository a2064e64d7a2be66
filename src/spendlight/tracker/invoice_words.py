"""What an invoice says in words: its heading, its facts and its notes, for all faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spendlight.metering.invoicing import DOLLARS
from spendlight.metering.project_names import project_names
from spendlight.metering.reports import SESSION_LETTERS, money, session_label
from spendlight.names import shown
from spendlight.tracker.questions.attributed import last_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from spendlight.metering.pricing import PriceSource
    from spendlight.tracker.questions.invoice import InvoiceLine, InvoiceSheet

ESTIMATE: Final = "Estimate from list prices, not a bill of the provider"

_HOUR: Final = 60


def subject(sheet: InvoiceSheet) -> list[tuple[str, str]]:
    """Return what the invoice is about, each with its heading; without folders above it."""
    project, folder = sheet.project, sheet.repository
    told = [
        ("Project", project_names([project])[project]),
        ("Repository", last_part(folder) if folder else ""),
        ("Branch", sheet.branch),
    ]
    named = [(heading, shown(name)) for heading, name in told if name]
    return named or [("Usage", "all projects")]


def period(sheet: InvoiceSheet) -> str:
    """Return the days that it covers."""
    first = sheet.days.since or (sheet.rows[0].day if sheet.rows else None)
    last = sheet.days.until or sheet.made_on
    return f"until {last}" if first is None else f"{first} to {last}"


def hours(minutes: int) -> str:
    """Return minutes as hours and minutes.

    >>> hours(135)
    '2:15 h'
    """
    return f"{minutes // _HOUR:,}:{minutes % _HOUR:02d} h"


def line_name(line: InvoiceLine, projects: Mapping[str, str]) -> str:
    """Return the name of a session's line, with its project if there are several."""
    number = line.session[:SESSION_LETTERS]
    session = session_label(line.session, line.title) if line.title else f"Session {shown(number)}"
    project = projects.get(line.project, "") if len(projects) > 1 else ""
    return f"{shown(project)}: {session}" if project else session


def projects_in(sheet: InvoiceSheet) -> dict[str, str]:
    """Return the display names of the projects in an invoice."""
    return project_names(line.project for day in sheet.rows for line in day.lines)


def amount(sheet: InvoiceSheet) -> str:
    """Return its total with the currency."""
    return f"{sheet.terms.currency} {sheet.terms.text(sheet.amount)}"


def notes(sheet: InvoiceSheet) -> list[str]:
    """Return how the figures are computed, and what is missing from them."""
    told = [f"{ESTIMATE}. {price_note(sheet.prices, sheet.made_on)}"]
    if factors := factor_note(sheet):
        told.append(factors)
    told.append(
        "The total is rounded to the smallest unit of the currency, halves up; each row is "
        "rounded up or down so that rows add up to the total."
    )
    told.append(
        "Active time is the time between answers that are at most 15 minutes apart. In a day's "
        "time, sessions that ran at the same time count once."
    )
    searches = sheet.total.web_searches
    if searches:
        noun = "web search" if searches == 1 else "web searches"
        cost = money(sheet.total.web_search_cost)
        told.append(f"{searches:,} {noun}, {cost} at list prices, not included.")
    missing = [shown(model.label) for model in sheet.models if not model.is_priced]
    if missing:
        told.append(f"No price is known for {', '.join(missing)}; that usage is not included.")
    return told


def factor_note(sheet: InvoiceSheet) -> str:
    """Return how the cost in dollars became the amount, or "" if it is the same."""
    terms = sheet.terms
    if terms.currency == DOLLARS and terms.rate == 1:
        return ""
    factors = [f"USD {sheet.total.cost:,.4f}"]
    if terms.rate != 1:
        factors.append(f"a rate of {terms.rate}")
    if terms.currency != DOLLARS:
        factors.append(f"{terms.exchange} {terms.currency} for a dollar, as stated by the issuer")
    return f"Computed as {' × '.join(factors)}."


def price_note(prices: PriceSource, today: date) -> str:
    """Return which price list was used, and how old it is."""
    told = shown(_without_folders(prices).words)
    dated = next((each.dated for each in _lists(prices) if each.dated is not None), None)
    if dated is None:
        return f"Prices: {told}, of unknown age."
    days = max(0, (today - dated).days)
    age = "1 day old" if days == 1 else f"{days:,} days old"
    return f"Prices: {told}, {age}."


def _without_folders(prices: PriceSource) -> PriceSource:
    """Return a price list under the name of its file: an invoice is for other people."""
    below = None if prices.below is None else _without_folders(prices.below)
    return prices._replace(name=last_part(prices.name), below=below)


def _lists(prices: PriceSource) -> Iterable[PriceSource]:
    """Yield a price list and those below it."""
    found: PriceSource | None = prices
    while found is not None:
        yield found
        found = found.below

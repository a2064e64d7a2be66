"""Prints invoices and writes them into files."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from spendlight.cli import json_out, terminal, words
from spendlight.cli.export import destination
from spendlight.cli.plain_tables import plain_table
from spendlight.cli.report_arguments import STDOUT
from spendlight.cli.reporting import noted, selection
from spendlight.cli.snapshot_words import Fact, plain
from spendlight.cli.world import opened
from spendlight.errors import BadArgumentError
from spendlight.metering.invoicing import DOLLARS, Terms
from spendlight.metering.periods import DateRange
from spendlight.names import name
from spendlight.tracker import invoice_words
from spendlight.tracker.questions.invoice import Invoice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spendlight.cli.arguments import Arguments
    from spendlight.cli.json_out import Json
    from spendlight.tracker.questions.invoice import InvoiceDay, InvoiceLine, InvoiceSheet

OK = 0

_ADVICE: Final = "Write it with --html FILE, to print it or to save it as PDF, or with --csv FILE."


class NoPeriodError(BadArgumentError):
    """No days were requested for an invoice."""

    def __init__(self) -> None:
        super().__init__(
            "An invoice needs its days", "Use --month 2026-11, or --since and --until."
        )


class MonthWithDatesError(BadArgumentError):
    """Both --month and certain days were requested."""

    def __init__(self) -> None:
        super().__init__(
            "--month cannot be combined with --since or --until", "Use one or the other."
        )


class NoExchangeError(BadArgumentError):
    """A currency without an exchange rate, or the other way round."""

    def __init__(self, currency: str) -> None:
        if currency == DOLLARS:
            title = "--exchange needs another currency than USD"
            advice = "Say which one, such as --currency EUR."
        else:
            title = f"Amounts in {currency} need an exchange rate"
            advice = f"Say how many {currency} a US dollar is worth: --exchange 0.92. It is never "
            advice += "fetched."
        super().__init__(title, advice)


class OneStdoutError(BadArgumentError):
    """Several formats were requested on standard output."""

    def __init__(self) -> None:
        super().__init__(
            "Only one of --html -, --csv - and --json can be written to standard output",
            "Write the others into files.",
        )


def run(arguments: Arguments) -> int:
    """Print an invoice or write it into files, and return the exit code.

    Raises:
        UsageError: If the options are invalid, or a file cannot be written.
    """
    terms = _terms(arguments)
    arguments.since, arguments.until = _days(arguments)
    printed = [arguments.html == STDOUT, arguments.csv == STDOUT, arguments.json]
    if sum(printed) > 1:
        raise OneStdoutError
    with opened(arguments) as world:
        world.read_logs()
        world.tracker.demand_data()
        question = Invoice(
            selection(arguments, world.zone), arguments.repo or "", arguments.branch or "", terms
        )
        sheet = world.tracker.ask(question)
        _write(sheet, arguments, terminal.complain if any(printed) else terminal.say)
        if arguments.json:
            terminal.say_json(json_out.to_text(noted(to_json(sheet), world)))
        elif not any(printed) and not (arguments.html or arguments.csv):
            terminal.say_text("\n".join(text_lines(sheet, terminal.width())))
            snapshot = world.tracker.snapshot(with_plan=False)
            foot = words.unread(snapshot.unread_lines, world.tracker.unreadable_paths)
            terminal.say(*foot, *words.folders(world.tracker.folder_notes()))
    return OK


def _terms(arguments: Arguments) -> Terms:
    """Return the terms in the arguments.

    Raises:
        NoExchangeError: If there is a currency without an exchange rate, or the other way round.
    """
    terms = Terms()
    if (arguments.currency == DOLLARS) != (arguments.exchange is None):
        raise NoExchangeError(arguments.currency)
    return Terms(
        terms.rate if arguments.rate is None else arguments.rate,
        arguments.currency,
        terms.exchange if arguments.exchange is None else arguments.exchange,
    )


def _days(arguments: Arguments) -> DateRange:
    """Return the days of the invoice.

    Raises:
        NoPeriodError: If there are none.
        MonthWithDatesError: If there are both a month and dates.
    """
    typed = DateRange(arguments.since, arguments.until)
    if arguments.month is None:
        if typed == DateRange():
            raise NoPeriodError
        return typed
    if typed != DateRange():
        raise MonthWithDatesError
    return arguments.month


def _write(sheet: InvoiceSheet, arguments: Arguments, tell: Callable[[str], None]) -> None:
    """Write the files that were asked for.

    Args:
        sheet: The invoice.
        arguments: The arguments.
        tell: Tells the user about files, not on standard output if that has something else.
    """
    from spendlight.tracker.invoice_files import as_html, write_csv

    if arguments.html:
        with destination(arguments.html, is_seekable=False) as sink:
            sink.write(as_html(sheet).encode("utf-8", "replace"))
        if arguments.html != STDOUT:
            tell(f"{name(arguments.html)} was written; to print it, open it in a browser")
    if arguments.csv:
        with destination(arguments.csv, is_seekable=False) as sink:
            write_csv(sheet, sink)
        if arguments.csv != STDOUT:
            tell(f"{name(arguments.csv)} was written")


def text_lines(sheet: InvoiceSheet, width: int) -> Iterator[str]:
    """Yield an invoice as lines, sentences wrapped to the width."""
    facts = [
        *(Fact(heading, name(told)) for heading, told in invoice_words.subject(sheet)),
        Fact("Period", invoice_words.period(sheet)),
        Fact("Active time", invoice_words.hours(sheet.minutes)),
        Fact("Amount", f"{invoice_words.amount(sheet)} (estimate)"),
    ]
    yield plain(facts)
    yield ""
    if not sheet.rows:
        yield "No usage in these days."
    else:
        amount = f"Amount ({sheet.terms.currency})"
        sessions = len({(line.project, line.session) for day in sheet.rows for line in day.lines})
        rows = [
            ("Day", "Sessions", "Active time", "Tokens", amount),
            *(
                (
                    str(day.day),
                    f"{len(day.lines):,}",
                    invoice_words.hours(day.minutes),
                    f"{day.spending.tokens.total:,}",
                    sheet.terms.text(day.amount),
                )
                for day in sheet.rows
            ),
            (
                "Total",
                f"{sessions:,}",
                invoice_words.hours(sheet.minutes),
                f"{sheet.total.tokens.total:,}",
                sheet.terms.text(sheet.amount),
            ),
        ]
        yield from plain_table(rows, (12, 9, 13, 18, 18), width)
    yield ""
    for note in (*invoice_words.notes(sheet), _ADVICE):
        yield from wrap(note, width, break_on_hyphens=False)


def to_json(sheet: InvoiceSheet) -> Json:
    """Return an invoice as JSON."""
    terms = sheet.terms
    since, until = sheet.days
    return {
        "activeMinutes": sheet.minutes,
        "amount": float(sheet.amount),
        "branch": sheet.branch or None,
        "currency": terms.currency,
        "days": [_day_json(day) for day in sheet.rows],
        "exchange": float(terms.exchange),
        "isEstimate": True,
        "madeOn": str(sheet.made_on),
        "models": [
            {
                "amount": float(model.amount),
                "answers": model.answers,
                "modelName": model.label,
                "totalTokens": model.tokens.total,
            }
            | ({} if model.is_priced else {"missingPricing": True})
            for model in sheet.models
        ],
        "prices": invoice_words.price_note(sheet.prices, sheet.made_on),
        "project": sheet.project or None,
        "rate": float(terms.rate),
        "repository": sheet.repository or None,
        "since": None if since is None else str(since),
        "totals": json_out.totals(sheet.total),
        "until": None if until is None else str(until),
    }


def _day_json(day: InvoiceDay) -> Json:
    return {
        "activeMinutes": day.minutes,
        "amount": float(day.amount),
        "date": str(day.day),
        "sessions": [_line_json(line) for line in day.lines],
        "totalCost": float(day.spending.cost),
        "totalTokens": day.spending.tokens.total,
    }


def _line_json(line: InvoiceLine) -> Json:
    told = {
        "activeMinutes": line.minutes,
        "amount": float(line.amount),
        "projectPath": line.project,
        "sessionId": line.session,
        "totalCost": float(line.spending.cost),
        "totalTokens": line.spending.tokens.total,
    }
    return told | ({"title": line.title} if line.title else {})

"""Writes invoices as HTML, which browsers print, and as CSV for spreadsheets."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, BinaryIO, Final

from spendlight.metering.reports import short_model
from spendlight.names import shown
from spendlight.tracker import invoice_words as words
from spendlight.tracker.entry_files import write_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spendlight.tracker.questions.invoice import InvoiceDay, InvoiceSheet

_STYLE: Final = """\
@page { size: auto; margin: 18mm 16mm 16mm 16mm; }
html { background: #ffffff; }
body { font-family: 'Inter', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; font-size: 9.5pt;
  color: #1d2329; background: #ffffff; margin: 0 auto; max-width: 178mm; line-height: 140%;
  font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; }
th { font-size: 8pt; font-weight: 600; color: #66707a; padding: 5px 6px; }
td { padding: 5px 6px; vertical-align: top; }
h1 { font-size: 22pt; font-weight: 600; margin: 0; line-height: 120%; }
h2 { font-size: 11pt; font-weight: 600; margin: 24px 0 4px 6px; page-break-after: avoid; }
.label { font-size: 8pt; color: #66707a; margin: 0; }
.estimate { font-size: 8.5pt; color: #8a5a00; margin: 2px 0 0 0; }
.total { font-size: 22pt; font-weight: 600; margin: 0; line-height: 120%; white-space: nowrap; }
.top { padding: 0 6px 6px 6px; }
.fact { padding: 10px 6px 0 6px; }
.value { margin: 0; font-size: 10pt; overflow-wrap: anywhere; }
.head th { border-bottom: 1px solid #1d2329; }
.day td { font-weight: 600; border-top: 1px solid #d5dade; }
.line td { color: #4a535b; padding-top: 1px; padding-bottom: 3px; }
.line .name { padding-left: 18px; overflow-wrap: anywhere; }
.number { white-space: nowrap; }
.sum td { font-weight: 600; border-top: 1px solid #1d2329; }
.notes p { font-size: 8pt; color: #66707a; margin: 0 6px 4px 6px; line-height: 135%; }
@media screen { body { padding: 14mm 16mm; } }
@media print { body { max-width: none; padding: 0; } thead { display: table-header-group; }
  tr { page-break-inside: avoid; } .day { page-break-after: avoid; }
  .sum { page-break-before: avoid; } }
"""
"""Only what browsers and Qt's rich text have in common decides the layout, so that it may be
printed by either. No font or picture is loaded."""

_COLUMNS: Final = (
    "date",
    "sessionId",
    "title",
    "project",
    "activeMinutes",
    "answers",
    "inputTokens",
    "outputTokens",
    "cacheCreationTokens",
    "cacheReadTokens",
    "totalTokens",
    "totalCost",
    "amount",
    "currency",
    "basis",
    "prices",
)

_TABLE: Final = '<table width="100%" cellspacing="0" cellpadding="0">'

Cells = tuple[str, ...]


def write_csv(sheet: InvoiceSheet, sink: BinaryIO) -> int:
    """Write a row for each session of each day; return how many. The amounts add up to the total.

    Texts are protected from being read as formulas by spreadsheets.
    """
    terms = sheet.terms
    told = (terms.currency, words.ESTIMATE, words.price_note(sheet.prices, sheet.made_on))
    projects = words.projects_in(sheet)
    rows = (
        (
            str(day.day),
            shown(line.session),
            shown(line.title),
            shown(projects[line.project]),
            line.minutes,
            line.spending.answers,
            line.spending.tokens.input,
            line.spending.tokens.output,
            line.spending.tokens.cache_write,
            line.spending.tokens.cache_read,
            line.spending.tokens.total,
            f"{line.spending.cost:.10f}".rstrip("0").rstrip(".") or "0",
            f"{line.amount:f}",
            *told,
        )
        for day in sheet.rows
        for line in day.lines
    )
    return write_table(_COLUMNS, rows, sink)


def as_html(sheet: InvoiceSheet) -> str:
    """Return an invoice as a page of HTML that needs nothing else."""
    return "\n".join(_page(sheet)) + "\n"


def title_of(sheet: InvoiceSheet) -> str:
    """Return the title of an invoice."""
    return f"Invoice {words.period(sheet)}"


def _page(sheet: InvoiceSheet) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    yield "style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(title_of(sheet))}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>"
    yield from _head(sheet)
    if sheet.rows:
        yield from _days(sheet)
        yield from _models(sheet)
    else:
        yield "<h2>No usage in these days</h2>"
    yield '<div class="notes"><h2>Notes</h2>'
    yield from (f"<p>{escape(note)}</p>" for note in words.notes(sheet))
    yield "</div>\n</body>\n</html>"


def _head(sheet: InvoiceSheet) -> Iterator[str]:
    yield f'{_TABLE}<tr><td class="top"><h1>Invoice</h1>'
    yield '<p class="label">Use of AI models</p></td>'
    yield f'<td class="top" align="right"><p class="total">{escape(words.amount(sheet))}</p>'
    yield f'<p class="estimate">{escape(words.ESTIMATE)}</p></td></tr></table>'
    facts = [
        *words.subject(sheet),
        ("Period", words.period(sheet)),
        ("Made on", str(sheet.made_on)),
        ("Active time", words.hours(sheet.minutes)),
        ("Tokens", f"{sheet.total.tokens.total:,}"),
    ]
    yield f"{_TABLE}<tr>"
    for number, (heading, value) in enumerate(facts):
        if number and number % 3 == 0:
            yield "</tr><tr>"
        yield f'<td class="fact" width="33%"><p class="label">{escape(heading)}</p>'
        yield f'<p class="value">{escape(value)}</p></td>'
    yield "</tr></table>"


def _days(sheet: InvoiceSheet) -> Iterator[str]:
    projects = words.projects_in(sheet)
    yield "<h2>Days and sessions</h2>"
    headings = ("Day", "Active time", "Tokens", f"Amount ({sheet.terms.currency})")
    yield f"{_TABLE}<thead>{_heading(headings, (50, 14, 17, 19))}</thead><tbody>"
    for day in sheet.rows:
        yield _row(
            (
                f"{day.day:%Y-%m-%d}",
                words.hours(day.minutes),
                f"{day.spending.tokens.total:,}",
                sheet.terms.text(day.amount),
            ),
            "day",
        )
        yield from _lines(day, sheet, projects)
    total = (
        "Total",
        words.hours(sheet.minutes),
        f"{sheet.total.tokens.total:,}",
        sheet.terms.text(sheet.amount),
    )
    yield f"{_row(total, 'sum')}</tbody></table>"


def _lines(day: InvoiceDay, sheet: InvoiceSheet, projects: dict[str, str]) -> Iterator[str]:
    for line in day.lines:
        cells = (
            words.line_name(line, projects),
            words.hours(line.minutes),
            f"{line.spending.tokens.total:,}",
            sheet.terms.text(line.amount),
        )
        yield _row(cells, "line")


def _models(sheet: InvoiceSheet) -> Iterator[str]:
    yield "<h2>Models</h2>"
    headings = (
        "Model",
        "Answers",
        "Input",
        "Output",
        "Cache write",
        "Cache read",
        f"Amount ({sheet.terms.currency})",
    )
    yield f"{_TABLE}<thead>{_heading(headings, (24, 10, 10, 10, 13, 15, 18))}</thead><tbody>"
    rows = [
        (short_model(model.label), model.answers, model.tokens, model.amount)
        for model in sheet.models
    ]
    if len(rows) > 1:
        total = sheet.total
        rows.append(("Total", total.answers, total.tokens, sheet.amount))
    for number, (label, answers, tokens, amount) in enumerate(rows):
        counts = (answers, tokens.input, tokens.output, tokens.cache_write, tokens.cache_read)
        is_sum = len(rows) > 1 and number == len(rows) - 1
        cells = (label, *(f"{count:,}" for count in counts), sheet.terms.text(amount))
        yield _row(cells, "sum" if is_sum else "model")
    yield "</tbody></table>"


def _heading(cells: Cells, widths: tuple[int, ...]) -> str:
    """Return the headings of a table; widths are per cent, and Qt needs those of all columns."""
    told = [
        f'<th class="{"number" if index else "name"}" align="{"right" if index else "left"}"'
        f' width="{width}%">{escape(text)}</th>'
        for index, (text, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f'<tr class="head">{"".join(told)}</tr>'


def _row(cells: Cells, kind: str) -> str:
    first, *rest = map(escape, cells)
    told = [f'<td class="name" align="left">{first}</td>']
    told += [f'<td class="number" align="right">{text}</td>' for text in rest]
    return f'<tr class="{kind}">{"".join(told)}</tr>'

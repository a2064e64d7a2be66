"""Options of invoices and of what a branch cost."""

from __future__ import annotations

import os
import re
from argparse import ArgumentTypeError
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.cli import argument_types as types
from spendlight.cli.report_arguments import add_agents, add_project, add_usage
from spendlight.metering.periods import DateRange

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from decimal import Decimal

_FACTOR: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_MONTH: Final = re.compile(r"(\d{4})-?(\d{2})")


def add_invoice(parser: ArgumentParser) -> None:
    """Add the options of an invoice."""
    add_project(parser)
    add_repository(parser)
    parser.add_argument(
        "--branch", type=types.name, metavar="NAME", help="only answers on this git branch"
    )
    parser.add_argument(
        "--month", type=month, metavar="YYYY-MM", help="the month; or use --since and --until"
    )
    add_usage(parser)
    add_agents(parser)
    parser.add_argument(
        "--rate",
        type=factor,
        metavar="FACTOR",
        help="multiplies the cost: 1.2 adds 20 %%; it is no hourly rate (1.0)",
    )
    parser.add_argument(
        "--currency",
        type=currency,
        metavar="CODE",
        help="the currency of amounts, such as EUR; needs --exchange (USD)",
    )
    parser.add_argument(
        "--exchange",
        type=factor,
        metavar="FACTOR",
        help="how much of that currency one US dollar is worth, such as 0.92; it is never fetched",
    )
    parser.add_argument(
        "--html",
        metavar="FILE",
        help="write a page to print or to save as PDF; '-' is standard output",
    )
    parser.add_argument(
        "--csv",
        metavar="FILE",
        help="write a row for each session of each day; '-' is standard output",
    )
    parser.add_argument("-j", "--json", action="store_true", help="print JSON")


def add_branch(parser: ArgumentParser) -> None:
    """Add the options of what a branch cost."""
    parser.add_argument(
        "branch", type=types.name, metavar="NAME", help="the branch, as git names it"
    )
    add_repository(parser)
    parser.add_argument(
        "--since-merge-base",
        type=types.name,
        metavar="BRANCH",
        help="only answers after the last commit that it shares with this branch, such as main; "
        "asks git",
    )
    add_usage(parser)
    add_agents(parser)
    parser.add_argument("-j", "--json", action="store_true", help="print JSON")


def add_repository(parser: ArgumentParser) -> None:
    """Add the option that selects a repository."""
    parser.add_argument(
        "--repo",
        type=repository,
        metavar="NAME",
        help="only this repository: its folder, or the last part of it",
    )


def repository(text: str) -> str:
    """Parse the name of a repository; a path becomes absolute, as the ledger has no others."""
    is_path = text in {".", ".."} or os.sep in text or "/" in text
    return types.name(os.path.realpath(Path(text).expanduser()) if is_path else text)


def month(text: str) -> DateRange:
    """Parse a month: ``2026-11`` or ``202611``."""
    found = _MONTH.fullmatch(text)
    try:
        first = date(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        first = None
    if first is None:
        msg = f"{text!r} is not a month; use YYYY-MM"
        raise ArgumentTypeError(msg)
    longest = timedelta(days=31)
    last = (min(first, date.max - longest) + longest).replace(day=1) - timedelta(days=1)
    return DateRange(first, last)


def factor(text: str) -> Decimal:
    """Parse a positive factor, exactly as it is written."""
    from decimal import Decimal  # rarely needed

    found = Decimal(text) if _FACTOR.fullmatch(text) and text.isascii() else Decimal(0)
    if not found:
        msg = f"{text!r} is not a factor; use a positive number with a decimal point, such as 0.92"
        raise ArgumentTypeError(msg)
    return found


def currency(text: str) -> str:
    """Parse the code of a currency."""
    if not _CURRENCY.fullmatch(text):
        msg = f"{text!r} is not the code of a currency; use three letters, such as EUR"
        raise ArgumentTypeError(msg)
    return text.upper()

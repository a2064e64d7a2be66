"""Options of where money leaks."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Final

from spendlight.cli.report_arguments import add_agents, add_project, add_usage, add_week
from spendlight.metering.periods import Period

if TYPE_CHECKING:
    from argparse import ArgumentParser

_LAST: Final = re.compile(r"([1-9]\d{0,3})([dwm]?)")
_PERIODS: Final = {"": Period.DAY, "d": Period.DAY, "w": Period.WEEK, "m": Period.MONTH}


def add_leaks(parser: ArgumentParser) -> None:
    """Add the options of where money leaks."""
    parser.add_argument("-j", "--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--last",
        dest="recent_days",
        type=last,
        metavar="PERIOD",
        help="the last days, weeks or months, today's included: 7d, 4w, 3m (30d)",
    )
    add_usage(parser)
    add_agents(parser)
    add_project(parser)
    add_week(parser)


def last(text: str) -> tuple[Period, int]:
    """Parse a number of days, weeks or months: ``7d``."""
    found = _LAST.fullmatch(text)
    if found is None or not text.isascii():
        msg = f"{text!r} is not a period; use a number of days, weeks or months, such as 7d, 4w, 3m"
        raise ArgumentTypeError(msg)
    return _PERIODS[found[2]], int(found[1])

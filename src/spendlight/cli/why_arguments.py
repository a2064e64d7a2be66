"""Options of why usage cost what it did."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from spendlight.cli.dimension_arguments import add_dimensions
from spendlight.cli.report_arguments import add_agents, add_project, add_usage, add_week
from spendlight.metering.periods import Period

if TYPE_CHECKING:
    from argparse import ArgumentParser

BLOCK: Final = "block"
"""Means the last five-hour block."""

_LAST: Final = re.compile(r"([1-9]\d{0,3})([hdwm]?)")


class Hours(int):
    """A number of hours, as distinct from one of calendar periods."""


class _Unit(StrEnum):
    """The units of --last."""

    HOURS = "h"
    DAYS = "d"
    WEEKS = "w"
    MONTHS = "m"


_PERIODS: Final = {
    _Unit.DAYS: Period.DAY,
    _Unit.WEEKS: Period.WEEK,
    _Unit.MONTHS: Period.MONTH,
}

Last = str | Hours | tuple[Period, int]
"""`BLOCK`, a number of hours, or a number of calendar periods up to the current one."""


def add_why(parser: ArgumentParser) -> None:
    """Add the options of why usage cost what it did."""
    parser.add_argument("-j", "--json", action="store_true", help="print JSON, with all values")
    parser.add_argument(
        "--last",
        dest="last_period",
        type=last,
        metavar="PERIOD",
        help="the last hours, days, weeks or months (5h, 7d, 4w, 3m), or the last 'block'; by "
        "default everything",
    )
    add_usage(parser)
    add_agents(parser)
    add_project(parser)
    add_week(parser)
    add_dimensions(parser)


def last(text: str) -> Last:
    """Parse a period up to now: ``5h``, ``7d``, ``block``."""
    if text == BLOCK:
        return text
    found = _LAST.fullmatch(text)
    if found is None or not text.isascii():
        msg = f"{text!r} is not a period; use hours, days, weeks or months, such as 5h, 7d, 4w, 3m"
        msg += f", or '{BLOCK}'"
        raise ArgumentTypeError(msg)
    count, unit = int(found[1]), _Unit(found[2] or _Unit.DAYS)
    return Hours(count) if unit is _Unit.HOURS else (_PERIODS[unit], count)

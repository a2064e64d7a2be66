"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from spendlight.cli import argument_types as types
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Form(StrEnum):
    """The forms in which something can be exported."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


ENTRIES = "entries"
"""What is exported unless a report is asked for: every answer by itself."""

STDOUT = "-"
"""Names standard output instead of a file."""


def add_filters(parser: ArgumentParser) -> None:
    """Add what chooses among the usage, and how it is counted and shown."""
    add_usage(parser)
    parser.add_argument(
        "-o",
        "--order",
        type=types.one_of(SortOrder),
        metavar="asc|desc",
        help="which end comes first (asc)",
    )
    parser.add_argument(
        "--last",
        "--limit",
        type=types.count,
        metavar="N",
        help="the last N days, weeks, months, sessions or blocks",
    )
    parser.add_argument("--by-machine", action="store_true", help="keep machines apart")


def add_usage(parser: ArgumentParser) -> None:
    """Add what chooses among the usage, and how it is counted."""
    parser.add_argument(
        "-s", "--since", type=types.day, metavar="DAY", help="from this local day on"
    )
    parser.add_argument(
        "-u", "--until", type=types.day, metavar="DAY", help="up to this local day, included"
    )
    add_zone(parser)
    parser.add_argument(
        "-m",
        "--mode",
        type=types.one_of(CostMode),
        metavar="MODE",
        help="auto: recorded cost, else calculated; calculate: always by the price list; "
        "display: recorded cost only (auto)",
    )
    parser.add_argument(
        "--machine",
        action="extend",
        type=types.names,
        metavar="NAME",
        help="only usage of this machine, of a virtual one or an imported one; more of them after "
        "commas ('spendlight doctor' lists them)",
    )


def add_zone(parser: ArgumentParser) -> None:
    """Add the time zone."""
    parser.add_argument(
        "-z",
        "--timezone",
        type=types.zone,
        metavar="ZONE",
        help="where days begin: an IANA name, or 'local' (local)",
    )


def add_projects(parser: ArgumentParser) -> None:
    """Add what chooses among projects and keeps them apart."""
    parser.add_argument("-i", "--instances", action="store_true", help="keep projects apart")
    add_project(parser)


def add_project(parser: ArgumentParser) -> None:
    """Add what chooses a project."""
    parser.add_argument(
        "-p",
        "--project",
        type=types.name,
        metavar="NAME",
        help="only this project: the name of its folder below 'projects'; "
        "with a leading hyphen write --project=-home-me-app",
    )


def add_week(parser: ArgumentParser) -> None:
    """Add where weeks begin."""
    parser.add_argument(
        "-w",
        "--start-of-week",
        type=types.weekday,
        metavar="DAY",
        help="the first day of a week (sunday)",
    )


def add_block_length(parser: ArgumentParser) -> None:
    """Add how long blocks are."""
    parser.add_argument(
        "-n",
        "--session-length",
        type=types.block_ms,
        metavar="HOURS",
        help="how long a block is (5)",
    )


def add_token_limit(parser: ArgumentParser) -> None:
    """Add what the active block is held against."""
    parser.add_argument(
        "-t",
        "--token-limit",
        type=types.token_limit,
        metavar="N|max",
        help="hold the active block against N tokens, or against the fullest past block",
    )

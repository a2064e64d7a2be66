"""Options that several verbs share."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from spendlight.cli import argument_types as types
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Form(StrEnum):
    """The formats of an export."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class Speed(StrEnum):
    """At which speed answers of Codex are priced."""

    AUTO = "auto"
    STANDARD = "standard"
    FAST = "fast"

    @property
    def is_fast(self) -> bool | None:
        """Whether it is the fast speed; None for the one that was logged."""
        return None if self is Speed.AUTO else self is Speed.FAST


ENTRIES = "entries"
"""What is exported by default: every single answer."""

SECTIONS: Final = ("daily", "weekly", "monthly", "session")
"""The reports that can be sections of one."""

STDOUT = "-"
"""Means standard output instead of a file."""


def add_filters(parser: ArgumentParser) -> None:
    """Add the options that select usage, and how it is counted and shown."""
    add_usage(parser)
    parser.add_argument(
        "-o",
        "--order",
        type=types.one_of(SortOrder),
        metavar="asc|desc",
        help="oldest first (asc) or newest first (desc)",
    )
    parser.add_argument(
        "--last",
        "--limit",
        type=types.count,
        metavar="N",
        help="the last N days, weeks, months, sessions or blocks",
    )
    parser.add_argument("--by-machine", action="store_true", help="group by machine")


def add_usage(parser: ArgumentParser) -> None:
    """Add the options that select usage, and how it is counted."""
    parser.add_argument(
        "-s", "--since", type=types.day, metavar="DAY", help="only from this local date on"
    )
    parser.add_argument(
        "-u", "--until", type=types.day, metavar="DAY", help="only up to this local date, inclusive"
    )
    add_zone(parser)
    parser.add_argument(
        "-m",
        "--mode",
        type=types.one_of(CostMode),
        metavar="MODE",
        help="auto: recorded cost, else calculated; calculate: always from the price list; "
        "display: only recorded cost (auto)",
    )
    parser.add_argument(
        "--machine",
        action="extend",
        type=types.names,
        metavar="NAME",
        help="only usage of these machines, separated by commas; 'spendlight doctor' lists them",
    )


def add_agents(parser: ArgumentParser) -> None:
    """Add the option that selects agents."""
    parser.add_argument(
        "--agent",
        action="extend",
        type=types.agents,
        metavar="NAME",
        help="only usage of these coding agents, separated by commas, such as claude,codex",
    )


def add_speed(parser: ArgumentParser) -> None:
    """Add the option for the speed at which answers are priced."""
    parser.add_argument(
        "--speed",
        type=types.one_of(Speed),
        metavar="SPEED",
        help="auto: at the speed of each answer; standard or fast: all of them (auto)",
    )


def add_by_agent(parser: ArgumentParser) -> None:
    """Add the option that divides usage by agents."""
    parser.add_argument("--by-agent", action="store_true", help="show a row for each agent, too")


def add_sections(parser: ArgumentParser) -> None:
    """Add the option that puts several reports into one, and one without effect, as in ccusage."""
    parser.add_argument(
        "--sections",
        type=sections,
        metavar="NAME,…",
        help=f"with --json: several reports in one, of {', '.join(SECTIONS)}",
    )
    parser.add_argument("--all", action="store_true", help=SUPPRESS)


def sections(text: str) -> list[str]:
    """Parse the names of reports that are separated by commas."""
    found = list(dict.fromkeys(types.names(text)))
    for said in found:
        if said not in SECTIONS:
            msg = f"{said!r} is not one of {', '.join(SECTIONS)}"
            raise ArgumentTypeError(msg)
    return found


def add_zone(parser: ArgumentParser) -> None:
    """Add the time zone."""
    parser.add_argument(
        "-z",
        "--timezone",
        type=types.zone,
        metavar="ZONE",
        help="the time zone of the days: an IANA name, or 'local' (local)",
    )


def add_projects(parser: ArgumentParser) -> None:
    """Add the options that select and separate projects."""
    parser.add_argument("-i", "--instances", action="store_true", help="group by project")
    add_project(parser)


def add_project(parser: ArgumentParser) -> None:
    """Add the option that selects a project."""
    parser.add_argument(
        "-p",
        "--project",
        type=types.name,
        metavar="NAME",
        help="only this project: the name of its folder under 'projects'; if it starts with a "
        "hyphen, use --project=-home-me-app",
    )


def add_week(parser: ArgumentParser) -> None:
    """Add the option for the first day of the week."""
    parser.add_argument(
        "-w",
        "--start-of-week",
        type=types.weekday,
        metavar="DAY",
        help="the first day of a week (sunday)",
    )


def add_block_length(parser: ArgumentParser) -> None:
    """Add the option for the length of blocks."""
    parser.add_argument(
        "-n",
        "--session-length",
        type=types.block_ms,
        metavar="HOURS",
        help="the length of a block (5)",
    )


def add_token_limit(parser: ArgumentParser) -> None:
    """Add the option for the token limit of the active block."""
    parser.add_argument(
        "-t",
        "--token-limit",
        type=types.token_limit,
        metavar="N|max",
        help="compare the active block with N tokens, or with the largest block so far",
    )

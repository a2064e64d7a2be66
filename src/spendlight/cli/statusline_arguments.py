"""Options of the status line."""

from __future__ import annotations

from argparse import SUPPRESS
from enum import StrEnum
from typing import TYPE_CHECKING

from spendlight.cli import argument_types as types
from spendlight.cli.report_arguments import add_zone

if TYPE_CHECKING:
    from argparse import ArgumentParser


class CostSource(StrEnum):
    """The source of a session's cost in the status line."""

    AUTO = "auto"
    LOGS = "ccusage"
    CLAUDE_CODE = "cc"
    BOTH = "both"


class BurnRateMark(StrEnum):
    """How the status line marks a burn rate."""

    OFF = "off"
    EMOJI = "emoji"
    TEXT = "text"
    EMOJI_TEXT = "emoji-text"


def add_statusline(parser: ArgumentParser) -> None:
    """Add the options for the style of the line, and for setting it up."""
    add_zone(parser)
    parser.add_argument(
        "--cost-source",
        type=types.one_of(CostSource),
        metavar="SOURCE",
        help="the source of the session's cost: cc: Claude Code; ccusage: the logs; both; auto: "
        "cc, else ccusage (auto)",
    )
    parser.add_argument(
        "-B",
        "--visual-burn-rate",
        type=types.one_of(BurnRateMark),
        metavar="MARK",
        help="off, emoji, text or emoji-text (off)",
    )
    parser.add_argument(
        "--context-low-threshold",
        type=types.percent,
        metavar="PERCENT",
        help="below this the context is green (50)",
    )
    parser.add_argument(
        "--context-medium-threshold",
        type=types.percent,
        metavar="PERCENT",
        help="below this the context is yellow, above it red (80)",
    )
    parser.add_argument(
        "--then",
        metavar="COMMAND",
        help="record the plan limits, then run another status line and show its output",
    )
    setup = parser.add_argument_group("set-up")
    setup.add_argument(
        "--install",
        action="store_true",
        help="set this as Claude Code's status line; shows a diff first",
    )
    setup.add_argument(
        "--chain",
        action="store_true",
        help="with --install: keep the current status line and run it through --then",
    )
    setup.add_argument(
        "--replace", action="store_true", help="with --install: replace another status line"
    )
    setup.add_argument(
        "--undo", action="store_true", help="restore the status line from before --install"
    )
    setup.add_argument("-y", "--yes", action="store_true", help="do not ask for confirmation")
    setup.add_argument("-j", "--json", action="store_true", help="print JSON")
    for name in ("--cache", "--no-cache"):
        parser.add_argument(name, action="store_true", help=SUPPRESS)
    parser.add_argument("--refresh-interval", metavar="SECONDS", help=SUPPRESS)

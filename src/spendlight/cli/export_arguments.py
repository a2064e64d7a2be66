"""Options of export and import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.cli import argument_types as types
from spendlight.cli.dimension_arguments import add_dimensions
from spendlight.cli.report_arguments import (
    ENTRIES,
    Form,
    add_agents,
    add_block_length,
    add_by_agent,
    add_filters,
    add_projects,
    add_week,
)
from spendlight.cli.reports import REPORTS

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_export(parser: ArgumentParser) -> None:
    """Add the options of export."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=(ENTRIES, *REPORTS),
        default=ENTRIES,
        metavar="WHAT",
        help="entries: each answer, for import on another machine; or a report: "
        f"{', '.join(REPORTS)} (entries)",
    )
    parser.add_argument(
        "-f",
        "--format",
        type=types.one_of(Form),
        metavar="csv|json|parquet",
        help="by default, chosen by the extension of the file, else json",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="the file to write; an existing one is only replaced once everything is written. "
        "'-' is standard output (-)",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="CSV for programs: without the apostrophe before text that a spreadsheet would read "
        "as a formula (starting with = + - @ or a tab)",
    )
    add_filters(parser)
    add_projects(parser)
    add_week(parser)
    add_block_length(parser)
    add_agents(parser)
    add_by_agent(parser)
    add_dimensions(parser)


def add_import(parser: ArgumentParser) -> None:
    """Add the options of import."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a file written by 'spendlight export' on another machine, in any of its formats, or"
        " a folder of such files",
    )

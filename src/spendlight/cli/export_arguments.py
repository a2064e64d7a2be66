"""Options of export and import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.cli import argument_types as types
from spendlight.cli.report_arguments import (
    ENTRIES,
    Form,
    add_block_length,
    add_filters,
    add_projects,
    add_week,
)
from spendlight.cli.reports import REPORTS

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_export(parser: ArgumentParser) -> None:
    """Add what can be exported, and where to."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=(ENTRIES, *REPORTS),
        default=ENTRIES,
        metavar="WHAT",
        help="entries: every answer by itself, which another machine can import; or a report: "
        f"{', '.join(REPORTS)} (entries)",
    )
    parser.add_argument(
        "-f",
        "--format",
        type=types.one_of(Form),
        metavar="csv|json|parquet",
        help="by default as the file is called, else json",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to; it takes the place of a file of this name only when all is written. "
        "'-' is standard output (-)",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="CSV for programs: without the apostrophe before texts that a spreadsheet would take "
        "for formulas, as they begin with = + - @ or a tab",
    )
    add_filters(parser)
    add_projects(parser)
    add_week(parser)
    add_block_length(parser)


def add_import(parser: ArgumentParser) -> None:
    """Add what can be imported."""
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="what 'spendlight export' has written on another machine, in any of its forms",
    )

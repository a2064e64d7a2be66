"""The options of ``spendlight profile``, and parsers for sizes, ages and extensions."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.cli import argument_types as types

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_ROWS: Final = 100
"""The number of largest and oldest files that are remembered."""

MOST_DAYS: Final = 36_500
FOREVER: Final = "forever"
NO_EXTENSION: Final = "none"

_MOST_LETTERS: Final = 40
"""A longer text is not a size."""

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_AGE: Final = re.compile(r"(\d+)\s*([hdw])", re.IGNORECASE)
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24}


def add_profile(parser: ArgumentParser) -> None:
    """Add the options of a profile."""
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        default=None,
        help="the folder (default: Claude Code's data folder)",
    )
    parser.add_argument("-j", "--json", action="store_true", help="print JSON")
    parser.add_argument(
        "-n", "--top", type=rows, metavar="N", help="the number of rows in each list (10)"
    )
    choice = parser.add_argument_group("only some files")
    choice.add_argument(
        "-e",
        "--ext",
        action="extend",
        type=extensions,
        metavar="EXT,…",
        help="with one of these extensions; 'none' means files without one",
    )
    choice.add_argument(
        "--name",
        action="append",
        metavar="GLOB",
        help="whose name matches a pattern such as '*.jsonl'; may be repeated",
    )
    choice.add_argument(
        "--regex",
        metavar="REGEX",
        help="whose path below the folder matches this regular expression",
    )
    choice.add_argument(
        "--min-size",
        type=size,
        metavar="SIZE",
        help="of at least this size, such as 500k, 10M or 1Gi",
    )
    choice.add_argument(
        "--older-than",
        type=moment,
        metavar="AGE|DAY",
        help="last modified longer ago than this, such as 12h, 30d or 8w, or before a date",
    )
    choice.add_argument(
        "--no-hidden", action="store_true", help="leave out hidden files and folders"
    )
    choice.add_argument(
        "-x",
        "--one-file-system",
        action="store_true",
        help="stay on one file system",
    )
    change = parser.add_argument_group("Claude Code's cleanup")
    which = change.add_mutually_exclusive_group()
    which.add_argument(
        "--keep-logs",
        type=days,
        metavar="DAYS",
        help="make Claude Code keep its logs for this long, or 'forever': shows the change to "
        "its settings, asks, and keeps a backup",
    )
    which.add_argument(
        "--undo", action="store_true", help="restore the settings from the last backup"
    )
    change.add_argument("-y", "--yes", action="store_true", help="do not ask for confirmation")


def rows(text: str) -> int:
    """Parse a number of rows."""
    count = types.count(text)
    if count > MOST_ROWS:
        msg = f"{text!r} is too many; the maximum is {MOST_ROWS}"
        raise ArgumentTypeError(msg)
    return count


def extensions(text: str) -> list[str]:
    """Parse extensions, with or without their dots: ``jsonl,.md``."""
    found = [part.strip().lower() for part in text.split(",")]
    if not all(found):
        msg = f"{text!r} is not a list of extensions; use jsonl, or several separated by commas"
        raise ArgumentTypeError(msg)
    return ["" if part == NO_EXTENSION else f".{part.removeprefix('.')}" for part in found]


def size(text: str) -> int:
    """Parse a size in bytes: 1k is 1,000 bytes, 1Ki is 1,024.

    >>> size("1.5k"), size("2 MiB"), size("300")
    (1500, 2097152, 300)
    """
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _MOST_LETTERS else None
    if match is None or (match[3] and not match[2]):
        msg = f"{text!r} is not a size; use a form such as 300, 500k, 10M or 1Gi"
        raise ArgumentTypeError(msg)
    return int(float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].lower()])


def moment(text: str) -> datetime:
    """Parse an age or a day; return the moment that long ago, or at which the local day began."""
    match = _AGE.fullmatch(text.strip())
    try:
        if match is not None:
            return datetime.now(UTC) - timedelta(hours=int(match[1]) * _HOURS[match[2].lower()])
        return datetime.combine(types.day(text), time()).astimezone()
    except (ArgumentTypeError, OverflowError, ValueError, OSError):
        msg = (
            f"{text!r} is not an age; use a form such as 12h, 30d or 8w, or a date such as "
            "2026-03-01"
        )
        raise ArgumentTypeError(msg) from None


def days(text: str) -> int:
    """Parse for how many days logs are kept."""
    if text.lower() == FOREVER:
        return MOST_DAYS
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        msg = f"{text!r} is not a number of days from 1 to {MOST_DAYS:,}, or 'forever' (100 years)"
        raise ArgumentTypeError(msg)
    return int(text)

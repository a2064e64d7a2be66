"""Parses single arguments: days, time zones, hours, limits. Invalid ones are rejected."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from spendlight.errors import UsageError
from spendlight.metering.periods import DAY_MS, HOUR_MS
from spendlight.names import whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Choice = TypeVar("_Choice", bound=StrEnum)

LOCAL = "local"
"""The name of the system's own time zone on the command line."""

MAX_LIMIT = "max"
"""The token limit that means the fullest block."""

MAX_BLOCK_MS = 366 * DAY_MS
"""A longer block would exceed the calendar sooner or later."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class BadSessionLengthError(UsageError):
    """An impossible session length."""

    def __init__(self, text: str) -> None:
        super().__init__(
            (
                "The session length must be a positive number of hours, one year at most, not "
                f"{text!r}"
            ),
            "Claude's own windows last 5 hours.",
        )


def day(text: str) -> date:
    """Parse a day: ``2026-03-01`` or ``20260301``."""
    for pattern, length in (("%Y-%m-%d", 10), ("%Y%m%d", 8)):
        if len(text) == length:
            try:
                return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day has no zone
            except ValueError:
                break
    msg = f"{text!r} is not a date; use YYYY-MM-DD or YYYYMMDD"
    raise ArgumentTypeError(msg)


def zone(text: str) -> tzinfo | None:
    """Parse the IANA name of a time zone, case-insensitively; None means the system's own."""
    if text.lower() == LOCAL:
        return None
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(text)
    except (OSError, ValueError, LookupError):
        # OSError if the name is that of a folder, like "America".
        for name in available_timezones():
            if name.lower() == text.lower():
                return ZoneInfo(name)
    msg = f"{text!r} is not a time zone; use a name such as UTC or America/New_York, or 'local'"
    raise ArgumentTypeError(msg)


def weekday(text: str) -> int:
    """Parse the English name of a day of the week; 0 is Monday."""
    try:
        return WEEKDAYS.index(text.lower())
    except ValueError:
        msg = f"{text!r} is not a day of the week; use a name such as monday"
        raise ArgumentTypeError(msg) from None


def count(text: str) -> int:
    """Parse a number of rows or periods, at least one."""
    if not text.isdecimal() or int(text) < 1:
        msg = f"{text!r} is not a count; use a whole number of at least 1"
        raise ArgumentTypeError(msg)
    return int(text)


def token_limit(text: str) -> int | str:
    """Parse a token limit, or ``max``."""
    if text.lower() == MAX_LIMIT:
        return MAX_LIMIT
    digits = text.replace(",", "").replace("_", "")
    if not digits.isdecimal():
        msg = (
            f"{text!r} is not a limit; use a number of tokens, or 'max' for the largest block so "
            "far"
        )
        raise ArgumentTypeError(msg)
    return int(digits)


def percent(text: str) -> int:
    """Parse a percentage."""
    if not text.isdecimal() or int(text) > 100:  # noqa: PLR2004  # per cent
        msg = f"{text!r} is not a percentage; use a whole number from 0 to 100"
        raise ArgumentTypeError(msg)
    return int(text)


class one_of(Generic[_Choice]):  # noqa: N801  # named like the functions around it
    """Parses one of a few words.

    Attributes:
        words: All of them.
    """

    def __init__(self, kind: type[_Choice]) -> None:
        self.words: Sequence[str] = tuple(kind)
        self._kind = kind

    def __call__(self, text: str) -> _Choice:
        """Return the member for a text."""
        try:
            return self._kind(text)
        except ValueError:
            msg = f"{text!r} is not one of {', '.join(self.words)}"
            raise ArgumentTypeError(msg) from None


def names(text: str) -> list[str]:
    """Parse names that are separated by commas."""
    found = [whole(part.strip()) for part in text.split(",") if part.strip()]
    if not found:
        msg = f"{text!r} is empty"
        raise ArgumentTypeError(msg)
    return found


def agents(text: str) -> list[str]:
    """Parse the names of agents that are separated by commas; return those in the ledger."""
    from spendlight.tracker.agents import agent_named, agent_verbs  # rarely needed

    found: list[str] = []
    for said in names(text):
        agent = agent_named(said)
        if agent is None:
            msg = f"{said!r} is not an agent; use one of {', '.join(agent_verbs())}"
            raise ArgumentTypeError(msg)
        found.append(agent)
    return found


def name(text: str) -> str:
    """Parse one name, normalized like in the ledger."""
    if not text:
        msg = "a name is missing"
        raise ArgumentTypeError(msg)
    return whole(text)


def aliases(text: str) -> Mapping[str, str]:
    """Parse ``folder=Name,other=Name`` as the names to show for projects."""
    pairs = [pair.partition("=") for pair in whole(text).split(",") if pair.strip()]
    if not all(folder.strip() and name.strip() for folder, _, name in pairs):
        msg = f"{text!r} is not a list of project names; use folder=Name, separated by commas"
        raise ArgumentTypeError(msg)
    return {folder.strip(): name.strip() for folder, _, name in pairs}


def block_ms(text: str) -> int:
    """Parse a block's length in hours, and return it in milliseconds.

    Raises:
        BadSessionLengthError: If it is not a positive number; not a usage error, like in ccusage.
    """
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 1 <= hours * HOUR_MS <= MAX_BLOCK_MS:
        raise BadSessionLengthError(text)
    return round(hours * HOUR_MS)

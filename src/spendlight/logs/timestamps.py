"""Reads the timestamps of lines, and says what is wrong with a line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from spendlight.metering.periods import TOO_LATE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TIMESTAMP: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))"
)
"""RFC 3339, section 5.6, with any number of fraction digits."""

_USUAL_TIMESTAMPS: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)*", re.ASCII
)
_USUAL_LENGTH: Final = len("2026-03-01T10:00:00.000Z")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class BadLineError(ValueError):
    """A line should have been an answer and is not; the text says why."""


def parse_timestamps(texts: Sequence[str]) -> list[int]:
    """Like `parse_timestamp`, for many at once.

    Raises:
        BadLineError: If one of them is invalid.
    """
    has_usual_lengths = set(map(len, texts)) == {_USUAL_LENGTH}
    if has_usual_lengths and _USUAL_TIMESTAMPS.fullmatch("".join(texts)):
        read = datetime.fromisoformat
        try:
            moments = [(read(text) - _EPOCH) // _MILLISECOND for text in texts]
        except ValueError:  # no such day
            moments = [-1]
        if min(moments) >= 0 and max(moments) < TOO_LATE_MS:
            return moments
    return [parse_timestamp(text) for text in texts]


def parse_timestamp(text: str | None) -> int:
    """Return an RFC 3339 timestamp in Unix milliseconds; finer fractions are truncated.

    Raises:
        BadLineError: If it is invalid, has no time zone, or is before 1970 or after 2199.
    """
    if text is None:
        message = "it has no timestamp"
        raise BadLineError(message)
    found = _TIMESTAMP.fullmatch(text)
    moment = None
    if found and text.isascii():
        moment = _unix_ms(found.groups()[:6])
    if found is None or moment is None:
        message = f"its timestamp is not in RFC 3339 format: {text[:40]!r}"
        raise BadLineError(message)
    moment += int((found[7] or "")[:3].ljust(3, "0"))
    if found[8]:
        away = (int(found[9]) * 60 + int(found[10])) * 60_000
        moment += away if found[8] == "-" else -away
    if moment < 0:
        message = f"its timestamp is before 1970: {text[:40]!r}"
        raise BadLineError(message)
    if moment >= TOO_LATE_MS:
        message = f"its timestamp is after 2199: {text[:40]!r}"
        raise BadLineError(message)
    return moment


def _unix_ms(parts: Iterable[str]) -> int | None:
    """Return a date and time in UTC as Unix milliseconds, or None if there is no such moment."""
    year, month, day, hour, minute, second = map(int, parts)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000

"""Names that stand for whatever model their maker puts behind them, each from some day on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_Periods = tuple[tuple[int, str], ...]


def _from(year: int, month: int, day: int) -> int:
    """Return the beginning of a day in UTC, in Unix milliseconds."""
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000


_PERIODS: Final[dict[str, _Periods]] = {
    "kimi-for-coding": (
        (0, "moonshot/kimi-k2.5"),
        (_from(2026, 4, 20), "moonshot/kimi-k2.6"),
        (_from(2026, 6, 12), "moonshot/kimi-k2.7-code"),
    ),
}
"""The name of the subscription's model; the days are those of the releases, as on OpenRouter and
Vercel's gateway. ccusage 20.0.24 knows the first two."""


def periods_of(name: str) -> _Periods:
    """Return for which listed models a name stands: from when, in Unix milliseconds, and which.

    The first one begins at 0. A name that does not stand for others has no periods.
    """
    return _PERIODS.get(name, ())

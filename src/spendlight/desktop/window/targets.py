"""The targets of drilling down."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final, NamedTuple, TypeAlias

from spendlight.desktop.window.formats import Formats
from spendlight.metering.budgets import Alert
from spendlight.metering.dimensions import Condition
from spendlight.metering.session_notes import PullRequest

HOUR: Final = timedelta(hours=1)

LONGEST_BY_HOUR: Final = timedelta(hours=36)
"""In longer spans, drilling down leads to a day first."""


class StretchTarget(NamedTuple):
    """A span of time."""

    title: str
    since: datetime
    until: datetime


class SessionTarget(NamedTuple):
    """One session, answer by answer.

    Attributes:
        title: How the trail calls it.
        session: Its id.
        pull_requests: Those linked to it.
        hidden: How the trail calls it while amounts, and with them titles, are hidden.
        agent: Only the answers of this subagent; "" for the main thread, None for all.
    """

    title: str
    session: str
    hidden: str = ""
    pull_requests: tuple[PullRequest, ...] = ()
    agent: str | None = None


class FilterTarget(NamedTuple):
    """The sessions of a project or of a model."""

    title: str
    project: str | None = None
    model: str = ""


class WhyTarget(NamedTuple):
    """What a part of the usage was for.

    Attributes:
        title: How the trail calls it.
        where: What selects the part.
        hidden: How the trail calls it while amounts, and with them titles, are hidden.
    """

    title: str
    where: tuple[Condition, ...]
    hidden: str = ""


Target: TypeAlias = StretchTarget | SessionTarget | FilterTarget | WhyTarget


def part_of(
    moment: datetime, since: datetime, until: datetime, formats: Formats
) -> StretchTarget | None:
    """Return the day or the hour around a moment in a longer span; None if there is no such part.

    Args:
        moment: The moment.
        since: The beginning of the span.
        until: Its end.
        formats: How its title is written.
    """
    local = moment.astimezone(formats.zone)
    if until - since > LONGEST_BY_HOUR:
        begin = datetime.combine(local.date(), time(), formats.zone)
        tomorrow = local.date() + timedelta(days=1)
        end = datetime.combine(tomorrow, time(), formats.zone)
        return StretchTarget(formats.long_day(local.date()), begin, end)
    if until - since <= HOUR:
        return None
    begin = local.replace(minute=0, second=0, microsecond=0)
    title = f"{formats.moment(begin)} – {formats.clock(begin + HOUR)}"
    return StretchTarget(title, begin, begin + HOUR)


def hour_of(alert: Alert, formats: Formats) -> StretchTarget:
    """Return the hour that caused an alert."""
    since = alert.at - HOUR
    title = f"{formats.moment(since)} – {formats.clock(alert.at)}"
    return StretchTarget(title, since, alert.at + timedelta(milliseconds=1))

"""The situation that the texts describe, and their common parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.errors import LedgerOutOfUseError, UsageError
from spendlight.metering.periods import to_utc
from spendlight.settings import TrayText
from spendlight.tracker.snapshot import DataState, ScanProgress, UsageSnapshot
from spendlight.tracker.team.publishing_failure import PublishingFailure

OLD_AFTER = timedelta(minutes=3)
"""A snapshot is taken each minute; an older one was kept because newer ones failed."""

STATES_WITH_FIGURES = (DataState.IDLE, DataState.ACTIVE)

HIDDEN = "•••"
"""Shown instead of an amount while amounts are hidden."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the texts describe.

    Attributes:
        now: The current time, in UTC.
        snapshot: The last good one.
        error: Why there is no newer one.
        progress: The progress of the first scan.
        is_cut_short: Whether the user has stopped that scan, so that figures are too low.
        warnings: What else is wrong, though there are figures.
        zone: The user's time zone; None means the computer's.
        beside: What to show beside the icon.
        is_private: Whether amounts are hidden.
        unpublished: Since when nothing could be published to the team, and why.
    """

    now: datetime
    snapshot: UsageSnapshot | None = None
    error: Exception | None = None
    progress: ScanProgress | None = None
    is_cut_short: bool = False
    warnings: tuple[UsageError, ...] = ()
    zone: tzinfo | None = None
    beside: TrayText = TrayText.BLOCK_COST
    is_private: bool = False
    unpublished: PublishingFailure | None = None

    def clock(self, moment: datetime) -> str:
        """Return a moment in the user's time zone, with the day if it is another one."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if local.date() == today.date() - timedelta(days=1):
            return _tr("yesterday {time}").format(time=f"{local:%H:%M}")
        if local.date() == today.date() + timedelta(days=1):
            return _tr("{time} tomorrow").format(time=f"{local:%H:%M}")
        return f"{local:%Y-%m-%d %H:%M}"


class Message(NamedTuple):
    """A message instead of a table, or beside it."""

    title: str
    advice: str


def share_of_block(situation: Situation) -> float | None:
    """Return the share of the active block's time that is over, from 0 to 1."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or not block.is_present(situation.now):
        return None
    return min(1.0, max(0.0, (situation.now - block.start) / (block.end - block.start)))


def is_old(situation: Situation) -> bool:
    """Whether the figures are outdated, because newer ones could not be obtained."""
    snapshot = situation.snapshot
    if snapshot is None:
        return False
    return situation.error is not None or situation.now - snapshot.at > OLD_AFTER


def out_of_use(situation: Situation) -> LedgerOutOfUseError | None:
    """Return why a temporary ledger is in use, if it is."""
    found = (one for one in situation.warnings if isinstance(one, LedgerOutOfUseError))
    return next(found, None)


def limit_reset(situation: Situation) -> datetime | None:
    """Return when the usage limit in force ends, if there is one."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or block.spending.limit_reset_ms is None:
        return None
    reset = to_utc(block.spending.limit_reset_ms)
    return reset if reset > situation.now else None


def amount(situation: Situation, text: str) -> str:
    """Return an amount, or a placeholder if amounts are hidden."""
    return HIDDEN if situation.is_private else text


def day_name(situation: Situation, snapshot: UsageSnapshot) -> str:
    """Return the name of the snapshot's day, as it may no longer be today."""
    day = snapshot.at.astimezone(situation.zone).date()
    today = situation.now.astimezone(situation.zone).date()
    return _tr("Today") if day == today else f"{day:%Y-%m-%d}"


def age(situation: Situation, snapshot: UsageSnapshot) -> str:
    """Return how old a snapshot is."""
    return ago(situation.now - snapshot.at)


def ago(span: timedelta) -> str:
    """Return how long ago something was."""
    minutes = int(span / timedelta(minutes=1))
    if minutes < 1:
        return _tr("just now")
    if minutes < 60:  # noqa: PLR2004  # an hour
        return _tr("{minutes} min ago").format(minutes=minutes)
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004  # two days
        return _tr("{hours} h ago").format(hours=hours)
    return _tr("{days} days ago").format(days=hours // 24)


def reading_words(progress: ScanProgress | None) -> str:
    """Return the progress of reading the logs."""
    if progress is None or not progress.bytes_total:
        return _tr("Reading logs…")
    percent = progress.bytes_done * 100 // progress.bytes_total
    return _tr("Reading logs… {percent} %").format(percent=percent)


def title_of(error: Exception) -> str:
    """Return what went wrong."""
    if isinstance(error, UsageError):
        return error.title
    return _tr("Unexpected error: {error}").format(error=repr(error))


def advice_on(error: Exception) -> str:
    """Return what can be done about it."""
    if isinstance(error, UsageError):
        return error.advice
    return _tr("This is a bug in Spendlight. Details are in the terminal it was started from.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)

"""What the words speak of, and what several of them share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.errors import LedgerOutOfUseError, UsageError
from spendlight.metering.periods import to_utc
from spendlight.settings import TrayText
from spendlight.tracker.snapshot import DataState, ScanProgress, UsageSnapshot

OLD_AFTER = timedelta(minutes=3)
"""A snapshot is made each minute; one older than this was kept because newer ones failed."""

STATES_WITH_FIGURES = (DataState.IDLE, DataState.ACTIVE)

HIDDEN = "•••"
"""Stands for an amount while amounts are hidden."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the words speak of.

    Attributes:
        now: The moment, in UTC.
        snapshot: The last good one.
        error: Why there is no newer one.
        progress: How far the first reading of the logs is.
        is_cut_short: Whether the user has stopped that reading, so that figures are too low.
        warnings: What else is wrong, though there are figures.
        zone: Where the user's clock is; None is the computer's own.
        beside: What the user wants to see beside the icon.
        is_private: Whether amounts are hidden.
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

    def clock(self, moment: datetime) -> str:
        """Return a moment as the user's clock shows it, with the day where it is another."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if local.date() == today.date() - timedelta(days=1):
            return _tr("yesterday {time}").format(time=f"{local:%H:%M}")
        return f"{local:%Y-%m-%d %H:%M}"


class Message(NamedTuple):
    """What there is to say instead of a table, or beside it."""

    title: str
    advice: str


def share_of_block(situation: Situation) -> float | None:
    """Return how much of the active block's time is over, from 0 to 1."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or not block.is_present(situation.now):
        return None
    return min(1.0, max(0.0, (situation.now - block.start) / (block.end - block.start)))


def is_old(situation: Situation) -> bool:
    """Whether the figures are not of this moment, because newer ones could not be had."""
    snapshot = situation.snapshot
    if snapshot is None:
        return False
    return situation.error is not None or situation.now - snapshot.at > OLD_AFTER


def out_of_use(situation: Situation) -> LedgerOutOfUseError | None:
    """Return why the figures come from a temporary ledger, if they do."""
    found = (one for one in situation.warnings if isinstance(one, LedgerOutOfUseError))
    return next(found, None)


def limit_reset(situation: Situation) -> datetime | None:
    """Return when the usage limit ends that is in force, if one is."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or block.spending.limit_reset_ms is None:
        return None
    reset = to_utc(block.spending.limit_reset_ms)
    return reset if reset > situation.now else None


def amount(situation: Situation, text: str) -> str:
    """Return an amount as it may be shown."""
    return HIDDEN if situation.is_private else text


def day_name(situation: Situation, snapshot: UsageSnapshot) -> str:
    """Return the name of the snapshot's day: a figure of yesterday must not be called today's."""
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
    """Return how far the reading of the logs is."""
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

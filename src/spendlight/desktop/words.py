"""What the tray and the window say, made from a snapshot. Widgets only show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from spendlight.errors import UsageError
from spendlight.metering.periods import to_utc
from spendlight.metering.reports import compact_count, cost_text, money
from spendlight.tracker.snapshot import DataState, ScanProgress, UsageSnapshot

NAME = "Spendlight"

TOOLTIP_CHARS = 127
"""Windows shows no more of a tooltip in its tray."""

OLD_AFTER = timedelta(minutes=3)
"""A snapshot is made each minute; one older than this was kept because newer ones failed."""

NO_TRAY = "There is no tray for the icon"

STATES_WITH_FIGURES = (DataState.IDLE, DataState.ACTIVE)


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
    """

    now: datetime
    snapshot: UsageSnapshot | None = None
    error: Exception | None = None
    progress: ScanProgress | None = None
    is_cut_short: bool = False
    warnings: tuple[UsageError, ...] = ()
    zone: tzinfo | None = None

    def clock(self, moment: datetime) -> str:
        """Return a moment as the user's clock shows it, with the day where it is another."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if local.date() == today.date() - timedelta(days=1):
            return f"yesterday {local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"


class Card(NamedTuple):
    """A caption, one figure, and one line of context."""

    caption: str
    figure: str
    context: str


class Message(NamedTuple):
    """What there is to say instead of a table, or beside it."""

    title: str
    advice: str


class TrayTexts(NamedTuple):
    """What the tray says: its tooltip, and the rows of its menu that tell the state."""

    tooltip: str
    block: str
    today: str


def tray_texts(situation: Situation) -> TrayTexts:
    """Return what the tray says."""
    block, today = block_row(situation), today_row(situation)
    lines = (block, today, _third_line(situation))
    tooltip = "\n".join(_cut(line, 60) for line in lines if line)
    return TrayTexts(_cut(tooltip, TOOLTIP_CHARS), block, today)


def block_row(situation: Situation) -> str:
    """Return the row about the block, or about why there is none."""
    snapshot = situation.snapshot
    if snapshot is None:
        if situation.error is not None:
            return _title(situation.error)
        return _reading(situation.progress)
    if snapshot.state is DataState.NO_CLAUDE:
        return "No Claude Code found"
    if snapshot.state is DataState.NO_LOGS:
        return "No usage yet"
    block = snapshot.block
    if block is None or not block.is_active(situation.now):
        return "No active block"
    parts = [f"Block {cost_text(block.spending)}"]
    if snapshot.rate is not None:
        parts.append(f"{money(snapshot.rate.cost_per_hour)}/h")
    parts.append(f"ends {situation.clock(block.end)}")
    return " · ".join(parts)


def today_row(situation: Situation) -> str:
    """Return the row about the day; empty where nothing was ever counted."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ""
    return f"{_day(situation, snapshot)} {cost_text(snapshot.today)}"


def limit_reset(situation: Situation) -> datetime | None:
    """Return when the usage limit ends that is in force, if one is."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or block.spending.limit_reset_ms is None:
        return None
    reset = to_utc(block.spending.limit_reset_ms)
    return reset if reset > situation.now else None


def is_old(situation: Situation) -> bool:
    """Whether the figures are not of this moment, because newer ones could not be had."""
    snapshot = situation.snapshot
    if snapshot is None:
        return False
    return situation.error is not None or situation.now - snapshot.at > OLD_AFTER


def share_of_block(situation: Situation) -> float | None:
    """Return how much of the active block's time is over, from 0 to 1."""
    block = situation.snapshot.block if situation.snapshot else None
    if block is None or not block.is_active(situation.now):
        return None
    return min(1.0, max(0.0, (situation.now - block.start) / (block.end - block.start)))


def window_title(situation: Situation) -> str:
    """Return the window's title, with the day's cost for the task bar."""
    today = today_row(situation)
    return f"{today} – {NAME}" if today else NAME


def cards(situation: Situation) -> tuple[Card, ...]:
    """Return the figures at the head of the window; none where nothing was ever counted."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ()
    return (
        _block_card(situation, snapshot),
        _rate_card(situation, snapshot),
        Card(
            _day(situation, snapshot),
            cost_text(snapshot.today),
            f"{compact_count(snapshot.today.tokens.total)} tokens",
        ),
    )


def notice(situation: Situation) -> Message | None:
    """Return what must be known about the figures: that they are old, or too low."""
    snapshot = situation.snapshot
    if snapshot is None:
        return None
    if situation.error is not None:
        since = f"The figures are of {situation.clock(snapshot.at)}, {_age(situation, snapshot)}."
        return Message(_title(situation.error), f"{since} {_advice(situation.error)}".strip())
    if situation.is_cut_short:
        return Message(
            "Reading the logs was stopped, so these figures are too low",
            "Refresh reads the rest.",
        )
    if situation.warnings:
        return Message(situation.warnings[-1].title, situation.warnings[-1].advice)
    reset = limit_reset(situation)
    if reset is not None:
        return Message(f"The usage limit is reached until {situation.clock(reset)}", "")
    return None


def failure(error: Exception) -> Message:
    """Return what is said of a question that could not be answered."""
    return Message(_title(error), _advice(error))


def empty_state(situation: Situation) -> Message | None:
    """Return what stands in the place of the table where there is nothing to put in it."""
    snapshot = situation.snapshot
    if snapshot is None:
        if situation.error is not None:
            return failure(situation.error)
        return Message(
            "Reading Claude Code’s logs",
            "The first time takes a moment; after that only what is new is read.",
        )
    if snapshot.state is DataState.NO_CLAUDE:
        return Message(
            "No Claude Code found",
            "Its data folder is ~/.claude or ~/.config/claude. If yours is elsewhere, name it in "
            "CLAUDE_CONFIG_DIR and start Spendlight again. “spendlight --demo” shows what it "
            "looks like with data.",
        )
    if snapshot.state is DataState.NO_LOGS:
        return Message(
            "No usage yet",
            "Claude Code is here, but its logs hold no answers. They appear here within a second "
            "of the first one.",
        )
    return None


def progress_text(progress: ScanProgress) -> str:
    """Return how far the reading is."""
    return f"{progress.files_done:,} of {progress.files_total:,} files"


def price_line(situation: Situation) -> str:
    """Return where the money comes from and what has no price."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ""
    line = f"List price, not a bill · {snapshot.prices.words}"
    if snapshot.last_at is not None:
        line += f" · last answer {situation.clock(snapshot.last_at)}"
    if snapshot.unread_lines:
        lines = "line" if snapshot.unread_lines == 1 else "lines"
        line += f" · {snapshot.unread_lines:,} {lines} not readable"
    return line


def no_tray_hint(current_desktop: str) -> Message:
    """Return that there is no icon, and what to do about it.

    Args:
        current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
    """
    quits = "Until then, closing this window quits Spendlight."
    if "GNOME" in current_desktop.upper().split(":"):
        extension = "“AppIndicator and KStatusNotifierItem Support”"
        return Message(NO_TRAY, f"GNOME shows them only with the extension {extension}. {quits}")
    return Message(NO_TRAY, f"It appears as soon as a panel takes tray icons. {quits}")


def _block_card(situation: Situation, snapshot: UsageSnapshot) -> Card:
    block = snapshot.block
    if block is None or not block.is_active(situation.now):
        last = snapshot.last_at
        return Card(
            "This block", "–", f"last answer {situation.clock(last)}" if last else "no answers"
        )
    return Card("This block", cost_text(block.spending), f"ends {situation.clock(block.end)}")


def _rate_card(situation: Situation, snapshot: UsageSnapshot) -> Card:
    block = snapshot.block
    if block is None or snapshot.rate is None or not block.is_active(situation.now):
        return Card("Burn rate", "–", "no active block" if block is None else "one answer so far")
    figure = f"{money(snapshot.rate.cost_per_hour)}/h"
    if snapshot.projection is None:
        return Card("Burn rate", figure, "")
    cost = money(snapshot.projection.total_cost)
    return Card("Burn rate", figure, f"{cost} by {situation.clock(block.end)} at this rate")


def _day(situation: Situation, snapshot: UsageSnapshot) -> str:
    """Return the name of the snapshot's day: a figure of yesterday must not be called today's."""
    day = snapshot.at.astimezone(situation.zone).date()
    return "Today" if day == situation.now.astimezone(situation.zone).date() else f"{day:%Y-%m-%d}"


def _third_line(situation: Situation) -> str:
    snapshot = situation.snapshot
    if snapshot is None:
        return ""
    reset = limit_reset(situation)
    if situation.error is not None:
        line = f"Not updated since {situation.clock(snapshot.at)}, {_age(situation, snapshot)}"
    elif situation.progress is not None:
        line = _reading(situation.progress)
    elif situation.is_cut_short:
        line = "Not all logs are read"
    elif reset is not None:
        line = f"Usage limit until {situation.clock(reset)}"
    elif snapshot.state in STATES_WITH_FIGURES and snapshot.last_at is not None:
        line = f"List price · last answer {situation.clock(snapshot.last_at)}"
    else:
        line = ""
    return line


def _age(situation: Situation, snapshot: UsageSnapshot) -> str:
    minutes = int((situation.now - snapshot.at) / timedelta(minutes=1))
    if minutes < 1:
        return "just now"
    if minutes < 60:  # noqa: PLR2004  # an hour
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"  # noqa: PLR2004  # two days


def _reading(progress: ScanProgress | None) -> str:
    if progress is None or not progress.bytes_total:
        return "Reading logs…"
    return f"Reading logs… {progress.bytes_done * 100 // progress.bytes_total} %"


def _title(error: Exception) -> str:
    return error.title if isinstance(error, UsageError) else f"Unexpected error: {error!r}"


def _advice(error: Exception) -> str:
    if isinstance(error, UsageError):
        return error.advice
    return "This is a defect in Spendlight. Its details are in the terminal it was started from."


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1]}…"

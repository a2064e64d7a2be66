"""What the window says of the situation."""

from __future__ import annotations

from typing import NamedTuple

from spendlight.desktop.words.situation import (
    STATES_WITH_FIGURES,
    Message,
    Situation,
    advice_on,
    age,
    amount,
    day_name,
    limit_reset,
    title_of,
)
from spendlight.desktop.words.tray import today_row
from spendlight.metering.reports import compact_count, cost_text, money
from spendlight.tracker.snapshot import DataState, ScanProgress, UsageSnapshot

NAME = "Spendlight"

NO_TRAY = "There is no tray for the icon"


class Card(NamedTuple):
    """A caption, one figure, and one line of context."""

    caption: str
    figure: str
    context: str


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
            day_name(situation, snapshot),
            amount(situation, cost_text(snapshot.today)),
            f"{compact_count(snapshot.today.tokens.total)} tokens",
        ),
    )


def notice(situation: Situation) -> Message | None:
    """Return what must be known about the figures: that they are old, or too low."""
    snapshot = situation.snapshot
    if snapshot is None:
        return None
    if situation.error is not None:
        since = f"The figures are of {situation.clock(snapshot.at)}, {age(situation, snapshot)}."
        return Message(title_of(situation.error), f"{since} {advice_on(situation.error)}".strip())
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
    return Message(title_of(error), advice_on(error))


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
    return Card(
        "This block",
        amount(situation, cost_text(block.spending)),
        f"ends {situation.clock(block.end)}",
    )


def _rate_card(situation: Situation, snapshot: UsageSnapshot) -> Card:
    block = snapshot.block
    if block is None or snapshot.rate is None or not block.is_active(situation.now):
        return Card("Burn rate", "–", "no active block" if block is None else "one answer so far")
    figure = amount(situation, f"{money(snapshot.rate.cost_per_hour)}/h")
    if snapshot.projection is None:
        return Card("Burn rate", figure, "")
    cost = amount(situation, money(snapshot.projection.total_cost))
    return Card("Burn rate", figure, f"{cost} by {situation.clock(block.end)} at this rate")

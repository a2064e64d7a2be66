"""Texts of the window about the situation."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.words.plan import plan_card, plan_source
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
from spendlight.desktop.words.team_budgets import team_budget_card
from spendlight.desktop.words.tray import time_left, today_row
from spendlight.metering.pricing import PriceSource
from spendlight.metering.reports import compact_count, cost_text, money
from spendlight.names import shortened, shown
from spendlight.tracker.snapshot import DataState, ScanProgress, UsageSnapshot

NAME = "Spendlight"


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
    """Return the figures at the top of the window; none if nothing was ever counted."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ()
    return (
        _block_card(situation, snapshot),
        _rate_card(situation, snapshot),
        Card(
            day_name(situation, snapshot),
            amount(situation, cost_text(snapshot.today)),
            _tr("{count} tokens").format(count=compact_count(snapshot.today.tokens.total)),
        ),
        *((Card(*plan),) if (plan := plan_card(situation)) is not None else ()),
        *((Card(*team),) if (team := team_budget_card(situation)) is not None else ()),
    )


def notice(situation: Situation) -> Message | None:
    """Return the notice if the figures are old or too low."""
    snapshot = situation.snapshot
    if snapshot is None:
        return None
    if situation.error is not None:
        since = _tr("These figures are from {time}, {age}.").format(
            time=situation.clock(snapshot.at), age=age(situation, snapshot)
        )
        return Message(title_of(situation.error), f"{since} {advice_on(situation.error)}".strip())
    if situation.is_cut_short:
        return Message(
            _tr("Reading the logs was stopped, so these figures are incomplete"),
            _tr("Refresh reads the rest."),
        )
    if situation.warnings:
        return Message(situation.warnings[-1].title, situation.warnings[-1].advice)
    reset = limit_reset(situation)
    if reset is not None:
        text = _tr("The usage limit is reached until {time}")
        return Message(text.format(time=situation.clock(reset)), "")
    return _team_notice(situation)


def failure(error: Exception) -> Message:
    """Return the message for a question that could not be answered."""
    return Message(title_of(error), advice_on(error))


def empty_state(situation: Situation) -> Message | None:
    """Return the message shown instead of an empty table."""
    snapshot = situation.snapshot
    if snapshot is None:
        if situation.error is not None:
            return failure(situation.error)
        return Message(
            _tr("Reading the logs of your coding agents"),
            _tr("The first time takes a moment; after that, only new lines are read."),
        )
    if snapshot.state is DataState.NO_CLAUDE:
        return Message(
            _tr("No coding agent found"),
            _tr(
                "Spendlight reads the logs of Claude Code, Codex and other agents in their "
                "usual folders; Claude Code’s is ~/.claude or ~/.config/claude, or the one in "
                "CLAUDE_CONFIG_DIR. If yours is elsewhere, add it in the settings under Data "
                "sources. To see Spendlight with made-up data, run “spendlight --demo”."
            ),
        )
    if snapshot.state is DataState.NO_LOGS:
        return Message(
            _tr("No usage yet"),
            _tr(
                "A coding agent is installed, but its logs contain no answers yet. The first one "
                "will appear here soon after it is logged."
            ),
        )
    return None


def progress_text(progress: ScanProgress) -> str:
    """Return the progress in words."""
    text = _tr("{done} of {total} files")
    return text.format(done=f"{progress.files_done:,}", total=f"{progress.files_total:,}")


def price_line(situation: Situation) -> str:
    """Return the price list in force, and which models have no price."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ""
    parts = [_tr("List price, not a bill"), price_words(snapshot.prices)]
    if snapshot.last_at is not None:
        parts.append(_tr("last answer {time}").format(time=situation.clock(snapshot.last_at)))
    if snapshot.unread_lines:
        one, more = _tr("1 unreadable line"), _tr("{count} unreadable lines")
        text = one if snapshot.unread_lines == 1 else more
        parts.append(text.format(count=f"{snapshot.unread_lines:,}"))
    parts.append(plan_source(situation))
    return " · ".join(part for part in parts if part)


def price_words(source: PriceSource) -> str:
    """Return the source of prices, as in "LiteLLM list of 2026-11-20, shipped"."""
    name = _tr("LiteLLM list") if source.name == "LiteLLM list" else source.name
    parts = [name]
    if source.dated is not None:
        parts = [_tr("{name} from {day}").format(name=name, day=f"{source.dated:%Y-%m-%d}")]
    if source.origin:
        known = {"shipped": _tr("shipped"), "fetched": _tr("fetched")}
        parts.append(known.get(source.origin, source.origin))
    if source.below is not None:
        over = _tr("{list}, on top of {other}")
        parts = [over.format(list=", ".join(parts), other=price_words(source.below))]
    if source.overridden:
        parts.append(_tr("{count} overridden").format(count=source.overridden))
    return ", ".join(parts)


def price_details(source: PriceSource) -> str:
    """Return the source of prices, and line by line which of the user's own are not used."""
    refused = _tr("Ignored in your price list: {name}: {reason}")
    lines = (
        refused.format(name=shown(shortened(name)), reason=shown(reason))
        for name, reason in source.refused
    )
    return "\n".join((price_words(source), *lines))


def no_tray_hint(current_desktop: str) -> Message:
    """Return the hint that there is no tray icon, and what to do about it.

    Args:
        current_desktop: The value of ``XDG_CURRENT_DESKTOP``.
    """
    title = _tr("There is no tray for the icon")
    quits = _tr("Until then, closing this window quits Spendlight.")
    if "GNOME" in current_desktop.upper().split(":"):
        extension = "“AppIndicator and KStatusNotifierItem Support”"
        needed = _tr("GNOME shows them only with the extension {name}.").format(name=extension)
        return Message(title, f"{needed} {quits}")
    appears = _tr("It appears as soon as a panel supports tray icons.")
    return Message(title, f"{appears} {quits}")


def team_problem(reason: str) -> Message | None:
    """Return the message that the team's folder cannot be used; None without a reason."""
    if not reason:
        return None
    return Message(
        _tr("The team’s folder cannot be used now, so its newer usage is missing"),
        shown(reason[:1].upper() + reason[1:]),
    )


def _team_notice(situation: Situation) -> Message | None:
    """Return the notice if publishing to the team fails."""
    failing = situation.unpublished
    if failing is None:
        return None
    title = _tr("New usage has not been published to the team since {time}")
    advice = _tr("{reason} It will be published as soon as that works again.")
    reason = shown(failing.reason)
    if not reason.endswith("?"):
        reason += "."
    return Message(
        title.format(time=situation.clock(failing.since)),
        advice.format(reason=reason[:1].upper() + reason[1:]),
    )


def _block_card(situation: Situation, snapshot: UsageSnapshot) -> Card:
    block = snapshot.block
    if block is None or not block.is_present(situation.now):
        last = snapshot.last_at
        told = _tr("last answer {time}").format(time=situation.clock(last)) if last else ""
        return Card(_tr("This block"), "–", told or _tr("no answers"))
    return Card(
        _tr("This block"),
        amount(situation, cost_text(block.spending)),
        _tr("ends {time} · {left} left").format(
            time=situation.clock(block.end), left=time_left(situation, block.end)
        ),
    )


def _rate_card(situation: Situation, snapshot: UsageSnapshot) -> Card:
    block = snapshot.block
    if block is None or snapshot.rate is None or not block.is_present(situation.now):
        why = _tr("no active block") if block is None else _tr("only one answer so far")
        return Card(_tr("Burn rate"), "–", why)
    figure = amount(situation, f"{money(snapshot.rate.cost_per_hour)}/h")
    if snapshot.projection is None:
        return Card(_tr("Burn rate"), figure, "")
    cost = amount(situation, money(snapshot.projection.total_cost))
    leads = _tr("{cost} by {time} at this rate").format(cost=cost, time=situation.clock(block.end))
    return Card(_tr("Burn rate"), figure, leads)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)

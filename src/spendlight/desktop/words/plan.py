"""Texts about plan limits: how much is used, by which source, and how old that is."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication, QLocale

from spendlight.desktop.words.situation import Situation, ago
from spendlight.metering.plan import (
    WHOLE,
    PlanReading,
    PlanSource,
    PlanWindow,
    Standing,
    pace,
    standing,
)

_WEEK = timedelta(days=6)
"""Up to this far ahead the name of a weekday is unambiguous."""


def plan_readings(situation: Situation) -> tuple[PlanReading, ...]:
    """Return the readings of plan limits that are still worth showing."""
    snapshot = situation.snapshot
    if snapshot is None:
        return ()
    return tuple(
        reading
        for reading in snapshot.plan
        if standing(reading, situation.now) is not Standing.GONE
    )


def plan_texts(situation: Situation) -> dict[PlanWindow, str]:
    """Return the row about each limit: "Week 63 % · lasts to reset".

    The first one names the source and the age, and so does each one of another time.
    """
    texts: dict[PlanWindow, str] = {}
    told = ""
    for reading in plan_readings(situation):
        said = source_words(situation, reading)
        parts = [_used_row(situation, reading), _verdict(situation, reading)]
        is_over = standing(reading, situation.now) is Standing.OVER
        if not is_over and said != told:
            parts.append(said)
            told = said
        texts[reading.window] = " · ".join(part for part in parts if part)
    return texts


def agent_plan_rows(situation: Situation, *, is_short: bool = False) -> list[str]:
    """Return a row about the limits of each other agent: "Codex: 5-hour limit 12 % · …".

    A short one says the age only, as the agent's name says the source.
    """
    snapshot = situation.snapshot
    rows = []
    for plan in snapshot.agent_plans if snapshot is not None else ():
        running = [
            reading
            for reading in plan.readings
            if standing(reading, situation.now) not in {Standing.OVER, Standing.GONE}
        ]
        if running:
            parts = [_used_row(situation, reading) for reading in running]
            latest = max(running, key=lambda reading: reading.seen_at)
            age = ago(situation.now - latest.seen_at)
            parts.append(age if is_short else source_words(situation, latest))
            text = " · ".join(parts)
            rows.append(_tr("{agent}: {text}").format(agent=plan.title, text=text))
    return rows


def plan_card(situation: Situation) -> tuple[str, str, str] | None:
    """Return a caption, a figure and its context; None if nothing is known.

    The figure is that of the five hours, unless only the week will not last.
    """
    readings = plan_readings(situation)
    if not readings:
        return None
    first = next((one for one in readings if _is_short(situation, one)), readings[0])
    caption = {
        PlanWindow.FIVE_HOURS: _tr("5-hour limit"),
        PlanWindow.WEEK: _tr("Weekly limit"),
    }[first.window]
    worth = standing(first, situation.now)
    figure = "–" if worth is Standing.OVER else percent_text(situation, first)
    if worth is Standing.OVER:
        parts = [_after_reset(situation, first)]
    elif _is_short(situation, first):
        parts = [_leads(situation, first)]
    elif worth is Standing.STALE:
        parts = [ago(situation.now - first.seen_at)]
    else:
        parts = [_resets(situation, first)]
    texts = {PlanWindow.FIVE_HOURS: _tr("5 h {percent}"), PlanWindow.WEEK: _tr("week {percent}")}
    parts += [
        texts[one.window].format(percent=percent_text(situation, one))
        for one in readings
        if one is not first and standing(one, situation.now) is not Standing.OVER
    ]
    return caption, figure, " · ".join(part for part in parts if part)


def plan_source(situation: Situation) -> str:
    """Return the source of the card's figures, and their age; "" if there is none."""
    running = [
        reading
        for reading in plan_readings(situation)
        if standing(reading, situation.now) is not Standing.OVER
    ]
    if not running:
        return ""
    latest = max(running, key=lambda reading: reading.seen_at)
    return _tr("limits {source}").format(source=source_words(situation, latest))


def plan_beside(situation: Situation, window: PlanWindow) -> str:
    """Return a limit as shown beside the icon: "5 h: 41 %"; "" if nothing is known."""
    text = {
        PlanWindow.FIVE_HOURS: _tr("5 h: {percent}"),
        PlanWindow.WEEK: _tr("Week: {percent}"),
    }[window]
    for reading in plan_readings(situation):
        if reading.window == window:
            is_over = standing(reading, situation.now) is Standing.OVER
            return text.format(percent="?" if is_over else percent_text(situation, reading))
    return ""


def plan_summary(situation: Situation) -> str:
    """Return a summary of all known limits for the tooltip."""
    texts = {
        PlanWindow.FIVE_HOURS: _tr("5-hour limit {percent}"),
        PlanWindow.WEEK: _tr("week {percent}"),
    }
    return " · ".join(
        texts[reading.window].format(percent=percent_text(situation, reading))
        for reading in plan_readings(situation)
        if standing(reading, situation.now) is not Standing.OVER
    )


def percent_text(situation: Situation, reading: PlanReading) -> str:
    """Return how much is used: never 100 before that is reached, nor less than reported."""
    text = _tr("{percent} %").format(percent=int(reading.percent))
    return text if standing(reading, situation.now) is Standing.FRESH else f"≥ {text}"


def source_words(situation: Situation, reading: PlanReading) -> str:
    """Return the source and the age."""
    text = {
        PlanSource.STATUS_LINE: _tr("from Claude Code, {age}"),
        PlanSource.USAGE_CACHE: _tr("from Claude Code’s last /usage, {age}"),
        PlanSource.ROLLOUT: _tr("from Codex, {age}"),
    }[reading.source]
    return text.format(age=ago(situation.now - reading.seen_at))


def moment_words(situation: Situation, moment: datetime) -> str:
    """Return a moment in the user's time zone, with its day of the week if not today."""
    local, today = moment.astimezone(situation.zone), situation.now.astimezone(situation.zone)
    if local.date() == today.date() or not timedelta() < local.date() - today.date() <= _WEEK:
        return situation.clock(moment)
    day = QLocale().dayName(local.isoweekday(), QLocale.FormatType.ShortFormat)
    return f"{day} {local:%H:%M}"


def _used_row(situation: Situation, reading: PlanReading) -> str:
    if standing(reading, situation.now) is Standing.OVER:
        text = {PlanWindow.FIVE_HOURS: _tr("5-hour limit"), PlanWindow.WEEK: _tr("Week")}
        return f"{text[reading.window]} · {_after_reset(situation, reading)}"
    text = {
        PlanWindow.FIVE_HOURS: _tr("5-hour limit {percent}"),
        PlanWindow.WEEK: _tr("Week {percent}"),
    }
    return text[reading.window].format(percent=percent_text(situation, reading))


def _verdict(situation: Situation, reading: PlanReading) -> str:
    """Return the forecast; for the five hours only if it matters."""
    if _is_short(situation, reading):
        return _leads(situation, reading)
    is_fresh = standing(reading, situation.now) is Standing.FRESH
    if reading.window is PlanWindow.FIVE_HOURS or not is_fresh:
        return ""
    if pace(reading, situation.now).projected is not None:
        return _tr("lasts until reset")
    return _resets(situation, reading)


def _is_short(situation: Situation, reading: PlanReading) -> bool:
    """Whether it is used up, or will be before its reset."""
    if standing(reading, situation.now) is Standing.OVER:
        return False
    return reading.percent >= WHOLE or pace(reading, situation.now).exhausted_at is not None


def _leads(situation: Situation, reading: PlanReading) -> str:
    """Return until when a limit is used up, or from when it will be."""
    spent_at, resets_at = pace(reading, situation.now).exhausted_at, reading.resets_at
    if spent_at is not None:
        text = _tr("runs out {time} at this rate")
        return text.format(time=moment_words(situation, spent_at))
    if resets_at is None:
        return _tr("used up")
    return _tr("used up until {time}").format(time=moment_words(situation, resets_at))


def _resets(situation: Situation, reading: PlanReading) -> str:
    if reading.resets_at is None:
        return ""
    return _tr("resets {time}").format(time=moment_words(situation, reading.resets_at))


def _after_reset(situation: Situation, reading: PlanReading) -> str:
    ends = reading.resets_at or reading.seen_at + reading.window.length
    text = _tr("reset {time}, no newer report")
    return text.format(time=moment_words(situation, ends))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)

"""Texts of the tray: the tooltip, and the rows of the menu that show the state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from spendlight.desktop.words.plan import agent_plan_rows, plan_beside, plan_summary, plan_texts
from spendlight.desktop.words.situation import (
    STATES_WITH_FIGURES,
    Situation,
    age,
    amount,
    day_name,
    limit_reset,
    out_of_use,
    reading_words,
    share_of_block,
    title_of,
)
from spendlight.desktop.words.team_budgets import team_budget_row
from spendlight.metering.budgets import BudgetPeriod, BudgetState, Metric, Severity
from spendlight.metering.plan import PlanWindow
from spendlight.metering.reports import compact_count, cost_text, money
from spendlight.names import shown
from spendlight.settings import TrayText
from spendlight.tracker.agents import title_of as agent_title
from spendlight.tracker.snapshot import DataState

TOOLTIP_CHARS = 127
"""Windows shows no more of a tooltip in its tray."""

LINE_CHARS = 60
SHORT_LINE_CHARS = 40
"""The most characters of a line, and of one that leaves space for a warning."""

MENU_CHARS = 100
"""The most characters of a row of the menu with a text of unknown length."""

_WINDOWS = {TrayText.FIVE_HOURS: PlanWindow.FIVE_HOURS, TrayText.WEEK: PlanWindow.WEEK}

NOW_PAGE = "now"
HISTORY_PAGE = "history"


class TrayRow(NamedTuple):
    """A row of the tray's menu that shows the state.

    Attributes:
        page: The page of the window with the details.
    """

    text: str
    page: str


class TrayTexts(NamedTuple):
    """Texts of the tray.

    Attributes:
        tooltip: At most three lines.
        beside: The text beside the icon, if it can be shown.
        rows: The rows of its menu that show the state.
    """

    tooltip: str
    beside: str
    rows: tuple[TrayRow, ...]


def tray_texts(situation: Situation) -> TrayTexts:
    """Return the texts of the tray: what the user wants beside the icon comes first."""
    block = TrayRow(block_row(situation), NOW_PAGE)
    plan = {window: TrayRow(text, NOW_PAGE) for window, text in plan_texts(situation).items()}
    budgets = _budget_rows(situation)
    team_used = TrayRow(team_budget_row(situation), HISTORY_PAGE)
    today = TrayRow(today_row(situation), HISTORY_PAGE)
    agents = TrayRow(agents_row(situation), HISTORY_PAGE)
    others = [TrayRow(text, NOW_PAGE) for text in agent_plan_rows(situation)]
    is_of_others = bool(others) and not plan and _is_without_block(situation)
    first = today if is_of_others else block
    chosen = {
        TrayText.TODAY_COST: today if today.text else block,
        TrayText.PERCENT: budgets[0] if budgets else first,
        TrayText.FIVE_HOURS: plan.get(PlanWindow.FIVE_HOURS, first),
        TrayText.WEEK: plan.get(PlanWindow.WEEK, first),
    }.get(situation.beside, first)
    ledger = TrayRow(_ledger_row(situation), NOW_PAGE)
    team = TrayRow(_team_row(situation), NOW_PAGE)
    parts = (block, *plan.values(), *others, *budgets, team_used, today, agents, ledger, team)
    rows = [row for row in parts if row.text]
    rows.sort(key=lambda row: (row != chosen, is_of_others and row == block))
    # The plan limits share a line, to leave the others for the rest.
    limits = {*plan.values(), *others}
    left_out = {ledger, team, block} if is_of_others else {ledger, team}
    figures = [row for row in rows if row not in left_out]
    heads = [row.text for row in figures if row == chosen or row not in limits][:2]
    if chosen not in plan.values():
        summary = agent_plan_rows(situation, is_short=True)[0] if is_of_others else ""
        heads[1:] = [_joined(heads[1:], summary or plan_summary(situation))]
    if ledger.text or team.text:  # the warning must not be cut off
        heads = [_cut(head, SHORT_LINE_CHARS) for head in heads]
    lines = (*heads, _third_line(situation))
    tooltip = "\n".join(_cut(line, LINE_CHARS) for line in lines if line)
    return TrayTexts(_cut(tooltip, TOOLTIP_CHARS), text_beside(situation), tuple(rows))


def text_beside(situation: Situation) -> str:
    """Return the text that the user wants beside the icon; "" if there is no such figure."""
    snapshot = situation.snapshot
    window = _WINDOWS.get(situation.beside)
    if window is not None:
        return plan_beside(situation, window)
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ""
    if situation.beside is TrayText.TODAY_COST:
        return amount(situation, cost_text(snapshot.today))
    block = snapshot.block
    if block is None or not block.is_present(situation.now):
        return ""
    rate = snapshot.rate
    texts = {
        TrayText.BLOCK_COST: amount(situation, cost_text(block.spending)),
        TrayText.PERCENT: f"{round((share_of_ring(situation) or 0) * 100)} %",
        TrayText.TIME_LEFT: time_left(situation, block.end),
        TrayText.BURN: amount(situation, f"{money(rate.cost_per_hour)}/h") if rate else "",
    }
    return texts.get(situation.beside, "")


def tightest_budget(situation: Situation) -> BudgetState | None:
    """Return the budget that the ring shows: the block's, otherwise the day's and so on."""
    return next(iter(_budgets(situation)), None)


def share_of_ring(situation: Situation) -> float | None:
    """Return what the ring shows, from 0 to 1: the share of a budget, otherwise of the block."""
    budget = tightest_budget(situation)
    return share_of_block(situation) if budget is None else min(1.0, budget.share)


def severity(situation: Situation) -> Severity | None:
    """Return the highest severity of the budgets."""
    snapshot = situation.snapshot
    if snapshot is None:
        return None
    found = {state.severity for state in snapshot.budgets if state.budget.is_on}
    return next((one for one in (Severity.CRITICAL, Severity.WARN) if one in found), None)


def limit_row(situation: Situation, state: BudgetState) -> str:
    """Return the row about a budget: how much of it is used, and whether it will last."""
    budget = state.budget
    if budget.metric is Metric.TOKENS:
        whole = _tr("{count} tokens").format(count=compact_count(round(budget.amount)))
    else:
        whole = amount(situation, money(budget.amount))
    if state.share > 1 and not situation.is_private:  # "1788 % of $1.00" is hard to read
        return f"{_beyond(situation, state, whole)} · {_tr('used up')}"
    text = {
        BudgetPeriod.BLOCK: _tr("Block budget {percent} % of {budget}"),
        BudgetPeriod.DAY: _tr("Day budget {percent} % of {budget}"),
        BudgetPeriod.WEEK: _tr("Week budget {percent} % of {budget}"),
        BudgetPeriod.MONTH: _tr("Month budget {percent} % of {budget}"),
    }[budget.period].format(percent=round(state.share * 100), budget=whole)
    if state.share >= 1:
        return f"{text} · {_tr('used up')}"
    if state.exhausted_at is not None:
        spent = _tr("runs out at {time} at this rate")
        return f"{text} · {spent.format(time=situation.clock(state.exhausted_at))}"
    return text if state.projected is None else f"{text} · {_tr('lasts')}"


def _beyond(situation: Situation, state: BudgetState, whole: str) -> str:
    """Return how much was used of a budget of which more than all was."""
    if state.budget.metric is Metric.TOKENS:
        used = compact_count(round(state.used))
    else:
        used = amount(situation, money(state.used))
    text = {
        BudgetPeriod.BLOCK: _tr("Block budget {used} of {budget}"),
        BudgetPeriod.DAY: _tr("Day budget {used} of {budget}"),
        BudgetPeriod.WEEK: _tr("Week budget {used} of {budget}"),
        BudgetPeriod.MONTH: _tr("Month budget {used} of {budget}"),
    }[state.budget.period]
    return text.format(used=used, budget=whole)


def block_row(situation: Situation) -> str:
    """Return the row about the block, or why there is none."""
    snapshot = situation.snapshot
    if snapshot is None:
        if situation.error is not None:
            return title_of(situation.error)
        return reading_words(situation.progress)
    if snapshot.state is DataState.NO_CLAUDE:
        return _tr("No coding agent found")
    if snapshot.state is DataState.NO_LOGS:
        return _tr("No usage yet")
    block = snapshot.block
    if block is None or not block.is_present(situation.now):
        return _tr("No active block")
    cost = _tr("Block {cost}").format(cost=amount(situation, cost_text(block.spending)))
    rate = snapshot.rate
    burn = amount(situation, f"{money(rate.cost_per_hour)}/h") if rate is not None else ""
    ends = _tr("ends {time}").format(time=situation.clock(block.end))
    parts = [cost, burn, ends]
    if situation.beside is TrayText.BURN:
        parts = [burn, cost, ends]
    elif situation.beside is TrayText.TIME_LEFT:
        left = _tr("{time} left").format(time=time_left(situation, block.end))
        parts = [left, cost, burn, ends]
    elif situation.beside is TrayText.PERCENT and tightest_budget(situation) is None:
        share = round((share_of_block(situation) or 0) * 100)
        parts = [_tr("{percent} % of the block").format(percent=share), cost, burn, ends]
    return " · ".join(part for part in parts if part)


def today_row(situation: Situation) -> str:
    """Return the row about the day; "" if nothing was ever counted."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ""
    return f"{day_name(situation, snapshot)} {amount(situation, cost_text(snapshot.today))}"


def agents_row(situation: Situation) -> str:
    """Return what each agent used on the day; "" if it was only one."""
    snapshot = situation.snapshot
    if snapshot is None or len(snapshot.today_by_agent) <= 1:
        return ""
    used = [
        f"{agent_title(agent)} {amount(situation, cost_text(spending))}"
        for agent, spending in snapshot.today_by_agent
    ]
    return _cut(" · ".join(used), MENU_CHARS)


def _ledger_row(situation: Situation) -> str:
    """Return that a temporary ledger is in use, and why; "" if it is not."""
    fault = out_of_use(situation)
    return "" if fault is None else _tr("Temporary ledger: {reason}").format(reason=fault.reason)


def _team_row(situation: Situation) -> str:
    """Return since when nothing could be published to the team, and why; "" if that works."""
    failure = situation.unpublished
    if failure is None:
        return ""
    text = _tr("Not published since {time}: {reason}")
    since = situation.clock(failure.since)
    return _cut(text.format(time=since, reason=shown(failure.reason)), MENU_CHARS)


def _is_without_block(situation: Situation) -> bool:
    """Whether there are figures, but no active block."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return False
    return snapshot.block is None or not snapshot.block.is_present(situation.now)


def _joined(texts: Sequence[str], more: str) -> str:
    """Return texts in one line, without the last one if the line would be too long."""
    line = " · ".join(part for part in (*texts, more) if part)
    return line if len(line) <= LINE_CHARS else " · ".join(texts)


def _budget_rows(situation: Situation) -> tuple[TrayRow, ...]:
    """Return the rows of the budgets with the shortest and the longest period."""
    budgets = _budgets(situation)
    return tuple(
        TrayRow(
            limit_row(situation, state),
            NOW_PAGE if state.budget.period is BudgetPeriod.BLOCK else HISTORY_PAGE,
        )
        for state in dict.fromkeys((*budgets[:1], *budgets[-1:]))
    )


def _budgets(situation: Situation) -> tuple[BudgetState, ...]:
    """Return the budgets without a filter, one for each period, the shortest period first."""
    snapshot = situation.snapshot
    if snapshot is None or snapshot.state not in STATES_WITH_FIGURES:
        return ()
    budgets = {
        state.budget.period: state
        for state in reversed(snapshot.budgets)
        if state.budget.metric in (Metric.COST, Metric.TOKENS)
        and state.budget.is_on
        and state.instance
        and not state.budget.is_of_team
        and not state.budget.project
        and not state.budget.model
        and not state.budget.agent
    }
    return tuple(budgets[period] for period in BudgetPeriod if period in budgets)


def time_left(situation: Situation, end: datetime) -> str:
    """Return the time left to the end, in hours and minutes."""
    minutes = max(0, int((end - situation.now) / timedelta(minutes=1)))
    return f"{minutes // 60}:{minutes % 60:02}"


def _third_line(situation: Situation) -> str:
    snapshot = situation.snapshot
    if snapshot is None:
        return ""
    reset = limit_reset(situation)
    if situation.error is not None:
        line = _tr("Not updated since {time}, {age}").format(
            time=situation.clock(snapshot.at), age=age(situation, snapshot)
        )
    elif situation.progress is not None:
        line = reading_words(situation.progress)
    elif out_of_use(situation) is not None:
        line = _ledger_row(situation)
    elif situation.is_cut_short:
        line = _tr("Not all logs have been read")
    elif situation.unpublished is not None:
        line = _team_row(situation)
    elif reset is not None:
        line = _tr("Usage limit until {time}").format(time=situation.clock(reset))
    elif snapshot.state in STATES_WITH_FIGURES and snapshot.last_at is not None:
        line = _tr("List price · last answer {time}").format(time=situation.clock(snapshot.last_at))
    else:
        line = ""
    return line


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1]}…"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Words", text)

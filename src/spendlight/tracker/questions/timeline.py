"""Asks for the course of one session, answer by answer, with the circumstances of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.sums.slicing import in_order_of_time
from spendlight.metering.attribution import NOT_KNOWN, Attribution, Tools
from spendlight.metering.dimensions import DIMENSIONS, NOT_KNOWN_WORDS, Circumstances
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import (
    AnswerRow,
    Column,
    Report,
    name_column,
    session_label,
    token_columns,
)
from spendlight.metering.slices import ModelSpending, Spending, combine
from spendlight.names import name, shown
from spendlight.tracker.questions.answers import answer_rows
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from spendlight.tracker.questions.source import Source


DETAILS: Final = ("repo", "folder", "branch", "plugin", "mcp", "effort", "entrypoint", "version")
"""The dimensions that have columns of their own, which are of interest in some sessions only."""


class TimelineRow(NamedTuple):
    """One answer of a session with its circumstances, as far as they are known."""

    answer: AnswerRow
    circumstances: Circumstances = Circumstances(NOT_KNOWN, "", "", is_aside=False)
    tools: Tools | None = None

    @property
    def attribution(self) -> Attribution:
        """What its log says about it."""
        return self.circumstances.attribution

    @property
    def at(self) -> datetime:
        """When, in UTC."""
        return self.answer.at

    @property
    def spending(self) -> Spending:
        """The answer as a total of one."""
        answer, at_ms = self.answer, to_ms(self.answer.at)
        cost, is_priced = answer.cost or 0.0, answer.cost is not None
        model = ModelSpending(answer.label, answer.tokens, cost, is_priced=is_priced, answers=1)
        return Spending(
            tokens=answer.tokens,
            cost=cost,
            models=(model,) if answer.label else (),
            answers=1,
            first_ms=at_ms,
            last_ms=at_ms,
        )


class Timeline(NamedTuple):
    """The answers in a session's row; the days of the selection are ignored.

    Attributes:
        agent: Only the answers of this subagent; "" for the main thread, None for all.
    """

    session: str
    selection: Selection = EVERYTHING
    agent: str | None = None

    def answer(self, source: Source) -> Report[TimelineRow]:
        """Return a row for each answer in chronological order, with its circumstances."""
        found = {
            id(piece): (piece, told, tools)
            for piece, told, tools in source.ledger.answers_with_circumstances(
                source.scope, source.everything(), session=self.session
            )
            if self.agent is None or told.attribution.agent == self.agent
        }
        rows: list[TimelineRow] = []
        for piece in in_order_of_time(piece for piece, _, _ in found.values()):
            _, told, tools = found[id(piece)]
            rows += [
                TimelineRow(row, told, tools)
                for row in answer_rows(source, (piece,), self.selection.mode)
                if row.label or row.tokens.total
            ]
        total = combine(row.spending for row in rows)
        columns = _columns(self.selection.zone, has_roles=any(row.answer.role for row in rows))
        return Report(columns, tuple(rows), total, source.prices.source)


def _columns(zone: tzinfo, *, has_roles: bool) -> Sequence[Column[TimelineRow]]:
    """Return the columns of single answers; most sessions have no other roles."""

    def moment_text(row: TimelineRow) -> str:
        return f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"

    def used_for(row: TimelineRow) -> str:
        if row.tools is None:
            return row.attribution.skill or NOT_KNOWN_WORDS
        return ", ".join((*filter(None, (row.attribution.skill,)), *row.tools))

    def agent(row: TimelineRow) -> str:
        number = row.attribution.agent
        if not number and row.circumstances.is_aside:
            return NOT_KNOWN_WORDS
        return session_label(number, row.circumstances.agent_type) if number else ""

    def kind(row: TimelineRow) -> str:
        return row.answer.role.words

    subagent: Column[TimelineRow] = Column("Subagent", agent, agent)
    tokens: list[Column[TimelineRow]] = token_columns(lambda row: row.spending)
    return [
        Column("Time", lambda row: row.at, moment_text),
        name_column("Model", lambda row: row.answer.label),
        *([Column("Kind", kind, kind)] if has_roles else ()),
        subagent._replace(is_vital=False),
        *map(_detail, DETAILS),
        Column("Used for", used_for, lambda row: shown(used_for(row))),
        *tokens,
    ]


def _detail(dimension: str) -> Column[TimelineRow]:
    """Return the column of a dimension of which the answers tell the values."""
    row_of = DIMENSIONS[dimension]

    def value(row: TimelineRow) -> str:
        found = None if row_of.of is None else row_of.of(row.circumstances)
        return NOT_KNOWN_WORDS if found is None else found

    return Column(
        row_of.heading, value, lambda row: name(value(row)) if value(row) else "", is_vital=False
    )

"""Asks for the course of one session, answer by answer, with what its logs say about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.logs.claude_code.attribution import Attribution, attributions
from spendlight.metering.periods import to_ms
from spendlight.metering.reports import AnswerRow, Column, Report, name_column, token_columns
from spendlight.metering.slices import ModelSpending, Spending, combine
from spendlight.names import shown
from spendlight.tracker.questions.answers import answer_rows
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from spendlight.tracker.questions.source import Source


UNTOLD: Final = Attribution()
"""Used if no log says anything about an answer."""


class TimelineRow(NamedTuple):
    """One answer of a session, with what its log says about it, if there is a log."""

    answer: AnswerRow
    attribution: Attribution = UNTOLD

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
    """The answers in a session's row; the days of the selection are ignored."""

    session: str
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Report[TimelineRow]:
        """Return a row for each answer in chronological order, with what its log says about it."""
        everything = source.everything()
        pieces = source.ledger.answers(source.scope, everything, session=self.session)
        answers = answer_rows(source, pieces, self.selection.mode)
        found = attributions(source.find_logs(), self.session)
        rows = tuple(
            TimelineRow(row, found.get((to_ms(row.at), row.model, row.tokens.output), UNTOLD))
            for row in answers
            if row.label or row.tokens.total
        )
        total = combine(row.spending for row in rows)
        columns = _columns(self.selection.zone, has_roles=any(row.answer.role for row in rows))
        return Report(columns, rows, total, source.prices.source)


def _columns(zone: tzinfo, *, has_roles: bool) -> Sequence[Column[TimelineRow]]:
    """Return the columns of single answers; most sessions have no other roles."""

    def moment_text(row: TimelineRow) -> str:
        return f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"

    def told(row: TimelineRow) -> str:
        skill = row.attribution.skill
        return ", ".join((*((skill,) if skill else ()), *row.attribution.tools))

    def kind(row: TimelineRow) -> str:
        return row.answer.role.words

    subagent: Column[TimelineRow] = name_column("Subagent", lambda row: row.attribution.agent)
    tokens: list[Column[TimelineRow]] = token_columns(lambda row: row.spending)
    return [
        Column("Time", lambda row: row.at, moment_text),
        name_column("Model", lambda row: row.answer.label),
        *([Column("Kind", kind, kind)] if has_roles else ()),
        subagent._replace(is_vital=False),
        Column("Used for", told, lambda row: shown(told(row))),
        *tokens,
    ]

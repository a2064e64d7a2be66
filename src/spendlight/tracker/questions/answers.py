"""Asks for all answers in the logs of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import to_utc
from spendlight.metering.reports import AnswerRow
from spendlight.metering.slices import cost_of
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spendlight.metering.pricing import CostMode
    from spendlight.metering.session_notes import PullRequest
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.source import Source


class SessionAnswers(NamedTuple):
    """All answers in a session's logs; the days of the selection are ignored.

    This can be more than its row in the report by session: flat logs of subagents may name it, and
    a copy of an answer in another session's log may count, as after it was resumed or forked.
    """

    session: str
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> tuple[AnswerRow, ...]:
        """Return them in chronological order; none if the session is unknown."""
        pieces = source.ledger.answers_of(source.scope, self.session)
        return answer_rows(source, pieces, self.selection.mode)


class SessionTold(NamedTuple):
    """What is known of a session beside its usage, whatever the selection's days."""

    session: str
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> tuple[str, tuple[PullRequest, ...]]:
        """Return its title, or "", and the pull requests linked to it."""
        titles, requests = source.session_notes({self.session})
        title = next(iter(titles.values()), "")
        found = {request.url: request for each in requests.values() for request in each}
        return title, tuple(found.values())


def answer_rows(
    source: Source, pieces: Iterable[UsageSlice], mode: CostMode
) -> tuple[AnswerRow, ...]:
    """Return single answers as rows."""
    return tuple(
        AnswerRow(
            to_utc(piece.first_ms),
            piece.variant.name,
            piece.variant.label,
            piece.tokens,
            piece.recorded_cost if piece.is_recorded else None,
            cost_of(piece, source.prices, mode),
            piece.variant.role,
        )
        for piece in source.named(pieces)
    )

"""Asks for a team's usage by project, model, machine or person, and its share of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.metering.periods import spans
from spendlight.metering.slices import Tally
from spendlight.team.totals import MACHINE, MODEL, PERSON, PROJECT
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.shares import share_report

if TYPE_CHECKING:
    from spendlight.metering.reports import Report
    from spendlight.team.totals import TeamPiece
    from spendlight.tracker.questions.shares import NameRow
    from spendlight.tracker.team.source import TeamSource

HEADINGS: Final = {
    PROJECT: "Project",
    MODEL: "Model",
    MACHINE: "Machine",
    PERSON: "Person",
}
"""By what usage is shared, and the heading of its column."""


class TeamShares(NamedTuple):
    """A team's usage by something.

    Attributes:
        of: One of `HEADINGS`.
    """

    of: str
    selection: Selection = EVERYTHING

    def answer(self, source: TeamSource) -> Report[NameRow]:
        """Return a row for each, the most expensive first."""
        selection = self.selection
        tallies: dict[str, Tally] = {}
        wanted = spans(selection.zone, *source.extent(), selection.days)
        pieces, sessions = source.shares(wanted, of=self.of, project=selection.project)
        for piece in pieces:
            for named in source.named((piece.slice,)):
                name = self._name(piece, named.variant.label)
                if name is None:
                    continue
                if name not in tallies:
                    tallies[name] = Tally(source.prices, selection.mode)
                tallies[name].add(named)
        found = [(name, tally.total(), sessions[name]) for name, tally in tallies.items()]
        return share_report(found, HEADINGS[self.of], selection, source.prices.source)

    def _name(self, piece: TeamPiece, model: str) -> str | None:
        if self.of == PROJECT:
            return piece.slice.session.project
        return (model or None) if self.of == MODEL else piece.label

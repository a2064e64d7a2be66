"""Asks for a team's usage by project, model, machine or person, and its share of the total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.team.totals import MACHINE, MODEL, PERSON, PROJECT
from spendlight.tracker.questions.selection import EVERYTHING, Selection
from spendlight.tracker.questions.shares import share_report

if TYPE_CHECKING:
    from spendlight.metering.reports import Report
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
        found = [row for row in source.shares(self.of, selection) if row[0] or self.of != MODEL]
        return share_report(found, HEADINGS[self.of], selection, source.prices.source)

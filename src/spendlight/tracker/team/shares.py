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
        by: What else separates rows: `MACHINE` or `PERSON`, or "".
    """

    of: str
    selection: Selection = EVERYTHING
    by: str = ""

    def answer(self, source: TeamSource) -> Report[NameRow]:
        """Return a row for each, the most expensive first."""
        selection = self.selection
        by = "" if self.by == self.of else self.by
        found = source.shares(self.of, selection, by)
        return share_report(
            [row for row in found if row.name or self.of != MODEL],
            HEADINGS[self.of],
            selection,
            source.prices.source,
            by=HEADINGS[by] if by else "",
        )

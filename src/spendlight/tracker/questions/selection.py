"""The part that all questions share: which usage is selected, and how it is counted."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from spendlight.metering.periods import EVER, DateRange
from spendlight.metering.pricing import CostMode
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from spendlight.metering.dimensions import Condition


class Selection(NamedTuple):
    """Which usage is selected, and how it is counted.

    Data folders and prices are up to the tracker.

    Attributes:
        zone: The time zone of days.
        days: Local days, inclusive. Blocks are selected by the day on which they begin.
        mode: How costs are determined.
        project: Only this project (the first folder below ``projects``), by its exact name.
        model: Only this model, by the name that reports show; "" means all.
        machines: Only usage of these machines, by name; by default of all.
        agents: Only usage of these agents, by their names in the ledger; by default of all.
        where: Only answers for which each of these conditions is true.
        is_fast: Whether all answers are priced as those of the fast speed, or none; None as logged.
        is_of_team: Whether it is usage of the team, from its sums, rather than of the ledger.
    """

    zone: tzinfo = UTC
    days: DateRange = EVER
    mode: CostMode = CostMode.AUTO
    project: str | None = None
    model: str = ""
    machines: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    is_fast: bool | None = None
    is_of_team: bool = False

    @property
    def is_filtered(self) -> bool:
        """Whether only one project or model is selected, or some circumstances."""
        return self.project is not None or bool(self.model) or bool(self.where)


EVERYTHING = Selection()
"""All usage, with days in UTC."""

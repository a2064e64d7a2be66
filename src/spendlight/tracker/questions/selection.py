"""What all questions share: which usage is meant, and how it is counted."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import NamedTuple

from spendlight.metering.periods import EVER, DateRange
from spendlight.metering.pricing import CostMode


class Selection(NamedTuple):
    """Which usage is meant, and how it is counted.

    Which data folders count, and what anything costs, is for the tracker to know.

    Attributes:
        zone: Where days begin.
        days: Local days, both ends included. Blocks are chosen by the day of their start.
        mode: Whose word to take for the cost.
        project: Only this project (the first folder below ``projects``), by its exact name.
        model: Only this model, by the name that reports show; "" is all.
        machines: Only usage of these machines, by their names; by default of all.
    """

    zone: tzinfo = UTC
    days: DateRange = EVER
    mode: CostMode = CostMode.AUTO
    project: str | None = None
    model: str = ""
    machines: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether only one project or one model is meant."""
        return self.project is not None or bool(self.model)


EVERYTHING = Selection()
"""All usage, with days that begin in UTC."""

"""What a question is, and what all questions share: which usage is meant, and how it is counted."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self, TypeVar

from spendlight.metering.periods import EVER, DateRange
from spendlight.metering.pricing import CostMode

if TYPE_CHECKING:
    from spendlight.tracker.questions.source import Source

Answer_co = TypeVar("Answer_co", covariant=True)


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


class Question(Protocol[Answer_co]):
    """Something to ask of the usage: a NamedTuple that knows how it is answered."""

    @property
    def selection(self) -> Selection:
        """Which usage is meant."""

    def answer(self, source: Source) -> Answer_co:
        """Return the answer; called anew where the ledger proves to be damaged."""

    def _replace(self, *, selection: Selection = ...) -> Self:
        """Return the same question about other usage, as every NamedTuple does."""

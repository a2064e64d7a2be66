"""Asks what there is to choose among: projects, machines and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.entry import NO_SESSION, TokenCounts
from spendlight.metering.slices import add_up
from spendlight.metering.sums import UsageSlice
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.source import Source


class KnownNames(NamedTuple):
    """The projects and machines that there is something of.

    Attributes:
        projects: Their folders below ``projects``.
        machines: What they are called.
    """

    projects: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()


class Choices(NamedTuple):
    """Which projects and machines a filter can offer."""

    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> KnownNames:
        """Return their names, whenever anything was used there."""
        machines = {name for name, _ in source.ledger.parts(source.scope)}
        return KnownNames(
            tuple(source.ledger.projects(source.scope)),
            tuple(sorted(machines, key=str.casefold)),
        )


class ModelsUsed(NamedTuple):
    """Which models there ever was an answer of, and how many answers."""

    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Spending:
        """Return a sum that knows its models and its answers; no tokens are summed up for it."""
        uses = source.ledger.models_used(source.scope)
        nothing = (*TokenCounts(), 0.0, 0)
        pieces = (
            UsageSlice._make((0, NO_SESSION, variant, 0, False, *nothing, answers, at, at, None, 0))
            for variant, answers, at in uses
        )
        return add_up(source.named(pieces), source.prices, self.selection.mode)

"""Asks for the projects, machines, agents and models to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spendlight.logs.agents import in_order
from spendlight.metering.entry import NO_SESSION, TokenCounts
from spendlight.metering.slices import add_up
from spendlight.metering.sums import UsageSlice
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.source import Source


class KnownNames(NamedTuple):
    """The projects, machines and agents with usage.

    Attributes:
        projects: The names of their folders in ``projects``.
        machines: The names of the machines.
        agents: The agents, by their names in the ledger, Claude Code first.
    """

    projects: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()


class Choices(NamedTuple):
    """Which projects, machines and agents a filter can offer."""

    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> KnownNames:
        """Return the names of those with usage at any time."""
        machines = {name for name, _ in source.ledger.parts(source.scope)}
        return KnownNames(
            tuple(source.ledger.projects(source.scope)),
            tuple(sorted(machines, key=str.casefold)),
            tuple(sorted(source.ledger.agents(source.scope), key=in_order)),
        )


class ModelsUsed(NamedTuple):
    """The models that have ever given an answer, and how many answers."""

    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> Spending:
        """Return a total with models and answers only; tokens are not summed up."""
        uses = source.ledger.models_used(source.scope)
        nothing = (0, False, *TokenCounts(), 0.0, 0)
        pieces = (
            UsageSlice(0, NO_SESSION, variant, *nothing, answers, at, at)
            for variant, answers, at in uses
        )
        return add_up(source.named(pieces), source.prices, self.selection.mode)

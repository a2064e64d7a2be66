"""The protocol of questions, for the type checker; no question inherits from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source

Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol[Answer_co]):
    """A question about usage: a NamedTuple with a method that answers it."""

    @property
    def selection(self) -> Selection:
        """Which usage is meant."""

    def answer(self, source: Source) -> Answer_co:
        """Return the answer; called again if the ledger turns out to be damaged."""

    def _replace(self, *, selection: Selection = ...) -> Self:
        """Return the same question about other usage; every NamedTuple has this method."""

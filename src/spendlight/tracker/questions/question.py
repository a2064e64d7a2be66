"""What a question is; for the type checker, as no question needs to be told that it is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source

Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol[Answer_co]):
    """Something to ask of the usage: a NamedTuple that knows how it is answered."""

    @property
    def selection(self) -> Selection:
        """Which usage is meant."""

    def answer(self, source: Source) -> Answer_co:
        """Return the answer; called anew where the ledger proves to be damaged."""

    def _replace(self, *, selection: Selection = ...) -> Self:
        """Return the same question about other usage, as every NamedTuple does."""

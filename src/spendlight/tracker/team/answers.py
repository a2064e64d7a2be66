"""What is asked of a team, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from spendlight.metering.budgets import BudgetState
    from spendlight.team.intake import TakenIn
    from spendlight.team.totals import TeamMachine
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.team.publishing_failure import PublishingFailure
    from spendlight.tracker.team.source import TeamSource

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


class TeamQuestion(Protocol[Answer_co]):
    """A question about a team's usage."""

    @property
    def selection(self) -> Selection:
        """Which usage is meant."""

    def answer(self, source: TeamSource) -> Answer_co:
        """Return the answer."""


class TeamAnswer(NamedTuple, Generic[Answer]):
    """The answer to a question, and what was found in the team's folder.

    Attributes:
        value: The answer itself.
        taken_in: What was found; None if the folder cannot be used now.
        problem: Why it cannot.
        cache_note: What to say about the file in which the team's figures are kept, or "".
    """

    value: Answer
    taken_in: TakenIn | None
    problem: str = ""
    cache_note: str = ""


class TeamStatus(NamedTuple):
    """The state of the membership.

    Attributes:
        url: Where the team's files lie.
        name: What this machine is called there.
        person: Whose machine it is.
        hide: The kinds of names that are hidden.
        waiting: How many copies and withdrawals have not been published yet.
        machines: All machines of the team, by label.
        taken_in: What was found; None if the folder cannot be used now.
        problem: Why it cannot.
        failure: Since when nothing could be published, and why.
        keeps_entries: Whether the ledger takes in the entries of other machines.
        budgets: How much of the team's budgets is used.
        cache_note: See `TeamAnswer`.
    """

    url: str
    name: str
    person: str
    hide: tuple[str, ...]
    waiting: int
    machines: list[TeamMachine]
    taken_in: TakenIn | None
    problem: str = ""
    failure: PublishingFailure | None = None
    keeps_entries: bool = False
    budgets: tuple[BudgetState, ...] = ()
    cache_note: str = ""

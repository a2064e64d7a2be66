"""Asks what a git branch cost from its first to its last answer, by model and person-day."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from spendlight.metering.periods import day_from_number
from spendlight.metering.slices import Tally, combine
from spendlight.tracker.questions.attributed import (
    AmbiguousNameError,
    UnknownNameError,
    attributed_answers,
    in_repository,
    is_below,
)
from spendlight.tracker.questions.invoice import active_ms, minutes_of
from spendlight.tracker.questions.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from spendlight.metering.pricing import PriceSource
    from spendlight.metering.session_notes import PullRequest
    from spendlight.metering.slices import Spending
    from spendlight.tracker.questions.attributed import AttributedAnswer
    from spendlight.tracker.questions.source import Source


class PersonDay(NamedTuple):
    """A day on which somebody worked on a branch.

    Attributes:
        machine: The machine; who sits at it is unknown. None if there is only one.
        minutes: Active time.
    """

    day: date
    machine: str | None
    minutes: int
    spending: Spending


class BranchUsage(NamedTuple):
    """What a branch cost.

    Attributes:
        repository: The folder of its repository, or "" if that is not known.
        rows: In the order of time.
        sessions: In how many sessions it was worked on.
        pull_requests: Those that the logs link to these sessions.
    """

    branch: str
    repository: str
    rows: tuple[PersonDay, ...]
    sessions: int
    minutes: int
    total: Spending
    pull_requests: tuple[PullRequest, ...]
    prices: PriceSource


class Branch(NamedTuple):
    """What a branch cost.

    Attributes:
        branch: Its name.
        repository: Only this repository: its folder, or the last part of it; "" means any.
        here: The working folder, which decides if several repositories have the branch.
        since_ms: Only answers from this moment on, in Unix milliseconds.
    """

    branch: str
    repository: str = ""
    here: str = ""
    since_ms: int = 0
    selection: Selection = EVERYTHING

    def answer(self, source: Source) -> BranchUsage:
        """Return its usage.

        Raises:
            UnknownNameError: If there is no usage of the branch or the repository.
            AmbiguousNameError: If several repositories have the branch.
        """
        parts = [
            (machine, attributed_answers(part, self.selection))
            for machine, part in source.parts(by_machine=True)
        ]
        found = self._chosen([answer for _, answers in parts for answer in answers], source)
        repository = found[0].repository
        rows = [
            row
            for machine, answers in parts
            for row in self._rows(self._kept(answers, repository), source, machine)
        ]
        if len({row.machine for row in rows}) == 1:
            rows = [row._replace(machine=None) for row in rows]
        rows.sort(key=lambda row: (row.day, row.machine or ""))
        sessions = {answer.piece.session[1:] for answer in self._kept(found, repository)}
        requests = source.session_notes({session for _, session in sessions}).pull_requests
        linked = {
            request.url: request
            for key in sorted(sessions & requests.keys())
            for request in requests[key]
        }
        return BranchUsage(
            self.branch,
            repository,
            tuple(rows),
            len(sessions),
            sum(row.minutes for row in rows),
            combine(row.spending for row in rows),
            tuple(linked.values()),
            source.prices.source,
        )

    def _chosen(self, found: Sequence[AttributedAnswer], source: Source) -> list[AttributedAnswer]:
        """Return all answers on the branch, of one repository."""
        if self.repository:
            found = in_repository(found, self.repository, source)
        on_it = [answer for answer in found if answer.attribution.branch == self.branch]
        if not on_it:
            raise UnknownNameError.of_branch(self.branch, found)
        repositories = {answer.repository for answer in on_it}
        if len(repositories) > 1:
            around = {one for one in repositories if self.here and is_below(self.here, one)}
            if len(around) != 1:
                raise AmbiguousNameError.of_branch(self.branch, repositories)
            repositories = around
        return [answer for answer in on_it if answer.repository in repositories]

    def _kept(self, answers: Iterable[AttributedAnswer], repository: str) -> list[AttributedAnswer]:
        return [
            answer
            for answer in answers
            if answer.attribution.branch == self.branch
            and answer.repository == repository
            and answer.piece.first_ms >= self.since_ms
            and answer.piece.variant.label
        ]

    def _rows(
        self, answers: Sequence[AttributedAnswer], source: Source, machine: str | None
    ) -> list[PersonDay]:
        tallies: dict[int, Tally] = defaultdict(lambda: Tally(source.prices, self.selection.mode))
        for answer in sorted(answers, key=lambda answer: answer.piece.first_ms):
            tallies[answer.day].add(answer.piece)
        times = active_ms((answer.piece.first_ms for answer in answers), self.selection.zone)
        return [
            PersonDay(
                day_from_number(day),
                machine,
                minutes_of(times.get(day, 0)),
                tally.total(),
            )
            for day, tally in tallies.items()
        ]

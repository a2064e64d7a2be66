"""A team, as the faces see it: join, leave, publish, and ask."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from spendlight.errors import UsageError
from spendlight.team.engine import demand_libraries
from spendlight.tracker.machines import UnknownMachineError, know_machine
from spendlight.tracker.team import membership as members
from spendlight.tracker.team.answers import TeamAnswer, TeamStatus
from spendlight.tracker.team.cache_path import cache_path, forget_spares
from spendlight.tracker.team.known_machines import (
    forget_machines,
    known_machines,
    known_people,
    note_machines,
)
from spendlight.tracker.team.publishing import Published, introduce, publish
from spendlight.tracker.team.publishing_failure import failure_of, forget_failure, noted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from spendlight.ledger.machines import Machine
    from spendlight.ledger.publishing import Unpublished
    from spendlight.metering.budgets import BudgetState
    from spendlight.metering.team_budgets import TeamBudgets
    from spendlight.team.cache import TeamCache
    from spendlight.team.entries import ForeignCopies
    from spendlight.team.intake import TakenIn
    from spendlight.team.totals import TeamMachine
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.questions.desk import QuestionDesk
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.team.answers import TeamQuestion
    from spendlight.tracker.team.keeping import KeptEntries
    from spendlight.tracker.team.membership import Membership
    from spendlight.tracker.team.publishing_failure import PublishingFailure
    from spendlight.tracker.team.pulling import PulledHost

Answer = TypeVar("Answer")
_T = TypeVar("_T")


class Team:
    """The team of a tracker.

    Args:
        options: Where the ledger is, and this machine's name.
        keeper: Keeps the ledger.
        prices: The prices to use.
        desk: Knows other names of models.
        budgets: The team's budgets that are in force, if any.
    """

    def __init__(
        self,
        options: TrackerOptions,
        keeper: LedgerKeeper,
        prices: PricesInForce,
        desk: QuestionDesk,
        budgets: TeamBudgets | None = None,
    ) -> None:
        self._options = options
        self._keeper = keeper
        self._prices = prices
        self._desk = desk
        self._budgets = budgets

    @property
    def membership(self) -> Membership | None:
        """This machine's membership, if there is one."""
        return members.load(self._folder)

    def join(
        self,
        url: str,
        *,
        name: str = "",
        person: str = "",
        hide: Iterable[str] | None = None,
        keeps_entries: bool | None = None,
    ) -> Membership:
        """Join a team, or create one in an empty folder.

        Joining again changes what is named; the rest stays.

        Args:
            url: A folder, or a URL.
            name: What this machine is to be called; by default as it is called here.
            person: Whose machine it is; by default the user's name on this system.
            hide: The kinds of names to hide; by default none.
            keeps_entries: Whether the ledger takes in the entries of other machines; by default
                it does not. What it has taken in stays.

        Raises:
            BadUrlError: If no team can be there.
            OtherTeamError: If this machine belongs to another team.
            CannotJoinError: If the folder cannot be used.
            TeamMissingError: If the libraries for teams are not installed.
        """
        from spendlight.team.shared_folder import (
            CannotJoinError,
            SharedFolder,
            SharedFolderError,
            absolute_url,
        )

        demand_libraries()
        url = absolute_url(url)
        known = members.load(self._folder)
        if known is not None and known.url != url:
            raise members.OtherTeamError(known.url)
        machine = self._this()
        before = known or members.new_membership(url, machine.name, members.user_name(), ())
        made = members.changed(before, name, person, hide, keeps_entries=keeps_entries)
        try:
            shared = SharedFolder(url)
            shared.create()
            introduce(shared, machine.key, made)
        except SharedFolderError as error:
            raise CannotJoinError(url, error.reason) from error
        members.save(self._folder, made)
        return made

    def leave(self) -> Membership:
        """Leave the team; what was published stays there. Returns the membership that ended.

        Raises:
            NoTeamError: If this machine belongs to none.
        """
        from spendlight.tracker.team.budget_readings import forget_readings  # not for reports

        left = members.demand(self._folder)
        members.remove(self._folder)
        forget_failure(self._folder)
        forget_machines(self._folder)
        forget_readings(self._folder)
        forget_spares(self._folder)
        self._keeper.use(self._forget_published)
        return left

    def demand_membership(self) -> Membership:
        """Return this machine's membership.

        Raises:
            NoTeamError: If it belongs to no team.
        """
        return members.demand(self._folder)

    def publish(self) -> Published:
        """Publish what is new.

        Raises:
            NoTeamError: If this machine belongs to no team.
            SharedFolderError: If the team's folder cannot be used.
        """
        membership = members.demand(self._folder)
        with noted(self._folder):
            return publish(self._keeper, self._options, membership)

    def publish_if_new(self) -> bool:
        """Publish what is new, if this machine belongs to a team; return whether anything was.

        A long-lived process has another one do it. Why that fails is in `publishing_failure`.

        Raises:
            SharedFolderError: If the team's folder cannot be used.
        """
        from spendlight.tracker.team.publishing_if_new import publish_if_new

        return publish_if_new(
            self._unpublished,
            self._options.publish or self._publish_here,
            self._folder,
            is_for_budgets=self._budgets is not None,
        )

    def _publish_here(self) -> None:
        self.publish()
        self.keep_entries()
        self.look()

    def keep_entries(self) -> KeptEntries | None:
        """Take the entries of the other machines into the ledger; None if that is not wanted.

        Raises:
            NoTeamError: If this machine belongs to no team.
            LedgerError: If there is no permanent ledger that can be used.
            CacheBusyError: If another process uses the cache for too long.
        """
        membership = members.demand(self._folder)
        if not membership.keeps_entries:
            return None
        from spendlight.team.cache_file import using
        from spendlight.team.entries import foreign_copies
        from spendlight.tracker.team.keeping import keep_entries

        problem = self._up_to_date(membership, lambda _cache, _taken_in, problem: problem)

        def find(this: str, known: Collection[str], most: int) -> ForeignCopies:
            return using(
                self._cache,
                self._thresholds,
                lambda cache: foreign_copies(cache, this, known, most),
            )

        done = keep_entries(find, self._keeper, self._prices, self._options)
        return done._replace(problem=problem)

    @property
    def has_budgets(self) -> bool:
        """Whether budgets of the team are in force."""
        return self._budgets is not None

    @property
    def publishing_failure(self) -> PublishingFailure | None:
        """Since when nothing could be published, and why; None if that works."""
        return failure_of(self._folder)

    @property
    def other_machines(self) -> tuple[str, ...]:
        """The names of the team's other machines as they were last seen; none without a team.

        The team's folder is not looked at; `look` does that.
        """
        if members.load(self._folder) is None:
            return ()
        this = self._this().key
        return tuple(one.label for one in known_machines(self._folder) if one.key != this)

    @property
    def people(self) -> tuple[str, ...]:
        """The people of the team as they were last seen, in alphabetical order."""
        return () if members.load(self._folder) is None else known_people(self._folder)

    def look(self) -> None:
        """Take in what is new in the team's folder and measure budgets, if that is possible."""
        from spendlight.tracker.team.budget_readings import note_readings  # not for reports

        with suppress(UsageError):  # the next report will say why
            status = self.status()
            if status.taken_in is not None and self._budgets is not None:
                note_readings(self._folder, status.budgets)

    def ask(
        self, question: TeamQuestion[Answer], *, by: str = "machine", scheduler: str = ""
    ) -> TeamAnswer[Answer]:
        """Take in what is new, and return the answer to a question.

        Args:
            question: The question.
            by: What its parts are: "machine" or "person".
            scheduler: Where to compute all again, see `spreading.computed`; by default what is new.

        Raises:
            NoTeamError: If this machine belongs to no team.
            UnknownMachineError: If it is about a machine that is not known.
            CacheBusyError: If another process uses the cache for too long.
            ClusterError: If the cluster cannot be used.
        """
        from spendlight.team.totals import TeamTotals
        from spendlight.tracker.team.source import TeamSource

        membership = members.demand(self._folder)
        selection = question.selection

        def answer(cache: TeamCache, taken_in: TakenIn | None, problem: str) -> TeamAnswer[Answer]:
            totals = TeamTotals(cache)
            note_machines(self._folder, totals.keys_and_labels())
            _demand_known(selection.machines, totals.labels("machine"))
            source = TeamSource(
                totals,
                self._prices.table,
                aliases=self._desk.aliases,
                model=selection.model,
                machines=selection.machines,
                by=by,
            )
            note = "" if scheduler else cache_path(self._folder).note
            return TeamAnswer(question.answer(source), taken_in, problem, note)

        if scheduler:
            from spendlight.tracker.team.spreading import computed

            with computed(membership.url, scheduler, self._thresholds) as (cache, taken_in):
                return answer(cache, taken_in, "")
        return self._up_to_date(membership, answer)

    def pull(self, hosts: Sequence[str]) -> Iterator[PulledHost]:
        """Publish the usage of hosts, exported over ssh; yield what became of each.

        Raises:
            NoTeamError: If this machine belongs to no team.
            BadHostError: If one cannot be a host.
            NoSshError: If there is no ssh here.
            SharedFolderError: If the team's folder cannot be used.
            CacheBusyError: If another process uses the cache for too long.
        """
        from spendlight.team.cache_file import using
        from spendlight.team.held import HeldCopies, held_of
        from spendlight.team.shared_folder import SharedFolder
        from spendlight.tracker.team.pulling import Puller

        membership = members.demand(self._folder)
        this = self._this()
        shared = SharedFolder(membership.url)
        shared.demand_team()

        def held(machine: str) -> HeldCopies:
            return using(self._cache, self._thresholds, lambda cache: held_of(cache, machine))

        self._up_to_date(membership, lambda *_: None)
        yield from Puller(held, shared, membership, this).pull(hosts)

    def status(self) -> TeamStatus:
        """Return the state of the membership, and the machines of the team.

        Raises:
            NoTeamError: If this machine belongs to no team.
        """
        from spendlight.team.totals import TeamTotals
        from spendlight.tracker.team.budgets import Measuring

        membership = members.demand(self._folder)
        new = self._unpublished(membership)
        measure = Measuring(self._budgets, self._folder, self._prices.table, self._desk.aliases)

        def look_at(
            cache: TeamCache, taken_in: TakenIn | None, problem: str
        ) -> tuple[list[TeamMachine], tuple[BudgetState, ...], TakenIn | None, str]:
            totals = TeamTotals(cache)
            note_machines(self._folder, totals.keys_and_labels())
            budgets = measure(totals, is_current=taken_in is not None)
            return totals.machines(), budgets, taken_in, problem

        machines, budgets, taken_in, problem = self._up_to_date(membership, look_at)
        return TeamStatus(
            membership.url,
            membership.name,
            membership.person,
            membership.hide,
            len(new.new) + len(new.withdrawn),
            machines,
            taken_in,
            problem,
            self.publishing_failure,
            keeps_entries=membership.keeps_entries,
            budgets=budgets,
            cache_note=cache_path(self._folder).note,
        )

    def _up_to_date(
        self, membership: Membership, use: Callable[[TeamCache, TakenIn | None, str], _T]
    ) -> _T:
        """Take in what is new, separate sums by the prices in force, and use the cache."""
        from spendlight.team.updating import up_to_date

        return up_to_date(self._cache, self._thresholds, membership.url, use)

    def _this(self) -> Machine:
        """Return this machine, as the ledger knows it."""

        def know() -> Machine:
            self._keeper.demand_lasting()
            with self._keeper.open() as ledger:
                return know_machine(ledger, self._options.environment)

        return self._keeper.use(know)

    def _forget_published(self) -> None:
        self._keeper.demand_lasting()
        with self._keeper.open() as ledger:
            ledger.forget_published()

    def _unpublished(self, membership: Membership) -> Unpublished:
        from spendlight.ledger.publishing import unpublished  # not for joining

        return self._keeper.use(lambda: unpublished(self._keeper.path, membership.id))

    def _thresholds(self, models: set[str]) -> Iterable[int]:
        return self._prices.table.thresholds(models | set(self._desk.aliases.values()))

    @property
    def _folder(self) -> Path:
        return self._options.ledger_folder

    @property
    def _cache(self) -> Path:
        return cache_path(self._folder).path


def _demand_known(wanted: Iterable[str], known: list[str]) -> None:
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise UnknownMachineError(unknown, known)

"""What questions are answered from: the ledger, the scope, and the prices."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, Protocol

from spendlight.ledger.machines import AGENTS_WITH_BLOCKS
from spendlight.metering.periods import Span, day_from_number, period_start, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.slices import tallied
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.metering.dimensions import Condition, Part
    from spendlight.metering.periods import Period
    from spendlight.metering.pricing import CostMode, PricingTable
    from spendlight.metering.session_notes import SessionNotes
    from spendlight.metering.slices import AnyRuns, Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.attributed_usage import AttributedUsage
    from spendlight.tracker.questions.selection import Selection

    PartRuns = tuple[Part | None, AnyRuns]
    """The sums of one part of usage that is divided; None if it is not."""

MANY_SUMS: Final = 10_000
"""From this many on it pays to load the native library, which takes 10 ms."""


class PeriodRows(NamedTuple):
    """The rows of a report by day, week or month.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        by_project: A row for each project.
        by_machine: A row for each machine.
        by: A row for each value of this dimension; "" for none.
        by_agent: A row for each agent.
    """

    selection: Selection
    period: Period
    week_start: int
    by_project: bool
    by_machine: bool
    by: str = ""
    by_agent: bool = False


class SumsSource(Protocol):
    """What questions about sums are answered from: the ledger's, or a team's."""

    @property
    def prices(self) -> PricingTable:
        """The prices in force."""

    def extent(self) -> tuple[int, int]:
        """Return the first and last moments that may have usage."""

    def parts(self, *, by_machine: bool) -> Sequence[tuple[str | None, SumsSource]]:
        """Return the source of each machine with its name, or a single one without a name."""

    def of_each_agent(self) -> Sequence[tuple[str, SumsSource]]:
        """Return the source of each agent with its name, or a single one if that is all."""

    def first_logs(self, agents: Collection[str]) -> Mapping[tuple[str, str], str]:
        """Return the first log of each session of some agents, see `LedgerReader.first_logs`."""

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; only those of one model, if selected."""

    def by_day_in_order(self, spans: Sequence[Span]) -> list[UsageSlice]:
        """Return sums by local day, see `LedgerReader.by_day_in_order`."""

    def by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[UsageSlice]:
        """Return sums by session, see `LedgerReader.by_session`."""

    def by_period(self, wanted: PeriodRows) -> list[PeriodRow]:
        """Return the rows of a report by period, those of one machine after the other."""

    def runs_by_day(self, spans: Sequence[Span]) -> AnyRuns:
        """Return the same sums as `by_day_in_order`, to be added up."""

    def runs_by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> AnyRuns:
        """Return the same sums as `by_session`, to be added up."""

    def runs_of_each(
        self, by: str, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> Sequence[PartRuns]:
        """Return the sums of `runs_by_session` for each value of a dimension; "" for all."""

    def session_notes(self, sessions: Collection[str] | None = None) -> SessionNotes:
        """Return titles and pull requests of sessions, see `LedgerReader.session_notes`."""

    def add_up(
        self, runs: AnyRuns, rows: Sequence[int], count: int, mode: CostMode
    ) -> list[Spending | None]:
        """Return the total of each row of a report, or None for rows without selected usage.

        Args:
            runs: The sums, in the order in which they are added up.
            rows: The number of the row to which each run belongs.
            count: How many rows there are.
            mode: How costs are determined.
        """


class Source(NamedTuple):
    """What questions are answered from.

    Attributes:
        scope: The data folders and machines that count.
        aliases: Other names by which models are shown and priced.
        model: Only usage of this model, by the name that reports show; "" means all.
        where: Only answers for which each of these conditions is true.
        is_fast: Whether all are priced as those of the fast speed, or none; None as logged.
        find_logs: Finds the logs that are in the data folders now.
        reach: The first and last moments that may have usage, if they are known.
    """

    ledger: UsageLedger
    scope: Scope
    prices: PricingTable
    aliases: Mapping[str, str]
    model: str = ""
    where: tuple[Condition, ...] = ()
    is_fast: bool | None = None
    find_logs: Callable[[], Iterable[LogFile]] = tuple
    reach: tuple[int, int] | None = None

    def extent(self) -> tuple[int, int]:
        """Return the first and last moments that may have usage."""
        return self.reach or self.ledger.extent(self.scope) or (0, -1)

    def everything(self) -> Span:
        """Return the span of all usage."""
        first, last = self.extent()
        return Span(first, last + 1, 0)

    def parts(self, *, by_machine: bool) -> list[tuple[str | None, Source]]:
        """Return the source of each machine with its name, or a single one without a name."""
        if not by_machine:
            return [(None, self)]
        return [(name, self._replace(scope=scope)) for name, scope in self.ledger.parts(self.scope)]

    def of_agents(self, agents: Collection[str]) -> Source:
        """Return the source of what some agents used, by their names in the ledger."""
        scope = self.ledger.scope_of_agents(self.scope, agents)
        if scope == self.scope:
            return self
        return self._replace(scope=scope, reach=self.extent())  # to look for its own takes longer

    def with_blocks(self) -> Source:
        """Return the source of usage that is in five-hour blocks, which only Claude has."""
        return self.of_agents(AGENTS_WITH_BLOCKS)

    def of_each_agent(self) -> list[tuple[str, Source]]:
        """Return the source of each agent with its name, or a single one if that is all."""
        agents = self.ledger.agents(self.scope)
        if len(agents) <= 1:
            return [(agent, self) for agent in agents] or [("", self)]
        return [(agent, self.of_agents((agent,))) for agent in agents]

    def first_logs(self, agents: Collection[str]) -> dict[tuple[str, str], str]:
        """Return the first log of each session of some agents, see `LedgerReader.first_logs`."""
        return self.ledger.first_logs(self.ledger.scope_of_agents(self.scope, agents))

    def by_day_in_order(self, spans: Sequence[Span]) -> list[UsageSlice]:
        """Return sums by local day, see `LedgerReader.by_day_in_order`."""
        if self.where:
            return sorted(self.by_session(spans, by_day=True), key=attrgetter("group"))
        return self.ledger.by_day_in_order(self.scope, spans)

    def by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[UsageSlice]:
        """Return sums by session, see `LedgerReader.by_session`."""
        if self.where:
            return list(self.runs_by_session(spans, by_day=by_day, project=project).slices())
        return self.ledger.by_session(self.scope, spans, by_day=by_day, project=project)

    def by_period(self, wanted: PeriodRows) -> list[PeriodRow]:
        """Return the rows of a report by period, those of one machine after the other."""
        return rows_by_period(self, wanted)

    def runs_by_day(self, spans: Sequence[Span]) -> AnyRuns:
        """Return the same sums as `by_day_in_order`, to be added up."""
        if self.where:
            return self.runs_by_session(spans, by_day=True)
        return self.ledger.runs_by_day(self.scope, spans)

    def runs_by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> AnyRuns:
        """Return the same sums as `by_session`, to be added up."""
        if self.where:
            return self.runs_of_each("", spans, by_day=by_day, project=project)[0][1]
        return self.ledger.runs_by_session(self.scope, spans, by_day=by_day, project=project)

    def session_notes(self, sessions: Collection[str] | None = None) -> SessionNotes:
        """Return titles and pull requests of sessions, see `LedgerReader.session_notes`."""
        return self.ledger.session_notes(self.scope, sessions)

    def runs_of_each(
        self, by: str, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[PartRuns]:
        """Return the sums of each value of a dimension, see `SumsSource.runs_of_each`."""
        if not by and not self.where:
            return [(None, self.runs_by_session(spans, by_day=by_day, project=project))]
        from spendlight.tracker.questions.attributed_usage import day_ranges, in_groups, parts_of

        ranges, days = day_ranges(spans)
        if not by_day:
            ranges, days = [(start, end) for start, end, _ in spans], [0] * len(spans)
        found = self.attributed((by,) if by else (), project).rows(ranges)
        return [
            (part, self.ledger.attributed_runs(in_groups(rows, days)))
            for part, rows in parts_of(found, by)
        ]

    def pieces_of_each(
        self, by: str, ranges: Sequence[tuple[int, int]], project: str | None = None
    ) -> list[tuple[Part | None, list[UsageSlice]]]:
        """Return the selected slices of each value of a dimension, in order; "" for all.

        Args:
            by: The dimension.
            ranges: Ranges of time in Unix milliseconds, the end exclusive, ascending; the slices'
                group is the index of their range.
            project: Only this project.
        """
        from spendlight.tracker.questions.attributed_usage import parts_of  # few reports need it

        found = self.attributed((by,) if by else (), project).pieces(ranges)
        return [(part, list(self.named(pieces))) for part, pieces in parts_of(found, by)]

    def attributed(self, by: tuple[str, ...], project: str | None = None) -> AttributedUsage:
        """Return the selected usage, divided by some dimensions."""
        from spendlight.tracker.questions.attributed_usage import AttributedUsage  # as above

        return AttributedUsage(self.ledger, self.scope, self.where, by, project)

    def of_all(self) -> Source:
        """Return the source of the same usage, of all models and all circumstances."""
        return self._replace(model="", where=())

    def add_up(
        self, runs: AnyRuns, rows: Sequence[int], count: int, mode: CostMode
    ) -> list[Spending | None]:
        """Return the total of each row of a report, see `SumsSource.add_up`."""
        from spendlight.ledger.sums.runs import Runs  # the reader has loaded it

        is_as_logged = not (self.aliases or self.model) and self.is_fast is None
        if isinstance(runs, Runs) and is_as_logged and sum(runs.counts) >= MANY_SUMS:
            from spendlight.logs.claude_code.native_totals import added_up  # slow to load

            found = added_up(runs, rows, count, prices=self.prices, mode=mode)
            if found is not None:
                return found
        return tallied(runs, rows, count, named=self.named, prices=self.prices, mode=mode)

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; only those of one model, if selected."""
        is_as_logged = not self.aliases and self.is_fast is None
        renamed = iter(pieces) if is_as_logged else map(self._renamed, pieces)
        if not self.model:
            return renamed
        return (piece for piece in renamed if piece.variant.label == self.model)

    def _renamed(self, piece: UsageSlice) -> UsageSlice:
        variant = piece.variant
        name = self.aliases.get(variant.name, variant.name)
        is_fast = variant.is_fast if self.is_fast is None else self.is_fast
        return piece._replace(variant=variant._replace(name=name, is_fast=is_fast))


def rows_by_period(source: SumsSource, wanted: PeriodRows) -> list[PeriodRow]:
    """Return the rows of a report by period, those of one machine after the other."""
    if not wanted.by_agent:
        return _rows_by_period(source, wanted)
    return [
        row._replace(agent=agent)
        for agent, of_agent in source.of_each_agent()
        for row in _rows_by_period(of_agent, wanted)
    ]


def _rows_by_period(source: SumsSource, wanted: PeriodRows) -> list[PeriodRow]:
    """Return the rows of a report by period, those of one machine after the other."""
    selection = wanted.selection
    found: list[PeriodRow] = []
    for machine, source_of_one in source.parts(by_machine=wanted.by_machine):
        for part, runs in _by_day(source_of_one, wanted):
            keys: dict[tuple[str, date], int] = {}
            starts: dict[int, date] = {}
            of_runs: list[int] = []
            for day, name in runs.keys:
                if day not in starts:
                    first = day_from_number(day)
                    starts[day] = period_start(first, wanted.period, wanted.week_start)
                key = (name.project if wanted.by_project else "", starts[day])
                of_runs.append(keys.setdefault(key, len(keys)))
            spent = source_of_one.add_up(runs, of_runs, len(keys), selection.mode)
            found += [
                PeriodRow(
                    start,
                    spending,
                    project if wanted.by_project else selection.project,
                    machine,
                    part,
                )
                for (project, start), spending in zip(keys, spent, strict=True)
                if spending is not None
            ]
    return found


def _by_day(source: SumsSource, wanted: PeriodRows) -> Sequence[PartRuns]:
    """Return the sums of a report by day, in the order in which ccusage would find them."""
    selection = wanted.selection
    when = spans(selection.zone, *source.extent(), selection.days)
    if selection.project is None and not wanted.by_project and not wanted.by:
        return [(None, source.runs_by_day(when))]
    return source.runs_of_each(wanted.by, when, by_day=True, project=selection.project)

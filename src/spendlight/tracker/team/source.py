"""What questions about a team are answered from: the cache's sums, and the prices in force."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from spendlight.metering.dimensions import NOT_KNOWN, Part
from spendlight.metering.periods import day_from_number, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.session_notes import NO_NOTES
from spendlight.metering.slices import SliceRuns, tallied
from spendlight.team.spending import ModelPrices, PeriodGrouping, spending_of
from spendlight.team.totals import MACHINE, PROJECT, SESSION, TeamFilter
from spendlight.tracker.questions.shares import NameRow
from spendlight.tracker.questions.source import rows_by_period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from spendlight.metering.entry import ModelVariant
    from spendlight.metering.periods import Span
    from spendlight.metering.pricing import CostMode, PricingTable
    from spendlight.metering.session_notes import SessionNotes
    from spendlight.metering.slices import AnyRuns, Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.team.totals import TeamTotals
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import PartRuns, PeriodRows

MOST_IN_ORDER: Final = 50_000
"""Up to so many sums are added up in the order of the logs, which takes 5 microseconds for each."""

Pieces = dict[str, list["UsageSlice"]]


class TeamSource:
    """Answers from a team's sums what a `questions.source.Source` answers from the ledger's.

    Args:
        totals: The sums.
        prices: The prices in force.
        aliases: Other names by which models are shown and priced.
        model: Only usage of this model, by the name that reports show; "" means all.
        machines: Only these machines, by label.
        by: By what `parts` separates: `team.totals.MACHINE` or `PERSON`.
    """

    def __init__(  # noqa: PLR0913  # all by name
        self,
        totals: TeamTotals,
        prices: PricingTable,
        *,
        aliases: Mapping[str, str],
        model: str = "",
        machines: Collection[str] = (),
        by: str = MACHINE,
    ) -> None:
        self.totals = totals
        self.prices = prices
        self.machines = machines
        self._aliases = aliases
        self._model = model
        self._by = by
        self._label: str | None = None
        self._found: dict[object, Pieces] = {}

    def extent(self) -> tuple[int, int]:
        """Return the first and last moments that may have usage."""
        return self.totals.extent() or (0, -1)

    def parts(self, *, by_machine: bool) -> list[tuple[str | None, TeamSource]]:
        """Return the source of each machine or person with its name, or a single one."""
        if not by_machine:
            return [(None, self)]
        return [(label, self._part(label)) for label in self.totals.labels(self._by)]

    def of_each_agent(self) -> list[tuple[str, TeamSource]]:
        """Return the source of all agents together: a team's usage is not divided by agents."""
        return [("", self)]

    def first_logs(self, agents: Collection[str]) -> dict[tuple[str, str], str]:  # noqa: ARG002  # of none
        """Return nothing: paths are not published."""
        return {}

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; only those of one model, if selected."""
        for piece in pieces:
            named = piece
            if piece.variant.name in self._aliases:
                named = piece._replace(variant=self._renamed(piece.variant))
            if not self._model or named.variant.label == self._model:
                yield named

    def by_day_in_order(self, spans: Sequence[Span]) -> list[UsageSlice]:
        """Return sums by local day; the slices' group is the day's number since 1970-01-01."""
        return self._pieces(spans, by_day=True, project=None, of="")

    def by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[UsageSlice]:
        """Return sums by session; those of days are by project only.

        Args:
            spans: When, each with its offset from UTC.
            by_day: Separate local days.
            project: Only this project.
        """
        return self._pieces(spans, by_day=by_day, project=project, of=SESSION)

    def runs_by_day(self, spans: Sequence[Span]) -> SliceRuns:
        """Return the same sums as `by_day_in_order`, to be added up."""
        return SliceRuns(self.by_day_in_order(spans))

    def runs_by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> SliceRuns:
        """Return the same sums as `by_session`, to be added up."""
        return SliceRuns(self.by_session(spans, by_day=by_day, project=project))

    def runs_of_each(
        self, by: str, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[PartRuns]:
        """Return everything as not known: what logs say of circumstances is not published."""
        part = Part(by, NOT_KNOWN) if by else None
        return [(part, self.runs_by_session(spans, by_day=by_day, project=project))]

    def session_notes(self, sessions: Collection[str] | None = None) -> SessionNotes:  # noqa: ARG002  # of none
        """Return nothing: titles are not published."""
        return NO_NOTES

    def add_up(
        self, runs: AnyRuns, rows: Sequence[int], count: int, mode: CostMode
    ) -> list[Spending | None]:
        """Return the total of each row of a report, see `SumsSource.add_up`."""
        return tallied(runs, rows, count, named=self.named, prices=self.prices, mode=mode)

    def by_period(self, wanted: PeriodRows) -> list[PeriodRow]:
        """Return the rows of a report by period, see `SumsSource.by_period`.

        Of few sums they are added up as the ledger's are, one by one in the same order, so that
        every digit is the same; of many, by the database.
        """
        if self.totals.count(self._wanted(wanted.selection)) <= MOST_IN_ORDER:
            return rows_by_period(self, wanted)
        by = [PROJECT] if wanted.by_project else []
        if wanted.by_machine:
            by.insert(0, self._by)
        rows = spending_of(
            self.totals,
            self._wanted(wanted.selection),
            self._priced(wanted.selection.mode),
            by=by,
            grouping=PeriodGrouping(wanted.period, wanted.week_start),
        )
        if wanted.by_machine:
            rows.sort(key=lambda row: row.names[0].casefold())
        project = wanted.selection.project
        return [
            PeriodRow(
                day_from_number(day),
                spending,
                names[-1] if wanted.by_project else project,
                names[0] if wanted.by_machine else None,
            )
            for names, day, spending in rows
        ]

    def shares(self, of: str, selection: Selection, by: str = "") -> list[NameRow]:
        """Return each project, model, machine or person, with its usage but not its share.

        Args:
            of: `PROJECT`, `MODEL`, `MACHINE` or `PERSON`.
            selection: Which usage.
            by: What else separates them: another one, `MACHINE` or `PERSON`, or "".
        """
        which = self._wanted(selection)
        groups = (by, of) if by else (of,)
        rows = spending_of(self.totals, which, self._priced(selection.mode), by=groups)
        counts = self.totals.session_counts(which, groups, self._label_of)
        return [
            NameRow(names[-1], spending, 0.0, counts[names], names[0] if by else None)
            for names, _, spending in rows
        ]

    @cached_property
    def _steps(self) -> tuple[int, ...]:
        """When the price of a model in use changes."""
        models = self.totals.models()
        return self.prices.steps({self._aliases.get(name, name) for name in models})

    def _wanted(self, selection: Selection) -> TeamFilter:
        extent = self.extent()
        wanted = spans(selection.zone, *extent, selection.days)
        ever = spans(selection.zone, *extent)
        return TeamFilter(wanted, selection.project, self.machines, ever=ever)

    def _priced(self, mode: CostMode) -> ModelPrices:
        return ModelPrices(self.prices, mode, self._renamed, self._model)

    def _renamed(self, variant: ModelVariant) -> ModelVariant:
        return variant._replace(name=self._aliases.get(variant.name, variant.name))

    def _label_of(self, variant: ModelVariant) -> str:
        return self._renamed(variant).label

    def _part(self, label: str) -> TeamSource:
        part = TeamSource(
            self.totals,
            self.prices,
            aliases=self._aliases,
            model=self._model,
            machines=self.machines,
            by=self._by,
        )
        part._label = label  # it is of the same class
        part._found = self._found  # as above; a thousand parts ask once
        return part

    def _pieces(
        self, spans: Sequence[Span], *, by_day: bool, project: str | None, of: str
    ) -> list[UsageSlice]:
        key = (tuple(spans), by_day, project, of, self._label is None)
        if key not in self._found:
            by = [one for one in (of, "" if self._label is None else self._by) if one]
            found: Pieces = {}
            which = TeamFilter(spans, project, self.machines, self._steps)
            for piece in self.totals.pieces(which, by=by, by_day=by_day):
                found.setdefault(piece.label, []).append(piece.slice)
            self._found[key] = found
        return self._found[key].get(self._label or "", [])

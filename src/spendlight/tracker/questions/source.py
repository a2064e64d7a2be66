"""What questions are answered from: the ledger, the scope, and the prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from spendlight.metering.periods import Span, day_from_number, period_start, spans
from spendlight.metering.reports import PeriodRow
from spendlight.metering.slices import tallied
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from spendlight.ledger.sums.runs import Runs
    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.metering.periods import Period
    from spendlight.metering.pricing import CostMode, PricingTable
    from spendlight.metering.session_notes import SessionNotes
    from spendlight.metering.slices import AnyRuns, Spending
    from spendlight.metering.sums import UsageSlice
    from spendlight.tracker.questions.selection import Selection

MANY_SUMS: Final = 10_000
"""From this many on it pays to load the native library, which takes 10 ms."""


class PeriodRows(NamedTuple):
    """The rows of a report by day, week or month.

    Attributes:
        week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        by_project: A row for each project.
        by_machine: A row for each machine.
    """

    selection: Selection
    period: Period
    week_start: int
    by_project: bool
    by_machine: bool


class SumsSource(Protocol):
    """What questions about sums are answered from: the ledger's, or a team's."""

    @property
    def prices(self) -> PricingTable:
        """The prices in force."""

    def extent(self) -> tuple[int, int]:
        """Return the first and last moments that may have usage."""

    def parts(self, *, by_machine: bool) -> Sequence[tuple[str | None, SumsSource]]:
        """Return the source of each machine with its name, or a single one without a name."""

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
        find_logs: Finds the logs that are in the data folders now.
    """

    ledger: UsageLedger
    scope: Scope
    prices: PricingTable
    aliases: Mapping[str, str]
    model: str = ""
    find_logs: Callable[[], Iterable[LogFile]] = tuple

    def extent(self) -> tuple[int, int]:
        """Return the first and last moments that may have usage."""
        return self.ledger.extent(self.scope) or (0, -1)

    def everything(self) -> Span:
        """Return the span of all usage."""
        first, last = self.extent()
        return Span(first, last + 1, 0)

    def parts(self, *, by_machine: bool) -> list[tuple[str | None, Source]]:
        """Return the source of each machine with its name, or a single one without a name."""
        if not by_machine:
            return [(None, self)]
        return [(name, self._replace(scope=scope)) for name, scope in self.ledger.parts(self.scope)]

    def by_day_in_order(self, spans: Sequence[Span]) -> list[UsageSlice]:
        """Return sums by local day, see `LedgerReader.by_day_in_order`."""
        return self.ledger.by_day_in_order(self.scope, spans)

    def by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> list[UsageSlice]:
        """Return sums by session, see `LedgerReader.by_session`."""
        return self.ledger.by_session(self.scope, spans, by_day=by_day, project=project)

    def by_period(self, wanted: PeriodRows) -> list[PeriodRow]:
        """Return the rows of a report by period, those of one machine after the other."""
        return rows_by_period(self, wanted)

    def runs_by_day(self, spans: Sequence[Span]) -> Runs:
        """Return the same sums as `by_day_in_order`, to be added up."""
        return self.ledger.runs_by_day(self.scope, spans)

    def runs_by_session(
        self, spans: Sequence[Span], *, by_day: bool = False, project: str | None = None
    ) -> Runs:
        """Return the same sums as `by_session`, to be added up."""
        return self.ledger.runs_by_session(self.scope, spans, by_day=by_day, project=project)

    def session_notes(self, sessions: Collection[str] | None = None) -> SessionNotes:
        """Return titles and pull requests of sessions, see `LedgerReader.session_notes`."""
        return self.ledger.session_notes(self.scope, sessions)

    def of_all_models(self) -> Source:
        """Return the source of the same usage, of all models."""
        return self._replace(model="")

    def add_up(
        self, runs: AnyRuns, rows: Sequence[int], count: int, mode: CostMode
    ) -> list[Spending | None]:
        """Return the total of each row of a report, see `SumsSource.add_up`."""
        from spendlight.ledger.sums.runs import Runs  # the reader has loaded it

        is_selected = not (self.aliases or self.model)
        if isinstance(runs, Runs) and is_selected and sum(runs.counts) >= MANY_SUMS:
            from spendlight.logs.claude_code.native_totals import added_up  # slow to load

            found = added_up(runs, rows, count, prices=self.prices, mode=mode)
            if found is not None:
                return found
        return tallied(runs, rows, count, named=self.named, prices=self.prices, mode=mode)

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; only those of one model, if selected."""
        renamed = map(self._renamed, pieces) if self.aliases else iter(pieces)
        if not self.model:
            return renamed
        return (piece for piece in renamed if piece.variant.label == self.model)

    def _renamed(self, piece: UsageSlice) -> UsageSlice:
        name = self.aliases.get(piece.variant.name)
        return piece if name is None else piece._replace(variant=piece.variant._replace(name=name))


def rows_by_period(source: SumsSource, wanted: PeriodRows) -> list[PeriodRow]:
    """Return the rows of a report by period, those of one machine after the other."""
    selection = wanted.selection
    found: list[PeriodRow] = []
    for machine, part in source.parts(by_machine=wanted.by_machine):
        runs = _by_day(part, wanted)
        keys: dict[tuple[str, date], int] = {}
        starts: dict[int, date] = {}
        of_runs: list[int] = []
        for day, name in runs.keys:
            if day not in starts:
                starts[day] = period_start(day_from_number(day), wanted.period, wanted.week_start)
            key = (name.project if wanted.by_project else "", starts[day])
            of_runs.append(keys.setdefault(key, len(keys)))
        spent = part.add_up(runs, of_runs, len(keys), selection.mode)
        found += [
            PeriodRow(start, spending, project if wanted.by_project else selection.project, machine)
            for (project, start), spending in zip(keys, spent, strict=True)
            if spending is not None
        ]
    return found


def _by_day(source: SumsSource, wanted: PeriodRows) -> AnyRuns:
    """Return the sums of a report by day, in the order in which ccusage would find them."""
    selection = wanted.selection
    when = spans(selection.zone, *source.extent(), selection.days)
    if selection.project is None and not wanted.by_project:
        return source.runs_by_day(when)
    return source.runs_by_session(when, by_day=True, project=selection.project)

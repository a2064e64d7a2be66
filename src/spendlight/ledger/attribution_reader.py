"""The part of the reader of a ledger that tells the circumstances of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spendlight.ledger.checking import translated_errors
from spendlight.ledger.notes_reader import NotesReader
from spendlight.ledger.opening import reading
from spendlight.ledger.sums.buckets import context_thresholds_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spendlight.ledger.attributed_sums import AttributedReading, AttributedSums, Key
    from spendlight.ledger.attributions import Names
    from spendlight.ledger.machines import Scope
    from spendlight.ledger.sums.runs import Runs
    from spendlight.ledger.sums.slicing import Row, Slicer
    from spendlight.metering.attribution import Attribution, Tools
    from spendlight.metering.dimensions import Circumstances
    from spendlight.metering.periods import Span
    from spendlight.metering.sums import UsageSlice


class AttributionReader(NotesReader):
    """Tells the circumstances of answers, one by one or summed up."""

    _slicer: Slicer
    _names: Names | None = None

    def attributed_answers(
        self, scope: Scope, span: Span, *, session: str | None = None
    ) -> Iterator[tuple[UsageSlice, Attribution, Tools | None]]:
        """Yield answers with their attributions and tools, in no order; see `answers`."""
        for piece, one, tools in self.answers_with_circumstances(scope, span, session=session):
            yield piece, one.attribution, tools

    def answers_with_circumstances(
        self, scope: Scope, span: Span, *, session: str | None = None
    ) -> Iterator[tuple[UsageSlice, Circumstances, Tools | None]]:
        """Yield answers with their circumstances and tools, in no order; see `answers`."""
        from spendlight.ledger.attributions import attributed  # few reports need it

        with translated_errors(self._path), reading(self._db):
            given = (self._slicer, context_thresholds_in(self._db), scope, span, session)
            yield from attributed(self._db, *given)

    def attributed_rows(self, scope: Scope, asked: AttributedSums) -> dict[Key, list[Row]]:
        """Return sums of answers by labels of their circumstances and by session.

        Args:
            scope: Which roots.
            asked: Which sums.

        Returns:
            Rows for `attributed_runs`, by label; their group is the index of the range.
        """
        with translated_errors(self._path), reading(self._db):
            return self._attributed(scope).rows(asked)

    def attributed_totals(self, scope: Scope, asked: AttributedSums) -> tuple[list[Key], Runs]:
        """Return sums of answers by labels of their circumstances: a run for each range and labels.

        Args:
            scope: Which roots.
            asked: Which sums.

        Returns:
            The labels of each run, and the runs, whose group is the index of the range.
        """
        with translated_errors(self._path), reading(self._db):
            return self._attributed(scope).runs(asked)

    def _attributed(self, scope: Scope) -> AttributedReading:
        """Return what sums are made from. Names are kept from one question to the next."""
        from spendlight.ledger.attributed_sums import AttributedReading  # few reports need it
        from spendlight.ledger.attributions import Names

        if self._names is None:
            self._names = Names(self._db)
        self._names.renew()
        thresholds = context_thresholds_in(self._db)
        return AttributedReading(self._db, self._slicer, self._names, scope, thresholds)

    def attributed_runs(self, rows: Sequence[Row]) -> Runs:
        """Return rows by session, in the order of the logs."""
        from spendlight.ledger.sums.runs import Runs, in_order_of_logs  # as above

        with translated_errors(self._path):
            names = self._slicer.sessions({row[1] for row in rows})
            runs = in_order_of_logs(self._db, (), rows, names)
            return Runs(runs, self._slicer, context_thresholds_in(self._db))

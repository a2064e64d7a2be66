"""What questions are answered from: the ledger, the scope, and the prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from spendlight.metering.periods import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from spendlight.ledger.usage_ledger import Scope, UsageLedger
    from spendlight.logs.discovery import LogFile
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.sums import UsageSlice


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

    def of_all_models(self) -> Source:
        """Return the source of the same usage, of all models."""
        return self._replace(model="")

    def named(self, pieces: Iterable[UsageSlice]) -> Iterator[UsageSlice]:
        """Yield slices with their models renamed; only those of one model, if selected."""
        renamed = map(self._renamed, pieces) if self.aliases else iter(pieces)
        if not self.model:
            return renamed
        return (piece for piece in renamed if piece.variant.label == self.model)

    def _renamed(self, piece: UsageSlice) -> UsageSlice:
        name = self.aliases.get(piece.variant.name)
        return piece if name is None else piece._replace(variant=piece.variant._replace(name=name))

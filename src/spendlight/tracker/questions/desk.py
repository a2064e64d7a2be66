"""Answers questions from the ledger in use, about the selected folders and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from spendlight.tracker.machines import scope_in_effect
from spendlight.tracker.questions.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from spendlight.logs.discovery import LogFile
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.questions.question import Question
    from spendlight.tracker.reading import LogReader
    from spendlight.tracker.safekeeping import LedgerKeeper

Answer = TypeVar("Answer")


class QuestionDesk:
    """Answers questions from the ledger and the prices in force. Thread-safe.

    Args:
        options: Which folders are selected, and the user's aliases of models.
        keeper: Keeps the ledger in use.
        reader: Knows the folders, and fills a ledger that replaced another one.
        prices: The prices to use.

    Attributes:
        aliases: Other names by which models are shown and priced.
    """

    def __init__(
        self,
        options: TrackerOptions,
        keeper: LedgerKeeper,
        reader: LogReader,
        prices: PricesInForce,
    ) -> None:
        self._options = options
        self._keeper = keeper
        self._reader = reader
        self._prices = prices
        self.aliases: Mapping[str, str] = {}
        if aliases := options.environment.get("CCUSAGE_MODEL_ALIASES"):
            from spendlight.metering.model_names import parse_aliases  # rarely needed

            self.aliases = parse_aliases(aliases)

    def ask(self, question: Question[Answer]) -> Answer:
        """Return the answer to a question.

        Raises:
            UnknownMachineError: If it is about a machine that is not known.
            LedgerError: If no ledger can be used.
        """
        selection = question.selection
        return self.read(
            lambda source: question.answer(
                source._replace(
                    model=selection.model, where=selection.where, is_fast=selection.is_fast
                )
            ),
            selection.machines,
            selection.agents,
        )

    def read(
        self,
        look: Callable[[Source], Answer],
        machines: Collection[str] = (),
        agents: Collection[str] = (),
    ) -> Answer:
        """Return what a function computes from the usage of some machines, or of all.

        Args:
            look: The function; called again if the ledger turns out to be damaged and is replaced.
            machines: Only these, by name.
            agents: Only usage of these agents, by their names in the ledger.

        Raises:
            UnknownMachineError: If one of them is not known.
            LedgerError: If no ledger can be used.
        """

        def found() -> Answer:
            with self._keeper.open() as ledger:
                scope = scope_in_effect(
                    ledger,
                    self._options.environment,
                    self._reader.roots,
                    with_vms=self._options.with_vms,
                    machines=machines,
                    agents=agents,
                )
                prices = self._prices.table
                return look(Source(ledger, scope, prices, self.aliases, find_logs=self._find_logs))

        return self._keeper.use(found, self._reader.refill)

    def _find_logs(self) -> Iterable[LogFile]:
        return self._reader.discover().files

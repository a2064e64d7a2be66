"""The prices in force, and how newer ones replace them."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight import paths
from spendlight.errors import LedgerBusyError
from spendlight.logs.agents import models_of
from spendlight.metering.periods import to_utc
from spendlight.pricelist.loading import load_prices
from spendlight.tracker.options import UnreadableOverridesError, price_overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.agent import LogRoot
    from spendlight.metering.pricing import PricingTable
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.safekeeping import LedgerKeeper


class PricesInForce:
    """Keeps the prices in force, and newer ones until they can be used. Thread-safe.

    Args:
        options: Which list to use, and whether the network may be used.
        keeper: Keeps the ledger whose sums must be separated by context thresholds.
        table: The prices at the start, as `load_table` returns them.

    Attributes:
        table: The prices in force.
    """

    def __init__(self, options: TrackerOptions, keeper: LedgerKeeper, table: PricingTable) -> None:
        self._options = options
        self._keeper = keeper
        self.table = table
        self._newer: PricingTable | None = None
        self._aliased = aliased_models(options)
        self._pass = threading.Lock()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Keep the same prices during a pass; newer ones come into force at its end.

        A pass adds to sums that are separated as when it began.
        """
        with self._pass:
            yield
        self._adopt()

    def refresh(self, roots: Iterable[LogRoot]) -> str | None:
        """Renew the price list from the network if that is due; never raises for the network.

        If sums must be split for the new prices first, and cannot be now, the prices come into
        force at the end of the next pass.

        Args:
            roots: The data folders in effect, as at the start.

        Returns:
            What went wrong, or None.
        """
        if self._options.is_offline:
            return None
        from spendlight.pricelist import renewing  # reports use the list they have

        outcome = renewing.refresh_prices(
            _cache_dir(self._options), now=datetime.now(UTC), apart=self._options.renew_prices
        )
        if outcome.status is renewing.RefreshStatus.UPDATED:
            self._newer = load_table(self._options, roots)
            self._adopt()
        return outcome.reason or None

    def split_sums(self, ledger: UsageLedger, agents: Iterable[str] = ()) -> None:
        """Make sure that sums are separated where the price of one of their models changes.

        Args:
            ledger: The ledger.
            agents: The names of agents whose logs will be read.
        """
        self._split_sums(ledger, self.table, agents)

    def _adopt(self) -> None:
        """Put newer prices in force, once sums are separated by their context thresholds."""
        newer = self._newer
        if newer is None or not self._pass.acquire(blocking=False):
            return
        try:
            if os.path.exists(self._keeper.path):  # noqa: PTH110  # pathlib raises in closed folders
                self._keeper.use(lambda: self._split_sums_for(newer))
            self.table, self._newer = newer, None
        except LedgerBusyError:
            return  # there will be another pass
        finally:
            self._pass.release()

    def _split_sums_for(self, newer: PricingTable) -> None:
        with self._keeper.open() as ledger:
            self._split_sums(ledger, newer)

    def _split_sums(
        self, ledger: UsageLedger, table: PricingTable, agents: Iterable[str] = ()
    ) -> None:
        expected = models_of({*agents, *(root.agent for root in ledger.roots())})
        used = ledger.models_met() | self._aliased
        models = used | expected
        ledger.use_context_thresholds(table.thresholds(models))
        steps = table.steps(models)
        ledger.use_price_steps(steps)
        if steps:
            table.source = table.source._replace(by_date=tuple(_last_steps(table, used)))


def _last_steps(table: PricingTable, models: Iterable[str]) -> Iterator[tuple[str, date]]:
    """Yield the models whose price has changed, each with the last day on which it did."""
    for model in sorted(models):
        if steps := table.steps([model]):
            yield model, to_utc(steps[-1]).date()


def load_table(options: TrackerOptions, roots: Iterable[LogRoot]) -> PricingTable:
    """Return the prices to use.

    Args:
        options: Which list to use, and whether the network may be used.
        roots: Data folders, each of which may contain the user's own prices.

    Raises:
        PriceListError: If the price list named cannot be used.
        BadArgumentError: If the configuration named cannot be read.
    """
    overrides: Mapping[str, object] = {}
    unread: tuple[tuple[str, str], ...] = ()
    try:
        overrides = price_overrides(options, roots)
    except UnreadableOverridesError as error:
        unread = ((str(error.path), str(error)),)
    table = load_prices(
        file=options.prices_file,
        cache_dir=_cache_dir(options),
        is_offline=options.is_offline,
        overrides=overrides,
    )
    if unread:
        table.source = table.source._replace(refused=unread)
    return table


def aliased_models(options: TrackerOptions) -> frozenset[str]:
    """Return the models for which the user has other names."""
    aliases = options.environment.get("CCUSAGE_MODEL_ALIASES")
    if not aliases:
        return frozenset()
    from spendlight.metering.model_names import parse_aliases  # rarely needed

    return frozenset(parse_aliases(aliases).values())


def _cache_dir(options: TrackerOptions) -> Path:
    if options.data_dir:
        return options.data_dir / "cache"
    return paths.cache_dir(options.environment)

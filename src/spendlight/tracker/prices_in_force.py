"""Which prices count now, and how newer ones take their place."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spendlight import paths
from spendlight.errors import LedgerBusyError
from spendlight.pricelist.loading import load_prices
from spendlight.tracker.options import UnreadableOverridesError, price_overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.agent import LogRoot
    from spendlight.metering.pricing import PricingTable
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.safekeeping import LedgerKeeper


class PricesInForce:
    """Keeps the prices that count, and newer ones until these can. Any thread may ask for either.

    Args:
        options: Which list is meant, and whether the network may be asked.
        keeper: Keeps the ledger whose sums must be apart where a price changes with the context.
        roots: Data folders, each of which may hold prices of the user's own.

    Attributes:
        table: The prices in force.

    Raises:
        PriceListError: If the price list named cannot be used.
        BadArgumentError: If the configuration named cannot be read.
    """

    def __init__(
        self, options: TrackerOptions, keeper: LedgerKeeper, roots: Iterable[LogRoot]
    ) -> None:
        self._options = options
        self._keeper = keeper
        self._cache_dir = (
            options.data_dir / "cache" if options.data_dir else paths.cache_dir(options.environment)
        )
        self.table = self._load(roots)
        self._newer: PricingTable | None = None
        self._aliased: frozenset[str] = frozenset()
        if aliases := options.environment.get("CCUSAGE_MODEL_ALIASES"):
            from spendlight.metering.model_names import parse_aliases  # few have names of their own

            self._aliased = frozenset(parse_aliases(aliases).values())
        self._pass = threading.Lock()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Let no newer prices come in force during a pass; those that wait for its end do then.

        A pass adds to the sums as they were when it began.
        """
        with self._pass:
            yield
        self._adopt()

    def refresh(self, roots: Iterable[LogRoot]) -> str | None:
        """Renew the price list from the network if that is due; never raises for the network.

        Where sums must be split for the new prices first and cannot be now, they are in force from
        the end of the next pass on.

        Args:
            roots: The data folders in effect, as at the start.

        Returns:
            What went wrong, or None.
        """
        if self._options.is_offline:
            return None
        from spendlight.pricelist import renewing  # a report takes the list at hand

        outcome = renewing.refresh_prices(
            self._cache_dir, now=datetime.now(UTC), apart=self._options.renew_prices
        )
        if outcome.status is renewing.RefreshStatus.UPDATED:
            self._newer = self._load(roots)
            self._adopt()
        return outcome.reason or None

    def split_sums(self, ledger: UsageLedger) -> None:
        """Make sure that sums are apart where the price of a model in them changes."""
        self._split_sums(ledger, self.table)

    def _load(self, roots: Iterable[LogRoot]) -> PricingTable:
        overrides: Mapping[str, object] = {}
        unread: tuple[tuple[str, str], ...] = ()
        try:
            overrides = price_overrides(self._options, roots)
        except UnreadableOverridesError as error:
            unread = ((str(error.path), str(error)),)
        table = load_prices(
            file=self._options.prices_file,
            cache_dir=self._cache_dir,
            is_offline=self._options.is_offline,
            overrides=overrides,
        )
        if unread:
            table.source = table.source._replace(refused=unread)
        return table

    def _adopt(self) -> None:
        """Put newer prices in force, once sums are apart where these change with the context."""
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

    def _split_sums(self, ledger: UsageLedger, table: PricingTable) -> None:
        ledger.use_context_thresholds(table.thresholds(ledger.models_met() | self._aliased))

"""Begins to list the logs, or the first reading of all of them, before the ledger is there.

All logs are new to a ledger that does not exist yet, so what is to be read is known without it. The
native reader reads it in threads, without the GIL, while the modules of the ledger are loaded and
its file is made, which takes a tenth of a second. Nothing is written by that: the pass that follows
compares its own plan with this one (`read_jobs.to_read`), and uses what has been read only if they
are the same. Otherwise, as when another process has made a ledger meanwhile, it reads as usual.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight import paths
from spendlight.logs.native_walk import Listings
from spendlight.tracker.data_folders import as_known, roots_in_effect
from spendlight.tracker.garbage import rare_collections
from spendlight.tracker.prices_in_force import aliased_models, load_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.logs.agent import LogRoot
    from spendlight.logs.discovery import Discovery
    from spendlight.logs.jobs import ReadJob
    from spendlight.logs.parsed import Parsed, ParsedRange
    from spendlight.metering.pricing import PricingTable
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.parsing_threads import Reading
    from spendlight.tracker.read_jobs import FirstJobs


class EarlyReading:
    """A reading of all logs that is under way.

    Args:
        reading: The threads that do it.

    Attributes:
        roots: The data folders in effect.
        known_roots: The same as an empty ledger knows them.
        prices: The prices to use.
        discovery: The logs in these folders.
        expected: What is read.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # all that the pass would find out again
        self,
        roots: list[LogRoot],
        known_roots: list[LogRoot],
        prices: PricingTable,
        discovery: Discovery,
        expected: FirstJobs,
        reading: Reading,
    ) -> None:
        self.roots = roots
        self.known_roots = known_roots
        self.prices = prices
        self.discovery = discovery
        self.expected = expected
        self._reading = reading

    def results(
        self, _function: Callable[[ReadJob], ParsedRange], _jobs: Sequence[ReadJob], /
    ) -> Iterator[Parsed]:
        """Yield what is in the logs; a `ParseMap` for the same jobs.

        Raises:
            Exception: The first exception raised by a thread.
        """
        return self._reading.results()

    def end(self) -> None:
        """Wait until no thread reads any more. Nothing happens if it has ended already."""
        self._reading.end()


def begin_reading(options: TrackerOptions) -> EarlyReading | None:
    """Begin to read all logs, if there is no ledger yet, and if it takes less time that way.

    Raises:
        PriceListError: If the price list named cannot be used.
        BadArgumentError: If the configuration named cannot be read.
    """
    ledger = paths.ledger_path(options.ledger_folder)
    is_spread = options.has_threads and options.parse_map is None
    if not is_spread or os.path.lexists(ledger):
        return None
    from spendlight.logs.agents import JobParser, models_of  # most commands find a ledger
    from spendlight.logs.claude_code.native import NATIVE  # as above
    from spendlight.logs.discovery import discover
    from spendlight.tracker.parsing_threads import ThreadMap
    from spendlight.tracker.read_jobs import first_jobs

    if NATIVE.library is None:  # the Python reader would hold the GIL
        return None
    roots = roots_in_effect(options)
    prices = load_table(options, roots)
    known_roots = as_known(roots, ())
    with rare_collections():
        discovery = discover(known_roots)
        agents = {file.root.agent.name for file in discovery.files}
        thresholds = prices.thresholds(aliased_models(options) | models_of(agents))
        expected = first_jobs(discovery.files, thresholds)
    reading = ThreadMap().begin(JobParser(expected.jobs), expected.jobs)
    if reading is None:
        return None
    return EarlyReading(roots, known_roots, prices, discovery, expected, reading)


def begin_listing(options: TrackerOptions) -> Listings | None:
    """Begin to list the data folders in a thread, while the modules of the ledger are loaded."""
    if not options.has_threads:
        return None
    listings = Listings()
    listings.begin(
        [
            (folder, source.names)
            for root in roots_in_effect(options)
            for folder, source in root.sources
        ]
    )
    return listings

"""Reads the logs into the ledger in use: where they are, what is new in them, and what failed."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from spendlight.logs.claude_code.agent import of_claude_code
from spendlight.logs.discovery import discover, look_at
from spendlight.logs.native_walk import listing
from spendlight.metering.periods import DAY_MS, day_from_number, spans, to_ms
from spendlight.metering.slices import SLOT_MS
from spendlight.tracker.block_files import take_in_block_files
from spendlight.tracker.data_folders import as_known, roots_in_effect
from spendlight.tracker.garbage import rare_collections
from spendlight.tracker.machines import know_machine
from spendlight.tracker.read_jobs import ToRead, changed, known_marks, to_read
from spendlight.tracker.refresh import read_new
from spendlight.tracker.snapshot import LogsRead

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, tzinfo

    from spendlight.ledger.batches import FileMark
    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.logs.agent import LogRoot
    from spendlight.logs.discovery import Discovery, LogFile
    from spendlight.logs.native_walk import Listings
    from spendlight.tracker.early_reading import EarlyReading
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.parsing_threads import ParseMap
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.refresh import PassResult
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.snapshot import ScanProgress

_Found = TypeVar("_Found")


class LogReader:
    """Reads what is new in the logs, pass by pass.

    One thread at a time may read; any other may fill a ledger that replaced another one meanwhile.

    Args:
        options: Which logs to read, and how the work is distributed.
        keeper: Keeps the ledger that is written.
        prices: Decide how its sums are separated.
        roots: The data folders in effect at the start.
        early: The reading of logs that has begun already, if any.
        listings: Lists the data folders, and may have begun with it.

    Attributes:
        roots: The data folders, as found by the last pass over everything.
        failures: Files that could not be read in the last pass, and why.
        links: Links that lead to logs elsewhere, as that pass found them.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what a tracker shares with it
        self,
        options: TrackerOptions,
        keeper: LedgerKeeper,
        prices: PricesInForce,
        roots: list[LogRoot],
        early: EarlyReading | None = None,
        listings: Listings | None = None,
    ) -> None:
        self._options = options
        self._keeper = keeper
        self._prices = prices
        self.roots = roots
        self._early = early
        self._list_folder = listing if listings is None else listings.take
        self.failures: list[tuple[str, str]] = []
        self.links: tuple[str, ...] = ()
        self._closed_folders = 0
        self._is_caught_up = False
        self._was_there = False
        self._is_to_be_filled = False

    @property
    def unreadable_paths(self) -> int:
        """How many folders and files could not be read the last time."""
        return self._closed_folders + len(self.failures)

    def discover(self) -> Discovery:
        """Return the logs that are in the data folders now."""
        return discover(self.roots, self._list_folder)

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str] | None]:
        """Block until logs have changed, and yield which; None if any may have."""
        from spendlight.logs.watcher import watch_logs  # only for long-lived processes

        return watch_logs(self.roots, stop)

    def read(
        self,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
        only: Collection[str] | None = None,
        *,
        backs_up: bool,
    ) -> LogsRead:
        """Read what is new in the logs and write it into the ledger; see `UsageTracker.read_logs`.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
        """
        is_other = self._keeper.come_back(lambda ledger: self._fill(ledger, stop, on_progress))
        if is_other:
            self._is_caught_up = False
        if not self._is_caught_up:
            only = None
        self._is_caught_up = False
        generation = self._keeper.generation
        with self._prices.unchanged():
            with rare_collections():
                done = self._keeper.use(lambda: self._pass(only, stop, on_progress))
            if backs_up:
                self.back_up()
        self.failures = done.failures
        is_same_ledger = self._keeper.generation == generation
        if only is not None and not is_same_ledger:
            return self.read(stop, on_progress, backs_up=backs_up)  # another ledger, so start again
        self._is_caught_up = done.is_complete and not done.failures and is_same_ledger
        if done.is_complete:
            is_other |= self._keeper.use(self._keeper.take_in_leftovers)
        days = _days(done.slots, self._options.time_zone)
        if is_other:  # its new days are unknown
            days |= {datetime.now(self._options.time_zone).date()}
        return LogsRead(days, done.new_answers, done.problems, done.is_complete)

    def back_up(self, *, is_awaited: bool = True) -> None:
        """Back up the ledger if that is due; one just made from the logs needs no backup yet.

        Args:
            is_awaited: Whether it is made when this returns; see `LedgerKeeper.back_up`.

        Raises:
            LedgerBusyError: If it turns out to be damaged, and another process keeps it locked.
        """
        if self._was_there:
            self._keeper.use(lambda: self._keeper.back_up(is_awaited=is_awaited), self.refill)

    def fill_in(self, *, is_awaited: bool = True) -> None:
        """Fill in what earlier versions did not keep, if the last pass found that it is lacking.

        Args:
            is_awaited: Whether to do some of it here rather than all of it in another process.
        """
        if self._is_to_be_filled and not self._keeper.is_temporary:
            from spendlight.errands import leave_behind  # once after an upgrade
            from spendlight.tracker.filling_in import fill_in  # as above

            fill_in(self._keeper.path, None if is_awaited else leave_behind)

    def index_answers(self) -> None:
        """Index the answers in the ledger, if many are not indexed yet."""

        def index() -> None:
            with self._keeper.open() as ledger:
                ledger.index_answers()

        self._keeper.use(index, self.refill)

    def refill(self) -> None:
        """Read what the ledger in use does not know yet, if it has replaced another one."""
        with self._keeper.open() as ledger:
            self.read_into(ledger)

    def read_into(
        self, ledger: UsageLedger, on_progress: Callable[[ScanProgress], None] | None = None
    ) -> PassResult:
        """Read everything in the existing logs that a ledger does not know yet.

        It uses the same names of folders as the ledger in use.
        """
        with self._keeper.open() as known:
            roots = as_known(roots_in_effect(self._options), known.roots())
            first_names = {
                name: mark.first_name for name, mark in known.marks().items() if mark.first_name
            }
        return self._read(ledger, discover(roots), None, on_progress, first_names)

    def _fill(
        self,
        ledger: UsageLedger,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
    ) -> bool:
        """Read into the user's ledger before it is used again; return whether all was read."""
        roots = as_known(roots_in_effect(self._options), ledger.roots())
        self.roots = roots  # to detect known ones that have moved
        return self._read(ledger, discover(roots), stop, on_progress).is_complete

    def _pass(
        self,
        only: Collection[str] | None,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
    ) -> PassResult:
        self._was_there = os.path.exists(self._keeper.path)  # noqa: PTH110  # see `PricesInForce`
        generation = self._keeper.generation
        with self._keeper.open() as ledger:
            known = ledger.roots()
            if only is None and self._early is not None and not known:
                self.roots, discovery = self._early.known_roots, self._early.discovery
            elif only is None:
                self.roots = as_known(roots_in_effect(self._options), known)
                discovery = self.discover()
            else:
                discovery = look_at(self.roots, only)
            if only is None:
                self._closed_folders = len(discovery.unreadable)
                self.links = discovery.links
            done = self._read(ledger, discovery, stop, on_progress)
            today = time.time_ns() // 1_000_000 // DAY_MS
            self._is_to_be_filled = ledger.is_to_be_filled(today)
            if done.is_complete and ledger.folders_to_find(today, 1):
                from spendlight.tracker.repositories import find_some  # rarely needed

                find_some(ledger, today)
                self._is_to_be_filled |= bool(ledger.folders_to_find(today, 1))
        if done.is_complete and only is None:
            self._keeper.tell_filled(generation)
        return done

    def _read(
        self,
        ledger: UsageLedger,
        discovery: Discovery,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
        first_names: Mapping[str, str] = MappingProxyType({}),
    ) -> PassResult:
        early, self._early = self._early, None
        know_machine(ledger, self._options.environment)
        agents = {file.root.agent.name for file in discovery.files}
        self._prices.split_sums(ledger, agents)
        files, marks, moved = self._follow(ledger, discovery)
        described = take_in_block_files(ledger, of_claude_code(self.roots))
        expected = early.expected if early is not None else None
        what = to_read(ledger, files, marks, first_names, expected) if files else ToRead()
        done = read_new(
            ledger,
            files,
            what,
            self._spread(what, early) if what.jobs else map,
            stop=stop,
            on_progress=on_progress,
        )
        done.slots |= described.slots | moved
        done.new_answers += described.new_answers
        if done.new_answers:
            self._prices.split_sums(ledger, agents)  # for new models
        if done.is_complete and self._options.keeps_days:
            meanwhile = _done_meanwhile if self._options.has_threads else None
            ledger.keep_days(self._options.time_zone, meanwhile)
        words = self._prices.table.source.words
        if ledger.price_list() != words:
            now_ms = to_ms(datetime.now(UTC))
            ledger.note_price_list(self._prices.table.fingerprint, words, now_ms)
        return done

    def _follow(
        self, ledger: UsageLedger, discovery: Discovery
    ) -> tuple[Sequence[LogFile], dict[str, FileMark], set[int]]:
        """Update the ledger for logs that were moved.

        Returns:
            The files that may have changed, the marks of known ones, and the slots whose sums
            changed.
        """
        files = changed(ledger, discovery.files)
        marks: dict[str, FileMark] = {}
        slots: set[int] = set()
        met: set[str] = set()
        while files:
            marks = known_marks(ledger, files)
            if not ledger.roots():  # as in a first scan
                break
            new = [file for file in files if file.name not in marks]
            names = {file.name for file in new}
            if names <= met:
                break
            met |= names
            from spendlight.tracker.following import follow_moved  # new logs are rare

            moved = follow_moved(ledger.path, ledger.context_thresholds, new, discovery, self.roots)
            if moved is None:
                break
            slots |= moved  # another file may be at the old path now, so check again
            files = changed(ledger, discovery.files)
        return files, marks, slots

    def _spread(self, what: ToRead, early: EarlyReading | None) -> ParseMap:
        if early is not None and what.jobs is early.expected.jobs:
            return early.results
        if early is not None:  # another process was faster, or has other prices
            early.end()
        if self._options.parse_map is not None:
            return self._options.parse_map
        if not self._options.has_threads:
            return map
        from spendlight.tracker.parsing_threads import ThreadMap

        return ThreadMap()


def _done_meanwhile(
    function: Callable[[], _Found],
) -> AbstractContextManager[Callable[[], _Found]]:
    from spendlight.tracker.meanwhile import done_meanwhile  # only after a first scan

    return done_meanwhile(function)


def _days(slots: set[int], zone: tzinfo) -> frozenset[date]:
    """Return the local days of some slots."""
    if not slots:
        return frozenset()
    first, last = min(slots) * SLOT_MS, (max(slots) + 1) * SLOT_MS
    days: set[date] = set()
    for span in spans(zone, first, last):
        low, high = span.start_ms // SLOT_MS, span.end_ms // SLOT_MS
        days |= {
            day_from_number((slot * SLOT_MS + span.offset_ms) // DAY_MS)
            for slot in slots
            if low <= slot <= high
        }
    return frozenset(days)

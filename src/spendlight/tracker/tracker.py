"""The only interface of the faces to everything below them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from spendlight import paths
from spendlight.errors import NoClaudeFoundError
from spendlight.tracker.current import CurrentUsage
from spendlight.tracker.data_folders import (
    as_known,
    folder_notes,
    lacks_data,
    roots_in_effect,
)
from spendlight.tracker.machines import imported_in
from spendlight.tracker.options import FOLDERS_VARIABLE, TrackerOptions, override_file
from spendlight.tracker.prices_in_force import PricesInForce, load_table
from spendlight.tracker.questions.desk import QuestionDesk
from spendlight.tracker.reading import LogReader
from spendlight.tracker.safekeeping import LedgerKeeper
from spendlight.tracker.snapshot import LogsRead, Refreshed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from spendlight.errors import UsageError
    from spendlight.logs.native_walk import Listings
    from spendlight.metering.budgets import AlertPolicy, AlertRecord, Budget
    from spendlight.metering.plan import PlanReading
    from spendlight.metering.pricing import PricingTable
    from spendlight.tracker.data_folders import FolderNotes
    from spendlight.tracker.early_reading import EarlyReading
    from spendlight.tracker.exporting import EntryExport
    from spendlight.tracker.health import HealthReport
    from spendlight.tracker.importing import ImportOutcome
    from spendlight.tracker.profile import FileFilter, FolderProfile, SurveyProgress
    from spendlight.tracker.questions.question import Question
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.snapshot import ScanProgress, UsageSnapshot
    from spendlight.tracker.team.team import Team
    from spendlight.tracker.verify import Verification

__all__ = ["TrackerOptions", "UsageTracker"]

Answer = TypeVar("Answer")


class UsageTracker:
    """Reads logs into the ledger and answers questions from it.

    One thread at a time may refresh; any thread may ask questions meanwhile. A damaged ledger is
    restored from its last backup; if the ledger cannot be used, everything is counted in a
    temporary one instead. `warnings` says so.

    Args:
        options: Where logs are, where to keep data, and how to count.
        early: The reading of logs that has begun already, if any; see `early_reading`.
        listings: The listing of data folders that has begun already, if any; likewise.
    """

    def __init__(
        self,
        options: TrackerOptions,
        early: EarlyReading | None = None,
        listings: Listings | None = None,
    ) -> None:
        self._options = options
        path = paths.ledger_path(options.ledger_folder)
        keeper = LedgerKeeper(path, stays_open=options.is_long_lived)
        roots = roots_in_effect(options) if early is None else early.roots
        table = load_table(options, roots) if early is None else early.prices
        prices = PricesInForce(options, keeper, table)
        reader = LogReader(options, keeper, prices, roots, early, listings)
        desk = QuestionDesk(options, keeper, reader, prices)
        self._keeper, self._prices, self._reader, self._desk = keeper, prices, reader, desk
        self._current = CurrentUsage(options, keeper, reader, prices, desk)

    @classmethod
    def open(cls, options: TrackerOptions) -> UsageTracker:
        """Return a tracker; nothing is read yet.

        Raises:
            PriceListError: If the price list named cannot be used.
            BadArgumentError: If the configuration named cannot be read.
        """
        return cls(options)

    def close(self) -> None:
        """Close all files that stay open between questions; it may still be asked."""
        self._keeper.close()

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """What the user should be told about the ledger and the time zone."""
        doubt = self._options.zone_doubt
        return self._keeper.warnings if doubt is None else (doubt, *self._keeper.warnings)

    @property
    def time_zone(self) -> tzinfo:
        """The time zone in effect; if none was chosen, the computer's, which may change."""
        return self._options.time_zone

    @property
    def prices(self) -> PricingTable:
        """The prices in force."""
        return self._prices.table

    @property
    def unreadable_paths(self) -> int:
        """How many folders and files could not be read the last time."""
        return self._reader.unreadable_paths

    def unread_lines(self) -> int:
        """Return how many lines should have been an answer and could not be read."""
        return self._desk.read(lambda source: source.ledger.unread_lines(source.scope))

    def read_logs(
        self,
        stop: threading.Event | None = None,
        on_progress: Callable[[ScanProgress], None] | None = None,
        only: Collection[str] | None = None,
        *,
        backs_up: bool = True,
    ) -> LogsRead:
        """Read what is new in the logs and write it into the ledger.

        Args:
            stop: Ends it early when set; what was read until then is kept.
            on_progress: Called after every file.
            only: The files that may have changed, according to `changes`, since all were checked.
                By default, and after a pass that left something unread, all are checked.
            backs_up: Whether to back up the ledger after it, if that is due; if not, `back_up`
                must be called.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
        """
        return self._reader.read(stop, on_progress, only, backs_up=backs_up)

    def back_up(self, *, is_awaited: bool = True) -> None:
        """Back up the ledger if that is due; one just made from the logs needs no backup yet.

        Args:
            is_awaited: Whether it is made when this returns; if not, and if it takes long, a
                process that nobody waits for makes it.

        Raises:
            LedgerBusyError: If it turns out to be damaged, and another process keeps it locked.
        """
        self._reader.back_up(is_awaited=is_awaited)
        self._reader.fill_in(is_awaited=is_awaited)

    def get_ready(self) -> None:
        """Do what the next new answer would have to wait for: load modules, index the archive."""
        from spendlight.ledger import recording  # noqa: F401  # loaded, and used by others
        from spendlight.logs.claude_code import native_settling, parser  # noqa: F401  # as above

        self._reader.index_answers()

    def refresh(
        self,
        stop: threading.Event | None = None,
        on_progress: Callable[[ScanProgress], None] | None = None,
        only: Collection[str] | None = None,
    ) -> Refreshed:
        """Read what is new like `read_logs`, and return a snapshot of current usage.

        Its alerts are returned to this caller only.
        """
        backs_up = not self._options.is_long_lived
        read = self.read_logs(stop, on_progress, only, backs_up=backs_up)
        snapshot, alerts = self._current.look(is_whole=read.is_complete)
        return Refreshed(*read, snapshot, alerts)

    def snapshot(
        self, now: datetime | None = None, *, with_plan: bool = True, agents: tuple[str, ...] = ()
    ) -> UsageSnapshot:
        """Return a snapshot of the usage now or at another moment, see `CurrentUsage.snapshot`."""
        return self._current.snapshot(now or datetime.now(UTC), with_plan=with_plan, agents=agents)

    def plan_limits(self, now: datetime) -> tuple[PlanReading, ...]:
        """Return what Claude Code last reported about the plan limits, if it is still valid."""
        return self._current.plan_limits(now)

    def plan_folder(self) -> Path:
        """Return the folder that changes when Claude Code reports new plan limits.

        Raises:
            PlanFolderError: If it does not exist and cannot be created.
        """
        from spendlight.tracker.plan_notes import watched_folder  # only the desktop watches it

        return watched_folder(self._options)

    def use_budgets(
        self, budgets: Iterable[Budget], policy: AlertPolicy, week_start: int = 6
    ) -> None:
        """Check the usage against budgets from now on, at each refresh.

        Args:
            budgets: Budgets and alert rules; none ends it.
            policy: When alerts may be shown.
            week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        """
        self._current.use_budgets(budgets, policy, week_start)

    def mute(self, until: datetime | None) -> None:
        """Mute alerts until a moment, and summarize them then; None unmutes them."""
        from spendlight.tracker import alerting  # the terminal raises no alerts

        alerting.mute(self._keeper, until, datetime.now(UTC))

    def muted_until(self) -> datetime | None:
        """Return until when the user has muted alerts, or None."""
        from spendlight.tracker import alerting  # the terminal raises no alerts

        return alerting.muted_until(self._keeper, datetime.now(UTC))

    def alert_log(self, count: int) -> tuple[AlertRecord, ...]:
        """Return the last alerts, the latest first."""
        from spendlight.tracker import alerting  # the terminal raises no alerts

        return alerting.alert_log(self._keeper, count)

    def ask(self, question: Question[Answer]) -> Answer:
        """Return the answer to any question of `tracker.questions`.

        Raises:
            UnknownMachineError: If it is about a machine that is not known.
            LedgerError: If no ledger can be used.
        """
        return self._desk.ask(question)

    def color_order(self, models: Iterable[str]) -> tuple[str, ...]:
        """Return all models ever seen, in the order of their first use; then new ones of these."""
        from spendlight.tracker.colors import remembered  # only the window uses colours

        return remembered(self._keeper.path.with_name("colors.json"), models)

    def imported(self, machines: Collection[str] = ()) -> dict[str, datetime]:
        """Return when other machines were last imported, by name.

        Args:
            machines: Only these, by name; by default all.

        Raises:
            UnknownMachineError: If one of them is not known.
        """
        return self._desk.read(lambda source: imported_in(source.ledger, source.scope), machines)

    def demand_data(self, agents: Collection[str] = ()) -> None:
        """Make sure that there is something to report on, of some agents or of all.

        Raises:
            NoClaudeFoundError: If ``CLAUDE_CONFIG_DIR`` names no data folder that exists, and the
                ledger has no usage of them.
        """
        if lacks_data(self._options, self._reader.roots, agents) and not self._desk.read(
            lambda source: source.ledger.extent(source.scope), agents=agents
        ):
            raise NoClaudeFoundError(self._options.environment[FOLDERS_VARIABLE])

    def folder_notes(self) -> FolderNotes:
        """Return notes on the data folders: missing, no longer in effect, or behind a link."""
        keeper, reader = self._keeper, self._reader
        return self._desk.read(
            lambda source: folder_notes(
                keeper.path, source.ledger.roots(), self._options, reader.roots, reader.links
            )
        )

    def export_entries(self, selection: Selection, write: Callable[[EntryExport], int]) -> int:
        """Export every copy of an answer in a selection; return how many were written.

        Args:
            selection: Which usage.
            write: Writes them while they are read.

        Raises:
            ExportBrokenOffError: If the ledger turns out to be damaged while it is read.
        """
        from spendlight.tracker.exporting import hand_out  # most verbs export nothing

        return hand_out(selection, write, self._desk, self._keeper, self._options)

    def import_entries(self, paths: Sequence[Path]) -> Iterator[ImportOutcome]:
        """Import files that other machines have exported; doing it twice changes nothing.

        Yields:
            What became of each file, in order. Nothing is written of a file that is not complete.

        Raises:
            LedgerError: If the ledger cannot be used.
        """
        from spendlight.tracker.importing import import_files  # most verbs import nothing

        return import_files(paths, self._keeper, self._prices, self._options)

    @property
    def team(self) -> Team:
        """The team of this machine, whether there is one or not."""
        from spendlight.tracker.team.team import Team  # most have none

        budgets = self._current.team_budgets
        return Team(self._options, self._keeper, self._prices, self._desk, budgets)

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str] | None]:
        """Block until logs have changed, and yield which; None if any may have.

        Args:
            stop: Ends it; a `tracker.watching.WatchStop` does so at once, without polling.
        """
        return self._reader.changes(stop)

    def health(self) -> HealthReport:
        """Return what was found, what was skipped and why."""
        from spendlight.tracker.health import examine  # needed by `doctor` only

        return examine(self._options, self._keeper, self._reader, self._desk, self._current)

    def verify(self, on_progress: Callable[[ScanProgress], None] | None = None) -> Verification:
        """Read all existing logs again, and compare the ledger with them.

        A damaged ledger is repaired or replaced first, as usual.

        Args:
            on_progress: Called after every file.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
        """
        from spendlight.tracker.verify import verified  # needed by `doctor` only

        return verified(self._keeper, self._reader, on_progress)

    def profile(
        self,
        path: Path | None = None,
        filters: FileFilter | None = None,
        stop: threading.Event | None = None,
        on_progress: Callable[[SurveyProgress], None] | None = None,
    ) -> tuple[FolderProfile, ...]:
        """Return the profile of a folder, or of each data folder; see `tracker.profile`."""
        from spendlight.tracker.profile import profiled  # rarely needed

        roots = roots_in_effect(self._options)
        return profiled(
            path,
            self._desk.read(lambda source: as_known(roots, source.ledger.roots())),
            self._desk.read,
            filters,
            stop=stop,
            on_progress=on_progress,
            has_threads=self._options.has_threads,
        )

    def refresh_prices(self) -> str | None:
        """Renew the price list from the network if that is due; never raises for the network.

        If sums must be split for the new prices first, and cannot be now, the prices come into
        force at the end of the next pass.

        Returns:
            What went wrong, or None.
        """
        return self._prices.refresh(self._reader.roots)

    def used_models(self) -> list[str]:
        """Return the models with usage, by name."""
        has_any = os.path.exists(self._keeper.path)  # noqa: PTH110  # see `PricesInForce`
        return sorted(self._desk.read(lambda it: it.ledger.models_met())) if has_any else []

    def override_file(self) -> Path:
        """Return the file from which the user's own prices are read, or would be."""
        return override_file(self._options, self._reader.roots)

    def context_window(self, model: str) -> int | None:
        """Return how many tokens a model can read at once, or None if unknown."""
        pricing = self.prices.find(model)
        return pricing.context_window_tokens if pricing is not None else None

    @staticmethod
    def transcript_context_tokens(path: Path) -> int | None:
        """Return how many tokens the last answer in a session's log had to read."""
        from spendlight.logs.claude_code import transcript  # needed by the status line only

        return transcript.last_context_tokens(path)

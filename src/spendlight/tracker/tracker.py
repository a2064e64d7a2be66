"""The front door: all that a face may ask of the usage."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

from spendlight import paths, pricelist
from spendlight.errors import LedgerBusyError
from spendlight.ledger.usage_ledger import UsageLedger
from spendlight.logs.discovery import discover, find_roots, look_at, printable
from spendlight.logs.watcher import WatchStop, watch_logs
from spendlight.metering.periods import DAY_MS, day_from_number, spans, to_ms
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import ReportKind
from spendlight.metering.slices import SLOT_MS
from spendlight.tracker import queries
from spendlight.tracker.machines import imported_in, know_machine, scope_in_effect
from spendlight.tracker.options import TrackerOptions, price_overrides
from spendlight.tracker.refresh import PassResult, changed, marks_of, plan, read_new
from spendlight.tracker.safekeeping import LedgerKeeper
from spendlight.tracker.snapshot import LogsRead, Refreshed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date, tzinfo
    from pathlib import Path

    from spendlight.errors import UsageError
    from spendlight.logs.discovery import Discovery, LogRoot
    from spendlight.logs.parser import ReadJob
    from spendlight.metering.limits import Alert, AlertPolicy, AlertRecord, SpendLimit
    from spendlight.metering.plan import PlanReading
    from spendlight.metering.pricing import PricingTable
    from spendlight.metering.reports import AnswerRow, BlockRow, PeriodRow, Report, SessionRow
    from spendlight.metering.stats import UsageStats
    from spendlight.tracker.alerting import AlertDesk
    from spendlight.tracker.exchange import EntryExport, ImportedEntries
    from spendlight.tracker.health import HealthReport
    from spendlight.tracker.limits import LimitQuestion
    from spendlight.tracker.plan import PlanBook
    from spendlight.tracker.profile import FileFilter, FolderProfile, SurveyProgress
    from spendlight.tracker.queries import ReportRequest
    from spendlight.tracker.snapshot import ScanProgress, UsageSnapshot
    from spendlight.tracker.spread import ParseMap
    from spendlight.tracker.verify import Verification

Answer = TypeVar("Answer")

__all__ = ["TrackerOptions", "UsageTracker", "WatchStop"]

PROCESS_THRESHOLD_BYTES: Final = 32 << 20
"""Less than this is read sooner than processes have started (about 0.15 s)."""


class UsageTracker:
    """Reads logs into the ledger and answers questions from it.

    One thread at a time may refresh; questions may be asked from any thread meanwhile. A damaged
    ledger is restored from its last backup; where the ledger cannot be used, everything is counted
    in a temporary one instead. `warnings` says so.
    """

    def __init__(self, options: TrackerOptions) -> None:
        self._options = options
        self._environ = options.environment
        data_dir = options.data_dir or paths.data_dir(self._environ)
        self._keeper = LedgerKeeper(paths.ledger_path(data_dir), stays_open=options.is_long_lived)
        self._cache_dir = (
            options.data_dir / "cache" if options.data_dir else paths.cache_dir(self._environ)
        )
        self._roots = self._find_roots()
        self._prices = self._load_prices()
        self._newer_prices: PricingTable | None = None
        self._reading = threading.Lock()
        self._aliases: Mapping[str, str] = {}
        if aliases := self._environ.get("CCUSAGE_MODEL_ALIASES"):
            from spendlight.metering.model_names import parse_aliases  # few have names of their own

            self._aliases = parse_aliases(aliases)
        self._closed_folders = 0
        self._is_caught_up = False
        self._was_there = False
        self._failures: list[tuple[str, str]] = []
        self._alerts: AlertDesk | None = None
        self._plan_book: PlanBook | None = None

    @classmethod
    def open(cls, options: TrackerOptions) -> UsageTracker:
        """Return a tracker; nothing is read yet.

        Raises:
            NoClaudeFoundError: If ``CLAUDE_CONFIG_DIR`` names no data folder.
            PriceListError: If the price list named cannot be used.
            BadArgumentError: If the configuration named cannot be read.
        """
        return cls(options)

    def close(self) -> None:
        """Let no file stay open between questions any longer; it may be asked as before."""
        self._keeper.close()

    @property
    def warnings(self) -> tuple[UsageError, ...]:
        """What the user should know about the ledger."""
        return self._keeper.warnings

    @property
    def time_zone(self) -> tzinfo:
        """Where days begin now; where none was chosen, the computer's may change any time."""
        return self._options.time_zone

    @property
    def prices(self) -> PricingTable:
        """The prices in force."""
        return self._prices

    @property
    def unreadable_paths(self) -> int:
        """How many folders and files could not be read the last time."""
        return self._closed_folders + len(self._failures)

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
            on_progress: Told after every file.
            only: The files that may have changed, as `changes` told, since all were looked at. By
                default, and after a pass that left something unread, all are looked at.
            backs_up: Whether to copy the ledger after it, if that is due; else `back_up` is to.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
        """
        if only is not None and self._is_caught_up:
            discovery = look_at(self._roots, only)
        else:
            self._roots = self._find_roots()
            discovery = discover(self._roots)
            self._closed_folders = len(discovery.unreadable)
        self._is_caught_up = False
        known_warnings = self.warnings
        with self._reading:
            done = self._keeper.use(lambda: self._read_anew(discovery, stop, on_progress))
            if backs_up:
                self.back_up()
        self._adopt_prices()
        self._failures = done.failures
        is_same_ledger = self.warnings == known_warnings
        if only is not None and not is_same_ledger:
            return self.read_logs(stop, on_progress, backs_up=backs_up)  # another one, so anew
        self._is_caught_up = done.is_complete and not done.failures and is_same_ledger
        return LogsRead(self._days(done), done.new_answers, done.problems, done.is_complete)

    def back_up(self) -> None:
        """Copy the ledger if that is due; what was made from the logs just now needs no copy yet.

        Raises:
            LedgerBusyError: If it proves to be damaged, and another process keeps it locked.
        """
        if self._was_there:
            self._keeper.use(self._keeper.back_up, self._refill)

    @staticmethod
    def load_ahead() -> None:
        """Load what the first new answer will need, so that it need not wait for it."""
        from spendlight.ledger import recording  # noqa: F401  # loaded, and used by others
        from spendlight.logs import dedup, parser  # noqa: F401  # as above

    def refresh(
        self,
        stop: threading.Event | None = None,
        on_progress: Callable[[ScanProgress], None] | None = None,
        only: Collection[str] | None = None,
    ) -> Refreshed:
        """Read what is new as `read_logs` does, and return how the present looks then.

        The alerts in it are told to this caller alone.
        """
        backs_up = not self._options.is_long_lived
        read = self.read_logs(stop, on_progress, only, backs_up=backs_up)
        snapshot, alerts = self._look(is_whole=read.is_complete)
        return Refreshed(*read, snapshot, alerts)

    def snapshot(self, now: datetime | None = None, *, with_plan: bool = True) -> UsageSnapshot:
        """Return the present moment, or how *now* looks in what is known.

        Args:
            now: The moment; by default this one.
            with_plan: Whether the limits of the plan are wanted, too.
        """
        question = self._alerts.question if self._alerts is not None else None
        return self._snapshot(now or datetime.now(UTC), question, with_plan=with_plan)

    def plan_limits(self, now: datetime) -> tuple[PlanReading, ...]:
        """Return what Claude Code said last of its plan's limits, and what is left of that now."""
        if self._plan_book is None:
            from spendlight.tracker.plan import PlanBook  # reports need none
            from spendlight.tracker.plan_notes import limits_folder

            self._plan_book = PlanBook(limits_folder(self._options))
        homes = [root.folder for root in self._roots if not root.parent]
        return self._plan_book.present(homes, now)

    def plan_folder(self) -> Path:
        """Return the folder that changes when Claude Code says something new of these limits.

        Raises:
            OSError: If there is none and none can be made.
        """
        from spendlight.tracker.plan_notes import made_folder  # only the desktop watches it

        return made_folder(self._options)

    def use_limits(
        self, limits: Iterable[SpendLimit], policy: AlertPolicy, week_start: int = 6
    ) -> None:
        """Hold the usage against limits from now on, and tell of them at each refresh.

        Args:
            limits: Budgets and alert rules; none ends it.
            policy: When alerts may be heard.
            week_start: The first day of a week; 0 is Monday, 6 is Sunday.
        """
        if self._alerts is None:
            from spendlight.tracker.alerting import AlertDesk  # the terminal tells no alerts

            self._alerts = AlertDesk(self._keeper)
        self._alerts.use(limits, policy, week_start)

    def mute(self, until: datetime | None) -> None:
        """Tell no alerts until a moment, but sum them up then; None ends that."""
        from spendlight.tracker import alerting  # the terminal tells no alerts

        alerting.mute(self._keeper, until, datetime.now(UTC))

    def muted_until(self) -> datetime | None:
        """Return until when there are no alerts by the user's wish, or None."""
        from spendlight.tracker import alerting  # the terminal tells no alerts

        return alerting.muted_until(self._keeper, datetime.now(UTC))

    def alert_log(self, count: int) -> tuple[AlertRecord, ...]:
        """Return the last alerts, the latest first."""
        from spendlight.tracker import alerting  # the terminal tells no alerts

        return alerting.alert_log(self._keeper, count)

    def period_report(self, request: ReportRequest) -> Report[PeriodRow]:
        """Return usage by day, week or month."""
        return self._ask(lambda source: queries.period_report(source, request), request.machines)

    def session_report(self, request: ReportRequest) -> Report[SessionRow]:
        """Return usage by session."""
        return self._ask(lambda source: queries.session_report(source, request), request.machines)

    def block_report(self, request: ReportRequest) -> Report[BlockRow]:
        """Return usage by block."""
        from spendlight.tracker.block_queries import block_report  # most reports have none

        return self._ask(lambda source: block_report(source, request), request.machines)

    def stats(self, request: ReportRequest) -> UsageStats:
        """Return what the usage asked for comes to, and how much of it is still in the logs."""
        from spendlight.tracker.stats import stats_of  # no other verb asks

        files = discover(self._roots).files
        return self._ask(lambda source: stats_of(source, request, files), request.machines)

    def report(
        self, request: ReportRequest
    ) -> Report[PeriodRow] | Report[SessionRow] | Report[BlockRow]:
        """Return the report asked for; a `PageRequest` has reports of its own."""
        if type(request) is not queries.ReportRequest:
            from spendlight.logs.attribution import attributions  # only the window asks
            from spendlight.tracker import page_queries
            from spendlight.tracker.page_requests import PageRequest

            report = self._ask(
                lambda source: page_queries.answer(source, request), request.machines
            )
            if isinstance(request, PageRequest) and request.session:
                found = attributions(discover(self._roots).files, request.session)
                return page_queries.attributed(report, found)
            return report
        if request.kind is ReportKind.SESSION:
            return self.session_report(request)
        if request.kind is ReportKind.BLOCKS:
            return self.block_report(request)
        return self.period_report(request)

    def color_order(self, models: Iterable[str]) -> tuple[str, ...]:
        """Return all models ever seen in the order in which that was; these ones last, if new."""
        from spendlight.tracker.colors import remembered  # only the window has colours

        return remembered(self._keeper.path.with_name("colors.json"), models)

    def session_answers(
        self, session: str, mode: CostMode, machines: Collection[str] = ()
    ) -> tuple[AnswerRow, ...]:
        """Return the answers of a session, in the order of time; none if it is unknown."""
        return self._ask(lambda source: queries.session_answers(source, session, mode), machines)

    def imported(self, machines: Collection[str] = ()) -> dict[str, datetime]:
        """Return when other machines were imported last, by their names.

        Args:
            machines: Only these, by their names; by default all.

        Raises:
            UnknownMachineError: If one of them is not known.
        """
        return self._ask(lambda source: imported_in(source.ledger, source.scope), machines)

    def export_entries(self, request: ReportRequest, write: Callable[[EntryExport], int]) -> int:
        """Hand out every copy of an answer in what is asked for; return how many were written.

        Args:
            request: The days, the project, the machines and the cost mode.
            write: Writes them while they are read.

        Raises:
            ExportBrokenOffError: If the ledger proves to be damaged while it is read.
        """
        from spendlight.tracker.exchange import (  # most verbs export nothing
            ExportBrokenOffError,
            export_of,
        )

        sources: list[queries.Source] = []

        def export(source: queries.Source) -> int:
            sources.append(source)
            if len(sources) > 1:  # what was written already cannot be taken back
                raise ExportBrokenOffError
            this = know_machine(source.ledger, self._environ)
            return write(export_of(source, self._keeper.path, this, request))

        return self._ask(export, request.machines)

    def import_entries(self, path: Path) -> ImportedEntries:
        """Merge the entries that another machine has exported; doing so again changes nothing.

        Raises:
            ImportFileError: If the file holds no whole export; nothing is written then.
            LedgerError: If the ledger cannot be used.
        """
        from spendlight.tracker.exchange import merge  # most verbs import nothing

        def take_in() -> ImportedEntries:
            self._keeper.demand_lasting()
            with self._keeper.open() as ledger:
                ledger.use_cuts(self._prices.thresholds)
                return merge(path, ledger, know_machine(ledger, self._environ))

        return self._keeper.use(take_in)

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str] | None]:
        """Block until logs have changed, and yield which; None where any may have.

        Args:
            stop: A `WatchStop` ends it at once and lets it sleep until then.
        """
        return watch_logs(self._roots, stop)

    def health(self) -> HealthReport:
        """Return what was found, what was skipped and why."""
        from spendlight.tracker.health import examine, with_plan  # only the doctor asks

        discovery = discover(self._roots)
        now = datetime.now(UTC)
        health = self._ask(
            lambda source: examine(
                source, self._roots, discovery, self._keeper.path, self._failures, self.warnings
            )
        )
        return with_plan(health, self._options, self.plan_limits(now), now)

    def verify(self, on_progress: Callable[[ScanProgress], None] | None = None) -> Verification:
        """Read all logs that are there once more, and hold the ledger against what they say.

        A damaged ledger is replaced first, as ever.

        Args:
            on_progress: Told after every file.

        Raises:
            LedgerBusyError: If another process keeps the ledger locked.
        """
        from spendlight.tracker.verify import verified  # only the doctor asks

        def read_anew(path: Path) -> PassResult:
            with UsageLedger(path) as ledger:
                return self._read(ledger, discover(self._find_roots()), None, on_progress)

        def compare() -> Verification:
            return verified(self._keeper.path, read_anew, self._refill)

        self._keeper.use(self._keeper.demand_sound)
        return self._keeper.use(compare)

    def profile(
        self,
        path: Path | None = None,
        filters: FileFilter | None = None,
        stop: threading.Event | None = None,
        on_progress: Callable[[SurveyProgress], None] | None = None,
    ) -> tuple[FolderProfile, ...]:
        """Return what a folder holds, or each data folder in effect; see `tracker.profile`."""
        from spendlight.tracker.profile import profiled  # only who looks at folders

        return profiled(
            path,
            self._find_roots(),
            self._ask,
            filters,
            stop=stop,
            on_progress=on_progress,
            has_processes=self._options.has_processes,
        )

    def refresh_prices(self) -> str | None:
        """Renew the price list from the network if that is due; never raises for the network.

        Where sums must be split for the new prices first and cannot be now, they are in force from
        the end of the next pass on.

        Returns:
            What went wrong, or None.
        """
        if self._options.is_offline or self._options.prices_file is not None:
            return None
        outcome = pricelist.refresh_prices(
            self._cache_dir, now=datetime.now(UTC), command=self._options.renew_command
        )
        if outcome.status is pricelist.RefreshStatus.UPDATED:
            self._newer_prices = self._load_prices()
            self._adopt_prices()
        return outcome.reason or None

    def context_window(self, model: str) -> int | None:
        """Return how many tokens a model can read at once, or None where nobody knows."""
        pricing = self._prices.find(model)
        return pricing.context_window_tokens if pricing is not None else None

    @staticmethod
    def transcript_context_tokens(path: Path) -> int | None:
        """Return how many tokens the last answer in a session's log had to read."""
        from spendlight.logs.transcript import last_context_tokens  # only the statusline asks

        return last_context_tokens(path)

    def _look(self, *, is_whole: bool) -> tuple[UsageSnapshot, tuple[Alert, ...]]:
        """Return the present moment, and what to tell of it."""
        now = datetime.now(UTC)
        if self._alerts is None:
            return self._snapshot(now, None), ()
        return self._alerts.look(
            lambda question: self._snapshot(now, question),
            now,
            self._options.time_zone,
            lambda: f"{self._prices.fingerprint}|{self._options.cost_mode}",
            is_whole=is_whole,
        )

    def _snapshot(
        self, now: datetime, question: LimitQuestion | None, *, with_plan: bool = True
    ) -> UsageSnapshot:
        from spendlight.tracker.moment import take_snapshot  # most reports are of the past

        has_root = any(root.exists for root in self._roots)
        zone, mode = self._options.time_zone, self._options.cost_mode
        plan = self.plan_limits(now) if with_plan else ()
        return self._ask(
            lambda source: take_snapshot(
                source, now, zone, has_root=has_root, mode=mode, question=question, plan=plan
            )
        )

    def _find_roots(self) -> list[LogRoot]:
        options = self._options
        return find_roots(self._environ, with_vms=options.with_vms, more=options.more_folders)

    def _load_prices(self) -> PricingTable:
        return pricelist.load_prices(
            file=self._options.prices_file,
            cache_dir=self._cache_dir,
            is_offline=self._options.is_offline,
            overrides=price_overrides(self._options, [root.folder for root in self._roots]),
        )

    def _adopt_prices(self) -> None:
        """Put newer prices in force, once sums are apart where these change with the context.

        Not during a pass, which adds to the sums as they were when it began.
        """
        prices = self._newer_prices
        if prices is None or not self._reading.acquire(blocking=False):
            return
        try:
            if self._keeper.path.exists():  # else there are no sums yet
                self._keeper.use(lambda: self._split_sums(prices))
            self._prices, self._newer_prices = prices, None
        except LedgerBusyError:
            return  # there will be another pass
        finally:
            self._reading.release()

    def _split_sums(self, prices: PricingTable) -> None:
        with self._keeper.open() as ledger:
            ledger.use_cuts(prices.thresholds)

    def _read_anew(
        self,
        discovery: Discovery,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
    ) -> PassResult:
        self._was_there = self._keeper.path.exists()
        with self._keeper.open() as ledger:
            return self._read(ledger, discovery, stop, on_progress)

    def _refill(self) -> PassResult:
        """Read what the ledger does not know yet."""
        with self._keeper.open() as ledger:
            return self._read(ledger, discover(self._find_roots()), None, None)

    def _read(
        self,
        ledger: UsageLedger,
        discovery: Discovery,
        stop: threading.Event | None,
        on_progress: Callable[[ScanProgress], None] | None,
    ) -> PassResult:
        know_machine(ledger, self._environ)
        ledger.use_cuts(self._prices.thresholds)
        files = changed(ledger, discovery.files)
        jobs = plan(files, marks_of(ledger, files), ledger.cuts) if files else []
        done = read_new(
            ledger,
            files,
            jobs,
            self._spread(jobs),
            stop=stop,
            on_progress=on_progress,
        )
        if done.is_complete:
            ledger.keep_coarse_sums(self._options.time_zone)
        words = self._prices.source.words
        if ledger.price_list() != words:
            now_ms = to_ms(datetime.now(UTC))
            ledger.note_price_list(self._prices.fingerprint, words, now_ms)
        return done

    def _spread(self, jobs: list[ReadJob]) -> ParseMap:
        size = sum(job.end - job.start for job in jobs)
        if self._options.has_processes and size > PROCESS_THRESHOLD_BYTES:
            from spendlight.tracker.spread import ProcessMap  # most passes find nothing new

            return ProcessMap(niceness=self._options.niceness)
        return self._options.parse_map or map

    def _ask(
        self, question: Callable[[queries.Source], Answer], machines: Collection[str] = ()
    ) -> Answer:
        """Return the answer to a question about some machines, or about all."""

        def ask() -> Answer:
            with self._keeper.open() as ledger:
                folders = {printable(root.folder) for root in self._roots}
                scope = scope_in_effect(
                    ledger,
                    self._environ,
                    folders,
                    with_vms=self._options.with_vms,
                    machines=machines,
                )
                return question(queries.Source(ledger, scope, self._prices, self._aliases))

        return self._keeper.use(ask, self._refill)

    def _days(self, done: PassResult) -> frozenset[date]:
        """Return the local days whose sums a pass has changed."""
        if not done.slots:
            return frozenset()
        first, last = min(done.slots) * SLOT_MS, (max(done.slots) + 1) * SLOT_MS
        days: set[date] = set()
        for span in spans(self._options.time_zone, first, last):
            low, high = span.start_ms // SLOT_MS, span.end_ms // SLOT_MS
            days |= {
                day_from_number((slot * SLOT_MS + span.offset_ms) // DAY_MS)
                for slot in done.slots
                if low <= slot <= high
            }
        return frozenset(days)

"""Prepares a verb: an up-to-date tracker on the user's logs or on made-up ones."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Final

from spendlight import paths
from spendlight.cli import terminal
from spendlight.cli.progress import ProgressBar
from spendlight.errors import LedgerBusyError, LedgerOutOfUseError, UsageError
from spendlight.names import shortened
from spendlight.tracker.opening import opened_tracker
from spendlight.tracker.options import FOLDERS_VARIABLE, TrackerOptions, chosen_zone, own_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo
    from pathlib import Path

    from spendlight.cli.arguments import Arguments
    from spendlight.tracker.snapshot import LogsRead
    from spendlight.tracker.tracker import UsageTracker
    from spendlight.tracker.verify import Verification


class DataFolderError(UsageError):
    """The name of the ledger's folder is impossible."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {shortened(str(folder))} cannot be used: {reason}",
            "Choose another with --data-dir or SPENDLIGHT_DATA_DIR.",
        )


def settle(arguments: Arguments) -> None:
    """Complete the arguments from the user's settings, after the configuration file.

    Without a settings file this only checks that there is none; a demo has no settings.
    """
    _demand_possible(arguments.data_dir or paths.data_dir(os.environ))
    path = paths.settings_path(os.environ, arguments.data_dir)
    if arguments.demo or not os.path.lexists(path):
        return
    from spendlight.settings import SettingsFile  # rarely needed

    loaded = SettingsFile(path).load()
    for problem in loaded.problems:
        terminal.complain(problem)
    settings = loaded.settings
    chosen: dict[str, object] = {
        "mode": settings.cost_mode,
        "start_of_week": settings.week_start,
        "timezone": chosen_zone(settings),
        "prices": own_prices(settings),
        "exclude_vms": not settings.with_vms,
        "check_for_updates": settings.check_for_updates,
    }
    if settings.is_offline:
        chosen["offline"] = True
    if settings.agents.off:
        chosen["agents_off"] = settings.agents.off
    if settings.agents.folders:
        chosen["agent_folders"] = dict(settings.agents.folders)
    if FOLDERS_VARIABLE not in os.environ:
        chosen["more_folders"] = settings.config_dirs
    for name, value in chosen.items():
        if name not in vars(arguments):
            setattr(arguments, name, value)


def _demand_possible(folder: Path) -> None:
    """Make sure that the name of a folder is possible.

    Raises:
        DataFolderError: If it is not.
    """
    if not folder.is_absolute():
        try:
            os.getcwd()  # noqa: PTH109  # no Path is needed here
        except OSError as error:
            reason = f"the working directory no longer exists ({error.strerror})"
            raise DataFolderError(folder, reason) from None
    try:
        os.lstat(folder)
    except ValueError as error:
        raise DataFolderError(folder, str(error)) from None
    except OSError as error:
        if error.errno in {errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP}:
            raise DataFolderError(folder, error.strerror or str(error)) from None


def tracker_options(arguments: Arguments) -> TrackerOptions:
    """Return the tracker's options for the arguments."""
    return TrackerOptions(
        data_dir=arguments.data_dir,
        prices_file=arguments.prices,
        is_offline=arguments.offline is True,
        with_vms=not arguments.exclude_vms,
        more_folders=arguments.more_folders,
        agents_off=arguments.agents_off,
        agent_folders=arguments.agent_folders,
        has_threads=not arguments.single_thread,
        config_file=arguments.config,
        zone=arguments.timezone,
        keeps_days=arguments.keeps_days,
        cost_mode=arguments.mode,
    )


class World:
    """A tracker, with its options.

    Attributes:
        growing: A context in which made-up logs grow; nothing for real ones.
    """

    def __init__(
        self,
        tracker: UsageTracker,
        options: TrackerOptions,
        *,
        is_talkative: bool = False,
        growing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.tracker: Final = tracker
        self.options: Final = options
        self.growing: Final = growing
        self._is_talkative = is_talkative
        self._said: set[str] = set()

    @property
    def zone(self) -> tzinfo:
        """The time zone in effect."""
        return self.options.time_zone

    @property
    def fault(self) -> str:
        """Why a temporary ledger is in use, if it is, and what to do about it."""
        found = (one for one in self.tracker.warnings if isinstance(one, LedgerOutOfUseError))
        return str(next(found, ""))

    def read_logs(self) -> LogsRead:
        """Read what is new, with a progress bar if it takes long."""
        started = time.perf_counter()
        with _progress() as progress:
            show = progress.show if progress.is_wanted else None
            read = self.tracker.read_logs(on_progress=show, backs_up=False)
        self.warn()
        if self._is_talkative:
            self._tell(read, time.perf_counter() - started)
        return read

    def verify(self) -> Verification:
        """Read all logs again and compare the ledger with them, with a progress bar."""
        with _progress() as progress:
            return self.tracker.verify(on_progress=progress.show)

    def back_up(self) -> None:
        """Back up the ledger if that is due: at the end, and without waiting for it."""
        with suppress(LedgerBusyError):  # it will be tried again
            self.tracker.back_up(is_awaited=False)
        self.warn()

    def warn(self) -> None:
        """Warn about problems of the ledger or the time zone, each once."""
        for warning in map(str, self.tracker.warnings):
            if warning not in self._said:
                terminal.complain(warning)
                self._said.add(warning)

    def _tell(self, read: LogsRead, seconds: float) -> None:
        health = self.tracker.health()
        for root in health.roots:
            terminal.complain(f"{root.files} logs in {root.folder}")
        terminal.complain(
            f"{read.new_answers} new answers and {read.problems} new "
            f"problems in {seconds:.3f} s; ledger {health.ledger_path}; "
            f"prices {health.prices.words}"
        )


@contextmanager
def _progress() -> Iterator[ProgressBar]:
    """Yield a progress bar that is cleared at the end."""
    progress = ProgressBar()
    try:
        yield progress
    finally:
        progress.clear()


@contextmanager
def opened(arguments: Arguments) -> Iterator[World]:
    """Open a tracker for the arguments; a demo's logs are removed at the end.

    Raises:
        UsageError: If there is no data, or no price list.
    """
    options = tracker_options(arguments)
    if not arguments.demo:
        with opened_tracker(options) as tracker:
            if arguments.offline is False:
                _renew_prices(tracker)
            world = World(tracker, options, is_talkative=arguments.debug)
            try:
                yield world
                sys.stdout.flush()
            except BrokenPipeError:
                world.back_up()
                raise
            world.back_up()
        return
    from spendlight.cli.waiting import ending_cleanly  # only the demo has to clean up
    from spendlight.tracker.demo_mode import demo_mode

    with ending_cleanly(), demo_mode() as demo:
        options = demo.options._replace(
            prices_file=options.prices_file,
            has_threads=options.has_threads,
            zone=options.zone,
        )
        with opened_tracker(options) as tracker:
            yield World(tracker, options, is_talkative=arguments.debug, growing=demo.growing)


def _renew_prices(tracker: UsageTracker) -> None:
    reason = tracker.refresh_prices()
    if reason is not None:
        terminal.complain(f"No newer price list: {reason}")

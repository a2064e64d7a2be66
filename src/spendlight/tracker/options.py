"""The options of a tracker: where logs are, where to keep data, and how to count."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from spendlight import paths
from spendlight.errors import BadArgumentError
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.pricing import CostMode
from spendlight.regular_files import read_regular
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from spendlight.errors import UsageError
    from spendlight.logs.agent import LogRoot
    from spendlight.settings import Settings
    from spendlight.tracker.parsing_threads import ParseMap

_NO_FOLDERS: Mapping[str, Sequence[str]] = MappingProxyType({})

_OVERRIDES = "pricingOverrides"
_MOST_BYTES = 16 << 20
"""A larger file is not a configuration."""

FOLDERS_VARIABLE = "CLAUDE_CONFIG_DIR"
"""Lists Claude Code's data folders; if it is set, there are no others."""


class TrackerOptions(NamedTuple):
    """The options of a tracker.

    Attributes:
        data_dir: Where the ledger is kept; by default the system's folder for such files.
        environ: The environment that decides where logs are; by default the process's own.
        prices_file: A price list that takes precedence over ours.
        is_offline: Never use the network, nor a list that was fetched from it.
        with_vms: Whether to read the logs of virtual machines, too.
        more_folders: Data folders of Claude Code in addition to those that are found.
        agents_off: The agents that are neither read nor counted, by their names in the ledger.
        agent_folders: The data folders of agents, in place of those that are found.
        parse_map: How to spread the reading of logs; by default over threads of its own.
        has_threads: Whether work may be spread over threads if there is no parse map.
        config_file: A configuration of ccusage, for the user's own prices.
        zone: The time zone; by default the computer's.
        keeps_days: Whether the ledger keeps the sums of days in that zone. A zone for a single
            report writes nothing.
        cost_mode: How costs of current usage are determined; a report has its own mode.
        is_long_lived: Whether it will be used for days: the ledger stays open between questions,
            and passes do not copy it; `UsageTracker.back_up` is called instead.
        renew_prices: Makes another process renew the price list and waits for it, see
            `pricelist.renewing`; by default this process does it.
        publish: Makes another process publish to the team and waits for it; by default this
            process does it.
    """

    data_dir: Path | None = None
    environ: Mapping[str, str] | None = None
    prices_file: Path | None = None
    is_offline: bool = False
    with_vms: bool = True
    more_folders: Sequence[str] = ()
    agents_off: Collection[str] = ()
    agent_folders: Mapping[str, Sequence[str]] = _NO_FOLDERS
    parse_map: ParseMap | None = None
    has_threads: bool = True
    config_file: Path | None = None
    zone: tzinfo | None = None
    keeps_days: bool = True
    cost_mode: CostMode = CostMode.AUTO
    is_long_lived: bool = False
    renew_prices: Callable[[], None] | None = None
    publish: Callable[[], None] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in effect."""
        return os.environ if self.environ is None else self.environ

    @property
    def ledger_folder(self) -> Path:
        """The folder of the ledger and its companion files."""
        return self.data_dir or paths.data_dir(self.environment)

    @property
    def time_zone(self) -> tzinfo:
        """The time zone in effect."""
        if self.zone is not None:
            return self.zone
        from spendlight.tracker.local_zone import local_zone  # where none is chosen

        return local_zone()

    @property
    def zone_name(self) -> str:
        """The name of the time zone in effect, or the path of its rules."""
        if self.zone is not None:
            return str(self.zone)
        from spendlight.tracker.local_zone import find_local_zone

        return find_local_zone().name

    @property
    def zone_doubt(self) -> UsageError | None:
        """A warning if only one offset of the time zone in effect is known."""
        if self.zone is not None:
            return None
        from spendlight.tracker.local_zone import find_local_zone

        return find_local_zone().doubt


def with_settings(options: TrackerOptions, settings: Settings) -> TrackerOptions:
    """Return the options, completed from the user's settings.

    Command-line options take precedence, and so does the variable that lists Claude Code's folders.

    Args:
        options: From the command line and the environment.
        settings: The user's settings.
    """
    is_listed = FOLDERS_VARIABLE in options.environment
    return options._replace(
        more_folders=options.more_folders or (() if is_listed else settings.config_dirs),
        agents_off=options.agents_off or settings.agents.off,
        agent_folders=options.agent_folders or dict(settings.agents.folders),
        prices_file=options.prices_file or own_prices(settings),
        is_offline=options.is_offline or settings.is_offline,
        with_vms=options.with_vms and settings.with_vms,
        zone=options.zone or chosen_zone(settings),
        cost_mode=settings.cost_mode,
    )


def own_prices(settings: Settings) -> Path | None:
    """Return the price list that the user has chosen, if one was."""
    return Path(settings.prices_file).expanduser() if settings.prices_file else None


def chosen_zone(settings: Settings) -> tzinfo | None:
    """Return the time zone that the user has chosen, if it exists."""
    if not settings.time_zone:
        return None
    from zoneinfo import ZoneInfo  # rarely needed

    try:
        return ZoneInfo(settings.time_zone)
    except (OSError, ValueError, LookupError):
        return None


class UnreadableOverridesError(Exception):
    """A configuration that was found, not named, cannot be read.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path


def price_overrides(options: TrackerOptions, roots: Iterable[LogRoot]) -> Mapping[str, object]:
    """Return the user's own prices from the first configuration of ccusage that exists.

    That is the file named, otherwise ``ccusage.json`` in the first data folder that has one. Unlike
    in ccusage, prices in the working directory are ignored: that file may be anybody's.

    Raises:
        BadArgumentError: If the file named cannot be read.
        UnreadableOverridesError: If the file that was found cannot be read.
    """
    file = override_file(options, roots)
    if options.config_file is not None or os.path.isfile(file):  # noqa: PTH113  # see below
        return _overrides(file, is_named=options.config_file is not None)
    return {}


def override_file(options: TrackerOptions, roots: Iterable[LogRoot]) -> Path:
    """Return the configuration of ccusage that `price_overrides` reads, or would read."""
    if options.config_file is not None:
        return options.config_file
    folders = [root.folder for root in roots if root.agent.name == CLAUDE_CODE]
    files = [Path(folder, "ccusage.json") for folder in folders or ["~/.claude"]]
    there = (file for file in files if os.path.isfile(file))  # noqa: PTH113  # pathlib raises in closed folders
    return next(there, files[0])


def _overrides(path: Path, *, is_named: bool) -> Mapping[str, object]:
    try:
        config = json.loads(read_regular(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if not is_named:
            raise UnreadableOverridesError(path, f"it cannot be read: {reason}") from error
        title = f"The configuration {path} cannot be read: {reason}"
        advice = "It must be a JSON file in the format of ccusage's configuration."
        raise BadArgumentError(title, advice) from error
    tables = [config, config.get("defaults")] if isinstance(config, dict) else []
    found: dict[str, object] = {}
    for table in reversed(tables):
        overrides = table.get(_OVERRIDES) if isinstance(table, dict) else None
        if isinstance(overrides, dict):
            found |= overrides
    return found

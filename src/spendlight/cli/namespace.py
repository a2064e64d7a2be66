"""The parsed arguments, with defaults for options that were not typed."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from spendlight.cli import argument_types as types
from spendlight.cli.report_arguments import ENTRIES, STDOUT, Form, Speed
from spendlight.cli.statusline_arguments import BurnRateMark, CostSource
from spendlight.cli.verb_arguments import DESKTOP_STATUS
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.periods import DEFAULT_BLOCK_MS
from spendlight.metering.pricing import CostMode
from spendlight.metering.reports import SortOrder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime, tzinfo
    from decimal import Decimal

    from spendlight.metering.dimensions import Value
    from spendlight.metering.periods import DateRange, Period

_WITH_WEEKS = frozenset({"daily", "weekly", "monthly", "session", "export"})
"""The verbs whose weeks begin on Monday unless something else is said, as in ccusage."""


class Arguments(argparse.Namespace):
    """The parsed arguments, with defaults for options that were not typed.

    Options that were not typed are not attributes of the instance, so that a configuration file can
    set them before the defaults here apply.

    Attributes:
        of_agent: The agent whose reports were asked for by its own verb, by its name in the
            ledger; "" means all agents.
    """

    verb: str | None = None
    of_agent: str = ""
    demo: bool = False
    data_dir: Path | None = None
    prices: Path | None = None
    config: Path | None = None
    offline: bool | None = None
    exclude_vms: bool = False
    more_folders: Sequence[str] = ()
    agents_off: Collection[str] = ()
    agent_folders: Mapping[str, Sequence[str]] = MappingProxyType({})
    check_for_updates: bool | None = None
    color: bool | None = None
    debug: bool = False
    single_thread: bool = False

    json: bool = False
    since: date | None = None
    until: date | None = None
    timezone: tzinfo | None = None
    keeps_days: bool = True
    mode: CostMode = CostMode.AUTO
    order: SortOrder = SortOrder.ASCENDING
    breakdown: bool = False
    compact: bool = False
    no_cost: bool = False
    last: int | None = None
    machine: Sequence[str] | None = None
    by_machine: bool = False
    agent: Sequence[str] | None = None
    speed: Speed = Speed.AUTO
    by_agent: bool = False
    sections: Sequence[str] = ()
    where: Sequence[tuple[str, Value]] = ()
    history: str | None = None

    instances: bool = False
    project: str | None = None
    project_aliases: Mapping[str, str] = {}
    start_of_week: int = types.weekday("sunday")
    id: str | None = None
    active: bool = False
    recent: bool = False
    token_limit: int | str | None = None
    session_length: int = DEFAULT_BLOCK_MS

    snapshot: bool = False
    cost_source: CostSource = CostSource.AUTO
    visual_burn_rate: BurnRateMark = BurnRateMark.OFF
    context_low_threshold: int = 50
    context_medium_threshold: int = 80
    then: str = ""
    install: bool = False
    replace: bool = False
    chain: bool = False
    all: bool = False
    verify: bool = False

    what: str = ENTRIES
    format: Form | None = None
    output: str = STDOUT
    raw: bool = False
    files: Sequence[Path] = ()
    action: str = DESKTOP_STATUS
    autostart: bool = False
    shell: str = ""

    repo: str | None = None
    branch: str | None = None
    last_period: str | int | tuple[Period, int] | None = None
    recent_days: tuple[Period, int] | None = None
    since_merge_base: str | None = None
    month: DateRange | None = None
    rate: Decimal | None = None
    currency: str = "USD"
    exchange: Decimal | None = None
    html: str = ""
    csv: str = ""

    team_verb: str | None = None
    url: str = ""
    machine_name: str = ""
    person: str = ""
    hide: Sequence[str] | None = None
    keep_entries: bool | None = None
    by: str | None = None
    scheduler: str = ""
    hosts: Sequence[str] = ()

    path: Path | None = None
    top: int = 10
    ext: Sequence[str] = ()
    name: Sequence[str] = ()
    regex: str = ""
    min_size: int = 0
    older_than: datetime | None = None
    no_hidden: bool = False
    one_file_system: bool = False
    keep_logs: int | None = None
    undo: bool = False
    yes: bool = False

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents whose usage is selected, by their names in the ledger; () means all."""
        return (self.of_agent,) if self.of_agent else tuple(self.agent or ())

    @property
    def week_start(self) -> int:
        """The first day of a week: as typed or set, otherwise the same as in ccusage."""
        is_of_all = self.team_verb is None and self.of_agent != CLAUDE_CODE
        is_report = self.verb is None or self.verb in _WITH_WEEKS
        first = types.weekday("monday") if is_of_all and is_report else Arguments.start_of_week
        chosen: int = vars(self).get("start_of_week", first)
        return chosen

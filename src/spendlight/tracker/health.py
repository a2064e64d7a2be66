"""Collects what was found, what was skipped and why, so that users can judge the figures."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.ledger.machines import is_imported
from spendlight.ledger.transfer import holdings
from spendlight.logs.agent import LogRoot
from spendlight.logs.agents import in_order
from spendlight.logs.claude_code.agent import of_claude_code
from spendlight.logs.claude_code.native import NATIVE
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.log_names import file_of
from spendlight.metering.periods import to_utc
from spendlight.metering.pricing import CostMode
from spendlight.metering.slices import add_up
from spendlight.tracker.data_folders import as_known, folders_left
from spendlight.tracker.options import FOLDERS_VARIABLE
from spendlight.tracker.plan_setup import hook_of, statusline_command

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from spendlight.errors import UsageError
    from spendlight.ledger.machines import Root
    from spendlight.logs.discovery import Discovery
    from spendlight.metering.entry import LineProblem
    from spendlight.metering.plan import AgentPlan, PlanReading
    from spendlight.metering.pricing import PriceSource
    from spendlight.tracker.current import CurrentUsage
    from spendlight.tracker.data_folders import LeftFolder
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.plan_setup import StatusLineHook
    from spendlight.tracker.questions.desk import QuestionDesk
    from spendlight.tracker.questions.source import Source
    from spendlight.tracker.reading import LogReader
    from spendlight.tracker.safekeeping import LedgerKeeper

LINK_REASON: Final = "a link, which is not followed; the logs in it are not counted"


@dataclass(frozen=True, slots=True)
class RootHealth:
    """A data folder.

    Attributes:
        machine: The virtual machine it belongs to, or "".
        exists: Whether it contains logs now.
        files: The number of logs in it now.
        gone: The number of logs that were read and no longer exist; their usage stays counted.
        same_as: Another data folder with the same logs, or "".
        agent: The name of its agent.
    """

    folder: str
    machine: str
    exists: bool
    files: int
    gone: int
    same_as: str = ""
    agent: str = CLAUDE_CODE


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A folder or file that could not be read."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class MachineUsage:
    """A machine, and what the ledger holds of it.

    Attributes:
        name: Its name in `--machine` and in reports.
        is_this: Whether it is this machine itself, not a virtual one on it.
        answers: How many copies of answers, whether they count or not.
        last_at: The last of them.
        imported_at: When it was last imported; None if its logs are read here.
    """

    name: str
    is_this: bool
    answers: int
    last_at: datetime | None
    imported_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgentUsage:
    """An agent with data folders or usage, and what the ledger holds of it.

    Attributes:
        name: Its name in the ledger.
        answers: How many copies of answers, whether they count or not.
    """

    name: str
    answers: int


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The state of everything that the figures are based on.

    Attributes:
        answers: How many answers the archive holds.
        first_at: The first of them.
        last_at: The last of them.
        problems: Lines that should have been an answer and are not, or not completely.
        unpriced: Models without a known price.
        warnings: What is wrong with the ledger, if anything.
        time_zone: The time zone in effect.
        zone_doubt: A warning if only one offset of that zone is known.
        machines: The machines with usage: this one first, the others by name.
        agents: The agents with usage, in the order in which their folders are searched.
        described_blocks: The number of blocks in session-block files.
        unlogged_tokens: Their tokens that are in no log.
        plan: What Claude Code reported about the plan limits.
        agent_plans: What the logs of other agents say about theirs.
        hooks: Whether its status lines report them.
        hook_command: What its status line should run.
        at: When this was examined.
        left: Folders that are not in effect, with answers that exist only in the ledger.
        is_listed: Whether an environment variable lists the folders, so that there are no others.
        reader_instructions: The instruction set that the native reader of logs uses; empty if
            there is no native reader, and Python reads.
        reader_reason: Why there is none.
        agents_off: The agents that the user has switched off, by their names in the ledger.
    """

    roots: tuple[RootHealth, ...]
    ledger_path: str
    ledger_bytes: int
    answers: int
    first_at: datetime | None
    last_at: datetime | None
    problems: tuple[LineProblem, ...]
    unreadable: tuple[UnreadablePath, ...]
    prices: PriceSource
    unpriced: tuple[str, ...]
    warnings: tuple[UsageError, ...]
    time_zone: str = "UTC"
    zone_doubt: UsageError | None = None
    machines: tuple[MachineUsage, ...] = ()
    agents: tuple[AgentUsage, ...] = ()
    described_blocks: int = 0
    unlogged_tokens: int = 0
    plan: tuple[PlanReading, ...] = ()
    agent_plans: tuple[AgentPlan, ...] = ()
    hooks: tuple[StatusLineHook, ...] = ()
    hook_command: str = ""
    at: datetime | None = None
    left: tuple[LeftFolder, ...] = ()
    is_listed: bool = False
    reader_instructions: str = ""
    reader_reason: str = ""
    agents_off: tuple[str, ...] = ()


def examine(
    options: TrackerOptions,
    keeper: LedgerKeeper,
    reader: LogReader,
    desk: QuestionDesk,
    current: CurrentUsage,
) -> HealthReport:
    """Return the state of everything that the figures are based on, and of the plan limits."""
    discovery = reader.discover()
    now = datetime.now(UTC)
    health = desk.read(lambda source: _examine(options, source, keeper, reader, discovery))
    return replace(
        health,
        time_zone=options.zone_name,
        zone_doubt=options.zone_doubt,
        plan=current.plan_limits(now),
        agent_plans=current.agent_plans(now),
        hooks=tuple(
            hook_of(Path(root.folder))
            for root in health.roots
            if root.exists and not root.machine and root.agent == CLAUDE_CODE
        ),
        hook_command=statusline_command(options.environment, options.data_dir),
        at=now,
        is_listed=FOLDERS_VARIABLE in options.environment,
        reader_instructions=NATIVE.instructions,
        reader_reason=NATIVE.reason,
        agents_off=tuple(sorted(options.agents_off, key=in_order)),
    )


def _examine(
    options: TrackerOptions,
    source: Source,
    keeper: LedgerKeeper,
    reader: LogReader,
    discovery: Discovery,
) -> HealthReport:
    existing = {file.name for file in discovery.files}
    known = [
        name
        for name, mark in source.ledger.marks().items()
        if not is_imported(name) and (mark.size >= 0 or mark.read_to)
    ]
    own_roots = source.ledger.roots()
    roots = as_known(reader.roots, own_roots)
    extent = source.ledger.extent()
    total = add_up(
        source.named(source.ledger.by_slot(source.scope, source.everything())),
        source.prices,
        CostMode.AUTO,
    )
    return HealthReport(
        roots=tuple(
            told
            for root in roots
            for told in (_root(root, roots, discovery, existing, known),)
            if root.exists or told.gone or not root.is_usual or of_claude_code((root,))
        ),
        ledger_path=str(keeper.path),
        ledger_bytes=_size(keeper.path),
        answers=source.ledger.answer_count(),
        first_at=to_utc(extent[0]) if extent else None,
        last_at=to_utc(extent[1]) if extent else None,
        problems=tuple(
            problem._replace(path=file_of(problem.path)) for problem in source.ledger.problems()
        ),
        unreadable=(
            *(UnreadablePath(*found) for found in discovery.unreadable),
            *(UnreadablePath(*failure) for failure in reader.failures),
            *(UnreadablePath(link, LINK_REASON) for link in discovery.links),
        ),
        prices=source.prices.source,
        unpriced=total.unpriced,
        warnings=keeper.warnings,
        machines=_machines(source, keeper.path),
        agents=_agents(source, keeper.path),
        described_blocks=len(source.ledger.described_blocks(source.scope)),
        unlogged_tokens=sum(
            model.tokens.total for model in total.models if model.label == UNLOGGED.label
        ),
        left=tuple(folders_left(keeper.path, own_roots, roots, options.agents_off)),
    )


def _machines(source: Source, path: Path) -> tuple[MachineUsage, ...]:
    held = holdings(path)
    this = source.ledger.this_machine()
    groups: dict[tuple[str, str], list[Root]] = {} if this is None else {("", this.name): []}
    for root in source.ledger.roots():
        groups.setdefault((root.key, root.machine), []).append(root)
    found = []
    for (key, name), roots in groups.items():
        held_here = [held[root.number] for root in roots if root.number in held]
        last_ms = max((holding.last_ms for holding in held_here), default=None)
        found.append(
            MachineUsage(
                name,
                this is not None and not key and name == this.name,
                sum(holding.answers for holding in held_here),
                _moment(last_ms),
                _moment(max((root.imported_at_ms or 0 for root in roots), default=0) or None),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.is_this, one.name.casefold())))


def _agents(source: Source, path: Path) -> tuple[AgentUsage, ...]:
    held = holdings(path)
    answers: dict[str, int] = {}
    for root in source.ledger.roots():
        if root.number in held:
            answers[root.agent] = answers.get(root.agent, 0) + held[root.number].answers
    return tuple(AgentUsage(name, answers[name]) for name in sorted(answers, key=in_order))


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else to_utc(at_ms)


def _root(
    root: LogRoot,
    roots: Iterable[LogRoot],
    discovery: Discovery,
    existing: AbstractSet[str],
    known: Iterable[str],
) -> RootHealth:
    named = LogRoot(root.name, root.agent)
    first = next(other.folder for other in roots if other.name == root.name)
    closed = tuple(_inside(unreadable.path) for unreadable in discovery.unreadable)
    return RootHealth(
        root.folder,
        root.machine,
        root.exists,
        files=sum(file.root.name == root.name for file in discovery.files),
        gone=sum(
            name not in existing
            and not name.startswith(closed)
            and named.found(file_of(name)) is not None
            for name in known
        ),
        same_as="" if first == root.folder else first,
        agent=root.agent.name,
    )


def _inside(folder: str) -> str:
    """Return the prefix of the paths of all files in a folder."""
    return os.path.join(folder, "")  # noqa: PTH118  # with a trailing slash


def _size(path: Path) -> int:
    """Return the size of the ledger in bytes, including its write-ahead log."""
    sizes = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    return sum(part.stat().st_size for part in sizes if part.exists())

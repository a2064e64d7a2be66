"""Exports every copy of an answer for other machines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from spendlight.errors import UsageError
from spendlight.ledger.transfer import shared_copies
from spendlight.metering.attribution import UNKNOWN
from spendlight.metering.entry import Role
from spendlight.metering.periods import spans, to_ms, to_utc
from spendlight.metering.slices import cost_of
from spendlight.metering.sums import UsageSlice, sum_of
from spendlight.tracker.entry_names import kind_name, tool_names
from spendlight.tracker.entry_rows import KIND, ROLE_NAMES, VERSION, EntryRow, Header
from spendlight.tracker.machines import know_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from spendlight.ledger.attributions import Names
    from spendlight.ledger.machines import Machine
    from spendlight.ledger.transfer import SharedCopy
    from spendlight.metering.entry import UsageEntry
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.questions.desk import QuestionDesk
    from spendlight.tracker.questions.selection import Selection
    from spendlight.tracker.questions.source import Source
    from spendlight.tracker.safekeeping import LedgerKeeper


class ExportBrokenOffError(UsageError):
    """The ledger turned out to be damaged while it was exported."""

    def __init__(self) -> None:
        super().__init__(
            "The export was stopped, because the usage ledger is damaged",
            "The ledger has been replaced. Export again.",
        )


class EntryExport(NamedTuple):
    """Entries to be written, with their header.

    Attributes:
        rows: The entries; can be iterated only once.
    """

    header: Header
    rows: Iterator[EntryRow]


def hand_out(
    selection: Selection,
    write: Callable[[EntryExport], int],
    desk: QuestionDesk,
    keeper: LedgerKeeper,
    options: TrackerOptions,
) -> int:
    """Export every copy of an answer in a selection; return how many were written.

    Raises:
        ExportBrokenOffError: If the ledger turns out to be damaged while it is read.
        LedgerError: If there is only a temporary ledger: it knows only what is in the logs, and has
            another machine key.
    """
    sources: list[Source] = []

    def export(source: Source) -> int:
        sources.append(source)
        keeper.demand_lasting()
        if len(sources) > 1:  # what was written already cannot be undone
            raise ExportBrokenOffError
        this = know_machine(source.ledger, options.environment)
        return write(_export_of(source, keeper.path, this, selection))

    return desk.read(export, selection.machines, selection.agents)


def _export_of(source: Source, ledger: Path, this: Machine, selection: Selection) -> EntryExport:
    """Return every copy of an answer in a selection.

    It includes copies that lost against others, marked as such: they may count in a part of the
    usage, or after other imports.
    """
    header = Header(KIND, VERSION, _text(to_ms(datetime.now(UTC))), this.name, this.key)
    return EntryExport(header, _rows(source, ledger, this, selection))


def _rows(source: Source, ledger: Path, this: Machine, selection: Selection) -> Iterator[EntryRow]:
    wanted = spans(selection.zone, *source.extent(), selection.days)
    if not wanted:
        return
    whole = wanted[0]._replace(end_ms=wanted[-1].end_ms)
    told: set[int] = set()
    found = shared_copies(ledger, source.scope, whole, project=selection.project)
    for copy, number, names in found:
        row = _row(copy, this, _cost(copy, source, selection))
        _add_names(row, copy.entry, names)
        if number not in told:
            told.add(number)
            title, requests = names.notes(number)
            if title is not None:
                row.title, row.title_kind = title.title, kind_name(title.kind)
            row.pull_requests = " ".join(requests)
        yield row


def _add_names(row: EntryRow, entry: UsageEntry, names: Names) -> None:
    """Add what is known of an answer's circumstances."""
    row.tools = tool_names(names.tools(entry.tools))
    if entry.attribution == UNKNOWN:
        return
    known = names.attribution(entry.attribution)
    row.folder, row.branch = known.folder, known.branch
    row.agent_id, row.agent_type = known.agent, names.agent_type(known.agent)
    row.skill, row.plugin = known.skill, known.plugin
    row.mcp_server, row.mcp_tool = known.mcp_server, known.mcp_tool
    row.effort, row.entry_point = known.effort, known.entry_point
    row.claude_version, row.service_tier = known.version, known.service_tier
    row.repository = names.repository(known.folder)


def _row(copy: SharedCopy, this: Machine, cost: float | None) -> EntryRow:
    root, path, session, variant, entry, is_counted = copy
    reset = entry.limit_reset_ms
    return EntryRow(
        timestamp=_text(entry.at_ms),
        machine=root.machine,
        project=session.project,
        project_path=session.project_path,
        session_id=session.session,
        model=variant.name,
        is_fast=variant.is_fast,
        inference_geo=variant.geo,
        is_advisor=variant.role is Role.ADVISOR,
        role=ROLE_NAMES.get(variant.role, ""),
        input_tokens=entry.input,
        output_tokens=entry.output,
        cache_creation_5m_tokens=entry.cache_write_5m,
        cache_creation_1h_tokens=entry.cache_write_1h,
        cache_read_tokens=entry.cache_read,
        web_search_requests=entry.web_searches,
        reasoning_tokens=entry.reasoning,
        cost=cost,
        recorded_cost=entry.recorded_cost,
        limit_reset=None if reset is None else _text(reset),
        is_counted=is_counted,
        is_sidechain=entry.is_sidechain,
        has_speed=entry.has_speed,
        answer=f"{entry.answer:016x}",
        request=f"{entry.request:016x}",
        path=path,
        offset=entry.offset,
        root=root.folder,
        vm_of=root.parent,
        machine_id=root.key or this.key,
        agent=root.agent,
    )


def _cost(copy: SharedCopy, source: Source, selection: Selection) -> float | None:
    if not copy.is_counted:
        return 0.0
    entry = copy.entry
    name = source.aliases.get(copy.variant.name, copy.variant.name)
    piece = UsageSlice(
        0,
        copy.session,
        copy.variant._replace(name=name),
        max(0, entry.context - 1),  # exceeded by its context, with no threshold in between
        entry.recorded_cost is not None,
        *sum_of(entry),
    )
    return cost_of(piece, source.prices, selection.mode)


def _text(at_ms: int) -> str:
    return f"{to_utc(at_ms).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"

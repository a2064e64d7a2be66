"""Hands entries to other machines, and takes in theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import UsageError
from spendlight.ledger.exchange import shared_copies
from spendlight.ledger.machines import Machine, imported_folder, imported_log
from spendlight.ledger.usage_ledger import Batch, FileMark, LogName
from spendlight.logs.dedup import DedupRegistry
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import (
    HAS_SPEED,
    IS_REFUSED,
    IS_SIDECHAIN,
    ModelVariant,
    Role,
    SessionName,
    UsageEntry,
)
from spendlight.metering.packed import pack
from spendlight.metering.periods import TOO_LATE_MS, spans, to_ms, to_utc
from spendlight.metering.session_names import SUBAGENTS, place_below, session_name
from spendlight.metering.slices import UsageSlice, cost_of
from spendlight.tracker.entry_files import read_entries
from spendlight.tracker.entry_rows import (
    KIND,
    VERSION,
    EntryRow,
    Header,
    ImportFileError,
    impossible,
)
from spendlight.tracker.machines import fit_name, know_machine
from spendlight.tracker.queries import days_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from spendlight.ledger.exchange import SharedCopy
    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.metering.packed import PackedEntries
    from spendlight.tracker.asking import QuestionDesk
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.queries import ReportRequest, Source
    from spendlight.tracker.safekeeping import LedgerKeeper

MOST_ENTRIES: Final = 16_000
"""So many are packed, and written, at once."""

_ROLES: Final = {Role.ATTEMPT: "attempt", Role.COMPACTION: "compaction", Role.REFUSED: "refused"}
_ROLE_OF: Final = {name: role for role, name in _ROLES.items()}


class ExportBrokenOffError(UsageError):
    """The ledger proved to be damaged while it was exported."""

    def __init__(self) -> None:
        super().__init__(
            "The export was broken off, as the usage ledger proved to be damaged",
            "Another one has taken its place. Export it again.",
        )


class EntryExport(NamedTuple):
    """Entries to be written, and what is said of all of them.

    Attributes:
        rows: May be gone through once.
    """

    header: Header
    rows: Iterator[EntryRow]


@dataclass(frozen=True, slots=True)
class ImportedEntries:
    """What came of an import.

    Attributes:
        machines: The machines whose entries were in it, without this one, by name.
        entries: How many entries of theirs.
        new_answers: Answers among them that were not known from anywhere.
        own_entries: Entries of this machine, which were left alone.
        namesakes: Machines in it that are called like this one.
    """

    machines: tuple[str, ...]
    entries: int
    new_answers: int
    own_entries: int
    namesakes: tuple[str, ...]


def hand_out(
    request: ReportRequest,
    write: Callable[[EntryExport], int],
    desk: QuestionDesk,
    keeper: LedgerKeeper,
    options: TrackerOptions,
) -> int:
    """Hand out every copy of an answer in what is asked for; return how many were written.

    Raises:
        ExportBrokenOffError: If the ledger proves to be damaged while it is read.
        LedgerError: If no ledger can be used that lasts: a temporary one knows only what is in the
            logs, and is another machine to others.
    """
    sources: list[Source] = []

    def export(source: Source) -> int:
        sources.append(source)
        keeper.demand_lasting()
        if len(sources) > 1:  # what was written already cannot be taken back
            raise ExportBrokenOffError
        this = know_machine(source.ledger, options.environment)
        return write(_export_of(source, keeper.path, this, request))

    return desk.ask(export, request.machines)


def take_in(
    path: Path, keeper: LedgerKeeper, prices: PricesInForce, options: TrackerOptions
) -> ImportedEntries:
    """Merge the entries in a file into the ledger in use.

    Raises:
        ImportFileError: If it holds no whole export.
        LedgerError: If no ledger can be used that lasts.
    """

    def merge() -> ImportedEntries:
        keeper.demand_lasting()
        with keeper.open() as ledger:
            prices.split_sums(ledger)
            merged = _merge(path, ledger, know_machine(ledger, options.environment))
            prices.split_sums(ledger)  # for models that were not met before
            return merged

    return keeper.use(merge)


def _export_of(source: Source, ledger: Path, this: Machine, request: ReportRequest) -> EntryExport:
    """Return every copy of an answer in what is asked for.

    Copies that lost against others are among them, marked: where not all of the usage is looked at,
    or comes together again, they may count.
    """
    header = Header(KIND, VERSION, _text(to_ms(datetime.now(UTC))), this.name, this.key)
    return EntryExport(header, _rows(source, ledger, this, request))


def _rows(
    source: Source, ledger: Path, this: Machine, request: ReportRequest
) -> Iterator[EntryRow]:
    wanted = spans(request.zone, *source.extent(), days_of(request))
    if not wanted:
        return
    whole = wanted[0]._replace(end_ms=wanted[-1].end_ms)
    for copy in shared_copies(ledger, source.scope, whole, project=request.project):
        yield _row(copy, this, _cost(copy, source, request))


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
        role=_ROLES.get(variant.role, ""),
        input_tokens=entry.input,
        output_tokens=entry.output,
        cache_creation_5m_tokens=entry.cache_write_5m,
        cache_creation_1h_tokens=entry.cache_write_1h,
        cache_read_tokens=entry.cache_read,
        web_search_requests=entry.web_searches,
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
    )


def _cost(copy: SharedCopy, source: Source, request: ReportRequest) -> float | None:
    if not copy.is_counted:
        return 0.0
    entry = copy.entry
    name = source.aliases.get(copy.variant.name, copy.variant.name)
    piece = UsageSlice(
        0,
        copy.session,
        copy.variant._replace(name=name),
        max(0, entry.tokens.context - 1),  # its context passes this, and no threshold in between
        entry.recorded_cost is not None,
        *entry[7:12],
        entry.recorded_cost or 0.0,
        entry.web_searches,
        1,
        entry.at_ms,
        entry.at_ms,
    )
    return cost_of(piece, source.prices, request.mode)


def _text(at_ms: int) -> str:
    return f"{to_utc(at_ms).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _merge(path: Path, ledger: UsageLedger, this: Machine) -> ImportedEntries:
    """Take in the entries in a file; what is known already changes nothing.

    The file is read to its end before anything is written. Should the writing be broken off, the
    rest comes in when it is done again.

    Raises:
        ImportFileError: If it holds no whole export.
        LedgerError: If the ledger cannot be written.
    """
    found = _Found(this, ledger.cuts)
    try:
        for row in read_entries(path):
            found.add(row)
    except _BadRowError as error:
        raise ImportFileError(path, str(error)) from error
    found.pack()
    new_answers = _write(found, ledger) if found.logs else 0
    names = sorted({log.name.machine for log in found.logs.values()}, key=str.casefold)
    return ImportedEntries(
        tuple(names),
        found.entries,
        new_answers,
        found.own,
        tuple(name for name in names if name == this.name),
    )


class _BadRowError(Exception):
    """An entry that says what cannot be."""


@dataclass(slots=True)
class _Log:
    """A log of another machine.

    Attributes:
        number: What its entries call it until the ledger has a number for it.
        end: The last place in it that is known.
    """

    number: int
    name: LogName
    end: int = 0


@dataclass(slots=True)
class _Found:
    """What was found in a file so far, packed, as there may be millions of entries.

    Attributes:
        parts: Entries by log, some thousands in each part.
        own: How many entries of this machine were left out.
    """

    this: Machine
    cuts: Sequence[int]
    logs: dict[tuple[str, str], _Log] = field(default_factory=dict)
    variants: dict[ModelVariant, int] = field(default_factory=dict)
    machines: dict[str, str] = field(default_factory=dict)
    parts: list[list[PackedEntries]] = field(default_factory=list)
    waiting: list[UsageEntry] = field(default_factory=list)
    entries: int = 0
    own: int = 0

    def add(self, row: EntryRow) -> None:
        """Take in an entry."""
        if row.machine_id == self.this.key:
            self.own += 1
            return
        role = _ROLE_OF.get(row.role) if row.role else Role(row.is_advisor)
        if role is None:
            message = f"nobody knows the role {row.role[:40]!r}"
            raise _BadRowError(message)
        variant = ModelVariant(row.model, row.is_fast, row.inference_geo, role)
        if variant != UNLOGGED and (reason := impossible(row)):  # a block is many answers
            raise _BadRowError(reason)
        log = self._log(row)
        log.end = max(log.end, row.offset + 1)
        number = self.variants.get(variant)
        if number is None:
            number = self.variants[variant] = variant.number
        self.waiting.append(
            UsageEntry(
                int(row.answer, 16),
                int(row.request, 16),
                _moment(row.timestamp),
                log.number,
                row.offset,
                number,
                row.is_sidechain * IS_SIDECHAIN
                + row.has_speed * HAS_SPEED
                + (role is Role.REFUSED) * IS_REFUSED,
                row.input_tokens,
                row.output_tokens,
                row.cache_creation_5m_tokens,
                row.cache_creation_1h_tokens,
                row.cache_read_tokens,
                row.web_search_requests,
                row.recorded_cost,
                None if row.limit_reset is None else _moment(row.limit_reset),
            )
        )
        self.entries += 1
        if len(self.waiting) >= MOST_ENTRIES:
            self.pack()

    def pack(self) -> None:
        """Pack what waits for it."""
        if not self.waiting:
            return
        by_log: dict[int, list[UsageEntry]] = {}
        for entry in self.waiting:
            by_log.setdefault(entry.file, []).append(entry)
        self.parts.append([pack(log, entries, self.cuts) for log, entries in by_log.items()])
        self.waiting = []

    def _log(self, row: EntryRow) -> _Log:
        place = (row.machine_id, row.path)
        log = self.logs.get(place)
        if log is None:
            key = row.machine_id
            machine = fit_name(row.machine)
            if machine != row.machine:
                message = f"no machine can be called {row.machine[:100]!r}"
                raise _BadRowError(message)
            if not row.vm_of:
                self.machines[key] = machine
            name = LogName(
                imported_log(row.path, key, self.this.key),
                imported_folder(row.root, key),
                machine,
                imported_folder(row.vm_of, key) if row.vm_of else "",
                _session_of(row),
            )
            log = self.logs[place] = _Log(len(self.logs), name)
        return log


def _session_of(row: EntryRow) -> SessionName:
    """Return whose a log is; of a subagent's, an older version may have said something else."""
    place = place_below(row.root, row.path) if SUBAGENTS in row.path else None
    if place is None:
        return SessionName(row.project, row.project_path, row.session_id)
    return session_name(place)


def _moment(text: str) -> int:
    try:
        at_ms = to_ms(datetime.fromisoformat(text))
    except (ValueError, TypeError) as error:  # TypeError: it has no time zone
        message = f"{text[:40]!r} is no moment"
        raise _BadRowError(message) from error
    if not 0 <= at_ms < TOO_LATE_MS:
        message = f"{text[:40]!r} is out of reach"
        raise _BadRowError(message)
    return at_ms


def _write(found: _Found, ledger: UsageLedger) -> int:
    """Write what was found; return how many answers were not known from anywhere."""
    numbers = ledger.enlist([log.name for log in found.logs.values()])
    logs = {log.number: log for log in found.logs.values()}
    paths = {number: name for name, number in numbers.items()}
    registry = DedupRegistry(paths, found.cuts)
    variants = {number: variant for variant, number in found.variants.items()}
    new_answers = 0
    for part in found.parts:
        for packed in part:
            name = logs[packed.file].name
            registry.add(name.root, packed._replace(file=numbers[name.path]))
        batch = Batch((), (), *registry.drain(), variants, (), lost=registry.take_lost())
        new_answers += ledger.record(batch).new_answers
    known = ledger.marks()
    marks = [
        FileMark(number, -1, 0, 0, max(log.end, known[log.name.path].read_to), 0)
        for log in found.logs.values()
        for number in (numbers[log.name.path],)
    ]
    ledger.record(Batch(marks, (), (), (), {}, ()))
    keys = {key for key, _ in found.logs}
    machines = [Machine(key, found.machines.get(key, "")) for key in sorted(keys)]
    ledger.note_import(machines, to_ms(datetime.now(UTC)))
    return new_answers

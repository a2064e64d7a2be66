"""Imports what other machines have exported; reads a whole file before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from spendlight.ledger.machines import Machine, imported_folder, imported_log
from spendlight.ledger.usage_ledger import Batch, FileMark, LogName
from spendlight.logs.dedup import DedupRegistry
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import (
    CLAUDE_CODE,
    HAS_SPEED,
    IS_REFUSED,
    IS_SIDECHAIN,
    ModelVariant,
    Role,
    SessionName,
    UsageEntry,
)
from spendlight.metering.packed import pack
from spendlight.metering.periods import TOO_LATE_MS, to_ms
from spendlight.metering.session_names import SUBAGENTS, place_below, session_name
from spendlight.tracker.entry_files import read_entries
from spendlight.tracker.entry_rows import ROLE_NAMES, EntryRow, ImportFileError, impossible
from spendlight.tracker.machines import fit_name, know_machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.metering.packed import PackedEntries
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.safekeeping import LedgerKeeper

MOST_ENTRIES: Final = 16_000
"""This many entries are packed, and written, at once."""

_ROLE_OF: Final = {name: role for role, name in ROLE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class ImportedEntries:
    """The result of an import.

    Attributes:
        machines: The machines whose entries were in the file, without this one, by name.
        entries: How many entries they have.
        new_answers: How many of their answers were not known before.
        own_entries: Entries of this machine, which were ignored.
        namesakes: Machines in the file with the same name as this one.
    """

    machines: tuple[str, ...]
    entries: int
    new_answers: int
    own_entries: int
    namesakes: tuple[str, ...]


def take_in(
    path: Path, keeper: LedgerKeeper, prices: PricesInForce, options: TrackerOptions
) -> ImportedEntries:
    """Merge the entries in a file into the ledger in use.

    Raises:
        ImportFileError: If it is not a complete export.
        LedgerError: If there is only a temporary ledger.
    """

    def merge() -> ImportedEntries:
        keeper.demand_lasting()
        with keeper.open() as ledger:
            prices.split_sums(ledger)
            merged = _merge(path, ledger, know_machine(ledger, options.environment))
            prices.split_sums(ledger)  # for new models
            return merged

    return keeper.use(merge)


def _merge(path: Path, ledger: UsageLedger, this: Machine) -> ImportedEntries:
    """Import the entries in a file; known ones change nothing.

    The file is read completely before anything is written. If writing is interrupted, repeating it
    adds the rest.

    Raises:
        ImportFileError: If it is not a complete export.
        LedgerError: If the ledger cannot be written.
    """
    found = _Found(this, ledger.context_thresholds)
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
    """An entry with impossible values."""


@dataclass(slots=True)
class _Log:
    """A log of another machine.

    Attributes:
        number: Its number in the entries, until the ledger assigns one.
        end: The last known offset in it.
    """

    number: int
    name: LogName
    end: int = 0


@dataclass(slots=True)
class _Found:
    """The contents of a file read so far, packed, as there may be millions of entries.

    Attributes:
        parts: Entries by log, some thousands in each part.
        own: How many entries of this machine were ignored.
    """

    this: Machine
    context_thresholds: Sequence[int]
    logs: dict[tuple[str, str], _Log] = field(default_factory=dict)
    variants: dict[ModelVariant, int] = field(default_factory=dict)
    machines: dict[str, str] = field(default_factory=dict)
    parts: list[list[PackedEntries]] = field(default_factory=list)
    waiting: list[UsageEntry] = field(default_factory=list)
    entries: int = 0
    own: int = 0

    def add(self, row: EntryRow) -> None:
        """Add an entry."""
        if row.machine_id == self.this.key:
            self.own += 1
            return
        role = _ROLE_OF.get(row.role) if row.role else Role(row.is_advisor)
        if role is None:
            message = f"unknown role {row.role[:40]!r}"
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
        """Pack the pending entries."""
        if not self.waiting:
            return
        by_log: dict[int, list[UsageEntry]] = {}
        for entry in self.waiting:
            by_log.setdefault(entry.file, []).append(entry)
        self.parts.append(
            [pack(log, entries, self.context_thresholds) for log, entries in by_log.items()]
        )
        self.waiting = []

    def _log(self, row: EntryRow) -> _Log:
        place = (row.machine_id, row.path)
        log = self.logs.get(place)
        if log is None:
            key = row.machine_id
            machine = fit_name(row.machine)
            if machine != row.machine:
                message = f"{row.machine[:100]!r} is not a valid machine name"
                raise _BadRowError(message)
            if not row.vm_of:
                self.machines[key] = machine
            name = LogName(
                imported_log(row.path, key, self.this.key),
                imported_folder(row.root, key),
                machine,
                imported_folder(row.vm_of, key) if row.vm_of else "",
                _session_of(row),
                agent=row.agent,
            )
            log = self.logs[place] = _Log(len(self.logs), name)
        return log


def _session_of(row: EntryRow) -> SessionName:
    """Return the session of a log; an older version may have named another one for a subagent."""
    is_subagent = row.agent == CLAUDE_CODE and SUBAGENTS in row.path
    place = place_below(row.root, row.path) if is_subagent else None
    if place is None:
        return SessionName(row.project, row.project_path, row.session_id)
    return session_name(place)


def _moment(text: str) -> int:
    try:
        at_ms = to_ms(datetime.fromisoformat(text))
    except (ValueError, TypeError) as error:  # TypeError: without a time zone
        message = f"{text[:40]!r} is not a time"
        raise _BadRowError(message) from error
    if not 0 <= at_ms < TOO_LATE_MS:
        message = f"{text[:40]!r} is out of range"
        raise _BadRowError(message)
    return at_ms


def _write(found: _Found, ledger: UsageLedger) -> int:
    """Write everything; return how many answers were not known before."""
    numbers = ledger.enlist([log.name for log in found.logs.values()])
    logs = {log.number: log for log in found.logs.values()}
    paths = {number: name for name, number in numbers.items()}
    registry = DedupRegistry(paths, found.context_thresholds)
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
    owners = [
        (numbers[log.name.path], log.name.session)
        for log in found.logs.values()
        if log.name.agent != CLAUDE_CODE  # where the path names the session
    ]
    ledger.record(Batch(marks, (), (), (), {}, (), owners=owners))
    keys = {key for key, _ in found.logs}
    machines = [Machine(key, found.machines.get(key, "")) for key in sorted(keys)]
    ledger.note_import(machines, to_ms(datetime.now(UTC)))
    return new_answers

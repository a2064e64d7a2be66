"""Reads one file of entries to its end, log by log and column by column."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from operator import le
from struct import unpack
from typing import TYPE_CHECKING, Final

from spendlight.ledger.batches import LogName
from spendlight.ledger.machines import imported_folder, imported_log
from spendlight.logs.claude_code.native_exports import NONE, PADDING, export_reader
from spendlight.logs.claude_code.native_library import NativeError
from spendlight.metering.attribution import UNKNOWN
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import (
    CLAUDE_CODE,
    HAS_SPEED,
    IS_REFUSED,
    IS_SIDECHAIN,
    MAX_COUNT,
    MAX_DOLLARS,
    ModelVariant,
    Role,
    SessionName,
    UsageEntry,
)
from spendlight.metering.packed import columns_of, pack_columns
from spendlight.metering.periods import TOO_LATE_MS, to_ms
from spendlight.metering.session_names import SUBAGENTS, path_below, session_name
from spendlight.tracker.entry_files import decoded, decoded_line, read_entries, unreadable
from spendlight.tracker.entry_names import RowNames, notes_in
from spendlight.tracker.entry_rows import ROLE_NAMES, EntryRow, ImportFileError, impossible
from spendlight.tracker.machines import fit_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spendlight.ledger.machines import Machine
    from spendlight.logs.claude_code.native_exports import ExportReader
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.session_notes import SessionNote
    from spendlight.metering.summing import Columns

MOST_WAITING: Final = 16_000
"""How many entries are held before they are packed."""

MOST_ODD: Final = 16
"""After this many lines that the native reader leaves to Python, so are those after them."""

_FIRST_COUNT: Final = UsageEntry._fields.index("input")
_COST: Final = UsageEntry._fields.index("recorded_cost")
_OUTPUT: Final = UsageEntry._fields.index("output")
_REASONING: Final = UsageEntry._fields.index("reasoning")

_ROLE_OF: Final = {name: role for role, name in ROLE_NAMES.items()}


class BadRowError(Exception):
    """An entry contains a value that no entry can have."""


class ForeignLog:
    """A log of another machine.

    Attributes:
        number: How many logs of the file were met before it.
        name: What the ledger calls it.
        end: The end of what is known of it, in bytes.
        waiting: Rows that are not packed yet.
        notes: What is known of its session beside its answers.
    """

    __slots__ = ("end", "name", "notes", "number", "waiting")

    def __init__(self, number: int, name: LogName) -> None:
        self.number = number
        self.name = name
        self.end = 0
        self.waiting: list[EntryRow] = []
        self.notes: list[SessionNote] = []


class ImportFile:
    """The entries of one file, packed, as there may be millions of them.

    Args:
        path: The file.
        this: This machine, whose own entries are left out.
        context_thresholds: Context sizes at which some price changes, ascending.
        rows: Its entries, if they come from elsewhere; then nothing is read.

    Attributes:
        logs: The logs that its entries are of, by their machine's key and their path there.
        parts: Its entries: some thousands in each part, and those of a log together, in one piece
            or two.
        variants: The models that they refer to by number.
        names: What the machines in it are called, by their keys, without virtual ones.
        entries: How many entries there are.
        sums: How many sums they have.
        own: How many entries of this machine were left out.
        told: What the entries refer to by number, and what is known of names.

    Raises:
        ImportFileError: If it is not a complete export.
    """

    def __init__(
        self,
        path: Path,
        this: Machine,
        context_thresholds: Sequence[int],
        rows: Iterator[EntryRow] | None = None,
    ) -> None:
        self.path = path
        self.logs: dict[tuple[str, str], ForeignLog] = {}
        self.parts: list[list[tuple[ForeignLog, PackedEntries]]] = []
        self.names: dict[str, str] = {}
        self.entries = 0
        self.sums = 0
        self.own = 0
        self.told = RowNames()
        self._this = this
        self._context_thresholds = context_thresholds
        self._numbers: dict[tuple[str, bool, str, str, bool], int] = {}
        self._variants: dict[int, ModelVariant] = {}
        self._native = export_reader()
        self._bad_variant: BadRowError | None = None
        try:
            self._read(read_entries(path, self._decoded) if rows is None else rows)
        except BadRowError as error:
            raise ImportFileError(path, str(error)) from error
        except NativeError as error:  # there is no memory
            raise unreadable(path, OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))) from error
        finally:
            self._native = None
        used = {key[1] for part in self.parts for _, packed in part for key in packed.sums}
        self.variants = {number: self._variants[number] for number in used}

    @property
    def machine_names(self) -> list[str]:
        """The names of the machines whose entries are in it, in alphabetical order."""
        return sorted({log.name.machine for log in self.logs.values()}, key=str.casefold)

    def _read(self, rows: Iterator[EntryRow]) -> None:
        own_key = self._this.key
        waiting = 0
        for row in rows:
            if row.machine_id == own_key:
                self.own += 1
                continue
            self._log(row).waiting.append(row)
            self._note(row)
            waiting += 1
            if waiting == MOST_WAITING:
                self._pack()
                waiting = 0
        self._pack()

    def _decoded(self, lines: bytes, count: int, path: Path) -> tuple[Sequence[EntryRow], int]:
        """Read lines; return the entries that the native reader has not taken, and how many it has.

        Args:
            lines: One entry each.
            count: How many entries come before them.
            path: The file that they are in.
        """
        native, size = self._native, len(lines)
        if native is None or not lines.endswith(b"\n"):
            return decoded(lines, count, path)
        text = lines + PADDING
        left: list[EntryRow] = []
        taken = 0
        stop = native.read(text, 0, size)
        while stop.start < size:
            taken += stop.taken
            number = count + taken + len(left)
            if len(left) == MOST_ODD:
                rest, others = decoded(lines[stop.start :], number, path)
                return [*left, *rest], taken + others
            start = lines.index(b"\n", stop.start) + 1
            row = decoded_line(lines[stop.start : start], number + 1, path)
            if stop.is_new:
                self._learn(row, native)
                self._note(row)
                start = stop.start
            else:
                left.append(row)
                if row.machine_id != self._this.key:
                    self._log(row)  # as the first row of a log says whose it is
            stop = native.read(text, start, size)
        if native.waiting >= MOST_WAITING:
            self._pack()
        return left, taken + stop.taken

    def _learn(self, row: EntryRow, native: ExportReader) -> None:
        """Have the native reader take lines with the log and the variant of a row."""
        is_own = row.machine_id == self._this.key
        try:
            variant = self._variant(row)
        except BadRowError as error:
            if not is_own:
                raise
            variant, self._bad_variant = NONE, error  # as none of the own entries is written
        told = (UNKNOWN, UNKNOWN) if is_own else self.told.numbers(row)
        native.learn(NONE if is_own else self._log(row).number, variant, told)

    def _note(self, row: EntryRow) -> None:
        """Note what a row says about its session."""
        if (row.title or row.pull_requests) and row.machine_id != self._this.key:
            self._log(row).notes += notes_in(row)

    def _log(self, row: EntryRow) -> ForeignLog:
        """Return the log of a row."""
        key = row.machine_id
        log = self.logs.get((key, row.path))
        if log is None:
            log = self.logs[key, row.path] = self._new_log(row)
        return log

    def _new_log(self, row: EntryRow) -> ForeignLog:
        key = row.machine_id
        machine = fit_name(row.machine)
        if machine != row.machine:
            message = f"{row.machine[:100]!r} is not a valid machine name"
            raise BadRowError(message)
        if not row.vm_of:
            self.names[key] = machine
        return ForeignLog(
            len(self.logs),
            LogName(
                imported_log(row.path, key, self._this.key),
                imported_folder(row.root, key),
                machine,
                imported_folder(row.vm_of, key) if row.vm_of else "",
                _session_of(row),
                agent=row.agent,
            ),
        )

    def _pack(self) -> None:
        """Pack the entries that wait for it."""
        part = [(log, self._packed(log)) for log in self.logs.values() if log.waiting]
        if self._native is not None and self._native.waiting:
            part += self._packed_natively(self._native)
        if part:
            self.parts.append(part)
            self.sums += sum(len(packed.sums) for _, packed in part)

    def _packed_natively(self, native: ExportReader) -> Iterator[tuple[ForeignLog, PackedEntries]]:
        try:
            packed, own = native.pack(self._context_thresholds)
        except ValueError as error:
            raise self._bad_variant or error from error
        self.own += own
        logs = list(self.logs.values())
        for number, entries, end in packed:
            log = logs[number]
            log.end = max(log.end, end)
            self.entries += entries.count
            yield log, entries

    def _packed(self, log: ForeignLog) -> PackedEntries:
        rows, log.waiting = log.waiting, []
        offsets = [row.offset for row in rows]
        told = list(map(self.told.numbers, rows))
        columns = columns_of(
            len(rows),
            answer=_hashes([row.answer for row in rows]),
            request=_hashes([row.request for row in rows]),
            at_ms=[_moment(row.timestamp) for row in rows],
            file=[0] * len(rows),  # the ledger gives it a number
            offset=offsets,
            variant=[self._variant(row) for row in rows],
            flags=[
                row.is_sidechain * IS_SIDECHAIN
                + row.has_speed * HAS_SPEED
                + (row.role == ROLE_NAMES[Role.REFUSED]) * IS_REFUSED
                for row in rows
            ],
            input=[row.input_tokens for row in rows],
            output=[row.output_tokens for row in rows],
            cache_write_5m=[row.cache_creation_5m_tokens for row in rows],
            cache_write_1h=[row.cache_creation_1h_tokens for row in rows],
            cache_read=[row.cache_read_tokens for row in rows],
            web_searches=[row.web_search_requests for row in rows],
            reasoning=[row.reasoning_tokens for row in rows],
            recorded_cost=[row.recorded_cost for row in rows],
            limit_reset_ms=[
                None if row.limit_reset is None else _moment(row.limit_reset) for row in rows
            ],
            attribution=[attribution for attribution, _ in told],
            tools=[tools for _, tools in told],
        )
        self._demand_possible(rows, columns)
        log.end = max(log.end, max(offsets) + 1)
        self.entries += len(rows)
        return pack_columns(0, columns, self._context_thresholds)

    def _variant(self, row: EntryRow) -> int:
        """Return the number of a row's variant."""
        key = (row.model, row.is_fast, row.inference_geo, row.role, row.is_advisor)
        number = self._numbers.get(key)
        if number is None:
            role = _ROLE_OF.get(row.role) if row.role else Role(row.is_advisor)
            if role is None:
                message = f"unknown role {row.role[:40]!r}"
                raise BadRowError(message)
            variant = ModelVariant(row.model, row.is_fast, row.inference_geo, role)
            number = self._numbers[key] = variant.number
            self._variants[number] = variant
        return number

    def _demand_possible(self, rows: Sequence[EntryRow], columns: Columns) -> None:
        """Make sure that no answer contains more than one can."""
        if (
            max(map(max, columns[_FIRST_COUNT:_COST])) <= MAX_COUNT
            and all(cost is None or abs(cost) <= MAX_DOLLARS for cost in columns[_COST])
            and all(map(le, columns[_REASONING], columns[_OUTPUT]))
        ):
            return
        for row in rows:
            if self._variants[self._variant(row)] != UNLOGGED and (reason := impossible(row)):
                raise BadRowError(reason)  # what a block file describes is many answers


def _hashes(texts: Sequence[str]) -> Sequence[int]:
    """Return hashes as numbers, from sixteen hexadecimal digits each."""
    return unpack(f">{len(texts)}q", bytes.fromhex("".join(texts)))


def _session_of(row: EntryRow) -> SessionName:
    """Return whose a log is; of a subagent's, an older version may have said something else."""
    is_subagent = row.agent == CLAUDE_CODE and SUBAGENTS in row.path
    below = path_below(row.root, row.path) if is_subagent else None
    if below is None:
        return SessionName(row.project, row.project_path, row.session_id)
    return session_name(below)


def _moment(text: str) -> int:
    try:
        at_ms = to_ms(datetime.fromisoformat(text))
    except (ValueError, TypeError) as error:  # TypeError: it has no time zone
        message = f"{text[:40]!r} is not a time"
        raise BadRowError(message) from error
    if not 0 <= at_ms < TOO_LATE_MS:
        message = f"{text[:40]!r} is out of range"
        raise BadRowError(message)
    return at_ms

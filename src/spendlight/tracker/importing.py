"""Imports what other machines have exported: each file is read to its end before it is written."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from xxhash import xxh3_128

from spendlight.ledger.batches import Batch, FileMark
from spendlight.ledger.imported_files import ImportedFile
from spendlight.ledger.machines import Machine
from spendlight.logs.claude_code.native_settling import settler
from spendlight.metering.attribution import UNKNOWN
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.packed import hashes
from spendlight.metering.periods import to_ms
from spendlight.metering.runs import MARK
from spendlight.regular_files import open_regular
from spendlight.tracker.entry_files import unreadable
from spendlight.tracker.entry_names import names_of
from spendlight.tracker.entry_rows import ImportFileError
from spendlight.tracker.garbage import rare_collections
from spendlight.tracker.import_reading import ImportFile
from spendlight.tracker.machines import know_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from spendlight.ledger.batches import LogName
    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.metering.entry import SessionName, UsageEntry
    from spendlight.metering.packed import PackedEntries
    from spendlight.metering.session_notes import SessionNote
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.safekeeping import LedgerKeeper

MOST_ENTRIES: Final = 400_000
"""How many entries are written in one transaction, and about how many are held before that.

Each transaction touches the logs of all earlier ones that hold copies of its answers, and all days:
a few large ones take two thirds of the time of ones with a quarter of the entries."""

MOST_SUMS: Final = 200_000
"""The same for the sums of entries, which take ten times the memory of an entry."""

_PART_BYTES: Final = 1 << 18


class ImportedEntries(NamedTuple):
    """The result of importing one file.

    Attributes:
        machines: The machines whose entries were in it, without this one, by name.
        entries: How many entries of theirs.
        new_answers: Answers among them that were not known from anywhere.
        own_entries: Entries of this machine, which were skipped.
        namesakes: Machines in it that have the same name as this one.
    """

    machines: tuple[str, ...]
    entries: int
    new_answers: int
    own_entries: int
    namesakes: tuple[str, ...]


class ImportOutcome(NamedTuple):
    """What became of one file: it was imported, or it could not be.

    Attributes:
        path: The file.
        imported: What was in it; None if there is an error.
        error: Why nothing in it was imported.
    """

    path: Path
    imported: ImportedEntries | None
    error: ImportFileError | None = None


def import_files(
    paths: Sequence[Path],
    keeper: LedgerKeeper,
    prices: PricesInForce,
    options: TrackerOptions,
) -> Iterator[ImportOutcome]:
    """Merge the entries of files into the ledger in use; yield what became of each, in order.

    Several files are written together, as that takes less time.

    Raises:
        LedgerError: If there is no permanent ledger that can be used.
    """

    def merge() -> list[ImportOutcome]:
        keeper.demand_lasting()
        with keeper.open() as ledger, rare_collections():
            prices.split_sums(ledger)
            outcomes = _merge(paths, ledger, know_machine(ledger, options.environment))
            prices.split_sums(ledger)  # for models that were not met before
            if options.keeps_days and len(outcomes) == len(paths):
                ledger.keep_days(options.time_zone)  # so that the next command need not
            return outcomes

    while paths:
        outcomes = keeper.use(merge)
        yield from outcomes
        paths = paths[len(outcomes) :]


class _Read(NamedTuple):
    """A file to be written.

    Attributes:
        file: What identifies it; None if it changed while it was read.
    """

    found: ImportFile
    file: ImportedFile | None


def _merge(paths: Sequence[Path], ledger: UsageLedger, this: Machine) -> list[ImportOutcome]:
    """Import the first files, as many as are written together.

    Should writing be interrupted, the rest comes in when it is done again.

    Raises:
        LedgerError: If the ledger cannot be written.
    """
    outcomes: list[ImportOutcome | _Read] = []
    waiting: list[_Read] = []
    for path in paths:
        outcome = _read(path, ledger, this)
        outcomes.append(outcome)
        if isinstance(outcome, _Read):
            waiting.append(outcome)
        if _is_much(
            sum(read.found.entries for read in waiting), sum(read.found.sums for read in waiting)
        ):
            break
    new_answers = iter(write([read.found for read in waiting], ledger))
    told = []
    for outcome in outcomes:
        if isinstance(outcome, _Read):
            told.append(_done(outcome, next(new_answers), ledger, this))
        else:
            told.append(outcome)
    return told


def _read(path: Path, ledger: UsageLedger, this: Machine) -> ImportOutcome | _Read:
    """Read a file, unless it was imported before."""
    try:
        before = path.stat()
        if ledger.is_size_known(this.key, before.st_size):
            known = ledger.imported_file(_identified(path, before.st_size, this))
            if known is not None and (outcome := _known(path, known, ledger, this)):
                return outcome
        found = ImportFile(path, this, ledger.context_thresholds)
        file = _identified(path, before.st_size, this)
        after = path.stat()
    except ImportFileError as error:
        return ImportOutcome(path, None, error)
    except OSError as error:
        return ImportOutcome(path, None, unreadable(path, error))
    is_same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return _Read(found, file if is_same else None)


def _identified(path: Path, size: int, this: Machine) -> ImportedFile:
    """Return what identifies a file, from its first bytes to its last."""
    digest = xxh3_128()
    left = size
    with open_regular(path) as file:
        while left > 0 and (part := file.read(min(left, _PART_BYTES))):
            digest.update(part)
            left -= len(part)
    return ImportedFile(this.key, size, digest.hexdigest())


def _known(path: Path, known: str, ledger: UsageLedger, this: Machine) -> ImportOutcome | None:
    """Return what is known of a file that was imported before."""
    with suppress(ValueError, TypeError):  # it is damaged: the file is read again
        machines, names, entries, own = json.loads(known)
        ledger.note_import([Machine(*machine) for machine in machines], to_ms(datetime.now(UTC)))
        return ImportOutcome(path, _imported(names, entries, 0, own, this))
    return None


def _done(read: _Read, new_answers: int, ledger: UsageLedger, this: Machine) -> ImportOutcome:
    """Note that a file was written; return what was in it."""
    found = read.found
    machines = [
        Machine(key, found.names.get(key, "")) for key in sorted({k for k, _ in found.logs})
    ]
    names = found.machine_names
    what = json.dumps((machines, names, found.entries, found.own))
    files = {read.file: what} if read.file is not None else {}
    ledger.note_import(machines, to_ms(datetime.now(UTC)), files)
    return ImportOutcome(found.path, _imported(names, found.entries, new_answers, found.own, this))


def _imported(
    names: Sequence[str], entries: int, new_answers: int, own: int, this: Machine
) -> ImportedEntries:
    namesakes = tuple(name for name in names if name == this.name)
    return ImportedEntries(tuple(names), entries, new_answers, own, namesakes)


def write(files: Sequence[ImportFile], ledger: UsageLedger) -> list[int]:
    """Write what was found; return how many answers of each file were not known from anywhere.

    Doing it twice changes nothing.

    Raises:
        LedgerError: If the ledger cannot be written.
    """
    logs = {log.name.path: log.name for found in files for log in found.logs.values()}
    if not logs:
        return [0] * len(files)
    marks = ledger.marks(logs)  # of those that the ledger knows already
    numbers = ledger.enlist(list(logs.values()))
    held = ledger.entries_in_files([numbers[path] for path in marks])
    variants = {k: v for found in files for k, v in found.variants.items()}
    new_answers = [0] * len(files)
    attributions, tools = names_of([found.told for found in files])
    better: dict[int, list[UsageEntry]] = {}
    *earlier, last = _groups(files)
    for group in (*earlier, last):
        answers = []
        added = []
        for index, log, packed in group:
            number = numbers[log.path]
            new = packed._replace(file=number)
            if number in held:
                new = _without_held(new, held[number], ledger.context_thresholds)
                if packed.columns.startswith(MARK):
                    better.setdefault(number, []).extend(packed.entries())
            if new.answers:
                added.append(new)
                answers.append((index, hashes(new.answers)))
        ends, owners = _ends(files, numbers, marks) if group is last else ((), ())
        batch = Batch(
            ends,
            (),
            added,
            (),
            variants,
            (),
            owners=owners,
            settler=settler(),
            attributions=attributions,
            tools=tools,
            notes=_notes(files, numbers) if group is last else (),
        )
        known = set(ledger.record(batch).known_answers)
        for index, found in answers:
            new_answers[index] += len(set(found) - known)
            known.update(found)
    for number, entries in better.items():
        ledger.fill_in(number, entries, attributions, tools, is_of_this_machine=False)
    _take_in_facts(files, ledger)
    return new_answers


def _take_in_facts(files: Sequence[ImportFile], ledger: UsageLedger) -> None:
    """Write what is known of names."""
    for file in files:
        if any(file.told.facts):
            ledger.take_in_facts(file.told.facts)


def _notes(
    files: Sequence[ImportFile], numbers: Mapping[str, int]
) -> list[tuple[int, SessionNote]]:
    """Return what is known of sessions beside their answers, by the log's number."""
    return [
        (numbers[log.name.path], note)
        for found in files
        for log in found.logs.values()
        for note in log.notes
    ]


def _groups(files: Sequence[ImportFile]) -> Iterator[list[tuple[int, LogName, PackedEntries]]]:
    """Yield as many entries as are written in one transaction, with file and log.

    Each comes with the file's index among the files, and with the name of its log.
    """
    group: list[tuple[int, LogName, PackedEntries]] = []
    entries = sums = 0
    for index, found in enumerate(files):
        for part in found.parts:
            if group and _is_much(entries, sums):
                yield group
                group, entries, sums = [], 0, 0
            group += [(index, log.name, packed) for log, packed in part]
            entries += sum(packed.count for _, packed in part)
            sums += sum(len(packed.sums) for _, packed in part)
    if group:
        yield group


def _is_much(entries: int, sums: int) -> bool:
    """Return whether so many entries, with so many sums, are to be written."""
    return entries >= MOST_ENTRIES or sums >= MOST_SUMS


def _without_held(
    packed: PackedEntries, held: AbstractSet[UsageEntry], context_thresholds: Sequence[int]
) -> PackedEntries:
    """Return the entries that the ledger does not hold as they are, whatever is known of them."""
    known = set(map(_bare, held))
    rows = {row for row, entry in enumerate(packed.entries()) if _bare(entry) in known}
    return packed.without(rows, context_thresholds) if rows else packed


def _bare(entry: UsageEntry) -> UsageEntry:
    """Return an entry without its circumstances."""
    return entry._replace(attribution=UNKNOWN, tools=UNKNOWN)


def _ends(
    files: Sequence[ImportFile], numbers: Mapping[str, int], marks: Mapping[str, FileMark]
) -> tuple[list[FileMark], list[tuple[int, SessionName]]]:
    """Return how far each log is known, and whose logs are whose."""
    ends: dict[int, int] = {}
    owners = []
    for log in chain.from_iterable(found.logs.values() for found in files):
        number = numbers[log.name.path]
        known = marks[log.name.path].read_to if log.name.path in marks else 0
        ends[number] = max(log.end, known, ends.get(number, 0))
        if log.name.agent != CLAUDE_CODE:  # its paths say whose a log is
            owners.append((number, log.name.session))
    return [FileMark(number, -1, 0, 0, end, 0) for number, end in ends.items()], owners

"""Takes the entries of a team's other machines into the ledger, if the user wants that.

They get there like those of a file that is imported: what the ledger holds already is recognized,
so each counts once, whatever was imported before and however often this is broken off. The ledger
also notes which segments are in it, so that one restored from a backup takes in the rest again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.ledger.machines import Machine
from spendlight.metering.entry import CLAUDE_CODE, Role
from spendlight.metering.periods import to_ms, to_utc
from spendlight.tracker.entry_rows import ROLE_NAMES, EntryRow, ImportFileError
from spendlight.tracker.import_reading import ImportFile
from spendlight.tracker.importing import MOST_ENTRIES, write
from spendlight.tracker.machines import fit_name, know_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from spendlight.ledger.usage_ledger import UsageLedger
    from spendlight.team.entries import ForeignCopies, ForeignCopy
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.prices_in_force import PricesInForce
    from spendlight.tracker.safekeeping import LedgerKeeper

_LOG: Final = ".jsonl"
_VMS: Final = ("/vms/", "\\vms\\")
"""What stands between the data folder of a host and that of its virtual machine."""


class KeptEntries(NamedTuple):
    """What the ledger has taken in.

    Attributes:
        entries: How many entries of other machines.
        new_answers: Answers among them that were not known from anywhere.
        machines: The names of these machines, in alphabetical order.
        problem: Why newer usage may be missing, or "".
    """

    entries: int = 0
    new_answers: int = 0
    machines: tuple[str, ...] = ()
    problem: str = ""


def keep_entries(
    find: Callable[[str, Collection[str], int], ForeignCopies],
    keeper: LedgerKeeper,
    prices: PricesInForce,
    options: TrackerOptions,
) -> KeptEntries:
    """Take in the entries of segments that the ledger has not taken in yet.

    Args:
        find: Finds some, see `team.entries.foreign_copies`. It is not called while the ledger is
            written, nor is anything written while it runs.
        keeper: Keeps the ledger.
        prices: Those in force.
        options: Where the ledger is, and this machine's name.

    Raises:
        LedgerError: If there is no permanent ledger that can be used.
    """
    done = KeptEntries()
    machines: set[str] = set()
    while True:
        this, known = keeper.use(lambda: _known(keeper, options))
        found = find(this.key, known, MOST_ENTRIES)
        if not found.segments:
            return done._replace(machines=tuple(sorted(machines, key=str.casefold)))

        def take_in(found: ForeignCopies = found) -> tuple[ImportFile, int]:
            keeper.demand_lasting()
            with keeper.open() as ledger:
                prices.split_sums(ledger)
                taken = _take_in(found, ledger, know_machine(ledger, options.environment))
                prices.split_sums(ledger)  # for models that were not met before
                return taken

        file, new_answers = keeper.use(take_in)
        machines.update(file.machine_names)
        done = done._replace(
            entries=done.entries + file.entries, new_answers=done.new_answers + new_answers
        )


def _known(keeper: LedgerKeeper, options: TrackerOptions) -> tuple[Machine, set[str]]:
    """Return this machine, and the segments that the ledger has taken in."""
    keeper.demand_lasting()
    with keeper.open() as ledger:
        this = know_machine(ledger, options.environment)
        return this, ledger.kept_segments(this.key)


def _take_in(found: ForeignCopies, ledger: UsageLedger, this: Machine) -> tuple[ImportFile, int]:
    """Write what was found; return it, and how many answers were not known from anywhere."""
    names = {
        key: name if name != this.name else f"{name} ({key[:4]})"
        for key, name in ((key, fit_name(name) or key) for key, name in found.machines.items())
    }
    first = Path(found.segments[0])
    thresholds = ledger.context_thresholds
    try:
        file = ImportFile(first, this, thresholds, _rows(found.copies, names))
    except ImportFileError:  # anybody may have written a segment
        good = (row for row in _rows(found.copies, names) if _is_possible(row, this))
        file = ImportFile(first, this, thresholds, good)
    (new_answers,) = write([file], ledger)
    machines = [Machine(key, names.get(key, key)) for key in {key for key, _ in file.logs}]
    now_ms = to_ms(datetime.now(UTC))
    ledger.note_import(machines, now_ms, segments=found.segments, importer=this.key)
    return file, new_answers


def _is_possible(row: EntryRow, this: Machine) -> bool:
    """Whether an entry contains only what an entry can contain."""
    try:
        ImportFile(Path(row.path), this, (), iter((row,)))
    except ImportFileError:
        return False
    return True


def _rows(copies: Collection[ForeignCopy], names: dict[str, str]) -> Iterator[EntryRow]:
    for copy in copies:
        yield _row(copy, names.get(copy.key, copy.key))


def _row(copy: ForeignCopy, machine: str) -> EntryRow:
    """Return a copy as the machine would export it."""
    role = Role(copy.role)
    vm = fit_name(copy.vm)
    return EntryRow(
        timestamp=to_utc(copy.at_ms).isoformat(),
        machine=vm or machine,
        project=copy.project,
        project_path=copy.project_path,
        session_id=copy.session,
        model=copy.model,
        is_fast=copy.is_fast,
        inference_geo=copy.geo,
        is_advisor=role is Role.ADVISOR,
        role=ROLE_NAMES.get(role, ""),
        input_tokens=copy.input,
        output_tokens=copy.output,
        cache_creation_5m_tokens=copy.cache_write_5m,
        cache_creation_1h_tokens=copy.cache_write_1h,
        cache_read_tokens=copy.cache_read,
        web_search_requests=copy.web_searches,
        cost=None,
        recorded_cost=copy.recorded_cost,
        limit_reset=None
        if copy.limit_reset_ms is None
        else to_utc(copy.limit_reset_ms).isoformat(),
        is_counted=True,
        is_sidechain=copy.is_sidechain,
        has_speed=copy.has_speed,
        answer=f"{copy.answer:016x}",
        request=f"{copy.request:016x}",
        path=_log(copy.path),
        offset=copy.offset,
        root=copy.root,
        vm_of=_host_of(copy.root) if vm else "",
        machine_id=copy.key,
        agent=copy.agent or CLAUDE_CODE,
    )


def _log(path: str) -> str:
    """Return a log's path as exports name it, see `ledger.machines.log_path`."""
    if path.endswith(_LOG):
        return path
    return f"{path}l" if path.endswith(_LOG[:-1]) else f"{path}{_LOG}"


def _host_of(root: str) -> str:
    """Return the data folder that contains the one of a virtual machine; itself if hidden."""
    for between in _VMS:
        host, found, _ = root.rpartition(between)
        if found:
            return host
    return root

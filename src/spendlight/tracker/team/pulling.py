"""Publishes the usage of machines that cannot publish it themselves, from exports over ssh.

What the team holds of such a machine decides what is new, so it does not matter who pulls, how
often, or in which order. A machine that publishes itself is never published by another one.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import msgspec

from spendlight.errors import UsageError
from spendlight.ledger.machines import Machine, Root, imported_folder
from spendlight.ledger.publishing import NewCopy, Unpublished, Withdrawn, copy_id
from spendlight.ledger.transfer import SharedCopy
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.regular_files import open_regular
from spendlight.team.hiding import NameHider
from spendlight.team.machine_names import names_in
from spendlight.team.remote import EXPORT_S, Exports, HostError, demand_hosts
from spendlight.team.shared_folder import MACHINE_FILE, SharedFolder
from spendlight.tracker.entry_rows import Header, ImportFileError
from spendlight.tracker.import_reading import ImportFile
from spendlight.tracker.machines import fit_name
from spendlight.tracker.team.publishing import merge_small, team_copy, upload
from spendlight.worker_threads import WorkerThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spendlight.team.held import HeldCopies
    from spendlight.tracker.import_reading import ForeignLog
    from spendlight.tracker.team.membership import Membership

HOSTS_AT_ONCE: Final = 4

_MOST_HEADER_BYTES: Final = 64 << 10
_OPENING: Final = b'"entries":['
_PULLED: Final = "pulled"

_T = TypeVar("_T")


class PulledHost(NamedTuple):
    """What became of one host.

    Attributes:
        host: As it was named.
        machine: What it is called in the team; "" if nothing was taken.
        copies: How many copies of answers are new.
        withdrawn: How many no longer exist.
        others: How many copies of other machines were left out.
        error: Why nothing was taken.
    """

    host: str
    machine: str = ""
    copies: int = 0
    withdrawn: int = 0
    others: int = 0
    error: UsageError | None = None


class Puller:
    """Takes exports into a team.

    Args:
        held: Returns what the team holds of a machine.
        shared: The team's folder.
        membership: This machine's: the person and what is to be hidden apply to the others, too.
        this: This machine.
    """

    def __init__(
        self,
        held: Callable[[str], HeldCopies],
        shared: SharedFolder,
        membership: Membership,
        this: Machine,
    ) -> None:
        self._held = held
        self._shared = shared
        self._membership = membership
        self._this = this
        self._hider = NameHider(membership.secret, membership.hide)
        self._taken: set[str] = set()

    def pull(self, hosts: Sequence[str], timeout_s: float = EXPORT_S) -> Iterator[PulledHost]:
        """Take in the usage of hosts, several at a time; yield what became of each.

        Raises:
            BadHostError: If one cannot be a host; nothing is taken then.
            NoSshError: If there is no ssh here.
            SharedFolderError: If the team's folder cannot be used.
        """
        hosts = list(dict.fromkeys(hosts))
        demand_hosts(hosts)
        exports = Exports(timeout_s)
        with TemporaryDirectory(prefix="spendlight-team-") as folder:
            files = {host: Path(folder, f"{number}.json") for number, host in enumerate(hosts)}
            with _fetching(files, exports) as fetched:
                for host, error in fetched:
                    if error is not None:
                        yield PulledHost(host, error=error)
                        continue
                    yield self._take(host, files[host])
                    files[host].unlink()

    def _take(self, host: str, file: Path) -> PulledHost:
        """Publish what is new in an export."""
        try:
            header = _header(file)
            machine = Machine(header.machine_id, fit_name(header.machine) or host)
            self._demand_ours(host, machine)
            found = ImportFile(file, self._this, ())
        except ImportFileError as error:
            reason = error.title.partition(": ")[2] or error.title
            return PulledHost(host, error=HostError(host, f"its export is not valid: {reason}"))
        except UsageError as error:
            return PulledHost(host, error=error)
        copies = dict(_copies(found, machine.key))
        others = found.entries + found.own - len(copies)
        self._taken.add(machine.key)
        new, withdrawn = self._changes(machine.key, copies)
        self._introduce(machine)
        if new or withdrawn:
            what = Unpublished(new, withdrawn, [], [], 0)
            sequence, _ = upload(self._shared, what, machine.key, self._membership)
            merge_small(self._shared, machine.key, sequence)
        return PulledHost(host, machine.name, len(new), len(withdrawn), others)

    def _demand_ours(self, host: str, machine: Machine) -> None:
        if not machine.key:
            raise HostError(host, "Spendlight there is too old")
        if machine.key == self._this.key:
            raise HostError(host, "it is this machine")
        if machine.key in self._taken:
            raise HostError(host, "it is the same machine as another host")
        content = self._shared.read_small(_file_of(machine))
        if content is not None and not _is_pulled(content):
            raise HostError(host, "it publishes its usage itself")

    def _introduce(self, machine: Machine) -> None:
        """Write what the machine is called, unless that is there, whoever wrote it."""
        content = self._shared.read_small(_file_of(machine))
        if content is not None and names_in(content)[0] == machine.name:
            return
        told = {"spendlight": "machine", "name": machine.name, "person": self._membership.person}
        content = json.dumps(told | {_PULLED: True}, ensure_ascii=False).encode()
        self._shared.write_small(_file_of(machine), content)

    def _changes(
        self, machine: str, copies: dict[tuple[int, int], NewCopy]
    ) -> tuple[list[NewCopy], list[Withdrawn]]:
        """Return which copies are new, and which were replaced: see `ledger.publishing`."""
        held = self._held(machine)
        answers = {answer for answer, _ in copies}
        new = [
            copy
            for key, copy in copies.items()
            if key not in held or held[key].path != self._hider.hidden(team_copy(copy)).path
        ]
        withdrawn = [
            Withdrawn(answer, number, known.at_ms)
            for (answer, number), known in held.items()
            if (answer, number) not in copies
            and (answer in answers or known.model == UNLOGGED.name)
        ]
        return new, withdrawn


@contextmanager
def _fetching(
    files: dict[str, Path], exports: Exports
) -> Iterator[Iterator[tuple[str, UsageError | None]]]:
    """Fetch the exports of hosts on threads; yield the hosts as they are done."""

    def fetch(host: str) -> tuple[str, UsageError | None]:
        try:
            exports.fetch(host, files[host])
        except UsageError as error:
            return host, error
        except OSError as error:  # the disk is full
            return host, HostError(host, error.strerror or str(error))
        return host, None

    threads = WorkerThreads[str, tuple[str, UsageError | None]](partial(_always, fetch))
    threads.start(min(HOSTS_AT_ONCE, len(files)))
    try:
        for host in files:
            threads.give(host)
        yield (threads.take() if threads.count else fetch(host) for host in files)
    finally:
        exports.stop()
        threads.end(waits=True)


def _always(value: _T) -> _T:
    return value


def _header(file: Path) -> Header:
    """Return the header of an export.

    Raises:
        ImportFileError: If it has none.
    """
    with open_regular(file) as opened:
        first = opened.readline(_MOST_HEADER_BYTES).rstrip()
    try:
        return msgspec.json.decode(first + b"]}", type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ImportFileError(file, "it does not begin like one") from None


def _copies(found: ImportFile, machine: str) -> Iterator[tuple[tuple[int, int], NewCopy]]:
    """Yield the copies of one machine in an export, by answer and id."""
    there = {id(log): (key, path) for (key, path), log in found.logs.items()}
    start = len(imported_folder("", machine))
    for part in found.parts:
        for log, packed in part:
            key, path = there[id(log)]
            if key != machine:
                continue
            root = _root(log, start)
            for entry in packed.entries():
                variant = found.variants[entry.variant]
                copy = SharedCopy(root, path, log.name.session, variant, entry, is_counted=True)
                number = copy_id(copy)
                yield (entry.answer, number), NewCopy(number, copy)


def _root(log: ForeignLog, start: int) -> Root:
    """Return the root of a log as its own machine knows it."""
    _, folder, machine, parent, *_ = log.name
    return Root(0, "", machine, folder[start:], parent[start:], None, log.name.agent)


def _file_of(machine: Machine) -> str:
    return f"machine={machine.key}/{MACHINE_FILE}"


def _is_pulled(content: bytes) -> bool:
    """Whether a machine's file says that others publish its usage."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return True  # it says nothing
    return isinstance(found, dict) and found.get(_PULLED) is True

"""Publishes what the ledger holds of this machine and the team does not know yet."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import LedgerBusyError, UsageError
from spendlight.ledger.locking import alone
from spendlight.ledger.publishing import unpublished, virtual_machine
from spendlight.tracker.machines import know_machine
from spendlight.tracker.team.membership import MembershipFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spendlight.ledger.publishing import NewCopy, Unpublished
    from spendlight.team.segments import TeamCopy
    from spendlight.team.shared_folder import SharedFolder
    from spendlight.team.writing import WrittenSegment
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.team.membership import Membership


LOCK: Final = "team.lock"
"""The file in the ledger's folder that only one process can lock."""


class Published(NamedTuple):
    """What was published.

    Attributes:
        copies: New copies of answers.
        withdrawn: Copies that no longer exist.
        segments: The files that were written.
    """

    copies: int = 0
    withdrawn: int = 0
    segments: int = 0


class PublishingBusyError(UsageError):
    """Another process publishes what is new on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "Another process is publishing to the team",
            "It has been for a while. Nothing is lost: try again in a moment.",
        )


def publish(keeper: LedgerKeeper, options: TrackerOptions, membership: Membership) -> Published:
    """Publish what is new. If nothing is, nothing is loaded or looked at but the ledger.

    Raises:
        PublishingBusyError: If another process publishes it, and does not end.
        SharedFolderError: If the team's folder cannot be used.
        LedgerError: If the ledger cannot be used, or is a temporary one.
        TeamMissingError: If the libraries for teams are not installed.
    """

    def publish_new() -> Published:
        keeper.demand_lasting()
        with keeper.open() as ledger:
            machine = know_machine(ledger, options.environment).key
        if _is_known(unpublished(keeper.path, membership.id)):
            return Published()
        with _alone(keeper.path.parent):
            new = unpublished(keeper.path, membership.id)  # another one may have ended meanwhile
            return Published() if _is_known(new) else _publish_new(keeper, new, machine, membership)

    return keeper.use(publish_new)


def _is_known(new: Unpublished) -> bool:
    """Whether there is nothing to publish, and nothing to note."""
    return new.is_empty and not new.chunks and not new.gone


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from publishing the same at the same time."""
    with ExitStack() as held:
        try:
            held.enter_context(alone(folder / LOCK))
        except LedgerBusyError as error:
            raise PublishingBusyError from error
        except OSError as error:
            raise MembershipFileError(folder / LOCK, error.strerror or str(error)) from error
        yield


def _publish_new(
    keeper: LedgerKeeper, new: Unpublished, machine: str, membership: Membership
) -> Published:
    from spendlight.team.shared_folder import SharedFolder  # usually nothing is new

    shared = SharedFolder(membership.url)
    sequence, written = new.sequence, 0
    if not new.is_empty:
        shared.demand_team()
        introduce(shared, machine, membership)
        with keeper.open() as ledger:
            ledger.note_publishing(membership.id, new)
        sequence, written = upload(shared, new, machine, membership, resumes=True)
    with keeper.open() as ledger:
        ledger.note_published(membership.id, new, sequence)
    if written:
        merge_small(shared, machine, sequence)
    return Published(len(new.new), len(new.withdrawn), written)


def merge_small(shared: SharedFolder, machine: str, sequence: int) -> None:
    """Merge small segments, if it is time; if that fails now, the next publication may.

    Args:
        shared: The team's folder.
        machine: The key of the machine whose segments they are.
        sequence: The number of its last publication.
    """
    from spendlight.team.merging import merge  # as above
    from spendlight.team.shared_folder import SharedFolderError  # as above
    from spendlight.team.writing import NotWrittenError  # as above

    with suppress(SharedFolderError, NotWrittenError):
        merge(shared, machine, sequence)


def introduce(shared: SharedFolder, machine: str, membership: Membership) -> None:
    """Write what this machine is called, and whose it is, unless the same is there already.

    Raises:
        SharedFolderError: If the folder cannot be used.
    """
    from spendlight.team.shared_folder import MACHINE_FILE  # as above

    path = f"machine={machine}/{MACHINE_FILE}"
    told = {"spendlight": "machine", "name": membership.name, "person": membership.person}
    content = json.dumps(told, ensure_ascii=False).encode()
    if not _is_there(shared, path, content):
        shared.write_small(path, content)


def _is_there(shared: SharedFolder, path: str, content: bytes) -> bool:
    """Whether a small file has a content; one that cannot be read does not."""
    from spendlight.team.shared_folder import SharedFolderError  # as above

    try:
        return shared.read_small(path) == content
    except SharedFolderError:
        return False


def upload(
    shared: SharedFolder,
    new: Unpublished,
    machine: str,
    membership: Membership,
    *,
    resumes: bool = False,
) -> tuple[int, int]:
    """Publish something; return its sequence number, and in how many segments it is.

    Args:
        shared: The team's folder.
        new: What is new.
        machine: The key of the machine whose usage it is.
        membership: Says what is hidden.
        resumes: Leave out files that the last publication has written, if its end was not noted.

    Raises:
        SharedFolderError: If the folder cannot be used.
        NotWrittenError: If segments cannot be written on this machine.
    """
    from spendlight.team.hiding import NameHider  # as above
    from spendlight.team.segments import Withdrawal  # as above
    from spendlight.team.writing import local_folder, write_segments  # as above

    shared.demand_team()
    there = _Published(shared, machine)
    sequence = max(new.sequence, there.sequence) + 1
    resumed = there.sequence if resumes and there.sequence > new.sequence else 0
    hider = NameHider(membership.secret, membership.hide)
    copies = (hider.hidden(team_copy(one)) for one in new.new)
    withdrawals = [Withdrawal(one.answer, one.id, one.at_ms) for one in new.withdrawn]
    with local_folder() as folder:
        written = write_segments(copies, withdrawals, machine, sequence, folder)
        for segment in written:
            if not there.has(segment, resumed):
                shared.publish(segment.days, segment.name.days_path)
                shared.publish(segment.path, segment.name.path)
    shared.demand_team()  # if it was unmounted meanwhile, we have written elsewhere
    return sequence, len(written)


class _Published:
    """The files that a machine has published.

    Attributes:
        sequence: The highest sequence number among them.
    """

    def __init__(self, shared: SharedFolder, machine: str) -> None:
        from spendlight.team.leftovers import delete_leftovers  # as above
        from spendlight.team.segments import MOST_SEQUENCE, segment_name  # as above
        from spendlight.team.shared_folder import SharedFolderError  # as above

        found = shared.list(f"machine={machine}")
        for path, reason in found.unreadable:
            if path.endswith("/"):
                raise SharedFolderError(shared.url, f"{path} cannot be read: {reason}")
        delete_leftovers(shared, found.files)
        self._sizes = {one.path: one.size for one in found.files}
        names = (segment_name(path) for path in self._sizes)
        used = [name.sequence for name in names if name is not None]
        self.sequence = max((one for one in used if one <= MOST_SEQUENCE), default=0)

    def has(self, segment: WrittenSegment, sequence: int) -> bool:
        """Whether a segment is there completely, under a sequence number."""
        name = segment.name._replace(sequence=sequence)
        return (
            self._sizes.get(name.path) == segment.path.stat().st_size
            and self._sizes.get(name.days_path) == segment.days.stat().st_size
        )


def team_copy(new: NewCopy) -> TeamCopy:
    """Return a copy as it is published if nothing is hidden."""
    from spendlight.team.segments import TeamCopy  # as above

    number, (root, path, session, variant, entry, _) = new
    return TeamCopy(
        number, root.agent, virtual_machine(root), root.folder, path, session, variant, entry
    )

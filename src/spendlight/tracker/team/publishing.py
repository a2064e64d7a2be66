"""Publishes what the ledger holds of this machine and the team does not know yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from spendlight.ledger.publishing import unpublished, virtual_machine
from spendlight.tracker.machines import know_machine

if TYPE_CHECKING:
    from spendlight.ledger.publishing import NewCopy, Unpublished
    from spendlight.team.segments import TeamCopy
    from spendlight.team.shared_folder import SharedFolder
    from spendlight.team.writing import WrittenSegment
    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.safekeeping import LedgerKeeper
    from spendlight.tracker.team.membership import Membership


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


def publish(keeper: LedgerKeeper, options: TrackerOptions, membership: Membership) -> Published:
    """Publish what is new. If nothing is, nothing is loaded or looked at but the ledger.

    Raises:
        SharedFolderError: If the team's folder cannot be used.
        LedgerError: If the ledger cannot be used, or is a temporary one.
        TeamMissingError: If the libraries for teams are not installed.
    """

    def publish_new() -> Published:
        keeper.demand_lasting()
        with keeper.open() as ledger:
            machine = know_machine(ledger, options.environment).key
        new = unpublished(keeper.path, membership.id)
        if new.is_empty and not new.chunks and not new.gone:
            return Published()
        from spendlight.team.shared_folder import SharedFolder  # usually nothing is new

        shared = SharedFolder(membership.url)
        sequence, written = new.sequence, 0
        if not new.is_empty:
            sequence, written = upload(shared, new, machine, membership)
            introduce(shared, machine, membership)
        with keeper.open() as ledger:
            ledger.note_published(membership.id, new, sequence)
        return Published(len(new.new), len(new.withdrawn), written)

    return keeper.use(publish_new)


def introduce(shared: SharedFolder, machine: str, membership: Membership) -> None:
    """Write what this machine is called, and whose it is, unless the same is there already.

    Raises:
        SharedFolderError: If the folder cannot be used.
    """
    from spendlight.team.shared_folder import MACHINE_FILE  # as above

    path = f"machine={machine}/{MACHINE_FILE}"
    told = {"spendlight": "machine", "name": membership.name, "person": membership.person}
    content = json.dumps(told, ensure_ascii=False).encode()
    if shared.read_small(path) != content:
        shared.write_small(path, content)


def upload(
    shared: SharedFolder, new: Unpublished, machine: str, membership: Membership
) -> tuple[int, int]:
    """Publish something; return its sequence number, and in how many segments it is.

    Args:
        shared: The team's folder.
        new: What is new.
        machine: The key of the machine whose usage it is.
        membership: Says what is hidden.

    Raises:
        SharedFolderError: If the folder cannot be used.
    """
    from pathlib import Path  # as above
    from tempfile import TemporaryDirectory  # as above

    from spendlight.team.hiding import NameHider  # as above
    from spendlight.team.segments import Withdrawal, segment_name  # as above
    from spendlight.team.writing import write_segments  # as above

    shared.demand_team()
    used = [
        name.sequence
        for listed in shared.list(f"machine={machine}")
        if (name := segment_name(listed.path)) is not None
    ]
    sequence = max(new.sequence, *used, 0) + 1
    hider = NameHider(membership.secret, membership.hide)
    copies = (hider.hidden(team_copy(one)) for one in new.new)
    withdrawals = [Withdrawal(one.answer, one.id, one.at_ms) for one in new.withdrawn]
    with TemporaryDirectory(prefix="spendlight-team-") as folder:
        written = write_segments(copies, withdrawals, machine, sequence, Path(folder))
        for segment in written:
            _publish(shared, segment)
    return sequence, len(written)


def _publish(shared: SharedFolder, segment: WrittenSegment) -> None:
    shared.publish(segment.days, segment.name.days_path)
    shared.publish(segment.path, segment.name.path)


def team_copy(new: NewCopy) -> TeamCopy:
    """Return a copy as it is published if nothing is hidden."""
    from spendlight.team.segments import TeamCopy  # as above

    number, (root, path, session, variant, entry, _) = new
    return TeamCopy(
        number, root.agent, virtual_machine(root), root.folder, path, session, variant, entry
    )

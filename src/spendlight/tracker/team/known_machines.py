"""The machines of the team that were last seen: a file beside the ledger, for the desktop.

To ask the cache for them, DuckDB would have to be loaded.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.tracker.team.state_file import NOT_READABLE, StateFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = StateFile("team-machines.json", 16 << 20)


class KnownMachine(NamedTuple):
    """A machine of the team.

    Attributes:
        key: The machine's key; a virtual machine has that of its host.
        label: Its name in reports; no other one has it.
        person: Whose it is; "" if that was not noted.
    """

    key: str
    label: str
    person: str = ""


def known_machines(folder: Path) -> tuple[KnownMachine, ...]:
    """Return the machines, in the order of their labels; none if the file cannot be read.

    Args:
        folder: The ledger's.
    """
    with suppress(*NOT_READABLE):
        found = [KnownMachine(*map(str, one)) for one in FILE.read(folder)]
        return tuple(sorted(found, key=lambda one: one.label.casefold()))
    return ()


def known_people(folder: Path) -> tuple[str, ...]:
    """Return whose machines they are, in alphabetical order."""
    people = {one.person for one in known_machines(folder) if one.person}
    return tuple(sorted(people, key=str.casefold))


def note_machines(folder: Path, machines: Sequence[tuple[str, str, str]]) -> None:
    """Remember the machines by key, label and person. What cannot be written is not remembered."""
    content = sorted(map(list, machines))
    with suppress(*NOT_READABLE):
        if FILE.read(folder) == content:
            return
    FILE.write(folder, content)


def forget_machines(folder: Path) -> None:
    """Forget the machines."""
    FILE.forget(folder)

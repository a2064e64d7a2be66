"""Which of the ledger's roots the data folders in effect are, however these are spelled."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from spendlight.logs.agent import LogRoot, printable
from spendlight.logs.agents import root_of
from spendlight.tracker.options import FOLDERS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from spendlight.ledger.machines import Root
    from spendlight.logs.agent import Agent
    from spendlight.tracker.options import TrackerOptions

Identity = tuple[str, int, int]


class MissingFolder(NamedTuple):
    """A data folder that was asked for and is not there.

    Attributes:
        answers: How many answers the ledger keeps of it, which stay counted.
        is_folder: Whether there is a folder, but none of Claude Code's.
    """

    folder: str
    answers: int
    is_folder: bool


class LeftFolder(NamedTuple):
    """A data folder that the ledger keeps answers of, and that is not asked for.

    Attributes:
        answers: How many of them no folder that is asked for holds.
        exists: Whether it is there.
    """

    folder: str
    answers: int
    exists: bool


class FolderNotes(NamedTuple):
    """What a reader should know of the data folders that figures come from.

    Attributes:
        missing: Folders asked for that are not there.
        left: Folders with history of their own that are not asked for and not there.
        links: Links that lead to more logs and are not followed.
        is_listed: Whether the environment lists the folders, so that there are no others.
    """

    missing: tuple[MissingFolder, ...] = ()
    left: tuple[LeftFolder, ...] = ()
    links: tuple[str, ...] = ()
    is_listed: bool = False


def as_known(roots: Iterable[LogRoot], known: Iterable[Root]) -> list[LogRoot]:
    """Return data folders with the names by which the ledger knows them.

    A root is what it holds: by another path to the same folder it is the same root, and of several
    paths to one folder all get one name.

    Args:
        roots: The folders, as they were asked for.
        known: The roots that the ledger knows.
    """
    own = [root for root in known if not root.key]
    names = {(root.agent, root.folder) for root in own}
    roots = [root._replace(known_as="") for root in roots]
    by_identity: dict[Identity, str] = {}
    for root in roots:
        is_known = (root.agent.name, root.name) in names
        if is_known and (identity := root.identity) is not None:
            by_identity.setdefault(identity, root.name)
    if len(by_identity) < len(roots):
        for known_root in own:
            if (identity := _identity(known_root)) is not None:
                by_identity.setdefault(identity, known_root.folder)
    found: list[LogRoot] = []
    parents: dict[str, str] = {}
    for root in roots:
        identity = root.identity
        if identity is not None:
            first_name = _vm_name(root, parents)
            name = by_identity.setdefault(identity, first_name)
        else:
            here = {folder for agent, folder in names if agent == root.agent.name}
            name = _missing_name(_vm_name(root, parents), here, root.agent)
        parents[root.folder] = name
        found.append(root if name == root.name else root._replace(known_as=name))
    return found


def _identity(root: Root) -> Identity | None:
    """Return what a data folder that the ledger knows is; None if it is not there now."""
    found = root_of(root.folder, root.agent)
    return found.identity if found is not None else None


def _missing_name(name: str, names: Iterable[str], agent: Agent) -> str:
    """Return which of some names a folder has that is not there."""
    if name in names:
        return name
    above, _, last = name.rpartition(os.sep)
    if last in agent.log_folders:  # the folder of its logs may have been named
        return above if above in names else name
    real = os.path.realpath(name)
    return next((known for known in names if os.path.realpath(known) == real), name)


def names_in_effect(roots: Sequence[LogRoot], known: Iterable[Root]) -> set[str]:
    """Return the names of all the ledger's roots that some data folders are.

    Args:
        roots: The folders, as they were asked for.
        known: The roots that the ledger knows.
    """
    known = list(known)
    found = {root.name for root in as_known(roots, known)}
    others = [root for root in known if not root.key and root.folder not in found]
    if others:
        identities = {root.identity for root in roots} - {None}
        found |= {root.folder for root in others if _identity(root) in identities}
    return found


def missing_folders(roots: Iterable[LogRoot]) -> list[LogRoot]:
    """Return those of the data folders in effect that the user has named and that are not there."""
    return [root for root in roots if not root.machine and not root.is_usual and not root.exists]


def folders_left(path: Path, known: Iterable[Root], roots: Sequence[LogRoot]) -> list[LeftFolder]:
    """Return the folders that a ledger keeps answers of which nothing in effect holds.

    Args:
        path: The ledger.
        known: The roots that it knows.
        roots: The data folders in effect.

    Raises:
        LedgerError: If it cannot be read.
    """
    own = [root for root in known if not root.key]
    names = names_in_effect(roots, own)
    left = [root for root in own if root.folder not in names and root.parent not in names]
    if not left:
        return []
    from spendlight.ledger.transfer import answers_only_in  # few have other folders

    answers = answers_only_in(path, {root.number for root in left})
    return [
        LeftFolder(root.folder, answers[root.number], _is_there(root))
        for root in left
        if root.number in answers
    ]


def _is_there(root: Root) -> bool:
    found = root_of(root.folder, root.agent)
    return found is not None and found.exists


def folder_notes(
    path: Path,
    known: Sequence[Root],
    options: TrackerOptions,
    roots: Sequence[LogRoot],
    links: tuple[str, ...] = (),
) -> FolderNotes:
    """Return what a reader should know of the data folders that figures come from.

    Args:
        path: The ledger.
        known: The roots that it knows.
        options: Which folders are meant.
        roots: The data folders in effect.
        links: Links that are not followed.

    Raises:
        LedgerError: If the ledger cannot be read.
    """
    held: dict[str, int] = {}
    missing = missing_folders(as_known(roots, known))
    if missing:
        from spendlight.ledger.transfer import holdings  # mostly all are there

        counts = holdings(path)
        held = {
            root.folder: counts[root.number].answers
            for root in known
            if not root.key and root.number in counts
        }
    return FolderNotes(
        tuple(
            MissingFolder(
                printable(root.folder),
                held.get(root.name, 0),
                os.path.isdir(root.folder),  # noqa: PTH112  # text
            )
            for root in missing
        ),
        tuple(folder for folder in folders_left(path, known, roots) if not folder.exists),
        links,
        FOLDERS_VARIABLE in options.environment,
    )


def lacks_data(options: TrackerOptions, roots: Iterable[LogRoot]) -> bool:
    """Return whether a variable lists the data folders and none of them is there."""
    is_listed = FOLDERS_VARIABLE in options.environment
    return is_listed and not any(root.exists for root in roots)


def _vm_name(root: LogRoot, parents: dict[str, str]) -> str:
    """Return a root's name, below that of the data folder it was found in."""
    parent = parents.get(root.parent, "")
    return root.name.replace(printable(root.parent), parent, 1) if parent else root.name

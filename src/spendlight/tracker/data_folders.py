"""Matches the data folders in effect with the ledger's roots, whatever path leads to them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from spendlight.logs.agent import LogRoot, printable
from spendlight.logs.agents import find_roots, root_of
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.tracker.options import FOLDERS_VARIABLE
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from spendlight.ledger.machines import Root
    from spendlight.logs.agent import Agent
    from spendlight.tracker.options import TrackerOptions

Identity = tuple[str, int, int]


class MissingFolder(NamedTuple):
    """A data folder that was asked for and does not exist.

    Attributes:
        answers: How many of its answers the ledger keeps; they stay counted.
        is_folder: Whether there is a folder, but not one of Claude Code's.
    """

    folder: str
    answers: int
    is_folder: bool


class LeftFolder(NamedTuple):
    """A data folder of which the ledger keeps answers, and which was not asked for.

    Attributes:
        answers: How many of them are in no folder that was asked for.
        exists: Whether the folder exists.
    """

    folder: str
    answers: int
    exists: bool


class FolderNotes(NamedTuple):
    """What the reader of a report should know about the data folders behind the figures.

    Attributes:
        missing: Folders that were asked for and do not exist.
        left: Folders with history in the ledger that were not asked for and do not exist.
        links: Links that lead to more logs and are not followed.
        is_listed: Whether an environment variable lists the folders, so that there are no others.
    """

    missing: tuple[MissingFolder, ...] = ()
    left: tuple[LeftFolder, ...] = ()
    links: tuple[str, ...] = ()
    is_listed: bool = False


def roots_in_effect(options: TrackerOptions) -> list[LogRoot]:
    """Return the data folders in effect, of all agents, as they are found now."""
    return find_roots(
        options.environment,
        with_vms=options.with_vms,
        more=options.more_folders,
        off=options.agents_off,
        folders=options.agent_folders,
    )


def as_known(roots: Iterable[LogRoot], known: Iterable[Root]) -> list[LogRoot]:
    """Return data folders with the names by which the ledger knows them.

    Another path to the same folder means the same root, so several paths to a folder all get the
    same name.

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
            name = _vm_name(root, parents)
            here = {folder for agent, folder in names if agent == root.agent.name}
            if here:  # few agents are in use
                name = _missing_name(name, here, root.agent)
        parents[root.folder] = name
        found.append(root if name == root.name else root._replace(known_as=name))
    return found


def _identity(root: Root) -> Identity | None:
    """Return what identifies a data folder of the ledger; None if it does not exist now."""
    found = root_of(root.folder, root.agent)
    return found.identity if found is not None else None


def _missing_name(name: str, names: Iterable[str], agent: Agent) -> str:
    """Return which of the known names belongs to a folder that does not exist."""
    if name in names:
        return name
    above, _, last = name.rpartition(os.sep)
    if last in agent.log_folders:  # the path may be that of its folder of logs
        return above if above in names else name
    real = os.path.realpath(name)
    return next((known for known in names if os.path.realpath(known) == real), name)


def names_in_effect(roots: Sequence[LogRoot], known: Iterable[Root]) -> set[str]:
    """Return the names of all roots in the ledger that are these data folders.

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
    """Return the data folders in effect that the user has named and that do not exist."""
    return [root for root in roots if not root.machine and not root.is_usual and not root.exists]


def folders_left(
    path: Path, known: Iterable[Root], roots: Sequence[LogRoot], off: Collection[str] = ()
) -> list[LeftFolder]:
    """Return the folders of which a ledger keeps answers that are in no folder in effect.

    Args:
        path: The ledger.
        known: The roots that it knows.
        roots: The data folders in effect.
        off: Agents that the user has switched off, by name: their usage is not missing.

    Raises:
        LedgerError: If it cannot be read.
    """
    own = [root for root in known if not root.key and root.agent not in off]
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
    """Return what the reader of a report should know about the data folders.

    Args:
        path: The ledger.
        known: The roots that it knows.
        options: Which folders were asked for.
        roots: The data folders in effect.
        links: Links that are not followed.

    Raises:
        LedgerError: If the ledger cannot be read.
    """
    held: dict[str, int] = {}
    missing = missing_folders(as_known(roots, known))
    if missing:
        from spendlight.ledger.transfer import holdings  # rarely needed

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
        tuple(
            folder
            for folder in folders_left(path, known, roots, options.agents_off)
            if not folder.exists
        ),
        links,
        FOLDERS_VARIABLE in options.environment,
    )


def lacks_data(
    options: TrackerOptions, roots: Iterable[LogRoot], agents: Collection[str] = ()
) -> bool:
    """Return whether a variable lists the data folders and there is none, nor another agent's.

    Args:
        options: With the environment.
        roots: The data folders in effect.
        agents: Only those of these agents; by default all.
    """
    if FOLDERS_VARIABLE not in options.environment or (agents and CLAUDE_CODE not in agents):
        return False
    return not any(root.exists for root in roots if not agents or root.agent.name in agents)


def _vm_name(root: LogRoot, parents: dict[str, str]) -> str:
    """Return a virtual machine's root name, below that of the data folder it was found in."""
    parent = parents.get(root.parent, "")
    return root.name.replace(printable(root.parent), parent, 1) if parent else root.name

"""Detects logs and data folders that were moved, and updates the ledger."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from spendlight.ledger.moving import KnownLog, Move, follow, logs_below, logs_like
from spendlight.logs.agent import LogRoot
from spendlight.logs.agents import AGENTS, root_of
from spendlight.logs.appended_lines import fingerprint
from spendlight.logs.claude_code.agent import projects_of
from spendlight.logs.discovery import state_of
from spendlight.logs.sources import LogKind
from spendlight.metering.entry import CLAUDE_CODE
from spendlight.metering.log_names import file_of
from spendlight.metering.session_names import session_name
from spendlight.tracker.read_jobs import log_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from spendlight.ledger.batches import LogName
    from spendlight.logs.discovery import Discovery, LogFile

_Match = tuple[KnownLog, "LogFile"]


def follow_moved(
    path: Path,
    context_thresholds: Sequence[int],
    new: Sequence[LogFile],
    discovery: Discovery,
    roots: Iterable[LogRoot],
) -> frozenset[int] | None:
    """Update the ledger for logs that were found under new names and are known by old ones.

    A log is recognized by its inode or its own name, and by the bytes before the offset up to which
    it was read; its old path must be gone. A data folder that is gone moves as a whole, including
    its deleted logs, as soon as one of its logs is found at the same path in another one.

    Args:
        path: The ledger.
        context_thresholds: The context sizes by which its sums are separated, ascending.
        new: Logs whose names it does not know.
        discovery: Everything that was found in this pass.
        roots: The data folders in effect.

    Returns:
        The slots whose sums changed; None if nothing was moved.

    Raises:
        LedgerError: If the ledger cannot be read or written.
    """
    inodes = {file.inode for file in new if file.inode}
    known = logs_like(path, inodes, {_own_name(file.name) for file in new})
    known = [log for log in known if log.agent in AGENTS and (log.read_to or log.inode)]
    if not known:
        return None
    matches = _matches(known, new, discovery)
    if not matches:
        return None
    folders = _moved_folders(matches, {root.name for root in roots})
    moves = [
        Move(log.number, _new_name(log, file))
        for log, file in matches
        if _after(log.path, log.root, folders) != file.name
        and file.kind is not LogKind.DATABASE  # its sessions' logs would stay where it was
    ]
    return follow(path, context_thresholds, folders, [*moves, *_deleted_of_renamed(path, matches)])


def _new_name(log: KnownLog, file: LogFile) -> LogName:
    """Return the ledger's name of a log at its new path; a session named in its content stays."""
    name = log_name(file)
    is_told_by_path = file.root.agent.session_of is not None and file.kind is LogKind.LINES
    return name if is_told_by_path else name._replace(session=log.session)


def _matches(
    known: Iterable[KnownLog], new: Iterable[LogFile], discovery: Discovery
) -> list[_Match]:
    """Match the new logs with known ones, each at most once."""
    by_inode: defaultdict[int, list[KnownLog]] = defaultdict(list)
    by_name: defaultdict[str, list[KnownLog]] = defaultdict(list)
    for log in known:
        by_inode[log.inode].append(log)
        by_name[_own_name(log.path)].append(log)
    files_by_name = {file.name: file for file in discovery.files}
    taken: set[int] = set()
    matches: list[_Match] = []
    for file in new:
        like = by_inode[file.inode] if file.inode else []
        like = [*like, *(log for log in by_name[_own_name(file.name)] if log not in like)]
        like.sort(key=lambda log: (log.inode != file.inode, _below(log) != file.relative_path))
        for log in like:
            if (
                log.number not in taken
                and log.agent == file.root.agent.name
                and _has_left(log, file, files_by_name, discovery)
                and _is_same(log, file)
            ):
                taken.add(log.number)
                matches.append((log, file))
                break
    return matches


def _has_left(
    log: KnownLog, file: LogFile, files_by_name: Mapping[str, LogFile], discovery: Discovery
) -> bool:
    """Return whether a log is no longer where it was read; another one may be there now."""
    path = file_of(log.path)
    is_same_inode = bool(file.inode) and log.inode == file.inode
    there = files_by_name.get(log.path)
    if there is not None:
        return is_same_inode and there.inode != file.inode
    if os.sep != "\\" and "\\" in path:  # perhaps a Windows path of another machine
        return discovery.is_whole
    try:
        _, _, inode = state_of(os.lstat(path))
    except (OSError, ValueError) as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    if inode == file.inode:  # on a case-insensitive file system both names lead to it
        is_same_name = log.path.casefold() == file.name.casefold()
        return is_same_inode and is_same_name and discovery.is_whole
    return is_same_inode


def _is_same(log: KnownLog, file: LogFile) -> bool:
    """Return whether a file contains what was read of a log."""
    if not log.read_to:  # or it must be read again, which its size says, too
        is_untouched = (log.mtime_ns, log.inode) == (file.mtime_ns, file.inode)
        return bool(log.inode) and is_untouched and log.size in {-1, file.size}
    if file.size < log.read_to:
        return False
    try:
        with open(file.path, "rb", buffering=0) as opened:  # noqa: PTH123  # as logs are read
            return fingerprint(opened, log.read_to) == log.fingerprint
    except OSError:
        return False


def _moved_folders(matches: Iterable[_Match], in_effect: set[str]) -> dict[str, str]:
    """Return the data folders that were moved as a whole, and their new paths."""
    votes: Counter[tuple[str, str, str]] = Counter()
    for log, file in matches:
        old, new = log.root, file.root.name
        if old == new or log.path[len(old) :] != file.name[len(new) :]:
            continue
        if log.parent and file.root.parent:  # a virtual machine moves with the folder it is in
            old, new = log.parent, file.root.parent_name
        if old != new and old not in in_effect:
            votes[old, new, log.agent] += 1
    folders: dict[str, str] = {}
    for (old, new, agent), _ in votes.most_common():
        if old not in folders and all(map(_is_gone, LogRoot(old, AGENTS[agent]).log_folders)):
            folders[old] = new
    return folders


def _deleted_of_renamed(path: Path, matches: Iterable[_Match]) -> list[Move]:
    """Return the moves of deleted logs whose project was renamed as a whole.

    A project was renamed if its folder is gone, and the folder in which one of its logs is found
    now was not known.
    """
    renamed: dict[str, tuple[str, LogFile]] = {}
    found: set[int] = set()
    for log, file in matches:
        found.add(log.number)
        if log.agent != CLAUDE_CODE:  # the only one whose folders are projects
            continue
        old, _, old_rest = _below(log).partition("/")
        new, _, new_rest = file.relative_path.partition("/")
        if log.root == file.root.name and old_rest == new_rest and new_rest and old != new:
            projects = projects_of(LogRoot(log.root, file.root.agent))
            renamed[os.path.join(projects, old, "")] = os.path.join(projects, new, ""), file  # noqa: PTH118  # text
    moves: list[Move] = []
    for old, (new, file) in renamed.items():
        if not _is_gone(old) or logs_below(path, new):
            continue
        project = file.relative_path.partition("/")[0]
        for number, name in logs_below(path, old):
            if number not in found:
                rest = name[len(old) :]
                session = session_name(f"{project}/{rest.replace(os.sep, '/')}")
                there = log_name(file)._replace(path=new + rest, session=session)
                moves.append(Move(number, there))
    return moves


def _is_gone(folder: str) -> bool:
    try:
        os.stat(folder)  # noqa: PTH116  # text
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _after(path: str, root: str, folders: Mapping[str, str]) -> str:
    """Return the path of a log after its data folder has moved."""
    for old, new in folders.items():
        if root == old or root.startswith(os.path.join(old, "vms", "")):  # noqa: PTH118  # text
            return new + path[len(old) :]
    return path


def _own_name(path: str) -> str:
    return path.rpartition(os.sep)[2]


def _below(log: KnownLog) -> str:
    root = root_of(log.root, log.agent)
    return (root and root.relative_path(file_of(log.path))) or ""

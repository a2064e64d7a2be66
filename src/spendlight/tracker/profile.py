"""Profiles of folders; for Claude Code's, also what its cleanup deletes next and what is kept.

Everything that a face needs to show them is exported here.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from spendlight.claude_code.cleanup import (
    DEFAULT_DAYS,
    DaysOrigin,
    Override,
    Retention,
    has_logs,
    last_run,
    retention,
    session_logs,
    working_folders,
)
from spendlight.claude_code.keeping import MAX_DAYS
from spendlight.errors import BadArgumentError
from spendlight.logs.agent import LogRoot, printable
from spendlight.logs.claude_code.agent import (
    CLAUDE_CODE,
    PROJECTS,
    find_roots,
    of_claude_code,
    projects_of,
)
from spendlight.logs.discovery import LogFile, Unreadable, discover
from spendlight.metering.session_names import session_name
from spendlight.metering.slices import Spending, combine
from spendlight.paths import absolute
from spendlight.survey.filter import BadPatternError, FileFilter
from spendlight.survey.survey import (
    BrokenLink,
    DepthRow,
    FileSeen,
    LinkLoop,
    NoFolderError,
    ScanMethod,
    Share,
    Survey,
    SurveyProgress,
    WhyThreads,
    survey,
)
from spendlight.survey.tally import KEPT_FILES
from spendlight.tracker.questions.sessions import Sessions

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping

    from spendlight.tracker.options import TrackerOptions
    from spendlight.tracker.questions.source import Source

__all__ = [
    "DEFAULT_DAYS",
    "KEPT_FILES",
    "MAX_DAYS",
    "BadPatternError",
    "BrokenLink",
    "CleanupOutlook",
    "DaysOrigin",
    "DepthRow",
    "ExpiringLog",
    "FileFilter",
    "FileSeen",
    "FolderProfile",
    "LinkLoop",
    "NoClaudeFolderError",
    "NoFolderError",
    "Override",
    "Retention",
    "ScanMethod",
    "Share",
    "Survey",
    "SurveyProgress",
    "Unreadable",
    "WhyThreads",
    "claude_folders",
    "due_after",
    "profiled",
    "retention_of",
    "spending_of",
]

_CENTURY = timedelta(days=MAX_DAYS)


class NoClaudeFolderError(BadArgumentError):
    """The folder whose cleanup should be changed is not one of Claude Code's."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is not a Claude Code data folder",
            "Such a folder contains a 'projects' folder, as ~/.claude does.",
        )


@dataclass(frozen=True, slots=True)
class ExpiringLog:
    """A session's log that Claude Code's cleanup is going to delete.

    Attributes:
        path: As text that can be shown.
        project: Its name in reports.
        deleted_from: The time from which the next start of Claude Code deletes it; None if that
            is more than a century away.
        is_read: Whether the ledger has read all of it.
        kept: What the ledger keeps of the session; None if nothing.
        title: The session's title; "" if it has none that is known.
    """

    path: str
    project: str
    session: str
    size: int
    modified_at: datetime
    deleted_from: datetime | None
    is_read: bool
    kept: Spending | None
    title: str = ""

    def is_due(self, at: datetime) -> bool:
        """Whether it may be deleted by then."""
        return self.deleted_from is not None and self.deleted_from <= at


@dataclass(frozen=True, slots=True)
class CleanupOutlook:
    """What Claude Code's cleanup is going to delete in one of its data folders.

    Attributes:
        folder: The path of the data folder.
        is_known: Whether the ledger keeps what is in this folder, which it does for the data
            folders in effect.
        logs: Those deleted first come first; empty if it is unknown how long they are kept.
        agent_logs: Logs of subagents that are older than that; so far they are not deleted.
        last_run_at: When the cleanup last ran, or None if unknown.
    """

    folder: str
    retention: Retention
    is_known: bool
    logs: tuple[ExpiringLog, ...]
    agent_logs: int
    agent_size: int
    last_run_at: datetime | None

    def due(self, at: datetime) -> tuple[ExpiringLog, ...]:
        """Return the logs that may be deleted by then."""
        return tuple(log for log in self.logs if log.is_due(at))


@dataclass(frozen=True, slots=True)
class FolderProfile:
    """The profile of a folder.

    Attributes:
        cleanup: What Claude Code's cleanup deletes next; None if the folder is not one of its
            data folders, or it was interrupted.
        seconds: How long it took.
    """

    survey: Survey
    cleanup: CleanupOutlook | None
    seconds: float


def profiled(  # noqa: PLR0913  # all of them are needed
    path: Path | None,
    roots: Iterable[LogRoot],
    ask: Callable[[Callable[[Source], _Kept]], _Kept],
    filters: FileFilter | None = None,
    *,
    stop: threading.Event | None = None,
    on_progress: Callable[[SurveyProgress], None] | None = None,
    has_threads: bool = True,
) -> tuple[FolderProfile, ...]:
    """Return the profile of a folder, or of each of Claude Code's data folders.

    If the logs in a data folder are behind a link, its target is added as another folder.

    Args:
        path: The folder; None means the data folders in effect that exist.
        roots: The data folders in effect.
        ask: Asks the ledger.
        filters: Which files to include; by default all.
        stop: Ends it early when set.
        on_progress: Called at intervals, starting again for each folder.
        has_threads: Whether other threads may help.

    Raises:
        NoFolderError: If the path is not a folder.
        BadPatternError: If the filter's regular expression is invalid.
    """
    known = [root for root in of_claude_code(roots) if not root.parent]
    if path is not None:
        folders = [absolute(path)]
    else:
        folders = [root.folder for root in known if root.exists]
    profiles: list[FolderProfile] = []

    def look(folder: str, projects: str) -> Survey:
        started = time.monotonic()
        found = survey(
            folder,
            filters,
            projects=projects,
            stop=stop,
            on_progress=on_progress,
            threads=None if has_threads else 1,
        )
        profiles.append(FolderProfile(found, None, time.monotonic() - started))
        return found

    for folder in folders:
        home, projects = _data_folder(folder, known)
        index = len(profiles)
        found = look(folder, projects)
        if projects != folder and os.path.islink(projects):  # noqa: PTH114  # text
            found = look(projects, projects)  # other links are not followed
        if home is not None and found.is_complete:
            outlook = _outlook(home, _log_files(found, home, projects), ask, home in known)
            profiles[index] = replace(profiles[index], cleanup=outlook)
    return tuple(profiles)


def claude_folders(options: TrackerOptions, path: Path | None = None) -> tuple[Path, ...]:
    """Return Claude Code's data folders that exist, or the one that a path leads to.

    Raises:
        NoClaudeFolderError: If the path leads to none.
    """
    found = find_roots(options.environment, options.more_folders)
    roots = [root for root in found if not root.machine]
    if path is None:
        return tuple(Path(root.folder) for root in roots if root.exists)
    home, _ = _data_folder(absolute(path), roots)
    if home is None:
        raise NoClaudeFolderError(printable(str(path)))
    return (Path(home.folder),)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the ledger keeps.

    Attributes:
        by_session: Its usage by the session's project and id.
        unchanged: The size, time and inode of each file when it was last read, by its name.
        titles: The titles of sessions that have one, by their project and id.
    """

    by_session: Mapping[tuple[str, str], Spending]
    unchanged: Mapping[str, tuple[int, int, int]]
    titles: Mapping[tuple[str, str], str]


def _data_folder(folder: str, known: Iterable[LogRoot]) -> tuple[LogRoot | None, str]:
    """Return the data folder that a folder is, or whose ``projects`` it is, and where these are."""
    candidates = [folder]
    if os.path.basename(folder) == PROJECTS:  # noqa: PTH119  # text
        candidates.append(os.path.dirname(folder))  # noqa: PTH120  # text
    real = {os.path.realpath(root.folder): root for root in known}
    for candidate in candidates:
        root = real.get(os.path.realpath(candidate))
        if root is not None:
            return root, projects_of(LogRoot(candidate, CLAUDE_CODE))
    # Other folders with this name are Claude Code's only if they contain something like a log.
    for candidate in candidates:
        root = LogRoot(candidate, CLAUDE_CODE)
        if root.exists and has_logs(root):
            return root, projects_of(root)
    return None, ""


def _log_files(found: Survey, home: LogRoot, projects: str) -> list[LogFile]:
    """Convert the logs in a survey to what discovery would have found."""
    start = len(os.path.join(projects, ""))  # noqa: PTH118  # with a trailing slash
    base = os.path.join(projects_of(home), "")  # noqa: PTH118  # the same
    known = os.path.join(projects_of(LogRoot(home.name, CLAUDE_CODE)), "")  # noqa: PTH118  # the same
    files = []
    for path, size, modified_ns, inode in found.logs:
        below = path[start:]
        name = known + printable(below)
        shown = printable(below.replace(os.sep, "/"))
        files.append(LogFile(base + below, name, home, shown, size, modified_ns, inode))
    return files


def _outlook(
    home: LogRoot,
    files: list[LogFile],
    ask: Callable[[Callable[[Source], _Kept]], _Kept],
    is_known: bool,  # noqa: FBT001  # as it is kept
) -> CleanupOutlook:
    logs = session_logs(files)
    folder = Path(home.folder)
    held = retention(folder, working_folders(logs))
    kept = ask(_kept) if is_known and logs else _Kept({}, {}, {})
    expiring: list[ExpiringLog] = []
    agents: list[LogFile] = []
    if held.days is not None:
        period = min(timedelta(days=min(held.days, MAX_DAYS)), _CENTURY)
        expiring = [_expiring(log, period, kept) for log in logs]
        limit_ns = (time.time() - period.total_seconds()) * 10**9
        mine = {log.name for log in logs}
        agents = [file for file in files if file.name not in mine and file.mtime_ns < limit_ns]
    return CleanupOutlook(
        home.folder,
        held,
        is_known,
        tuple(expiring),
        len(agents),
        sum(file.size for file in agents),
        last_run(folder),
    )


def _expiring(log: LogFile, period: timedelta, kept: _Kept) -> ExpiringLog:
    name = session_name(log.relative_path)
    modified_at = datetime.fromtimestamp(log.mtime_ns / 10**9, UTC)
    return ExpiringLog(
        path=log.name,
        project=name.project_path,
        session=name.session,
        size=log.size,
        modified_at=modified_at,
        deleted_from=modified_at + period if period < _CENTURY else None,
        is_read=kept.unchanged.get(log.name) == (log.size, log.mtime_ns, log.inode),
        kept=kept.by_session.get((name.project_path, name.session)),
        title=kept.titles.get((name.project_path, name.session), ""),
    )


def _kept(source: Source) -> _Kept:
    report = Sessions().answer(source)
    return _Kept(
        {(row.name.project_path, row.name.session): row.spending for row in report.rows},
        {
            name: (mark.size, mark.mtime_ns, mark.inode)
            for name, mark in source.ledger.marks().items()
        },
        {(row.name.project_path, row.name.session): row.title for row in report.rows if row.title},
    )


def retention_of(folder: Path) -> Retention:
    """Return how long the logs in a data folder of Claude Code are kept, and where that is set."""
    logs = session_logs(discover([LogRoot(str(folder), CLAUDE_CODE)]).files)
    return retention(folder, working_folders(logs))


def due_after(folder: Path, days: int, at: datetime) -> tuple[int, int]:
    """Return how many logs would be deleted if they were kept for *days*, and their bytes."""
    logs = session_logs(discover([LogRoot(str(folder), CLAUDE_CODE)]).files)
    limit_ns = (at - timedelta(days=days)).timestamp() * 10**9
    due = [log.size for log in logs if log.mtime_ns < limit_ns]
    return len(due), sum(due)


def spending_of(logs: Iterable[ExpiringLog]) -> Spending:
    """Return the total of what the ledger keeps of these logs."""
    return combine(log.kept for log in logs if log.kept is not None)

"""Surveys a folder: files, sizes, depths, and what is empty, broken or unreadable."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import BadArgumentError
from spendlight.logs.agent import printable
from spendlight.logs.discovery import Unreadable
from spendlight.paths import absolute
from spendlight.survey.filter import FileFilter
from spendlight.survey.tally import DepthSums, SeenLog
from spendlight.survey.walk import (
    BLOCK_BYTES,
    HAS_BLOCKS,
    Task,
    Walker,
    WalkPlan,
    reason_of,
)
from spendlight.survey.walking_threads import walk_together
from spendlight.worker_threads import useful_threads

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    from spendlight.survey.tally import Leaders, Sums, Tally

SPREAD_FROM_FILES: Final = 5_000
"""From this many files on other threads may help."""

_PROGRESS_EVERY_S: Final = 0.1


class NoFolderError(BadArgumentError):
    """The path is not a folder, or does not exist."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be scanned: {reason}", "Choose an existing folder.")


class WhyThreads(StrEnum):
    """Why a survey ran in as many threads as it did."""

    FEW_FILES = "few-files"
    """One, as others would not have been ready in time."""
    MANY_FILES = "many-files"
    """Several."""
    ONE_PROCESSOR = "one-processor"
    """One, as others would have to share its processor."""
    ASKED = "asked"
    """One, as no other was allowed by the caller."""
    NOT_ALLOWED = "not-allowed"
    """One, as the system let no other be started."""


class ScanMethod(NamedTuple):
    """How a survey was made; the result is always the same.

    Attributes:
        threads: How many took part.
    """

    threads: int
    why: WhyThreads


class SurveyProgress(NamedTuple):
    """The progress of a survey, whose total is unknown."""

    files: int
    folders: int
    size: int


class Share(NamedTuple):
    """Files that have something in common.

    Attributes:
        name: The extension with its dot, or the project; "" for files without any.
        disk_size: The disk space they use, or None if the system does not report it.
        newest_ns: When the latest was last modified, in Unix nanoseconds.
    """

    name: str
    files: int
    size: int
    disk_size: int | None
    newest_ns: int


class DepthRow(NamedTuple):
    """The contents at one depth.

    Attributes:
        depth: 0 for the contents of the folder itself.
        folders: The number of folders at this depth; at 0 the folder itself.
        size: The size of the files in them, in bytes.
    """

    depth: int
    files: int
    folders: int
    size: int


class FileSeen(NamedTuple):
    """A file that is listed individually."""

    path: str
    size: int
    modified_ns: int


class BrokenLink(NamedTuple):
    """A link that leads nowhere."""

    path: str
    target: str
    reason: str


class LinkLoop(NamedTuple):
    """A link that leads back into a folder that contains it; not followed, like all links."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Survey:
    """The contents of a folder. All paths are text that can be stored and shown.

    Attributes:
        folders: The number of folders in it, without itself.
        size: The size of all files in bytes, each once however many names it has.
        disk_size: The disk space they use, or None if the system does not report it.
        others_disk_size: The same for folders, links and special files; together with `disk_size`
            it is the result of ``du``.
        repeated_names: How many files are a further name of one that is counted already.
        specials: The number of sockets, pipes and devices.
        by_extension: The largest first.
        by_project: The largest first; empty if the folder is not known to contain projects.
        depths: From 0 to the deepest.
        largest: At most `survey_tally.KEPT_FILES`, the largest first.
        oldest: At most as many, the oldest first.
        newest_ns: When the latest file was last modified, or None without any.
        hidden: Hidden files and folders that were left out.
        elsewhere: Folders on another file system that were not entered.
        logs: The logs in the projects, by path, whatever the filter.
        is_complete: False if it was stopped before the end.
    """

    folder: str
    files: int
    folders: int
    links: int
    size: int
    disk_size: int | None
    others_disk_size: int | None
    repeated_names: int
    specials: tuple[tuple[str, int], ...]
    by_extension: tuple[Share, ...]
    by_project: tuple[Share, ...]
    depths: tuple[DepthRow, ...]
    largest: tuple[FileSeen, ...]
    oldest: tuple[FileSeen, ...]
    newest_ns: int | None
    hidden: int
    empty_folders: tuple[str, ...]
    broken_links: tuple[BrokenLink, ...]
    link_loops: tuple[LinkLoop, ...]
    unreadable: tuple[Unreadable, ...]
    elsewhere: tuple[str, ...]
    logs: tuple[SeenLog, ...]
    is_complete: bool
    method: ScanMethod

    @property
    def max_depth(self) -> int:
        """The depth of the deepest file or folder."""
        return self.depths[-1].depth

    @property
    def mean_depth(self) -> float | None:
        """The average depth of files, or None without any."""
        if not self.files:
            return None
        return sum(row.depth * row.files for row in self.depths) / self.files


def survey(  # noqa: PLR0913  # each has its default
    folder: str,
    filters: FileFilter | None = None,
    *,
    projects: str = "",
    stop: threading.Event | None = None,
    on_progress: Callable[[SurveyProgress], None] | None = None,
    threads: int | None = None,
    spread_from_files: int = SPREAD_FROM_FILES,
) -> Survey:
    """Survey a folder. Links inside are never followed.

    Args:
        folder: The folder.
        filters: Which files to include; by default all.
        projects: The folder, this one or one in it, whose folders are projects.
        stop: Ends it early when set; what was seen until then is returned.
        on_progress: Called at intervals.
        threads: How many may work at the same time; 1 starts no other. By default one for each
            processor, at most four.
        spread_from_files: How many files must have been seen before others help.

    Raises:
        NoFolderError: If it is not a folder.
        BadPatternError: If the filter's regular expression is invalid.
    """
    filters = filters or FileFilter()
    folder = absolute(folder)
    projects = projects and absolute(projects)
    status = _status(folder)
    plan = WalkPlan(folder, projects, status.st_dev if filters.is_on_one_system else None, filters)
    pulse = _Pulse(stop, on_progress)
    walker = Walker(plan, pulse.is_over)
    pulse.tally = tally = walker.tally
    tally.others_disk = status.st_blocks * BLOCK_BYTES if HAS_BLOCKS else 0
    tally.by_depth[0] = DepthSums(folders=1)
    if threads is None:
        wanted, why = useful_threads(), WhyThreads.ONE_PROCESSOR
    else:
        wanted, why = threads, WhyThreads.ASKED
    method = ScanMethod(1, why if wanted == 1 else WhyThreads.FEW_FILES)
    tasks = [Task(folder, 0, "")]
    while tasks and not pulse.is_over():
        seen = tally.files + len(tally.named)
        if wanted > 1 and len(tasks) > 1 and seen >= spread_from_files:
            started = walk_together(tasks, walker, plan, wanted, pulse.is_over)
            why = WhyThreads.MANY_FILES if started else WhyThreads.NOT_ALLOWED
            method = ScanMethod(max(1, started), why)
        else:
            tasks += walker.visit(tasks.pop())
    return _result(
        folder, tally, method, has_projects=bool(projects), is_complete=not pulse.was_over
    )


class _Pulse:
    """Checks at intervals whether to stop, and reports progress."""

    def __init__(
        self,
        stop: threading.Event | None,
        on_progress: Callable[[SurveyProgress], None] | None,
    ) -> None:
        self.tally: Tally | None = None
        self.was_over = False
        self._stop = stop
        self._on_progress = on_progress
        self._next_at = time.monotonic()

    def is_over(self) -> bool:
        """Whether to stop."""
        if self._on_progress is not None and self.tally is not None:
            now = time.monotonic()
            if now >= self._next_at:
                self._next_at = now + _PROGRESS_EVERY_S
                files = self.tally.files + len(self.tally.named)
                self._on_progress(SurveyProgress(files, self.tally.folders, self.tally.size))
        self.was_over = self._stop is not None and self._stop.is_set()
        return self.was_over


def _status(folder: str) -> os.stat_result:
    try:
        status = os.stat(folder)  # noqa: PTH116  # text
        os.scandir(os.path.join(folder, "")).close()  # noqa: PTH118  # fails if it is not a folder
    except NotADirectoryError:
        raise NoFolderError(printable(folder), "it is not a folder") from None
    except FileNotFoundError:
        raise NoFolderError(printable(folder), "it does not exist") from None
    except PermissionError as error:
        raise NoFolderError(printable(folder), reason_of(error)) from error
    except (OSError, ValueError) as error:
        raise NoFolderError(printable(folder), reason_of(error)) from error
    return status


def _result(
    folder: str, tally: Tally, method: ScanMethod, *, has_projects: bool, is_complete: bool
) -> Survey:
    repeated = tally.settle_names()
    deepest = max(tally.by_depth)
    depths = (tally.by_depth.get(depth, DepthSums()) for depth in range(deepest + 1))
    return Survey(
        folder=printable(folder),
        files=tally.files,
        folders=tally.folders,
        links=tally.links,
        size=tally.size,
        disk_size=tally.disk if HAS_BLOCKS else None,
        others_disk_size=tally.others_disk if HAS_BLOCKS else None,
        repeated_names=repeated,
        specials=tuple(sorted(tally.specials.items())),
        by_extension=_shares(tally.by_extension),
        by_project=_shares(tally.by_group) if has_projects else (),
        depths=tuple(
            DepthRow(depth, row.files, row.folders, row.size) for depth, row in enumerate(depths)
        ),
        largest=_seen(tally.largest),
        oldest=_seen(tally.oldest),
        newest_ns=tally.newest_ns if tally.files else None,
        hidden=tally.hidden,
        empty_folders=_sorted_paths(tally.empty),
        broken_links=tuple(
            BrokenLink(printable(path), printable(target), reason)
            for path, target, reason in sorted(tally.broken)
        ),
        link_loops=tuple(
            LinkLoop(printable(path), printable(target)) for path, target in sorted(tally.loops)
        ),
        unreadable=tuple(
            Unreadable(printable(path), reason) for path, reason in sorted(tally.unreadable)
        ),
        elsewhere=_sorted_paths(tally.elsewhere),
        logs=tuple(sorted(tally.logs)),
        is_complete=is_complete,
        method=method,
    )


def _shares(sums: dict[str, Sums]) -> tuple[Share, ...]:
    rows = (
        Share(
            printable(name),
            part.files,
            part.size,
            part.disk if HAS_BLOCKS else None,
            part.newest_ns,
        )
        for name, part in sums.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.size, -row.files, row.name)))


def _seen(leaders: Leaders) -> tuple[FileSeen, ...]:
    return tuple(
        FileSeen(printable(file.path), file.size, file.modified_ns) for file in leaders.candidates
    )


def _sorted_paths(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(printable, sorted(paths)))

"""Walks folders, one by one, without ever following a link."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.logs.claude_code.agent import LOG_SUFFIX
from spendlight.logs.discovery import state_of
from spendlight.metering.session_names import session_name
from spendlight.survey.filter import FileFilter, extension
from spendlight.survey.tally import DepthSums, Leaders, Named, SeenLog, Sums, Tally, add_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK_BYTES: Final = 512
"""The unit of ``st_blocks``, whatever the file system's own block size."""

HAS_BLOCKS: Final = hasattr(os.stat_result, "st_blocks")
"""Whether the system reports the disk space of a file; Windows does not."""

_CHUNK: Final = 2_000
"""The number of entries of a folder between two checks of the clock."""

_KINDS: Final = {
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "pipe",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}

_OTHER_KIND: Final = "other"

_NO_PROJECT: Final = session_name("").project_path
"""The project, in reports, of a log outside the folders of projects."""


class Task(NamedTuple):
    """A folder to walk.

    Attributes:
        depth: Its depth below the folder of the survey.
        group: The project it belongs to, or "".
    """

    path: str
    depth: int
    group: str


@dataclass(frozen=True, slots=True)
class WalkPlan:
    """The parameters of a survey.

    Attributes:
        folder: The folder of the survey.
        projects: The folder whose folders are projects, or "".
        device: The file system to stay on, or None for all.
    """

    folder: str
    projects: str
    device: int | None
    filters: FileFilter


class Walker:
    """Counts the contents of folders.

    Args:
        plan: The parameters.
        is_over: Called at intervals; once it is true, the current folder is left unfinished.
    """

    def __init__(self, plan: WalkPlan, is_over: Callable[[], bool]) -> None:
        self.tally = Tally()
        self._plan = plan
        self._is_over = is_over
        self._wanted = plan.filters.compiled()
        self._start = len(os.path.join(plan.folder, ""))  # noqa: PTH118  # with a trailing slash

    def hand_over(self) -> Tally:
        """Return the counts since the last call."""
        counted = self.tally
        self.tally = Tally(
            largest=Leaders(counted.largest.limit), oldest=Leaders(counted.oldest.limit)
        )
        return counted

    def visit(self, task: Task) -> list[Task]:
        """Count the contents of a folder, and return the folders in it."""
        tally, found = self.tally, list[Task]()
        is_empty = True
        try:
            with os.scandir(task.path) as entries:
                while chunk := list(islice(entries, _CHUNK)):
                    is_empty = False
                    self._count(task, chunk, found)
                    if self._is_over():
                        break
        except OSError as error:
            tally.unreadable.append((task.path, reason_of(error)))
            return found
        if is_empty and task.depth:
            tally.empty.append(task.path)
        return found

    def _count(self, task: Task, chunk: list[os.DirEntry[str]], found: list[Task]) -> None:
        tally = self.tally
        extensions, largest, oldest = tally.by_extension, tally.largest, tally.oldest
        files = total = total_disk = newest_ns = 0
        # They are beside the projects' folders, or belong to a project, or to none.
        group = _NO_PROJECT if task.path == self._plan.projects else task.group
        for entry, status in self._files(task, chunk, found):
            size, modified_ns, _ = state_of(status)
            disk = status.st_blocks * BLOCK_BYTES if HAS_BLOCKS else 0
            kind = extension(entry.name)
            if status.st_nlink > 1:
                identity = (status.st_dev, status.st_ino)
                tally.named.append(
                    Named(identity, entry.path, kind, group, task.depth, size, disk, modified_ns)
                )
                continue
            files += 1
            total += size
            total_disk += disk
            if modified_ns > newest_ns:  # noqa: PLR1730  # a call for each file is expensive
                newest_ns = modified_ns
            sums = extensions.get(kind)
            if sums is None:
                sums = extensions[kind] = Sums()
            sums.files += 1
            sums.size += size
            sums.disk += disk
            if modified_ns > sums.newest_ns:  # noqa: PLR1730  # a call for each file is expensive
                sums.newest_ns = modified_ns
            if largest.limit is None or -size <= largest.limit:
                largest.add(-size, entry.path, size, modified_ns)
            if oldest.limit is None or modified_ns <= oldest.limit:
                oldest.add(modified_ns, entry.path, size, modified_ns)
        if not files:
            return
        tally.files += files
        tally.size += total
        tally.disk += total_disk
        tally.newest_ns = max(tally.newest_ns, newest_ns)
        add_to(tally.by_group, group, files, total, total_disk, newest_ns)
        here = tally.by_depth.setdefault(task.depth, DepthSums())
        here.files += files
        here.size += total

    def _files(
        self, task: Task, chunk: list[os.DirEntry[str]], found: list[Task]
    ) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        """Yield the files that match, and count everything else."""
        tally, wanted = self.tally, self._wanted
        skips_hidden = not self._plan.filters.has_hidden
        for entry in chunk:
            try:
                if skips_hidden and _is_hidden(entry):
                    tally.hidden += 1
                    continue
                if not entry.is_file(follow_symlinks=False):
                    self._count_other(task, entry, found)
                    continue
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                if not isinstance(error, FileNotFoundError):  # deleted a moment ago
                    tally.unreadable.append((entry.path, reason_of(error)))
                continue
            if task.group and entry.name.endswith(LOG_SUFFIX) and entry.name != LOG_SUFFIX:
                tally.logs.append(SeenLog(entry.path, *state_of(status)))
            if wanted is None or wanted(entry.name, self._path_below(entry.path), status):
                yield entry, status

    def _count_other(self, task: Task, entry: os.DirEntry[str], found: list[Task]) -> None:
        """Count what is not a file: a folder, a link, a socket and similar."""
        tally = self.tally
        status = entry.stat(follow_symlinks=False)
        if HAS_BLOCKS:
            tally.others_disk += status.st_blocks * BLOCK_BYTES
        if entry.is_symlink() or _is_junction(status):
            tally.links += 1
            self._examine_link(task, entry.path)
        elif stat.S_ISDIR(status.st_mode):
            depth = task.depth + 1
            tally.folders += 1
            tally.by_depth.setdefault(depth, DepthSums()).folders += 1
            if self._plan.device is not None and status.st_dev != self._plan.device:
                tally.elsewhere.append(entry.path)
                return
            is_project = not task.group and task.path == self._plan.projects
            found.append(Task(entry.path, depth, entry.name if is_project else task.group))
        else:
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), _OTHER_KIND)
            tally.specials[kind] = tally.specials.get(kind, 0) + 1

    def _examine_link(self, task: Task, path: str) -> None:
        tally = self.tally
        try:
            target = os.readlink(path)  # noqa: PTH115  # text
        except OSError as error:
            tally.unreadable.append((path, reason_of(error)))
            return
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # text
        except FileNotFoundError:
            tally.broken.append((path, target, "its target does not exist"))
        except (OSError, ValueError) as error:
            is_circle = isinstance(error, OSError) and error.errno == errno.ELOOP
            why = "it points to itself" if is_circle else reason_of(error)
            tally.broken.append((path, target, why))
        else:
            if is_folder and _is_within(task.path, path):
                tally.loops.append((path, target))

    def _path_below(self, path: str) -> str:
        return path[self._start :].replace(os.sep, "/")


def reason_of(error: Exception) -> str:
    """Return the message of a system error, without the path."""
    return getattr(error, "strerror", None) or str(error)


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return True
    if os.name != "nt":
        return False
    attributes: int = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _is_junction(status: os.stat_result) -> bool:
    """Whether it is a junction, a link on Windows that looks like a folder."""
    tag: int = getattr(status, "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _is_within(folder: str, link: str) -> bool:
    """Whether a folder is inside the target of a link, or is the target."""
    target = os.path.join(os.path.realpath(link), "")  # noqa: PTH118  # with a trailing slash
    return os.path.join(os.path.realpath(folder), "").startswith(target)  # noqa: PTH118  # the same

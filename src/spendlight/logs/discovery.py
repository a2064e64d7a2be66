"""Finds the logs in the data folders of agents."""

from __future__ import annotations

import os
import stat
from functools import partial
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import LogRoot, may_be_folder, printable
from spendlight.logs.native_walk import listing
from spendlight.metering.session_names import unnamed_session
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from spendlight.logs.native_walk import Listing
    from spendlight.metering.entry import SessionName

    ListFolder = Callable[[str, str], Listing | None]

_BEYOND: Final = 1 << 63


class LogFile(NamedTuple):
    """A log in the file system.

    Attributes:
        path: The full path to open.
        name: The same as text that can be stored and shown, below the name of its root.
        relative_path: The path below the root's folder of logs, with "/", as such text.
    """

    path: str
    name: str
    root: LogRoot
    relative_path: str
    size: int
    mtime_ns: int
    inode: int

    @property
    def session(self) -> SessionName:
        """The session that its path names; its contents may name another."""
        session_of = self.root.agent.session_of or unnamed_session
        return session_of(self.relative_path)


_path_of = attrgetter("path")
_new_file: Callable[[tuple[object, ...]], LogFile] = partial(tuple.__new__, LogFile)
"""Like `LogFile`, in a third of the time, as there may be thousands."""


class Unreadable(NamedTuple):
    """A folder or file that could not be read."""

    path: str
    reason: str


class Discovery(NamedTuple):
    """What was found.

    Attributes:
        links: Links below the roots that lead to logs elsewhere, and are not followed.
        is_whole: Whether everything below the roots was checked.
    """

    files: tuple[LogFile, ...]
    unreadable: tuple[Unreadable, ...]
    links: tuple[str, ...] = ()
    is_whole: bool = True


def discover(roots: list[LogRoot], list_folder: ListFolder = listing) -> Discovery:
    """Return every log below the roots, in path order.

    Args:
        roots: The data folders.
        list_folder: Returns what is below a folder, given the extension of its logs; None if it
            cannot.
    """
    files: list[LogFile] = []
    unreadable: list[Unreadable] = []
    links: dict[str, list[str]] = {}
    there = [root for root in reversed(roots) if root.exists]
    for root in {(root.agent.name, root.name): root for root in there}.values():
        found = _walk(root, unreadable, links.setdefault(root.agent.suffix, []), list_folder)
        files += found if not root.known_as else map(_by_known_name, found)
    if all(map(str.isascii, map(_path_of, files))):
        files.sort(key=_path_of)  # the same order, but faster
    else:
        files.sort(key=lambda file: os.fsencode(file.path))
    hiding: list[str] = []
    if any(links.values()):
        from spendlight.logs.links import leading_to_logs  # rare

        searched = [folder for root in roots for folder in root.log_folders]
        for suffix, found_links in links.items():
            hiding += leading_to_logs(found_links, searched, suffix)
    return Discovery(tuple(files), tuple(unreadable), tuple(map(printable, hiding)))


def look_at(roots: Iterable[LogRoot], paths: Iterable[str]) -> Discovery:
    """Check only some files, which are known to be below the roots."""
    files: list[LogFile] = []
    roots = list(roots)
    for path in sorted(paths, key=os.fsencode):
        candidates = ((root, root.relative_path(path)) for root in roots)
        root, below = next((found for found in candidates if found[1] is not None), (None, None))
        if root is None or below is None:
            continue
        try:
            status = os.lstat(path)
        except OSError:  # deleted a moment ago
            continue
        if stat.S_ISREG(status.st_mode):
            file = LogFile(path, printable(path), root, printable(below), *state_of(status))
            files.append(_by_known_name(file) if root.known_as else file)
    return Discovery(tuple(files), (), is_whole=False)


def state_of(status: os.stat_result) -> tuple[int, int, int]:
    """Return a file's size, mtime in nanoseconds and inode, as signed 64-bit integers.

    Some file systems have times beyond the year 2262, and inodes of 64 or 128 bits.
    """
    mtime_ns, inode = status.st_mtime_ns, status.st_ino
    if 0 <= mtime_ns < _BEYOND and inode < _BEYOND:
        return status.st_size, mtime_ns, inode
    if not -_BEYOND <= mtime_ns < _BEYOND:
        mtime_ns = max(-_BEYOND, min(mtime_ns, _BEYOND - 1))
    return status.st_size, mtime_ns, inode if inode < _BEYOND else inode % (_BEYOND - 1)


def _by_known_name(file: LogFile) -> LogFile:
    """Return a log with the name under which it is known."""
    below = file.path[len(file.root.folder) :]
    return file._replace(name=file.root.known_as + printable(below))


def _walk(
    root: LogRoot, unreadable: list[Unreadable], links: list[str], list_folder: ListFolder
) -> list[LogFile]:
    """Return the logs below a root. Links inside are not followed, so nothing is found twice."""
    files: list[LogFile] = []
    for folder in root.log_folders:
        if not may_be_folder(folder):
            continue
        found = list_folder(folder, root.agent.suffix)
        if found is None:
            _walk_folder(root, folder, files, unreadable, links)
        else:
            files += _listed(root, folder, found)
            links += [os.path.join(folder, path) for path in found.links]  # noqa: PTH118  # text
            unreadable += [
                Unreadable(printable(_joined(folder, path)), os.strerror(error))
                for path, error in found.failures
            ]
    return files


def _joined(folder: str, below: str) -> str:
    return os.path.join(folder, below) if below else folder  # noqa: PTH118  # text


def _listed(root: LogRoot, folder: str, found: Listing) -> Iterable[LogFile]:
    """Return the logs of a listing."""
    paths = [os.path.join(folder, path) for path in found.files]  # noqa: PTH118  # text, for speed
    names, relative = paths, found.files
    if not all(map(str.isascii, paths)):
        names, relative = list(map(printable, paths)), list(map(printable, found.files))
    columns = zip(paths, names, repeat(root), relative, *found.states, strict=False)
    return map(_new_file, columns)


def _walk_folder(
    root: LogRoot,
    folder: str,
    files: list[LogFile],
    unreadable: list[Unreadable],
    links: list[str],
) -> None:
    """Add the logs below a folder, in Python."""
    folders = [(folder, "")]
    suffix = root.agent.suffix
    while folders:
        folder, below = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    is_named = name.endswith(suffix) and name != suffix
                    if is_named and entry.is_file(follow_symlinks=False):
                        try:
                            status = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:  # deleted a moment ago
                            continue
                        path, relative = entry.path, below + name
                        name = path
                        if not path.isascii():
                            name, relative = printable(path), printable(relative)
                        size, mtime_ns, inode = status.st_size, status.st_mtime_ns, status.st_ino
                        if not (0 <= mtime_ns < _BEYOND and inode < _BEYOND):
                            size, mtime_ns, inode = state_of(status)
                        files.append(_new_file((path, name, root, relative, size, mtime_ns, inode)))
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, f"{below}{name}/"))
                    elif entry.is_symlink():
                        links.append(entry.path)
        except OSError as error:
            unreadable.append(Unreadable(printable(folder), error.strerror or str(error)))

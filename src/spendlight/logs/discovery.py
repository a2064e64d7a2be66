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
from spendlight.logs.sources import WRITE_AHEAD, LogKind, is_named
from spendlight.metering.log_names import ledger_name
from spendlight.metering.session_names import unnamed_session
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spendlight.logs.native_walk import Listing
    from spendlight.logs.sources import LogSource
    from spendlight.metering.entry import SessionName

    ListFolder = Callable[[str, str], Listing | None]

_BEYOND: Final = 1 << 63


class LogFile(NamedTuple):
    """A log in the file system.

    Attributes:
        path: The full path to open.
        name: The same as text that can be stored and shown, below the name of its root; see
            `ledger_name`.
        relative_path: The path below the folder of its source, with "/", as such text.
        size: In bytes; of a database, including what `WRITE_AHEAD` contains, like the following.
        kind: How it is written.
    """

    path: str
    name: str
    root: LogRoot
    relative_path: str
    size: int
    mtime_ns: int
    inode: int
    kind: LogKind = LogKind.LINES

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
        list_folder: Returns what is below a folder, given the names of its logs; None if it cannot.
    """
    files: list[LogFile] = []
    unreadable: list[Unreadable] = []
    links: dict[str, list[str]] = {}
    there = [root for root in reversed(roots) if root.exists]
    for root in {(root.agent.name, root.name): root for root in there}.values():
        found = _walk(root, unreadable, links, list_folder)
        files += found if not root.known_as else map(_by_known_name, found)
    if all(map(str.isascii, map(_path_of, files))):
        files.sort(key=_path_of)  # the same order, but faster
    else:
        files.sort(key=lambda file: os.fsencode(file.path))
    hiding: list[str] = []
    if any(links.values()):
        from spendlight.logs.links import leading_to_logs  # rare

        searched = [folder for root in roots for folder in root.log_folders]
        for names, found_links in links.items():
            hiding += leading_to_logs(found_links, searched, names)
    return Discovery(tuple(files), tuple(unreadable), tuple(map(printable, hiding)))


def look_at(roots: Iterable[LogRoot], paths: Iterable[str]) -> Discovery:
    """Check only some files, which are known to be below the roots."""
    files: dict[str, LogFile] = {}
    roots = list(roots)
    for path in sorted(paths, key=os.fsencode):
        candidates = ((root, root.found(path)) for root in roots)
        root, found = next((both for both in candidates if both[1] is not None), (None, None))
        if root is None or found is None:
            continue
        below, source = found
        path = path.removesuffix(WRITE_AHEAD) if source.kind is LogKind.DATABASE else path  # noqa: PLW2901  # whose it is
        try:
            status = os.lstat(path)
        except OSError:  # deleted a moment ago
            continue
        if stat.S_ISREG(status.st_mode):
            state = state_of(status)
            file = LogFile(path, printable(path), root, printable(below), *state, source.kind)
            files[path] = _by_known_name(_of_kind(file))
    return Discovery(tuple(files.values()), (), is_whole=False)


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


def _of_kind(file: LogFile) -> LogFile:
    """Return a log as the ledger knows one of its kind."""
    if file.kind is LogKind.LINES:
        return file
    file = file._replace(name=ledger_name(file.name))
    if file.kind is not LogKind.DATABASE:
        return file
    try:
        beside = state_of(os.stat(file.path + WRITE_AHEAD))  # noqa: PTH116  # text
    except OSError:
        return file
    return file._replace(size=file.size + beside[0], mtime_ns=max(file.mtime_ns, beside[1]))


def _by_known_name(file: LogFile) -> LogFile:
    """Return a log with the name under which it is known."""
    if not file.root.known_as:
        return file
    below = file.name[len(printable(file.root.folder)) :]
    return file._replace(name=file.root.known_as + below)


def _walk(
    root: LogRoot,
    unreadable: list[Unreadable],
    links: dict[str, list[str]],
    list_folder: ListFolder,
) -> Iterable[LogFile]:
    """Return the logs below a root. Links inside are not followed, so nothing is found twice."""
    files: list[LogFile] = []
    for folder, source in root.sources:
        if not may_be_folder(folder):
            continue
        found = list_folder(folder, source.names)
        found_links = links.setdefault(source.names, [])
        if found is None:
            of_source = _walk_folder(root, folder, source, unreadable, found_links)
        else:
            of_source = _listed(root, folder, source.kind, found)
            found_links += [os.path.join(folder, path) for path in found.links]  # noqa: PTH118  # text
            unreadable += [
                Unreadable(printable(_joined(folder, path)), os.strerror(error))
                for path, error in found.failures
            ]
        files += of_source if source.kind is LogKind.LINES else map(_of_kind, of_source)
    if root.agent.has_archive:
        return {file.relative_path: file for file in reversed(files)}.values()
    return files


def _joined(folder: str, below: str) -> str:
    return os.path.join(folder, below) if below else folder  # noqa: PTH118  # text


def _listed(root: LogRoot, folder: str, kind: LogKind, found: Listing) -> Iterator[LogFile]:
    """Return the logs of a listing."""
    paths = [os.path.join(folder, path) for path in found.files]  # noqa: PTH118  # text, for speed
    names, relative = paths, found.files
    if not all(map(str.isascii, paths)):
        names, relative = list(map(printable, paths)), list(map(printable, found.files))
    columns = zip(paths, names, repeat(root), relative, *found.states, repeat(kind), strict=False)
    return map(_new_file, columns)


def _failure(folder: str, error: OSError, *, is_top: bool) -> list[Unreadable]:
    """Return why a folder could not be listed; nothing if it was deleted a moment ago."""
    if isinstance(error, FileNotFoundError) and not is_top:
        return []
    return [Unreadable(printable(folder), error.strerror or str(error))]


def _walk_folder(
    root: LogRoot, top: str, source: LogSource, unreadable: list[Unreadable], links: list[str]
) -> Iterator[LogFile]:
    """Yield the logs of a source, listed in Python."""
    folders = [(top, "")]
    is_log, is_deep, kind = is_named(source.names), source.is_deep, source.kind
    while folders:
        folder, below = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    is_of_source = is_log(name)
                    if is_of_source and entry.is_file(follow_symlinks=False):
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
                        yield _new_file((path, name, root, relative, size, mtime_ns, inode, kind))
                    elif is_deep and entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, f"{below}{name}/"))
                    elif (is_deep or is_of_source) and entry.is_symlink():
                        links.append(entry.path)
        except OSError as error:
            unreadable += _failure(folder, error, is_top=not below)

"""Finds Claude Code's data folders and the logs in them."""

from __future__ import annotations

import os
import stat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PROJECTS = "projects"
LOG_SUFFIX: Final = ".jsonl"
_BEYOND: Final = 1 << 63


class LogRoot(NamedTuple):
    """A Claude data folder: the one that holds ``projects``.

    Attributes:
        folder: In full, as text.
        machine: The virtual machine it belongs to, or "" for this machine itself.
        parent: The data folder whose ``vms`` it was found in, or "".
        known_as: The name under which its logs are remembered, where that is another one: the same
            folder may be reached by several.
    """

    folder: str
    machine: str = ""
    parent: str = ""
    known_as: str = ""

    @property
    def projects(self) -> str:
        """The folder that holds the logs."""
        return os.path.join(self.folder, PROJECTS)  # noqa: PTH118  # text, thousands of times

    @property
    def name(self) -> str:
        """The name under which its logs are remembered, in text that can be stored and shown."""
        return self.known_as or printable(self.folder)

    @property
    def parent_name(self) -> str:
        """The same of the data folder it was found in, or ""."""
        return os.path.dirname(os.path.dirname(self.name)) if self.parent else ""  # noqa: PTH120  # text

    @property
    def exists(self) -> bool:
        """Whether its logs can be looked for now."""
        return _may_be_folder(self.projects)

    @property
    def identity(self) -> tuple[int, int] | None:
        """What tells the folder of its logs from all others, however they are spelled."""
        try:
            status = os.stat(self.projects)  # noqa: PTH116  # text
        except (OSError, ValueError):
            return None
        return (status.st_dev, status.st_ino) if status.st_ino else None


class LogFile(NamedTuple):
    """A log as the file system has it now.

    Attributes:
        path: In full, as it is opened.
        name: The same in text that can be stored and shown, below the name of its root.
        place: The path below ``projects``, its parts joined by "/", in such text.
    """

    path: str
    name: str
    root: LogRoot
    place: str
    size: int
    mtime_ns: int
    inode: int


_path_of = attrgetter("path")


class Unreadable(NamedTuple):
    """A folder or file that could not be looked at."""

    path: str
    reason: str


class Discovery(NamedTuple):
    """What is there now.

    Attributes:
        links: Links below the roots that lead to logs elsewhere, and are not followed.
        is_whole: Whether all that is below the roots was looked at.
    """

    files: tuple[LogFile, ...]
    unreadable: tuple[Unreadable, ...]
    links: tuple[str, ...] = ()
    is_whole: bool = True


def find_roots(
    environ: Mapping[str, str], *, with_vms: bool = True, more: Iterable[str] = ()
) -> list[LogRoot]:
    """Return the data folders in effect, whether they exist now or not.

    ``CLAUDE_CONFIG_DIR`` lists them, separated by commas; where it is not set, the XDG and the home
    directory both are. Each may hold virtual machines below ``vms`` (as claude-usage reads them).

    Args:
        environ: The environment to go by.
        with_vms: Whether to look for virtual machines.
        more: Folders beside those; ``~`` is the home directory.
    """
    value = environ.get("CLAUDE_CONFIG_DIR")
    folders = default_folders(environ) if value is None else _listed_folders(value, environ)
    folders += [_folder_named(name, environ) for name in more]
    roots = [LogRoot(folder) for folder in dict.fromkeys(folders)]
    if with_vms:
        roots += [vm for root in list(roots) for vm in _virtual_machines(root)]
    return roots


def discover(roots: list[LogRoot]) -> Discovery:
    """Return every log below the roots, in path order."""
    files: list[LogFile] = []
    unreadable: list[Unreadable] = []
    links: list[str] = []
    for root in {root.name: root for root in reversed(roots) if root.exists}.values():
        found = _walk(root, unreadable, links)
        files.extend(found if not root.known_as else (_by_known_name(file) for file in found))
    if all(map(str.isascii, map(_path_of, files))):
        files.sort(key=_path_of)  # the same order, sooner
    else:
        files.sort(key=lambda file: os.fsencode(file.path))
    if links:
        from spendlight.logs.links import leading_to_logs  # few have any

        links = leading_to_logs(links, [root.projects for root in roots])
    return Discovery(tuple(files), tuple(unreadable), tuple(map(printable, links)))


def look_at(roots: Iterable[LogRoot], paths: Iterable[str]) -> Discovery:
    """Look at some files only, of which it is known that they are below the roots."""
    files: list[LogFile] = []
    roots = list(roots)
    for path in sorted(paths, key=os.fsencode):
        name = path.rpartition(os.sep)[2]
        if not name.endswith(LOG_SUFFIX) or name == LOG_SUFFIX:
            continue
        root = next((r for r in roots if path.startswith(f"{r.projects}{os.sep}")), None)
        if root is None:
            continue
        try:
            status = os.lstat(path)
        except OSError:  # deleted a moment ago
            continue
        if stat.S_ISREG(status.st_mode):
            place = path[len(str(root.projects)) + 1 :].replace(os.sep, "/")
            file = LogFile(path, printable(path), root, printable(place), *state_of(status))
            files.append(_by_known_name(file) if root.known_as else file)
    return Discovery(tuple(files), (), is_whole=False)


def state_of(status: os.stat_result) -> tuple[int, int, int]:
    """Return a file's size, mtime in nanoseconds and inode, as numbers of 64 bits with a sign.

    Some file systems know moments beyond the year 2262, and inodes of 64 or of 128 bits.
    """
    mtime_ns, inode = status.st_mtime_ns, status.st_ino
    if not -_BEYOND <= mtime_ns < _BEYOND:
        mtime_ns = max(-_BEYOND, min(mtime_ns, _BEYOND - 1))
    return status.st_size, mtime_ns, inode if inode < _BEYOND else inode % (_BEYOND - 1)


def printable(path: str) -> str:
    """Return a path as text that can be stored and shown, whatever bytes are in it."""
    if path.isascii():
        return path
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def home_folder(environ: Mapping[str, str]) -> str:
    """Return the user's home directory, or "" if the environment names none."""
    drive = environ.get("HOMEDRIVE", "") + environ.get("HOMEPATH", "")
    return environ.get("HOME") or environ.get("USERPROFILE") or drive


def default_folders(environ: Mapping[str, str]) -> list[str]:
    """Return where Claude Code's data is unless a variable says otherwise: old and new place."""
    home = home_folder(environ)
    if not home:
        return []
    config = environ.get("XDG_CONFIG_HOME") or str(Path(home, ".config"))
    return [str(Path(config, "claude")), str(Path(home, ".claude"))]


def _by_known_name(file: LogFile) -> LogFile:
    """Return a log with the name under which it is remembered."""
    below = file.path[len(file.root.folder) :]
    return file._replace(name=file.root.known_as + printable(below))


def _may_be_folder(path: str | Path) -> bool:
    """Whether it is a folder, or stands in one that is closed to us, which is told later on."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # text, too
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _listed_folders(value: str, environ: Mapping[str, str]) -> list[str]:
    names = (part.strip() for part in value.split(","))
    return [_folder_named(name, environ) for name in names if name]


def _folder_named(name: str, environ: Mapping[str, str]) -> str:
    """Return the data folder that a name means; that of its logs means the one it is in."""
    if name == "~" or name.startswith("~/"):
        name = home_folder(environ) + name[1:]
    folder = Path(absolute(name))
    is_inner = folder.name == PROJECTS and _may_be_folder(folder)
    return str(folder.parent if is_inner else folder)


def _virtual_machines(root: LogRoot) -> Iterator[LogRoot]:
    try:
        with os.scandir(Path(root.folder, "vms")) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return
    for name in names:
        vm = LogRoot(str(Path(root.folder, "vms", name)), name, root.folder)
        if vm.exists:
            yield vm


def _walk(root: LogRoot, unreadable: list[Unreadable], links: list[str]) -> Iterator[LogFile]:
    """Yield the logs below a root. Links inside are not followed, so nothing is met twice."""
    folders = [(root.projects, "")]
    make = LogFile._make
    while folders:
        folder, place = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.endswith(LOG_SUFFIX) and entry.is_file(follow_symlinks=False):
                        if name == LOG_SUFFIX:
                            continue
                        try:
                            status = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:  # deleted a moment ago
                            continue
                        path = entry.path
                        yield make(
                            (
                                path,
                                path if path.isascii() else printable(path),
                                root,
                                printable(place + name),
                                *state_of(status),
                            )
                        )
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, f"{place}{name}/"))
                    elif entry.is_symlink():
                        links.append(entry.path)
        except OSError as error:
            unreadable.append(Unreadable(printable(folder), error.strerror or str(error)))

"""Finds Claude Code's data folders and the logs in them."""

from __future__ import annotations

import os
import stat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.errors import NoClaudeFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PROJECTS = "projects"
_SUFFIX = ".jsonl"
_BEYOND: Final = 1 << 63


class LogRoot(NamedTuple):
    """A Claude data folder: the one that holds ``projects``.

    Attributes:
        folder: In full, as text.
        machine: The virtual machine it belongs to, or "" for this machine itself.
        parent: The data folder whose ``vms`` it was found in, or "".
    """

    folder: str
    machine: str = ""
    parent: str = ""

    @property
    def projects(self) -> str:
        """The folder that holds the logs."""
        return os.path.join(self.folder, PROJECTS)  # noqa: PTH118  # text, thousands of times

    @property
    def exists(self) -> bool:
        """Whether its logs can be looked for now."""
        return _may_be_folder(self.projects)


class LogFile(NamedTuple):
    """A log as the file system has it now.

    Attributes:
        path: In full, as it is opened.
        name: The same, in text that can be stored and shown.
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
    """What is there now."""

    files: tuple[LogFile, ...]
    unreadable: tuple[Unreadable, ...]


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

    Raises:
        NoClaudeFoundError: If ``CLAUDE_CONFIG_DIR`` is set and names no data folder.
    """
    value = environ.get("CLAUDE_CONFIG_DIR")
    folders = _default_folders(environ) if value is None else _listed_folders(value, environ)
    folders += [_folder_named(name, environ) for name in more]
    roots = [LogRoot(folder) for folder in dict.fromkeys(folders)]
    if with_vms:
        roots += [vm for root in list(roots) for vm in _virtual_machines(root)]
    return roots


def discover(roots: list[LogRoot]) -> Discovery:
    """Return every log below the roots, in path order."""
    files: list[LogFile] = []
    unreadable: list[Unreadable] = []
    for root in roots:
        if root.exists:
            files.extend(_walk(root, unreadable))
    if all(map(str.isascii, map(_path_of, files))):
        files.sort(key=_path_of)  # the same order, sooner
    else:
        files.sort(key=lambda file: os.fsencode(file.path))
    return Discovery(tuple(files), tuple(unreadable))


def look_at(roots: Iterable[LogRoot], paths: Iterable[str]) -> Discovery:
    """Look at some files only, of which it is known that they are below the roots."""
    files: list[LogFile] = []
    roots = list(roots)
    for path in sorted(paths, key=os.fsencode):
        name = path.rpartition(os.sep)[2]
        if not name.endswith(_SUFFIX) or name == _SUFFIX:
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
            files.append(LogFile(path, printable(path), root, printable(place), *state_of(status)))
    return Discovery(tuple(files), ())


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


def _may_be_folder(path: str | Path) -> bool:
    """Whether it is a folder, or stands in one that is closed to us, which is told later on."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # text, too
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _default_folders(environ: Mapping[str, str]) -> list[str]:
    home = home_folder(environ)
    if not home:
        return []
    config = environ.get("XDG_CONFIG_HOME") or str(Path(home, ".config"))
    return [str(Path(config, "claude")), str(Path(home, ".claude"))]


def _listed_folders(value: str, environ: Mapping[str, str]) -> list[str]:
    folders: list[str] = []
    for part in value.split(","):
        name = part.strip()
        folder = _folder_named(name, environ) if name else ""
        if folder and _may_be_folder(Path(folder, PROJECTS)):
            folders.append(folder)
    if not folders:
        raise NoClaudeFoundError(value)
    return folders


def _folder_named(name: str, environ: Mapping[str, str]) -> str:
    """Return the data folder that a name means; that of its logs means the one it is in."""
    if name == "~" or name.startswith("~/"):
        name = home_folder(environ) + name[1:]
    folder = Path(os.path.abspath(name))  # noqa: PTH100  # links stay as they are
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


def _walk(root: LogRoot, unreadable: list[Unreadable]) -> Iterator[LogFile]:
    """Yield the logs below a root. Links inside are not followed, so nothing is met twice."""
    folders = [(root.projects, "")]
    make = LogFile._make
    while folders:
        folder, place = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.endswith(_SUFFIX) and entry.is_file(follow_symlinks=False):
                        if name == _SUFFIX:
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
        except OSError as error:
            unreadable.append(Unreadable(printable(folder), error.strerror or str(error)))

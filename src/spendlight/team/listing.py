"""What lies in a team's folder: files, and what cannot be looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Listed(NamedTuple):
    """A file in the team's folder.

    Attributes:
        path: Its path in the team's folder.
        size: In bytes.
        modified: When it was last modified, if known; only compared with itself.
    """

    path: str
    size: int
    modified: str = ""


class Unreadable(NamedTuple):
    """A file or folder that cannot be read.

    Attributes:
        path: Its path in the team's folder; that of a folder ends in a slash.
        reason: Why.
    """

    path: str
    reason: str


class Listing(NamedTuple):
    """What lies in the team's folder, or in one of its folders.

    Attributes:
        files: In alphabetical order.
        unreadable: Files and folders that cannot be looked at.
    """

    files: list[Listed]
    unreadable: list[Unreadable]


def listed_locally(base: str, folder: str, without: str = "") -> Listing:
    """Return what lies in a folder of this machine, below *base*; links to folders are left out.

    Args:
        base: The team's folder.
        folder: The folder in it, or "".
        without: Leave out files whose names end so, if given.

    Raises:
        OSError: If the folder itself cannot be listed.
    """
    unreadable: list[Unreadable] = []
    return Listing(sorted(_walk(base, folder, without, unreadable)), sorted(unreadable))


def _walk(base: str, folder: str, without: str, unreadable: list[Unreadable]) -> Iterator[Listed]:
    start = len(os.path.join(base, ""))  # noqa: PTH118  # thousands of files
    top = os.path.join(base, folder) if folder else base  # noqa: PTH118
    folders = [top]
    while folders:
        here = folders.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            if here == top:
                raise
            _note(_relative(here, start) + "/", error, unreadable)
            continue
        for entry in entries:
            if without and entry.name.endswith(without):
                continue
            path = _relative(entry.path, start)
            try:
                if not entry.is_dir(follow_symlinks=False):
                    if entry.is_file():
                        status = entry.stat()
                        yield Listed(path, status.st_size, str(status.st_mtime_ns))
                elif not entry.name.startswith("."):
                    folders.append(entry.path)
            except OSError as error:
                _note(path, error, unreadable)


def _note(path: str, error: OSError, unreadable: list[Unreadable]) -> None:
    if not isinstance(error, FileNotFoundError):  # otherwise it is gone again
        unreadable.append(Unreadable(path, error.strerror or str(error)))


def _relative(path: str, start: int) -> str:
    return path[start:].replace(os.sep, "/")

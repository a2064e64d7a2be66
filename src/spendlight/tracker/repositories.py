"""Finds out to which repository a folder belongs, from what git keeps in files.

The main checkout stands for a repository and all of its worktrees. Git itself is not run: that
would take a hundred times as long for each folder, and it may run what a repository configures.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spendlight.metering.repositories import claude_worktree_of
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from spendlight.ledger.usage_ledger import UsageLedger

AT_ONCE_S: Final = 0.05
"""How long a pass looks for repositories; the rest is left to the next ones."""

FOLDERS_AT_ONCE: Final = 200

_MOST_ANCESTORS: Final = 100
_MOST_BYTES: Final = 1 << 16
_GIT: Final = ".git"
_POINTER: Final = b"gitdir:"

PATIENCE_S: Final = 20.0
"""After this time a drive is expected not to respond."""


class _Search:
    """Looks for the repositories of folders, in a thread for which nobody has to wait.

    Args:
        folders: The folders.
        seconds: After this time it does not go on to the next one.

    Attributes:
        found: The repositories found so far, "" if not known.
        at: The folder at which it is.
    """

    def __init__(self, folders: Iterable[str], seconds: float) -> None:
        self.found: dict[str, str] = {}
        self.at = ""
        self._folders = folders
        self._end = time.monotonic() + seconds
        self._thread = threading.Thread(target=self._find, name="repositories", daemon=True)

    def start(self) -> None:
        with suppress(RuntimeError):  # there are no more threads
            self._thread.start()
            self._thread.join(max(0.0, self._end - time.monotonic()))

    @property
    def is_stuck(self) -> bool:
        return self._thread.is_alive()

    def _find(self) -> None:
        for folder in self._folders:
            self.at = folder
            if time.monotonic() > self._end:
                return
            self.found[folder] = repository_of(folder)


_stuck: list[_Search] = []
"""A search that took too long; it may still come to an end."""


def find_some(
    ledger: UsageLedger, today: int, seconds: float | None = None, *, gives_up: bool = False
) -> bool:
    """Find the repositories of some folders in a ledger, and store them.

    Args:
        ledger: The ledger.
        today: In days since 1970-01-01; a folder is looked for once a day until it is found.
        seconds: How long: a drive may never respond. By default `AT_ONCE_S`.
        gives_up: Whether to store of a folder that takes longer that it is not known.

    Returns:
        Whether any were found, or found not to be known.
    """
    if _stuck:
        search = _stuck.pop()
    else:
        folders = ledger.folders_to_find(today, FOLDERS_AT_ONCE)
        if not folders:
            return False
        search = _Search(folders, AT_ONCE_S if seconds is None else seconds)
        search.start()
    found = dict(search.found)
    if search.is_stuck:
        _stuck.append(search)
        if gives_up:
            found[search.at] = ""
    if found:
        ledger.note_repositories(found, today)
    return bool(found) and not search.is_stuck


def repository_of(folder: str | Path) -> str:
    """Return the main checkout to which a folder belongs; "" if that is not known.

    It is that of the nearest folder above it, or itself, that git takes for a checkout. A submodule
    is a repository of its own. A worktree in a bare repository belongs to that, or to the folder
    that points to it. A worktree that Claude Code made belongs to the checkout in which it was
    made, even if it has been removed. Of other folders that do not exist nothing is known.
    """
    path = os.fspath(folder)
    made_in = claude_worktree_of(path)
    for start in filter(None, (path, made_in)):
        if os.path.isabs(start):  # noqa: PTH117  # as below
            with suppress(OSError, ValueError):  # it is missing, a loop of links, or closed
                found = _checkout_above(os.path.realpath(start, strict=True))
                if found:
                    return found
    return made_in


def _checkout_above(folder: str) -> str:
    for _ in range(_MOST_ANCESTORS):
        git = os.path.join(folder, _GIT)  # noqa: PTH118  # many, and a Path is slower
        if _is_repository(git):
            return folder
        if os.path.isfile(git):  # noqa: PTH113  # as above
            return _pointed_from(folder, git)
        if _is_repository(folder):  # a bare one
            return _main_checkout(folder)
        above = os.path.dirname(folder)  # noqa: PTH120  # as above
        if above == folder:
            break
        folder = above
    return ""


def _is_repository(folder: str) -> bool:
    """Return whether git takes a folder for a repository, as far as its files say."""
    return all(
        os.path.exists(os.path.join(folder, name))  # noqa: PTH110, PTH118  # as above
        for name in ("HEAD", "objects", "refs")
    )


def _pointed_from(folder: str, pointer: str) -> str:
    """Return the checkout to which a folder belongs that has a file ``.git``; "" if not known."""
    told = read_regular(pointer, _MOST_BYTES)
    if not told.startswith(_POINTER):
        return ""
    kept_in = _path(folder, told.removeprefix(_POINTER))
    if not os.path.exists(os.path.join(kept_in, "HEAD")):  # noqa: PTH110, PTH118  # as above
        return ""
    try:
        common = read_regular(os.path.join(kept_in, "commondir"), _MOST_BYTES)  # noqa: PTH118
    except FileNotFoundError:  # a submodule, or a repository that is kept elsewhere
        return folder if _is_repository(kept_in) else ""
    return _main_checkout(_path(kept_in, common))


def _main_checkout(common: str) -> str:
    """Return the main checkout of a repository, or the repository itself if that is bare."""
    above = os.path.dirname(common)  # noqa: PTH120  # as above
    if os.path.basename(common) == _GIT:  # noqa: PTH119  # as above
        return above if _is_repository(common) else ""
    if not _is_repository(common):
        return ""
    with suppress(OSError):  # a bare repository in a folder that points to it
        told = read_regular(os.path.join(above, _GIT), _MOST_BYTES)  # noqa: PTH118  # as above
        if told.startswith(_POINTER) and _path(above, told.removeprefix(_POINTER)) == common:
            return above
    return _checkout_of_module(common) or common


def _checkout_of_module(common: str) -> str:
    """Return the checkout of a submodule, of which this is a worktree's repository."""
    with suppress(OSError):
        config = read_regular(os.path.join(common, "config"), _MOST_BYTES)  # noqa: PTH118
        for line in config.splitlines():
            key, _, value = line.partition(b"=")
            if key.strip().lower() == b"worktree":
                checkout = _path(common, value)
                return checkout if os.path.isdir(checkout) else ""  # noqa: PTH112  # as above
    return ""


def _path(folder: str, told: bytes) -> str:
    """Return a path as git writes it into a file."""
    text = os.fsdecode(told.strip())
    return os.path.realpath(os.path.join(folder, text))  # noqa: PTH118  # as above

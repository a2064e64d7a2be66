"""Watches folders on Linux: the kernel reports every change, and nothing runs until then.

Watchfiles would poll every few milliseconds, all day long.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import time
from typing import TYPE_CHECKING, Final

from inotify_simple import INotify, flags

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterator, Sequence

log = logging.getLogger(__name__)

GATHER_MS: Final = 50
"""How long a burst of changes is collected: an answer writes a line for each of its parts."""

ASK_STOP_MS: Final = 500
"""How often a stop event without a file descriptor is polled."""

_REMOTE: Final = ("9p", "afs", "ceph", "cifs", "fuse", "ncp", "nfs", "smb", "vboxsf", "virtiofs")
"""File systems that may change from other machines, by the beginnings of their names."""

_CHANGES: Final = (
    flags.MODIFY | flags.CREATE | flags.DELETE | flags.MOVED_FROM | flags.MOVED_TO | flags.ATTRIB
)
_ITSELF: Final = flags.DELETE_SELF | flags.MOVE_SELF | flags.ONLYDIR


def watch_folders(  # noqa: PLR0913, PLR0917  # what to watch, and how
    folders: Sequence[str],
    awaited: Sequence[tuple[str, str]],
    stop: threading.Event,
    look_again_ms: int,
    trusting_ms: int,
    flat: Collection[str] = (),
) -> Iterator[frozenset[str] | None]:
    """Yield the files that changed below some folders; None if anything may have changed.

    None is yielded first, and at intervals.

    If the system allows no more watches, the rest is only checked each *look_again_ms*.

    Args:
        folders: The folders; links in them are not followed.
        awaited: Folders in which a certain name may appear, which yields None.
        stop: Ends it when set; at once if it has a file descriptor.
        look_again_ms: How often None is yielded if the kernel may not report all changes.
        trusting_ms: The same if it does.
        flat: Those of the folders whose subfolders are not watched.
    """
    with INotify(nonblocking=True) as notifier:
        tree = _Tree(notifier)
        tree.add_all(folders, awaited, flat)
        wakes = getattr(stop, "fileno", None)
        waiting = select.poll()
        waiting.register(notifier.fileno(), select.POLLIN)
        stopping = select.poll()
        if wakes is not None:
            for poll in (waiting, stopping):
                poll.register(wakes(), select.POLLIN)
        if tree.sees_all:
            look_again_ms = max(look_again_ms, trusting_ms)
        longest_ms = look_again_ms if wakes is not None else min(ASK_STOP_MS, look_again_ms)
        yield None  # for what was written before the watch was ready
        look_again_at = time.monotonic() + look_again_ms / 1000
        while not stop.is_set():
            left_ms = max(0, int((look_again_at - time.monotonic()) * 1000) + 1)
            ready = waiting.poll(min(longest_ms, left_ms))
            if stop.is_set():
                return
            if ready:
                stopping.poll(GATHER_MS)
                changed = tree.take_in()
                if changed is not None:
                    if changed:
                        yield changed
                    continue
            elif time.monotonic() < look_again_at:
                continue
            look_again_at = time.monotonic() + look_again_ms / 1000
            yield None


class _Tree:
    """Folders with all their subfolders, each with its own watch."""

    def __init__(self, notifier: INotify) -> None:
        self._notifier = notifier
        self._paths: dict[int, str] = {}
        self._awaited: dict[int, set[str]] = {}
        self._flat: frozenset[str] = frozenset()
        self._is_full = False
        self._has_remote = False

    @property
    def sees_all(self) -> bool:
        """Whether the kernel reports every change: all folders are watched, and all are local."""
        return not self._is_full and not self._has_remote

    def add_all(
        self,
        folders: Sequence[str],
        awaited: Sequence[tuple[str, str]],
        flat: Collection[str] = (),
    ) -> None:
        """Watch some folders, all but the flat ones with subfolders; wait for names in others."""
        self._flat = frozenset(flat)
        for folder in folders:
            self.add(folder)
        for folder, name in awaited:
            self.await_name(folder, name)
        self._has_remote = any(map(_is_remote, [*folders, *(folder for folder, _ in awaited)]))

    def add(self, folder: str) -> None:
        """Watch a folder with all subfolders, as far as there are watches left."""
        folders = [folder]
        while folders and not self._is_full:
            path = folders.pop()
            if not self._watch(path) or path in self._flat:
                continue
            try:
                with os.scandir(path) as entries:
                    folders.extend(
                        entry.path for entry in entries if entry.is_dir(follow_symlinks=False)
                    )
            except OSError as error:
                log.debug("%s is not watched: %s", path, error)

    def await_name(self, folder: str, name: str) -> None:
        """Notice when this name appears in a folder."""
        mask = flags.CREATE | flags.MOVED_TO | flags.ONLYDIR | flags.MASK_ADD
        try:
            number = self._notifier.add_watch(folder, mask | flags.DELETE_SELF | flags.MOVE_SELF)
        except OSError as error:
            log.debug("%s is not watched: %s", folder, error)
        else:
            self._awaited.setdefault(number, set()).add(name)

    def take_in(self) -> frozenset[str] | None:
        """Read the kernel's events, and watch new folders.

        Returns:
            The files that changed, or None if more did.
        """
        changed: set[str] = set()
        is_more = False
        for event in self._notifier.read(timeout=0):
            folder = self._paths.get(event.wd)
            is_awaited = bool(event.name) and event.name in self._awaited.get(event.wd, ())
            if is_awaited or (folder is None and event.name and event.wd in self._awaited):
                is_more = is_more or is_awaited
            elif event.mask & flags.Q_OVERFLOW:
                is_more = True
                for path in list(self._paths.values()):
                    self.add(path)
            elif event.mask & flags.IGNORED:
                self._paths.pop(event.wd, None)
                self._awaited.pop(event.wd, None)
            elif folder is None or not event.name:
                is_more = True
            elif event.mask & flags.ISDIR and folder in self._flat:
                continue
            elif event.mask & flags.ISDIR:
                is_more = True
                if event.mask & (flags.CREATE | flags.MOVED_TO):
                    self.add(os.path.join(folder, event.name))  # noqa: PTH118  # text, too
            else:
                changed.add(os.path.join(folder, event.name))  # noqa: PTH118  # text, too
        return None if is_more else frozenset(changed)

    def _watch(self, path: str) -> bool:
        try:
            number = self._notifier.add_watch(path, _CHANGES | _ITSELF | flags.DONT_FOLLOW)
        except OSError as error:
            self._is_full = error.errno == errno.ENOSPC
            if self._is_full:
                log.warning(
                    "The system allows no more file watches: new usage appears a little later."
                )
            else:
                log.debug("%s is not watched: %s", path, error)
            return False
        self._paths[number] = path
        return True


def _is_remote(folder: str) -> bool:
    """Return whether other machines may change a folder without this kernel's knowledge."""
    best, kind = "", ""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="replace") as mounts:  # noqa: PTH123  # no path to build
            for line in mounts:
                mounted, found = line.split(" ", 3)[1:3]
                is_above = folder == mounted or folder.startswith(mounted.rstrip("/") + "/")
                if is_above and len(mounted) >= len(best):
                    best, kind = mounted, found
    except (OSError, ValueError):
        return True
    return kind.startswith(_REMOTE)

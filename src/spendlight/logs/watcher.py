"""Waits for logs to change."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from spendlight.logs.agent import may_be_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from spendlight.logs.agent import LogRoot

LOOK_AGAIN_MS: Final = 30_000
"""A safety net: file systems without notifications (network drives) are checked this often."""

TRUSTING_MS: Final = 300_000
"""The same if the kernel reports every change."""

_STEP_MS: Final = 100
_DEBOUNCE_MS: Final = 400
"""How long a burst of changes is collected: an answer writes a line for each of its parts."""


class WatchStop(threading.Event):
    """Ends a watch when it is set, without polling."""

    def __init__(self) -> None:
        super().__init__()
        self._read_end, self._write_end = os.pipe()

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable when it is set."""
        return self._read_end

    def set(self) -> None:
        """End the watch."""
        if not self.is_set():
            super().set()
            os.write(self._write_end, b".")

    def __del__(self) -> None:
        os.close(self._read_end)
        os.close(self._write_end)


def watch_logs(roots: Sequence[LogRoot], stop: threading.Event) -> Iterator[frozenset[str] | None]:
    """Yield the files that changed, whenever some did, until stopped.

    If it is unknown which, and at intervals, it yields None: any may have changed. Folders that do
    not exist yet are checked again each time; on Linux, the kernel reports when they appear.

    Args:
        roots: Where to look.
        stop: Ends it when set; at once if it is a `WatchStop`.
    """
    while not stop.is_set():
        folders, awaited = _folders(roots), _awaited(roots)
        flat = _flat(roots, folders)
        if not folders and not (awaited and sys.platform == "linux"):
            stop.wait(LOOK_AGAIN_MS / 1000)
            yield None
            continue
        for changed in _changes(list(folders), awaited, flat, stop):
            found = None if changed is None else _as_found(changed, folders)
            if found and flat:
                found = _without_others(found, roots, [folders[real] for real in flat])
            if found is None or found:
                yield found
            if changed is None and (_folders(roots), _awaited(roots)) != (folders, awaited):
                break


def _changes(
    folders: Sequence[str],
    awaited: Sequence[tuple[str, str]],
    flat: Collection[str],
    stop: threading.Event,
) -> Iterator[frozenset[str] | None]:
    """Yield changes below some folders, and None at intervals."""
    if sys.platform == "linux":
        from spendlight.logs.inotify import watch_folders  # a one-off report never watches

        yield from watch_folders(folders, awaited, stop, LOOK_AGAIN_MS, TRUSTING_MS, flat)
    else:
        from watchfiles import watch  # a one-off report never watches

        for _ in watch(
            *folders,
            watch_filter=_filter(folders, flat) if flat else None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=LOOK_AGAIN_MS,
            stop_event=stop,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield None


def _filter(folders: Iterable[str], flat: Collection[str]) -> Callable[[object, str], bool]:
    """Return a filter for watchfiles, which watches all folders with their subfolders."""
    deep = tuple(os.path.join(folder, "") for folder in folders if folder not in flat)  # noqa: PTH118  # text
    return lambda _change, path: path.startswith(deep) or os.path.dirname(path) in flat  # noqa: PTH120  # text


def _as_found(paths: frozenset[str], folders: Mapping[str, str]) -> frozenset[str]:
    """Return paths as found by descending from the roots, through links."""
    return frozenset(
        found + path[len(real) :]
        for path in paths
        for real, found in folders.items()
        if path.startswith(real + os.sep)
    )


def _without_others(
    paths: Iterable[str], roots: Sequence[LogRoot], flat: Collection[str]
) -> frozenset[str]:
    """Return paths without those that lie in a flat folder and are no logs."""
    return frozenset(
        path
        for path in paths
        if os.path.dirname(path) not in flat or any(root.found(path) for root in roots)  # noqa: PTH120  # text
    )


def _flat(roots: Sequence[LogRoot], folders: Mapping[str, str]) -> frozenset[str]:
    """Return which of the folders, by their real paths, have no logs in subfolders."""
    deep = {folder for root in roots for folder, source in root.sources if source.is_deep}
    return frozenset(real for real, found in folders.items() if found not in deep)


def _folders(roots: Sequence[LogRoot]) -> dict[str, str]:
    """Return the folders to watch: the real path of each, and the path by which it was found."""
    found = (folder for root in roots for folder in root.log_folders if may_be_folder(folder))
    folders = {os.path.realpath(folder): folder for folder in found}
    return {real: found for real, found in folders.items() if os.access(real, os.R_OK | os.X_OK)}


def _awaited(roots: Sequence[LogRoot]) -> list[tuple[str, str]]:
    """Return where missing parent folders of logs would appear: a folder, and a name."""
    awaited: dict[tuple[str, str], None] = {}
    for wanted in (folder for root in roots for folder in root.log_folders):
        if may_be_folder(wanted):
            continue
        missing = wanted
        while not os.path.isdir(folder := os.path.dirname(missing)):  # noqa: PTH112, PTH120  # text, as above
            if folder == missing:
                break
            missing = folder
        else:
            awaited[folder, os.path.basename(missing)] = None  # noqa: PTH119  # as above
    return list(awaited)

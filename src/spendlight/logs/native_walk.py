"""Lists the logs below folders natively, without the GIL: `src/native_reader/walk.c`."""

from __future__ import annotations

import os
import threading
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spendlight.logs.native_file import library_path
from spendlight.values import NamedTuple

if TYPE_CHECKING:
    import ctypes
    from collections.abc import Sequence

_STATE: Final = 3
"""How many numbers the state of a log consists of."""


class Listing(NamedTuple):
    """The logs below a folder. All paths are relative to it.

    Attributes:
        files: The paths of the logs.
        states: Their sizes, mtimes in nanoseconds and inodes, see `discovery.state_of`.
        links: The paths of links, which are not followed.
        failures: The folders that could not be listed, "" for this one, each with its error number.
    """

    files: Sequence[str]
    states: Sequence[Sequence[int]]
    links: Sequence[str]
    failures: Sequence[tuple[str, int]]


class Listings:
    """Lists folders, and may begin with some of them in a thread before that is asked for."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, str], Listing | None] = {}
        self._is_done = threading.Event()
        self._is_done.set()

    def begin(self, folders: Sequence[tuple[str, str]]) -> None:
        """Begin to list folders.

        Args:
            folders: Their full paths, each with the names of its logs.
        """

        def list_all() -> None:
            try:
                for folder, names in folders:
                    self._begun[folder, names] = listing(folder, names)
            finally:
                self._is_done.set()

        self._is_done.clear()
        try:
            threading.Thread(target=list_all, name="listing", daemon=True).start()
        except RuntimeError:  # the system has no more threads
            self._is_done.set()

    def take(self, folder: str, names: str) -> Listing | None:
        """Return the logs below a folder, as they are now or were when it began to list them.

        Each folder that was begun is taken once.

        Returns:
            None if they must be listed in Python.
        """
        self._is_done.wait()
        try:
            return self._begun.pop((folder, names))
        except KeyError:
            return listing(folder, names)


def listing(folder: str, names: str) -> Listing | None:
    """Return the logs below a folder; None if they must be listed in Python.

    Args:
        folder: The full path.
        names: The names of the logs; see `LogSource`.
    """
    library = _library()
    if library is None or "\0" in folder:
        return None
    walk = library.walk_new(os.fsencode(folder.rstrip("/") + "/"), os.fsencode(names))
    if not walk:  # there is no memory
        return None
    try:
        return _found(walk.contents)
    finally:
        library.walk_free(walk)


def _found(walk: ctypes.Structure) -> Listing:
    numbers = array("q", _bytes(walk.states))
    failures = (failure.partition(" ") for failure in _paths(walk.failures))
    return Listing(
        _paths(walk.files),
        [numbers[at::_STATE].tolist() for at in range(_STATE)],
        _paths(walk.links),
        [(path.rstrip("/"), int(error)) for error, _, path in failures],
    )


def _bytes(part: ctypes.Structure) -> bytes:
    from ctypes import string_at

    return string_at(part.bytes, part.used) if part.used else b""


def _paths(part: ctypes.Structure) -> list[str]:
    return os.fsdecode(_bytes(part)).split("\0")[:-1]


_loaded: list[ctypes.CDLL | None] = []


def _library() -> ctypes.CDLL | None:
    """Return the library, if there is one with this function."""
    if not _loaded:
        _loaded.append(_load())
    return _loaded[0]


def _load() -> ctypes.CDLL | None:
    path = library_path()
    if path is None:
        return None
    import ctypes  # takes milliseconds

    class Bytes(ctypes.Structure):
        _fields_ = (
            ("bytes", ctypes.c_void_p),
            ("used", ctypes.c_size_t),
            ("capacity", ctypes.c_size_t),
        )

    class Walk(ctypes.Structure):
        _fields_ = tuple((name, Bytes) for name in ("files", "states", "links", "failures"))

    with suppress(OSError, AttributeError):  # another version's, or Windows, where Python lists
        library = ctypes.CDLL(path)
        library.walk_new.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        library.walk_new.restype = ctypes.POINTER(Walk)
        library.walk_free.argtypes = [ctypes.POINTER(Walk)]
        library.walk_free.restype = None
        return library
    return None

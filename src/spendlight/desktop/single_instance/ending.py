"""Asks running instances to end, like their own menu, and waits until they have."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Final, Self

from PySide6.QtCore import QLockFile

from spendlight.desktop.single_instance.doorbell import END, ring
from spendlight.desktop.single_instance.instance import (
    instance_address,
    instance_lock,
    instance_name,
)
from spendlight.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S: Final = 20.0
"""How long an instance may take to end: it finishes what it is writing into the ledger."""

_STEP_S: Final = 0.05
_LOCK: Final = ".lock"


class StillRunningError(UsageError):
    """An instance has not ended."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Spendlight is still running (process {number}) and does not quit",
            "Quit it from its tray icon or end its process, then try again.",
        )


def end_instances(folder: Path, name: str | None = None, patience_s: float = PATIENCE_S) -> int:
    """End instances cleanly, and wait until their processes are gone.

    Args:
        folder: Where their locks are.
        name: The name of one; None ends all of the user's.
        patience_s: How long each may take.

    Returns:
        How many there were.

    Raises:
        StillRunningError: If one has not ended.
    """
    if name is not None:
        return int(_is_ended(folder, name, patience_s))
    prefix = instance_name("")
    names = [path.stem for path in folder.glob(f"{prefix}*{_LOCK}")]
    mine = [known for known in names if known == prefix or known.startswith(f"{prefix}-")]
    return sum(_is_ended(folder, known, patience_s) for known in sorted(mine))


def _is_ended(folder: Path, name: str, patience_s: float) -> bool:
    """End an instance, and return whether it was running."""
    if not (folder / f"{name}{_LOCK}").exists():
        return False
    lock = instance_lock(folder, name)
    if lock.tryLock(0):  # left by a killed process
        lock.unlock()
        return False
    number = _process_of(lock)
    deadline = time.monotonic() + patience_s
    with _Watched(number) as process:
        while not ring(instance_address(folder, name), END):  # it may be starting, or ending
            if process.is_gone(_STEP_S):
                return True
            if time.monotonic() > deadline:
                raise StillRunningError(number)
        if not process.is_gone(max(deadline - time.monotonic(), 0)):
            raise StillRunningError(number)
    return True


def _process_of(lock: QLockFile) -> int:
    """Return the process that holds a lock; 0 if it has just released it."""
    return lock.getLockInfo()[0]


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE: Final = 0x0010_0000
    _SIGNALLED: Final = 0

    class _Watched:
        """A process that can be waited for, whoever started it."""

        def __init__(self, number: int) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            self._kernel.OpenProcess.restype = ctypes.c_void_p
            self._handle = self._kernel.OpenProcess(_SYNCHRONIZE, False, number)  # noqa: FBT003  # no child inherits it

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            if self._handle:
                self._kernel.CloseHandle(ctypes.c_void_p(self._handle))

        def is_gone(self, wait_s: float) -> bool:
            """Return whether it has ended, after waiting so long for it."""
            if not self._handle:
                return True
            handle, wait_ms = ctypes.c_void_p(self._handle), int(wait_s * 1000)
            return bool(self._kernel.WaitForSingleObject(handle, wait_ms) == _SIGNALLED)

else:

    class _Watched:
        """A process that can be waited for, whoever started it."""

        def __init__(self, number: int) -> None:
            self._number = number
            self._file = _end_of(number)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            if self._file is not None:
                os.close(self._file)

        def is_gone(self, wait_s: float) -> bool:
            """Return whether it has ended, after waiting so long for it."""
            if self._file is not None:
                return bool(select.select([self._file], [], [], wait_s)[0])
            deadline = time.monotonic() + wait_s
            while _is_there(self._number):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_STEP_S)
            return True

    def _end_of(number: int) -> int | None:
        """Return a file that can be read when a process ends; None where there is no such thing."""
        if sys.platform != "linux" or not _is_there(number):
            return None
        try:
            return os.pidfd_open(number)
        except OSError:
            return None

    def _is_there(number: int) -> bool:
        if number <= 0:
            return False
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

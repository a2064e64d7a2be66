"""The single running instance: a lock, and a way for later starts to reach it."""

from __future__ import annotations

import getpass
import os
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal

from spendlight import paths
from spendlight.desktop.single_instance.doorbell import make_doorbell, ring
from spendlight.errors import UsageError

PATIENCE_S = 3.0
"""How long a second start tries to reach the first, which may still be starting."""

SESSIONS = Path("/run/user")
"""Where systemd keeps a folder for each logged-in user."""

MOST_FOLDER_BYTES = 64
"""The address of a socket is limited to about 100 bytes, of which its name takes up to 40."""

_STEP_S = 0.05


class SilentInstanceError(UsageError):
    """Another instance is running and cannot be reached."""

    def __init__(self) -> None:
        super().__init__(
            "Spendlight is already running, but does not respond",
            "Quit it from its tray icon or end its process, then start it again.",
        )


class NoAddressError(UsageError):
    """A second start could not reach this one."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"Spendlight cannot detect a second start: {reason}",
            f"Make sure that this path is writable: {address}",
        )


def instance_name(key: str) -> str:
    """Return the name under which the user's first instance listens.

    Args:
        key: Distinguishes instances that may run side by side; empty for the usual one.
    """
    user = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    return f"spendlight-{user}-{key}" if key else f"spendlight-{user}"


def instance_key(ledger_folder: Path, *, is_demo: bool) -> str:
    """Return what distinguishes an instance from the user's others: each ledger has its own tray.

    Args:
        ledger_folder: The folder of the ledger.
        is_demo: Whether its logs are made up.
    """
    return "demo" if is_demo else f"{zlib.crc32(os.fsencode(ledger_folder.absolute())):08x}"


def instance_lock(folder: Path, name: str) -> QLockFile:
    """Return the lock that an instance holds as long as it runs."""
    lock = QLockFile(str(folder / f"{name}.lock"))
    lock.setStaleLockTime(0)  # only stale once its process has ended
    return lock


def instance_address(folder: Path, name: str) -> str:
    """Return the address at which an instance listens."""
    return name if sys.platform == "win32" else str(folder / f"{name}.socket")


def instance_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for the lock and the socket, where no other user can create either.

    That is the session's folder, which is removed after it; otherwise our own one among the
    temporary files, or where programs keep their state. If somebody blocks all of them, it is a new
    one, so that at least this start succeeds, which matters more than being the only instance.
    """
    if sys.platform == "win32":  # each user has their own temporary files there
        return Path(tempfile.gettempdir())
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    for folder in (Path(runtime), SESSIONS / str(os.getuid())):
        if folder.is_absolute() and paths.is_own(folder):
            return folder
    for folder in (paths.temp_dir(), paths.state_dir() / "run"):
        if len(os.fsencode(folder)) <= MOST_FOLDER_BYTES:
            with suppress(OSError):
                paths.make_own(folder)
                return folder
    return Path(tempfile.mkdtemp(prefix="spendlight-"))


class SingleInstance(QObject):
    """Makes this process the single instance.

    Signals:
        raise_requested: The program was started again.
        end_requested: Another process wants this one to end.
    """

    raise_requested = Signal()
    end_requested = Signal()

    def __init__(self, folder: Path, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = instance_lock(folder, name)
        self._address = instance_address(folder, name)
        self._doorbell = make_doorbell(self)
        self._doorbell.rung.connect(self.raise_requested)
        self._doorbell.end_wanted.connect(self.end_requested)

    def claim(self) -> bool:
        """Become the single instance, or raise the window of the running one.

        Returns:
            Whether this is the single instance; if not, the other one was reached.

        Raises:
            SilentInstanceError: If another one is running and does not answer.
            NoAddressError: If a later start could not reach this one.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            if self._lock.tryLock(0):
                self._listen()
                return True
            if self._lock.error() != QLockFile.LockError.LockFailedError:
                reason = "a file cannot be created there"
                raise NoAddressError(self._address, reason)
            if ring(self._address):
                return False
            if time.monotonic() > deadline:
                raise SilentInstanceError
            time.sleep(_STEP_S)

    def release(self) -> None:
        """Release the lock."""
        self._doorbell.close()
        self._lock.unlock()

    def _listen(self) -> None:
        try:
            self._doorbell.listen(self._address)
        except OSError as error:
            raise NoAddressError(self._address, error.strerror or str(error)) from error

"""The right to be the one that runs: a lock, and a bell for those that come later."""

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
"""So long a second start tries to reach the first, which may itself be starting."""

SESSIONS = Path("/run/user")
"""Where systemd keeps a folder for each user who is logged in."""

MOST_FOLDER_BYTES = 64
"""The address of a socket has room for some hundred, and its name takes up to forty."""

_STEP_S = 0.05


class SilentInstanceError(UsageError):
    """Another one runs, and cannot be reached."""

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
    """Return the name under which the first one of this user listens.

    Args:
        key: Tells instances apart that may run side by side; empty for the usual one.
    """
    user = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    return f"spendlight-{user}-{key}" if key else f"spendlight-{user}"


def instance_key(place: Path, *, is_demo: bool) -> str:
    """Return what tells an instance from others of the user: each ledger has its own tray.

    Args:
        place: The folder of the ledger.
        is_demo: Whether its logs are made up.
    """
    return "demo" if is_demo else f"{zlib.crc32(os.fsencode(place.absolute())):08x}"


def instance_lock(folder: Path, name: str) -> QLockFile:
    """Return the lock that an instance holds as long as it runs."""
    lock = QLockFile(str(folder / f"{name}.lock"))
    lock.setStaleLockTime(0)  # only the end of its process makes it stale
    return lock


def instance_address(folder: Path, name: str) -> str:
    """Return where an instance listens."""
    return name if sys.platform == "win32" else str(folder / f"{name}.socket")


def instance_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for the lock and the socket, where no other user can put either.

    That is the session's, which is gone after it; else one of our own among the temporary files,
    or where programs keep their state. Where somebody is in the way of each of them it is a new
    one, so that at least this start succeeds: to be the only one is worth less.
    """
    if sys.platform == "win32":  # its temporary files are each user's own
        return Path(tempfile.gettempdir())
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    for place in (Path(runtime), SESSIONS / str(os.getuid())):
        if place.is_absolute() and paths.is_own(place):
            return place
    for place in (paths.temp_dir(), paths.state_dir() / "run"):
        if len(os.fsencode(place)) <= MOST_FOLDER_BYTES:
            with suppress(OSError):
                paths.make_own(place)
                return place
    return Path(tempfile.mkdtemp(prefix="spendlight-"))


class SingleInstance(QObject):
    """The right to be the one that runs.

    Signals:
        raise_requested: Somebody started the program once more.
        end_requested: Somebody wants this one to end.
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
        """Become the one, or raise the window of the one there is.

        Returns:
            Whether this is the one; if not, the other has been reached.

        Raises:
            SilentInstanceError: There is another, and it does not answer.
            NoAddressError: A later start could not reach this one.
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
        """Give the right back."""
        self._doorbell.close()
        self._lock.unlock()

    def _listen(self) -> None:
        try:
            self._doorbell.listen(self._address)
        except OSError as error:
            raise NoAddressError(self._address, error.strerror or str(error)) from error

"""Lets one Spendlight run for each user; a second start raises the first one's window."""

from __future__ import annotations

import getpass
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from spendlight.errors import UsageError

RAISE = b"raise\n"
ANSWER = b"raised\n"

PATIENCE_S = 3.0
"""So long a second start tries to reach the first, which may itself be starting."""

ANSWER_MS = 2_000
"""So long the first may take to answer; it does so from its event loop, which is never busy."""

_STEP_S = 0.05


class SilentInstanceError(UsageError):
    """Another one runs, and cannot be reached."""

    def __init__(self) -> None:
        super().__init__(
            "Spendlight is running already, but does not answer",
            "Quit it from its tray icon, or end its process, and start it again.",
        )


class NoAddressError(UsageError):
    """A second start could not reach this one."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"Spendlight cannot listen for a second start: {reason}",
            f"Make sure that this place can be written to: {address}",
        )


def instance_name(key: str) -> str:
    """Return the name under which the first one of this user listens.

    Args:
        key: Tells instances apart that may run side by side; empty for the usual one.
    """
    user = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    return f"spendlight-{user}-{key}" if key else f"spendlight-{user}"


def instance_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for the lock and the socket: the user's own, gone after the session."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())


class SingleInstance(QObject):
    """The right to be the one that runs.

    Signals:
        raise_requested: Somebody started the program once more.
    """

    raise_requested = Signal()

    def __init__(self, folder: Path, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(folder / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # only the end of its process makes it stale
        self._address = name if sys.platform == "win32" else str(folder / f"{name}.socket")
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

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
            if self._raise_other():
                return False
            if time.monotonic() > deadline:
                raise SilentInstanceError
            time.sleep(_STEP_S)

    def release(self) -> None:
        """Give the right back."""
        self._server.close()
        self._lock.unlock()

    def _listen(self) -> None:
        QLocalServer.removeServer(self._address)  # left behind by one that was killed
        if not self._server.listen(self._address):
            raise NoAddressError(self._address, self._server.errorString())

    def _raise_other(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._address)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        socket.write(RAISE)
        answered = socket.waitForReadyRead(ANSWER_MS)
        return answered and bytes(socket.readAll().data()).startswith(ANSWER)

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._on_bytes)
            socket.disconnected.connect(socket.deleteLater)

    def _on_bytes(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket) and socket.canReadLine():
            if bytes(socket.readLine().data()) == RAISE:
                socket.write(ANSWER)
                self.raise_requested.emit()
            socket.disconnectFromServer()

"""How a second start communicates with the first: it asks to raise or to end it."""

from __future__ import annotations

import os
import socket
import sys
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

RING: Final = b"raise\n"
ANSWER: Final = b"raised\n"
END: Final = b"end\n"
ENDING: Final = b"ending\n"

REPLY_S: Final = 2.0
"""The time limit for an answer, which comes from an event loop that is never busy."""

_WAITING: Final = 16
_ONLY_OURS: Final = 0o177
_ANSWERS: Final = {RING: ANSWER, END: ENDING}


class Doorbell(QObject):
    """Listens for second starts.

    Signals:
        rung: A second start has asked to raise the window, and was answered.
        end_wanted: Another process has asked this one to end, and was answered.
    """

    rung = Signal()
    end_wanted = Signal()

    @abstractmethod
    def listen(self, address: str) -> None:
        """Start listening; remove what a killed process has left behind.

        Raises:
            OSError: If nobody could connect.
        """

    @abstractmethod
    def close(self) -> None:
        """Wait no more."""

    def _tell(self, word: bytes) -> None:
        if word == RING:
            self.rung.emit()
        elif word == END:
            self.end_wanted.emit()


class SocketDoorbell(Doorbell):
    """A Unix socket of the user's. Qt's own would permanently take 4 MB."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._callers: dict[QSocketNotifier, socket.socket] = {}

    def listen(self, address: str) -> None:
        """Wait for somebody to ring."""
        with suppress(FileNotFoundError):
            os.unlink(address)  # noqa: PTH108  # a socket address
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(_ONLY_OURS)
        try:
            listener.bind(address)
            listener.listen(_WAITING)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(mask)
        listener.setblocking(False)  # noqa: FBT003  # the name says it
        self._socket = listener
        self._notifier = QSocketNotifier(listener.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_ring)

    def close(self) -> None:
        """Wait no more."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        for caller in list(self._callers):
            self._dismiss(caller)
        if self._socket is not None:
            with suppress(OSError):
                os.unlink(self._socket.getsockname())  # noqa: PTH108  # as above
            self._socket.close()
            self._socket = None

    def _on_ring(self) -> None:
        while self._socket is not None:
            try:
                caller, _ = self._socket.accept()
            except OSError:  # nobody else
                return
            if len(self._callers) >= _WAITING:
                self._dismiss(next(iter(self._callers)))  # silent for too long
            caller.setblocking(False)  # noqa: FBT003  # the name says it
            notifier = QSocketNotifier(caller.fileno(), QSocketNotifier.Type.Read, self)
            notifier.activated.connect(self._on_word)
            self._callers[notifier] = caller

    def _on_word(self) -> None:
        notifier = self.sender()
        if not isinstance(notifier, QSocketNotifier) or notifier not in self._callers:
            return
        caller, word = self._callers[notifier], b""
        with suppress(OSError):  # it may have gone
            word = caller.recv(len(RING))
            if word in _ANSWERS:
                caller.send(_ANSWERS[word])
        self._dismiss(notifier)
        self._tell(word)

    def _dismiss(self, notifier: QSocketNotifier) -> None:
        notifier.setEnabled(False)
        notifier.deleteLater()
        self._callers.pop(notifier).close()


class PipeDoorbell(Doorbell):
    """A named pipe on Windows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    def listen(self, address: str) -> None:
        """Wait for somebody to ring."""
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_ring)
        QLocalServer.removeServer(address)  # left by a killed process
        if not self._server.listen(address):
            raise OSError(0, self._server.errorString())

    def close(self) -> None:
        """Wait no more."""
        if self._server is not None:
            self._server.close()

    def _on_ring(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            caller = self._server.nextPendingConnection()
            caller.readyRead.connect(self._on_bytes)
            caller.disconnected.connect(caller.deleteLater)

    def _on_bytes(self) -> None:
        from PySide6.QtNetwork import QLocalSocket

        caller = self.sender()
        if isinstance(caller, QLocalSocket) and caller.canReadLine():
            word = bytes(caller.readLine().data())
            if word in _ANSWERS:
                caller.write(_ANSWERS[word])
            caller.disconnectFromServer()
            self._tell(word)


def ring_socket(address: str, word: bytes = RING) -> bool:
    """Say a word, and return whether somebody has answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(REPLY_S)
        try:
            caller.connect(address)
            caller.send(word)
            return caller.recv(len(ANSWER)) == _ANSWERS[word]
        except OSError:
            return False


def ring_pipe(address: str, word: bytes = RING) -> bool:
    """Say a word, and return whether somebody has answered."""
    from PySide6.QtNetwork import QLocalSocket

    caller = QLocalSocket()
    caller.connectToServer(address)
    patience_ms = int(REPLY_S * 1000)
    if not caller.waitForConnected(patience_ms):
        return False
    caller.write(word)
    answered = caller.waitForReadyRead(patience_ms)
    return answered and bytes(caller.readAll().data()) == _ANSWERS[word]


def make_doorbell(parent: QObject | None = None) -> Doorbell:
    """Return the implementation for this system."""
    return PipeDoorbell(parent) if sys.platform == "win32" else SocketDoorbell(parent)


def ring(address: str, word: bytes = RING) -> bool:
    """Send a word to another instance, and return whether it has answered."""
    return ring_pipe(address, word) if sys.platform == "win32" else ring_socket(address, word)

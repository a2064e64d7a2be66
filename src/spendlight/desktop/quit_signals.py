"""Turns SIGTERM and SIGINT into a wish of the event loop, without a timer that polls."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class QuitSignals(QObject):
    """Says when the system or the terminal wants the program to end.

    Python runs its signal handlers only between its own instructions, and an idle event loop
    executes none. So the signal's arrival is written to a socket that the loop listens to.

    Signals:
        quit_requested: SIGTERM or SIGINT has come.
    """

    quit_requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)  # noqa: FBT003  # the name says it
        self._writer.setblocking(False)  # noqa: FBT003  # the name says it
        self._former_fd = signal.set_wakeup_fd(self._writer.fileno())
        self._former = {
            number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)
        }
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def shut_down(self) -> None:
        """Give the signals back their former meaning."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_signal(self) -> None:
        numbers = self._reader.recv(64)
        if any(number in numbers for number in self._former):
            self.quit_requested.emit()


def _ignore(_number: int, _frame: object) -> None:
    """Stand in for the handler that would end the program at once."""

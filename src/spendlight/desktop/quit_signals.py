"""Turns the signals that end the program into events of the event loop, without polling."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterable

from PySide6.QtCore import QObject, QSocketNotifier, Signal


class QuitSignals(QObject):
    """Emits a signal when the system or the terminal requests the program to end.

    Python runs its signal handlers only between its own instructions, and an idle event loop
    executes none. So the signal's arrival is written to a socket that the loop listens to. One that
    arrives before there is a loop waits there.

    Args:
        numbers: The signals.
        parent: The owner.

    Signals:
        quit_requested: One of them has arrived. Sent by the event loop.
    """

    quit_requested = Signal()

    def __init__(self, numbers: Iterable[signal.Signals], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._has_come = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)  # noqa: FBT003  # the name says it
        self._writer.setblocking(False)  # noqa: FBT003  # the name says it
        self._former_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, self._note) for number in numbers}
        self._notifier: QSocketNotifier | None = None

    def has_come(self) -> bool:
        """Return whether one has arrived."""
        return self._has_come

    def listen(self) -> None:
        """Start listening in the event loop, once there is an application."""
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def shut_down(self) -> None:
        """Restore the previous handlers."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _note(self, _number: int, _frame: object) -> None:
        """Replace the default handler, which would end the program at once."""
        self._has_come = True

    def _on_signal(self) -> None:
        numbers = self._reader.recv(64)
        if any(number in numbers for number in self._former):
            self.quit_requested.emit()

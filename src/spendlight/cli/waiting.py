"""Waits for a key, a change, a new window size or a moment, without polling."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

LEAVE_KEYS = frozenset(b"qQ\x03\x04")
"""q, and Ctrl-C and Ctrl-D if they arrive as characters."""


class Wait(Enum):
    """Why a wait ended."""

    LOOK = auto()
    """Something may have changed, or the time is up."""
    LEAVE = auto()
    """The user wants to leave."""


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Let signals that end the program raise exceptions, so that everything is cleaned up."""
    names = ("SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    former = [signal.signal(number, _end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, former, strict=True):
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if sys.platform == "win32":
    import msvcrt
    import threading
    import time

    _STEP_S = 0.25
    """Windows cannot wait for a key and for a thread at the same time."""

    class Waker:
        """Lets one thread wait, and others wake it."""

        def __init__(self) -> None:
            self._woken = threading.Event()

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            self._woken.clear()

        def wake(self) -> None:
            """End the wait, now or when it begins. Any thread may do so."""
            self._woken.set()

        def wait(self, seconds: float) -> Wait:
            """Sleep for this long, or until something happens."""
            end = time.monotonic() + seconds
            while time.monotonic() < end and not self._woken.wait(_STEP_S):
                while msvcrt.kbhit():
                    if msvcrt.getch()[0] in LEAVE_KEYS:
                        return Wait.LEAVE
            self._woken.clear()
            return Wait.LOOK

else:
    import select
    import termios
    import tty

    class Waker:
        """Waits in one thread, is woken from others.

        While it is entered, keys come one by one and are not echoed, Ctrl-Z does nothing (the
        screen would be left behind), and a new window size ends the wait.
        """

        def __init__(self) -> None:
            self._keys = sys.stdin.fileno()
            self._reader, self._writer = os.pipe()
            for end in (self._reader, self._writer):
                os.set_blocking(end, False)

        def __enter__(self) -> Self:
            self._before = termios.tcgetattr(self._keys)
            tty.setcbreak(self._keys)
            mode = termios.tcgetattr(self._keys)
            mode[6][termios.VSUSP] = b"\0"
            termios.tcsetattr(self._keys, termios.TCSADRAIN, mode)
            self._former = signal.signal(signal.SIGWINCH, lambda *_: self.wake())
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            signal.signal(signal.SIGWINCH, self._former)
            termios.tcsetattr(self._keys, termios.TCSADRAIN, self._before)
            os.close(self._reader)
            os.close(self._writer)

        def wake(self) -> None:
            """End the wait, now or when it begins. Any thread may do so."""
            try:
                os.write(self._writer, b"!")
            except BlockingIOError:
                return  # full of wake-ups that were not handled yet

        def wait(self, seconds: float) -> Wait:
            """Sleep for this long, or until something happens."""
            ready, _, _ = select.select([self._keys, self._reader], [], [], max(0.0, seconds))
            if self._reader in ready:
                os.read(self._reader, 4096)
            if self._keys in ready:
                typed = os.read(self._keys, 1024)
                if not typed or LEAVE_KEYS.intersection(typed):
                    return Wait.LEAVE
            return Wait.LOOK

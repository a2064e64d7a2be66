"""Handles the signals that end the program while there is no event loop.

Qt cannot handle an exception at any moment, such as Python raises on Ctrl-C: raised in the middle
of a call from C++, it leads to an abort.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end the program, without those that it was started to ignore."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]


@contextmanager
def handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Handle these signals with *handler*; restore the previous handlers at the end."""
    former = {number: signal.signal(number, handler) for number in ending_signals()}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


def leave_at_once(_number: int, _frame: FrameType | None) -> None:
    """End the process as if the user had quit it: nothing needs to be closed yet."""
    os._exit(0)


def unwind(_number: int, _frame: FrameType | None) -> None:
    """Quit with cleaning up, whatever signals follow; only without Qt."""
    for number in ending_signals():
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)

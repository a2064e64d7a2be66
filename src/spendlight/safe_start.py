"""Starts processes that load no modules from the working directory and ignore Ctrl-C."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLE: Final = "PYTHONSAFEPATH"


@contextmanager
def safe_start() -> Iterator[None]:
    """Keep interpreters that are started meanwhile from importing from the working directory.

    Python searches it first when it starts a process itself, such as for `multiprocessing`.

    Such a process ends with its parent, and Ctrl-C goes to all processes of a terminal. Until it
    has set itself to ignore the signal, it would end with a traceback, so it inherits a mask that
    blocks it.
    """
    import signal

    can_hold_back = hasattr(signal, "pthread_sigmask")  # not on Windows
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_hold_back else set()
    former = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "1"
    try:
        yield
    finally:
        if can_hold_back:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if former is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = former

"""Runs helper processes: some that are awaited and can all be ended at once, one that is not."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence

_LOWEST_PRIORITY: Final = 19
_MOST_FILES: Final = 1024


class ErrandError(Exception):
    """A helper process did not complete; the text says why."""


class Errands:
    """Runs helper processes, each on the calling thread.

    Network libraries take 20 MB, which a long-lived process would not get back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, command: Sequence[str], timeout_s: float) -> None:
        """Run a program without output and wait for its end.

        Raises:
            ErrandError: If it cannot be started, takes too long, or was ended.
        """
        import subprocess  # rarely needed

        with self._lock:
            if self._is_over:
                msg = "the program is quitting"
                raise ErrandError(msg)
            try:
                process = subprocess.Popen(  # noqa: S603  # our own program
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except (OSError, ValueError) as error:
                raise ErrandError(str(error)) from error
            self._running.add(process)
        with process:
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired as error:
                process.kill()
                msg = f"it took more than {timeout_s:.0f} s"
                raise ErrandError(msg) from error
            finally:
                with self._lock:
                    self._running.discard(process)

    def end(self) -> None:
        """End all running processes, and start no more; from any thread."""
        with self._lock:
            self._is_over = True
            for process in self._running:
                with suppress(OSError):  # it has ended already
                    process.kill()


def leave_behind(action: Callable[[], object]) -> bool:
    """Do something in a copy of this process, which nobody waits for and which outlives it.

    The copy has the lowest priority and none of the files that are open here: whoever reads the
    output of this process does not wait for it, and neither a closed terminal nor Ctrl-C ends it.

    Returns:
        Whether it was started. It is not where processes cannot be copied (on macOS its own
        libraries forbid it), and not while other threads are running, which may hold locks.
    """
    if sys.platform in {"darwin", "win32"} or threading.active_count() > 1:
        return False
    try:
        if os.fork():
            return True
    except OSError:  # no more processes or memory
        return False
    try:
        os.setsid()
        os.nice(_LOWEST_PRIORITY)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        os.closerange(3, _MOST_FILES)
        action()
    finally:
        os._exit(0)

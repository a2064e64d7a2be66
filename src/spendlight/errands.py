"""Runs programs of ours beside this one, and can end all of them at once."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence


class ErrandError(Exception):
    """Why a program did not run to its end, in words."""


class Errands:
    """Runs programs, each on the thread that wants it.

    What the network needs takes 20 MB, which a process that goes on all day would not get back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, command: Sequence[str], timeout_s: float) -> None:
        """Run a program in silence and wait for its end.

        Raises:
            ErrandError: It cannot be started, takes too long, or was ended.
        """
        import subprocess  # most programs never need it

        with self._lock:
            if self._is_over:
                msg = "the program is quitting"
                raise ErrandError(msg)
            try:
                process = subprocess.Popen(  # noqa: S603  # it is this program itself
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
        """End all that run, and begin no more; from any thread."""
        with self._lock:
            self._is_over = True
            for process in self._running:
                with suppress(OSError):  # it has ended by itself
                    process.kill()

"""Runs helper processes, and can end all of them at once."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence


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

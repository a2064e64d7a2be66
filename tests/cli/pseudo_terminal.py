"""A terminal without a screen: tests read what a program draws, and press keys."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

TIMEOUT_S = 30.0
"""A slow machine may take long to start Python; usually a fraction of it is enough."""


class PseudoTerminal:
    """Runs the program, or another, on its own terminal."""

    def __init__(
        self,
        *words: str,
        program: Sequence[str] = (sys.executable, "-m", "spendlight"),
        columns: int = 100,
        rows: int = 30,
    ) -> None:
        self._ours, theirs = os.openpty()
        self.before = termios.tcgetattr(theirs)
        self.resize(columns, rows)
        self.drawn = ""
        self._program = subprocess.Popen(
            [*program, *words],
            env=_environ(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        self._theirs = theirs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._program.send_signal(number)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def read_until(self, text: str) -> str:
        """Return everything drawn from now until a text appears."""
        drawn = ""
        deadline = time.monotonic() + TIMEOUT_S
        while text not in drawn:
            part = self._read(deadline - time.monotonic())
            if not part:
                message = f"{text!r} did not appear, but {drawn!r}"
                raise AssertionError(message)
            drawn += part
        return drawn

    def wait(self) -> int:
        """Wait for the program to end, and return its exit code; `drawn` is what it drew."""
        deadline = time.monotonic() + TIMEOUT_S
        while self._program.poll() is None and time.monotonic() < deadline:
            self.drawn += self._read(0.05)
        self.drawn += self._read(0.05)
        return self._program.wait(1)

    @property
    def now(self) -> list[object]:
        """The terminal's settings."""
        return termios.tcgetattr(self._theirs)

    def _read(self, seconds: float) -> str:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, seconds))
        return os.read(self._ours, 65_536).decode(errors="replace") if ready else ""


def _environ() -> dict[str, str]:
    """Return an environment without the size of another terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    return kept | {"TERM": "xterm-256color"}

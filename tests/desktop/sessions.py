"""Desktop sessions for tests: a private display and message bus."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("Xvfb", "dbus-daemon", "xwininfo")
"""Programs of the Debian packages xvfb, dbus and x11-utils."""


@dataclass(frozen=True)
class Session:
    """A display and a message bus.

    Attributes:
        display: The value for ``DISPLAY``.
        bus: The value for ``DBUS_SESSION_BUS_ADDRESS``.
    """

    display: str
    bus: str

    @property
    def environ(self) -> dict[str, str]:
        """The environment for a program in this session."""
        environ = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
        return environ | {"DISPLAY": self.display, "DBUS_SESSION_BUS_ADDRESS": self.bus}

    def windows(self) -> str:
        """Return the windows listed by xwininfo."""
        return subprocess.run(
            ["xwininfo", "-root", "-tree", "-display", self.display],
            capture_output=True,
            text=True,
            check=False,  # a window may close while they are listed
        ).stdout

    def is_shown(self, title: str) -> bool:
        """Whether a window with these words in its title is on the screen."""
        numbers = [line.split()[0] for line in self.windows().splitlines() if title in line]
        return any("IsViewable" in self._state(number) for number in numbers)

    def _state(self, window: str) -> str:
        done = subprocess.run(
            ["xwininfo", "-id", window, "-display", self.display],
            capture_output=True,
            text=True,
            check=False,  # it may have been closed meanwhile
        )
        return done.stdout


@contextmanager
def desktop_session(folder: Path) -> Iterator[Session]:
    """Run a session as long as the context lasts."""
    reader, writer = os.pipe()
    place = f"unix:dir={folder}"
    with (
        subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            pass_fds=[writer],
            stderr=subprocess.DEVNULL,
        ) as screen,
        subprocess.Popen(
            [
                "dbus-daemon",
                "--session",
                "--nofork",
                "--print-address",
                f"--address={place}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as bus,
    ):
        os.close(writer)
        try:
            with os.fdopen(reader) as numbers:
                number = numbers.readline().strip()
            assert bus.stdout is not None
            yield Session(f":{number}", bus.stdout.readline().strip())
        finally:
            bus.terminate()
            screen.terminate()

"""Shows programs on a screen of their own: a display, a window manager and a panel with a tray."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZE: Final = "1280x800x24"
PATIENCE_S: Final = 60.0
"""So long a program may take to show something; a busy machine takes some seconds."""

_STEP_S: Final = 0.1
_WINDOW: Final = 300
"""The program's window is wider than this, and its icon is not."""


class Screen(NamedTuple):
    """A screen with a tray.

    Attributes:
        display: The value for ``DISPLAY``.
        bus: The value for ``DBUS_SESSION_BUS_ADDRESS``.
    """

    display: str
    bus: str

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to be shown here."""
        return {"DISPLAY": self.display, "DBUS_SESSION_BUS_ADDRESS": self.bus}

    def windows(self) -> str:
        """Return all windows, as xwininfo lists them: each inside the one it is indented below."""
        return self._ask("xwininfo", "-root", "-tree")

    def has_icon(self) -> bool:
        """Tell whether the panel has taken the program's icon in."""
        return has_icon(self.windows())

    def has_window(self) -> bool:
        """Tell whether the program's window can be seen."""
        numbers = [number for number, width in windows_of(self.windows()) if width >= _WINDOW]
        return any("IsViewable" in self._ask("xwininfo", "-id", number) for number in numbers)

    def photograph(self, place: Path) -> None:
        """Write what can be seen into a picture."""
        subprocess.run(
            ["import", "-display", self.display, "-window", "root", str(place)], check=True
        )

    def _ask(self, *command: str) -> str:
        done = subprocess.run(
            command,
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            check=False,  # a window may go while it is looked at
        )
        return done.stdout


def has_icon(windows: str) -> bool:
    """Tell whether the panel has taken the program's icon in, by a list of xwininfo's."""
    panel = re.search(
        r'^( +)0x\w+ "panel": \("panel" "trayer"\).*\n((?:\1 +.*\n?)*)', windows, re.MULTILINE
    )
    return panel is not None and bool(windows_of(panel[2]))


def windows_of(windows: str) -> list[tuple[str, int]]:
    """Return number and width of each of the program's windows, by a list of xwininfo's."""
    found = re.findall(
        r'^ +(0x\w+) "[^"]*": \("Spendlight" "spendlight"\) +(\d+)x', windows, re.MULTILINE
    )
    return [(number, int(width)) for number, width in found]


def comes_true(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> bool:
    """Wait until something is so, and return whether it has become so in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_S)
    return True


@contextmanager
def screen(folder: Path, user: int) -> Iterator[Screen]:
    """Start a screen, and end it.

    Its display and its bus have abstract addresses, which can be reached from within a root.

    Args:
        folder: For what its programs write.
        user: The number of the user whose programs are shown.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    reader, writer = os.pipe()
    with ExitStack() as stack:
        log = stack.enter_context(Path(folder, "log").open("wb"))

        def start(*command: str, **more: object) -> subprocess.Popen[str]:
            process = subprocess.Popen(  # type: ignore[call-overload]  # too many of them
                command, stdin=subprocess.DEVNULL, stderr=log, text=True, cwd="/", **more
            )
            stack.enter_context(process)
            stack.callback(process.terminate)
            return process  # type: ignore[no-any-return]  # as above

        start(
            *(
                "Xvfb",
                "-displayfd",
                str(writer),
                "-screen",
                "0",
                SIZE,
                "-nolisten",
                "tcp",
                "-ac",
                "-noreset",
            ),
            pass_fds=[writer],
        )
        os.close(writer)
        with os.fdopen(reader) as numbers:
            display = f":{numbers.readline().strip()}"
        bus = start(
            "dbus-daemon", "--session", "--nofork", "--print-address",
            f"--address=unix:abstract=/tmp/spendlight-{os.getpid()}-{display[1:]}",
            stdout=subprocess.PIPE, user=user, group=user, extra_groups=[],
        )  # fmt: skip
        address = bus.stdout.readline().strip() if bus.stdout else ""
        if not address:
            reason = "The session's bus has not come up"
            raise RuntimeError(reason)
        shown = {**os.environ, "DISPLAY": display, "HOME": str(folder)}
        start("openbox", "--sm-disable", env=shown, stdout=log)
        start(
            *("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request"),
            *("--height", "28", "--SetDockType", "true", "--tint", "0x303030", "--alpha", "0"),
            env=shown, stdout=log,
        )  # fmt: skip
        found = Screen(display, address)
        if not comes_true(lambda: '("trayer"' in found.windows()):
            reason = "The panel with the tray has not come up"
            raise RuntimeError(reason)
        yield found

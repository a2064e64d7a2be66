"""The desktop file and the icons for menus on Linux and similar systems."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spendlight.assets import resource
from spendlight.autostart.entry import read_file, remove_file, write_file
from spendlight.autostart.menu import ForeignEntryError, MenuError, MenuLook, MenuState, seen
from spendlight.autostart.xdg import DESKTOP_FILE, arguments_of, exec_line, members_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MADE_BY: Final = "X-Spendlight-MadeBy"
"""The key in the desktop file that marks it as created here."""

MAKER: Final = "spendlight desktop install"

ICONS: Final = "X-Spendlight-Icons"
"""The key that lists the icons that were created with it."""

SIZES_PX: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""The sizes of the hicolor theme."""


class XdgMenu:
    """A desktop file in ``~/.local/share/applications``, and icons in the hicolor theme.

    Args:
        share: The folder of the user's data, usually ``~/.local/share``.
        command: The command to start.
    """

    def __init__(self, share: Path, command: Sequence[str]) -> None:
        self._path = share / "applications" / DESKTOP_FILE
        self._theme = share / "icons" / "hicolor"
        self._command = list(command)

    def look(self) -> MenuLook:
        """Return the state of the desktop file and its icons."""
        if not os.path.lexists(self._path):
            return MenuLook(self._path, MenuState.MISSING)
        members = dict(members_of(read_file(self._path)))
        state = MenuState.OURS if MADE_BY in members else MenuState.FOREIGN
        listed = set(members.get(ICONS, "").split(";"))
        icons = [self._theme / name for name, _ in _pictures() if name in listed]
        arguments = arguments_of(members.get("Exec", ""))
        return seen(self._path, state, arguments, self._command, icons)

    def install(self) -> None:
        """Write the desktop file, and the icons that are not somebody else's."""
        found = self.look()
        if found.state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        pictures = {self._theme / name: data for name, data in _pictures()}
        own = [
            path
            for path, data in pictures.items()
            if path in found.icons or not os.path.lexists(path) or read_file(path) == data
        ]
        listed = [path.relative_to(self._theme).as_posix() for path in own]
        _put(self._path, self._content(listed))  # first, as it says what is ours
        for path in own:
            _put(path, pictures[path])
        self._tell()

    def uninstall(self) -> Sequence[Path]:
        """Remove the icons and the desktop file."""
        found = self.look()
        if found.state is MenuState.MISSING:
            return []
        if found.state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        gone = [path for path in (*found.icons, self._path) if os.path.lexists(path)]
        for path in gone:  # the desktop file last, as it says what is ours
            remove_file(path, MenuError)
        for path in found.icons:
            with suppress(OSError):  # others may have icons there, too
                path.parent.rmdir()
                path.parent.parent.rmdir()
        self._tell()
        return gone

    def _content(self, icons: Sequence[str]) -> bytes:
        """Return the desktop file of our packages, with our own command."""
        shipped = resource("desktop", DESKTOP_FILE).read_text(encoding="utf-8")
        own = {
            "Exec": exec_line(self._command),
            "TryExec": self._command[0].replace("\\", "\\\\"),  # hides it when the program is gone
            MADE_BY: MAKER,
            ICONS: "".join(f"{name};" for name in icons),
        }
        kept = [line for line in shipped.splitlines() if line.partition("=")[0] not in own]
        return "\n".join([*kept, *(f"{key}={value}" for key, value in own.items()), ""]).encode()

    def _tell(self) -> None:
        """Notify the desktop, which checks the time of the theme's folder."""
        with suppress(OSError):
            os.utime(self._theme)


def _pictures() -> Iterator[tuple[str, bytes]]:
    """Yield the path of each icon in the theme, and its contents."""
    for size in SIZES_PX:
        data = resource("icons", "app", f"spendlight-{size}.png").read_bytes()
        yield f"{size}x{size}/apps/spendlight.png", data
    yield "scalable/apps/spendlight.svg", resource("icons", "spendlight.svg").read_bytes()


def _put(path: Path, data: bytes) -> None:
    """Write a file, unless it has these contents already."""
    if read_file(path) != data:
        write_file(path, data, MenuError)

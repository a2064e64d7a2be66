"""The shortcut in the Start menu of Windows, with the id that our notifications need."""

from __future__ import annotations

import os
import subprocess
import uuid
from typing import TYPE_CHECKING, Final

from spendlight.assets import resource
from spendlight.autostart.entry import NAME, read_file, remove_file, write_file
from spendlight.autostart.menu import ForeignEntryError, MenuError, MenuLook, MenuState, seen
from spendlight.autostart.shell_link import APP_MODEL, APP_MODEL_ID, ShellLink, read_link
from spendlight.autostart.xdg import COMMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APP_ID: Final = "Spendlight.Spendlight"
"""The AppUserModelID."""

_MADE_BY: Final = (uuid.UUID("e8f4a1f5-5d0c-4c1d-9c0e-6a2b4d1f7c35"), 2)
"""Our own property, which marks shortcuts that were created here."""


class StartMenu:
    """A shortcut in a folder of the Start menu, for Windows.

    Args:
        folder: The user's folder of programs in the Start menu.
        command: The command to start.
    """

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / f"{NAME}.lnk"
        self._command = list(command)

    def look(self) -> MenuLook:
        """Return the state of the shortcut."""
        if not os.path.lexists(self._path):
            return MenuLook(self._path, MenuState.MISSING)
        try:
            link = read_link(read_file(self._path))
        except ValueError:
            return MenuLook(self._path, MenuState.FOREIGN)
        state = MenuState.OURS if _MADE_BY in link.properties else MenuState.FOREIGN
        arguments = [link.target, *link.arguments.split()]
        return seen(self._path, state, arguments, self._command)

    def install(self) -> None:
        """Write the shortcut."""
        if self.look().state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        link = ShellLink(
            self._command[0],
            subprocess.list2cmdline(self._command[1:]),
            COMMENT,
            str(resource("icons", "app", "spendlight.ico")),
            "%USERPROFILE%",  # a working directory in use cannot be deleted
            {(APP_MODEL, APP_MODEL_ID): APP_ID, _MADE_BY: NAME},
        )
        data = link.to_bytes()
        if read_file(self._path) != data:
            write_file(self._path, data, MenuError)

    def uninstall(self) -> Sequence[Path]:
        """Remove the shortcut."""
        found = self.look()
        if found.state is MenuState.MISSING:
            return []
        if found.state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        remove_file(self._path, MenuError)
        return [self._path]

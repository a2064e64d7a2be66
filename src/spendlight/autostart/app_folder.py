"""A small application in ``~/Applications`` on macOS that starts the program."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spendlight.assets import resource
from spendlight.autostart.entry import NAME, read_file, remove_file, write_file
from spendlight.autostart.menu import ForeignEntryError, MenuError, MenuLook, MenuState, seen
from spendlight.autostart.property_list import read_property_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BUNDLE_ID: Final = "io.github.spendlight.Spendlight.launcher"
"""Different from that of the application in the disk image, as both may be installed."""

_MADE_BY: Final = "SpendlightMadeBy"
_COMMAND: Final = "SpendlightCommand"
_RUNNABLE: Final = 0o755


class AppFolder:
    """An application that is a script, for macOS.

    Args:
        folder: The user's folder of applications.
        command: The command to start.
    """

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / f"{NAME}.app"
        self._command = list(command)

    @property
    def _parts(self) -> tuple[Path, Path, Path]:
        contents = self._path / "Contents"
        return (
            contents / "Info.plist",
            contents / "MacOS" / NAME,
            contents / "Resources" / "spendlight.icns",
        )

    def look(self) -> MenuLook:
        """Return the state of the application."""
        if not os.path.lexists(self._path):
            return MenuLook(self._path, MenuState.MISSING)
        said = read_property_list(self._parts[0]) or {}
        state = MenuState.OURS if _MADE_BY in said else MenuState.FOREIGN
        listed = said.get(_COMMAND)
        arguments = [str(argument) for argument in listed] if isinstance(listed, list) else []
        return seen(self._path, state, arguments, self._command)

    def install(self) -> None:
        """Write the application."""
        import plistlib  # only macOS has them

        if self.look().state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        said = {
            "CFBundleDisplayName": NAME,
            "CFBundleExecutable": NAME,
            "CFBundleIconFile": "spendlight",
            "CFBundleIdentifier": BUNDLE_ID,
            "CFBundleName": NAME,
            "CFBundlePackageType": "APPL",
            "LSUIElement": True,
            _MADE_BY: "spendlight desktop install",
            _COMMAND: self._command,
        }
        listing, program, icon = self._parts
        contents = {
            listing: plistlib.dumps(said),  # first, as it marks the rest as ours
            program: f'#!/bin/sh\nexec {shlex.join(self._command)} "$@"\n'.encode(),
            icon: resource("icons", "app", "spendlight.icns").read_bytes(),
        }
        for path, data in contents.items():
            if read_file(path) != data:
                write_file(path, data, MenuError)
        with suppress(OSError):
            program.chmod(_RUNNABLE)

    def uninstall(self) -> Sequence[Path]:
        """Remove the application, but no files that others have added."""
        found = self.look()
        if found.state is MenuState.MISSING:
            return []
        if found.state is MenuState.FOREIGN:
            raise ForeignEntryError(self._path)
        for path in reversed(self._parts):
            remove_file(path, MenuError)
            with suppress(OSError):
                path.parent.rmdir()
        with suppress(OSError):
            self._path.rmdir()
        return [self._path]

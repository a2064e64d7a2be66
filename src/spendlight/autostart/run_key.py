"""The value in the registry that Windows reads at login."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from spendlight.autostart.entry import (
    NAME,
    AutostartError,
    LoginState,
    is_same_program,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where Windows stores what was turned off in its own settings: the first byte is then odd."""

_PROGRAM: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class Registry(Protocol):
    """The part of the Windows registry that belongs to the user."""

    def read(self, key: str, name: str) -> object:
        """Return a value, or None if there is none."""
        ...

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value to a text."""
        ...

    def delete(self, key: str, name: str) -> None:
        """Delete a value, if there is one."""
        ...


class RunKey:
    """A value below ``Run`` in the registry, for Windows."""

    def __init__(self, registry: Registry, command: Sequence[str]) -> None:
        self._registry = registry
        self._command = list(command)

    def state(self) -> LoginState:
        """Return the current state."""
        try:
            line = self._registry.read(RUN_KEY, NAME)
            approved = self._registry.read(APPROVED_KEY, NAME)
        except OSError:
            return LoginState.OFF
        if not isinstance(line, str) or not line:
            return LoginState.OFF
        if isinstance(approved, bytes) and approved[:1] and approved[0] % 2:
            return LoginState.BLOCKED
        if line == subprocess.list2cmdline(self._command):
            return LoginState.ON
        return state_of([_program_of(line)], self._command)

    def is_own(self) -> bool:
        """Return whether there is a value that starts this program."""
        try:
            line = self._registry.read(RUN_KEY, NAME)
        except OSError:
            return False
        if not isinstance(line, str):
            return False
        if line == subprocess.list2cmdline(self._command):
            return True
        first = self._command[0].replace("\\", "/")
        return is_same_program([_program_of(line)], [first, *self._command[1:]])

    def enable(self) -> None:
        """Set the value, even if it was turned off in the Task Manager."""
        try:
            self._registry.write(RUN_KEY, NAME, subprocess.list2cmdline(self._command))
            self._registry.delete(APPROVED_KEY, NAME)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error

    def disable(self) -> None:
        """Delete the value."""
        try:
            self._registry.delete(RUN_KEY, NAME)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error


def _program_of(line: str) -> str:
    """Return the program that a command line of Windows starts, with slashes in its path."""
    match = _PROGRAM.match(line.replace("\\", "/"))
    return (match[1] or match[2]) if match else ""


class WindowsRegistry:
    """The real registry of the user; only on Windows."""

    def read(self, key: str, name: str) -> object:
        """Return a value, or None if there is none."""
        if sys.platform == "win32":
            import winreg

            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened,
            ):
                return winreg.QueryValueEx(opened, name)[0]
            return None
        raise NoRegistryError

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value to a text."""
        if sys.platform == "win32":
            import winreg

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)
            return
        raise NoRegistryError

    def delete(self, key: str, name: str) -> None:
        """Delete a value, if there is one."""
        if sys.platform == "win32":
            import winreg

            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(
                    winreg.HKEY_CURRENT_USER, key, access=winreg.KEY_SET_VALUE
                ) as opened,
            ):
                winreg.DeleteValue(opened, name)
            return
        raise NoRegistryError


class NoRegistryError(OSError):
    """There is no registry outside Windows."""

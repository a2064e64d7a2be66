"""The common parts of every system's entry at login."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from spendlight.errors import UsageError
from spendlight.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAME: Final = "Spendlight"

TERMINAL_PROGRAM: Final = "spendlight"
"""The program that prints."""

TRAY_PROGRAM: Final = "spendlight-tray"
"""The program that opens no terminal on Windows."""

PROGRAMS: Final = (TRAY_PROGRAM, TERMINAL_PROGRAM)

_MOST_BYTES: Final = 1 << 20
"""A larger file is not an entry."""


class LoginState(StrEnum):
    """Whether the program starts at login."""

    ON = "on"
    OFF = "off"
    BLOCKED = "blocked"
    """There is an entry, but it was turned off in the system's own settings."""
    STALE = "stale"
    """There is an entry, but the program it starts no longer exists."""


class AutostartError(UsageError):
    """Starting at login could not be turned on or off."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(
            f"Starting at login could not be changed: {reason}",
            advice or "Everything else works. Try the system's settings instead.",
        )


class LoginItem(Protocol):
    """An entry with which a system starts the program at login."""

    def state(self) -> LoginState:
        """Return the current state."""
        ...

    def is_own(self) -> bool:
        """Return whether there is an entry that starts this copy of the program."""
        ...

    def enable(self) -> None:
        """Make the entry start this program, whatever it was before.

        Raises:
            AutostartError: If the entry cannot be written.
        """
        ...

    def disable(self) -> None:
        """Remove the entry, if there is one.

        Raises:
            AutostartError: If it cannot be removed.
        """
        ...


def is_same_program(arguments: Sequence[str], command: Sequence[str]) -> bool:
    """Return whether an entry runs the same program as a command.

    The two programs of one installation, with and without a console, count as the same.
    """
    if list(arguments) == list(command):
        return True
    if len(arguments) != 1 or len(command) != 1:
        return False
    one, other = Path(arguments[0]), Path(command[0])
    return one.parent == other.parent and one.stem in PROGRAMS and other.stem in PROGRAMS


def is_there(program: str) -> bool:
    """Return whether a program exists, by its path or its name."""
    return bool(program) and (Path(program).is_file() or shutil.which(program) is not None)


def state_of(arguments: Sequence[str], command: Sequence[str]) -> LoginState:
    """Return the state of an entry with this command line."""
    if list(arguments) == list(command):
        return LoginState.ON
    return LoginState.ON if arguments and is_there(arguments[0]) else LoginState.STALE


def read_file(path: Path) -> bytes:
    """Return the contents of a file; empty if there is none."""
    try:
        return read_regular(path, _MOST_BYTES)
    except OSError:
        return b""


def write_file(
    path: Path, data: bytes, failure: Callable[[str], UsageError] = AutostartError
) -> None:
    """Write a file atomically.

    Args:
        path: The file; its folders are created.
        data: Its contents.
        failure: Makes the error from a reason.

    Raises:
        UsageError: What *failure* makes, if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise failure(error.strerror or str(error)) from error


def remove_file(path: Path, failure: Callable[[str], UsageError] = AutostartError) -> None:
    """Remove a file, if there is one.

    Args:
        path: The file.
        failure: Makes the error from a reason.

    Raises:
        UsageError: What *failure* makes, if it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise failure(error.strerror or str(error)) from error

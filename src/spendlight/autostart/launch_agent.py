"""The property list that launchd on macOS reads at login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spendlight.autostart.entry import (
    AutostartError,
    LoginState,
    is_same_program,
    remove_file,
    state_of,
    write_file,
)
from spendlight.autostart.property_list import read_property_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AGENT_LABEL: Final = "dev.spendlight.tray"

TRANSLOCATED: Final = "/AppTranslocation/"
"""Part of the path of a program that macOS runs from a random location until it is moved."""


class LaunchAgent:
    """A property list in ``~/Library/LaunchAgents``, for macOS."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / f"{AGENT_LABEL}.plist"
        self._command = list(command)

    def state(self) -> LoginState:
        """Return the current state."""
        content = read_property_list(self._path)
        if content is None:
            return LoginState.OFF
        if content.get("Disabled") is True or content.get("RunAtLoad") is False:
            return LoginState.BLOCKED
        return state_of(_arguments(content), self._command)

    def is_own(self) -> bool:
        """Return whether there is a property list that starts this program."""
        return is_same_program(_arguments(read_property_list(self._path) or {}), self._command)

    def enable(self) -> None:
        """Write the property list; keys that others have added stay."""
        import plistlib  # only macOS has them

        if TRANSLOCATED in self._command[0]:
            reason = "macOS is running the program from a temporary folder"
            raise AutostartError(
                reason, "Move Spendlight to the Applications folder and start it from there."
            )
        content = read_property_list(self._path) or {}
        content.pop("Disabled", None)
        content |= {
            "Label": AGENT_LABEL,
            "ProgramArguments": self._command,
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        write_file(self._path, plistlib.dumps(content))

    def disable(self) -> None:
        """Remove the property list."""
        remove_file(self._path)


def _arguments(content: dict[str, Any]) -> list[str]:
    """Return the command line in a property list."""
    arguments = content.get("ProgramArguments")
    return [str(argument) for argument in arguments] if isinstance(arguments, list) else []

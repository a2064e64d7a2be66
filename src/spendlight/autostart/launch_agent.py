"""The property list that launchd on macOS looks for at login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spendlight.autostart.entry import (
    AutostartError,
    LoginState,
    read_file,
    remove_file,
    state_of,
    write_file,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AGENT_LABEL: Final = "dev.spendlight.tray"

TRANSLOCATED: Final = "/AppTranslocation/"
"""In the path of a program that macOS runs from a place of its own, until somebody moves it."""


class LaunchAgent:
    """A property list in ``~/Library/LaunchAgents``, for macOS."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / f"{AGENT_LABEL}.plist"
        self._command = list(command)

    def state(self) -> LoginState:
        """Return what launchd would do."""
        content = self._content()
        if content is None:
            return LoginState.OFF
        arguments = content.get("ProgramArguments")
        if content.get("Disabled") is True or content.get("RunAtLoad") is False:
            return LoginState.BLOCKED
        usable = arguments if isinstance(arguments, list) else []
        return state_of([str(argument) for argument in usable], self._command)

    def enable(self) -> None:
        """Write the property list; what somebody has added to it stays."""
        import plistlib  # only macOS has them

        if TRANSLOCATED in self._command[0]:
            reason = "macOS runs the program from a temporary place"
            raise AutostartError(reason, "Move Spendlight into Applications and start it there.")
        content = self._content() or {}
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

    def _content(self) -> dict[str, Any] | None:
        """Return what the list says; nothing where it is damaged, None where there is none."""
        import plistlib  # only macOS has them

        data = read_file(self._path)
        if not data:
            return None
        try:
            content = plistlib.loads(data)
        except (plistlib.InvalidFileException, ValueError, OverflowError, SyntaxError):
            return {}
        except Exception as error:  # expat's own, which has no common root with the others
            if type(error).__name__ == "ExpatError":
                return {}
            raise
        return content if isinstance(content, dict) else {}

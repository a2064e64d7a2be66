"""The desktop file that sessions on Linux and similar systems read at login."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spendlight.autostart.entry import (
    NAME,
    LoginState,
    is_same_program,
    read_file,
    remove_file,
    state_of,
    write_file,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMENT: Final = "What coding agents cost you"
DESKTOP_FILE: Final = "spendlight.desktop"

_GROUP: Final = "[Desktop Entry]"
_RESERVED: Final = re.compile(r"[\s\"'\\><~|&;$*?#()`%]")
"""The characters for which an argument in a desktop file must be quoted."""

_ESCAPED: Final = re.compile(r"\\(.)")
"""A backslash with the character that it escapes, inside quotes."""

_ARGUMENT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class XdgAutostart:
    """A desktop file in ``~/.config/autostart``, for Linux and similar systems."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / DESKTOP_FILE
        self._command = list(command)

    def state(self) -> LoginState:
        """Return the current state."""
        entry = dict(members_of(read_file(self._path)))
        if not entry.get("Exec"):
            return LoginState.OFF
        if entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false":
            return LoginState.BLOCKED
        return state_of(arguments_of(entry["Exec"]), self._command)

    def is_own(self) -> bool:
        """Return whether there is a desktop file that starts this program."""
        line = dict(members_of(read_file(self._path))).get("Exec", "")
        return is_same_program(arguments_of(line), self._command)

    def enable(self) -> None:
        """Write the desktop file; keys that others have added stay.

        A session skips an entry whose ``TryExec`` does not exist, so that a program removed with
        the system's tools, which do not touch home folders, causes no error at each login.
        """
        members = dict(members_of(read_file(self._path)))
        members.pop("Hidden", None)  # it would disable the entry
        members |= {
            "Type": "Application",
            "Name": members.get("Name", NAME),
            "Exec": exec_line(self._command),
            "TryExec": self._command[0].replace("\\", "\\\\"),
            "X-GNOME-Autostart-enabled": "true",
        }
        for key, value in (
            ("Version", "1.4"),
            ("Comment", COMMENT),
            ("Icon", "spendlight"),
            ("Terminal", "false"),
            ("StartupNotify", "false"),
        ):
            members.setdefault(key, value)
        lines = [_GROUP, *(f"{key}={value}" for key, value in members.items()), ""]
        write_file(self._path, "\n".join(lines).encode())

    def disable(self) -> None:
        """Remove the desktop file."""
        remove_file(self._path)


def members_of(data: bytes) -> list[tuple[str, str]]:
    """Return the keys and values of the first group of a desktop file."""
    members: list[tuple[str, str]] = []
    is_inside = False
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            if is_inside:
                break
            is_inside = text == _GROUP
        elif is_inside and "=" in text and not text.startswith("#"):
            key, _, value = text.partition("=")
            members.append((key.strip(), value.strip()))
    return members


def exec_line(command: Sequence[str]) -> str:
    """Return a command in the notation of desktop files."""
    return " ".join(_quoted(argument) for argument in command)


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED.search(argument.replace("%%", "")):
        return argument
    inner = re.sub(r'(["`$\\])', r"\\\1", argument)
    return '"' + inner.replace("\\", "\\\\") + '"'  # values are escaped once more


def arguments_of(line: str) -> list[str]:
    """Return the arguments of a command in a desktop file."""
    value = line.replace("\\\\", "\\")
    return [
        (_ESCAPED.sub(r"\1", quoted) if quoted else plain).replace("%%", "%")
        for quoted, plain in _ARGUMENT.findall(value)
    ]

"""Starts the tray with the session: by an entry of the kind that each system looks for at login."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from spendlight.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME: Final = "Spendlight"
COMMENT: Final = "What Claude Code costs you"
DESKTOP_FILE: Final = "spendlight.desktop"
AGENT_LABEL: Final = "dev.spendlight.tray"

RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where Windows notes what was turned off in its own settings: the first byte is odd then."""

TRANSLOCATED: Final = "/AppTranslocation/"
"""In the path of a program that macOS runs from a place of its own, until somebody moves it."""

_GROUP: Final = "[Desktop Entry]"
_RESERVED: Final = re.compile(r"[\s\"'\\><~|&;$*?#()`%]")
"""What an argument in a desktop file must be quoted for."""

_ESCAPED: Final = re.compile(r"\\(.)")
"""A backslash and what it stands before, inside quotes."""

_ARGUMENT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class LoginState(StrEnum):
    """Whether the program starts at login."""

    ON = "on"
    OFF = "off"
    BLOCKED = "blocked"
    """There is an entry, and it was turned off in the system's own settings."""
    STALE = "stale"
    """There is an entry, and the program it starts is no longer there."""


class AutostartError(UsageError):
    """Starting at login could not be turned on or off."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(
            f"Starting at login could not be changed: {reason}",
            advice or "Everything else works. The system's own settings may let you do it.",
        )


class LoginItem(Protocol):
    """An entry by which a system starts the program at login."""

    def state(self) -> LoginState:
        """Return what the system would do now."""
        ...

    def enable(self) -> None:
        """Have this program started, whatever the entry said before.

        Raises:
            AutostartError: The entry cannot be written.
        """
        ...

    def disable(self) -> None:
        """Take the entry away; there need not be one.

        Raises:
            AutostartError: It cannot be taken away.
        """
        ...


def login_item(
    environ: Mapping[str, str], command: Sequence[str], platform: str = sys.platform
) -> LoginItem:
    """Return the entry of this system.

    Args:
        environ: Names the user's folders.
        command: What is to be started, see `login_command`.
        platform: The value of ``sys.platform``.
    """
    if platform == "win32":
        return RunKey(WindowsRegistry(), command)
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        return LaunchAgent(home / "Library" / "LaunchAgents", command)
    config = environ.get("XDG_CONFIG_HOME")
    return XdgAutostart((Path(config) if config else home / ".config") / "autostart", command)


def login_command(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    executable: str = sys.executable,
    script: str = sys.argv[0],
    is_frozen: bool = getattr(sys, "frozen", False),
) -> tuple[str, ...]:
    """Return the command that starts the tray as it was started now.

    Args:
        environ: Names the AppImage, if it is one.
        platform: The value of ``sys.platform``.
        executable: The frozen program, or the interpreter.
        script: What the interpreter was told to run.
        is_frozen: Whether interpreter and program are one.
    """
    if is_frozen:
        image, mounted = environ.get("APPIMAGE"), environ.get("APPDIR")
        is_image = image and mounted and Path(executable).is_relative_to(mounted)
        return (image if image and is_image else executable,)
    if platform == "win32":  # its scripts open a terminal
        windowless = Path(executable).with_name("pythonw.exe")
        return (str(windowless if windowless.is_file() else executable), "-m", "spendlight")
    for found in (Path(os.path.abspath(script)), Path(executable).with_name("spendlight")):  # noqa: PTH100  # links stay
        if found.name == "spendlight" and found.is_file():
            return (str(found),)
    return (executable, "-m", "spendlight")


def repair(item: LoginItem) -> bool:
    """Let an entry whose program has moved start this one, and return whether it did.

    An entry that starts another copy that is there, or that the user has turned off, is left as
    it is.

    Raises:
        AutostartError: The entry cannot be written.
    """
    if item.state() is not LoginState.STALE:
        return False
    item.enable()
    return True


class XdgAutostart:
    """A desktop file in ``~/.config/autostart``, for Linux and its kin."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self._path = folder / DESKTOP_FILE
        self._command = list(command)

    def state(self) -> LoginState:
        """Return what the session would do."""
        entry = dict(_members(_read(self._path)))
        if not entry.get("Exec"):
            return LoginState.OFF
        if entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false":
            return LoginState.BLOCKED
        return _state(_arguments(entry["Exec"]), self._command)

    def enable(self) -> None:
        """Write the desktop file; what somebody has added to it stays."""
        members = dict(_members(_read(self._path)))
        for key in ("Hidden", "TryExec"):  # they would keep the session from it
            members.pop(key, None)
        members |= {
            "Type": "Application",
            "Name": members.get("Name", NAME),
            "Exec": _exec_line(self._command),
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
        _write(self._path, "\n".join(lines).encode())

    def disable(self) -> None:
        """Remove the desktop file."""
        _remove(self._path)


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
        return _state([str(argument) for argument in usable], self._command)

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
        _write(self._path, plistlib.dumps(content))

    def disable(self) -> None:
        """Remove the property list."""
        _remove(self._path)

    def _content(self) -> dict[str, Any] | None:
        """Return what the list says; nothing where it is damaged, None where there is none."""
        import plistlib  # only macOS has them

        data = _read(self._path)
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


class Registry(Protocol):
    """The part of the Windows registry that belongs to the user."""

    def read(self, key: str, name: str) -> object:
        """Return a value, or None where there is none."""
        ...

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value to a text."""
        ...

    def delete(self, key: str, name: str) -> None:
        """Take a value away; there need not be one."""
        ...


class RunKey:
    """A value below ``Run`` in the registry, for Windows."""

    def __init__(self, registry: Registry, command: Sequence[str]) -> None:
        self._registry = registry
        self._command = list(command)

    def state(self) -> LoginState:
        """Return what Windows would do."""
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
        match = _ARGUMENT.match(line.replace("\\", "/"))
        program = (match[1] or match[2]) if match else ""
        return _state([program], self._command)

    def enable(self) -> None:
        """Set the value, also where it was turned off in the Task Manager."""
        try:
            self._registry.write(RUN_KEY, NAME, subprocess.list2cmdline(self._command))
            self._registry.delete(APPROVED_KEY, NAME)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error

    def disable(self) -> None:
        """Take the value away."""
        try:
            self._registry.delete(RUN_KEY, NAME)
        except OSError as error:
            raise AutostartError(error.strerror or str(error)) from error


class WindowsRegistry:
    """The user's registry itself; only Windows has one."""

    def read(self, key: str, name: str) -> object:
        """Return a value, or None where there is none."""
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
        """Take a value away; there need not be one."""
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
    """There is a registry on Windows only."""


def _state(arguments: Sequence[str], command: Sequence[str]) -> LoginState:
    """Return what an entry that runs some arguments does."""
    if list(arguments) == list(command):
        return LoginState.ON
    program = arguments[0] if arguments else ""
    is_there = Path(program).is_file() or shutil.which(program) is not None
    return LoginState.ON if is_there else LoginState.STALE


def _members(data: bytes) -> list[tuple[str, str]]:
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


def _exec_line(command: Sequence[str]) -> str:
    """Return a command as desktop files have it."""
    return " ".join(_quoted(argument) for argument in command)


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED.search(argument.replace("%%", "")):
        return argument
    inner = re.sub(r'(["`$\\])', r"\\\1", argument)
    return '"' + inner.replace("\\", "\\\\") + '"'  # a value's own escape comes on top


def _arguments(line: str) -> list[str]:
    """Return the arguments of a command in a desktop file."""
    value = line.replace("\\\\", "\\")
    return [
        (_ESCAPED.sub(r"\1", quoted) if quoted else plain).replace("%%", "%")
        for quoted, plain in _ARGUMENT.findall(value)
    ]


def _read(path: Path) -> bytes:
    """Return what is in a file; nothing where there is none."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write(path: Path, data: bytes) -> None:
    """Write a file at once or not at all.

    Raises:
        AutostartError: It cannot be written.
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
        raise AutostartError(error.strerror or str(error)) from error


def _remove(path: Path) -> None:
    """Remove a file; there need not be one.

    Raises:
        AutostartError: It cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise AutostartError(error.strerror or str(error)) from error

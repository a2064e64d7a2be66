"""Chooses the kind of entry for the system, and the command that it starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Final, NamedTuple

from spendlight.autostart.entry import (
    PROGRAMS,
    TERMINAL_PROGRAM,
    TRAY_PROGRAM,
    LoginItem,
    LoginState,
)
from spendlight.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spendlight.autostart.menu import MenuEntry

_PACKAGES: Final = "WindowsApps"
"""The folder of packages, and the one of their aliases."""

_WORDS_OF_PACKAGE: Final = 5
"""The parts of the name of a package's folder: name, version, machine, language, publisher."""

_MODULE: Final = ("-P", "-m", "spendlight")
"""How an interpreter starts us: without modules from the working directory, which may be anybody's
when Claude Code runs a status line."""

_LINK_FOLDERS: Final = ("PIPX_BIN_DIR", "UV_TOOL_BIN_DIR", "XDG_BIN_HOME")
"""Variables with the folder where pipx and uv put links to programs, if not ``~/.local/bin``."""


def login_item(
    environ: Mapping[str, str],
    command: Sequence[str],
    platform: str = sys.platform,
    executable: str = sys.executable,
) -> LoginItem:
    """Return the entry of this system.

    Args:
        environ: The environment, for the user's folders.
        command: The command to start, see `login_command`.
        platform: The value of ``sys.platform``.
        executable: The frozen program, or the interpreter.
    """
    if platform == "win32":
        from spendlight.autostart.run_key import RunKey, WindowsRegistry

        package = package_family(executable)
        if package:
            from spendlight.autostart.startup_task import StartupTask

            return StartupTask(WindowsRegistry(), package)
        return RunKey(WindowsRegistry(), command)
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        from spendlight.autostart.launch_agent import LaunchAgent

        return LaunchAgent(home / "Library" / "LaunchAgents", command)
    from spendlight.autostart.xdg import XdgAutostart

    named = environ.get("XDG_CONFIG_HOME", "")
    config = Path(named) if named.startswith("/") else home / ".config"
    return XdgAutostart(config / "autostart", command)


def menu_entry(
    environ: Mapping[str, str], command: Sequence[str], platform: str = sys.platform
) -> MenuEntry:
    """Return the entry of this system.

    Args:
        environ: Names the user's folders.
        command: What is to be started, see `login_command`.
        platform: The value of ``sys.platform``.
    """
    home = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        from spendlight.autostart.start_menu import StartMenu

        roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
        return StartMenu(roaming / "Microsoft" / "Windows" / "Start Menu" / "Programs", command)
    if platform == "darwin":
        from spendlight.autostart.app_folder import AppFolder

        return AppFolder(home / "Applications", command)
    from spendlight.autostart.xdg_menu import XdgMenu

    named = environ.get("XDG_DATA_HOME", "")
    share = Path(named) if named.startswith("/") else home / ".local" / "share"
    return XdgMenu(share, command)


class RunningProgram(NamedTuple):
    """How a program was started; by default this one.

    Attributes:
        environ: The environment, for the AppImage, if it is one, and folders of links.
        platform: The value of ``sys.platform``.
        executable: The frozen program, or the interpreter.
        script: The script that the interpreter runs.
        is_frozen: Whether it is a frozen program.
    """

    environ: Mapping[str, str] = os.environ
    platform: str = sys.platform
    executable: str = sys.executable
    script: str = sys.argv[0]
    is_frozen: bool = getattr(sys, "frozen", False)


def login_command(program: RunningProgram) -> tuple[str, ...]:
    """Return the command that starts the tray in the same way as now."""
    executable = program.executable
    if program.is_frozen:
        return (_frozen_program(program.environ, executable, TRAY_PROGRAM),)
    if program.platform == "win32":  # the other script opens a terminal
        script_file = Path(executable).with_name(f"{TRAY_PROGRAM}.exe")
        if script_file.is_file():
            return (str(script_file),)
        windowless = Path(executable).with_name("pythonw.exe")
        return (str(windowless if windowless.is_file() else executable), *_MODULE)
    return _script(program, PROGRAMS) or (executable, *_MODULE)


def terminal_command(program: RunningProgram) -> tuple[str, ...]:
    """Return the command that runs a verb and can print, whichever face is running."""
    executable = program.executable
    if program.is_frozen:
        return (_frozen_program(program.environ, executable, TERMINAL_PROGRAM),)
    if program.platform == "win32":
        printing = Path(executable).with_name("python.exe")  # pythonw.exe cannot print
        is_windowless = Path(executable).name.lower() == "pythonw.exe"
        return (str(printing if is_windowless else executable), *_MODULE)
    return _script(program, (TERMINAL_PROGRAM,)) or (executable, *_MODULE)


def _script(program: RunningProgram, names: Sequence[str]) -> tuple[str, ...] | None:
    """Return one of our scripts by a path that survives an upgrade, or None if there is none.

    pipx, uv and similar tools keep each program in its own environment, with a link in a folder of
    commands. If we were started by the link, it is used; otherwise it is searched for.
    """
    started, own = Path(absolute(program.script)), Path(program.executable).parent
    folders = [started.parent] if started.name in PROGRAMS and started.is_file() else [own]
    if folders == [own]:
        folders = [*_command_folders(program.environ), own]
    for folder in folders:
        for name in names:
            found = folder / name
            if found.is_file() and found.resolve().parent in {own.resolve(), _home(started)}:
                return (str(found),)
    return None


def _home(script: Path) -> Path:
    """Return the folder of a script, with all links resolved."""
    return script.resolve().parent


def _command_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders that contain links to programs."""
    named = [environ.get(variable, "") for variable in _LINK_FOLDERS]
    if environ.get("HOME"):
        named.append(str(Path(environ["HOME"], ".local", "bin")))
    for text in (*named, *environ.get("PATH", "").split(os.pathsep)):
        if text.startswith("/"):
            yield Path(text)


def _frozen_program(environ: Mapping[str, str], executable: str, name: str) -> str:
    """Return one of the two programs of a bundle; an AppImage is both.

    The path of an AppImage's contents changes with each start, that of its file does not; the path
    of a package from Microsoft's Store changes with each version, that of its aliases does not.
    """
    image, mounted = environ.get("APPIMAGE"), environ.get("APPDIR")
    if image and mounted and Path(executable).is_relative_to(mounted):
        return image
    local = environ.get("LOCALAPPDATA")
    if local and package_family(executable):
        alias = Path(local, "Microsoft", _PACKAGES, f"{name}.exe")
        if os.path.lexists(alias):  # it cannot be followed
            return str(alias)
    path = Path(executable)
    sibling = path.with_name(name + path.suffix)
    return str(sibling) if sibling.is_file() else executable


def package_family(executable: str) -> str:
    """Return the family name of the Store package that a program is in; "" for none.

    It is the package's name and its publisher's hash, without version and machine in between.
    """
    parts = PureWindowsPath(executable).parts
    if _PACKAGES not in parts[:-2]:
        return ""
    words = parts[parts.index(_PACKAGES) + 1].split("_")
    return f"{words[0]}_{words[-1]}" if len(words) == _WORDS_OF_PACKAGE else ""


def repair(item: LoginItem) -> bool:
    """Make an entry whose program has moved start this one, and return whether it was changed.

    An entry that starts another existing copy, or that the user has turned off, is not changed.

    Raises:
        AutostartError: If the entry cannot be written.
    """
    if item.state() is not LoginState.STALE:
        return False
    item.enable()
    return True

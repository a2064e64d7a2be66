"""Chooses the entry that suits the system, and the command that it starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spendlight.autostart.entry import LoginItem, LoginState
from spendlight.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TERMINAL_PROGRAM: Final = "spendlight"
"""The frozen program that prints."""

TRAY_PROGRAM: Final = "spendlight-tray"
"""The frozen program that Windows opens no terminal for."""

_MODULE: Final = ("-P", "-m", "spendlight")
"""How an interpreter starts us: without modules of the working directory, which may be anybody's
where Claude Code runs a status line."""


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
        from spendlight.autostart.run_key import RunKey, WindowsRegistry

        return RunKey(WindowsRegistry(), command)
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        from spendlight.autostart.launch_agent import LaunchAgent

        return LaunchAgent(home / "Library" / "LaunchAgents", command)
    from spendlight.autostart.xdg import XdgAutostart

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
        return (_frozen_program(environ, executable, TRAY_PROGRAM),)
    if platform == "win32":  # its scripts open a terminal
        windowless = Path(executable).with_name("pythonw.exe")
        return (str(windowless if windowless.is_file() else executable), *_MODULE)
    for found in (Path(absolute(script)), Path(executable).with_name("spendlight")):
        if found.name == "spendlight" and found.is_file():
            return (str(found),)
    return (executable, *_MODULE)


def terminal_command(
    environ: Mapping[str, str],
    *,
    platform: str = sys.platform,
    executable: str = sys.executable,
    script: str = sys.argv[0],
    is_frozen: bool = getattr(sys, "frozen", False),
) -> tuple[str, ...]:
    """Return the command that runs a verb and can print, whichever face is running now.

    Args:
        environ: As for `login_command`, like the rest.
        platform: The value of ``sys.platform``.
        executable: The frozen program, or the interpreter.
        script: What the interpreter was told to run.
        is_frozen: Whether interpreter and program are one.
    """
    if is_frozen:
        return (_frozen_program(environ, executable, TERMINAL_PROGRAM),)
    command = login_command(
        environ, platform=platform, executable=executable, script=script, is_frozen=False
    )
    if platform == "win32" and command[0].lower().endswith("pythonw.exe"):
        printing = Path(executable).with_name("python.exe")  # the other has nowhere to print to
        return (str(printing), *command[1:])
    return command


def _frozen_program(environ: Mapping[str, str], executable: str, name: str) -> str:
    """Return one of the two programs of a bundle; an AppImage is one for both.

    The place of an AppImage's contents changes with each start, that of its file does not.
    """
    image, mounted = environ.get("APPIMAGE"), environ.get("APPDIR")
    if image and mounted and Path(executable).is_relative_to(mounted):
        return image
    path = Path(executable)
    sibling = path.with_name(name + path.suffix)
    return str(sibling) if sibling.is_file() else executable


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

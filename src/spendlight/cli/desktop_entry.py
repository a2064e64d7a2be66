"""Adds Spendlight to the desktop's menu, removes it, and reports its status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from spendlight.autostart import (
    LoginState,
    MenuState,
    RunningProgram,
    login_command,
    login_item,
    menu_entry,
)
from spendlight.build import Channel, read_build
from spendlight.cli import json_out, terminal
from spendlight.cli.words import counted
from spendlight.errors import BadArgumentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spendlight.autostart import LoginItem, MenuEntry, MenuLook
    from spendlight.cli.arguments import Arguments

_WITHOUT_ENTRY: Final = frozenset({Channel.SOURCE, Channel.ARCHIVE, Channel.APPIMAGE})
"""The kinds of installation that add nothing to the menu by themselves."""

_LOGIN_WORDS: Final = {
    LoginState.ON: "yes",
    LoginState.OFF: "no",
    LoginState.BLOCKED: "no, turned off in the system's settings",
    LoginState.STALE: "no, the program it would start no longer exists",
}


class PackagedError(UsageError):
    """The program's package has added it to the menu."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(
            f"Spendlight was installed as a package ({channel}), which has its own menu entry",
            "Nothing was changed. To start it at login, use its settings.",
        )


class NoAutostartHereError(BadArgumentError):
    """Start at login was requested without an installation."""

    def __init__(self) -> None:
        super().__init__("--autostart can only be used with 'spendlight desktop install'")


def run(arguments: Arguments) -> None:
    """Do what was requested, and report the status.

    Raises:
        UsageError: If it could not be done, or is not possible here.
    """
    if arguments.autostart and arguments.action != "install":
        raise NoAutostartHereError
    channel = read_build().channel
    command = login_command(RunningProgram())
    menu, item = menu_entry(os.environ, command), login_item(os.environ, command)
    found = menu.look()
    gone: Sequence[Path] = ()
    if arguments.action == "install":
        if channel not in _WITHOUT_ENTRY:
            raise PackagedError(channel)
        if found.state is not MenuState.FOREIGN or not found.is_own:
            menu.install()  # otherwise install.sh has added it already
        if arguments.autostart:
            item.enable()
    elif arguments.action == "uninstall":
        gone = _take_away(menu, item)
    _tell(arguments, menu.look(), item, channel, gone)


def _take_away(menu: MenuEntry, item: LoginItem) -> Sequence[Path]:
    """Remove the menu entry and start at login; return the removed files."""
    gone = menu.uninstall()
    if item.is_own() or item.state() is LoginState.STALE:
        item.disable()
    return gone


def _tell(
    arguments: Arguments,
    look: MenuLook,
    item: LoginItem,
    channel: Channel,
    gone: Sequence[Path],
) -> None:
    """Report the current status."""
    if arguments.json:
        told = {
            "channel": channel.value,
            "login": {"startsThis": item.is_own(), "state": item.state().value},
            "menu": {
                "command": list(look.command),
                "icons": [str(path) for path in look.icons],
                "isThere": look.is_startable,
                "place": str(look.path),
                "startsThis": look.is_own,
                "state": look.state.value,
            },
            "removed": [str(path) for path in gone],
        }
        terminal.say_json(json_out.to_text(told))
        return
    if arguments.action == "uninstall":
        terminal.say(
            f"Removed: {counted(len(gone), 'file')}" if gone else "There was nothing to remove."
        )
    terminal.say(*_lines(arguments, look, item, channel))


def _lines(
    arguments: Arguments, look: MenuLook, item: LoginItem, channel: Channel
) -> Iterator[str]:
    if channel not in _WITHOUT_ENTRY:
        yield f"Package: {channel}, with its own menu entry"
    if channel in _WITHOUT_ENTRY or look.state is not MenuState.MISSING:
        yield f"Menu entry: {_entry(look)}"
    if look.icons:
        yield f"Icons: {len(look.icons)} in {os.path.commonpath(look.icons)}"
    state = item.state()
    is_other = state is LoginState.ON and not item.is_own()
    words = "yes, but a different copy of Spendlight" if is_other else _LOGIN_WORDS[state]
    if arguments.action == "install" and state is LoginState.OFF:
        words += " (to change that: 'spendlight desktop install --autostart')"
    yield f"Starts at login: {words}"
    if sys.platform == "darwin" and look.state is MenuState.OURS:
        yield "In some places macOS calls the program Python, because Python runs it."


def _entry(look: MenuLook) -> str:
    """Return the status of the menu entry in words."""
    if look.state is MenuState.MISSING:
        return "none"
    made = "" if look.state is MenuState.OURS else ", not made by 'spendlight desktop install'"
    if not look.command:
        return f"{look.path}{made}"
    program = " ".join(look.command)
    if look.is_own:
        return f"{look.path}{made}, starts this program: {program}"
    if look.is_startable:
        return f"{look.path}{made}, starts a different copy: {program}"
    mended = "" if made else " (to repair it: 'spendlight desktop install')"
    return f"{look.path}{made}, starts {program}, which does not exist{mended}"

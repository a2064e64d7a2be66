"""Starts the tray at login and from the menu, with the kind of entry that each system uses."""

from __future__ import annotations

from spendlight.autostart.choosing import (
    RunningProgram,
    login_command,
    login_item,
    menu_entry,
    repair,
    terminal_command,
)
from spendlight.autostart.entry import AutostartError, LoginItem, LoginState
from spendlight.autostart.menu import MenuEntry, MenuLook, MenuState

__all__ = [
    "AutostartError",
    "LoginItem",
    "LoginState",
    "MenuEntry",
    "MenuLook",
    "MenuState",
    "RunningProgram",
    "login_command",
    "login_item",
    "menu_entry",
    "repair",
    "terminal_command",
]

"""Starts the tray with the session: by an entry of the kind that each system looks for at login."""

from __future__ import annotations

from spendlight.autostart.choosing import (
    login_command,
    login_item,
    repair,
    terminal_command,
)
from spendlight.autostart.entry import AutostartError, LoginItem, LoginState

__all__ = [
    "AutostartError",
    "LoginItem",
    "LoginState",
    "login_command",
    "login_item",
    "repair",
    "terminal_command",
]

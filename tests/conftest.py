"""Keeps every test away from the user's home, settings and screen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt

_FOREIGN_PREFIXES = ("CLAUDE", "CCUSAGE", "SPENDLIGHT", "XDG_")
_FOREIGN_NAMES = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "FORCE_COLOR", "NO_COLOR", "TZ")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, where the program under test finds and leaves everything."""
    home = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(_FOREIGN_PREFIXES) or name in _FOREIGN_NAMES:
            monkeypatch.delenv(name)
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_RUNTIME_DIR": runtime,
        "XDG_STATE_HOME": home / ".local" / "state",
    }
    for name, place in places.items():
        monkeypatch.setenv(name, str(place))
    return home

"""Keeps every test away from the user's home, settings and screen."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.unread import demand_read, ignore_warnings

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt

_ENOUGH_BYTES = 4 << 30


def _memory() -> str | None:
    """Return a folder in memory that takes what tests write and start, where there is one.

    Each ledger of a test is synced to the disk some dozen times, which takes milliseconds there.
    """
    place = "/dev/shm"  # noqa: S108  # Linux's own, and pytest makes a folder for each user in it
    if sys.platform != "linux" or not os.access(place, os.W_OK | os.X_OK):
        return None
    there = os.statvfs(place)
    is_large = there.f_bavail * there.f_frsize >= _ENOUGH_BYTES
    return place if is_large and not there.f_flag & os.ST_NOEXEC else None


if "TMPDIR" not in os.environ and (_MEMORY := _memory()):
    os.environ["TMPDIR"] = _MEMORY

settings.register_profile("any machine", deadline=None)  # a busy one is no fault of the code
settings.load_profile("any machine")

_FOREIGN_PREFIXES = (
    "CLAUDE", "CCUSAGE", "CODEX", "SPENDLIGHT", "XDG_",
    "AMP_", "DROID_", "GEMINI", "GOOSE", "HERMES", "KILO", "OPENCODE", "QWEN",
)  # fmt: skip
_FOREIGN_NAMES = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "FORCE_COLOR", "NO_COLOR", "TZ")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail, and do not skip, where a program is missing that `make test` installs."""
    wanted = {name for mark in item.iter_markers("linux_programs") for name in mark.args}
    if not wanted:
        return
    if sys.platform != "linux":
        pytest.skip("for Linux only")
    missing = sorted(name for name in wanted if shutil.which(name) is None)
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)} (make test installs them on Debian)")


def pytest_collection_finish() -> None:
    """Spare the tests themselves from being looked through for garbage: they stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def warnings_are_read() -> Iterator[None]:
    """Fail a test that looks at figures and overlooks a warning beside them."""
    yield
    demand_read()


@pytest.fixture
def warnings_ignored() -> Iterator[None]:
    """Let a test overlook warnings, as it causes them itself and they are not its subject."""
    yield
    ignore_warnings()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, where the program under test finds and leaves everything."""
    home = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(_FOREIGN_PREFIXES) or name in _FOREIGN_NAMES:
            monkeypatch.delenv(name)
    runtime, temporary = home / "run", home / "tmp"
    for folder in (runtime, temporary):
        folder.mkdir(mode=0o700)
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "TMPDIR": temporary,
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_RUNTIME_DIR": runtime,
        "XDG_STATE_HOME": home / ".local" / "state",
    }
    for name, place in places.items():
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("SPENDLIGHT_DEBUG", "1")  # a process of its own shows its tracebacks
    return home

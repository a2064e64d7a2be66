"""Fixtures for all tests of the desktop."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from tests.desktop.leftovers import no_widget_left
from tests.desktop.makers import FakeTracker, Open

from spendlight.desktop.app import Desktop
from spendlight.desktop.door import Door
from spendlight.desktop.window_geometry import WindowGeometry
from spendlight.settings import SettingsFile
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture(autouse=True)
def widgets_are_deleted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves widgets behind."""
    with no_widget_left(request.node.nodeid):
        yield


@pytest.fixture
def tracker() -> FakeTracker:
    """A fake tracker with an active block."""
    return FakeTracker()


@pytest.fixture
def open_desktop(qapp: QApplication) -> Iterator[Open]:
    """Start a desktop on a tracker, and shut it down after the test."""
    opened: list[Desktop] = []

    def open_desktop(
        open_tracker: Callable[[], UsageTracker],
        *,
        settings_file: SettingsFile | None = None,
        geometry: WindowGeometry | None = None,
        feed: Callable[[], object] | None = None,
    ) -> Desktop:
        desktop = Desktop(
            qapp, Door(open_tracker), UTC, settings_file=settings_file, geometry=geometry, feed=feed
        )
        opened.append(desktop)
        desktop.start()
        return desktop

    yield open_desktop
    for desktop in opened:
        desktop.shut_down()
        desktop.deleteLater()
    qapp.setQuitOnLastWindowClosed(True)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a private message bus."""
    with subprocess.Popen(
        [
            "dbus-daemon",
            "--session",
            "--nofork",
            "--print-address",
            f"--address=unix:dir={tmp_path}",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
            yield address
        finally:
            daemon.terminate()

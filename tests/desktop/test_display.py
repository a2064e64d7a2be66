from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

import pytest

from spendlight.desktop import display
from spendlight.desktop.display import platform_words, why_no_display

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no displays")


def test_without_a_display_the_reason_is_one_sentence() -> None:
    assert (
        why_no_display({}, "linux")
        == "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."
    )


def test_without_a_display_missing_libraries_are_not_mentioned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtWidgets", None)

    reason = why_no_display({}, "linux")

    assert reason is not None
    assert "Qt" not in reason


@linux_only
def test_a_display_that_cannot_be_reached_is_named() -> None:
    assert why_no_display({"DISPLAY": ":4711"}, "linux") == "The display :4711 cannot be reached."


@linux_only
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "CURSOR_LIBRARY", "libnowhere.so.0")

    reason = why_no_display({"DISPLAY": ":0"}, "linux")

    assert reason is not None
    assert "libnowhere.so.0" in reason
    assert "apt install libxcb-cursor0" in reason


def test_qt_that_cannot_be_loaded_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtWidgets", None)

    reason = why_no_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")

    assert reason is not None
    assert reason.startswith("Qt cannot be loaded: ")


@linux_only
def test_a_wayland_compositor_that_answers_is_a_display() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="sl-") as folder,
        socket.socket(socket.AF_UNIX) as compositor,
    ):
        compositor.bind(str(Path(folder, "wayland-7")))
        compositor.listen()
        environ = {"XDG_RUNTIME_DIR": folder, "WAYLAND_DISPLAY": "wayland-7"}

        assert why_no_display(environ, "linux") is None


@linux_only
def test_a_missing_wayland_compositor_is_not_a_display() -> None:
    environ = {"XDG_RUNTIME_DIR": "/nowhere", "WAYLAND_DISPLAY": "wayland-7"}

    assert why_no_display(environ, "linux") == "The display wayland-7 cannot be reached."


@pytest.mark.parametrize(
    ("environ", "platform"),
    [({"QT_QPA_PLATFORM": "offscreen"}, "linux"), ({}, "win32"), ({}, "darwin")],
)
def test_a_platform_without_a_display_needs_none(environ: dict[str, str], platform: str) -> None:
    assert why_no_display(environ, platform) is None


@pytest.mark.parametrize("named", ["wayland", "xcb:foo", "nosuch", "wayland;nosuch"])
def test_qt_tries_other_platforms_than_the_named_one(named: str) -> None:
    environ = {"QT_QPA_PLATFORM": named}

    assert platform_words(environ, "linux") == ["-platform", f"{named};wayland;xcb"]
    assert why_no_display(environ, "linux") == why_no_display({}, "linux")


@pytest.mark.parametrize("named", ["offscreen", "vnc:size=1x1", "linuxfb;xcb", ""])
def test_a_platform_without_a_display_is_left_unchanged(named: str) -> None:
    assert platform_words({"QT_QPA_PLATFORM": named}, "linux") == []


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_have_a_single_platform(platform: str) -> None:
    assert platform_words({"QT_QPA_PLATFORM": "xcb"}, platform) == []

"""Checks whether windows can be shown, before Qt is started.

Without a display Qt aborts the process. So the display is tried first, without Qt.
"""

from __future__ import annotations

import ctypes
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

XCB_LIBRARY = "libxcb.so.1"
CURSOR_LIBRARY = "libxcb-cursor.so.0"
"""A library that Qt's X11 plugin needs and no wheel contains; the one most often missing."""

LOADER_HINT = (
    "On Debian and Ubuntu: apt install libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3"
)


_PLATFORM: Final = "QT_QPA_PLATFORM"

_WITHOUT_DISPLAY: Final = frozenset(
    {"offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay"}
)
"""Qt's platforms that show nothing, or need neither X11 nor Wayland."""


def why_no_display(environ: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return why no window can be shown, as a sentence for the user; None if one can.

    Args:
        environ: The environment that Qt will see.
        platform: The value of ``sys.platform``.
    """
    needs_display = _needs_display(environ, platform)
    if needs_display and not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        return "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."
    try:
        import PySide6.QtWidgets  # noqa: F401  # its libraries may be missing
    except ImportError as error:
        return f"Qt cannot be loaded: {error}. {LOADER_HINT}."
    if not needs_display or _has_wayland(environ):
        return None
    display = environ.get("DISPLAY", "")
    if not display:
        return f"The display {environ.get('WAYLAND_DISPLAY')} cannot be reached."
    return _why_no_x(display)


def platform_words(environ: Mapping[str, str], platform: str = sys.platform) -> list[str]:
    """Return Qt's command-line arguments for its platform.

    Users set one for all programs, and Qt aborts if it is not available: Wayland in an X11 session,
    or a plugin that is not installed. So the available ones are added as alternatives.

    Args:
        environ: The environment that Qt will see.
        platform: The value of ``sys.platform``.
    """
    named = environ.get(_PLATFORM, "")
    if not named or not _needs_display(environ, platform):
        return []
    return ["-platform", f"{named};wayland;xcb"]


def _needs_display(environ: Mapping[str, str], platform: str) -> bool:
    named = {one.partition(":")[0] for one in environ.get(_PLATFORM, "").split(";")}
    return platform not in ("win32", "darwin") and not named & _WITHOUT_DISPLAY


def _has_wayland(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    address = Path(environ.get("XDG_RUNTIME_DIR", "/"), name)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(address))
        except OSError:
            return False
    return True


def _why_no_x(display: str) -> str | None:
    try:
        xcb = ctypes.CDLL(XCB_LIBRARY)
        ctypes.CDLL(CURSOR_LIBRARY)
    except OSError as error:
        return (
            f"Qt needs a library that is not installed: {error}. "
            "On Debian and Ubuntu: apt install libxcb-cursor0."
        )
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    has_error = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return f"The display {display} cannot be reached." if has_error else None

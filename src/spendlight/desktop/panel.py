"""Whether the taskbar of Windows is light, which is a separate setting from that of windows."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

log = logging.getLogger(__name__)

THEME_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
LIGHT_VALUE: Final = "SystemUsesLightTheme"
"""The taskbar's; the windows' is ``AppsUseLightTheme``, which Qt follows."""

_NOTIFY_LAST_SET: Final = 4


class ThemeKey(Protocol):
    """The registry key that says whether the taskbar is light.

    Attributes:
        event: Set by the system once when the key has changed after `arm`.
    """

    event: int

    def is_light(self) -> bool | None:
        """Return its value; None if there is none."""
        ...

    def arm(self) -> None:
        """Have the event set at the next change."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class EventNotifier(Protocol):
    """Emits a signal in the event loop when an event was set."""

    @property
    def activated(self) -> SignalInstance:
        """The signal."""
        ...

    def setEnabled(self, enabled: bool) -> None:  # noqa: FBT001  # Qt's signature
        """Start or stop listening."""
        ...


class TaskbarTheme(QObject):
    """Follows the colour of the taskbar, without polling.

    Attributes:
        is_light: Whether it is light; None if unknown.

    Signals:
        changed: It has changed.
    """

    changed = Signal()

    def __init__(
        self,
        key: ThemeKey | None,
        make_notifier: Callable[[int], EventNotifier] | None,
        parent: QObject | None = None,
    ) -> None:
        """Start following.

        Args:
            key: The registry key; None on systems without one.
            make_notifier: Listens to an event.
            parent: The owner.
        """
        super().__init__(parent)
        self._key = key
        self.is_light: bool | None = None
        self._notifier: EventNotifier | None = None
        if key is None or make_notifier is None:
            return
        self._notifier = make_notifier(key.event)
        self._notifier.activated.connect(self._on_event)
        key.arm()
        self.is_light = key.is_light()

    def shut_down(self) -> None:
        """Stop following."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        if self._key is not None:
            self._key.close()
            self._key = None

    def _on_event(self) -> None:
        if self._key is None:
            return
        self._key.arm()  # before reading, so that no change is missed
        is_light = self._key.is_light()
        if is_light != self.is_light:
            self.is_light = is_light
            self.changed.emit()


def taskbar_theme(parent: QObject | None = None, platform: str = sys.platform) -> TaskbarTheme:
    """Return the theme of this system's taskbar; always unknown except on Windows."""
    if platform == "win32":
        try:
            return TaskbarTheme(WindowsThemeKey(), _event_notifier, parent)
        except (OSError, ImportError) as error:
            log.warning("The taskbar's colour cannot be followed: %s", error)
    return TaskbarTheme(None, None, parent)


def _event_notifier(event: int) -> EventNotifier:
    from PySide6 import QtCore  # only Windows has this class

    notifier: EventNotifier = QtCore.QWinEventNotifier(event)  # type: ignore[attr-defined]
    return notifier


class WindowsThemeKey:
    """The real registry of the user.

    Attributes:
        event: Set by the system when the key has changed.
    """

    def __init__(self, registry: Any = None, libraries: Any = None) -> None:  # noqa: ANN401  # modules
        """Open it.

        Args:
            registry: The module ``winreg``.
            libraries: Windows' libraries, like ``ctypes.windll``.

        Raises:
            OSError: If there is no such key.
            ImportError: If this is not Windows.
        """
        import ctypes
        import importlib

        self._registry = registry or importlib.import_module("winreg")
        self._windows = libraries or ctypes.windll  # type: ignore[attr-defined]
        self._key = self._registry.OpenKey(
            self._registry.HKEY_CURRENT_USER, THEME_KEY, 0, self._registry.KEY_READ
        )
        make_event = self._windows.kernel32.CreateEventW
        make_event.restype = ctypes.c_void_p
        self.event: int = make_event(None, False, False, None)  # noqa: FBT003  # a parameter of Windows

    def is_light(self) -> bool | None:
        """Return its value; None if there is none."""
        try:
            value, _ = self._registry.QueryValueEx(self._key, LIGHT_VALUE)
        except OSError:
            return None
        return bool(value)

    def arm(self) -> None:
        """Have the event set at the next change."""
        import ctypes

        self._windows.advapi32.RegNotifyChangeKeyValue(
            ctypes.c_void_p(int(self._key)),
            False,  # noqa: FBT003  # a parameter of Windows
            _NOTIFY_LAST_SET,
            ctypes.c_void_p(self.event),
            True,  # noqa: FBT003  # a parameter of Windows
        )

    def close(self) -> None:
        """Release everything."""
        import ctypes

        self._registry.CloseKey(self._key)
        self._windows.kernel32.CloseHandle(ctypes.c_void_p(self.event))

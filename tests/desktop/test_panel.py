from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from spendlight.desktop.panel import (
    LIGHT_VALUE,
    THEME_KEY,
    TaskbarTheme,
    WindowsThemeKey,
    taskbar_theme,
)


class FakeNotifier(QObject):
    activated = Signal()

    def __init__(self, event: int) -> None:
        super().__init__()
        self.number = event
        self.is_enabled = True

    def setEnabled(self, enabled: bool) -> None:  # noqa: FBT001  # as Qt has it
        self.is_enabled = enabled


class FakeKey:
    event = 7

    def __init__(self, *, is_light: bool | None) -> None:
        self.says = is_light
        self.steps: list[str] = []

    def is_light(self) -> bool | None:
        self.steps.append("read")
        return self.says

    def arm(self) -> None:
        self.steps.append("arm")

    def close(self) -> None:
        self.steps.append("close")


def followed(key: FakeKey) -> tuple[TaskbarTheme, FakeNotifier]:
    made: list[FakeNotifier] = []

    def make(event: int) -> FakeNotifier:
        made.append(FakeNotifier(event))
        return made[0]

    return TaskbarTheme(key, make), made[0] if made else FakeNotifier(0)


@pytest.mark.parametrize("is_light", [True, False, None])
def test_the_panels_colour_is_known_from_the_start(qtbot: QtBot, is_light: bool | None) -> None:  # noqa: ARG001, FBT001  # makes the app; a parameter
    theme, notifier = followed(FakeKey(is_light=is_light))

    assert theme.is_light is is_light
    assert notifier.number == FakeKey.event


def test_each_change_of_the_colour_is_reported_at_once(qtbot: QtBot) -> None:
    key = FakeKey(is_light=False)
    theme, notifier = followed(key)

    for says in (True, False):
        key.says = says
        with qtbot.waitSignal(theme.changed):
            notifier.activated.emit()
        assert theme.is_light is says


def test_another_value_of_the_key_changes_nothing(qtbot: QtBot) -> None:
    theme, notifier = followed(FakeKey(is_light=True))

    with qtbot.assertNotEmitted(theme.changed):
        notifier.activated.emit()


def test_no_change_between_two_checks_is_missed(qtbot: QtBot) -> None:  # noqa: ARG001  # makes the app
    key = FakeKey(is_light=True)
    _, notifier = followed(key)

    notifier.activated.emit()

    assert key.steps == ["arm", "read", "arm", "read"]


def test_all_handles_are_closed_at_the_end(qtbot: QtBot) -> None:
    key = FakeKey(is_light=True)
    theme, notifier = followed(key)

    theme.shut_down()
    theme.shut_down()

    assert key.steps[-1] == "close"
    assert key.steps.count("close") == 1
    assert not notifier.is_enabled
    with qtbot.assertNotEmitted(theme.changed):
        notifier.activated.emit()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_on_other_systems_the_colour_is_unknown(qtbot: QtBot, platform: str) -> None:  # noqa: ARG001  # makes the app
    theme = taskbar_theme(platform=platform)  # "win32" without its registry

    assert theme.is_light is None
    theme.shut_down()


class FakeWindows:
    """The functions of Windows that are used."""

    HKEY_CURRENT_USER = 1
    KEY_READ = 2

    def __init__(self, value: int | None) -> None:
        self.value = value
        self.calls: list[tuple[object, ...]] = []
        self.kernel32 = SimpleNamespace(CreateEventW=self._create_event, CloseHandle=self._close)
        self.advapi32 = SimpleNamespace(RegNotifyChangeKeyValue=self._notify)

    def OpenKey(self, root: int, name: str, _: int, access: int) -> int:
        assert (root, name, access) == (1, THEME_KEY, 2)
        return 40

    def QueryValueEx(self, key: int, name: str) -> tuple[int, int]:
        assert (key, name) == (40, LIGHT_VALUE)
        if self.value is None:
            raise FileNotFoundError
        return self.value, 4

    def CloseKey(self, key: int) -> None:
        self.calls.append(("close key", key))

    @staticmethod
    def _create_event(*_: object) -> int:
        return 50

    def _close(self, handle: object) -> None:
        self.calls.append(("close event", getattr(handle, "value", None)))

    def _notify(
        self,
        key: object,
        is_deep: bool,  # noqa: FBT001  # as Windows has it
        wanted: int,
        event: object,
        is_asynchronous: bool,  # noqa: FBT001  # as Windows has it
    ) -> None:
        assert (is_deep, wanted, is_asynchronous) == (False, 4, True)
        self.calls.append(("notify", getattr(key, "value", None), getattr(event, "value", None)))


@pytest.mark.parametrize(("value", "is_light"), [(1, True), (0, False), (None, None)])
def test_the_registry_says_whether_the_taskbar_is_light(
    value: int | None,
    is_light: bool | None,  # noqa: FBT001  # a parameter
) -> None:
    windows = FakeWindows(value)

    assert WindowsThemeKey(windows, windows).is_light() is is_light


def test_windows_is_asked_to_report_the_next_change() -> None:
    windows = FakeWindows(1)
    key = WindowsThemeKey(windows, windows)

    key.arm()
    key.close()

    assert key.event == 50
    assert windows.calls == [("notify", 40, 50), ("close key", 40), ("close event", 50)]

"""Newer versions as the user sees them: a row in the menu and one notification."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.desktop.makers import FakeTracker
from tests.desktop.notification_daemon import NotificationDaemon

from spendlight import __version__
from spendlight.build import REPOSITORY
from spendlight.desktop.app import Desktop, update_desk
from spendlight.desktop.app.update_desk import UpdateDesk
from spendlight.desktop.door import Door
from spendlight.desktop.notifications import Notifier
from spendlight.desktop.tray import Mute
from spendlight.desktop.workers import TaskPool
from spendlight.errands import ErrandError
from spendlight.metering.budgets import AlertPolicy
from spendlight.settings import Settings
from spendlight.updates import kept
from spendlight.updates.kept import Known
from spendlight.updates.lookout import Lookout
from spendlight.updates.releases import read_release

PAGE = f"{REPOSITORY}/releases/tag/v99.0.0"
ROW = "Version 99.0.0 is available"


class Bell(Notifier):
    """Records the notifications."""

    def __init__(self) -> None:
        super().__init__(lambda *_: None, has_service=False)
        self.told: list[tuple[str, str, str, bool]] = []

    def notify(  # noqa: PLR0913  # as its base
        self,
        key: str,
        title: str,
        body: str,
        *,
        is_critical: bool,
        replaces_key: str = "",
        button: str = "",
        can_mute: bool = True,
    ) -> None:
        assert (key, replaces_key) == ("update", "update")
        assert not is_critical
        self.told.append((title, body, button, can_mute))


class Looks:
    """A fake of the process that checks for updates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.tag = "v99.0.0"
        self.notes = "• Faster"

    def __call__(self) -> None:
        self.count += 1
        self.note()

    def note(self) -> None:
        """Store the result of a check."""
        now = datetime.now(UTC)
        self.folder.mkdir(parents=True, exist_ok=True)
        kept.write(self.folder, Known(read_release(self.tag, self.notes), now, now))


class World(QObject):
    """The environment of the part under test."""

    rows = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.looks = Looks(folder)
        self.bell = Bell()
        self.pool = TaskPool(1, self)
        self.may_tell = True
        self.row = ""

    def desk(self, *, is_usual: bool = True, may_look: bool = True) -> UpdateDesk:
        apart = self.looks if may_look else None
        lookout = Lookout(self.looks.folder, apart, is_usual=is_usual)
        desk = UpdateDesk(lookout, self.bell, self.pool, lambda: self.may_tell, self)
        desk.found.connect(self.show)
        desk.begin()
        return desk

    def show(self, row: str) -> None:
        self.row = row
        self.rows.emit(row)


@pytest.fixture
def world(qapp: QApplication, tmp_path: Path) -> Iterator[World]:  # noqa: ARG001  # needs an application
    world = World(tmp_path / "updates")
    yield world
    world.pool.shut_down()
    shiboken6.delete(world)  # otherwise the garbage collector does, on any thread


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened in the browser."""
    pages: list[str] = []

    def open_url(url: QUrl) -> bool:
        pages.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return pages


def settle(qtbot: QtBot, world: World) -> None:
    """Wait until the pool has finished its tasks."""
    done: list[object] = []
    world.pool.run(lambda: None, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))
    world.pool.run(lambda: None, done.append, done.append)
    qtbot.waitUntil(lambda: len(done) == 2)


def test_a_newer_version_is_shown_and_announced_once(qtbot: QtBot, world: World) -> None:
    desk = world.desk()
    desk.obey(Settings())

    desk.look()
    settle(qtbot, world)
    desk.look()
    settle(qtbot, world)

    assert world.row == ROW
    assert world.looks.count == 1
    assert world.bell.told == [
        ("Spendlight 99.0.0 is available", "• Faster", "Release notes", False)
    ]


def test_after_a_restart_it_is_shown_again_and_not_announced(qtbot: QtBot, world: World) -> None:
    first = world.desk()
    first.obey(Settings())
    first.look()
    settle(qtbot, world)
    world.row = ""

    again = world.desk()
    again.obey(Settings())
    again.look()
    settle(qtbot, world)

    assert world.row == ROW
    assert len(world.bell.told) == 1


def test_at_the_start_a_known_version_is_shown_without_a_check(qtbot: QtBot, world: World) -> None:
    world.looks.note()

    world.desk().obey(Settings())
    settle(qtbot, world)

    assert world.row == ROW
    assert (world.looks.count, world.bell.told) == (0, [])


def test_nothing_is_read_before_the_first_pass_has_ended(qtbot: QtBot, world: World) -> None:
    world.looks.note()
    lookout = Lookout(world.looks.folder, world.looks)
    desk = UpdateDesk(lookout, world.bell, world.pool, lambda: True, world)
    desk.found.connect(world.show)
    desk.obey(Settings())
    settle(qtbot, world)
    assert world.row == ""

    desk.begin()
    settle(qtbot, world)
    assert world.row == ROW


def test_it_checks_after_the_delay(
    qtbot: QtBot, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_desk, "SETTLE_MS", 1)

    world.desk().obey(Settings())

    qtbot.waitUntil(lambda: len(world.bell.told) == 1)


@pytest.mark.parametrize("tag", [f"v{__version__}", "v0.0.1"])
def test_the_same_or_an_older_version_is_not_announced(
    qtbot: QtBot, world: World, tag: str
) -> None:
    world.looks.tag = tag
    desk = world.desk()
    desk.obey(Settings())

    desk.look()
    settle(qtbot, world)

    assert (world.row, world.bell.told, world.looks.count) == ("", [], 1)


def test_an_announcement_waits_until_notifications_are_allowed(qtbot: QtBot, world: World) -> None:
    world.may_tell = False
    desk = world.desk()
    desk.obey(Settings())
    desk.look()
    settle(qtbot, world)
    assert (world.row, world.bell.told) == (ROW, [])

    world.may_tell = True
    desk.look()
    settle(qtbot, world)

    assert len(world.bell.told) == 1


@pytest.mark.parametrize(
    ("settings", "is_usual", "looks"),
    [
        (Settings(), True, True),
        (Settings(), False, False),
        (Settings(check_for_updates=True), False, True),
        (Settings(check_for_updates=False), True, False),
        (Settings(check_for_updates=True, is_offline=True), True, False),
    ],
)
def test_it_checks_if_that_is_enabled(
    qtbot: QtBot, world: World, settings: Settings, *, is_usual: bool, looks: bool
) -> None:
    desk = world.desk(is_usual=is_usual)
    desk.obey(settings)

    desk.look()
    settle(qtbot, world)

    assert world.looks.count == looks
    assert (world.row == ROW) is looks


def test_offline_it_neither_checks_nor_shows(qtbot: QtBot, world: World) -> None:
    world.looks.note()
    desk = world.desk(may_look=False)
    desk.obey(Settings())

    desk.look()
    settle(qtbot, world)

    assert (world.looks.count, world.row, world.bell.told) == (0, "", [])


def test_disabling_it_hides_the_row_and_enabling_it_shows_it_again(
    qtbot: QtBot, world: World
) -> None:
    world.looks.note()
    desk = world.desk()
    desk.obey(Settings())
    settle(qtbot, world)

    desk.obey(Settings(check_for_updates=False))
    assert world.row == ""

    desk.obey(Settings(check_for_updates=True))
    settle(qtbot, world)
    assert world.row == ROW


def test_a_process_that_cannot_be_started_causes_no_warning(
    qtbot: QtBot, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ErrandError

    lookout = Lookout(world.looks.folder, fail)
    desk = UpdateDesk(lookout, world.bell, world.pool, lambda: True, world)
    desk.obey(Settings())

    desk.look()
    settle(qtbot, world)

    assert world.bell.told == []
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


def test_a_click_opens_the_page_of_the_release(
    qtbot: QtBot, world: World, opened: list[str]
) -> None:
    desk = world.desk()
    desk.open_notes()
    desk.obey(Settings())
    desk.look()
    settle(qtbot, world)

    world.bell.activated.emit("another")
    assert opened == []
    world.bell.activated.emit("update")
    desk.open_notes()

    assert opened == [PAGE, PAGE]


def test_long_notes_are_shortened_and_missing_ones_replaced(qtbot: QtBot, world: World) -> None:
    for tag, notes in (("v99.0.0", "word " * 300), ("v99.1.0", "")):
        world.looks.tag, world.looks.notes = tag, notes
        world.looks.note()
        desk = world.desk()
        desk.obey(Settings())
        desk.look()
        settle(qtbot, world)

    (_, long, *_), (_, none, *_) = world.bell.told
    assert len(long) <= 240
    assert long.endswith("word…")
    assert none == f"You have version {__version__}."


@pytest.mark.linux_programs("dbus-daemon")
def test_in_the_tray_a_row_and_a_notification_open_the_release_notes(  # noqa: PLR0913, PLR0917  # all of it
    qtbot: QtBot,
    qapp: QApplication,
    tracker: FakeTracker,
    world: World,
    opened: list[str],
    bus: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(update_desk, "SETTLE_MS", 1)
    monkeypatch.setattr(update_desk, "AGAIN_MS", 20)
    world.looks.notes = "• <b>Faster</b> & smaller"
    quiet = Settings(alerts=AlertPolicy(quiet_from=time(0), quiet_until=time(23, 59, 59, 999_999)))
    lookout = Lookout(world.looks.folder, world.looks)
    with NotificationDaemon(bus, ("actions", "body", "body-markup")) as daemon:
        desktop = Desktop(qapp, Door(tracker.as_tracker), UTC, lookout=lookout)
        try:
            desktop.use_settings(quiet)
            desktop.start()
            row = desktop.tray.menu.actions()[-3]
            qtbot.waitUntil(row.isVisible)
            assert row.text() == ROW
            desktop.tray.mute_requested.emit(Mute.HOUR)
            qtbot.waitUntil(lambda: tracker.silent_until is not None)
            desktop.use_settings(Settings())
            assert daemon.shown == []
            desktop.tray.mute_requested.emit(Mute.NOT)

            qtbot.waitUntil(lambda: len(daemon.shown) == 1)
            (shown,) = daemon.shown
            assert shown.title == "Spendlight 99.0.0 is available"
            assert shown.body == "• &lt;b&gt;Faster&lt;/b&gt; &amp; smaller"
            assert shown.actions == ["default", "Release notes"]
            daemon.click(shown.number, "default")
            qtbot.waitUntil(lambda: opened == [PAGE])
            row.trigger()
            assert opened == [PAGE, PAGE]
        finally:
            desktop.shut_down()
            desktop.deleteLater()
            qapp.setQuitOnLastWindowClosed(True)

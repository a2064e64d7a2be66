from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import url2pathname

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.notification_daemon import NotificationDaemon

from spendlight.desktop.notifications import Notifier

pytestmark = pytest.mark.linux_programs("dbus-daemon")

Notify = Callable[..., Notifier]


class Fallback:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str, bool]] = []

    def __call__(self, title: str, body: str, is_critical: bool) -> None:  # noqa: FBT001  # a callback
        self.shown.append((title, body, is_critical))


@pytest.fixture
def fallback() -> Fallback:
    return Fallback()


@pytest.fixture
def notifier(qtbot: QtBot, fallback: Fallback) -> Iterator[Notifier]:  # noqa: ARG001  # makes the app
    notifier = Notifier(fallback, has_service=True)
    yield notifier
    notifier.shut_down()


def warn(notifier: Notifier, key: str = "k1", body: str = "Body") -> None:
    notifier.notify(key, "Title", body, is_critical=False, replaces_key="rule")


def test_the_service_shows_a_notification(qtbot: QtBot, bus: str, notifier: Notifier) -> None:
    with NotificationDaemon(bus) as daemon:
        notifier.notify("k1", "Block budget spent", "$5.00", is_critical=True)
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)

        (shown,) = daemon.shown
        assert (shown.title, shown.body, shown.urgency) == ("Block budget spent", "$5.00", 2)
        assert Path(url2pathname(shown.icon.removeprefix("file://"))).is_file()
        assert shown.actions == ["default", "Open", "mute", "Mute for 1 hour"]
        qtbot.waitUntil(lambda: notifier.delivery == "Notifications are shown by fake 1.2.")


@pytest.mark.parametrize(("action", "signal"), [("default", "activated"), ("mute", "muted")])
def test_the_users_action_is_reported(
    qtbot: QtBot, bus: str, notifier: Notifier, action: str, signal: str
) -> None:
    with NotificationDaemon(bus) as daemon:
        warn(notifier, "k7")
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)
        warn(notifier, "k8")
        qtbot.waitUntil(lambda: len(daemon.shown) == 2)

        with qtbot.waitSignal(getattr(notifier, signal)) as done:
            daemon.click(daemon.shown[-1].number, action)

        assert done.args == ["k8"]
        qtbot.waitUntil(lambda: daemon.closed == [daemon.shown[-1].number])


def test_a_click_that_arrives_together_with_the_reply_is_handled(
    qtbot: QtBot, bus: str, notifier: Notifier
) -> None:
    clicked: list[str] = []
    notifier.activated.connect(clicked.append)
    with NotificationDaemon(bus) as daemon:
        daemon.click_at_once()

        for key in map(str, range(20)):  # not every click is received together with the reply
            with qtbot.waitSignal(notifier.activated):
                warn(notifier, key)

    assert clicked == list(map(str, range(20)))


def test_a_newer_notification_replaces_the_older(
    qtbot: QtBot, bus: str, notifier: Notifier
) -> None:
    with NotificationDaemon(bus) as daemon:
        warn(notifier)
        warn(notifier)
        notifier.notify("other", "Title", "Body", is_critical=False, replaces_key="another")
        qtbot.waitUntil(lambda: len(daemon.shown) == 3)

        first, second, third = daemon.shown
        assert (second.replaces, third.replaces) == (first.number, 0)


@pytest.mark.parametrize(
    ("capabilities", "body"),
    [(("body", "body-markup"), "R&amp;D &lt;b&gt;"), (("body",), "R&D <b>")],
)
def test_markup_in_texts_is_shown_literally(
    qtbot: QtBot, bus: str, notifier: Notifier, capabilities: tuple[str, ...], body: str
) -> None:
    with NotificationDaemon(bus, capabilities) as daemon:
        warn(notifier, body="R&D <b>")
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)

        assert daemon.shown[0].body == body
        assert daemon.shown[0].actions == []


def test_a_restarted_service_is_used(
    qtbot: QtBot, bus: str, notifier: Notifier, fallback: Fallback
) -> None:
    with NotificationDaemon(bus) as daemon:
        warn(notifier)
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)
    warn(notifier)
    qtbot.waitUntil(lambda: len(fallback.shown) == 1)
    assert notifier.delivery == "No notification service is running, so the tray icon shows them."

    with NotificationDaemon(bus) as daemon:
        warn(notifier)
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)
        assert daemon.shown[0].replaces == 0


def test_without_a_bus_the_tray_shows_them(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, notifier: Notifier, fallback: Fallback
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")

    notifier.notify("k1", "Title", "Body", is_critical=True)

    qtbot.waitUntil(lambda: fallback.shown == [("Title", "Body", True)])
    with qtbot.waitSignal(notifier.activated) as done:
        notifier.message_clicked()
    assert done.args == ["k1"]


def test_systems_without_a_service_use_the_fallback(fallback: Fallback) -> None:
    notifier = Notifier(fallback, has_service=False)

    notifier.send_test()

    assert fallback.shown[0][0] == "Notifications work"


def test_a_hanging_service_does_not_delay_the_end(
    qtbot: QtBot, bus: str, notifier: Notifier
) -> None:
    with NotificationDaemon(bus) as daemon:
        warn(notifier)
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)
        daemon.hang()
        warn(notifier)

        begun = time.monotonic()
        notifier.shut_down()

        assert time.monotonic() - begun < 2


def test_no_thread_runs_before_the_first_notification(
    qtbot: QtBot, bus: str, notifier: Notifier
) -> None:
    with NotificationDaemon(bus) as daemon:
        warn(notifier)
        qtbot.waitUntil(lambda: len(daemon.shown) == 1)
        thread = next(one for one in threading.enumerate() if one.name == "notifications")
        status = Path(f"/proc/self/task/{thread.native_id}/status")

        def switches() -> str:
            return status.read_text().partition("voluntary_ctxt_switches:")[2].split()[0]

        qtbot.waitUntil(lambda: "State:\tS" in status.read_text())
        before = switches()
        qtbot.wait(300)  # anything periodic would run in this time

        assert switches() == before

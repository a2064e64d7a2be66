"""Notifications as a real service shows them."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.sessions import NEEDED, Session, desktop_session

from spendlight.desktop.notifications import Notifier

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.linux_programs(*NEEDED, "dunst", "dunstctl"),
]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    with (
        tempfile.TemporaryDirectory(prefix="sl-") as folder,
        desktop_session(Path(folder)) as session,
    ):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.bus)
        yield session


@pytest.fixture
def dunst(session: Session) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        ["dunst"], env=session.environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        yield process
        process.terminate()


@pytest.fixture
def notifier(qtbot: QtBot) -> Iterator[Notifier]:  # noqa: ARG001  # makes the app
    notifier = Notifier(lambda *_: None, has_service=True)
    yield notifier
    notifier.shut_down()


def ask(session: Session, *words: str) -> str:
    """Return the service's output."""
    done = subprocess.run(
        ["dunstctl", *words], env=session.environ, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def history(session: Session) -> list[dict[str, str]]:
    """Return the closed notifications, the latest first."""
    ask(session, "close-all")
    entries: list[dict[str, Any]] = json.loads(ask(session, "history"))["data"][0]
    return [{name: str(value["data"]) for name, value in entry.items()} for entry in entries]


@pytest.mark.usefixtures("dunst")
def test_a_notification_is_shown_with_its_text_and_a_click_is_reported(
    qtbot: QtBot, session: Session, notifier: Notifier
) -> None:
    qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "0")

    notifier.notify("k1", "Block budget: 84 % used", "$4.20 of $5.00 <R&D>", is_critical=True)
    qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "1")
    assert "dunst" in notifier.delivery

    with qtbot.waitSignal(notifier.activated) as clicked:
        ask(session, "action", "0")
    assert clicked.args == ["k1"]
    qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "0")

    (shown,) = history(session)
    assert shown["summary"] == "Block budget: 84 % used"
    assert shown["body"] == "$4.20 of $5.00 &lt;R&amp;D&gt;"  # as it came; shown as text
    assert shown["appname"] == "Spendlight"


@pytest.mark.usefixtures("dunst")
def test_a_newer_notification_replaces_the_older(
    qtbot: QtBot, session: Session, notifier: Notifier
) -> None:
    qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "0")

    for percent in (80, 100):
        text = f"{percent} % used"
        notifier.notify(text, "Block budget", text, is_critical=True, replaces_key="block")
    notifier.send_test()

    qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "2")
    assert {shown["body"] for shown in history(session)} == {
        "100 % used",
        "Alerts about your budgets will look like this.",
    }


def test_a_service_started_later_is_found(
    qtbot: QtBot, session: Session, notifier: Notifier
) -> None:
    notifier.send_test()
    qtbot.waitUntil(lambda: notifier.delivery.startswith("No notification service is running, so"))

    with subprocess.Popen(
        ["dunst"], env=session.environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "0")
        notifier.send_test()
        qtbot.waitUntil(lambda: ask(session, "count", "displayed") == "1")
        assert notifier.delivery.startswith("Notifications are shown by dunst")
        process.terminate()

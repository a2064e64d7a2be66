from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from spendlight.desktop.waking import INTERFACE, MEMBER, OBJECT_PATH, SERVICE, Waking, system_bus

dbus_fast = pytest.importorskip("dbus_fast", reason="dbus-fast is for Linux only")
from dbus_fast import Message, MessageType  # noqa: E402  # may be missing
from dbus_fast.aio import MessageBus  # noqa: E402  # may be missing

pytestmark = pytest.mark.linux_programs("dbus-daemon")

NAME = "spendlight-test-system"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a private message bus."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(
        [*command, f"--address=unix:dir={tmp_path}"], stdout=subprocess.PIPE, text=True
    ) as daemon:
        try:
            assert daemon.stdout is not None
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@pytest.fixture
def waking(qtbot: QtBot, address: str) -> Iterator[Waking]:  # noqa: ARG001  # makes the app
    waking = Waking(QDBusConnection.connectToBus(address, NAME))
    yield waking
    waking.shut_down()
    QDBusConnection.disconnectFromBus(NAME)


def say(address: str, *, begins: bool, name: str = SERVICE) -> None:
    """Send the signal of the system before it sleeps or after."""

    async def speak() -> None:
        bus = await MessageBus(address).connect()
        await bus.request_name(name)
        signal = Message(
            message_type=MessageType.SIGNAL,
            path=OBJECT_PATH,
            interface=INTERFACE,
            member=MEMBER,
            signature="b",
            body=[begins],
        )
        await bus.send(signal)
        bus.disconnect()

    asyncio.run(speak())


def test_waking_up_is_reported(qtbot: QtBot, waking: Waking, address: str) -> None:
    with qtbot.assertNotEmitted(waking.woken, wait=200):
        say(address, begins=True)

    with qtbot.waitSignal(waking.woken):
        say(address, begins=False)


def test_only_signals_of_the_system_are_accepted(
    qtbot: QtBot, waking: Waking, address: str
) -> None:
    with qtbot.assertNotEmitted(waking.woken, wait=200):
        say(address, begins=False, name="org.example.Somebody")


def test_after_the_end_nothing_is_reported(qtbot: QtBot, waking: Waking, address: str) -> None:
    waking.shut_down()

    with qtbot.assertNotEmitted(waking.woken, wait=200):
        say(address, begins=False)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_not_asked(qtbot: QtBot, platform: str) -> None:
    waking = Waking(system_bus(platform))

    with qtbot.assertNotEmitted(waking.woken):
        waking.shut_down()

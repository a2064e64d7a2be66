from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from spendlight.desktop.single_instance.doorbell import (
    Doorbell,
    PipeDoorbell,
    SocketDoorbell,
    ring_pipe,
    ring_socket,
)

pytestmark = pytest.mark.slow  # starts processes

Kind = tuple[Callable[[], Doorbell], Callable[[str], bool]]


@pytest.fixture(
    params=[
        pytest.param(
            (SocketDoorbell, ring_socket),
            marks=pytest.mark.skipif(sys.platform == "win32", reason="there is no such socket"),
        ),
        (PipeDoorbell, ring_pipe),
    ],
    ids=["socket", "pipe"],
)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
def address() -> Iterator[str]:
    """Return a short name, as that of a socket is limited to about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        yield str(Path(folder, "bell"))


def answers(
    qtbot: QtBot, ring: Callable[[str], bool], address: str, times: int = 1, word: str = "RING"
) -> list[str]:
    """Ring from another process while the event loop runs here."""
    code = f"from spendlight.desktop.single_instance.doorbell import *\nfor _ in range({times}):"
    code += f" print({ring.__name__}({address!r}, {word}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        qtbot.waitUntil(lambda: other.poll() is not None, timeout=20_000)
        assert other.stdout is not None
        return other.stdout.read().split()


def test_every_ring_is_answered(qtbot: QtBot, kind: Kind, address: str) -> None:
    make, ring = kind
    doorbell = make()
    rung: list[int] = []
    doorbell.rung.connect(lambda: rung.append(1))
    doorbell.listen(address)

    assert answers(qtbot, ring, address, 3) == ["True"] * 3
    assert len(rung) == 3
    doorbell.close()


def test_a_request_to_quit_is_answered_without_raising_the_window(
    qtbot: QtBot, kind: Kind, address: str
) -> None:
    make, ring = kind
    doorbell = make()
    told: list[str] = []
    doorbell.rung.connect(lambda: told.append("rung"))
    doorbell.end_wanted.connect(lambda: told.append("end"))
    doorbell.listen(address)

    assert answers(qtbot, ring, address, word="END") == ["True"]
    assert told == ["end"]
    doorbell.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such socket")
def test_silent_callers_do_not_block_others(qtbot: QtBot, address: str) -> None:
    doorbell = SocketDoorbell()
    told: list[str] = []
    doorbell.rung.connect(lambda: told.append("rung"))
    doorbell.listen(address)
    with ExitStack() as silent:
        for _ in range(20):
            caller = silent.enter_context(socket.socket(socket.AF_UNIX))
            caller.connect(address)
            QCoreApplication.processEvents()
        caller.send(b"nonsense")

        assert answers(qtbot, ring_socket, address) == ["True"]

    assert told == ["rung"]
    doorbell.close()


def test_without_a_listener_there_is_no_answer(qtbot: QtBot, kind: Kind, address: str) -> None:
    make, ring = kind
    assert not ring(address)
    doorbell = make()
    doorbell.listen(address)
    doorbell.close()

    assert answers(qtbot, ring, address) == ["False"]


def test_a_leftover_socket_does_no_harm(qtbot: QtBot, kind: Kind, address: str) -> None:
    make, ring = kind
    Path(address).touch()
    doorbell = make()

    doorbell.listen(address)

    assert answers(qtbot, ring, address) == ["True"]
    doorbell.close()


def test_a_failure_to_listen_is_reported(kind: Kind) -> None:
    make, _ = kind

    with pytest.raises(OSError, match=r"\w"):
        make().listen("/nowhere/at/all/bell")

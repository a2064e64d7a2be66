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
    """The name of a socket has room for some hundred letters."""
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        yield str(Path(folder, "bell"))


def answers(
    qtbot: QtBot, ring: Callable[[str], bool], address: str, times: int = 1, word: str = "RING"
) -> list[str]:
    """Ring as another process does, while the event loop runs here."""
    code = f"from spendlight.desktop.single_instance.doorbell import *\nfor _ in range({times}):"
    code += f" print({ring.__name__}({address!r}, {word}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        qtbot.waitUntil(lambda: other.poll() is not None, timeout=20_000)
        assert other.stdout is not None
        return other.stdout.read().split()


def test_whoever_rings_is_answered_each_time(qtbot: QtBot, kind: Kind, address: str) -> None:
    make, ring = kind
    doorbell = make()
    rung: list[int] = []
    doorbell.rung.connect(lambda: rung.append(1))
    doorbell.listen(address)

    assert answers(qtbot, ring, address, 3) == ["True"] * 3
    assert len(rung) == 3
    doorbell.close()


def test_whoever_wants_it_to_end_is_answered_and_raises_nothing(
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
def test_callers_who_say_nothing_keep_nobody_away(qtbot: QtBot, address: str) -> None:
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


def test_nobody_answers_where_nobody_listens(qtbot: QtBot, kind: Kind, address: str) -> None:
    make, ring = kind
    assert not ring(address)
    doorbell = make()
    doorbell.listen(address)
    doorbell.close()

    assert answers(qtbot, ring, address) == ["False"]


def test_what_was_left_behind_does_not_stand_in_the_way(
    qtbot: QtBot, kind: Kind, address: str
) -> None:
    make, ring = kind
    Path(address).touch()
    doorbell = make()

    doorbell.listen(address)

    assert answers(qtbot, ring, address) == ["True"]
    doorbell.close()


def test_where_it_cannot_listen_it_says_so(kind: Kind) -> None:
    make, _ = kind

    with pytest.raises(OSError, match=r"\w"):
        make().listen("/nowhere/at/all/bell")

"""A drive that is full, read-only or not there for a while costs nothing of what was counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.makers import line, write_log
from tests.tracker.worlds import World, causes, figures

from spendlight import paths
from spendlight.errors import LedgerUnusableError
from spendlight.tracker import safekeeping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts are made as Linux makes them"),
]


def mount(*words: str | Path) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


class Drive:
    """A small drive."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def fill(self) -> None:
        with suppress(OSError), (self.place / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def empty(self) -> None:
        (self.place / "filler").unlink()


@pytest.fixture
def drive(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    """A drive that the ledger is on."""
    monkeypatch.setattr(safekeeping, "RETRY_S", 0.0)
    place = world.place / "data"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=8m,mode=700", "none", place):
        pytest.skip("only root may mount a drive")
    yield Drive(place)
    subprocess.run(["umount", "-l", place], check=True)


def lines(name: str, count: int) -> list[bytes]:
    return [line(id=f"{name}{number}") for number in range(count)]


def test_a_drive_that_is_full_for_a_while(world: World, drive: Drive) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    drive.fill()
    gone = write_log(world.root, "p/gone.jsonl", *lines("b", 3_003))
    tray.refresh()
    assert causes(tray) == [LedgerUnusableError]
    assert "full" in tray.warnings[0].title
    before = figures(tray)
    gone.unlink()
    tray.refresh(only=frozenset())
    assert causes(tray) == [LedgerUnusableError]

    drive.empty()
    tray.refresh(only=frozenset())
    tray.close()

    assert tray.warnings == ()
    assert figures(world.tracker()) == before
    assert not any(place.exists() for place in paths.temporary_ledgers())


def test_a_drive_that_is_read_only_for_a_while(world: World, drive: Drive) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    world.read().close()
    assert mount("-o", "remount,ro", drive.place)
    gone = write_log(world.root, "p/gone.jsonl", line(id="b"))
    tray = world.read(is_long_lived=True)
    assert causes(tray) == [LedgerUnusableError]
    before = figures(tray)
    gone.unlink()

    assert mount("-o", "remount,rw", drive.place)
    tray.refresh(only=frozenset())
    tray.close()

    assert figures(world.read()) == before
    assert not any(place.exists() for place in paths.temporary_ledgers())

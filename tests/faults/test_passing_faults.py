"""A drive that is temporarily full, read-only or missing causes no loss."""

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

pytestmark = pytest.mark.slow


def mount(*words: str | Path) -> bool:
    """Mount a file system; this needs Linux and root."""
    if sys.platform != "linux":
        return False
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


class Drive:
    """A small drive; if none can be mounted, a folder that can be moved away."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.is_mounted = mount("-t", "tmpfs", "-o", "size=8m,mode=700", "none", place)

    def fill(self) -> None:
        if not self.is_mounted:
            self.take_away()
            return
        with suppress(OSError), (self.place / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass

    def empty(self) -> None:
        if not self.is_mounted:
            self.bring_back()
            return
        (self.place / "filler").unlink()

    def lock(self) -> None:
        if not self.is_mounted:
            self.take_away()
            return
        assert mount("-o", "remount,ro", self.place)

    def unlock(self) -> None:
        if not self.is_mounted:
            self.bring_back()
            return
        assert mount("-o", "remount,rw", self.place)

    def take_away(self) -> None:
        self.place.rename(self.place.with_name("elsewhere"))
        self.place.write_text("in the way")

    def bring_back(self) -> None:
        self.place.unlink()
        self.place.with_name("elsewhere").rename(self.place)

    def remove(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.place], check=True)


@pytest.fixture
def drive(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    """A drive that contains the ledger."""
    monkeypatch.setattr(safekeeping, "RETRY_S", 0.0)
    place = world.place / "data"
    place.mkdir()
    drive = Drive(place)
    yield drive
    drive.remove()


def lines(name: str, count: int) -> list[bytes]:
    return [line(id=f"{name}{number}") for number in range(count)]


def test_a_temporarily_full_drive_causes_no_loss(world: World, drive: Drive) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    tray = world.read(is_long_lived=True)
    drive.fill()
    gone = write_log(world.root, "p/gone.jsonl", *lines("b", 3_003))
    tray.refresh()
    assert causes(tray) == [LedgerUnusableError]
    assert "full" in tray.warnings[0].title or not drive.is_mounted
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


def test_a_temporarily_read_only_drive_causes_no_loss(world: World, drive: Drive) -> None:
    write_log(world.root, "p/s.jsonl", line(id="a"))
    world.read().close()
    drive.lock()
    gone = write_log(world.root, "p/gone.jsonl", line(id="b"))
    tray = world.read(is_long_lived=True)
    assert causes(tray) == [LedgerUnusableError]
    before = figures(tray)
    gone.unlink()

    drive.unlock()
    tray.refresh(only=frozenset())
    tray.close()

    assert figures(world.read()) == before
    assert not any(place.exists() for place in paths.temporary_ledgers())

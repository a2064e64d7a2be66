"""Checks as the tray makes them: in a separate process, with a real server on this machine."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.updates.server import Feed, Reply, reply

from spendlight.errands import ErrandError, Errands
from spendlight.updates.kept import Known
from spendlight.updates.looking import look_here
from spendlight.updates.lookout import LOOK, Lookout
from spendlight.updates.releases import Version


def lookout(feed: Feed, folder: Path, errands: Errands | None = None) -> Lookout:
    runner = errands or Errands()
    return Lookout(folder, lambda: runner.run(feed.command(folder), 60))


def test_a_separate_process_checks_once_a_day(feed: Feed, folder: Path) -> None:
    tray = lookout(feed, folder)
    assert tray.known() == Known()

    known = tray.look()

    assert known.latest is not None
    assert known.latest.version == Version(1, 2, 0)
    assert tray.look() == known
    assert len(feed.asked) == 1


def test_two_trays_check_once_and_announce_once(feed: Feed, folder: Path) -> None:
    trays = [lookout(feed, folder) for _ in range(2)]

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Lookout.look, trays))
    known = [tray.look().latest for tray in trays]

    assert len(feed.asked) == 1
    assert known[0] is not None
    assert known[0] == known[1]
    assert [tray.claim(known[0]) for tray in trays] == [True, False]
    assert not lookout(feed, folder).claim(known[0]), "after a restart"


def test_offline_updates_are_never_checked(feed: Feed, folder: Path) -> None:
    assert Lookout(folder, None).look() == Known()
    assert feed.asked == []


def test_a_process_that_cannot_be_started_is_no_failure(folder: Path) -> None:
    def fail() -> None:
        raise ErrandError

    assert Lookout(folder, fail).look() == Known()


def test_without_a_writable_folder_nothing_is_announced(feed: Feed, folder: Path) -> None:
    release = lookout(feed, folder).look().latest
    assert release is not None
    blocked = folder.parent / "file"
    blocked.touch()

    assert not Lookout(blocked, None).claim(release)


def test_a_failure_is_an_exit_code_without_a_traceback(feed: Feed, folder: Path) -> None:
    feed.replies = [Reply(200, b"<html>")]

    ended = subprocess.run(feed.command(folder), capture_output=True, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, b"", b"")


@pytest.mark.parametrize("words", [[], ["a", "b"]])
def test_it_takes_exactly_one_folder(words: list[str]) -> None:
    assert look_here(words) == 2


def test_the_internal_verb_is_not_listed() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "spendlight", "--help"], capture_output=True, text=True, check=True
    ).stdout

    assert LOOK not in help_text


def test_a_tray_that_ends_does_not_wait_for_a_check(feed: Feed, folder: Path) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        asked.set()
        goes_on.wait(20)

    feed.replies = [Reply(200, hang)]
    errands = Errands()
    with ThreadPoolExecutor(1) as threads:
        look = threads.submit(lookout(feed, folder, errands).look)
        assert asked.wait(20)
        errands.end()
        assert look.result(5) == Known()
    goes_on.set()
    feed.replies = [reply()]
    assert lookout(feed, folder, errands).look() == Known()
    assert len(feed.asked) == 1

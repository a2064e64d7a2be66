from __future__ import annotations

import errno
import io
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.makers import append, line, write_log

from spendlight.logs import watcher
from spendlight.logs.agent import LogRoot
from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.logs.watcher import WatchStop, watch_logs

PATIENCE_S = 20
"""Far more than needed, as a machine under load is slow."""


class Watching:
    """A watcher on a thread, and the changes it reported."""

    def __init__(self, *roots: Path, stop: threading.Event | None = None) -> None:
        self.stop = WatchStop() if stop is None else stop
        self.told: queue.Queue[frozenset[str] | None] = queue.Queue()
        self._roots = [LogRoot(str(root), CLAUDE_CODE) for root in roots]
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for change in watch_logs(self._roots, self.stop):
            self.told.put(change)

    def hears_of(self, change: Callable[[], object]) -> bool:
        """Repeat a change until the watcher reports it, as it may not be ready yet."""
        for _ in range(PATIENCE_S * 2):
            change()
            try:
                self.told.get(timeout=0.5)
            except queue.Empty:
                continue
            return True
        return False

    def ends(self) -> bool:
        """Stop it, and return whether it stopped."""
        self.stop.set()
        self.thread.join(PATIENCE_S)
        return not self.thread.is_alive()


def voluntary_switches(thread: threading.Thread) -> int:
    """Return how often a thread has gone to sleep so far."""
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def wait_until_asleep(thread: threading.Thread) -> None:
    """Wait until a thread has nothing to do for a while."""
    before = -1
    while (now := voluntary_switches(thread)) != before:
        before = now
        threading.Event().wait(0.2)


@contextmanager
def watching(*roots: Path) -> Iterator[Watching]:
    found = Watching(*roots)
    try:
        yield found
    finally:
        found.ends()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "_DEBOUNCE_MS", 20)
    monkeypatch.setattr(watcher, "_STEP_MS", 10)


def test_a_log_that_grew_is_reported(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line())

    with watching(tmp_path) as watched:
        assert watched.hears_of(lambda: append(log, line()))


def test_a_new_log_in_a_new_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "projects").mkdir()
    numbers = iter(range(1000))

    with watching(tmp_path) as watched:
        assert watched.hears_of(lambda: write_log(tmp_path, f"new-{next(numbers)}/s.jsonl", line()))


@pytest.mark.parametrize("has_projects", [True, False])
def test_it_ends_soon_after_it_is_stopped(tmp_path: Path, *, has_projects: bool) -> None:
    if has_projects:
        (tmp_path / "projects").mkdir()

    assert Watching(tmp_path).ends()


def test_it_checks_again_without_notifications(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LOOK_AGAIN_MS", 50)
    monkeypatch.setattr(watcher, "TRUSTING_MS", 50)
    (tmp_path / "projects").mkdir()

    with watching(tmp_path) as watched:
        for _ in range(2):
            watched.told.get(timeout=PATIENCE_S)


def test_a_folder_that_appears_later_is_watched_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: queue.Queue[dict[str, str]] = queue.Queue()
    look = watcher._folders  # noqa: SLF001  # to know when it has checked

    def looked(roots: list[LogRoot]) -> dict[str, str]:
        found = look(roots)
        asked.put(found)
        return found

    monkeypatch.setattr(watcher, "_folders", looked)
    monkeypatch.setattr(watcher, "LOOK_AGAIN_MS", 50)
    monkeypatch.setattr(watcher, "TRUSTING_MS", 50)
    one, two = tmp_path / "one", tmp_path / "two"

    with watching(one, two) as watched:
        watched.told.get(timeout=PATIENCE_S)
        for root, count in ((one, 1), (two, 2)):
            write_log(root, "p/s.jsonl", line())
            while len(asked.get(timeout=PATIENCE_S)) < count:
                pass
        monkeypatch.setattr(watcher, "LOOK_AGAIN_MS", 3_600_000)
        monkeypatch.setattr(watcher, "TRUSTING_MS", 3_600_000)
        assert watched.hears_of(lambda: append(two / "projects" / "p" / "s.jsonl", line()))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
@pytest.mark.parametrize("has_other", [True, False])
def test_a_data_folder_that_appears_is_noticed_at_once(tmp_path: Path, *, has_other: bool) -> None:
    other, root = tmp_path / "other", tmp_path / "config" / "claude"
    if has_other:
        write_log(other, "p/s.jsonl", line())

    with watching(other, root) as watched:
        watched.told.get(timeout=PATIENCE_S)  # watching has begun
        wait_until_asleep(watched.thread)
        log = write_log(root, "p/s.jsonl", line())
        watched.told.get(timeout=PATIENCE_S)

        assert watched.hears_of(lambda: append(log, line()))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_other_new_files_beside_an_awaited_folder_are_ignored(tmp_path: Path) -> None:
    with watching(tmp_path / "claude") as watched:
        watched.told.get(timeout=PATIENCE_S)
        wait_until_asleep(watched.thread)

        for number in range(3):
            (tmp_path / f"other-{number}").mkdir()
        wait_until_asleep(watched.thread)

        assert watched.told.empty()


def test_a_deleted_folder_does_not_end_watching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LOOK_AGAIN_MS", 50)
    monkeypatch.setattr(watcher, "TRUSTING_MS", 50)
    stays = tmp_path / "stays"
    goes = tmp_path / "goes"
    log = write_log(stays, "p/s.jsonl", line())
    write_log(goes, "p/s.jsonl", line())

    with watching(stays, goes) as watched:
        watched.told.get(timeout=PATIENCE_S)
        shutil.rmtree(goes)

        assert watched.hears_of(lambda: append(log, line()))
        assert watched.thread.is_alive()


def test_a_plain_event_ends_it(tmp_path: Path) -> None:
    (tmp_path / "projects").mkdir()
    watched = Watching(tmp_path, stop=threading.Event())

    assert watched.ends()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_it_checks_once_more_after_watching_has_begun(tmp_path: Path) -> None:
    write_log(tmp_path, "p/s.jsonl", line())

    with watching(tmp_path) as watched:
        watched.told.get(timeout=PATIENCE_S)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_it_sleeps_until_something_changes(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line())

    with watching(tmp_path) as watched:
        assert watched.hears_of(lambda: append(log, line()))
        wait_until_asleep(watched.thread)
        while not watched.told.empty():
            watched.told.get()
        before = voluntary_switches(watched.thread)
        with pytest.raises(queue.Empty):
            watched.told.get(timeout=1)

        assert voluntary_switches(watched.thread) - before <= 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_without_free_watches_logs_are_checked_at_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import inotify_simple

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(inotify_simple.INotify, "add_watch", refuse)
    monkeypatch.setattr(watcher, "LOOK_AGAIN_MS", 50)
    monkeypatch.setattr(watcher, "TRUSTING_MS", 50)
    (tmp_path / "projects").mkdir()

    with watching(tmp_path) as watched:
        watched.told.get(timeout=PATIENCE_S)

    assert "no more file watches:" in caplog.text


def test_a_folder_moved_in_with_its_logs_is_watched(tmp_path: Path) -> None:
    (tmp_path / "projects").mkdir()
    log = write_log(tmp_path / "elsewhere", "deep/er/s.jsonl", line())

    with watching(tmp_path) as watched:
        assert watched.hears_of(lambda: write_log(tmp_path, "q/s.jsonl", line()))
        moved = tmp_path / "projects" / "moved"
        log.parents[1].rename(moved)
        watched.told.get(timeout=PATIENCE_S)

        assert watched.hears_of(lambda: append(moved / "er" / "s.jsonl", line()))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no inotify")
def test_the_log_that_grew_is_named(tmp_path: Path) -> None:
    log = write_log(tmp_path / "real", "p/s.jsonl", line())
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)

    with watching(tmp_path / "link") as watched:
        assert watched.told.get(timeout=PATIENCE_S) is None
        append(log, line())

        found = watched.told.get(timeout=PATIENCE_S)

    assert found is not None
    assert set(found) == {str(tmp_path / "link" / "projects" / "p" / "s.jsonl")}


class NotedWaits(threading.Event):
    """An event that records the timeouts of waits, and returns at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits_s.append(timeout)
        return self.is_set()


def test_without_anything_to_watch_it_checks_again_within_a_minute() -> None:
    stop = NotedWaits()

    assert next(watch_logs([], stop)) is None

    (wait_s,) = stop.waits_s
    assert wait_s is not None
    assert 1 <= wait_s <= 60


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells")
def test_an_impossible_folder_does_not_prevent_watching_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    roots = [LogRoot(place, CLAUDE_CODE) for place in ("no/such", str(tmp_path / "later"))]
    stop = NotedWaits()

    assert next(watch_logs(roots, stop)) is None

    assert stop.waits_s == []


class StopsWhenAsked(threading.Event):
    """An event that is set after a number of checks."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere another library watches")
@pytest.mark.parametrize(
    ("mounts", "is_trusted"),
    [
        ("disk / ext4 rw 0 0\n", True),
        ("server:/a {} nfs4 rw 0 0\n", False),
        ("disk / ext4 rw 0 0\nserver:/a {}/in nfs4 rw 0 0\n", True),
        ("server:/a / nfs4 rw 0 0\ndisk {} ext4 rw 0 0\n", True),
    ],
)
def test_frequent_checks_are_made_on_network_drives_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: str, *, is_trusted: bool
) -> None:
    from spendlight.logs import inotify  # Linux only

    monkeypatch.setattr(inotify, "ASK_STOP_MS", 1)
    text = mounts.format(tmp_path)
    monkeypatch.setattr(inotify, "open", lambda *_, **__: io.StringIO(text), raising=False)

    told = list(inotify.watch_folders([str(tmp_path)], [], StopsWhenAsked(8), 0, 600_000))

    assert (told == [None]) is is_trusted


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere another library watches")
def test_each_change_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from spendlight.logs import inotify  # Linux only

    monkeypatch.setattr(inotify, "ASK_STOP_MS", 1)
    monkeypatch.setattr(inotify, "_is_remote", lambda _: False)
    told = inotify.watch_folders([str(tmp_path)], [], StopsWhenAsked(8), 600_000, 600_000)

    assert next(told) is None
    (tmp_path / "project").mkdir()
    assert list(told) == [None]

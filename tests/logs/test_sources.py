"""An agent may keep logs of several kinds, in several folders."""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tracker.tally_agent import TALLY

from spendlight.logs import native_walk
from spendlight.logs.agent import Agent, LogRoot
from spendlight.logs.discovery import discover, look_at
from spendlight.logs.sources import LogKind, LogSource, is_named
from spendlight.logs.watcher import WatchStop, watch_logs
from spendlight.metering.log_names import file_of, ledger_name, session_log

MIXED = TALLY._replace(
    sources=(
        LogSource("", "store.db", LogKind.DATABASE),
        LogSource(str(Path("storage", "message")), "**/*.json", LogKind.DOCUMENT),
        LogSource("chats", "**/session-*.jsonl"),
    )
)

LOGS = {
    "store.db": ("store.db", LogKind.DATABASE),
    "storage/message/s1/m1.json": ("s1/m1.json", LogKind.DOCUMENT),
    "chats/p/session-1.jsonl": ("p/session-1.jsonl", LogKind.LINES),
}
OTHERS = (
    "other.db", "store.db-shm", "store.db-journal", "old/store.db", "storage/m1.json",
    "storage/message/s1/m1.jsonl", "storage/message/.json", "chats/p/1.jsonl",
    "chats/p/session-.jsonl", "chats/p/session-1.json",
)  # fmt: skip


def filled(root: Path) -> LogRoot:
    """Make the logs and other files in a data folder."""
    for name in (*LOGS, *OTHERS):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return LogRoot(str(root), MIXED)


@pytest.mark.usefixtures("lister")
def test_the_logs_of_each_source_are_found_and_nothing_else(tmp_path: Path) -> None:
    root = filled(tmp_path)

    found = discover([root]).files

    paths = {file.path.removeprefix(f"{tmp_path}{os.sep}").replace(os.sep, "/") for file in found}
    assert paths == LOGS.keys()
    assert {(file.relative_path, file.kind) for file in found} == set(LOGS.values())
    assert look_at([root], [str(tmp_path / name) for name in (*LOGS, *OTHERS)]).files == found


def test_what_is_beside_a_database_belongs_to_it(tmp_path: Path) -> None:
    root = filled(tmp_path)
    (before,) = look_at([root], [str(tmp_path / "store.db")]).files
    beside = tmp_path / "store.db-wal"
    beside.write_bytes(b"x" * 100)
    os.utime(beside, ns=(0, before.mtime_ns + 5))

    (after,) = look_at([root], [str(beside), str(tmp_path / "store.db")]).files

    assert after == before._replace(size=before.size + 100, mtime_ns=before.mtime_ns + 5)
    assert after in discover([root]).files


def test_the_ledger_knows_all_logs_by_one_extension(tmp_path: Path) -> None:
    for file in discover([filled(tmp_path)]).files:
        assert file.name == ledger_name(file.path)
        assert file.name.endswith(".jsonl")
        assert file_of(file.name) == file.path
    database = ledger_name(str(tmp_path / "store.db"))
    assert file_of(session_log(database, "ses/1")) == str(tmp_path / "store.db")


def test_a_root_known_by_another_name_has_logs_below_that_name(tmp_path: Path) -> None:
    root = filled(tmp_path)._replace(known_as="/known")

    names = {file.name for file in discover([root]).files}

    assert names == {f"/known/{ledger_name(name)}".replace("/", os.sep) for name in LOGS}


@pytest.mark.skipif(sys.platform == "win32", reason="has no native way to list folders")
@given(
    names=st.lists(st.text("ab.-é", min_size=1, max_size=5), max_size=6),
    pattern=st.from_regex(r"\A(\*\*/)?[ab.é-]{0,3}(\*[ab.é-]{0,3})?\Z"),
)
def test_both_ways_to_list_understand_the_same_names(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], pattern: str
) -> None:
    folder = tmp_path_factory.mktemp("names")
    for name in {*names} - {".", ".."}:
        (folder / name).write_text("")

    found = native_walk.listing(str(folder), pattern)

    assert found is not None
    assert set(found.files) == {one.name for one in folder.iterdir() if is_named(pattern)(one.name)}


def test_only_logs_are_reported_from_a_folder_that_has_more_than_logs(tmp_path: Path) -> None:
    root = filled(tmp_path)
    stop = WatchStop()
    told: queue.Queue[frozenset[str] | None] = queue.Queue()

    def watch() -> None:
        for changed in watch_logs([root], stop):
            told.put(changed)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        told.get(timeout=20)  # that it has begun
        (tmp_path / "other.db").write_text("more")
        (tmp_path / "new folder").mkdir()
        (tmp_path / "new folder" / "store.db").write_text("more")
        (tmp_path / "store.db-wal").write_text("more")
        changed = told.get(timeout=20)
    finally:
        stop.set()
        watching.join()

    if sys.platform == "linux":
        assert changed == frozenset({str(tmp_path / "store.db-wal")})


def test_a_database_that_appears_later_is_noticed(tmp_path: Path) -> None:
    data = tmp_path / "share" / "agent"
    agent: Agent = MIXED._replace(sources=MIXED.sources[:2])
    stop = WatchStop()
    told: queue.Queue[frozenset[str] | None] = queue.Queue()

    def watch() -> None:
        for changed in watch_logs([LogRoot(str(data), agent)], stop):
            told.put(changed)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        if sys.platform == "linux":
            told.get(timeout=20)
            data.mkdir(parents=True)
            (data / "store.db").write_text("")
            found: set[str] = set()
            while str(data / "store.db") not in found:
                changed = told.get(timeout=20)
                found |= changed or {
                    file.path for file in discover([LogRoot(str(data), agent)]).files
                }
    finally:
        stop.set()
        watching.join()


PROFILES = TALLY._replace(sources=(LogSource(os.path.join("*", "local_*", "chats")),))  # noqa: PTH118  # as sources are


def test_a_source_may_be_in_one_folder_for_each_session(tmp_path: Path) -> None:
    names = ("a/local_1/chats/p/1.jsonl", "b/local_2/chats/2.jsonl")
    others = ("a/other/chats/3.jsonl", "chats/4.jsonl", "a/local_1/5.jsonl")
    for name in (*names, *others):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    root = LogRoot(str(tmp_path), PROFILES)

    found = discover([root]).files

    assert [file.path for file in found] == [str(tmp_path / name) for name in names]
    assert [file.relative_path for file in found] == ["p/1.jsonl", "2.jsonl"]
    looked_at = look_at([root], [str(tmp_path / name) for name in (*names, *others)])
    assert looked_at.files == found
    assert root.exists
    assert set(root.log_folders) == {
        str(tmp_path / name) for name in ("a/local_1/chats", "b/local_2/chats")
    }


def test_folders_of_sessions_need_not_exist(tmp_path: Path) -> None:
    root = LogRoot(str(tmp_path / "nothing"), PROFILES)

    assert (root.exists, root.log_folders, root.identity) == (False, [], None)
    assert root.found(str(tmp_path / "nothing" / "a" / "local_1" / "chats" / "1.jsonl")) is not None

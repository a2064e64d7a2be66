from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.survey.trees import plant

from spendlight.survey.filter import FileFilter
from spendlight.survey.survey import (
    BrokenLink,
    DepthRow,
    NoFolderError,
    SurveyProgress,
    WhyThreads,
    survey,
)
from spendlight.survey.tally import KEPT_FILES
from spendlight.survey.walk import Task, Walker, WalkPlan, reason_of

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="links and blocks are POSIX's")


def test_files_are_counted_by_extension_and_size(tmp_path: Path) -> None:
    plant(tmp_path, {"a.jsonl": 100, "b.JSONL": 50, "p": {"c.txt": 300, "README": 7, ".x": 1}})

    found = survey(str(tmp_path))

    assert (found.files, found.folders, found.size) == (5, 1, 458)
    assert [(share.name, share.files, share.size) for share in found.by_extension] == [
        (".txt", 1, 300),
        (".jsonl", 2, 150),
        ("", 2, 8),
    ]
    assert found.by_project == ()
    assert found.is_complete


def test_files_below_projects_are_counted_by_project(tmp_path: Path) -> None:
    projects = {"-home-me-app": {"s.jsonl": 10, "s": {"subagents": {"t.jsonl": 5}}}, "u.jsonl": 2}
    plant(tmp_path, {"projects": projects, "settings.json": 3})

    found = survey(str(tmp_path), projects=str(tmp_path / "projects"))

    assert [(share.name, share.files, share.size) for share in found.by_project] == [
        ("-home-me-app", 2, 15),
        ("", 1, 3),
        ("Unknown Project", 1, 2),
    ]


def test_the_folder_of_projects_can_be_surveyed_separately(tmp_path: Path) -> None:
    plant(tmp_path, {"one": {"s.jsonl": 10}, "two": {"deep": {"s.jsonl": 20}}})

    found = survey(str(tmp_path), projects=str(tmp_path))

    assert [share.name for share in found.by_project] == ["two", "one"]


def test_files_and_folders_are_counted_by_depth(tmp_path: Path) -> None:
    plant(tmp_path, {"a": 1, "p": {"b": 2, "c": 3, "q": {"r s": {}}}})

    found = survey(str(tmp_path))

    assert found.depths == (
        DepthRow(0, 1, 1, 1),
        DepthRow(1, 2, 1, 5),
        DepthRow(2, 0, 1, 0),
        DepthRow(3, 0, 1, 0),
    )
    assert found.max_depth == 3
    assert found.mean_depth == pytest.approx(2 / 3)


def test_an_empty_folder_is_not_one_of_its_own_empty_folders(tmp_path: Path) -> None:
    found = survey(str(tmp_path))

    assert (found.files, found.folders, found.size, found.mean_depth) == (0, 0, 0, None)
    assert (found.empty_folders, found.newest_ns, found.max_depth) == ((), None, 0)


def test_empty_folders_are_named(tmp_path: Path) -> None:
    plant(tmp_path, {"full": {"a": 0}, "r s": {}, "p": {"q": {}}})

    assert survey(str(tmp_path)).empty_folders == (str(tmp_path / "p" / "q"), str(tmp_path / "r s"))


def test_the_largest_and_oldest_files_are_sorted_and_ties_are_by_path(tmp_path: Path) -> None:
    plant(tmp_path, {"c": 5, "a": 5, "b": 9})
    for name, seconds in (("a", 300), ("b", 100), ("c", 100)):
        os.utime(tmp_path / name, (seconds, seconds))

    found = survey(str(tmp_path))

    assert [Path(file.path).name for file in found.largest] == ["b", "a", "c"]
    assert [Path(file.path).name for file in found.oldest] == ["b", "c", "a"]
    assert found.newest_ns == 300 * 10**9


def test_only_the_first_of_many_files_are_listed(tmp_path: Path) -> None:
    for number in range(5 * KEPT_FILES):
        (tmp_path / f"{number}").write_bytes(b"x" * number)

    found = survey(str(tmp_path))

    assert [file.size for file in found.largest] == list(
        range(5 * KEPT_FILES - 1, 4 * KEPT_FILES - 1, -1)
    )
    assert len(found.oldest) == KEPT_FILES


@needs_posix
def test_a_file_with_two_names_uses_its_disk_space_once(tmp_path: Path) -> None:
    plant(tmp_path, {"b.txt": 4_000, "a.jsonl": "=b.txt", "p": {"c": 1}})
    (tmp_path / "p" / "d.md").hardlink_to(tmp_path / "b.txt")

    found = survey(str(tmp_path))

    assert (found.files, found.size, found.repeated_names) == (4, 4_001, 2)
    assert [(share.name, share.files, share.size) for share in found.by_extension] == [
        (".jsonl", 1, 4_000),
        ("", 1, 1),
        (".md", 1, 0),
        (".txt", 1, 0),
    ]
    assert [Path(file.path).name for file in found.largest] == ["a.jsonl", "c"]


@pytest.mark.linux_programs("du")
def test_disk_usage_agrees_with_du(tmp_path: Path) -> None:
    plant(tmp_path, {"a": 70_000, "p": {"b": "=a", "c": 1, "l": "..", "q": {}}, "m": "x" * 200})
    (tmp_path / "p" / "b").hardlink_to(tmp_path / "a")
    told = subprocess.run(
        ["du", "-s", "-k", str(tmp_path)], capture_output=True, check=True, text=True
    )

    found = survey(str(tmp_path))

    assert found.disk_size is not None
    assert found.others_disk_size is not None
    assert (found.disk_size + found.others_disk_size) / 1024 == int(told.stdout.split()[0])


@needs_posix
def test_links_are_never_followed_and_dangling_or_circular_ones_are_reported(
    tmp_path: Path,
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_bytes(b"x")
    folder = tmp_path / "in"
    plant(
        folder,
        {"up": "..", "self": "self", "gone": "nowhere", "p": {"top": "../../in", "side": "."}},
    )
    (folder / "aside").symlink_to(tmp_path / "outside")

    found = survey(str(folder))

    assert (found.files, found.links) == (0, 6)
    assert found.broken_links == (
        BrokenLink(str(folder / "gone"), "nowhere", "its target does not exist"),
        BrokenLink(str(folder / "self"), "self", "it points to itself"),
    )
    assert [Path(loop.path).name for loop in found.link_loops] == ["side", "top", "up"]


@needs_posix
def test_a_link_as_the_folder_itself_is_followed(tmp_path: Path) -> None:
    plant(tmp_path / "real", {"a": 5})
    (tmp_path / "link").symlink_to(tmp_path / "real")

    found = survey(str(tmp_path / "link"))

    assert (found.folder, found.size) == (str(tmp_path / "link"), 5)


@needs_posix
def test_special_files_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # the path of a socket must be short
        listener.bind("socket")

        found = survey(str(tmp_path))

    assert found.specials == (("pipe", 1), ("socket", 1))
    assert found.files == 0


def test_unreadable_folders_are_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"a": 5, "p": {"b": 1}})
    scan = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path) == str(tmp_path / "p"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = survey(str(tmp_path))

    assert [(Path(part.path).name, part.reason) for part in found.unreadable] == [
        ("p", "Permission denied")
    ]
    assert (found.files, found.folders, found.empty_folders) == (1, 1, ())
    assert found.is_complete


def test_folders_on_another_file_system_are_skipped_on_request(
    tmp_path: Path,
) -> None:
    plant(tmp_path, {"a": 5, "p": {"b": 1}})
    elsewhere = tmp_path.stat().st_dev + 1

    walker = Walker(WalkPlan(str(tmp_path), "", elsewhere, FileFilter()), lambda: False)
    found = walker.visit(Task(str(tmp_path), 0, ""))
    same = survey(str(tmp_path), FileFilter(is_on_one_system=True))

    assert (found, walker.tally.elsewhere) == ([], [str(tmp_path / "p")])
    assert (same.files, same.elsewhere) == (2, ())


@needs_posix
def test_names_with_invalid_unicode_are_shown(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.\xfe"
    Path(os.fsdecode(odd)).write_bytes(b"x")

    found = survey(str(tmp_path))

    assert found.by_extension[0].name == ".\\xfe"
    assert found.largest[0].path == f"{tmp_path}/\\xff.\\xfe"


def test_anything_but_a_folder_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(NoFolderError, match="it is not a folder"):
        survey(str(tmp_path / "file"))
    with pytest.raises(NoFolderError, match="it does not exist"):
        survey(str(tmp_path / "gone"))
    with pytest.raises(NoFolderError):
        survey("a\0b")


def test_a_survey_can_be_stopped_and_is_marked(tmp_path: Path) -> None:
    plant(tmp_path, {"p": {"a": 1}, "r s": {"b": 1}, "c": 1})
    stop = threading.Event()

    def stop_soon(progress: SurveyProgress) -> None:
        if progress.files:
            stop.set()

    patient = survey(str(tmp_path), stop=stop)
    stop.set()
    stopped = survey(str(tmp_path), stop=stop, on_progress=stop_soon)

    assert patient.is_complete
    assert not stopped.is_complete
    assert stopped.files == 0


def test_progress_is_reported(tmp_path: Path) -> None:
    plant(tmp_path, {"a": 1})
    told: list[SurveyProgress] = []

    survey(str(tmp_path), on_progress=told.append)

    assert told[0] == SurveyProgress(0, 0, 0)


def test_few_files_need_no_threads(tmp_path: Path) -> None:
    plant(tmp_path, {"a": 1})

    assert survey(str(tmp_path)).method.threads == 1
    assert survey(str(tmp_path), threads=1).method.why is WhyThreads.ASKED
    assert survey(str(tmp_path), threads=2).method.why is WhyThreads.FEW_FILES


def test_an_error_without_a_message_of_the_system_is_reported() -> None:
    assert reason_of(ValueError("embedded null byte")) == "embedded null byte"

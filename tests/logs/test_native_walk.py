"""Listing folders natively finds the same logs as listing them in Python."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.logs.listers import list_in_python
from tests.makers import line, write_log

from spendlight.logs import native_walk
from spendlight.logs.agent import LogRoot
from spendlight.logs.claude_code.agent import CLAUDE_CODE
from spendlight.logs.discovery import discover, state_of


def make_tree(root: Path, names: list[str], kinds: str) -> None:
    """Make files, folders and links of these names, each in the folder made last."""
    folder = root / "projects"
    folder.mkdir()
    for at, name in enumerate(names):
        kind, path = kinds[at % len(kinds)], folder / name
        if path.exists() or path.is_symlink():
            continue
        if kind == "d":
            path.mkdir()
            folder = path
        elif kind == "f":
            path.write_bytes(b"x" * at)
            os.utime(path, ns=(0, (at - 3) * 10**18 + at))
        else:
            path.symlink_to(names[0])


@pytest.mark.skipif(sys.platform == "win32", reason="has no native way to list folders")
@given(
    names=st.lists(
        st.sampled_from(
            ["a", "b.jsonl", ".jsonl", ".hidden.jsonl", "x.jsonl.bak", "a\nb.jsonl", "\udce9.jsonl",
             "\u00e9", "c.JSONL", "d.jsonl"]
        ),
        min_size=1,
        max_size=12,
    ),
    kinds=st.text("dfl", min_size=1, max_size=8),
)  # fmt: skip
def test_both_ways_to_list_folders_find_the_same(names: list[str], kinds: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        make_tree(Path(folder), names, kinds)
        roots = [LogRoot(folder, CLAUDE_CODE)]
        assert native_walk.listing(folder, "**/*.jsonl") is not None
        native = discover(roots)
        list_in_python(patched)

        assert discover(roots) == native


def test_a_folder_deleted_while_others_are_listed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_in_python(monkeypatch)
    gone = write_log(tmp_path, "gone/s.jsonl", line()).parent
    write_log(tmp_path, "p/s.jsonl", line())
    scan = os.scandir

    def listed(folder: str) -> Any:  # noqa: ANN401  # its type has no name
        if gone.exists() and folder != str(gone.parent):
            (gone / "s.jsonl").unlink()
            gone.rmdir()
        return scan(folder)

    monkeypatch.setattr(os, "scandir", listed)
    found = discover([LogRoot(str(tmp_path), CLAUDE_CODE)])

    assert [file.relative_path for file in found.files] == ["p/s.jsonl"]
    assert found.unreadable == ()


def test_folders_that_come_and_go_meanwhile_are_no_failures(tmp_path: Path) -> None:
    write_log(tmp_path, "p/s.jsonl", line())
    names = [str(tmp_path / "projects" / str(number)) for number in range(50)]
    is_over = threading.Event()

    def make_and_delete() -> None:
        while not is_over.is_set():
            for name in names:
                os.mkdir(name)  # noqa: PTH102  # as fast as possible
            for name in names:
                os.rmdir(name)  # noqa: PTH106

    thread = threading.Thread(target=make_and_delete)
    thread.start()
    try:
        found = [discover([LogRoot(str(tmp_path), CLAUDE_CODE)]) for _ in range(300)]
    finally:
        is_over.set()
        thread.join()

    assert {one.unreadable for one in found} == {()}
    assert {len(one.files) for one in found} == {1}


@pytest.mark.usefixtures("lister")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
def test_a_folder_with_too_long_a_path_is_reported(tmp_path: Path) -> None:
    write_log(tmp_path, "p/s.jsonl", line())
    folder = os.open(tmp_path / "projects", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=folder)
        below = os.open("x" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)

    found = discover([LogRoot(str(tmp_path), CLAUDE_CODE)])

    assert [file.relative_path for file in found.files] == ["p/s.jsonl"]
    assert [(one.path[-3:], one.reason) for one in found.unreadable] == [
        ("xxx", "File name too long")
    ]


@pytest.mark.parametrize(("mtime_ns", "kept"), [(1 << 63, (1 << 63) - 1), (-(1 << 70), -(1 << 63))])
def test_file_times_beyond_the_storable_range_are_clamped(mtime_ns: int, kept: int) -> None:
    status = SimpleNamespace(st_size=1, st_mtime_ns=mtime_ns, st_ino=1)

    assert state_of(status)[1] == kept  # type: ignore[arg-type]  # has the attributes in use

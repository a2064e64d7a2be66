"""Agents' data folders are found where the environment and the home directory say."""

from __future__ import annotations

from pathlib import Path

from spendlight.logs.opencode import find_roots


def test_the_xdg_and_the_home_folder_both_count(tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    environ = {"HOME": str(home), "XDG_DATA_HOME": str(data)}

    folders = [root.folder for root in find_roots(environ)]

    assert folders == [str(data / "opencode"), str(home / ".local" / "share" / "opencode")]


def test_a_folder_that_is_both_is_searched_once(tmp_path: Path) -> None:
    share = tmp_path / ".local" / "share"

    roots = find_roots({"HOME": str(tmp_path), "XDG_DATA_HOME": str(share)})

    assert [root.folder for root in roots] == [str(share / "opencode")]

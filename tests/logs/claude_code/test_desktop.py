"""Claude's desktop keeps Claude Code's logs in folders of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from spendlight.logs.agents import find_roots
from spendlight.logs.claude_code.agent import CLAUDE_CODE, of_claude_code
from spendlight.logs.claude_code.desktop import COWORK, cowork_folders

ENVIRON = {
    "HOME": "/h",
    "APPDATA": "/h/AppData/Roaming",
    "LOCALAPPDATA": "/h/AppData/Local",
}
STORE = "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude"


@pytest.mark.parametrize(
    ("platform", "folders"),
    [
        ("linux", [".config/Claude", ".config/Claude-3p"]),
        ("darwin", [f"Library/Application Support/{name}" for name in ("Claude", "Claude-3p")]),
        (
            "win32",
            [
                "AppData/Roaming/Claude",
                "AppData/Roaming/Claude-3p",
                "AppData/Local/Claude",
                "AppData/Local/Claude-3p",
                STORE,
            ],
        ),
    ],
)
def test_cowork_has_its_folders_on_each_system(platform: str, folders: list[str]) -> None:
    found = map(Path, cowork_folders(ENVIRON, platform))

    assert list(found) == [Path("/h", folder, COWORK) for folder in folders]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_without_a_home_cowork_has_no_folder(platform: str) -> None:
    assert list(cowork_folders({}, platform)) == []


def test_folders_of_cowork_are_none_of_claude_code_itself(tmp_path: Path) -> None:
    """They have no settings, and no status line."""
    roots = find_roots({"HOME": str(tmp_path)})

    of_cowork = [root for root in roots if Path(root.folder).name == COWORK]
    assert {root.agent.name for root in of_cowork} == {CLAUDE_CODE.name}
    assert all(root.is_usual for root in of_cowork)
    assert not set(of_cowork) & set(of_claude_code(roots))


def test_cowork_is_left_out_if_a_variable_lists_the_folders(tmp_path: Path) -> None:
    roots = find_roots({"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": str(tmp_path / "c")})

    assert COWORK not in {Path(root.folder).name for root in roots}

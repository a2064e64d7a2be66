from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from stamp import commit_here, restamp, write_stamp

from spendlight.build import STAMP, Channel

SCRIPT = Path(__file__).parents[2] / "packaging" / "stamp.py"


def read(resources: Path) -> object:
    return json.loads((resources / STAMP).read_bytes())


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    resources = tmp_path / "_internal" / "spendlight" / "resources"
    write_stamp(resources, Channel.ARCHIVE, "0123abc")
    return resources


def test_a_package_gets_a_new_stamp_and_keeps_its_commit(tmp_path: Path, resources: Path) -> None:
    restamp(tmp_path, Channel.DEB)

    assert read(resources) == {"channel": "deb", "commit": "0123abc"}


def test_a_file_of_that_name_elsewhere_is_not_changed(tmp_path: Path, resources: Path) -> None:
    other = tmp_path / "_internal" / STAMP
    other.write_text("[]")

    restamp(tmp_path, Channel.RPM)

    assert other.read_text() == "[]"
    assert read(resources) == {"channel": "rpm", "commit": "0123abc"}


def test_a_program_without_a_stamp_cannot_get_a_new_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        restamp(tmp_path, Channel.DEB)


def test_the_command_line_names_the_channel(tmp_path: Path, resources: Path) -> None:
    subprocess.run([sys.executable, SCRIPT, tmp_path, "--channel", "appimage"], check=True)

    assert read(resources) == {"channel": "appimage", "commit": "0123abc"}


def test_a_commit_is_a_hash_or_unknown() -> None:
    commit = commit_here()

    assert commit == "" or int(commit, 16)

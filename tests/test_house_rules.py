"""Rules of the house that no linter knows."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400
FOLDERS = (".ci", "benchmarks", "installers", "maintenance", "packaging", "src", "tests")
KINDS = ("*.py", "*.sh", "*.nsi", "*.nsh")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_one_can_keep_in_mind(folder: str) -> None:
    files = [path for kind in KINDS for path in (ROOT / folder).rglob(kind)]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert lines
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}

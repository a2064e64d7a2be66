"""The files for PyPI."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from spendlight import __version__

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("LICENSE", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "pyproject.toml", ".gitignore")

BUILD = """
import sys
from hatchling.builders.{kind} import {name}
[made] = {name}(sys.argv[1]).build(directory=sys.argv[2], versions=["standard"])
print(made)
"""
"""Builds a wheel or an sdist like `packaging/wheel.py`, without the tools of `make wheel`."""

DEMAND = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]) / "packaging"))
import wheel
demand = wheel._demand_wheel if sys.argv[2].endswith(".whl") else wheel._demand_sdist
try:
    demand(Path(sys.argv[2]))
except wheel.ContentError as error:
    sys.exit(str(error))
"""


def run(code: str, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, in a folder with a blank in its name."""
    tree = tmp_path_factory.mktemp("a tree")
    for name in ("src", "resources", "packaging"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in PARTS:
        shutil.copy(ROOT / name, tree / name)
    (tree / "tests").mkdir()
    (tree / "tests" / "session.jsonl").touch()
    return tree


@pytest.mark.slow
def test_the_sdist_builds_a_wheel_that_contains_only_the_program(
    tree: Path, tmp_path: Path
) -> None:
    built = run(BUILD.format(kind="sdist", name="SdistBuilder"), tree, tmp_path)
    sdist = Path(built.stdout.strip())
    subprocess.run(["tar", "-xzf", sdist, "-C", tmp_path], check=True)
    built = run(
        BUILD.format(kind="wheel", name="WheelBuilder"),
        tmp_path / f"spendlight-{__version__}",
        tmp_path,
    )
    wheel = Path(built.stdout.strip())

    for archive in (sdist, wheel):
        told = run(DEMAND, tree, archive)
        assert (told.stderr, told.returncode) == ("", 0)
    (tree / "src" / "spendlight" / "added.py").touch()
    assert "it lacks ['spendlight/added.py']" in run(DEMAND, tree, wheel).stderr
    with zipfile.ZipFile(wheel, "a") as opened:
        opened.writestr("tests/session.jsonl", "{}")
    assert "it holds what it should not" in run(DEMAND, tree, wheel).stderr

"""`make` from a fresh clone sets up what its targets need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = "src/spendlight/logs/claude_code/native_reader.so"
BUILT = f"""
from pathlib import Path
print("built")
Path("{LIBRARY}").touch()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make is not used there")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout, mostly of stand-ins, that was set up without a compiler."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name, text in {
        "maintenance/debian_packages.sh": "#!/bin/sh\n",
        "maintenance/set_up.sh": "#!/bin/sh\nexit 1\n",
        "packaging/build_reader.py": BUILT,
        "pyproject.toml": "",
        "requirements/run.txt": "",
        ".venv/bin/spendlight": "#!/bin/sh\necho report\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
    (tmp_path / LIBRARY).parent.mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / ".venv/.run").touch()
    return tmp_path


def run(checkout: Path) -> tuple[str, str]:
    environ = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(
        ["make", "run"], cwd=checkout, env=environ, capture_output=True, text=True, check=True
    )
    return ran.stdout, ran.stderr


def test_the_native_reader_is_built_once_there_is_a_compiler(checkout: Path) -> None:
    assert run(checkout) == ("report\n", "built\n")
    assert run(checkout) == ("report\n", "")

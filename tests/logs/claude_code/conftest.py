from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.native_file import CHOICE

if TYPE_CHECKING:
    from collections.abc import Callable

    Ran = subprocess.CompletedProcess[str]

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "packaging" / "build_reader.py"

READERS = ("native", "python") if NATIVE.instructions else ("python",)


@pytest.fixture(autouse=True, params=READERS)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Use each of the readers in turn."""
    if request.param == "python":
        monkeypatch.setattr(NATIVE, "take", lambda: None)
    return str(request.param)


@pytest.fixture(scope="session")
def run_checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Return what runs a module with a native reader built with AddressSanitizer and UBSan."""
    library = tmp_path_factory.mktemp("checked") / "native_reader.so"
    subprocess.run([sys.executable, BUILD, "--checked", "--output", library], check=True)
    preloaded = [
        subprocess.run(
            ["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environ = os.environ | {
        "ASAN_OPTIONS": "detect_leaks=0",
        "LD_PRELOAD": " ".join(preloaded),
        "PYTHONPATH": str(ROOT),
        CHOICE: str(library),
    }

    def run(*words: str) -> Ran:
        return subprocess.run(
            [sys.executable, "-m", *words],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run

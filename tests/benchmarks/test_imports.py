"""The benchmark of importing runs, with few files; the times it measures are not checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BENCHMARKS.exists(), reason="a source distribution has none"),
    pytest.mark.skipif(sys.platform == "win32", reason="measures processes with Unix only"),
]


def test_the_benchmark_of_imports_makes_its_table() -> None:
    words = ["--files", "3", "--answers", "250", "--rounds", "1"]

    done = subprocess.run(
        [sys.executable, BENCHMARKS / "imports.py", *words],
        env=os.environ | {"PYTHONPATH": str(BENCHMARKS)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "| the first time | 8 s |" in done.stdout
    assert "| again, with nothing new | 0.3 s |" in done.stdout

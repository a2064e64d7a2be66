"""The benchmark of a team runs, with few machines; the times it measures are not checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SPENDLIGHT = (sys.executable, "-m", "spendlight")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BENCHMARKS.exists(), reason="a source distribution has none"),
    pytest.mark.skipif(sys.platform == "win32", reason="measures processes with Unix only"),
]

MEASURE = """
import sys
from pathlib import Path
from make_team import Shape
from team import measure_sizes, measure_team
from team_page import page

build = Path(sys.argv[1])
found = measure_team(build, Shape(3, 130), 1)
found = found._replace(lines=measure_sizes(build, [Shape(1, 60), Shape(3, 130)], 1))
print("\\n".join(page(found)))
"""


def run(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(BENCHMARKS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_teams_reports_are_measured_and_their_totals_are_right(tmp_path: Path) -> None:
    page = run("-c", MEASURE, tmp_path)

    assert "3 machines with 396 rows in 9 segments" in page
    assert "390 answers" in page
    for bound in ("any report, up to date", "exact totals by answers", "publish, nothing new"):
        assert f"| {bound}" in page
    if b"--scheduler" in subprocess.check_output([*SPENDLIGHT, "team", "daily", "--help"]):
        assert "| Dask, workers: 2 |" in page


def test_the_same_arguments_make_the_same_team(tmp_path: Path) -> None:
    made = [
        json.loads(run(BENCHMARKS / "make_team.py", tmp_path / name, "--machines", 2, *answers))
        for name, answers in (("a", ["--answers", 200]), ("b", ["--answers", 200]))
    ]
    names = [
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*.parquet")}
        for name in ("a", "b")
    ]

    assert made[0] == made[1]
    assert names[0] == names[1]  # with the hashes of the contents
    assert made[0]["rows"] == 408

"""The benchmarks run, on very little data; the times they measure are not checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spendlight.demo import corpus, write_logs

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BENCHMARKS.exists(), reason="a source distribution has none"),
    pytest.mark.skipif(sys.platform == "win32", reason="measures processes with Unix only"),
]

COMPARE = """
import json, shutil, sys
from pathlib import Path
from page import page
from programs import Programs
from rows import Found, off_line
from side_by_side import lifelike, measure_corpus, one_shot, synthetic, wrong_totals

build = Path(sys.argv[1])
programs = Programs([sys.executable, "-m", "spendlight"], None, shutil.which("rg"))
logs = [synthetic(build, size, 3) for size in (200_000, 400_000, 800_000)]
alike = [measure_corpus(programs, corpus, 1, 1) for corpus in logs]
real = {"all": measure_corpus(programs, lifelike(build, 0.005)["all"], 1, 1)}
real["small"] = real["all"]
single = measure_corpus(programs, one_shot(build, 40), 1, 1)
stall = {"largest_ms": 9, "hundredth_ms": 3, "scan_ms": 1}
tray = dict.fromkeys(("cpu_ms", "most_cpu_ms", "seconds", "most_seconds"), 1)
tray["window"] = dict.fromkeys(("open_ms", "change_ms", "stall_ms", "busiest_ms"), 40)
reports = {"daily": 0.1, "blocks": 0.6, "session": 0.3}
years = {"answers": 1, "ledger_bytes": 9, "reports": reports, "first_page_s": 0.4}
years |= dict.fromkeys(("exchange_cpu_ms", "exchange_most_cpu_ms", "search_ms"), 2)
title = real["all"].corpus.title
steps = {"read": 3.0, "find": 1.0}
found = Found(alike, real, single, tray, {title: stall}, {title: steps}, years, {})
assert not [sentence for one in found.every for sentence in wrong_totals(one)]
assert off_line([1, 2, 3], [2.0, 4.0, 6.0]) < 1e-9
assert off_line([1, 3, 10], [1.0, 9.0, 100.0]) > 0.15
print("\\n".join(page(programs, found)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claude")
    write_logs(folder, corpus(400_000, 4))
    return folder


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


def found(name: str, *words: object) -> Any:  # noqa: ANN401  # whatever was found
    return json.loads(run(BENCHMARKS / f"{name}.py", *words).splitlines()[-1])


def test_the_trays_stalls_are_measured(folder: Path, tmp_path: Path) -> None:
    write_logs(tmp_path, corpus(100_000, 2))

    stall = found("tray_stall", f"{folder},{tmp_path}")

    assert 0 <= stall["hundredth_ms"] <= stall["largest_ms"] < stall["scan_ms"]


@pytest.mark.parametrize("reader", ["python", ""])
def test_the_steps_of_a_first_scan_are_measured(
    folder: Path, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPENDLIGHT_READER", reader)

    steps = found("stages", folder)["steps"]

    assert {"read", "pack and add up"} < steps.keys()
    assert max(steps.values()) > 0


def test_an_exchange_is_measured_and_removed_again(folder: Path) -> None:
    before = {log: log.read_bytes() for log in folder.rglob("*.jsonl")}

    exchange = found("tray_exchange", folder, 1)

    assert exchange["cpu_ms"] > 0
    assert 0 < exchange["seconds"] < 60  # noticed by the watcher, not by the check once a minute
    assert before == {log: log.read_bytes() for log in folder.rglob("*.jsonl")}


def test_every_report_is_measured_on_a_ledger_of_ten_years(tmp_path: Path) -> None:
    years = found("ten_years", tmp_path, 3_000)
    page = found("ten_years_window", tmp_path)
    exchange = found("tray_exchange", "--ten-years", tmp_path, 1)

    assert 2_000 < years["answers"] < 4_000
    assert min(years["reports"].values()) > 0
    assert page["first_page_s"] > 0
    assert exchange["exchange_cpu_ms"] > exchange["search_ms"] > 0


def test_the_response_times_and_stalls_of_the_window_are_measured(
    folder: Path, tmp_path: Path
) -> None:
    window = found("window_speed", folder, tmp_path)

    assert window["open_ms"] > 0
    assert 0 <= min(window["stalls_ms"].values()) <= window["stall_ms"]
    assert 0 < min(window["busy_ms"].values()) <= window["busiest_ms"]
    assert window["change_ms"] == max(window["times_ms"].values())


def test_programs_are_compared_with_each_other_and_with_their_bounds(tmp_path: Path) -> None:
    page = run("-c", COMPARE, tmp_path)

    assert (
        "first scan and report: 1 MB synthetic | 0.22 × ccusage | no ccusage here | – | – |" in page
    )
    assert "report: 40 logs, 0 MB of one-shot sessions | 2 × ccusage | no ccusage" in page
    assert "data folders | 0.4 × ccusage | no ccusage here | – | – |" in page
    assert "3 data folders | 15 ms | 3.0 ms (the largest: 9.0 ms) | 0.20 | yes |" in page
    assert "JSON: daily, blocks (the slowest: blocks) | 0.3 s | 0.600 s | 2.00 | **no** |" in page
    assert "JSON: session (the slowest: session) | 0.6 s | 0.300 s | 0.50 | yes |" in page
    assert "| 160 bytes an answer | 9 bytes | 0.06 | yes |" in page
    assert "| find | 1.00 | 25% |" in page
    assert "| window: any page, range or filter painted | 0.2 s | 0.040 s | 0.20 | yes |" in page
    assert "the window's first page | 0.3 s | 0.400 s | 1.33 | **no** |" in page
    assert page.count("3 data folders\n\n") == 2

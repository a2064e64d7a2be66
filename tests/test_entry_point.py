from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from spendlight.__main__ import main
from spendlight.tracker.options import TrackerOptions


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


@dataclass
class Started:
    options: TrackerOptions
    is_demo: bool
    feed: Callable[[], None] | None


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    """Use a desktop that only records that it was started."""
    started: list[Started] = []

    def desktop(
        options: TrackerOptions, *, is_demo: bool = False, feed: Callable[[], None] | None = None
    ) -> int:
        started.append(Started(options, is_demo, feed))
        return 7

    monkeypatch.setattr("spendlight.desktop.display.why_no_display", lambda _environ: None)
    monkeypatch.setattr("spendlight.desktop.app.main", desktop)
    return started


def test_without_a_verb_the_tray_starts(started: list[Started], tmp_path: Path) -> None:
    assert main(["--data-dir", str(tmp_path), "--exclude-vms"]) == 7

    options = TrackerOptions(data_dir=tmp_path, with_vms=False)
    assert started == [Started(options, is_demo=False, feed=None)]


def test_the_tray_can_be_started_as_a_demo(started: list[Started]) -> None:
    assert main(["--demo"]) == 7

    assert started[0].is_demo
    assert started[0].feed is not None
    assert started[0].options.data_dir is not None
    assert not started[0].options.data_dir.parent.exists()


def test_a_verb_starts_no_tray(
    started: list[Started], shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.log("p/s.jsonl")

    assert main(["daily", "--json"]) == 0

    assert '"2026-03-01"' in capsys.readouterr().out
    assert started == []


def test_without_a_display_the_current_figures_are_printed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.log("p/s.jsonl")
    monkeypatch.setattr(
        "spendlight.desktop.display.why_no_display", lambda _environ: "There is no display here."
    )

    assert main([]) == 0

    out, err = capsys.readouterr()
    assert out.startswith("Block  No active block.")
    assert err == "spendlight: There is no display here. Printing the current snapshot instead.\n"


def test_the_arguments_of_the_process_are_used(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.log("p/s.jsonl")
    monkeypatch.setattr("sys.argv", ["spendlight", "monthly", "--json"])

    assert main() == 0

    assert '"2026-03"' in capsys.readouterr().out


def test_the_process_ends_cleanly(tmp_path: Path) -> None:
    code = (
        "import atexit, sys; sys.argv = ['spendlight', 'daily', '--since', 'never'];"
        "atexit.register(print, 'goodbye'); from spendlight.__main__ import start; start()"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SPENDLIGHT_DATA_DIR": str(tmp_path)},
    )

    assert (ended.returncode, ended.stdout) == (2, "goodbye\n")
    assert "never" in ended.stderr

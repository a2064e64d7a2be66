"""`make fuzz` compares the readers, and says so if they differ."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from build_reader import library_of
from tests.logs.claude_code import fuzzing

from maintenance import compare_readers
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange


def test_it_compares_the_requested_number_of_lines(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_readers, "ROUND_LINES", 100)
    monkeypatch.setattr(compare_readers, "_library", lambda _, __: library_of(sys.platform))
    monkeypatch.setattr(compare_readers, "MADE_BYTES", 300_000)
    monkeypatch.setattr(compare_readers, "LIFELIKE", "0.003")

    assert compare_readers.main(["--lines", "150", "--jobs", "2"]) == 0

    found = re.match(r"([\d,]+) lines in .*: no difference", capfd.readouterr().out)
    assert found
    assert int(found[1].replace(",", "")) >= 150


def test_it_fails_if_a_process_finds_a_difference(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "AssertionError: seed 1000000: they differ")

    monkeypatch.setattr(compare_readers, "_library", lambda _, size: Path(f"{size}.so"))
    monkeypatch.setattr(compare_readers, "_made_logs", lambda _: [])
    monkeypatch.setattr(subprocess, "run", fail)

    assert compare_readers.main(["--lines", "1"]) == 1
    assert "they differ" in capsys.readouterr().err


def test_a_difference_is_named_and_its_log_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_otherwise(job: ReadJob) -> ParsedRange:
        parsed = parse_range(job)
        if parsed.packed.count:
            parsed.fingerprint += 1
        return parsed

    monkeypatch.setattr(fuzzing, "parse_range", read_otherwise)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(AssertionError, match=r"seed 3: .*'fingerprint'") as raised:
        fuzzing.fuzz(3, 1_000, [], tmp_path)

    (kept,) = tmp_path.glob("readers-differ-3-*.jsonl")
    assert str(kept) in str(raised.value)

"""Exported entries are read natively as in Python."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.logs.claude_code import export_fuzz

from spendlight.logs.claude_code.native import NATIVE
from spendlight.tracker.entry_files import decoded_line
from spendlight.tracker.entry_rows import EntryRow, ImportFileError
from spendlight.tracker.import_reading import ImportFile

pytestmark = pytest.mark.skipif(not NATIVE.instructions, reason="there is no native reader")


@pytest.fixture(autouse=True)
def reader() -> None:
    """Use the native reader in each test."""


def test_both_readers_find_the_same() -> None:
    export_fuzz.fuzz(1, 100)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the sanitizers of Linux")
def test_it_never_reads_or_writes_outside_its_buffers(
    run_checked: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ran = run_checked("tests.logs.claude_code.export_fuzz", "2", "60")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no difference" in ran.stdout


def test_a_usual_file_is_left_to_python_once_for_each_log_and_variant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(export_fuzz.export(random.Random(8), 40))  # noqa: S311  # the same each time
    lines: list[bytes] = []

    def note(line: bytes, number: int, path: Path) -> EntryRow:
        lines.append(line)
        return decoded_line(line, number, path)

    monkeypatch.setattr("spendlight.tracker.import_reading.decoded_line", note)

    found = ImportFile(path, export_fuzz.THIS, ())

    assert found.entries + found.own == 40
    assert 0 < len(lines) < 40


@pytest.mark.parametrize("before", [0, 1, 20, 700])
def test_the_number_of_a_bad_entry_is_told(tmp_path: Path, before: int) -> None:
    path = tmp_path / "export.json"
    head, good, *_ = export_fuzz.export(random.Random(8), 40).splitlines(keepends=True)  # noqa: S311  # as above
    bad = good.replace(b'"isCounted":', b'"isCounted":7,"x":')
    path.write_bytes(head + good * before + bad + good + b"]}")

    with pytest.raises(ImportFileError, match=f"entry {before + 1} is not valid"):
        ImportFile(path, export_fuzz.THIS, ())

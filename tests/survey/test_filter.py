from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.survey.trees import plant

from spendlight.survey.filter import BadPatternError, FileFilter, extension
from spendlight.survey.survey import survey


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plant(
        tmp_path,
        {"a.jsonl": 10, "b.JSONL": 20, "c.txt": 30, "d": 40, "p": {"a.md": 50, ".q": {".e": 60}}},
    )
    return tmp_path


def sizes(folder: Path, filters: FileFilter) -> list[int]:
    return sorted(file.size for file in survey(str(folder), filters).largest)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (FileFilter(), [10, 20, 30, 40, 50, 60]),
        (FileFilter(extensions=frozenset({".jsonl"})), [10, 20]),
        (FileFilter(extensions=frozenset({".txt", ""})), [30, 40, 60]),
        (FileFilter(names=("a.*",)), [10, 50]),
        (FileFilter(names=("a.*", "?")), [10, 40, 50]),
        (FileFilter(names=("*.jsonl",), min_bytes=10), [10]),
        (FileFilter(pattern="^p/"), [50, 60]),
        (FileFilter(pattern=r"\.q/|c\.t"), [30, 60]),
        (FileFilter(min_bytes=40), [40, 50, 60]),
        (FileFilter(has_hidden=False), [10, 20, 30, 40, 50]),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="names have no case there")
def test_only_matching_files_are_counted(
    folder: Path, filters: FileFilter, expected: list[int]
) -> None:
    assert sizes(folder, filters) == expected


def test_only_files_older_than_a_time_are_counted(folder: Path) -> None:
    os.utime(folder / "c.txt", (1_000, 1_000))
    os.utime(folder / "d", (2_000, 2_000))

    assert sizes(folder, FileFilter(before_ns=2_000 * 10**9)) == [30]


def test_omitted_hidden_files_are_counted_separately(folder: Path) -> None:
    assert survey(str(folder)).hidden == 0
    assert survey(str(folder), FileFilter(has_hidden=False)).hidden == 1


def test_folders_are_counted_whatever_the_filter(folder: Path) -> None:
    found = survey(str(folder), FileFilter(names=("nothing",)))

    assert (found.files, found.folders, found.by_extension) == (0, 2, ())


def test_an_invalid_expression_is_rejected(folder: Path) -> None:
    with pytest.raises(BadPatternError, match="not a regular expression"):
        survey(str(folder), FileFilter(pattern="(a"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", ".jsonl"),
        ("A.TXT", ".txt"),
        ("a.tar.gz", ".gz"),
        ("README", ""),
        (".profile", ""),
        ("..a", ""),
        (".a.b", ".b"),
        ("a.", ""),
    ],
)
def test_the_extension_is_the_part_after_the_last_dot(name: str, expected: str) -> None:
    assert extension(name) == expected

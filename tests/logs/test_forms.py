from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
from tests.makers import answers, append, encoded, line, read, record, write_log

TEXT = "".join(line(id=name).decode() for name in "abc")


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (gzip.compress(TEXT.encode()), "compressed with gzip"),
        (bz2.compress(TEXT.encode()), "compressed with bzip2"),
        (lzma.compress(TEXT.encode()), "compressed with xz"),
        (b"\x28\xb5\x2f\xfd\x24\x0a", "compressed with zstd"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (TEXT.encode("utf-16"), "UTF-16 text"),
        (TEXT.encode("utf-16-le"), "UTF-16 text"),
        (TEXT.encode("utf-16-be"), "UTF-16 text"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16 text"),
        (TEXT.encode("utf-32"), "UTF-32 text"),
        (TEXT[:-1].replace("\n", "\r").encode("utf-16"), "UTF-16 text"),
    ],
)
def test_a_file_that_is_not_a_log_is_reported_once(
    tmp_path: Path, content: bytes, form: str
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", content)

    first = read(log)
    again = read(log, first)

    (problem,) = first.problems
    assert (problem.offset, problem.is_counted, form in problem.reason) == (0, False, True)
    assert first.entries == again.entries == []


def test_a_file_that_becomes_a_log_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", TEXT.encode("utf-16"))
    first = read(log)
    log.write_bytes(TEXT.encode() * 3)

    second = read(log, first)

    assert (second.start, len(answers(second)), second.problems) == (0, 3, [])


def test_lines_after_an_odd_beginning_count(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", "a strange line\n".encode("utf-16"), b"\n")
    first = read(log)
    append(log, line())

    assert len(answers(read(log, first))) == len(answers(read(log))) == 1


@pytest.mark.parametrize(
    "start",
    [b"\n", b" ", b"\n\n  ", b"\xef\xbb\xbf\n", encoded([1]), b"\0\0\n", b"{}\n"],
)
def test_a_log_with_an_odd_beginning_is_still_a_log(tmp_path: Path, start: bytes) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", start, TEXT.encode()))

    assert (len(answers(parsed)), parsed.problems) == (3, [])


@pytest.mark.parametrize("is_list", [False, True])
def test_entries_over_several_lines_are_reported_once(tmp_path: Path, *, is_list: bool) -> None:
    entries = [record(id=str(number)) for number in range(20)]
    spread = (
        json.dumps(entries, indent=2)
        if is_list
        else "\n".join(json.dumps(entry, indent=2) for entry in entries)
    )

    parsed = read(write_log(tmp_path, "p/s.jsonl", spread.encode() + b"\n", line(id="whole")))

    assert len(answers(parsed)) == 1
    (problem,) = parsed.problems
    assert (problem.is_counted, "spans several lines" in problem.reason) == (False, True)

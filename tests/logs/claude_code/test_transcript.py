from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import LEFT_OUT, encoded, line, write_log

from spendlight.logs.claude_code import transcript
from spendlight.logs.claude_code.transcript import last_context_tokens

BAIT = encoded({"type": "user", "text": 'about "usage"', "usage": {"input_tokens": 9}})


def test_the_context_is_that_of_the_last_answer(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(input_tokens=5, output_tokens=9000), BAIT)

    assert last_context_tokens(log) == 5 + 1000 + 20000


def test_without_a_cache_the_context_is_the_input(tmp_path: Path) -> None:
    log = write_log(
        tmp_path,
        "p/s.jsonl",
        line(cache_read_input_tokens=LEFT_OUT, cache_creation_input_tokens=LEFT_OUT),
    )

    assert last_context_tokens(log) == 3


@pytest.mark.parametrize(
    "end",
    [b"", b"\n\n", line(input_tokens=77)[:-30], line(input_tokens=-1), b'{"usage"\n', BAIT[:-1]],
)
def test_other_lines_at_the_end_are_skipped(tmp_path: Path, end: bytes) -> None:
    assert last_context_tokens(write_log(tmp_path, "p/s.jsonl", line(), end)) == 21003


def test_a_complete_last_line_needs_no_newline(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(input_tokens=5)[:-1])

    assert last_context_tokens(log) == 21005


@pytest.mark.parametrize("size", [1, 2, 7, 64, 655, len(line()), len(line()) + 1, 4096])
def test_the_size_of_the_pieces_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(transcript, "_CHUNK_BYTES", size)
    first = write_log(tmp_path, "p/a.jsonl", line(), BAIT, BAIT, b"\n")
    last = write_log(tmp_path, "p/b.jsonl", BAIT, line(), line(input_tokens=6))

    assert (last_context_tokens(first), last_context_tokens(last)) == (21003, 21006)


@pytest.mark.parametrize("lines", [[], [BAIT], [b"\n"]])
def test_without_an_answer_the_context_is_unknown(tmp_path: Path, lines: list[bytes]) -> None:
    assert last_context_tokens(write_log(tmp_path, "p/s.jsonl", *lines)) is None


def test_without_a_log_the_context_is_unknown(tmp_path: Path) -> None:
    assert last_context_tokens(tmp_path / "missing.jsonl") is None
    assert last_context_tokens(tmp_path) is None


def test_answers_that_do_not_count_do_not_change_the_context(tmp_path: Path) -> None:
    escaped = line(input_tokens=77).replace(b'"usage"', b'"us\\u0061ge"')

    assert last_context_tokens(write_log(tmp_path, "p/s.jsonl", line(), escaped)) == 21003

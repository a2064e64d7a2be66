from __future__ import annotations

import os
import sys
import tempfile
import tracemalloc
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.makers import (
    LEFT_OUT,
    answers,
    append,
    encoded,
    job_for,
    line,
    progress,
    read,
    record,
    write_log,
)

from spendlight.logs import appended_lines
from spendlight.logs.claude_code import answers as answers_module
from spendlight.logs.claude_code.nameless import count_lines
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.entry import UsageEntry
from spendlight.metering.packed import pack
from spendlight.metering.settling import LOST, PYTHON, Source

BAIT = encoded({"type": "user", "text": 'so-called "usage": \u00e9\u20ac\U0001f600 ' * 3})
NAMELESS = line(id=LEFT_OUT, input_tokens=7)
LINES = (
    line(),
    line(output_tokens=900),
    BAIT,
    line(id="msg_02", isSidechain=True),
    b"\n",
    NAMELESS,
    line(id="msg_02", speed="fast"),
    b'{"cut":"usage"\n',
    line(id="msg_03").replace(b"\n", b"\r\n"),
    progress(record(id="msg_04")),
    line(id="msg_05", content="caf\u00e9", iterations=[{"type": "advisor_message"}]),
    NAMELESS,
    encoded({"type": "user", "text": "long " * 120}),
    line(id="msg_06", content="x" * 700),
)
MB = 1 << 20


def settled(path: Path, entries: Iterable[UsageEntry]) -> list[UsageEntry]:
    """Return the entries of one log that count, in any order."""
    found = pack(1, list(entries), ())
    (verdicts,) = PYTHON.settle([Source(found, 1, str(path))]).verdicts
    return sorted(
        one for one, verdict in zip(found.entries(), verdicts, strict=True) if verdict != LOST
    )


def places(parsed: ParsedRange) -> list[tuple[int, str, bool]]:
    """Return the problems without their file."""
    return [(one.offset, one.reason, one.is_counted) for one in parsed.problems]


@pytest.fixture(autouse=True)
def _no_spare_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appended_lines, "_spare_buffers", [])


@pytest.fixture
def tiny_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appended_lines, "BUFFER_BYTES", 16)
    monkeypatch.setattr(appended_lines, "HUGE_LINE_BYTES", 512)


def test_nothing_in_an_empty_log(tmp_path: Path) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl"))

    assert (parsed.end, parsed.entries, parsed.problems, parsed.failure) == (0, [], [], None)


def test_a_half_written_line_is_left_for_the_next_pass(tmp_path: Path) -> None:
    first, second = line(), line(id="msg_02")
    log = write_log(tmp_path, "p/s.jsonl", first)
    for cut in range(1, len(second) - 2, 3):
        log.write_bytes(first + second[:cut])

        parsed = read(log)

        assert (parsed.end, len(parsed.entries), parsed.problems) == (len(first), 1, [])


def test_a_complete_last_line_counts_once_even_before_its_newline(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02")[:-1])
    first = read(log)
    append(log, b"\n", line(id="msg_03"))

    second = read(log, first)

    assert (first.end, [one.offset for one in answers(first)]) == (len(line()), [0, len(line())])
    assert [one.offset for one in answers(second)] == [len(line()), 2 * len(line())]
    assert answers(first)[1] == answers(second)[0]


def test_an_invalid_last_line_is_a_problem_once_it_has_ended(tmp_path: Path) -> None:
    bad = line(input_tokens=-1)
    log = write_log(tmp_path, "p/s.jsonl", line(), bad[:-1])
    first = read(log)
    append(log, b"\n")

    second = read(log, first)

    assert (first.problems, first.end) == ([], len(line()))
    assert [problem.offset for problem in second.problems] == [len(line())]
    assert second.end == len(line()) + len(bad)


def test_lines_written_while_reading_are_left_for_the_next_pass(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"), line(id="msg_03"))

    parsed = parse_range(job_for(log, end=len(line()) + 30))

    assert (parsed.end, len(parsed.entries)) == (len(line()), 1)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 16, 97, 256, 1023, len(line()), len(line()) + 1])
@pytest.mark.parametrize("huge", [1 << 30, 512])
def test_the_size_of_the_buffer_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, huge: int
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", *LINES)
    expected = read(log)

    monkeypatch.setattr(appended_lines, "BUFFER_BYTES", size)
    monkeypatch.setattr(appended_lines, "HUGE_LINE_BYTES", huge)
    parsed = read(log)

    assert sorted(parsed.entries) == sorted(expected.entries)
    assert (places(parsed), parsed.end) == (places(expected), expected.end)
    assert parsed.fingerprint == expected.fingerprint
    assert len(expected.entries) == 8
    assert expected.end == sum(map(len, LINES))


def test_a_line_may_cross_the_end_of_the_buffer_anywhere(tmp_path: Path) -> None:
    whole = line(id="msg_02")
    around = [*range(-len(whole) - 2, 3, 7), *range(-3, 3)]
    for distance in around:
        filler = encoded({"x": ""})
        filler = encoded({"x": "y" * (appended_lines.BUFFER_BYTES + distance - len(filler))})
        assert len(filler) == appended_lines.BUFFER_BYTES + distance

        parsed = read(write_log(tmp_path, "p/s.jsonl", filler, whole, line(id="msg_03")))

        assert [one.offset for one in answers(parsed)] == [len(filler), len(filler) + len(whole)]


@settings(deadline=None, max_examples=70)
@given(st.lists(st.integers(0, sum(map(len, LINES))), max_size=12))
def test_reading_in_pieces_has_the_same_result_as_reading_at_once(cuts: list[int]) -> None:
    whole = b"".join(LINES)
    with tempfile.TemporaryDirectory() as folder:
        log = write_log(Path(folder), "p/s.jsonl", whole)
        expected = read(log)
        log.write_bytes(b"")
        parsed, found, problems = read(log), [], set()
        for cut in [*sorted(cuts), len(whole)]:
            log.write_bytes(whole[:cut])
            parsed = read(log, parsed)
            found += parsed.entries
            problems |= set(places(parsed))

        assert settled(log, found) == settled(log, expected.entries)
        assert problems >= set(places(expected))
        assert (parsed.end, parsed.fingerprint) == (expected.end, expected.fingerprint)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(LINES), size=st.integers(1, 400))
def test_the_order_of_lines_and_the_buffer_do_not_affect_the_result(
    monkeypatch: pytest.MonkeyPatch, order: list[bytes], size: int
) -> None:
    monkeypatch.setattr(appended_lines, "BUFFER_BYTES", size)
    with tempfile.TemporaryDirectory() as folder:
        parsed = read(write_log(Path(folder), "p/s.jsonl", *order))

    counted = sorted((one.answer, one.request, one.total, one.flags) for one in parsed.entries)
    assert counted == sorted(
        (one.answer, one.request, one.total, one.flags) for one in _in_usual_order()
    )


def _in_usual_order() -> list[UsageEntry]:
    with tempfile.TemporaryDirectory() as folder:
        return read(write_log(Path(folder), "p/s.jsonl", *LINES)).entries


@pytest.mark.usefixtures("tiny_buffers")
def test_a_huge_line_that_has_not_ended_waits(tmp_path: Path) -> None:
    huge = line(id="huge", content="x" * 2000)
    log = write_log(tmp_path, "p/s.jsonl", line(), huge[:-20])
    first = read(log)
    log.write_bytes(line() + huge[:-1])
    second = read(log, first)
    append(log, b"\n", line(id="msg_03"))
    third = read(log, second)

    assert (first.end, len(first.entries), first.problems) == (len(line()), 1, [])
    assert (second.end, [one.offset for one in answers(second)]) == (len(line()), [len(line())])
    assert [one.offset for one in answers(third)] == [len(line()), len(line()) + len(huge)]
    assert answers(third)[0] == answers(second)[0]


@pytest.mark.usefixtures("tiny_buffers")
def test_a_huge_line_may_be_malformed_or_without_an_answer(tmp_path: Path) -> None:
    silent = encoded({"text": "x" * 2000})
    bad = line(content="x" * 2000, input_tokens=-1)
    carrying = line(content="x" * 2000, data={"message": record(iterations=[{"type": "x"}])})

    parsed = read(write_log(tmp_path, "p/s.jsonl", silent, bad, carrying, line(id="msg_02")))

    assert [problem.offset for problem in parsed.problems] == [len(silent)]
    assert len(parsed.entries) == 2
    assert parsed.failure is None


@pytest.mark.parametrize(
    ("around", "count"),
    [
        pytest.param(line(content="HERE"), 3, id="answer"),
        pytest.param(line(content="HERE", id=LEFT_OUT), 3, id="nameless-answer"),
        pytest.param(encoded({"type": "user", "text": "HERE"}), 2, id="no-answer"),
    ],
)
def test_a_line_of_forty_megabytes_is_in_memory_at_most_once(
    tmp_path: Path, around: bytes, count: int
) -> None:
    before, after = around.split(b"HERE")
    log = write_log(tmp_path, "p/s.jsonl", line(id="msg_first"), before)
    for _ in range(40):
        append(log, b"0123456789abcdef" * (MB // 16))
    append(log, after, line(id="msg_last"))
    tracemalloc.start()
    try:
        parsed = read(log)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(parsed.entries) == count
    assert peak < 40 * MB + 2.5 * appended_lines.HUGE_LINE_BYTES


@pytest.mark.parametrize("change", [b"X" + line()[1:], line(id="other")])
def test_another_file_in_the_place_of_the_first_is_read_from_its_beginning(
    tmp_path: Path, change: bytes
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", *[line(id=f"msg_{number}") for number in range(3)])
    first = read(log)
    log.write_bytes(change + line(id="new") * 3 + line(id="newer"))

    second = read(log, first)

    assert second.start == 0
    assert {one.offset for one in answers(second)} >= {len(change)}


def test_a_log_that_became_shorter_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"))
    first = read(log)
    log.write_bytes(line(id="msg_03"))

    second = parse_range(job_for(log, first.end, mark=first.fingerprint))

    assert (second.start, second.end, len(second.entries)) == (0, len(line()), 1)


def test_an_unchanged_log_yields_nothing(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"))
    first = read(log)

    second = read(log, first)

    assert (second.entries, second.start, second.end) == ([], first.end, first.end)
    assert second.fingerprint == first.fingerprint


def test_a_log_that_vanished_is_a_failure(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"))
    first = read(log)
    job = job_for(log, first.end, mark=first.fingerprint)
    log.unlink()

    parsed = parse_range(job)

    assert parsed.failure == "No such file or directory"
    assert (parsed.end, parsed.fingerprint, parsed.entries) == (first.end, first.fingerprint, [])


def test_a_folder_in_the_place_of_a_log_is_a_failure(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line())
    job = job_for(log)
    log.unlink()
    log.mkdir()

    assert parse_range(job).failure


def test_a_log_truncated_while_it_is_searched_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line())
    first = read(log)
    append(log, line(id="msg_02"), NAMELESS)

    def cut_off(file: FileIO, end: int) -> dict[str, int]:
        os.truncate(log, 10)
        return count_lines(file, end)

    monkeypatch.setattr(answers_module, "count_lines", cut_off)
    parsed = read(log, first)

    assert parsed.failure == "it was truncated while it was read"
    assert (parsed.end, len(parsed.entries)) == (first.end, 1)


def test_after_a_disk_error_what_was_read_before_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appended_lines, "BUFFER_BYTES", len(line()) + 10)
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"))
    reads = iter([True, False])

    class FailingFile:
        def __init__(self, *_: object, **__: object) -> None:
            self._file = log.open("rb", buffering=0)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # anything of a file
            return getattr(self._file, name)

        def readinto(self, buffer: memoryview) -> int:
            if not next(reads):
                raise OSError(5, "Input/output error")
            return self._file.readinto(buffer)

    monkeypatch.setattr(appended_lines, "open", FailingFile, raising=False)
    monkeypatch.setattr(NATIVE, "take", lambda: None)
    parsed = read(log)

    assert (parsed.failure, len(parsed.entries)) == ("Input/output error", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_log_with_an_invalid_utf_8_name_is_read(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/caf\udce9.jsonl", line(requestId=LEFT_OUT, sessionId=LEFT_OUT))

    assert [one.total for one in answers(read(log))] == [21403]

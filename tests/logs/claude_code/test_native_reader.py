"""The native reader has the same results as the one in Python, whatever a log contains."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.logs.claude_code import fuzzing
from tests.makers import (
    LEFT_OUT,
    answers,
    append,
    job_for,
    line,
    progress,
    ranges,
    read,
    record,
    write_log,
)

from spendlight.demo import corpus, write_logs
from spendlight.logs import native_file
from spendlight.logs.claude_code import native, parser, python_reader
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.parser import parse_many, parse_range
from spendlight.logs.jobs import ReadJob
from spendlight.logs.native_file import CHOICE
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.session_notes import CalledAgent

LINES = 4_000


@pytest.fixture(autouse=True)
def reader() -> None:
    """Do not select a reader; each test uses both."""


def test_there_is_a_native_reader_if_there_is_a_compiler() -> None:
    assert NATIVE.reason == ""
    assert NATIVE.instructions


def test_python_reads_nothing_that_the_native_reader_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_reader, "read_in_python", None)
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id=LEFT_OUT), line(id="b", speed="odd"))

    first = read(log)
    append(log, line(id="c"), line(id="d"))
    second = read(log, first)

    assert (len(answers(first)), len(answers(second))) == (3, 2)


def test_both_readers_agree_on_mutated_lines(tmp_path: Path) -> None:
    done = fuzzing.fuzz(1, LINES, (), tmp_path)

    assert done.lines >= LINES
    assert done.answers > LINES // 20
    assert done.in_python < done.ranges // 4


@pytest.mark.parametrize(
    ("more", "is_loaded"),
    [
        ({}, False),
        ({"requestId": LEFT_OUT, "model": "<synthetic>", "isApiErrorMessage": False}, False),
        ({"requestId": LEFT_OUT, "model": "<synthetic>", "isApiErrorMessage": True}, False),
        ({"isApiErrorMessage": True, "content": "Claude AI usage limit reached|1772000000"}, True),
        ({"requestId": LEFT_OUT, "sessionId": LEFT_OUT}, True),
        ({"costUSD": "1"}, True),
    ],
)
def test_the_json_decoder_is_loaded_for_unusual_lines_only(
    tmp_path: Path,
    more: dict[str, object],
    is_loaded: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(**more))
    code = (
        "import sys\n"
        "from spendlight.logs.claude_code.parser import parse_range\n"
        "from spendlight.logs.jobs import ReadJob\n"
        "path, size = sys.argv[1], int(sys.argv[2])\n"
        "parsed = parse_range(ReadJob(path, path, 1, 's.jsonl', 's', 0, size, size))\n"
        "print(parsed.packed.count, len(parsed.problems), 'msgspec' in sys.modules)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code, str(log), str(log.stat().st_size)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.split()[-1] == str(is_loaded)
    assert int(ran.stdout.split()[0]) + int(ran.stdout.split()[1]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs the sanitizers of Linux")
def test_it_never_reads_outside_its_buffers(
    run_checked: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ran = run_checked("tests.logs.claude_code.fuzzing", "2", str(LINES))

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["lines"] >= LINES


def test_both_readers_agree_on_real_shapes_of_logs(tmp_path: Path) -> None:
    write_logs(tmp_path, corpus(3_000_000))
    for path in tmp_path.rglob("*.jsonl"):
        assert fuzzing.differences(job_for(path)) == {}


def test_many_logs_are_read_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [
        [line()],
        [line(id=f"msg_{number}", input_tokens=number) for number in range(50)],
        [line(), line(output_tokens=3), line(timestamp="2026-03-01T11:00:00.000Z", id="msg_02")],
        [line(model="claude-haiku-4-5", costUSD=0.5), line(speed="fast", id="msg_03")],
        [line(sessionId="33333333-3333-4333-8333-333333333333"), line(id="msg_04")],
        [b'{"type":"user"}\n'],
        [line(id=f"msg_{number // 2}", output_tokens=number) for number in range(2_000)],
        [],
        [line()],
    ]
    usual = [
        write_log(tmp_path, f"p/{number}-é.jsonl", *lines) for number, lines in enumerate(contents)
    ]
    unusual = [
        write_log(tmp_path, f"p/unusual-{number}.jsonl", *lines)
        for number, lines in enumerate(
            (
                [line(), line(id=LEFT_OUT)],
                [line(), line(id="msg_02").removesuffix(b"\n")],
                [b"\n", line()],
                [b"\xff\xfe{"],
            )
        )
    ]
    gone = write_log(tmp_path, "p/gone.jsonl", line())
    jobs = [fuzzing.whole_job(path, number) for number, path in enumerate([*usual, gone, *unusual])]
    gone.unlink()
    alone = []

    def watched(job: ReadJob) -> ParsedRange:
        alone.append(Path(job.path))
        return parse_range(job)

    assert fuzzing.differences_of_many(jobs) == []
    monkeypatch.setattr(parser, "parse_range", watched)
    assert len(ranges(parse_many(jobs))) == len(jobs)
    assert alone == [gone, *unusual]


def test_both_readers_tell_all_calls_that_started_a_subagent(tmp_path: Path) -> None:
    calls = ("toolu_1", "toolu_2", "toolu_2", "toolu_1")
    lines = [
        progress(record(id=f"msg_{number}"), parentToolUseID=call)
        for number, call in enumerate(calls)
    ]
    odd = progress(record(id="msg_9", output_tokens=-1), parentToolUseID="toolu_3")  # for Python
    log = write_log(tmp_path, "p/s.jsonl", odd, *lines[:2], odd, *lines[2:])

    assert fuzzing.differences(job_for(log)) == {}
    told = {note.call for note in read(log).notes if isinstance(note, CalledAgent)}
    assert told >= {"toolu_1", "toolu_2"}


def test_marked_logs_and_parts_of_logs_are_read_separately(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(), line(id="msg_02"))
    whole = fuzzing.whole_job(log, 1)
    appended = job_for(log, len(line()), mark=read(log).fingerprint)._replace(number=2)
    part = whole._replace(number=3, end=len(line()))
    later = part._replace(number=4, start=part.end, end=whole.end, part=1)

    found = {one.job.number: one for one in ranges(parse_many([whole, appended, part, later]))}

    assert {number: (one.start, one.packed.count) for number, one in found.items()} == {
        1: (0, 2),
        2: (0, 2),  # its beginning has another fingerprint
        3: (0, 1),
        4: (len(line()), 1),
    }


def test_a_line_longer_than_the_largest_buffer_is_read_by_both(tmp_path: Path) -> None:
    text = "x" * (9 << 20)
    log = write_log(
        tmp_path,
        "p/s.jsonl",
        line(),
        line(id="msg_02", content=[{"type": "text", "text": text}]),
        line(id="msg_03"),
        line(id="msg_04", content=[{"type": "text", "text": text}]).removesuffix(b"\n"),
    )
    assert fuzzing.differences(job_for(log)) == {}
    assert len(parse_range(job_for(log)).entries) == 4


def test_a_file_that_is_truncated_while_it_is_read_does_no_harm(tmp_path: Path) -> None:
    log = write_log(tmp_path, "p/s.jsonl", *(line(id=f"msg_{n}") for n in range(2_000)))
    content = log.read_bytes()
    job = job_for(log)
    is_over = threading.Event()

    def tamper() -> None:
        while not is_over.is_set():
            os.truncate(log, len(content) // 3)
            with log.open("r+b") as file:
                file.write(content)

    tampering = threading.Thread(target=tamper)
    tampering.start()
    try:
        counts = [parse_range(job).packed.count for _ in range(200)]
    finally:
        is_over.set()
        tampering.join()
    assert set(counts) <= set(range(2_001))


def test_several_threads_can_read_at_once(tmp_path: Path) -> None:
    logs = [
        write_log(tmp_path, f"p/{n}.jsonl", *(line(id=f"msg_{n}_{m}") for m in range(300)))
        for n in range(8)
    ]
    expected = [python_reader.read_in_python(job_for(log)).packed for log in logs]
    found: dict[int, list[object]] = {}

    def read(number: int) -> None:
        found[number] = [parse_range(job_for(log)).packed for _ in range(20) for log in logs]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(4)] == [expected * 20] * 4


def test_without_a_library_logs_are_read_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_file, "LIBRARY", "none.so")
    none = native.Native()

    assert none.take() is None
    assert "none.so" in none.reason


def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "python")

    assert native.Native().reason == f"{CHOICE}=python turns it off"


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="asks Linux for its processor"
)
def test_the_widest_instructions_of_the_processor_are_used() -> None:
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()

    assert NATIVE.instructions == ("AVX2" if "avx2" in flags else "SSE2")

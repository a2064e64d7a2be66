"""Compares the native reader with the one in Python, on mutated lines.

    python -m tests.logs.claude_code.fuzzing SEED LINES [FOLDER...]

Mutates logs below the folders, and built-in lines of usual and unusual shapes.
`make fuzz` runs this for as long as you like (maintenance/compare_readers.py).
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from tests.makers import LEFT_OUT, encoded, line, progress, ranges, record
from xxhash import xxh3_64_intdigest

from spendlight.logs import appended_lines
from spendlight.logs.appended_lines import BUFFER_BYTES, FINGERPRINT_BYTES
from spendlight.logs.claude_code import python_reader
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.parser import parse_many, parse_range
from spendlight.logs.claude_code.python_reader import read_in_python
from spendlight.logs.jobs import ReadJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spendlight.logs.parsed import ParsedRange

WHAT_IS_FOUND: Final = (
    "start",
    "end",
    "fingerprint",
    "packed",
    "variants",
    "attributions",
    "tools",
    "sessions",
    "problems",
    "failure",
    "notes",
)
"""All results of reading a range."""

_STEPS: Final = [
    {"type": "message", "input_tokens": 3, "output_tokens": 400},
    {"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 9, "output_tokens": 8},
]
_CALLS: Final = [
    {"type": "text", "text": "so"},
    {"type": "tool_use", "id": "t", "name": "Bash", "input": {"type": "tool_use", "name": "No"}},
    {"type": "server_tool_use", "id": "t", "name": "web_search", "input": {}},
]
_STARTS: Final = [
    {"type": "tool_use", "id": f"t{n}", "name": name, "input": {"subagent_type": "Explore"}}
    for n, name in enumerate(("Task", "Agent"))
]
_RESULT: Final = record(
    content=[{"type": "tool_result", "tool_use_id": "t0", "content": "done"}],
    usage=LEFT_OUT,
    toolUseResult={"agentId": "a1", "usage": {"input_tokens": 1}},
)
_TOLD: Final = {
    "gitBranch": "feature/x",
    "version": "2.1.219",
    "entrypoint": "cli",
    "effort": "high",
    "agentId": "a62e0353bdbce8641",
    "attributionSkill": "tidy",
    "attributionPlugin": "p",
    "attributionMcpServer": "s",
    "attributionMcpTool": "t",
}
SHAPES: Final = (
    line(content=_CALLS, **_TOLD),
    line(content=_CALLS[1:2], cwd="C:\\Users\\ada", stop_reason="tool_use"),
    line(content=_CALLS[2:], cwd="/home/jürgen/\U0001f600", service_tier="priority"),
    line(content=_CALLS[1:2], stop_reason="tool_use"),
    line(content=_CALLS[:1], stop_reason="tool_use"),
    line(content=_CALLS * 5),
    line(content=_STARTS[:1]),
    line(content=_STARTS[1:], stop_reason="tool_use"),
    line(content=[*_CALLS, *_STARTS]),
    line(attributionAgent="Plan", agentId="a2", isSidechain=True),
    encoded(_RESULT),
    encoded(_RESULT | {"toolUseResult": {"isAsync": True, "agentId": "a2", "agentType": "Plan"}}),
    progress(record(id="msg_03", attributionAgent="x"), agentId="a3"),
    line(content=[7, None, {"type": "tool_use", "name": 3}, *_CALLS]),
    progress(record(id="msg_03", content=_CALLS), **_TOLD),
    line(),
    line(output_tokens=1),
    line(isSidechain=True),
    line(speed="fast"),
    line(inference_geo="us", model="claude-sonnet-4-5"),
    line(server_tool_use={"web_search_requests": 2}),
    line(costUSD=0.0375),
    line(costUSD=0.12345678901234567),
    line(id="msg_02", requestId=LEFT_OUT),
    line(id=LEFT_OUT),
    line(stop_reason="refusal", output_tokens=0),
    line(iterations=_STEPS[:1]),
    line(iterations=_STEPS),
    line(sessionId="33333333-3333-4333-8333-333333333333"),
    line(isApiErrorMessage=True, content="Claude AI usage limit reached|1772000000"),
    line(id="msg_04", requestId=LEFT_OUT, isApiErrorMessage=False, output_tokens=0),
    line(id="msg_04", requestId=LEFT_OUT, isApiErrorMessage=True, sessionId="s"),
    line(content=[{"type": "text", "text": 'so-called "usage": é€😀 \\ "id":"msg_01"' * 3}]),
    line(timestamp="2026-03-01T12:00:00+02:00"),
    progress(record(id="msg_03", requestId="req_03")),
    progress(record(id="msg_03", requestId="req_03", isSidechain=True), sessionId=None),
    progress(record(id="msg_04", requestId=LEFT_OUT, isApiErrorMessage=False)),
    b'{"type":"summary","summary":"Caf\xc3\xa9 \\"usage\\" \\ud800","leafUuid":"1"}\n',
    b'{"type":"ai-title","aiTitle":"Mend the clock","sessionId":"x"}\n',
    b'{"type": "custom-title", "customTitle": "", "sessionId": null}\r\n',
    b'{"type":"pr-link","prNumber":7,"prUrl":"https://example.com/p/7","prRepository":"a/b"}\n',
)
_PIECES: Final = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"false", b"0", b"-1",
    b"1e3", b"1.0", b"01", b"-0", b"-0.0", b"4294967295", b"4294967296", b"9223372036854775808",
    b" ", b"\t", b"\r", b"\x00", b"\x1f", b"\x7f", b"\xff", "é".encode(), b"\\u0041", b"\\ud800",
    b'"usage"', b'"usage":{"input_tokens":1,"output_tokens":2}', b'"usage":null', b'"id":"m"',
    b'"message":{}', b'"message":null', b'"data":{}', b'"data":{"message":{}}', b'"data":null',
    b'"isSidechain":true', b'"isSidechain":false', b'"isSidechain":null', b'"costUSD":1.5',
    b'"costUSD":-0', b'"costUSD":2000000', b'"costUSD":1e2', b'"costUSD":null',
    b'"costUSD":0.30000000000000004', b'"speed":"fast"', b'"speed":"turbo"', b'"speed":""',
    b'"requestId":"r"', b'"requestId":""', b'"type":"advisor_message"', b'"model":"\xc3\xa9"',
    b'"isApiErrorMessage":true', b'"isApiErrorMessage":null', b'"isApiErrorMessage":false',
    b"Claude AI usage limit reached|1772000001", b"2026-01-01T24:00:00.000Z",
    b'"timestamp":"2026-02-30T00:00:00.000Z"', b"2200-01-01T00:00:00.000Z",
    b"2199-12-31T23:59:59.999Z", b"1969-12-31T23:59:59.999Z", b'"stop_reason":"refusal"',
    b'"stop_reason":null', b'"stop_reason":"end_turn"', b'"sessionId":""', b'"sessionId":"x"',
    b'"sessionId":null', b'"web_search_requests":3', b'"iterations":[{"type":"message"}]',
    b'"iterations":[]', b'"iterations":[null]', b'"inference_geo":"us"', b'"cache_creation":null',
    b'"cwd":"\\u0041\\\\"', b'"gitBranch":null', b'"agentId":"b"', b'"agentId":7', b'"effort":""',
    b'"service_tier":"batch"', b'"content":[]', b'"content":"x"', b'"content":{}', b'"name":"Edit"',
    b'{"type":"tool_use","name":"Read"}', b'"type":"mcp_tool_use"', b'"name":"\\ud800"',
    b'"version":"\\u0000"', b'"attributionSkill":[]', b'"type":"tool_\\u0075se"',
    b'"cache_creation":{"ephemeral_5m_input_tokens":7}', b'"inference_geo":"not_available"',
    b'{"type"', b'\n{"type":"summary","summary":"x"}', b'\n\n{"type":"ai-title","aiTitle":7}\n',
    b'{"type":"pr-link","prUrl":"http://x", ', b'{"type":"custom-title","customTitle":"t"}{',
)  # fmt: skip
"""Parts that are inserted into lines: values at bounds, and members with a meaning."""

_MOST_BYTES: Final = 6_000
_THREADS: Final = 3
_USAGE: Final = b'"usage"'
_DIGIT: Final = re.compile(rb"\d")


def lines_below(folders: Iterable[Path], rng: random.Random) -> list[bytes]:
    """Return lines that may contain answers: some of each of some logs."""
    found: list[bytes] = []
    for folder in folders:
        paths = sorted(folder.rglob("*.jsonl"))
        for path in rng.sample(paths, min(len(paths), 100)):
            held = path.read_bytes()[:400_000].split(b"\n") if path.is_file() else []
            chosen = [text for text in held if _USAGE in text and len(text) < _MOST_BYTES]
            found += rng.sample(chosen, min(len(chosen), 30))
    return found


def mutated(text: bytes, rng: random.Random) -> bytes:
    """Return a mutated line, with changes mostly near its usage."""
    changed = bytearray(text)
    if rng.random() < 0.5:  # of another answer
        changed = bytearray(text.replace(b'"id":"m', b'"id":"m%d' % rng.randrange(1_000)))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(changed) + 1)
        if rng.random() < 0.6:
            near = changed.find(_USAGE) + rng.randrange(-200, 400)
            at = min(len(changed), max(0, near))
        kind = rng.random()
        if kind < 0.1 and changed:
            changed[min(at, len(changed) - 1)] = rng.randrange(256)
        elif kind < 0.25:  # mostly the line stays as usual: another count, time or id
            changed[at:] = _DIGIT.sub(b"%d" % rng.randrange(10), changed[at:], count=1)
        elif kind < 0.4:
            del changed[at : at + rng.choice((1, 1, 2, 5, 30))]
        elif kind < 0.75:
            changed[at:at] = rng.choice(_PIECES)
        elif kind < 0.9:
            other = rng.randrange(len(changed) + 1)
            changed[at:at] = changed[other : other + rng.randrange(1, 40)]
        else:
            del changed[at:]
    if rng.random() < 0.1:
        changed[:] = b'{"type":"progress","sessionId":"o","data":{"message":' + changed + b"}}"
    return bytes(changed).replace(b"\n", b"")


def made_log(base: Sequence[bytes], rng: random.Random) -> list[bytes]:
    """Return the lines of a log; some of its answers have copies."""
    found: list[bytes] = []
    chosen = rng.sample(base, min(len(base), rng.choice((1, 2, 6, 60))))
    for _ in range(rng.choice((1, 3, 20, 200))):
        text = mutated(rng.choice(chosen), rng)
        found += [text] * rng.choice((1, 1, 1, 2))
    return found


def job_of(path: Path, data: bytes, rng: random.Random) -> ReadJob:
    """Return a job to read a log with given contents, or any part of it.

    The log may have grown or shrunk since its size was noted, and be another one than was read.
    """
    kind = rng.random()
    size = len(data)
    if kind < 0.1:  # it has grown since
        size = rng.randrange(size + 1)
    elif kind < 0.2:  # it has shrunk
        size += rng.randrange(1, 2_000)
    start, part, fingerprint = 0, 0, None
    kind = rng.random()
    if kind < 0.3:
        start, part = rng.randrange(size + 1), 1
    elif kind < 0.5:  # new lines
        start = data.rfind(b"\n", 0, rng.randrange(size + 1)) + 1
        before = data[max(0, start - FINGERPRINT_BYTES) : start]
        fingerprint = rng.choice((xxh3_64_intdigest(before) >> 1, 12))
    return ReadJob(
        path=str(path),
        name=str(path),
        number=1,
        first_name=path.name,
        session=rng.choice(("11111111-1111-4111-8111-111111111111", "x")),
        start=start,
        end=rng.choice((size, size, rng.randint(min(start + 1, size), size))),
        size=size,
        part=part,
        fingerprint=fingerprint,
        context_thresholds=rng.choice(((200_000,), (), (1_000, 200_000))),
    )


def differences(job: ReadJob) -> dict[str, tuple[object, object]]:
    """Return the differences: the results of the Python reader and of the native one."""
    return _compare(read_in_python(job), parse_range(job))


def whole_job(path: Path, number: int, size: int | None = None) -> ReadJob:
    """Return a job to read a log completely."""
    size = path.stat().st_size if size is None else size
    session = "11111111-1111-4111-8111-111111111111"
    return ReadJob(str(path), str(path), number, path.name, session, 0, size, size)


def differences_of_many(jobs: Sequence[ReadJob]) -> list[object]:
    """Return the differences if the native reader reads several logs at once."""
    found = {parsed.job.number: parsed for parsed in ranges(parse_many(jobs))}
    assert found.keys() == {job.number for job in jobs}
    pairs = ((job, _compare(read_in_python(job), found[job.number])) for job in jobs)
    return [(job, differing) for job, differing in pairs if differing]


def _compare(expected: ParsedRange, found: ParsedRange) -> dict[str, tuple[object, object]]:
    pairs = ((name, getattr(expected, name), getattr(found, name)) for name in WHAT_IS_FOUND)
    return {name: (one, other) for name, one, other in pairs if one != other}


class Fuzzed(NamedTuple):
    """How much was compared.

    Attributes:
        lines: The number of lines written.
        ranges: The number of ranges read.
        in_python: How many of these the native reader left to Python as a whole.
        answers: The number of answers found.
    """

    lines: int = 0
    ranges: int = 0
    in_python: int = 0
    answers: int = 0


def fuzz(seed: int, lines: int, folders: Iterable[Path], scratch: Path) -> Fuzzed:
    """Read mutated logs with both readers until a number of lines was read.

    The native reader reads several logs at the same time, in threads, and in one go.

    Raises:
        AssertionError: If the readers differ. The message names the log.
    """
    rng = random.Random(seed)  # noqa: S311  # the same for the same seed
    base = [shape.removesuffix(b"\n") for shape in SHAPES] + lines_below(folders, rng)
    paths = [scratch / f"fuzzed-{number}.jsonl" for number in range(_THREADS)]
    done = Fuzzed()
    with ThreadPoolExecutor(_THREADS) as threads:
        while done.lines < lines:
            jobs = []
            written = 0
            for path in paths:
                made = made_log(base, rng)
                data = b"\n".join(made) + rng.choice((b"", b"\n", b"\r\n"))
                if rng.random() < 0.1:
                    data = data[: rng.randrange(len(data) + 1)]
                path.write_bytes(data)
                written += len(made)
                jobs.append(job_of(path, data, rng))
            with _python_buffer(rng.choice((1 << 12, 1 << 16, BUFFER_BYTES))), _left() as left:
                expected = list(map(read_in_python, jobs))
                found = list(threads.map(parse_range, jobs))
            for job, one, other in zip(jobs, expected, found, strict=True):
                if differing := _compare(one, other):
                    kept = _kept(job, f"{seed}-{done.lines}")
                    message = f"seed {seed}: the readers differ on {kept}: {job}: {differing}"
                    raise AssertionError(message)
            size = rng.choice((1, 1, rng.random(), 2))
            whole = [
                whole_job(path, number, int(path.stat().st_size * size))
                for number, path in enumerate(paths)
            ]
            if several := differences_of_many(whole):
                message = f"seed {seed}: the readers differ on logs read in one go: {several}"
                raise AssertionError(message)
            answers = sum(one.packed.count for one in found)
            more = Fuzzed(written, len(jobs), len(left), answers)
            done = Fuzzed(*map(sum, zip(done, more, strict=True)))
    return done


def _kept(job: ReadJob, name: str) -> Path:
    """Copy a log to a folder that is not deleted."""
    kept = Path(tempfile.gettempdir(), f"readers-differ-{name}.jsonl")
    kept.write_bytes(Path(job.path).read_bytes())
    return kept


@contextmanager
def _python_buffer(size: int) -> Iterator[None]:
    """Set the size of the Python reader's buffers, in bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appended_lines, "BUFFER_BYTES", size)
        patch.setattr(appended_lines, "_spare_buffers", [])
        yield


@contextmanager
def _left() -> Iterator[list[ReadJob]]:
    """Collect the jobs that `parse_range` leaves to the Python reader as a whole."""
    left: list[ReadJob] = []

    def read(job: ReadJob) -> ParsedRange:
        left.append(job)
        return read_in_python(job)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_reader, "read_in_python", read)
        yield left


def main() -> None:
    """Fuzz according to the command line."""
    seed, lines = int(sys.argv[1]), int(sys.argv[2])
    assert NATIVE.instructions, NATIVE.reason
    with tempfile.TemporaryDirectory() as folder:
        done = fuzz(seed, lines, map(Path, sys.argv[3:]), Path(folder))
    print(json.dumps(done._asdict()))  # noqa: T201  # also a script


if __name__ == "__main__":
    main()

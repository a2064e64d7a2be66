"""Holds the native reader against the one in Python, on lines that were tampered with.

    python -m tests.logs.claude_code.fuzzing SEED LINES [FOLDER...]

Logs below the folders are what is tampered with, beside lines of the usual and of unusual shapes.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.makers import LEFT_OUT, line, progress, record

from spendlight.logs import appended_lines
from spendlight.logs.claude_code.native import NATIVE
from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import ReadJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spendlight.logs.parsed import ParsedRange

WHAT_IS_FOUND: Final = (
    "start",
    "end",
    "fingerprint",
    "packed",
    "variants",
    "sessions",
    "problems",
    "failure",
)
"""All that a range comes to."""

_STEPS: Final = [
    {"type": "message", "input_tokens": 3, "output_tokens": 400},
    {"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 9, "output_tokens": 8},
]
SHAPES: Final = (
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
    line(content=[{"type": "text", "text": 'so-called "usage": é€😀 \\ "id":"msg_01"' * 3}]),
    line(timestamp="2026-03-01T12:00:00+02:00"),
    progress(record(id="msg_03", requestId="req_03")),
    progress(record(id="msg_03", requestId="req_03", isSidechain=True), sessionId=None),
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
    b'"isApiErrorMessage":true', b'"isApiErrorMessage":null', b"2026-01-01T24:00:00.000Z",
    b'"timestamp":"2026-02-30T00:00:00.000Z"', b"2200-01-01T00:00:00.000Z",
    b"2199-12-31T23:59:59.999Z", b"1969-12-31T23:59:59.999Z", b'"stop_reason":"refusal"',
    b'"stop_reason":null', b'"stop_reason":"end_turn"', b'"sessionId":""', b'"sessionId":"x"',
    b'"sessionId":null', b'"web_search_requests":3', b'"iterations":[{"type":"message"}]',
    b'"iterations":[]', b'"iterations":[null]', b'"inference_geo":"us"', b'"cache_creation":null',
    b'"cache_creation":{"ephemeral_5m_input_tokens":7}', b'"inference_geo":"not_available"',
)  # fmt: skip
"""What is put into lines: values at every bound, and members that mean something."""

_MOST_BYTES: Final = 6_000
_USAGE: Final = b'"usage"'


def lines_below(folders: Iterable[Path], rng: random.Random) -> list[bytes]:
    """Return lines of logs that may hold answers: some of each log."""
    found: list[bytes] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.jsonl")):
            held = path.read_bytes()[:400_000].split(b"\n") if path.is_file() else []
            chosen = [text for text in held if _USAGE in text and len(text) < _MOST_BYTES]
            found += rng.sample(chosen, min(len(chosen), 30))
    return found


def tampered(text: bytes, rng: random.Random) -> bytes:
    """Return a line with some changes, mostly near its usage."""
    changed = bytearray(text)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 6))):
        at = rng.randrange(len(changed) + 1)
        if rng.random() < 0.6:
            near = changed.find(_USAGE) + rng.randrange(-200, 400)
            at = min(len(changed), max(0, near))
        kind = rng.random()
        if kind < 0.2 and changed:
            changed[min(at, len(changed) - 1)] = rng.randrange(256)
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
        text = tampered(rng.choice(chosen), rng)
        found += [text] * rng.choice((1, 1, 1, 2))
    return found


def job_of(path: Path, size: int, rng: random.Random) -> ReadJob:
    """Return a job to read a log, or a part of it that begins and ends anywhere."""
    start = rng.choice((0, 0, size // 3))
    return ReadJob(
        path=str(path),
        name=str(path),
        number=1,
        file_name=path.name,
        session=rng.choice(("11111111-1111-4111-8111-111111111111", "x")),
        start=start,
        end=rng.choice((size, size, max(start + 1, size // 2))),
        size=size,
        part=1 if start else 0,
        context_thresholds=rng.choice(((200_000,), (), (1_000, 200_000))),
    )


def in_python(job: ReadJob) -> ParsedRange:
    """Read a range with the reader in Python."""
    NATIVE.take = lambda: None  # type: ignore[method-assign]  # as where there is none
    try:
        return parse_range(job)
    finally:
        del NATIVE.take


def differences(job: ReadJob) -> dict[str, tuple[object, object]]:
    """Return in what the two readers differ: what Python finds, and what the native one does."""
    expected, found = in_python(job), parse_range(job)
    pairs = ((name, getattr(expected, name), getattr(found, name)) for name in WHAT_IS_FOUND)
    return {name: (one, other) for name, one, other in pairs if one != other}


def fuzz(seed: int, lines: int, folders: Iterable[Path], scratch: Path) -> int:
    """Read tampered logs with both readers until so many lines were read; return how many were.

    Raises:
        AssertionError: If the readers differ. The log is left where the text says.
    """
    rng = random.Random(seed)  # noqa: S311  # the same for the same seed
    base = [shape.removesuffix(b"\n") for shape in SHAPES] + lines_below(folders, rng)
    path = scratch / "fuzzed.jsonl"
    buffer_bytes = appended_lines.BUFFER_BYTES
    done = 0
    while done < lines:
        made = made_log(base, rng)
        data = b"\n".join(made) + rng.choice((b"", b"\n", b"\r\n"))
        path.write_bytes(data)
        done += len(made)
        appended_lines.BUFFER_BYTES = rng.choice((1 << 12, 1 << 16, buffer_bytes))  # type: ignore[misc]
        appended_lines._spare_buffers.clear()  # noqa: SLF001  # they are of another size
        try:
            found = differences(job_of(path, len(data), rng))
        finally:
            appended_lines.BUFFER_BYTES = buffer_bytes  # type: ignore[misc]
            appended_lines._spare_buffers.clear()  # noqa: SLF001  # as above
        if found:
            kept = Path(tempfile.gettempdir(), f"readers-differ-{seed}-{done}.jsonl")
            kept.write_bytes(data)
            message = f"seed {seed}: the readers differ on {kept}: {found}"
            raise AssertionError(message)
    return done


def main() -> None:
    """Fuzz as the command line says."""
    seed, lines = int(sys.argv[1]), int(sys.argv[2])
    begun = time.monotonic()
    assert NATIVE.instructions, NATIVE.reason
    with tempfile.TemporaryDirectory() as folder:
        done = fuzz(seed, lines, map(Path, sys.argv[3:]), Path(folder))
    print(f"{done} lines, no difference, {time.monotonic() - begun:.0f} s")  # noqa: T201  # a script, too


if __name__ == "__main__":
    main()

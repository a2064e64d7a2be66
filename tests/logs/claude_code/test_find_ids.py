"""Searching a log natively for the lines that summaries name finds the same as Python does."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spendlight.logs.claude_code.native import NATIVE, NativeReader
from spendlight.logs.claude_code.notes import read_notes
from spendlight.metering.session_notes import SessionTitle

IDS = ("3f2a9c1e-0b5d-4c68-9a7e-5d1b2c3e4f60", "a", "ünï-💡-code", 'quo"ted', "x" * 200)
PIECE = 64 << 10
"""How many bytes are searched at once."""


@pytest.fixture(autouse=True)
def reader() -> str:
    """Use the native reader, as each test compares it with Python."""
    return "native"


@pytest.fixture
def native() -> NativeReader:
    taken = NATIVE.take()
    assert taken is not None
    return taken


def encoded(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode()


def found_in(log: Path, ids: list[str], native: NativeReader | None) -> set[str]:
    """Return the ids whose summaries are kept as titles of the log's own session."""
    lines = [
        (at, b'{"type":"summary","summary":"s%d","leafUuid":%s}' % (at, encoded(name)))
        for at, name in enumerate(ids)
    ]
    notes = read_notes(lines, "own", str(log), None if native is None else native.find_ids)
    return {note.leaf for note in notes if isinstance(note, SessionTitle)}


lines = st.builds(
    lambda filler, key, name: b"%s{%s%s}\n" % (b"." * filler, key, encoded(name)),
    st.integers(0, 300) | st.integers(PIECE - 120, PIECE + 20),
    st.sampled_from((b'"uuid":', b'"uuid": ', b'"uuid":  ', b'"parentUuid":', b"")),
    st.sampled_from(IDS),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, max_size=6), st.lists(st.sampled_from(IDS), min_size=1, unique=True))
@example([b'"uuid":' + encoded(IDS[0])], [IDS[0]])
@example([], [IDS[0], IDS[1]])
def test_the_same_lines_are_found_as_in_python(
    tmp_path: Path, native: NativeReader, content: list[bytes], ids: list[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(content))
    assert found_in(log, ids, native) == found_in(log, ids, None)


@pytest.mark.parametrize("before", range(PIECE - 60, PIECE + 10))
def test_a_line_across_two_pieces_is_found(
    tmp_path: Path, native: NativeReader, before: int
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"." * before + b'"uuid": ' + encoded(IDS[0]) + b"\n")
    assert native.find_ids(str(log), [encoded(IDS[0]), encoded(IDS[4])]) == [True, False]


def test_a_log_that_is_gone_is_left_to_python(tmp_path: Path, native: NativeReader) -> None:
    assert native.find_ids(str(tmp_path / "gone.jsonl"), [encoded(IDS[0])]) is None
    assert found_in(tmp_path / "gone.jsonl", [IDS[0]], native) == set()

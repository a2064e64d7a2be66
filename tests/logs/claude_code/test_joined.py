from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, answers, append, encoded, line, progress, read, record, write_log

from spendlight.logs.claude_code.joined import split_line
from spendlight.logs.claude_code.transcript import last_context_tokens
from spendlight.logs.parsed import ParsedRange

SUMMARY = encoded({"type": "summary", "summary": 'a "}{" in it', "leafUuid": "x"})
ONE, TWO = line(id="a")[:-1], line(id="b", output_tokens=7)[:-1]


def said(parsed: ParsedRange) -> list[tuple[int, bool]]:
    """Return the positions of problems, and whether each was counted nevertheless."""
    return [(one.offset, one.is_counted) for one in parsed.problems]


@pytest.mark.parametrize(
    ("text", "counted", "problems"),
    [
        pytest.param(ONE + SUMMARY, [0], [(0, True)], id="summary-behind"),
        pytest.param(SUMMARY[:-1] + ONE + b"\n", [len(SUMMARY) - 1], [(0, True)], id="in-front"),
        pytest.param(ONE + TWO + b"\n", [0, len(ONE)], [(0, True)], id="two-answers"),
        pytest.param(ONE + b" \t" + TWO + b"\n", [0, len(ONE) + 2], [(0, True)], id="blanks"),
        pytest.param(ONE + b' {"type":"summ\n', [0], [(len(ONE) + 1, True)], id="cut-behind"),
        pytest.param(ONE + TWO[:-9] + b"\n", [0], [(len(ONE), False)], id="cut-answer-behind"),
        pytest.param(
            ONE + line(id="c", input_tokens=-1)[:-1] + TWO + b"\n",
            [0, len(ONE) + len(line(id="c", input_tokens=-1)) - 1],
            [(len(ONE), False), (0, True)],
            id="malformed-between",
        ),
        pytest.param(ONE + b" and more\n", [], [(0, False)], id="text-behind"),
        pytest.param(b"\0\0\0" + ONE + b"\n", [], [(0, False)], id="nul-bytes"),
        pytest.param(b"[" + ONE + b",\n", [], [(0, False)], id="list"),
        pytest.param(ONE + b"," + TWO + b"\n", [], [(0, False)], id="comma"),
        pytest.param(ONE + b"}\n", [], [(0, False)], id="brace"),
        pytest.param(ONE[:-30] + TWO + b"\n", [], [(0, False)], id="cut-in-front"),
        pytest.param(b"\xef\xbb\xbf" + ONE + b"\n", [], [(0, False)], id="byte-order-mark"),
    ],
)
def test_each_complete_entry_on_a_line_counts_and_the_rest_is_reported(
    tmp_path: Path, text: bytes, counted: list[int], problems: list[tuple[int, bool]]
) -> None:
    before, after = line(id="first"), line(id="last")

    parsed = read(write_log(tmp_path, "p/s.jsonl", before, text, after))

    ends = [0, len(before) + len(text)]
    found = [one.offset for one in answers(parsed)]
    assert found == sorted([*ends, *(len(before) + place for place in counted)])
    assert said(parsed) == [(len(before) + place, good) for place, good in problems]


def test_an_answer_may_be_followed_by_a_subagents(tmp_path: Path) -> None:
    told = progress(record(id="inner"))

    parsed = read(write_log(tmp_path, "p/s.jsonl", ONE + told))

    assert len(answers(parsed)) == 2


def test_an_answer_counts_once_whatever_is_appended_to_its_line(tmp_path: Path) -> None:
    for name, text in (("named", ONE), ("nameless", line(id=LEFT_OUT)[:-1])):
        log = write_log(tmp_path, f"p/{name}.jsonl", line(id="z"), text)
        first = read(log)
        append(log, SUMMARY, line(id="y"))

        second = read(log, first)
        whole = read(log)

        assert len(first.entries) == 2
        names = {one[:2] for one in (*first.entries, *second.entries)}
        assert names == {one[:2] for one in whole.entries}
        assert len(names) == 3


def test_equal_answers_without_an_id_on_one_line_are_two(tmp_path: Path) -> None:
    nameless = line(id=LEFT_OUT)[:-1]

    parsed = read(write_log(tmp_path, "p/s.jsonl", nameless + nameless + b"\n"))

    assert len({one[:2] for one in parsed.entries}) == 2


@pytest.mark.parametrize("end", [b"", b"\r", b"\r\r", b"\r" + ONE[:40]])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_log_of_carriage_returns_is_read_and_reported(
    tmp_path: Path, start: bytes, end: bytes
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", start + b"\r".join((ONE, SUMMARY[:-1], TWO)) + end)
    first = read(log)
    append(log, b"\r" + line(id="c")[:-1])

    second = read(log, first)

    is_cut = end[1:2] == b"{"
    assert [one.output for one in answers(first)] == [400, 7]
    assert said(first) == [] if is_cut else [(0, True)]
    assert len(answers(second)) == (2 if is_cut else 3)


def test_a_huge_log_of_carriage_returns_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spendlight.logs.appended_lines.BUFFER_BYTES", 512)
    monkeypatch.setattr("spendlight.logs.appended_lines.HUGE_LINE_BYTES", 1024)

    parsed = read(write_log(tmp_path, "p/s.jsonl", b"\r".join((ONE, TWO, TWO, ONE, TWO)) + b"\r"))

    assert len(answers(parsed)) == 2


def test_the_context_of_a_session_is_from_the_last_answer_on_its_last_line(
    tmp_path: Path,
) -> None:
    bigger = line(id="c", input_tokens=500)[:-1]
    log = write_log(tmp_path, "p/s.jsonl", line(), ONE + bigger + SUMMARY)

    assert last_context_tokens(log) == 500 + 21_000
    log.write_bytes(line() + line(costUSD=7).replace(b'USD":7', b'USD":NaN'))
    assert last_context_tokens(log) == 3 + 21_000


_VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(st.sampled_from('"\\{}[]é\n a'), max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from('a{"}'), inner, max_size=3)
    ),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.sampled_from(["a", '"', "{", "}\\"]), _VALUES, max_size=3)


@given(st.lists(_OBJECTS, max_size=4), st.sampled_from([b"", b" ", b"\r", b" \t"]), st.booleans())
def test_a_line_is_split_at_the_ends_of_its_objects(
    values: list[dict[str, object]],
    between: bytes,
    is_ascii: bool,  # noqa: FBT001  # drawn
) -> None:
    texts = [json.dumps(value, ensure_ascii=is_ascii).encode() for value in values]
    text = between.join(texts)

    joined = split_line(memoryview(text))

    if len(texts) < 2:
        assert joined is None
    else:
        assert joined is not None
        assert [text[start:end] for start, end in joined.entries] == texts
        assert joined.cut_at is None


@given(st.lists(st.sampled_from([b'"', b"\\", b"{", b"}", b"x", b" ", b'"a"', ONE]), max_size=12))
def test_a_line_is_split_completely_or_not_at_all(pieces: list[bytes]) -> None:
    text = b"".join(pieces)

    joined = split_line(text)

    if joined is not None:
        left = text
        for start, end in (*joined.entries, (joined.cut_at or len(text), len(text))):
            assert left[start : start + 1] in {b"{", b""}
            assert not left[:start].strip()
            left = b" " * end + left[end:]


def test_a_long_invalid_line_is_searched_once() -> None:
    cut = b'{"a":"' + rb"\"{" * 300_000

    assert split_line(cut) is None
    assert split_line(b"{}" + cut) == ([(0, 2)], 2)


def test_the_report_distinguishes_joined_and_truncated_entries(
    tmp_path: Path,
) -> None:
    whole, cut = ONE + line(id="b"), ONE + line(id="c")[:40] + b"\n"

    parsed = read(write_log(tmp_path, "p/s.jsonl", whole, cut))

    assert [(one.offset, one.reason) for one in parsed.problems] == [
        (0, "several entries are on one line"),
        (len(whole) + len(ONE), "an entry is cut off after others on the same line"),
    ]

from __future__ import annotations

import io
import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from tests.makers import (
    LEFT_OUT,
    OPUS,
    SONNET,
    advisors,
    answers,
    append,
    line,
    model_of,
    progress,
    read,
    record,
    write_log,
)
from tests.tracker.worlds import log_lines

from spendlight.logs.claude_code.answers import Answers
from spendlight.logs.claude_code.repeated_lines import called_again
from spendlight.metering.entry import ModelVariant, Role

FEW, MORE = line(output_tokens=1), line(output_tokens=90)


def step(**changes: object) -> dict[str, object]:
    """Return an advisor's step."""
    usual = {"type": "advisor_message", "model": SONNET, "input_tokens": 10, "output_tokens": 20}
    return usual | changes


@pytest.mark.parametrize("order", list(itertools.permutations([0, 1, 2])))
def test_the_line_with_the_most_tokens_counts_wherever_it_is(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    copies = [FEW, MORE, line(output_tokens=40, timestamp="2026-03-01T12:00:05.000Z")]

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", *(copies[i] for i in order))))

    assert found.output == 90
    assert found.offset == sum(len(copies[i]) for i in order[: order.index(1)])


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"isSidechain": False}, {"isSidechain": True}, id="main-chain"),
        pytest.param(
            {"isSidechain": False, "output_tokens": 1},
            {"isSidechain": True, "output_tokens": 99},
            id="main-chain-with-less",
        ),
        pytest.param({"speed": "standard"}, {"speed": LEFT_OUT}, id="names-its-speed"),
        pytest.param(
            {"output_tokens": 2}, {"output_tokens": 1, "speed": "standard"}, id="fuller-no-speed"
        ),
        pytest.param(
            {"input_tokens": 9, "timestamp": "2026-03-01T12:00:09.000Z"}, {}, id="fuller-later"
        ),
        pytest.param(
            {"cache_creation": {"ephemeral_1h_input_tokens": 900}},
            {"cache_creation": {"ephemeral_1h_input_tokens": 10}},
            id="wrote-more-for-an-hour",
        ),
    ],
)
def test_the_better_of_two_copies_counts_whichever_comes_first(
    tmp_path: Path, better: dict[str, object], worse: dict[str, object]
) -> None:
    first = read(write_log(tmp_path, "p/a.jsonl", line(**better), line(**worse)))
    second = read(write_log(tmp_path, "p/b.jsonl", line(**worse), line(**better)))

    (one,), (other,) = answers(first), answers(second)
    assert (one.offset, other.offset) == (0, len(line(**worse)))
    assert one._replace(offset=0) == other._replace(offset=0)


def test_the_earlier_of_equal_copies_counts(tmp_path: Path) -> None:
    later = line(timestamp="2026-03-01T12:00:05.000Z", costUSD=1)

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", line(), later)))

    assert (found.offset, found.recorded_cost) == (0, None)


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"id": "msg_02"}, 2),
        ({"requestId": "req_02"}, 2),
        ({"requestId": LEFT_OUT}, 2),
        ({"sessionId": "another"}, 1),
        ({"uuid": "another", "model": SONNET, "timestamp": "2026-04-01T00:00:00Z"}, 1),
    ],
)
def test_an_answer_is_identified_by_its_message_and_request(
    tmp_path: Path, change: dict[str, object], count: int
) -> None:
    assert count == len(answers(read(write_log(tmp_path, "p/s.jsonl", line(), line(**change)))))


def test_without_a_request_an_answer_is_identified_by_its_session(tmp_path: Path) -> None:
    copies = [line(requestId=LEFT_OUT, sessionId=session) for session in ("a", "b", "a", "b")]

    assert len(answers(read(write_log(tmp_path, "p/s.jsonl", *copies)))) == 2


@pytest.mark.parametrize("missing", [LEFT_OUT, None, ""])
def test_a_line_without_a_session_belongs_to_that_of_its_path(
    tmp_path: Path, missing: object
) -> None:
    named = line(requestId=LEFT_OUT, sessionId="s")

    parsed = read(write_log(tmp_path, "p/s.jsonl", named, line(requestId="", sessionId=missing)))

    assert len(answers(parsed)) == 1


def test_a_subagents_answer_in_two_lines_counts_once(tmp_path: Path) -> None:
    told = progress(record(isSidechain=True, output_tokens=1))
    own = line(isSidechain=True, output_tokens=50)

    for lines in ([told, own], [own, told]):
        (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", *lines)))
        assert found.output == 50


def test_a_copy_with_more_tokens_and_an_invalid_timestamp_does_not_count(tmp_path: Path) -> None:
    bad = line(output_tokens=900, timestamp="2026-02-31T12:00:00.000Z")

    parsed = read(write_log(tmp_path, "p/s.jsonl", FEW, bad, MORE))

    assert [one.output for one in answers(parsed)] == [90]
    assert [(one.offset, one.is_counted) for one in parsed.problems] == [(len(FEW), False)]


@pytest.mark.parametrize("missing", [LEFT_OUT, None, ""])
def test_answers_without_a_message_id_are_never_copies(tmp_path: Path, missing: object) -> None:
    nameless = line(id=missing)

    found = answers(read(write_log(tmp_path, "p/s.jsonl", nameless, nameless, MORE, nameless)))

    assert len({one[:2] for one in found}) == len(found) == 4


def test_answers_without_a_message_id_keep_their_hashes_when_read_again(tmp_path: Path) -> None:
    nameless, other = line(id=LEFT_OUT), line(id=LEFT_OUT, input_tokens=4)
    log = write_log(tmp_path, "p/s.jsonl", nameless, other, nameless)
    first = read(log)
    append(log, nameless, other)

    rest = read(log, first)
    whole = read(log)

    assert [len(first.entries), len(rest.entries), len(whole.entries)] == [3, 2, 5]
    assert {one[:2] for one in whole.entries} == {
        one[:2] for one in (*first.entries, *rest.entries)
    }


@pytest.mark.parametrize("inside", [b"x%s\n", b"%s x\n"])
def test_an_answer_inside_a_longer_line_is_not_a_repetition(tmp_path: Path, inside: bytes) -> None:
    nameless, other = line(id=LEFT_OUT), line(id=LEFT_OUT, input_tokens=4)
    log = write_log(tmp_path, "p/s.jsonl", nameless, inside % other[:-1])
    first = read(log)
    append(log, nameless, other)
    whole = read(log)
    clean = read(write_log(tmp_path / "clean", "p/s.jsonl", nameless, other, nameless, other))

    second = read(log, first)

    names = {one[:2] for one in (*answers(first), *answers(second))}
    assert names == {one[:2] for one in answers(whole)}
    assert names >= {one[:2] for one in answers(clean) if one.input == 3}


def test_the_same_line_without_a_message_id_in_two_logs_is_two_answers(tmp_path: Path) -> None:
    one = read(write_log(tmp_path, "p/a.jsonl", line(id=LEFT_OUT)))
    other = read(write_log(tmp_path, "p/b.jsonl", line(id=LEFT_OUT)))

    assert one.entries[0][:2] != other.entries[0][:2]


@pytest.mark.parametrize("end", [b"", b"\r", b"  ", b" \t\r"])
def test_an_answer_without_a_message_id_counts_once_when_its_newline_is_written_later(
    tmp_path: Path, end: bytes
) -> None:
    log = write_log(tmp_path, "p/s.jsonl", line(id="m"), line(id=LEFT_OUT)[:-1] + end)
    first = read(log)
    append(log, b"\n", line(id="n"))

    second = read(log, first)

    assert {one[:2] for one in first.entries} & {one[:2] for one in second.entries} == {
        answers(first)[1][:2]
    }


def test_steps_of_an_advisor_count_separately(tmp_path: Path) -> None:
    steps = [
        {"type": "message", "input_tokens": 3, "output_tokens": 400},
        step(),
        step(
            model=OPUS,
            input_tokens=100,
            cache_creation={"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
            cache_read_input_tokens=5,
            speed="fast",
        ),
    ]
    text = line(iterations=steps, costUSD=0.5, isSidechain=True, speed="standard")

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    (main,) = answers(parsed)
    small, great = advisors(parsed)
    assert (main.total, main.recorded_cost) == (21403, 0.5)
    assert small[7:15] == (10, 20, 0, 0, 0, 0, None, None)
    assert great[7:15] == (100, 20, 3, 4, 5, 0, None, None)
    assert (model_of(parsed, small), model_of(parsed, great)) == (
        ModelVariant(SONNET, role=Role.ADVISOR),
        ModelVariant(OPUS, is_fast=True, role=Role.ADVISOR),
    )
    assert [(one.has_speed, one.is_sidechain, one.at_ms) for one in (small, great)] == [
        (False, True, main.at_ms),
        (True, True, main.at_ms),
    ]


def test_advisors_of_copies_count_once_and_of_two_answers_twice(tmp_path: Path) -> None:
    streamed = line(iterations=[step(output_tokens=1)])
    final = line(iterations=[step(), step()])
    another = line(id="msg_02", iterations=[step()])

    parsed = read(write_log(tmp_path, "p/s.jsonl", streamed, final, final, another))

    assert [one.output for one in advisors(parsed)] == [20, 20, 20]
    assert len({one[:2] for one in parsed.entries}) == len(parsed.entries) == 5


def test_two_equal_answers_without_a_message_id_have_separate_advisors(tmp_path: Path) -> None:
    nameless = line(id=LEFT_OUT, iterations=[step()])

    parsed = read(write_log(tmp_path, "p/s.jsonl", nameless, nameless))

    assert len(answers(parsed)) == len(advisors(parsed)) == 2


@pytest.mark.parametrize("steps", [None, [], {}, "none", [step(type="message")], [step(model="")]])
def test_other_steps_than_an_advisors_count_nothing(tmp_path: Path, steps: object) -> None:
    if isinstance(steps, list):
        steps = [
            {key: value for key, value in one.items() if value is not LEFT_OUT} for one in steps
        ]

    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert (len(answers(parsed)), advisors(parsed), parsed.problems) == (1, [], [])


@pytest.mark.parametrize(
    "bad",
    [
        {"input_tokens": 1, "output_tokens": 1},
        {"type": "message"},
        step(input_tokens=1.5),
        step(cache_read_input_tokens=-1),
        step(type=5),
        5,
    ],
)
def test_one_malformed_step_cancels_the_lines_advisors_and_is_reported(
    tmp_path: Path, bad: object
) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(id="x"), line(iterations=[step(), bad])))

    assert (len(answers(parsed)), advisors(parsed)) == (2, [])
    (problem,) = parsed.problems
    assert (problem.offset, problem.is_counted) == (len(line(id="x")), True)
    assert problem.reason.startswith("a step of the answer is malformed;")


def test_a_malformed_step_without_an_advisor_is_ignored(tmp_path: Path) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=[{"type": "message"}])))

    assert (len(parsed.entries), parsed.problems) == (1, [])


def test_a_null_model_in_a_step_is_a_missing_model(tmp_path: Path) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=[step(model=None), step()])))

    assert (len(advisors(parsed)), parsed.problems) == (1, [])


def test_advisors_are_read_from_a_line_with_odd_bytes_too(tmp_path: Path) -> None:
    text = line(content="HERE", iterations=[step(note="HERE")]).replace(b"HERE", b"\xff\\ud800")

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    assert [one.output for one in advisors(parsed)] == [20]


def test_an_answer_with_advisors_whose_timestamp_is_bad_is_a_problem(tmp_path: Path) -> None:
    bad = line(iterations=[step()], timestamp="2026-02-31T12:00:00.000Z")
    long = line(id="msg_02", content="x" * 3_000_000)

    parsed = read(write_log(tmp_path, "p/s.jsonl", bad, long))

    assert [one.offset for one in parsed.entries] == [len(bad)]
    assert [(one.offset, one.is_counted) for one in parsed.problems] == [(0, False)]


def test_advisors_in_a_progress_line_are_ignored(tmp_path: Path) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", progress(record(iterations=[step()]))))

    assert (len(answers(parsed)), advisors(parsed)) == (1, [])


@pytest.mark.parametrize(
    ("text", "is_error", "expected"),
    [
        ("Claude AI usage limit reached|1772370000", True, 1_772_370_000_000),
        ("Claude AI usage limit reached for today|1772370000|9", True, 1_772_370_000_000),
        ("Claude AI usage limit reached|1772370000", False, None),
        ("Claude AI usage limit reached|1772370000", None, None),
        ("Claude AI usage limit reached|soon", True, None),
        ("Claude AI usage limit reached|0", True, None),
        ("Claude AI usage limit reached|999999999999", True, None),
        ("usage limit reached|1772370000", True, None),
    ],
)
def test_the_end_of_a_usage_limit_is_read_from_an_error(
    tmp_path: Path, text: str, is_error: object, expected: int | None
) -> None:
    said = line(isApiErrorMessage=is_error, content=[{"type": "text", "text": text}])

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", said)))

    assert found.limit_reset_ms == expected


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_parts_of_one_answer_count_once_whatever_differs_between_them(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    copies = [
        line(content=[{"type": "text", "text": "one"}], uuid="a"),
        line(content=[{"type": "tool_use", "input": {"isSidechain": True}}], uuid="b"),
        line(isSidechain=True, content="three", uuid="c"),
        line(content="four", costUSD=0.5, speed="standard"),
    ]

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", *(copies[i] for i in order))))

    assert (found.is_sidechain, found.has_speed, found.recorded_cost) == (False, True, 0.5)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("text", b""), ("tool_use", b"Read"), ("server_tool_use", None), ("mcp_tool_use", None)],
)
def test_what_a_usage_says_of_tools_is_no_call(kind: str, expected: bytes | None) -> None:
    said = {"type": kind, "id": "t", "name": "Read", "input": {}}
    searches = {"web_search_requests": 2, "web_fetch_requests": 0}
    text = line(content=[said], stop_reason="tool_use", server_tool_use=searches)

    assert called_again(bytearray(text), 0, len(text) - 1) == expected


def test_a_main_chain_copy_counts_even_if_its_text_mentions_side_chains(tmp_path: Path) -> None:
    side = line(isSidechain=True, content="x")
    main = line(isSidechain=False, content=[{"input": {"isSidechain": True, "id": "msg_01"}}])

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", side, main)))

    assert found.is_sidechain is False


@given(log_lines())
def test_a_single_answer_is_packed_like_several(text: bytes) -> None:
    found = []
    for is_careful in (False, True):  # which packs it column by column
        with io.FileIO(os.devnull) as nothing_before:
            collected = Answers(7, "/p/s.jsonl", "s.jsonl", "s", nothing_before)
            collected.checks_every_timestamp = is_careful
            collected.add(text.rstrip(b"\n"), 1234)
            packed = collected.packed((100_000, 200_000))
        found.append((packed, collected.variants, collected.sessions, collected.problems))
    assert found[0] == found[1]

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.logs.counting import counted, problems
from tests.makers import (
    LEFT_OUT,
    NOON_MS,
    OPUS,
    QUICK,
    answers,
    encoded,
    line,
    model_of,
    progress,
    read,
    record,
    write_log,
)

from spendlight.metering.entry import ModelVariant

ZERO_MS = 1_772_359_200_000
"""2026-03-01T10:00:00Z."""


def test_a_timestamp_and_two_counts_are_enough(tmp_path: Path) -> None:
    least = b'{"timestamp":"2026-03-01T10:00:00Z","message":{"usage":%s}}\n'

    parsed = read(write_log(tmp_path, "p/s.jsonl", least % b'{"input_tokens":3,"output_tokens":4}'))

    (found,) = answers(parsed)
    assert (found.at_ms, found.input, found.output, found.total) == (ZERO_MS, 3, 4, 7)
    assert model_of(parsed, found).name == ""


def test_every_field_of_an_answer_is_read(tmp_path: Path) -> None:
    parsed = read(
        write_log(
            tmp_path,
            "p/s.jsonl",
            line(
                model=QUICK,
                input_tokens=1,
                output_tokens=2,
                cache_creation={"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
                cache_read_input_tokens=5,
                server_tool_use={"web_search_requests": 6, "web_fetch_requests": 9},
                speed="fast",
                inference_geo="us",
                isSidechain=True,
                costUSD=0.25,
            ),
        )
    )

    (found,) = answers(parsed)
    assert found[7:15] == (1, 2, 3, 4, 5, 6, 0.25, None)
    assert (found.at_ms, found.is_sidechain, found.has_speed) == (NOON_MS, True, True)
    assert model_of(parsed, found) == ModelVariant(QUICK, is_fast=True, geo="us")


@pytest.mark.parametrize("kind", ["user", "system", "anything", None, 7])
def test_the_type_of_a_line_does_not_matter(tmp_path: Path, kind: object) -> None:
    assert counted(tmp_path, line(type=kind)) == [(3, 400)]


@pytest.mark.parametrize(
    ("separators", "indent"), [((",", ": "), None), ((" ,\t", " :  "), None), ((",", ":\t"), None)]
)
def test_whitespace_within_a_line_is_ignored(
    tmp_path: Path, separators: tuple[str, str], indent: int | None
) -> None:
    text = json.dumps(record(), separators=separators, indent=indent).encode() + b"\n"

    assert counted(tmp_path, text) == [(3, 400)]


@pytest.mark.parametrize("before", [b"", b"  \t", b"\n\n"])
@pytest.mark.parametrize("after", [b"", b"\r", b" \t"])
def test_whitespace_around_a_line_is_ignored(tmp_path: Path, before: bytes, after: bytes) -> None:
    text = before + line()[:-1] + after + b"\n"

    assert counted(tmp_path, text, text.replace(b"msg_01", b"msg_02")) == [(3, 400)] * 2


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "model",
        "speed",
        "costUSD",
        "version",
        "sessionId",
        "requestId",
        "isApiErrorMessage",
        "isSidechain",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "server_tool_use",
        "inference_geo",
        "iterations",
        "cwd",
    ],
)
def test_null_in_an_optional_field_is_the_same_as_no_field(tmp_path: Path, name: str) -> None:
    with_null = read(write_log(tmp_path, "p/a/s.jsonl", line(**{name: None})))
    without = read(write_log(tmp_path, "p/b/s.jsonl", line(**{name: LEFT_OUT})))

    assert with_null.problems == []
    (one,), (other,) = answers(with_null), answers(without)
    assert one[2:] == other[2:]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "v2"),
        ("version", ""),
        ("version", 3),
        ("id", ""),
        ("id", 5),
        ("requestId", ""),
        ("requestId", {"a": 1}),
        ("sessionId", 5),
        ("model", ["x"]),
        ("speed", 1),
        ("speed", ""),
        ("costUSD", "0.1"),
        ("costUSD", True),
        ("costUSD", 10**400),
        ("isSidechain", "false"),
        ("isApiErrorMessage", 1),
        ("inference_geo", 1),
        ("server_tool_use", "two"),
        ("server_tool_use", {"web_search_requests": True}),
        ("server_tool_use", {"web_search_requests": -1}),
        ("iterations", {}),
        ("iterations", "advisor"),
        ("cwd", 7),
        ("data", 5),
        ("data", {"message": 5}),
    ],
)
def test_an_invalid_optional_value_does_not_lose_the_answer(
    tmp_path: Path, name: str, value: object
) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(**{name: value})))

    (found,) = answers(parsed)
    assert (found.total, found.recorded_cost, found.web_searches) == (21403, None, 0)
    assert found.is_sidechain is False


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(line()[:-40] + b"\n", id="cut"),
        pytest.param(line(costUSD=7).replace(b'USD":7', b'USD":NaN'), id="not-a-number"),
        pytest.param(b'"usage"\xff\n', id="no-json"),
        pytest.param(b'{"x":' + b"[" * 90_000 + b"]" * 90_000 + b',"usage":{}}\n', id="deep"),
    ],
)
def test_invalid_json_is_a_problem_and_other_lines_count(tmp_path: Path, text: bytes) -> None:
    before, after = line(id="msg_02"), line(id="msg_03")
    parsed = read(write_log(tmp_path, "p/s.jsonl", before, text, after))

    (problem,) = parsed.problems
    assert (problem.path, problem.offset) == (parsed.job.name, len(before))
    assert problem.reason.startswith("it is not valid JSON: ")
    assert problem.is_counted is False
    assert [one.offset for one in answers(parsed)] == [0, len(before) + len(text)]


@pytest.mark.parametrize(
    "text",
    [
        b"\n",
        b"   \n",
        b"not json at all\n",
        b'[{"usage":1}]\n',
        b'"usage"\n',
        b'{"usage":{"input_tokens":1,"output_tokens":1}}\n',
        b'{"message":{"content":{"usage":5}}}\n',
        b'{"message":{"usage":null}}\n',
        b'{"type":"user","toolUseResult":{"usage":{"input_tokens":"x"}}}\n',
        b'{"message":{"content":"{\\"usage\\":{\\"input_tokens\\":9}}"}}\n',
        b'{"data":{"message":{"type":"user","message":{"role":"user"}}},"x":"usage"}\n',
    ],
)
def test_a_line_without_an_answer_is_skipped(tmp_path: Path, text: bytes) -> None:
    assert counted(tmp_path, line(), text) == [(3, 400)]


def test_text_that_looks_like_usage_is_only_text(tmp_path: Path) -> None:
    bait = '{"usage":{"input_tokens":999999,"output_tokens":1}} "usage": \\'
    lines = [
        line(id="msg_a", content=[{"type": "text", "text": bait}]),
        line(id="msg_b", content=[{"type": "tool_use", "input": {"usage": {"input_tokens": 9}}}]),
    ]

    assert counted(tmp_path, *lines) == [(3, 400)] * 2


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"caf\xe9 \xff\xfe", id="invalid-utf-8"),
        pytest.param(rb"\ud83d", id="high-surrogate"),
        pytest.param(rb"\udc00 \ud800\u0041", id="lone-surrogates"),
    ],
)
@pytest.mark.parametrize(
    "place", ["content", "model", "id", "requestId", "sessionId", "iterations"]
)
def test_invalid_bytes_in_a_text_do_not_lose_the_answer(
    tmp_path: Path, odd: bytes, place: str
) -> None:
    value: object = [{"type": "message", "note": "HERE"}] if place == "iterations" else "HERE"

    parsed = read(
        write_log(tmp_path, "p/s.jsonl", line(**{place: value}, costUSD="x").replace(b"HERE", odd))
    )

    (found,) = answers(parsed)
    assert (found.total, parsed.problems) == (21403, [])
    model_of(parsed, found).name.encode()  # can be stored


def test_the_last_of_repeated_keys_counts(tmp_path: Path) -> None:
    twice = line().replace(b'"input_tokens":3', b'"input_tokens":8,"input_tokens":5')
    whole = line(id="b").replace(b'"usage":{', b'"usage":{"input_tokens":1},"usage":{')

    assert counted(tmp_path, twice, whole) == [(5, 400), (3, 400)]


@pytest.mark.parametrize(
    ("flat", "split", "expected"),
    [
        (7, LEFT_OUT, (7, 0)),
        (7, None, (7, 0)),
        (7, {}, (0, 0)),
        (7, {"ephemeral_1h_input_tokens": 5}, (0, 5)),
        (
            LEFT_OUT,
            {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": None},
            (2, 0),
        ),
        (LEFT_OUT, LEFT_OUT, (0, 0)),
    ],
)
def test_cache_writes_by_lifetime_override_the_plain_field(
    tmp_path: Path, flat: object, split: object, expected: tuple[int, int]
) -> None:
    text = line(cache_creation_input_tokens=flat, cache_creation=split)

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", text)))

    assert (found.cache_write_5m, found.cache_write_1h) == expected


@pytest.mark.parametrize("geo", ["", "global", "not_available", LEFT_OUT])
def test_a_region_that_never_affects_a_price_is_ignored(tmp_path: Path, geo: object) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(inference_geo=geo)))

    assert [model_of(parsed, one) for one in answers(parsed)] == [ModelVariant(OPUS)]


def test_an_unknown_speed_is_counted_at_the_standard_price_and_reported(tmp_path: Path) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(id="msg_02"), line(speed="ludicrous")))

    assert [model_of(parsed, one).is_fast for one in answers(parsed)] == [False, False]
    (problem,) = parsed.problems
    assert (problem.offset, problem.is_counted) == (len(line(id="msg_02")), True)
    assert "ludicrous" in problem.reason


def test_a_subagents_line_inside_a_progress_line_counts_with_the_outer_session(
    tmp_path: Path,
) -> None:
    inner = record(sessionId="inner", timestamp="2026-03-01T10:00:00.000Z", isSidechain=True)
    parsed = read(write_log(tmp_path, "p/a.jsonl", progress(inner, sessionId="outer")))
    own = read(write_log(tmp_path, "p/b.jsonl", line(sessionId="outer", requestId=LEFT_OUT)))
    nested = progress(record(sessionId="x", requestId=LEFT_OUT), sessionId="outer")
    same = read(write_log(tmp_path, "p/c.jsonl", nested))

    (found,) = answers(parsed)
    assert (found.at_ms, found.total, found.is_sidechain) == (ZERO_MS, 21403, True)
    assert answers(own)[0][:2] == answers(same)[0][:2]


def test_a_progress_line_with_odd_texts_counts(tmp_path: Path) -> None:
    odd = progress(record(content="HERE"), message={"role": "user"}, toolUseID=5)

    assert counted(tmp_path, odd.replace(b"HERE", b"\xff")) == [(3, 400)]


def test_a_malformed_answer_inside_a_progress_line_is_a_problem(tmp_path: Path) -> None:
    ((offset, reason),) = problems(tmp_path, progress(record(input_tokens=1.5)))

    assert (offset, reason[:23]) == (0, "its usage is malformed:")


def test_other_fields_of_a_line_may_be_nested_at_any_depth(tmp_path: Path) -> None:
    carried = record(iterations=[{"type": "message", "input_tokens": 1, "output_tokens": 1}])
    deeper = record(id="msg_02", data={"message": carried})
    long = encoded({"content": "x" * 3_000_000})

    assert counted(tmp_path, line(data={"message": carried}), progress(deeper), long) == [
        (3, 400),
        (3, 400),
    ]

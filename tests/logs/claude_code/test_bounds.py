from __future__ import annotations

from pathlib import Path

import pytest
from tests.logs.counting import counted, problems
from tests.makers import LEFT_OUT, answers, line, read, write_log


def test_a_recorded_cost_beyond_a_float_is_ignored(tmp_path: Path) -> None:
    parsed = read(
        write_log(tmp_path, "p/s.jsonl", line(costUSD=7).replace(b'USD":7', b'USD":1e999'))
    )

    assert [one.recorded_cost for one in answers(parsed)] == [None]


@pytest.mark.parametrize("cost", [0, -0.5, 12, 1e-9, 1e6, -1e6])
def test_a_recorded_cost_may_be_anything_up_to_a_million(tmp_path: Path, cost: float) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(costUSD=cost)))

    assert [one.recorded_cost for one in answers(parsed)] == [cost]
    assert parsed.problems == []


@pytest.mark.parametrize(
    "cost", [b"-1000000.01", b"1000000.01", b"1e308", b"1e999", b"-1e999", b"9" * 400]
)
@pytest.mark.parametrize("more", [{}, {"version": 7}, {"requestId": LEFT_OUT}])
def test_an_impossible_recorded_cost_is_reported_and_the_answer_counts_without_it(
    tmp_path: Path, cost: bytes, more: dict[str, object]
) -> None:
    text = line(costUSD=7, **more).replace(b'USD":7', b'USD":' + cost)
    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    ((found,), (problem,)) = answers(parsed), parsed.problems
    assert (found.total, found.recorded_cost) == (21403, None)
    assert problem.is_counted
    assert problem.reason.startswith("a recorded cost of ")


@pytest.mark.parametrize("searches", [-1, 2**32, 2**63, 10**400])
def test_an_impossible_number_of_web_searches_is_reported_and_the_answer_counts_without_it(
    tmp_path: Path, searches: int
) -> None:
    text = line(server_tool_use={"web_search_requests": searches})
    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    ((found,), (problem,)) = answers(parsed), parsed.problems
    assert (found.total, found.web_searches, problem.is_counted) == (21403, 0, True)
    assert "web searches are impossible;" in problem.reason


@pytest.mark.parametrize(
    "count",
    [
        *(b"100.0", b"1e2", b"1.5", b"-1", b'"5"', b"true", b"[]", b"{}"),
        *(b"4294967296", b"9223372036854775807", b"9223372036854775808", b"9" * 400),
    ],
)
@pytest.mark.parametrize(
    "field",
    [
        b"input_tokens",
        b"output_tokens",
        b"cache_creation_input_tokens",
        b"cache_read_input_tokens",
        b"ephemeral_5m_input_tokens",
        b"ephemeral_1h_input_tokens",
    ],
)
def test_a_count_that_is_not_an_integer_in_range_is_a_problem(
    tmp_path: Path, field: bytes, count: bytes
) -> None:
    good = line(id="msg_02")
    usage = b'{"input_tokens":1,"output_tokens":1,"%s":%s}' % (field, count)
    if field.startswith(b"ephemeral"):
        usage = b'{"input_tokens":1,"output_tokens":1,"cache_creation":{"%s":%s}}' % (field, count)
    bad = line(usage="HERE").replace(b'"HERE"', usage)

    ((offset, reason),) = problems(tmp_path, good, bad, good)

    assert offset == len(good)
    assert reason.startswith("its usage is malformed: Expected `")
    assert f"$.{field.decode()}" in reason.replace("cache_creation.", "")


@pytest.mark.parametrize("field", ["input_tokens", "output_tokens"])
@pytest.mark.parametrize("value", [None, LEFT_OUT])
def test_input_and_output_are_required(tmp_path: Path, field: str, value: object) -> None:
    ((offset, reason),) = problems(tmp_path, line(**{field: value}))

    assert (offset, reason[:23]) == (0, "its usage is malformed:")


def test_the_largest_count_is_far_beyond_any_context(tmp_path: Path) -> None:
    assert counted(tmp_path, line(input_tokens=2**32 - 1)) == [(2**32 - 1, 400)]

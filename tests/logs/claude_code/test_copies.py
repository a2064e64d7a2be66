"""Which of the copies of an answer counts, and as what."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, answers, line, model_of, read, write_log

from spendlight.metering.entry import Role, rank


@pytest.mark.parametrize("speed", [LEFT_OUT, None, "", "standard", "fast"])
def test_a_speed_that_has_a_price_is_no_problem_in_an_unusual_line(
    tmp_path: Path, speed: object
) -> None:
    text = line(speed=speed, isApiErrorMessage=True)
    parsed = read(write_log(tmp_path, "p/s.jsonl", text, line(id=LEFT_OUT, speed=speed)))

    assert len(answers(parsed)) == 2
    assert parsed.problems == []


def _without_left_out(counts: dict[str, object]) -> dict[str, object]:
    return {name: count for name, count in counts.items() if count is not LEFT_OUT}


_FEW = st.sampled_from([LEFT_OUT, None, 0, 1, 2])
_SPLIT = st.fixed_dictionaries(
    {"ephemeral_5m_input_tokens": _FEW, "ephemeral_1h_input_tokens": _FEW}
)
_COPIES = st.fixed_dictionaries(
    {
        "input_tokens": st.integers(0, 2),
        "output_tokens": st.integers(0, 2),
        "cache_read_input_tokens": _FEW,
        "cache_creation_input_tokens": _FEW,
        "cache_creation": st.sampled_from([LEFT_OUT, None]) | _SPLIT.map(_without_left_out),
        "speed": st.sampled_from([LEFT_OUT, None, "", "standard", "fast"]),
        "stop_reason": st.sampled_from([None, "end_turn", "refusal"]),
        "isSidechain": st.booleans(),
    }
)


@given(st.lists(_COPIES, min_size=2, max_size=3))
def test_the_copy_with_the_lowest_rank_counts(
    tmp_path_factory: pytest.TempPathFactory, copies: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("copies")
    lines = [line(**copy) for copy in copies]
    alone = [answers(read(write_log(folder, "p/s.jsonl", text)))[0] for text in lines]

    (found,) = answers(read(write_log(folder, "p/s.jsonl", *lines)))

    starts = list(itertools.accumulate(map(len, lines), initial=0))
    placed = [one._replace(offset=start) for one, start in zip(alone, starts, strict=False)]
    assert found == min(placed, key=lambda one: rank(one, ""))


@pytest.mark.parametrize(
    ("stop_reason", "output", "role"),
    [
        ("refusal", 0, Role.REFUSED),
        ("refusal", 1, Role.ANSWER),
        ("end_turn", 0, Role.ANSWER),
        (None, 0, Role.ANSWER),
    ],
)
def test_a_request_refused_before_any_output_has_its_own_role(
    tmp_path: Path, stop_reason: str | None, output: int, role: Role
) -> None:
    text = line(stop_reason=stop_reason, output_tokens=output)

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    (found,) = answers(parsed)
    assert model_of(parsed, found).role is role

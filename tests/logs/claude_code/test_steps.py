from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.makers import (
    LEFT_OUT,
    OPUS,
    QUICK,
    SONNET,
    advisors,
    answers,
    line,
    model_of,
    read,
    write_log,
)

from spendlight.logs.parsed import ParsedRange
from spendlight.metering.entry import Role

HAIKU = "claude-haiku-4-5-20251001"


def step(kind: str, model: object = LEFT_OUT, output: object = 20, **changes: object) -> object:
    """Return a step that read ten tokens, with other fields in *changes*."""
    usual = {"input_tokens": 10, "output_tokens": output, "type": kind, "model": model} | changes
    return {key: value for key, value in usual.items() if value is not LEFT_OUT}


def answer_of(model: str = OPUS, output: int = 400) -> object:
    """Return the step that repeats the usage of the answer."""
    return step("fallback_message", model, output)


def beside(parsed: ParsedRange, role: Role) -> list[tuple[str, int]]:
    """Return the model and the output of each step that counts besides the answers."""
    found = advisors(parsed, role)
    return sorted((model_of(parsed, one).name, one.output) for one in found)


def test_an_attempt_with_output_counts_with_its_own_model(tmp_path: Path) -> None:
    declined = step(
        "message",
        QUICK,
        2,
        cache_creation={"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
        cache_creation_input_tokens=7,
        cache_read_input_tokens=5,
    )
    text = line(iterations=[declined, answer_of()], speed="standard", inference_geo="us")

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    (main,), (attempt,) = answers(parsed), advisors(parsed, Role.ATTEMPT)
    assert (main.total, model_of(parsed, main)) == (21403, (OPUS, False, "us", Role.ANSWER))
    assert attempt[7:15] == (10, 2, 3, 4, 5, 0, None, None)
    assert model_of(parsed, attempt) == (QUICK, False, "us", Role.ATTEMPT)
    assert (attempt.at_ms, attempt.offset, attempt.request) == (main.at_ms, 0, main.request)
    assert parsed.problems == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([step("message", QUICK, 0), answer_of()], [], id="refused-before-output"),
        pytest.param(
            [step("message", QUICK, 1), step("fallback_message", SONNET, 2), answer_of()],
            [(SONNET, 2), (QUICK, 1)],
            id="two-attempts",
        ),
        pytest.param(
            [step("message", QUICK, 0), step("fallback_message", SONNET, 2), answer_of()],
            [(SONNET, 2)],
            id="only-the-second-gave-output",
        ),
        pytest.param(
            [step("message", QUICK, 0), step("message", QUICK, 3), answer_of()],
            [(QUICK, 0), (QUICK, 3)],
            id="an-attempt-of-two-steps",
        ),
        pytest.param(
            [step("message", QUICK, 3), answer_of(), step("message", OPUS, 9), answer_of()],
            [(QUICK, 3)],
            id="an-answer-of-several-steps",
        ),
        pytest.param(
            [step("message", QUICK, 3), answer_of(), step("message", output=9)],
            [(QUICK, 3)],
            id="a-step-without-a-model-is-of-the-one-before",
        ),
        pytest.param([answer_of()], [], id="fallback-from-the-start"),
        pytest.param([step("fallback_message")], [], id="no-model-at-all"),
        pytest.param(
            [step("message", QUICK, 3), answer_of("claude-opus-4-5")],
            [(QUICK, 3)],
            id="the-model-under-another-name",
        ),
        pytest.param(
            [step("message", OPUS), answer_of(SONNET, 5)],
            [(SONNET, 5)],
            id="usage-of-the-first",
        ),
        pytest.param([step("message", QUICK, 5), step("message", OPUS, 9)], [], id="no-fallback"),
        pytest.param([step("message"), step("message")], [], id="loop-of-tools"),
    ],
)
def test_each_attempt_with_output_except_the_answer_counts(
    tmp_path: Path, steps: list[object], expected: list[tuple[str, int]]
) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert beside(parsed, Role.ATTEMPT) == sorted(expected)
    assert [one.total for one in answers(parsed)] == [21403]
    assert parsed.problems == []


def test_an_attempt_that_names_no_model_is_reported(tmp_path: Path) -> None:
    steps = [step("message", output=3), answer_of()]

    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert len(parsed.entries) == 1
    assert [(one.is_counted, "has no model;" in one.reason) for one in parsed.problems] == [
        (True, True)
    ]


def test_compactions_count_with_their_own_model_or_that_of_the_answer(tmp_path: Path) -> None:
    steps = [
        step("compaction", output=35, input_tokens=180_000),
        step("message"),
        step("compaction", HAIKU, 36),
        step("message"),
    ]
    text = line(iterations=steps, speed="fast", costUSD=0.5)

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    assert beside(parsed, Role.COMPACTION) == [(HAIKU, 36), (OPUS, 35)]
    assert [model_of(parsed, one).is_fast for one in parsed.entries] == [True] * 3
    assert sorted(one.recorded_cost or 0 for one in parsed.entries) == [0, 0, 0.5]


def test_one_answer_may_have_attempts_compactions_and_advisors(tmp_path: Path) -> None:
    steps = [
        step("compaction"),
        step("message", QUICK),
        step("advisor_message", SONNET),
        answer_of(),
    ]

    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    roles = sorted(model_of(parsed, one).role for one in parsed.entries)
    assert roles == [Role.ANSWER, Role.ADVISOR, Role.ATTEMPT, Role.COMPACTION]
    assert len({one[:2] for one in parsed.entries}) == 4


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_attempts_of_copies_count_once_with_the_most_tokens(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    copies = [
        line(output_tokens=1, iterations=[step("message", QUICK, 2)]),
        line(output_tokens=9, iterations=[step("message", QUICK, 5), answer_of()]),
        line(output_tokens=9, iterations=[step("message", QUICK, 5), answer_of()], uuid="copy"),
    ]

    parsed = read(write_log(tmp_path, "p/s.jsonl", *(copies[number] for number in order)))

    assert [one.output for one in answers(parsed)] == [9]
    assert beside(parsed, Role.ATTEMPT) == [(QUICK, 5)]


def test_answers_without_an_id_have_separate_attempts(tmp_path: Path) -> None:
    text = line(id=LEFT_OUT, iterations=[step("message", QUICK), answer_of()])

    parsed = read(write_log(tmp_path, "p/s.jsonl", text, text))

    assert len({one[:2] for one in parsed.entries}) == len(parsed.entries) == 4


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([step("message"), step("reranking")], "unknown type 'reranking'"),
        ([{"type": "reranking"}], "unknown type 'reranking'"),
    ],
)
def test_a_step_of_unknown_kind_is_reported_and_the_answer_counts(
    tmp_path: Path, steps: list[object], said: str
) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert len(parsed.entries) == 1
    (problem,) = parsed.problems
    assert (problem.is_counted, said in problem.reason) == (True, True)


def test_known_steps_count_beside_one_of_unknown_kind(tmp_path: Path) -> None:
    steps = [step("reranking"), step("compaction", output=7)]

    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert beside(parsed, Role.COMPACTION) == [(OPUS, 7)]
    assert len(parsed.problems) == 1


@pytest.mark.parametrize("kind", ["compaction", "fallback_message", "advisor_message"])
@pytest.mark.parametrize("bad", [{"output_tokens": -1}, {"type": 5}, {"input_tokens": "1"}])
def test_a_malformed_step_cancels_all_steps_of_the_line(
    tmp_path: Path, kind: str, bad: dict[str, object]
) -> None:
    steps = [step("message", QUICK), step(kind, SONNET), step("message", **bad)]

    parsed = read(write_log(tmp_path, "p/s.jsonl", line(iterations=steps)))

    assert len(parsed.entries) == 1
    assert ["malformed" in one.reason for one in parsed.problems] == [True]


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({"stop_reason": "refusal", "output_tokens": 0}, True),
        ({"stop_reason": "refusal", "output_tokens": 0, "content": []}, True),
        ({"stop_reason": "refusal", "output_tokens": 0, "costUSD": "x"}, True),
        ({"stop_reason": "refusal", "output_tokens": 0, "id": LEFT_OUT}, True),
        ({"stop_reason": "refusal", "output_tokens": 1}, False),
        ({"stop_reason": "end_turn", "output_tokens": 0}, False),
        ({"stop_reason": None, "output_tokens": 0}, False),
        ({"stop_reason": "a new one", "output_tokens": 0}, False),
        ({"stop_reason": 5, "output_tokens": 0}, False),
    ],
)
def test_refusals_before_any_output_are_distinguished_from_billed_requests(
    tmp_path: Path, changes: dict[str, object], *, is_refused: bool
) -> None:
    parsed = read(write_log(tmp_path, "p/s.jsonl", line(**changes)))

    (found,) = parsed.entries
    role = Role.REFUSED if is_refused else Role.ANSWER
    assert (model_of(parsed, found), found.is_refused) == ((OPUS, False, "", role), is_refused)
    assert (found.input, found.cache_read, parsed.problems) == (3, 20000, [])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_equal_copies_the_one_marked_as_refused_counts(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    copies = [
        line(output_tokens=0, stop_reason=None),
        line(output_tokens=0, stop_reason="refusal"),
        line(output_tokens=0, stop_reason=None, speed="standard"),
    ]

    (found,) = answers(read(write_log(tmp_path, "p/s.jsonl", *(copies[i] for i in order))))

    assert found.is_refused


def test_attempts_of_a_refused_answer_are_billed(tmp_path: Path) -> None:
    steps = [step("message", QUICK, 5), answer_of(output=0)]
    text = line(stop_reason="refusal", output_tokens=0, iterations=steps)

    parsed = read(write_log(tmp_path, "p/s.jsonl", text))

    assert [one.is_refused for one in answers(parsed)] == [True]
    assert beside(parsed, Role.ATTEMPT) == [(QUICK, 5)]


_STEPS = st.lists(
    st.builds(
        step,
        st.sampled_from(["message"] * 3 + ["fallback_message", "compaction", "other"]),
        st.sampled_from([OPUS, QUICK, None, LEFT_OUT]),
        st.integers(0, 2),
    ),
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.sampled_from(["a", "b"]),
                "stop_reason": st.sampled_from(
                    [None, "end_turn", "tool_use", "refusal", "pause_turn", "new", LEFT_OUT, 3]
                ),
                "output_tokens": st.integers(0, 2),
                "isSidechain": st.booleans(),
                "speed": st.sampled_from([LEFT_OUT, "standard", "fast"]),
                "iterations": st.one_of(st.just(LEFT_OUT), st.none(), _STEPS),
            }
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_fast_and_the_careful_decoder_agree(
    tmp_path: Path, made: list[dict[str, object]]
) -> None:
    """An unusual field without meaning makes the careful reader decode every line."""
    fast = read(write_log(tmp_path, "a/s.jsonl", *(line(**one) for one in made)))
    slow = read(
        write_log(tmp_path, "b/s.jsonl", *(line(**one, isApiErrorMessage=False) for one in made))
    )

    counted = [
        sorted((*one[:4], model_of(parsed, one), *one[6:]) for one in parsed.entries)
        for parsed in (fast, slow)
    ]
    assert counted[0] == counted[1]
    assert sorted(one.reason for one in fast.problems) <= sorted(
        one.reason for one in slow.problems
    )

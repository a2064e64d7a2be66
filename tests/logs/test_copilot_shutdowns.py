"""The sums of a shutdown are divided among requests, and nothing of them is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spendlight.logs.copilot.models import model_name
from spendlight.logs.copilot.shutdowns import MOST_REQUESTS, Sums, since_last

counts = st.integers(0, 10**9)


@st.composite
def any_sums(draw: st.DrawFn) -> Sums:
    output = draw(counts)
    kinds = [draw(counts) for _ in range(3)]
    reasoning = draw(st.integers(0, output))
    return Sums(draw(st.integers(0, 300)), kinds[0], output, kinds[1], kinds[2], reasoning)


@given(any_sums(), st.lists(st.integers(0, 10**6), max_size=20))
def test_the_parts_of_requests_add_up(sums: Sums, outputs: list[int]) -> None:
    parts = list(sums.parts(outputs))

    assert len(parts) == max(sums.requests, len(outputs), 1)
    total = Sums(*map(sum, zip(*parts, strict=True)))
    assert total.output == max(sums.output, sum(outputs))
    assert total[1:] == (sums.input, total.output, *sums[3:])
    assert all(0 <= part.reasoning <= part.output for part in parts)
    assert all(part.output >= known for part, known in zip(parts, outputs, strict=False))
    for kind in (1, 3, 4):
        assert max(part[kind] for part in parts) - min(part[kind] for part in parts) <= 1


def test_of_very_many_requests_not_each_gets_a_part() -> None:
    sums = Sums(requests=10**9, input=10**9)

    parts = list(sums.parts([]))

    assert (len(parts), sum(part.input for part in parts)) == (MOST_REQUESTS, 10**9)


@given(any_sums(), any_sums())
def test_sums_that_go_on_and_sums_that_start_again_mean_the_same(first: Sums, more: Sums) -> None:
    """Messages tell which of the two it is, unless both are possible."""
    both = {"m": first.plus(more)}
    before = {"m": first}

    gone_on = since_last(both, before, [more.output, more.output])
    again = since_last({"m": more}, before, [more.output, more.output])

    assert gone_on.sums["m"].output == more.output == again.sums["m"].output
    if first.output:
        assert gone_on.sums == {"m": more}
    if first.output > more.output:
        assert again.sums == {"m": more}


def test_requests_of_a_process_that_was_killed_are_not_in_the_sums() -> None:
    now = {"m": Sums(1, 4_000, 300)}

    assert since_last(now, {}, [300, 400]).beginning == 0
    assert since_last(now, {}, [200, 300]).beginning == 1


def test_only_endings_of_names_are_left_out() -> None:
    names = {name: model_name(name) for name in ("-1m", "gpt-1mini", "x-1m", "x-1m-internal", "")}

    assert names == {
        "-1m": "-1m",
        "gpt-1mini": "gpt-1mini",
        "x-1m": "x",
        "x-1m-internal": "x",
        "": "",
    }

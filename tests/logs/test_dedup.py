from __future__ import annotations

import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, answers, entry, job_for, line, write_log

from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.dedup import DedupRegistry
from spendlight.metering.entry import UsageEntry, rank
from spendlight.metering.packed import pack

PATHS = {1: "/r/projects/a.jsonl", 2: "/r/projects/b.jsonl", 3: "/r/projects/a/c.jsonl"}

copies = st.builds(
    entry,
    answer=st.integers(1, 3),
    request=st.integers(1, 2),
    file=st.sampled_from(sorted(PATHS)),
    offset=st.integers(0, 3),
    output=st.integers(0, 3),
    is_sidechain=st.booleans(),
    has_speed=st.booleans(),
)

copies_of_one_answer = st.lists(
    st.builds(
        line,
        isSidechain=st.sampled_from([False, False, True]),
        input_tokens=st.integers(0, 3),
        output_tokens=st.integers(0, 3),
        cache_creation_input_tokens=st.integers(0, 3),
        cache_creation=st.none()
        | st.builds(
            dict,
            ephemeral_5m_input_tokens=st.none() | st.integers(0, 3),
            ephemeral_1h_input_tokens=st.none() | st.integers(0, 3),
        ),
        cache_read_input_tokens=st.none() | st.integers(0, 3),
        speed=st.sampled_from([LEFT_OUT, "standard"]),
        stop_reason=st.sampled_from(["end_turn", "refusal"]),
    ),
    min_size=2,
    max_size=5,
)


def add(registry: DedupRegistry, root: str, found: list[UsageEntry]) -> None:
    """Pass some entries to a registry, file by file."""
    for file in PATHS:
        registry.add(root, pack(file, [one for one in found if one.file == file], ()))


def drained(registry: DedupRegistry) -> list[UsageEntry]:
    """Return the entries that a registry keeps, in a fixed order."""
    single, disputed = registry.drain()
    return sorted([*disputed, *(one for packed in single for one in packed.entries())])


def kept(*batches: list[UsageEntry], root: str = "/r") -> list[UsageEntry]:
    """Return the entries that a registry keeps of some batches, in a fixed order."""
    registry = DedupRegistry(PATHS)
    for batch in batches:
        add(registry, root, batch)
    return drained(registry)


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_the_copy_with_the_most_tokens_counts_whatever_the_order(order: tuple[int, ...]) -> None:
    best = entry(output=90, file=2)
    found = [
        entry(output=10, file=1),
        best,
        entry(output=90, file=2, offset=7, at_ms=5),
        entry(output=500, file=1, is_sidechain=True),
        entry(output=80, file=1, has_speed=True),
    ]

    assert kept(*([found[i]] for i in order)) == [best]
    assert kept([found[i] for i in order]) == [best]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"is_sidechain": False, "output": 0}, {"is_sidechain": True, "output": 9}),
        ({"output": 9}, {"output": 8, "has_speed": True}),
        ({"cache_read": 30000, "output": 0}, {}),
        ({"has_speed": True, "file": 2}, {"file": 1}),
        ({"file": 1, "offset": 9}, {"file": 2, "offset": 0}),
        ({"file": 1}, {"file": 3}),
        ({"offset": 1}, {"offset": 2, "at_ms": 0}),
    ],
)
def test_the_criteria_of_the_rank_decide_one_after_the_other(
    better: dict[str, object], worse: dict[str, object]
) -> None:
    one, other = entry(**better), entry(**worse)  # type: ignore[arg-type]  # flags and fields

    assert kept([one], [other]) == kept([other], [one]) == [one]


def test_answers_with_another_message_or_request_are_different() -> None:
    found = [entry(answer=1), entry(answer=2), entry(request=2)]

    assert kept(found) == sorted(found)


def test_copies_in_several_roots_are_separate() -> None:
    registry = DedupRegistry(PATHS)
    add(registry, "/r", [entry(output=1)])
    add(registry, "/other", [entry(output=2)])
    add(registry, "/r", [entry(output=3)])

    assert [one.output for one in drained(registry)] == [2, 3]


def test_drained_entries_are_removed() -> None:
    registry = DedupRegistry(PATHS)
    add(registry, "/r", [entry(output=9)])
    registry.drain()
    add(registry, "/r", [entry(output=1)])

    assert [one.output for one in drained(registry)] == [1]
    assert drained(registry) == []


@settings(deadline=None)
@given(
    st.lists(copies, max_size=20).flatmap(lambda one: st.tuples(st.just(one), st.permutations(one)))
)
def test_order_and_batches_do_not_affect_what_is_kept(
    pair: tuple[list[UsageEntry], list[UsageEntry]],
) -> None:
    found, shuffled = pair
    middle = len(found) // 2

    kept_ones = kept(found)

    assert kept_ones == kept(shuffled)
    assert kept_ones == kept(*([one] for one in shuffled))
    assert kept_ones == kept(shuffled[:middle], shuffled[middle:], found)
    assert len(kept_ones) == len({one[:2] for one in found})


@settings(deadline=None)
@given(copies_of_one_answer)
def test_copies_in_one_log_are_ranked_like_copies_in_several(
    lines: list[bytes],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = write_log(Path(folder), "-app/s.jsonl", *lines)
        ends = list(itertools.accumulate(map(len, lines)))
        ranges = [job_for(log, end - len(one), end) for one, end in zip(lines, ends, strict=True)]
        each = [one for job in ranges for one in answers(parse_range(job))]
        together = answers(parse_range(job_for(log)))

    assert len(each) == len(lines)
    assert together == [min(each, key=lambda one: rank(one, str(log)))]


def test_threads_may_deliver_in_any_order() -> None:
    found = [
        entry(answer=answer, output=output, file=1 + output % 3, offset=output)
        for answer in range(50)
        for output in range(20)
    ]
    registry = DedupRegistry(PATHS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda start: add(registry, "/r", found[start::16]), range(16)))

    assert drained(registry) == sorted(one for one in found if one.output == 19)

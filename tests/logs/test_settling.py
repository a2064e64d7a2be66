from __future__ import annotations

import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, answers, entry, job_for, line, write_log

from spendlight.logs.claude_code.native_settling import settler as best_settler
from spendlight.logs.claude_code.parser import parse_range
from spendlight.metering.entry import UsageEntry, rank
from spendlight.metering.packed import pack
from spendlight.metering.settling import LOST, PYTHON, Settler, Source

SETTLERS = {"python": PYTHON} | ({} if best_settler() is PYTHON else {"native": best_settler()})
each_settler = pytest.mark.parametrize("settler", SETTLERS.values(), ids=SETTLERS)

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


def sources(found: list[UsageEntry], root: int = 1) -> list[Source]:
    """Return some entries, file by file."""
    return [
        Source(pack(file, [one for one in found if one.file == file], ()), root, path)
        for file, path in PATHS.items()
    ]


def left(settler: Settler, found: list[Source]) -> list[UsageEntry]:
    """Return the entries that have not lost, in a fixed order."""
    verdicts = settler.settle(found).verdicts
    return sorted(
        one
        for source, told in zip(found, verdicts, strict=True)
        for one, verdict in zip(source.packed.entries(), told, strict=True)
        if verdict != LOST
    )


def kept(settler: Settler, *batches: list[UsageEntry]) -> list[UsageEntry]:
    """Return what is left of some batches, in a fixed order."""
    return left(settler, [source for batch in batches for source in sources(batch)])


@each_settler
@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_the_copy_with_the_most_tokens_counts_whatever_the_order(
    order: tuple[int, ...], settler: Settler
) -> None:
    best = entry(output=90, file=2)
    found = [
        entry(output=10, file=1),
        best,
        entry(output=90, file=2, offset=7, at_ms=5),
        entry(output=500, file=1, is_sidechain=True),
        entry(output=80, file=1, has_speed=True),
    ]

    assert kept(settler, *([found[i]] for i in order)) == [best]
    assert kept(settler, [found[i] for i in order]) == [best]


@each_settler
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
    better: dict[str, object], worse: dict[str, object], settler: Settler
) -> None:
    one, other = entry(**better), entry(**worse)  # type: ignore[arg-type]  # flags and fields

    assert kept(settler, [one], [other]) == kept(settler, [other], [one]) == [one]


@each_settler
def test_answers_with_another_message_or_request_are_different(settler: Settler) -> None:
    found = [entry(answer=1), entry(answer=2), entry(request=2)]

    assert kept(settler, found) == sorted(found)


@each_settler
def test_copies_in_several_roots_are_separate(settler: Settler) -> None:
    found = [
        *sources([entry(output=1)]),
        *sources([entry(output=2)], root=2),
        *sources([entry(output=3)]),
    ]

    assert [one.output for one in left(settler, found)] == [2, 3]


@each_settler
@settings(deadline=None)
@given(
    pair=st.lists(copies, max_size=20).flatmap(
        lambda one: st.tuples(st.just(one), st.permutations(one))
    )
)
def test_order_and_batches_do_not_affect_what_is_kept(
    settler: Settler, pair: tuple[list[UsageEntry], list[UsageEntry]]
) -> None:
    found, shuffled = pair
    middle = len(found) // 2

    kept_ones = kept(settler, found)

    assert kept_ones == kept(settler, shuffled)
    assert kept_ones == kept(settler, *([one] for one in shuffled))
    assert kept_ones == kept(settler, shuffled[:middle], shuffled[middle:], found)
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


@each_settler
def test_threads_may_deliver_in_any_order(settler: Settler) -> None:
    found = [
        entry(answer=answer, output=output, file=1 + output % 3, offset=output)
        for answer in range(50)
        for output in range(20)
    ]

    def of_thread(start: int) -> list[UsageEntry]:
        return kept(settler, *(found[(start + part) % 16 :: 16] for part in range(16)))

    with ThreadPoolExecutor(8) as pool:
        kept_ones = list(pool.map(of_thread, range(16)))

    assert kept_ones == [sorted(one for one in found if one.output == 19)] * 16


@each_settler
def test_a_copy_knows_the_roots_with_a_better_one(settler: Settler) -> None:
    found = [
        *sources([entry(output=1)], root=7),
        *sources([entry(output=3), entry(answer=2)], root=8),
        *sources([entry(output=2), entry(output=1, offset=9)], root=9),
    ]

    settled = settler.settle(found)

    beaten = {found[source].root: set(roots) for source, _, roots in settled.beaten}
    assert beaten == {8: set(), 9: {8}, 7: {8, 9}}
    assert settled.lost == []  # the other copy in the root 9 is in the same file


@each_settler
def test_a_copy_that_has_lost_names_the_file_it_lost_to(settler: Settler) -> None:
    found = sources([entry(output=1, offset=5), entry(output=3, file=2), entry(output=2, file=3)])

    assert sorted(settler.settle(found).lost) == [
        (1, entry().answer, 5, 2),
        (3, entry().answer, 0, 2),
    ]


@each_settler
def test_an_entry_that_is_read_again_is_not_replaced(settler: Settler) -> None:
    new, held = sources([entry(at_ms=1)])[0], sources([entry(at_ms=2)])[0]
    settled = settler.settle([new, held._replace(is_held=True)])

    assert settled.verdicts == [bytes([LOST]), b"\0"]
    assert settled.lost == []


@each_settler
def test_held_copies_are_compared_only_if_their_answer_is_new(
    settler: Settler,
) -> None:
    held = [entry(answer=1), entry(answer=1, output=9, offset=7), entry(answer=2, offset=8)]
    settled = settler.settle(
        [
            sources(held)[0]._replace(is_held=True, shadows=bytes(8) + b"\1\0\0\0"),
            *sources([entry(answer=2, offset=8)]),
        ]
    )

    assert settled.verdicts == [bytes(3), bytes([LOST]), b"", b""]
    assert settled.beaten == [(0, 2, frozenset())]  # nothing beats it any longer

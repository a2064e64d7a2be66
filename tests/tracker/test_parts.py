from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append, job_for, line, write_log
from tests.tracker.worlds import World, figures

from spendlight.logs.claude_code.parser import parse_range
from spendlight.logs.jobs import IN_LINE, ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.metering.entry import UsageEntry
from spendlight.tracker import read_jobs

DISTINCT = [
    *(line(id=f"m{number}", input_tokens=number) for number in range(30)),
    b'{"type":"user"}\n',
    b"\n",
    *(line(id=None) for _ in range(3)),
]
LINES = [*DISTINCT, line(id="m3", output_tokens=900)]


def shuffled(seed: int) -> Callable[..., Iterator[ParsedRange]]:
    def parse_map(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob]
    ) -> Iterator[ParsedRange]:
        mixed = list(jobs)
        random.Random(seed).shuffle(mixed)  # noqa: S311  # any order will do
        return map(function, mixed)

    return parse_map


def answers(parsed: Iterable[ParsedRange]) -> set[UsageEntry]:
    return {entry for one in parsed for entry in one.entries}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 9000), max_size=6), st.sampled_from([b"\n", b""]))
def test_every_line_belongs_to_exactly_one_part(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], ends_with: bytes
) -> None:
    log = write_log(tmp_path_factory.mktemp("log"), "p/s.jsonl", *DISTINCT)
    log.write_bytes(log.read_bytes().removesuffix(b"\n") + ends_with)
    whole = job_for(log)
    bounds = sorted({0, whole.size, *(cut for cut in cuts if cut < whole.size)})

    parts = [
        parse_range(whole._replace(start=start, end=end, part=part))
        for part, (start, end) in enumerate(pairwise(bounds))
    ]

    assert answers(parts) == answers([parse_range(whole)])
    assert sum(one.packed.count for one in parts) == len(DISTINCT) - 2
    read = [one for one in parts if one.end != IN_LINE]
    assert [one.end for one in read] == [*(one.start for one in read[1:]), read[-1].end]


@pytest.mark.parametrize("seed", range(5))
def test_a_big_log_read_in_parts_counts_the_same_in_any_order(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    log = write_log(world.root, "p/s.jsonl", *LINES)
    expected = figures(world.read())
    monkeypatch.setattr(read_jobs, "PART_BYTES", 700)

    tracker = world.tracker(data="other", parse_map=shuffled(seed))
    first = tracker.read_logs()

    assert first.is_complete
    assert figures(tracker) == expected
    append(log, line(id="later"))
    assert tracker.read_logs().new_answers == 1
    assert tracker.read_logs().new_answers == 0


def test_a_missing_part_is_read_next_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(world.root, "p/s.jsonl", *LINES)
    monkeypatch.setattr(read_jobs, "PART_BYTES", 700)

    def without_second(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob]
    ) -> Iterator[ParsedRange]:
        return map(function, [job for job in jobs if job.part != 1])

    world.tracker(parse_map=without_second).read_logs()
    rest = world.read()

    assert figures(rest) == figures(world.read(data="other"))

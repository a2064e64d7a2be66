from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import line, write_log
from tests.tracker.worlds import NOW, REPORTS, World, at, figures, logs, sums, total, write_logs

from spendlight.demo import DEMO, DemoWritten
from spendlight.demo import write_logs as write_demo
from spendlight.logs.jobs import ReadJob
from spendlight.logs.parsed import ParsedRange
from spendlight.tracker.parsing_threads import ParseMap, ThreadMap
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

SMALL = replace(DEMO, days=5, files=24, answers=300, target_bytes=900_000, resumed_share=0.3)
ZONES = ("UTC", "Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati")


def in_order(order: Callable[[list[ReadJob]], Iterable[ReadJob]]) -> ParseMap:
    """Return a map that reads the jobs in another order."""

    def spread(
        function: Callable[[ReadJob], ParsedRange], jobs: Iterable[ReadJob], /
    ) -> Iterator[ParsedRange]:
        return map(function, order(list(jobs)))

    return spread


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, DemoWritten, list[object]]:
    world = World(tmp_path_factory.mktemp("demo"))
    written = write_demo(world.root, SMALL)
    return world, written, figures(world.read())


def test_the_totals_equal_what_was_written(
    demo: tuple[World, DemoWritten, list[object]],
) -> None:
    world, written, _ = demo

    counted = total(world.tracker())

    assert tuple(written.tokens) == (
        counted.tokens.input,
        counted.tokens.output,
        counted.tokens.cache_write_5m,
        counted.tokens.cache_write_1h,
        counted.tokens.cache_read,
    )


def test_every_report_has_the_same_total(
    demo: tuple[World, DemoWritten, list[object]],
) -> None:
    world, _, _ = demo

    (first, *others) = sums(world.tracker())

    assert all(other == first for other in others)


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_moves_usage_between_days_and_loses_none(
    demo: tuple[World, DemoWritten, list[object]], zone: str
) -> None:
    world, _, _ = demo
    tracker = world.tracker()

    report = tracker.ask(Periods(Selection(ZoneInfo(zone))))

    assert total(tracker).tokens == report.total.tokens
    assert total(tracker).cost == pytest.approx(report.total.cost, rel=1e-9)


@pytest.mark.parametrize(
    "spread",
    [
        pytest.param(map, id="map"),
        pytest.param(ThreadMap(4, few_bytes=0), id="threads"),
        pytest.param(in_order(lambda jobs: jobs[::-1]), id="backwards"),
        pytest.param(
            in_order(lambda jobs: sorted(jobs, key=lambda job: job.end)), id="smallest-first"
        ),
    ],
)
def test_the_distribution_of_work_does_not_matter(
    demo: tuple[World, DemoWritten, list[object]], spread: ParseMap, tmp_path: Path
) -> None:
    world, _, expected = demo

    tracker = world.read(data=tmp_path.name, parse_map=spread)

    assert expected == figures(tracker)


def test_fifty_increments_have_the_same_result_as_one_pass(
    demo: tuple[World, DemoWritten, list[object]], tmp_path: Path
) -> None:
    world, _, expected = demo
    whole = {path: path.read_bytes() for path in sorted(world.root.rglob("*.jsonl"))}
    rng = random.Random(50)  # noqa: S311  # a test repeats itself
    tracker = world.tracker(data=tmp_path.name)
    for path in whole:
        path.write_bytes(b"")
    lengths = dict.fromkeys(whole, 0)

    for step in range(50):
        for path, content in whole.items():
            if step == 49 or rng.random() < 0.3:
                grown = len(content) if step == 49 else rng.randint(lengths[path], len(content))
                with path.open("ab") as file:
                    file.write(content[lengths[path] : grown])
                lengths[path] = grown
        tracker.refresh()

    assert expected == figures(tracker)


def test_the_same_copy_counts_in_any_order_of_files(world: World) -> None:
    copies = [
        line(output_tokens=10, timestamp=at(0)),
        line(output_tokens=90, timestamp=at(1), isSidechain=True),
        line(output_tokens=80, timestamp=at(2)),
        line(output_tokens=80, timestamp=at(3), speed="standard"),
    ]
    for number, copy in enumerate(copies):
        write_log(world.root, f"p/{number}.jsonl", copy)

    found = []
    for number, order in enumerate(itertools.permutations(range(4))):
        spread = in_order(lambda jobs, o=order: [jobs[place] for place in o])  # type: ignore[misc]
        found.append(figures(world.read(data=str(number), parse_map=spread)))

    assert [found[0]] * 24 == found


@settings(max_examples=15, deadline=None)
@given(logs(), st.randoms(use_true_random=False))
def test_any_logs_have_the_same_totals_in_any_order_and_report(
    made: dict[str, list[bytes]], rng: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        write_logs(world.root, made)
        expected = figures(world.read())
        other = world.read(
            data="other", parse_map=in_order(lambda jobs: rng.sample(jobs, len(jobs)))
        )

        assert expected == figures(other)
        assert len(set(sums(other))) == 1


@settings(max_examples=15, deadline=None)
@given(logs(), st.data())
def test_any_logs_have_the_same_totals_however_they_grow(
    made: dict[str, list[bytes]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        growing = world.tracker(data="growing")
        for name in data.draw(st.permutations(sorted(made))):
            content = b"".join(made[name])
            cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=4))
            path = world.root / "projects" / name
            for cut in sorted(cuts):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content[:cut])
                growing.refresh()
        write_logs(world.root, made)
        growing.refresh()

        assert figures(world.read()) == figures(growing)


def test_the_time_of_a_question_changes_no_total(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    tracker = world.read()

    later = tracker.ask(Blocks(now=NOW.replace(year=2027)))

    assert total(tracker).tokens == later.total.tokens


def test_an_empty_root_has_empty_reports(world: World) -> None:
    tracker = world.read()

    assert all(not tracker.ask(question).rows for question in REPORTS.values())
    assert len(set(sums(tracker))) == 1


def test_a_tracker_reports_what_another_has_read(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    world.read()
    other: UsageTracker = world.tracker()

    assert total(other).answers == 1

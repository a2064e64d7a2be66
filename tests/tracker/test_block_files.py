"""Session-block files set the bounds of blocks; usage that is in no log is counted once."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import NOON, append, line, write_log
from tests.tracker.block_files import block, bounds, logged, write
from tests.tracker.worlds import NOW, World, at, figures, sums, tokens, total

from spendlight.ledger import chunks
from spendlight.metering.described_blocks import UNLOGGED
from spendlight.metering.entry import TokenCounts
from spendlight.metering.periods import to_ms
from spendlight.metering.pricing import CostMode
from spendlight.tracker.questions.blocks import Blocks
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.tracker import UsageTracker

LOGGED = TokenCounts(3, 400, 1000, 0, 20_000)
"""The tokens of an answer of `line`."""


def answer(number: int, minutes: float) -> bytes:
    return line(id=f"m{number}", requestId=f"r{number}", timestamp=at(minutes))


def unlogged(tracker: UsageTracker) -> tuple[TokenCounts, float]:
    """Return the usage that is known from session-block files only."""
    for model in total(tracker).models:
        if model.label == UNLOGGED.label:
            return model.tokens, model.cost
    return TokenCounts(), 0.0


def moment(minutes: float) -> datetime:
    return datetime.fromisoformat(NOON) + timedelta(minutes=minutes)


def test_a_described_block_contains_exactly_its_usage(world: World) -> None:
    write_log(world.root, "p/s.jsonl", answer(1, 10), answer(2, 200), answer(3, 290))
    write(world.root, [block(0, 200, (6, 800, 2000, 40_000))])

    tracker = world.read()

    assert bounds(tracker) == [
        (moment(0), moment(200), 1),
        (moment(200), moment(500), 2),
    ]


def test_bounds_need_not_be_full_hours(world: World) -> None:
    write_log(world.root, "p/s.jsonl", answer(1, 7), answer(2, 7.5), answer(3, 100.25))
    write(world.root, [block(7.25, 100.25, (3, 400, 1000, 20_000))])

    assert bounds(world.read()) == [
        (moment(0), moment(7.25), 1),
        (moment(7.25), moment(100.25), 1),
        (moment(100.25), moment(400.25), 1),
    ]


def test_described_blocks_do_not_affect_blocks_of_another_length(world: World) -> None:
    write_log(world.root, "p/s.jsonl", answer(1, 10), answer(2, 130))
    write(world.root, [block(0, 60, (3, 400, 1000, 20_000))])
    question = Blocks(now=NOW, block_ms=3 * 3_600_000)

    (row,) = world.read().ask(question).rows

    assert row.block.spending.answers == 2


def test_usage_in_no_log_is_counted_once_and_marked_in_every_report(world: World) -> None:
    write_log(world.root, "p/s.jsonl", answer(1, 10))
    write(world.root, {"blocks": [block(0, 300)]})
    write(world.root, {"sessions": [block(0, 300)]}, "session_blocks_2.json")

    tracker = world.read()
    tracker.refresh()

    extra, cost = unlogged(tracker)
    assert extra == TokenCounts(7, 100, 0, 0, 0)
    assert cost == pytest.approx(107 / 21_510)
    assert {found[0] for found in sums(tracker)} == {LOGGED + extra}


def test_without_a_cost_in_the_file_there_is_no_price(world: World) -> None:
    write(world.root, block(0, 300, cost=None))

    spent = total(world.read())

    assert spent.unpriced == (UNLOGGED.label,)
    assert spent.cost == 0


def test_a_cost_that_is_to_be_calculated_is_unknown(world: World) -> None:
    write(world.root, block(0, 300))
    question = Periods(Selection(mode=CostMode.CALCULATE))

    assert world.read().ask(question).total.unpriced == (UNLOGGED.label,)


def test_usage_that_a_log_adds_later_is_not_counted_from_the_file(world: World) -> None:
    write(world.root, [block(0, 300)])
    tracker = world.read()
    assert tokens(tracker) == 21_510

    log = write_log(world.root, "p/s.jsonl", answer(1, 10))
    tracker.refresh()
    assert tokens(tracker) == 21_510
    assert unlogged(tracker)[0] == TokenCounts(7, 100, 0, 0, 0)

    append(log, answer(2, 20))
    tracker.refresh()
    extra, cost = unlogged(tracker)
    assert extra == TokenCounts(4, 0, 0, 0, 0)
    assert cost == pytest.approx(4 / 21_510)


def test_the_description_with_more_usage_counts_and_deleted_files_stay_counted(
    world: World,
) -> None:
    path = write(world.root, [block(0, 300, (5, 0, 0, 0))])
    tracker = world.read()
    write(world.root, [block(0, 300, (50, 0, 0, 0))])
    tracker.refresh()
    write(world.root, [block(0, 300, (20, 0, 0, 0))])
    tracker.refresh()
    assert tokens(tracker) == 50

    path.unlink()
    tracker.refresh()

    assert tokens(tracker) == 50
    assert total(tracker).answers == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(block(0, 300, (5, 0, 0, 0)), block(0, 300, (0, 5, 0, 0)), id="other-kinds"),
        pytest.param(block(0, 300, cost=1.0), block(0, 300, cost=2.0), id="another-cost"),
        pytest.param(block(0, 300, cost=None), block(0, 300, cost=0.0), id="no-cost"),
        pytest.param(block(0, 300), block(0, 60), id="another-end"),
        pytest.param(block(0, 300), block(0, 300), id="the-same"),
    ],
)
def test_the_order_of_two_equal_descriptions_does_not_matter(
    world: World, one: dict[str, object], other: dict[str, object]
) -> None:
    files = [(one, "session_blocks_1.json"), (other, "session_blocks_2.json")]
    found: list[list[object]] = []
    for order in (files, files[::-1]):
        root = world.make_root(f"root-{len(found)}")
        tracker = world.tracker(root, data=f"data-{len(found)}")
        for content, name in order:
            write(root, [content], name)
            tracker.refresh()
        found.append(figures(tracker))

    assert found[0] == found[1]


def test_a_logged_answer_with_the_model_name_of_these_files_is_from_a_log(world: World) -> None:
    name = UNLOGGED.name
    logs = [line(model=name), line(model=name, id="m2", requestId="r2", timestamp=at(1))]
    write_log(world.root, "p/s.jsonl", *logs)
    tracker = world.read()

    write(world.root, [block(0, 300, (7, 0, 0, 0))])
    tracker.refresh()

    assert tokens(tracker) == 2 * LOGGED.total + 1
    assert figures(tracker) == figures(world.read(data="fresh"))


def test_merged_folders_have_one_description_of_a_block(world: World) -> None:
    old, new = world.make_root("old"), world.make_root("new")
    log = write_log(old, "p/s.jsonl", answer(1, 10))
    write_log(new, "p/t.jsonl", answer(2, 20))
    write(old, [block(0, 300, (10, 900, 2000, 40_000)), block(300, 600)])
    write(new, [block(0, 300, (10, 900, 2000, 41_000))])
    world.read(old, new)

    place = new / "projects" / "p" / "s.jsonl"
    log.rename(place)
    shutil.rmtree(old)
    tracker = world.read(new)

    assert tokens(tracker) == 10 + 900 + 2000 + 41_000 + 21_510
    append(place, answer(3, 310))
    tracker.refresh()
    assert tokens(tracker) == 10 + 900 + 2000 + 41_000 + 21_510
    assert len({found[0] for found in sums(tracker)}) == 1
    assert tracker.verify().is_good


def test_each_answer_is_read_once_however_many_blocks_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 40
    for number in range(count):  # each spans all blocks
        times = [300.0 * part + number for part in range(count)]
        lines = [answer(number * count + part, minutes) for part, minutes in enumerate(times)]
        write_log(world.root, f"p/s{number}.jsonl", *lines)
    world.read()
    loaded: list[int] = []
    load = chunks.load_numbers

    def watched(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterator[chunks.Chunk]:
        for chunk in load(connection, numbers):
            loaded.append(len(chunk.entries))
            yield chunk

    monkeypatch.setattr(chunks, "load_numbers", watched)
    write(world.root, [block(300.0 * part, 300.0 * part + 300) for part in range(count)])
    world.read()

    assert 0 < sum(loaded) <= 2 * count * count


def test_a_copied_data_folder_counts_once_and_each_folder_alone_has_its_own(world: World) -> None:
    other = world.make_root("other")
    for root in (world.root, other):
        write(root, [block(0, 300)])
    write_log(world.root, "p/s.jsonl", answer(1, 10))

    both = world.read(world.root, other)

    assert tokens(both) == 21_510 + LOGGED.total
    assert tokens(world.read(world.root)) == 21_510
    assert tokens(world.read(other)) == 21_510


def test_simultaneous_blocks_in_two_folders_both_count(world: World) -> None:
    other = world.make_root("other")
    write(world.root, [block(0, 300, (5, 0, 0, 0))])
    write(other, [block(0, 300, (7, 0, 0, 0))])

    assert tokens(world.read(world.root, other)) == 12


def test_gaps_are_skipped_and_files_are_found_at_every_known_path(world: World) -> None:
    (world.root / "sessions").mkdir()
    gap = block(300, 600, (9, 9, 9, 9), isGap=True)
    (world.root / "sessions" / "my_session_blocks.json").write_text(json.dumps([gap]))
    (world.root / "session_blocks.json").write_text(json.dumps([block(0, 300, (5, 0, 0, 0))]))

    assert tokens(world.read()) == 5


def test_the_active_block_may_be_known_from_a_file_only(world: World) -> None:
    write(world.root, [block(-30, 270)])

    snapshot = world.read().snapshot(NOW)

    assert snapshot.block is not None
    assert (snapshot.block.start, snapshot.block.end) == (moment(-30), moment(270))
    assert snapshot.block.spending.cost == 1.0


def test_doctor_lists_them_and_verification_succeeds(world: World) -> None:
    log = write_log(world.root, "p/s.jsonl", answer(1, 10), answer(2, 20))
    write_log(world.root, "p/t.jsonl", answer(3, 30))
    write(world.root, [block(0, 300, (1000, 0, 0, 0))])
    tracker = world.read()
    log.unlink()

    health = tracker.health()

    assert (health.described_blocks, health.unlogged_tokens) == (1, 1000 - 9)
    assert tracker.verify().is_good


def descriptions() -> st.SearchStrategy[list[dict[str, object]]]:
    minutes = st.sampled_from([0, 60, 300, 301.5, 540, 9000])
    lengths = st.sampled_from([15, 60, 270.5, 300])
    counts = st.tuples(*[st.sampled_from([0, 3, 5000, 60_000])] * 4)
    one = st.builds(
        lambda start, length, used: block(start, start + length, used), minutes, lengths, counts
    )
    return st.lists(one, max_size=3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from([0, 59.9, 60, 299, 301.5, 9100]))),
    st.lists(descriptions(), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_the_order_of_logs_and_files_does_not_matter(
    answers: list[tuple[int, float]], files: list[list[dict[str, object]]], order: Random
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        steps: list[Callable[[], object]] = [
            *(partial(append_answer, world, *made) for made in answers),
            *(
                partial(write, world.root, made, f"session_blocks_{number}.json")
                for number, made in enumerate(files)
            ),
        ]
        order.shuffle(steps)
        tracker = world.tracker()
        for step in steps:
            step()
            tracker.refresh()

        assert figures(tracker) == figures(world.read(data="fresh"))
        assert len({(found.total, cost) for found, cost, _ in sums(tracker)}) == 1
        assert tracker.verify().is_good


def append_answer(world: World, number: int, minutes: float) -> None:
    path = world.root / "projects" / "p" / f"s{number}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as log:
        log.write(answer(number, minutes))


def test_described_blocks_never_overlap_others(world: World) -> None:
    write_log(world.root, "p/s.jsonl", *(answer(n, 37 * n) for n in range(60)))
    write(world.root, [block(130, 330), block(200, 500), block(900, 1200), block(1200, 1201)])

    report = world.read().ask(Blocks(now=NOW))
    spans = [(to_ms(row.block.start), to_ms(row.block.end)) for row in report.rows]

    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert (to_ms(moment(900)), to_ms(moment(1200))) in spans
    assert sum(logged(row.block.spending) for row in report.rows) == 60

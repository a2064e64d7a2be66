"""A report about some roots does not depend on the others."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import append, line, write_log
from tests.tracker.worlds import World, at, figures, logs, outputs_by_day, sums, total, write_logs

SHORT = {"output_tokens": 10}
LONG = {"output_tokens": 90}


@pytest.mark.parametrize(("of_a", "of_b"), [(SHORT, LONG), (LONG, SHORT), (SHORT, SHORT)])
def test_each_choice_of_two_roots_is_independent_of_others(
    world: World, of_a: dict[str, object], of_b: dict[str, object]
) -> None:
    a, b = world.make_root("a"), world.make_root("b")
    write_log(a, "p/s.jsonl", line(**of_a))
    write_log(b, "p/s.jsonl", line(**of_b, timestamp=at(2000)))
    world.read(a, b, data="all")

    for number, roots in enumerate([(a,), (b,), (a, b), (b, a)]):
        alone = world.read(*roots, data=f"alone-{number}")
        assert figures(alone) == figures(world.tracker(*roots, data="all"))


@settings(max_examples=8, deadline=None)
@given(logs(), logs(), logs(), st.permutations([0, 1, 2]))
def test_any_choice_of_roots_is_independent_of_others(
    of_a: dict[str, list[bytes]],
    of_b: dict[str, list[bytes]],
    of_c: dict[str, list[bytes]],
    order: list[int],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        roots = [world.make_root(name) for name in "abc"]
        for root, made in zip(roots, (of_a, of_b, of_c), strict=True):
            write_logs(root, made)
        for number in order:
            world.read(roots[number], data="all")

        for number, chosen in enumerate([roots[:1], roots[1:2], roots[:2], roots[1:], roots]):
            alone = world.read(*chosen, data=f"alone-{number}")
            assert figures(alone) == figures(world.tracker(*chosen, data="all"))


@settings(max_examples=6, deadline=None)
@given(logs(), st.lists(st.integers(0, 2), min_size=4, max_size=4), st.permutations([0, 1, 2]))
def test_which_copies_count_does_not_depend_on_their_roots(
    made: dict[str, list[bytes]], homes: list[int], order: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        roots = [world.make_root(name) for name in "cab"]
        parts = [
            {log: made[log] for log, home in zip(sorted(made), homes, strict=False) if home == root}
            for root in range(3)
        ]
        for root in order:
            write_logs(roots[root], parts[root])
            world.read(roots[root], data="all")

        for number, chosen in enumerate([(0, 1, 2), (1, 2)]):
            together = world.make_root(f"together-{number}")
            for root in chosen:
                write_logs(together, parts[root])
            in_one = world.read(together, data=f"one-{number}")
            in_several = world.tracker(*(roots[root] for root in chosen), data="all")
            assert sums(in_several) == sums(in_one)
            assert outputs_by_day(in_several) == outputs_by_day(in_one)


def test_a_replay_counts_the_same_from_one_root_two_or_three(world: World) -> None:
    replay = line(**LONG, requestId="replay", isSidechain=True)
    copies = {"s": replay, "t": line(**SHORT), "u": line(**LONG, timestamp=at(5))}
    roots = [world.make_root(name) for name in "abc"]
    for root, (name, copy) in zip(roots, copies.items(), strict=True):
        write_log(world.root, f"p/{name}.jsonl", copy)
        write_log(root, f"p/{name}.jsonl", copy)
    of_three = world.read(*roots, data="all")
    write_log(roots[1], "p/u.jsonl", copies["u"])
    of_two = world.read(*roots[:2], data="two")

    of_one = world.read()

    assert outputs_by_day(of_one) == {"2026-03-01": 180}
    assert figures(of_three) == figures(of_one) == figures(of_two)
    assert outputs_by_day(world.tracker(*roots[:2], data="all")) == {"2026-03-01": 10}


def test_another_root_in_the_ledger_changes_nothing(world: World) -> None:
    other = world.make_root("other")
    write_log(world.root, "p/s.jsonl", line(**SHORT))
    tracker = world.read()
    before = figures(tracker)

    write_log(other, "p/s.jsonl", line(**LONG), line(id="more"))
    world.read(other)

    assert before == figures(tracker)


def make_machine(world: World) -> Path:
    machine = world.root / "vms" / "box"
    (machine / "projects").mkdir(parents=True)
    return machine


def test_virtual_machines_count_unless_excluded(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**SHORT))
    write_log(make_machine(world), "p/s.jsonl", line(**LONG), line(id="inside"))
    with_vms = world.read()

    without = world.tracker(with_vms=False)

    assert outputs_by_day(with_vms) == {"2026-03-01": 490}
    assert outputs_by_day(without) == {"2026-03-01": 10}


def test_a_deleted_machine_stays_counted_and_can_still_be_excluded(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**SHORT))
    write_log(make_machine(world), "p/s.jsonl", line(id="inside"))
    before = figures(world.read())

    shutil.rmtree(world.root / "vms")

    assert before == figures(world.read())
    assert outputs_by_day(world.tracker(with_vms=False)) == {"2026-03-01": 10}


def test_a_root_without_its_logs_stays_counted(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**LONG))
    before = figures(world.read())

    shutil.rmtree(world.root / "projects" / "p")

    assert before == figures(world.read())


def test_a_missing_default_root_stays_counted(world: World) -> None:
    home = world.place / "home"
    environ = {"HOME": str(home)}
    write_log(home / ".claude", "p/s.jsonl", line())
    before = figures(world.read(environ=environ))

    shutil.rmtree(home / ".claude")

    assert before == figures(world.read(environ=environ))


def test_a_replay_on_a_side_chain_under_a_new_request_counts_once(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**SHORT))
    replays = [line(**LONG, requestId=f"replay-{number}", isSidechain=True) for number in range(3)]
    tracker = world.read()
    write_log(world.root, "p/t.jsonl", *replays)
    tracker.refresh()

    assert outputs_by_day(tracker) == {"2026-03-01": 10}


def test_a_replay_counts_if_the_first_answer_is_out_of_scope(world: World) -> None:
    a, b = world.make_root("a"), world.make_root("b")
    write_log(a, "p/s.jsonl", line(**SHORT))
    write_log(b, "p/s.jsonl", line(**LONG, requestId="replay", isSidechain=True))
    world.read(a, b)

    assert outputs_by_day(world.tracker(a)) == {"2026-03-01": 10}
    assert outputs_by_day(world.tracker(b)) == {"2026-03-01": 90}
    assert outputs_by_day(world.tracker(a, b)) == {"2026-03-01": 10}


def test_a_copy_that_grows_replaces_the_one_before(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(output_tokens=1))
    tracker = world.read()

    for output in (20, 300, 7):
        append(path, line(output_tokens=output))
        tracker.refresh()

    assert outputs_by_day(tracker) == {"2026-03-01": 300}
    assert total(tracker).answers == 1


def test_a_better_copy_of_another_day_moves_the_usage_there(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(**SHORT), line(id="stays", output_tokens=1))
    tracker = world.read()

    write_log(world.root, "q/t.jsonl", line(**LONG, timestamp=at(1440)))
    changed = tracker.refresh()

    assert outputs_by_day(tracker) == {"2026-03-01": 1, "2026-03-02": 90}
    assert {str(day) for day in changed.days} == {"2026-03-01", "2026-03-02"}
    assert changed.new_answers == 0
    assert len(set(sums(tracker))) == 1

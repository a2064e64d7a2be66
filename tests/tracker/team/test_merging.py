"""A machine merges its own small segments: nothing changes but the number of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.team.teams import Member, folder_of, ledger_figures, segments, team_figures
from tests.tracker.worlds import World

from spendlight.team import merging
from spendlight.team.checking import replaced_by
from spendlight.team.segments import segment_name
from spendlight.team.shared_folder import SharedFolder
from spendlight.tracker.questions.periods import Periods


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have segments merged after a few publications, and not after dozens."""
    for name, value in (("EVERY", 2), ("MOST", 3), ("LARGEST", 1), ("DELAY", 4)):
        monkeypatch.setattr(merging, name, value)


@pytest.fixture
def desk(world: World) -> Member:
    return Member(world, "desk")


def publish_one_by_one(desk: Member, first: int, count: int) -> Path:
    """Publish that many answers of one log, each by itself."""
    path = desk.roots[0] / "projects" / "p" / "s.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    for number in range(first, first + count):
        append(path, line(id=f"m{number}", output_tokens=number + 1))
        desk.publish()
    return path


def merged(world: World) -> list[Path]:
    return [path for path in segments(world) if path.name.endswith(".merged.parquet")]


def found_in_order(member: Member) -> tuple[list[object], int]:
    """Return the figures of a team, and how many segments it has; nothing may be wrong there."""
    taken_in = member.tracker.team.ask(Periods()).taken_in
    assert taken_in is not None
    assert (taken_in.unreadable, taken_in.missing) == ((), 0)
    return team_figures(member.tracker), taken_in.segments


def test_merging_changes_nothing_but_the_number_of_files(world: World, desk: Member) -> None:
    early = Member(world, "early")
    publish_one_by_one(desk, 0, 3)
    found_in_order(early)
    path = publish_one_by_one(desk, 3, 9)
    path.rename(path.with_name("moved.jsonl"))  # everything is withdrawn and published again
    desk.publish()

    expected = ledger_figures(desk.tracker)
    late = Member(world, "late")
    assert merged(world)
    assert len(segments(world)) < 13
    for member in (desk, early, late):
        assert found_in_order(member) == (expected, len(segments(world)))
    assert team_figures(late.tracker, scheduler="here") == expected


def test_the_number_of_files_is_bounded(world: World, desk: Member) -> None:
    counts = []
    for number in range(24):
        publish_one_by_one(desk, number, 1)
        counts.append(len(segments(world)))

    assert max(counts[12:]) <= max(counts[:12]) + 2
    assert found_in_order(desk)[0] == ledger_figures(desk.tracker)


def test_what_was_replaced_is_not_needed_any_more(world: World, desk: Member) -> None:
    publish_one_by_one(desk, 0, 4)
    (whole,) = merged(world)
    name = segment_name(whole.relative_to(folder_of(world)).as_posix())
    assert name is not None
    replaced = replaced_by(whole, name)
    assert len(replaced) == 3
    for path in replaced:
        (folder_of(world) / path).unlink()

    assert found_in_order(Member(world, "late"))[0] == ledger_figures(desk.tracker)


def test_a_merged_segment_that_arrives_before_the_others_counts_once(
    world: World, desk: Member
) -> None:
    publish_one_by_one(desk, 0, 4)
    late = Member(world, "late")
    away = {path: path.read_bytes() for path in segments(world) if path not in merged(world)}
    for path in away:
        path.unlink()
    late.tracker.team.ask(Periods())
    for path, content in away.items():
        path.write_bytes(content)

    assert found_in_order(late)[0] == ledger_figures(desk.tracker)


def test_merging_may_be_interrupted(
    world: World, desk: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_one_by_one(desk, 0, 3)
    publish = SharedFolder.publish

    def interrupted(shared: SharedFolder, source: Path, path: str) -> None:
        if path.endswith(".merged.parquet"):
            raise KeyboardInterrupt
        publish(shared, source, path)

    with monkeypatch.context() as patched:
        patched.setattr(SharedFolder, "publish", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish_one_by_one(desk, 3, 1)
    assert not merged(world)
    assert found_in_order(desk)[0] == ledger_figures(desk.tracker)

    publish_one_by_one(desk, 4, 2)
    assert merged(world)
    assert found_in_order(desk)[0] == ledger_figures(desk.tracker)


def test_a_merged_segment_that_is_damaged_replaces_nothing(world: World, desk: Member) -> None:
    publish_one_by_one(desk, 0, 4)
    (whole,) = merged(world)
    whole.write_bytes(whole.read_bytes()[:-1])

    late = Member(world, "late")
    answer = late.tracker.team.ask(Periods())
    assert answer.taken_in is not None
    assert [one.path for one in answer.taken_in.unreadable] == [
        whole.relative_to(folder_of(world)).as_posix()
    ]
    assert team_figures(late.tracker) == ledger_figures(desk.tracker)


def test_a_machine_replaces_only_segments_of_its_own(world: World, desk: Member) -> None:
    laptop = Member(world, "laptop")
    write_log(laptop.roots[0], "q/t.jsonl", line(id="other"))
    laptop.publish()
    publish_one_by_one(desk, 0, 4)
    (whole,) = merged(world)
    (other,) = (path for path in segments(world) if path.parent.parent != whole.parent.parent)
    stranger = other.parent / whole.name  # says that it replaces segments, in another folder
    stranger.write_bytes(whole.read_bytes())

    late = Member(world, "late")
    assert late.tracker.team.ask(Periods()).value.total.answers == 5


def test_a_copy_that_comes_back_is_not_withdrawn_by_a_merged_segment(
    world: World, desk: Member
) -> None:
    path = publish_one_by_one(desk, 0, 1)
    away = desk.roots[0] / "projects" / "q" / path.name
    away.parent.mkdir()
    path.rename(away)
    desk.publish()  # withdraws the copy in p, and publishes the one in q
    away.rename(path)
    write_log(desk.roots[0], "r/large.jsonl", *(line(id=f"l{at}") for at in range(100)))
    desk.publish()  # the other way round, in a segment that is too large to be merged
    for number in range(1, 8):
        write_log(desk.roots[0], f"r/{number}.jsonl", line(id=f"n{number}"))
        desk.publish()

    assert merged(world)
    for member in (desk, Member(world, "late")):
        assert found_in_order(member)[0] == ledger_figures(desk.tracker)

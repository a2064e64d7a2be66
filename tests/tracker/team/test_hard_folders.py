"""Whatever becomes of a team's folder: what cannot be read is named, the rest counts once."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.team.denying import denied
from tests.tracker.team.teams import Member, folder_of, segments
from tests.tracker.worlds import World

from spendlight.errors import UsageError
from spendlight.team.intake import TakenIn
from spendlight.team.shared_folder import SharedFolder, SharedFolderError
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team.publishing import Published

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of Unix")

MONTHS = {"a": "2026-01", "b": "2026-02", "c": "2026-03"}


@pytest.fixture
def desk(world: World) -> Member:
    desk = Member(world, "desk")
    for name, month in MONTHS.items():
        log(desk, line(id=name, timestamp=f"{month}-05T12:00:00.000Z"), name=f"p/{name}.jsonl")
    return desk


@pytest.fixture
def lap(world: World) -> Member:
    lap = Member(world, "lap")
    log(lap, line(id="of lap"))
    lap.publish()
    return lap


def log(machine: Member, *lines: bytes, name: str = "p/s.jsonl") -> Path:
    return write_log(machine.roots[0], name, *lines)


def asked(machine: Member) -> tuple[int, dict[str, str]]:
    """Return how many answers count, and what does not."""
    answer = machine.tracker.team.ask(Periods())
    assert answer.problem == ""
    assert answer.taken_in is not None
    return answer.value.total.answers, dict(answer.taken_in.unreadable)


def found(machine: Member) -> TakenIn:
    taken_in = machine.tracker.team.status().taken_in
    assert taken_in is not None
    return taken_in


@posix
@pytest.mark.parametrize("is_known", [False, True])
def test_a_folder_that_may_not_be_read_is_named(
    world: World, desk: Member, lap: Member, *, is_known: bool
) -> None:
    desk.publish()
    if is_known:
        assert asked(lap) == (4, {})
    month = segments(world)[0].parent
    name = month.relative_to(folder_of(world)).as_posix()

    with denied(month):
        answers, unreadable = asked(lap)
        missing = found(lap).missing

    assert unreadable == {f"{name}/": "it cannot be read: Permission denied"}
    assert (answers, missing) == (4 if is_known else 3, 0)
    assert asked(lap) == (4, {})


@posix
@pytest.mark.parametrize("scheduler", ["", "here"])
def test_a_segment_that_may_not_be_read_is_named(
    world: World, desk: Member, lap: Member, scheduler: str
) -> None:
    desk.publish()
    (path,) = (one for one in segments(world) if "2026-02" in str(one))

    with denied(path):
        answer = lap.tracker.team.ask(Periods(), scheduler=scheduler)

    assert answer.value.total.answers == 3
    assert answer.taken_in is not None
    (fault,) = answer.taken_in.unreadable
    assert fault.path.endswith(path.name)
    assert "Permission denied" in fault.reason
    assert asked(lap) == (4, {})


@posix
def test_a_link_to_itself_spoils_nothing_else(world: World, desk: Member, lap: Member) -> None:
    desk.publish()
    path = segments(world)[0].with_name("00000009-0123456789abcdef.parquet")
    path.symlink_to(path.name)
    folder_of(world).joinpath("loop").symlink_to("loop")

    answers, unreadable = asked(lap)

    assert answers == 4
    assert list(unreadable) == [path.relative_to(folder_of(world)).as_posix()]


def test_a_folder_that_is_gone_while_it_is_read_is_said_to_be(
    world: World, desk: Member, lap: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()
    whole = SharedFolder.demand_team

    def delete(shared: SharedFolder) -> None:
        whole(shared)
        shutil.rmtree(folder_of(world))

    monkeypatch.setattr(SharedFolder, "demand_team", delete)
    answer = lap.tracker.team.ask(Periods())

    assert answer.problem == "No such file or directory"
    assert answer.taken_in is None


def test_nothing_is_published_beside_a_folder_that_disappears(
    world: World, desk: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = SharedFolder.list

    def unmount(shared: SharedFolder, folder: str = "") -> object:
        listing = whole(shared, folder)
        folder_of(world).rename(world.place / "away")
        return listing

    with monkeypatch.context() as patch:
        patch.setattr(SharedFolder, "list", unmount)
        with pytest.raises(SharedFolderError):
            desk.publish()
    assert not folder_of(world).exists()

    (world.place / "away").rename(folder_of(world))
    assert desk.publish().copies == 3
    assert asked(desk) == (3, {})


def test_a_huge_file_of_a_machine_costs_only_its_name(
    world: World, desk: Member, lap: Member
) -> None:
    desk.publish()
    (path,) = (one for one in segments(world) if "2026-02" in str(one))
    told = path.parents[1] / "machine.json"
    told.write_bytes(b"x" * 100_000)
    name = told.relative_to(folder_of(world)).as_posix()

    assert asked(lap) == (4, {name: "it cannot be read: File too large"})

    log(desk, line(id="d"), name="p/d.jsonl")
    assert desk.publish() == Published(copies=1, segments=1)
    assert asked(lap) == (5, {})


def test_publishing_that_fails_again_and_again_does_not_fill_the_folder(
    world: World, desk: Member
) -> None:
    machine = next(folder_of(world).glob("machine=*"))
    obstacle = machine / "month=2026-03"
    obstacle.write_text("no folder")
    for _ in range(3):
        with pytest.raises(SharedFolderError, match="File exists"):
            desk.publish()
    before = segments(world)

    obstacle.unlink()

    assert desk.publish() == Published(copies=3, segments=3)
    assert len(before) == 2
    assert set(before) < set(segments(world))
    assert len(segments(world)) == 3
    assert asked(desk) == (3, {})


def test_no_number_of_a_stranger_makes_the_next_one_too_long(world: World, desk: Member) -> None:
    desk.publish()
    segments(world)[0].with_name("999999999999-0123456789abcdef.parquet").write_bytes(b"")
    log(desk, line(id="d"), name="p/d.jsonl")

    desk.publish()

    assert asked(desk)[0] == 4


def test_files_count_in_whatever_order_they_arrive(world: World, desk: Member, lap: Member) -> None:
    path = log(desk, line(id="a", output_tokens=1), name="p/early.jsonl")
    desk.publish()
    append(path, line(id="a", output_tokens=900))
    path.parent.rename(path.parents[1] / "moved")
    desk.publish()
    expected = desk.tracker.team.ask(Periods()).value
    folder = folder_of(world)
    files = [one for one in segments(world) if "month=" in str(one)]
    away = world.place / "away"
    places = {one: away / one.relative_to(folder) for one in files}
    for one, place in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        one.rename(place)

    for one in reversed(files):
        content = places[one].read_bytes()
        coming = one.with_name(f".syncthing.{one.name}.tmp")
        coming.write_bytes(content[:100])
        assert asked(lap)[1] == {}
        one.write_bytes(content[:-9])  # by a program that does not rename
        assert list(asked(lap)[1]) == [one.relative_to(folder).as_posix()]
        one.write_bytes(content)
        coming.unlink()

    answer = lap.tracker.team.ask(Periods())
    assert answer.value.total == expected.total
    assert answer.value.total.answers == 4


def test_a_segment_that_only_exists_under_another_name_is_named(
    world: World, desk: Member, lap: Member
) -> None:
    desk.publish()
    (path,) = (one for one in segments(world) if "2026-02" in str(one))
    other = path.with_name(f"{path.stem} (lap's conflicted copy 2026-03-01).parquet")
    shutil.copy(path, other)
    assert asked(lap) == (4, {})
    another = Member(world, "another")
    path.unlink()

    answers, unreadable = asked(another)

    assert answers == 3
    ((name, reason),) = unreadable.items()
    assert name.endswith(other.name)
    assert reason.endswith(path.relative_to(folder_of(world)).as_posix())
    other.rename(path)
    assert asked(another) == (4, {})


@posix
def test_a_link_out_of_the_folder_is_not_followed_into_other_folders(
    world: World, desk: Member, lap: Member
) -> None:
    desk.publish()
    other = world.place / "elsewhere"
    machine = segments(world)[0].parents[1]
    shutil.copytree(machine, other / "machine=0123456789abcdef")
    folder_of(world).joinpath("machine=0123456789abcdef").symlink_to(
        other / "machine=0123456789abcdef"
    )

    assert asked(lap) == (4, {})
    assert len(found(lap).unreadable) == 0


def test_a_cache_with_a_damaged_byte_is_made_again(world: World, desk: Member) -> None:
    desk.publish()
    assert asked(desk) == (3, {})
    desk.tracker.close()
    cache = world.place / "data-desk" / "team.duckdb"
    whole = cache.read_bytes()

    for at in range(0, len(whole), len(whole) // 6):
        cache.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        assert asked(desk) == (3, {})
        cache.write_bytes(whole[:at])
        assert asked(desk) == (3, {})


@posix
def test_a_ledger_in_a_read_only_folder_still_answers_for_the_team(
    world: World, desk: Member, lap: Member
) -> None:
    desk.publish()
    folder = world.place / "data-desk"

    with denied(folder, 0o500):
        for _ in range(2):
            answer = desk.tracker.team.ask(Periods())
            assert answer.value.total.answers == 4
            assert answer.cache_note.endswith(f"as nothing can be written to {folder}")
        status = desk.tracker.team.status()
        assert status.cache_note == answer.cache_note
        with pytest.raises(UsageError, match="cannot be used"):
            desk.tracker.team.publish()

    spare = Path(answer.cache_note.partition(" in ")[2].partition(", as ")[0])
    assert spare.exists()
    log(lap, line(id="later"))
    lap.publish()
    later = Member(world, "desk")  # the other one uses a temporary ledger by now
    again = later.tracker.team.ask(Periods())
    assert (again.value.total.answers, again.cache_note) == (4 + 1, "")
    later.tracker.team.leave()
    assert not spare.exists()


def test_what_a_killed_process_has_left_is_deleted_after_a_day(
    world: World, desk: Member, lap: Member
) -> None:
    (other,) = (path.parent for path in segments(world))
    desk.publish()
    own = next(path.parent for path in segments(world) if path.parent.parent != other.parent)
    name = "00000001-0123456789abcdef.parquet"
    stale = [own / f"{name}.17-0a1b2c3d.part", own.parent / "machine.json.17-0a1b2c3d.part"]
    kept = [own / f"{name}.18-0a1b2c3d.part", own / "notes.part", other / stale[0].name]
    for path in (*stale, *kept):
        path.write_bytes(b"PAR1")
        if path != kept[0]:
            age(path, 86_400 + 60)
    log(desk, line(id="later"), name="p/later.jsonl")

    desk.publish()

    assert [path.exists() for path in stale] == [False, False]
    assert all(path.exists() for path in kept)
    assert asked(lap) == (5, {})


def age(path: Path, seconds: float) -> None:
    """Have a file be older than it is."""
    modified = path.stat().st_mtime - seconds
    os.utime(path, (modified, modified))

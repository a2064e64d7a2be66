"""What machines publish, and what becomes of it when something goes wrong on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.makers import SONNET, append, line, write_log
from tests.tracker.team.teams import Member, files_of, folder_of, segments
from tests.tracker.worlds import World

from spendlight.errors import BadArgumentError
from spendlight.metering.slices import Spending
from spendlight.team.shared_folder import SharedFolderError
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.team.membership import NoTeamError, OtherTeamError
from spendlight.tracker.team.publishing import Published
from spendlight.tracker.team.shares import TeamShares
from spendlight.tracker.tracker import UsageTracker


@pytest.fixture
def desk(world: World) -> Member:
    return Member(world, "desk")


def log(machine: Member, *lines: bytes, name: str = "p/s.jsonl") -> Path:
    return write_log(machine.roots[0], name, *lines)


def total(tracker: UsageTracker) -> Spending:
    return tracker.team.ask(Periods()).value.total


def answers_of(tracker: UsageTracker, of: str) -> dict[str, int]:
    rows = tracker.team.ask(TeamShares(of)).value.rows
    return {row.name: row.spending.answers for row in rows}


def test_publishes_only_what_is_new(world: World, desk: Member) -> None:
    path = log(desk, line(), line(id="b"))
    assert desk.publish() == Published(copies=2, segments=1)
    before = files_of(folder_of(world))

    assert desk.publish() == Published()
    append(path, line(id="c"))
    assert desk.publish() == Published(copies=1, segments=1)

    after = files_of(folder_of(world))
    assert {name: after[name] for name in before} == before
    assert total(desk.tracker).answers == 3


def test_a_better_copy_replaces_the_one_that_was_published(desk: Member) -> None:
    path = log(desk, line(output_tokens=1))
    desk.publish()
    append(path, line(output_tokens=500))

    assert desk.publish().copies == 1
    assert total(desk.tracker).tokens.output == 500
    assert total(desk.tracker).answers == 1


def test_a_log_that_was_moved_counts_where_it_is_now(desk: Member) -> None:
    path = log(desk, line(), line(id="b"), name="old/s.jsonl")
    desk.publish()
    assert answers_of(desk.tracker, "project") == {"old": 2}
    path.parent.rename(path.parent.with_name("new"))

    assert desk.publish() == Published(copies=2, withdrawn=2, segments=1)
    assert answers_of(desk.tracker, "project") == {"new": 2}

    (path.parent.with_name("new")).rename(path.parent)
    desk.publish()
    assert answers_of(desk.tracker, "project") == {"old": 2}


def test_what_logs_hold_of_a_described_block_is_withdrawn(desk: Member) -> None:
    told = desk.roots[0] / "usage_tracking" / "session_blocks_1.json"
    told.parent.mkdir()
    told.write_text('[{"startTime": "2026-03-01T10:00:00Z", "tokenCounts": {"inputTokens": 500}}]')
    desk.publish()
    assert total(desk.tracker).tokens.input == 500
    usage = {"input_tokens": 500, "output_tokens": 1}
    log(desk, line(usage=usage, timestamp="2026-03-01T11:00:00.000Z"))

    assert desk.publish() == Published(copies=1, withdrawn=1, segments=1)
    assert total(desk.tracker).tokens.input == 500
    assert total(desk.tracker).answers == 1


def test_waits_while_the_folder_is_gone(world: World, desk: Member) -> None:
    path = log(desk, line())
    desk.publish()
    assert total(desk.tracker).answers == 1
    away = folder_of(world).rename(world.place / "unplugged")
    append(path, line(id="b"))

    with pytest.raises(SharedFolderError, match="is it connected or mounted"):
        desk.publish()
    answer = desk.tracker.team.ask(Periods())

    assert answer.value.total.answers == 1
    assert answer.taken_in is None
    assert "mounted" in answer.problem
    assert not folder_of(world).exists()
    assert desk.tracker.team.status().waiting == 1

    away.rename(folder_of(world))
    assert desk.publish() == Published(copies=1, segments=1)
    assert total(desk.tracker).answers == 2


def test_a_ledger_restored_from_a_backup_loses_nothing_that_was_published(
    world: World, desk: Member
) -> None:
    path = log(desk, line(output_tokens=1))
    desk.publish()
    desk.tracker.close()
    data = world.place / "data-desk"
    backup = shutil.copytree(data, world.place / "backup")
    append(path, line(output_tokens=500), line(id="b"))
    desk.publish()
    before = files_of(folder_of(world))
    desk.tracker.close()

    shutil.rmtree(data)
    shutil.copytree(backup, data)
    log(desk, line(id="c"), name="p/t.jsonl")
    path.unlink()
    again = Member(world, "desk")

    assert again.publish() == Published(copies=1, segments=1)
    after = files_of(folder_of(world))
    assert {name: after[name] for name in before} == before
    assert total(again.tracker).answers == 3
    assert total(again.tracker).tokens.output == 500 + 400 + 400


def test_a_clone_with_the_same_id_overwrites_nothing(world: World, desk: Member) -> None:
    log(desk, line())
    desk.publish()
    desk.tracker.close()
    shutil.copytree(world.place / "data-desk", world.place / "data-clone")
    clone = Member(world, "clone", desk.roots[0])
    clone_log = write_log(world.make_root("elsewhere"), "p/u.jsonl", line(id="x"))
    clone = Member(world, "clone", desk.roots[0], clone_log.parents[2])
    log(desk, line(id="b"), name="p/t.jsonl")

    for machine in (desk, clone, desk, clone):
        machine.publish()

    assert len({path.parents[1].name for path in segments(world)}) == 1
    assert total(desk.tracker).answers == 3
    assert total(clone.tracker).answers == 3


def test_answers_of_a_wrong_clock_count_once(world: World, desk: Member) -> None:
    log(
        desk,
        line(timestamp="1970-01-01T00:00:00.000Z"),
        line(id="b", timestamp="2199-12-31T23:59:59.000Z"),
    )
    desk.publish()

    assert {path.parent.name for path in segments(world)} == {"month=1970-01", "month=2199-12"}
    assert total(desk.tracker).answers == 2


def test_a_long_lived_process_has_another_one_publish(world: World, desk: Member) -> None:
    told: list[str] = []
    tray = Member(world, "desk", publish=lambda: told.append("publish"))
    log(desk, line())
    desk.read()

    assert tray.tracker.team.publish_if_new()
    assert told == ["publish"]
    desk.publish()
    assert not tray.tracker.team.publish_if_new()
    desk.tracker.team.leave()
    log(desk, line(id="b"))
    desk.read()
    assert not tray.tracker.team.publish_if_new()
    assert told == ["publish"]


def test_machines_of_the_same_name_are_told_apart(world: World, desk: Member) -> None:
    log(desk, line())
    desk.publish()
    other = Member(world, "other")
    other.tracker.team.join(str(folder_of(world)), name="desk", person="Bob")
    log(other, line(id="b"), line(id="c"))
    other.publish()

    found = answers_of(desk.tracker, "machine")

    assert sorted(found.values()) == [1, 2]
    assert all(name.startswith("desk (") for name in found)
    assert answers_of(desk.tracker, "person") == {"owner of desk": 1, "Bob": 2}


def test_another_name_publishes_nothing_again(world: World, desk: Member) -> None:
    log(desk, line())
    desk.publish()
    desk.tracker.team.join(str(folder_of(world)), name="tower")

    assert desk.publish() == Published()
    assert answers_of(desk.tracker, "machine") == {"tower": 1}


def test_hidden_names_never_leave_the_machine(world: World) -> None:
    desk = Member(world, "desk")
    desk.tracker.team.join(str(folder_of(world)), hide=["projects"])
    log(desk, line(), name="-home-ada-secret/s.jsonl")
    log(desk, line(id="b", model=SONNET), name="-home-ada-other/s.jsonl")
    desk.publish()

    for content in files_of(folder_of(world)).values():
        assert b"secret" not in content
        assert str(desk.roots[0]).encode() not in content
    found = answers_of(desk.tracker, "project")
    assert sorted(found.values()) == [1, 1]
    assert all(name.startswith("project-") for name in found)


def test_what_was_taken_in_still_counts_when_its_file_is_gone(world: World, desk: Member) -> None:
    log(desk, line())
    desk.publish()
    total(desk.tracker)
    segments(world)[0].unlink()

    answer = desk.tracker.team.ask(Periods())

    assert answer.value.total.answers == 1
    assert answer.taken_in is not None
    assert answer.taken_in.missing == 1


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_a_damaged_cache_is_made_again(world: World, desk: Member, content: bytes) -> None:
    log(desk, line())
    desk.publish()
    total(desk.tracker)
    (world.place / "data-desk" / "team.duckdb").write_bytes(content)

    assert total(desk.tracker).answers == 1


def test_belongs_to_one_team_at_a_time(world: World, desk: Member) -> None:
    with pytest.raises(OtherTeamError):
        desk.tracker.team.join(str(world.place / "other"))
    desk.tracker.team.leave()
    with pytest.raises(NoTeamError):
        desk.tracker.team.publish()

    log(desk, line())
    desk.tracker.team.join(str(world.place / "other"))
    assert desk.publish().copies == 1


@pytest.mark.parametrize("url", ["http://x/y", "sftp://me:secret@host/dir", "nonsense://x"])
def test_refuses_urls_where_no_team_can_be(desk: Member, url: str) -> None:
    desk.tracker.team.leave()
    with pytest.raises(BadArgumentError) as caught:
        desk.tracker.team.join(url)
    assert "secret" not in str(caught.value)


def test_the_membership_is_private(world: World, desk: Member) -> None:
    path = world.place / "data-desk" / "team.json"

    assert path.stat().st_mode & 0o077 == 0
    assert "secret" not in json.dumps(files_of(folder_of(world)), default=bytes.decode)
    assert desk.tracker.team.membership is not None

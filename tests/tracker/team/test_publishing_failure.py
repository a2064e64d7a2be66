"""What is known of publishing that fails: since when and why, in every process, until it works."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.makers import line, write_log
from tests.tracker.team.teams import Member, folder_of
from tests.tracker.worlds import World

from spendlight.errands import ErrandError
from spendlight.errors import UsageError
from spendlight.team.shared_folder import SharedFolderError
from spendlight.tracker.team.publishing_failure import FILE, failure_of


@pytest.fixture
def desk(world: World) -> Member:
    """A machine whose team's folder is gone, with something to publish."""
    desk = Member(world, "desk")
    desk.publish()
    folder_of(world).rename(world.place / "away")
    write_log(desk.roots[0], "p/s.jsonl", line())
    return desk


def test_the_first_failure_decides_since_when_and_the_last_one_why(
    world: World, desk: Member
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    with pytest.raises(SharedFolderError):
        desk.publish()
    first = desk.tracker.team.publishing_failure
    assert first is not None
    assert before <= first.since <= datetime.now(UTC)
    assert first.reason == "it contains no team; is it connected or mounted?"

    folder_of(world).mkdir()
    (folder_of(world) / "team.json").write_text("nonsense")
    with pytest.raises(SharedFolderError):
        desk.publish()
    second = desk.tracker.team.status().failure
    assert second is not None
    assert second.since == first.since
    assert second.reason == "its team.json is damaged"

    (folder_of(world) / "team.json").unlink()
    folder_of(world).rmdir()
    (world.place / "away").rename(folder_of(world))
    desk.publish()
    assert desk.tracker.team.publishing_failure is None
    assert desk.tracker.team.status().failure is None


def test_a_tray_knows_why_the_process_that_publishes_failed(world: World, desk: Member) -> None:
    def publish() -> None:
        with pytest.raises(SharedFolderError):
            desk.publish()

    tray = Member.__new__(Member)  # it cannot join again while the folder is gone
    super(Member, tray).__init__(world, "desk", *desk.roots, publish=publish)
    desk.read()

    assert tray.tracker.team.publish_if_new()
    failure = tray.tracker.team.publishing_failure
    assert failure is not None
    assert "mounted" in failure.reason


@pytest.mark.parametrize("dies", [False, True])
def test_a_process_that_cannot_publish_or_is_silent_is_a_failure(
    world: World, desk: Member, *, dies: bool
) -> None:
    def publish() -> None:
        if not dies:
            msg = "it took more than 600 s"
            raise ErrandError(msg)

    tray = Member.__new__(Member)
    super(Member, tray).__init__(world, "desk", *desk.roots, publish=publish)
    desk.read()

    assert tray.tracker.team.publish_if_new()
    failure = tray.tracker.team.publishing_failure
    assert failure is not None
    expected = "the program that publishes has failed" if dies else "it took more than 600 s"
    assert failure.reason == expected


def test_a_damaged_membership_is_a_failure(world: World, desk: Member) -> None:
    (world.place / "data-desk" / "team.json").write_text("nonsense")

    with pytest.raises(UsageError):
        desk.tracker.team.publish_if_new()

    failure = desk.tracker.team.publishing_failure
    assert failure is not None
    assert "damaged" in failure.reason


def test_leaving_ends_it(desk: Member) -> None:
    with pytest.raises(SharedFolderError):
        desk.publish()
    desk.tracker.team.leave()

    assert desk.tracker.team.publishing_failure is None
    assert not desk.tracker.team.publish_if_new()


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"[]", b'{"sinceMs": "1", "reason": "x"}', b'{"sinceMs": -5, "reason": ""}'],
)
def test_a_damaged_file_says_nothing(world: World, desk: Member, content: bytes) -> None:
    folder = world.place / "data-desk"
    (folder / FILE.name).write_bytes(content)

    assert failure_of(folder) is None
    with pytest.raises(SharedFolderError):
        desk.publish()
    assert failure_of(folder) is not None

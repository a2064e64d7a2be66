"""A root is a folder, however its path is spelled; missing folders are named."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from tests.makers import append, line, write_log
from tests.tracker.worlds import World, figures, outputs_by_day, total

from spendlight.tracker.data_folders import FolderNotes, LeftFolder, MissingFolder

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")


@pytest.fixture
def link(world: World) -> Path:
    """Return another path to the data folder."""
    link = world.place / "link"
    link.symlink_to(world.root.name)
    return link


@needs_links
@pytest.mark.parametrize("was_linked", [False, True])
def test_a_folder_keeps_its_history_under_any_path(
    world: World, link: Path, *, was_linked: bool
) -> None:
    first, second = (link, world.root) if was_linked else (world.root, link)
    deleted = write_log(world.root, "p/old.jsonl", line(id="old"))
    write_log(world.root, "p/new.jsonl", line(id="new"))
    before = figures(world.read(first))
    deleted.unlink()

    by_other_name = world.read(second)
    append(world.root / "projects" / "p" / "new.jsonl", line(id="newer"))

    assert figures(by_other_name) == before
    assert by_other_name.refresh().new_answers == 1
    assert total(world.tracker(first)).answers == 3
    assert by_other_name.verify().is_good
    assert by_other_name.folder_notes() == FolderNotes(is_listed=True)


@needs_links
def test_a_folder_with_two_paths_is_read_once(world: World, link: Path) -> None:
    write_log(world.root, "p/s.jsonl", line(), line(id="second"))
    alone = world.read(data="alone")

    both = world.read(world.root, link)
    health = both.health()

    assert figures(both) == figures(alone)
    assert health.answers == 2
    assert [(root.files, root.same_as) for root in health.roots] == [(1, ""), (1, str(world.root))]


@needs_links
def test_two_folders_that_became_one_keep_both_histories(world: World) -> None:
    other = world.make_root("other")
    write_log(world.root, "p/s.jsonl", line())
    write_log(other, "p/s.jsonl", line())
    write_log(other, "p/t.jsonl", line(id="other"))
    before = figures(world.read(world.root, other))
    shutil.rmtree(other)
    other.symlink_to(world.root.name)

    for roots in ((world.root,), (other,), (world.root, other)):
        assert figures(world.read(*roots)) == before


@needs_links
def test_the_path_of_a_changed_log_does_not_matter(world: World, link: Path) -> None:
    path = write_log(world.root, "p/s.jsonl", line())
    world.read()
    tracker = world.read(link)

    append(path, line(id="second"))
    changed = link / "projects" / "p" / "s.jsonl"

    assert tracker.refresh(only={str(changed)}).new_answers == 1
    assert world.read().refresh().new_answers == 0


@needs_links
def test_a_machine_in_a_folder_with_another_path_is_the_same(world: World, link: Path) -> None:
    write_log(world.root, "p/s.jsonl", line())
    deleted = write_log(world.root / "vms" / "box", "p/s.jsonl", line(id="inside"))
    before = figures(world.read())
    deleted.unlink()

    assert figures(world.read(link)) == before
    shutil.rmtree(world.root / "vms")
    assert figures(world.read(link)) == before


def test_a_missing_listed_folder_stays_counted_and_is_named(world: World) -> None:
    other = world.make_root("work")
    write_log(world.root, "p/s.jsonl", line())
    write_log(other, "p/s.jsonl", line(id="there"))
    before = figures(world.read(world.root, other))
    shutil.rmtree(other)

    both, alone = world.read(world.root, other), world.read(other)

    assert figures(both) == before
    assert total(alone).answers == 1
    alone.demand_data()
    for tracker in (both, alone):
        missing = MissingFolder(str(other), 1, is_folder=False)
        assert tracker.folder_notes() == FolderNotes((missing,), is_listed=True)
        assert tracker.health().roots[-1].gone == 1


@needs_links
def test_a_missing_folder_stays_counted_under_another_path(
    world: World,
) -> None:
    home = world.make_root("home/ada/claude")
    write_log(home, "p/s.jsonl", line())
    world.read(home)
    (world.place / "house").symlink_to("home")
    shutil.rmtree(home)

    assert total(world.read(world.place / "house" / "ada" / "claude")).answers == 1


def test_logs_of_a_missing_folder_may_have_had_another_path(world: World) -> None:
    other = world.make_root("work")
    write_log(other, "p/s.jsonl", line())
    world.read(other / "projects")
    shutil.rmtree(other)

    assert total(world.read(other / "projects")).answers == 1


def test_a_mistyped_folder_is_named(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    (world.place / "empty").mkdir()

    tracker = world.read(world.root, world.place / "wrok", world.place / "empty")

    assert total(tracker).answers == 1
    assert tracker.folder_notes().missing == (
        MissingFolder(str(world.place / "wrok"), 0, is_folder=False),
        MissingFolder(str(world.place / "empty"), 0, is_folder=True),
    )


def test_a_missing_folder_of_the_settings_is_named_but_a_default_one_is_not(
    world: World,
) -> None:
    environ = {"HOME": str(world.place)}
    other = world.make_root("work")
    write_log(other, "p/s.jsonl", line())
    world.read(environ=environ, more_folders=[str(other)])
    shutil.rmtree(other)

    tracker = world.read(environ=environ, more_folders=[str(other)])

    assert total(tracker).answers == 1
    assert tracker.folder_notes() == FolderNotes((MissingFolder(str(other), 1, is_folder=False),))


def test_answers_of_a_missing_unlisted_folder_are_mentioned(world: World) -> None:
    other = world.make_root("work")
    write_log(world.root, "p/s.jsonl", line())
    write_log(other, "p/s.jsonl", line(), line(id="there"))
    world.read(world.root, other)

    assert world.read().folder_notes().left == ()
    assert world.tracker().health().left == (LeftFolder(str(other), 1, exists=True),)
    shutil.rmtree(other)
    left = LeftFolder(str(other), 1, exists=False)
    assert world.read().folder_notes() == FolderNotes(left=(left,), is_listed=True)
    assert outputs_by_day(world.read(world.root, other)) == {"2026-03-01": 800}
    assert world.read(world.root, other).folder_notes().left == ()


@needs_links
def test_a_link_to_logs_is_named(world: World) -> None:
    elsewhere = world.make_root("big")
    write_log(elsewhere, "p/s.jsonl", line())
    hidden = world.root / "projects" / "-home-big"
    hidden.symlink_to(elsewhere / "projects" / "p")

    tracker = world.read()

    assert tracker.folder_notes().links == (str(hidden),)
    assert [found.path for found in tracker.health().unreadable] == [str(hidden)]
    assert world.read(world.root, elsewhere).folder_notes().links == ()

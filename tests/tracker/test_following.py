"""Usage follows moved logs and data folders."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.makers import LEFT_OUT, append, line, write_log
from tests.tracker.worlds import World, figures, outputs_by_day, total

from spendlight.tracker.data_folders import FolderNotes
from spendlight.tracker.questions.periods import Periods
from spendlight.tracker.questions.selection import Selection
from spendlight.tracker.questions.sessions import Sessions
from spendlight.tracker.tracker import UsageTracker

BROKEN = b'{"message":{"usage":{}}}\n'


def nameless(text: str) -> bytes:
    """Return a line without a message id."""
    return line(id=LEFT_OUT, content=[{"type": "text", "text": text}])


def outputs_by_project(tracker: UsageTracker) -> dict[str, int]:
    """Return the output tokens of each project."""
    report = tracker.ask(Sessions())
    found: dict[str, int] = {}
    for row in report.rows:
        place = row.name.project_path
        found[place] = found.get(place, 0) + row.spending.tokens.output
    return found


def projects(root: Path) -> Path:
    """Return the folder of a root's logs."""
    return root / "projects"


@pytest.mark.parametrize("name", ["a", "z"])
def test_usage_follows_a_renamed_project(world: World, name: str) -> None:
    write_log(world.root, "m/s.jsonl", line(), nameless("first"))
    write_log(world.root, "m/s/subagents/agent-1.jsonl", line(id="inside"))
    write_log(world.root, "other/t.jsonl", line(id="stays"))
    before = world.read()
    assert outputs_by_project(before) == {"m": 1200, "other": 400}

    (projects(world.root) / "m").rename(projects(world.root) / name)
    after = world.read()

    assert outputs_by_project(after) == {name: 1200, "other": 400}
    assert outputs_by_day(after) == {"2026-03-01": 1600}
    assert figures(after) == figures(world.read(data="new"))
    assert after.health().roots[0].gone == 0
    assert after.verify().is_good
    assert after.ask(Periods(Selection(project="m"))).rows == ()


@pytest.mark.parametrize("is_known", [False, True])
def test_deleted_logs_follow_their_project_unless_another_had_that_name(
    world: World, *, is_known: bool
) -> None:
    write_log(world.root, "m/s.jsonl", line())
    deleted = write_log(world.root, "m/old/subagents/agent-1.jsonl", line(id="old"))
    known = write_log(world.root, "z/t.jsonl", line(id="t"))
    if not is_known:
        shutil.rmtree(known.parent)
    world.read()
    shutil.rmtree(deleted.parents[1])

    (projects(world.root) / "z").mkdir(exist_ok=True)
    (projects(world.root) / "m" / "s.jsonl").rename(projects(world.root) / "z" / "s.jsonl")
    (projects(world.root) / "m").rmdir()

    expected = {"z": 800, "m": 400} if is_known else {"z": 800}
    assert outputs_by_project(world.read()) == expected


@pytest.mark.parametrize("place", ["p/s.jsonl", "s.jsonl", "p/s/subagents/agent-1.jsonl"])
def test_a_renamed_log_counts_once_even_if_it_is_read_again(world: World, place: str) -> None:
    unnamed = line(requestId=LEFT_OUT, sessionId=LEFT_OUT)
    path = write_log(world.root, place, nameless("first"), unnamed)
    world.read()

    renamed = path.rename(path.with_name("a.jsonl"))
    assert total(world.read()).answers == 2
    append(renamed, nameless("third"), unnamed)
    assert total(world.read()).answers == 3
    content = renamed.read_bytes()
    renamed.unlink()
    write_log(world.root, "p/new.jsonl", line())  # so that its inode is taken
    renamed.write_bytes(content)

    tracker = world.read()

    assert total(tracker).answers == 4
    assert tracker.verify().is_good


def test_a_log_is_followed_in_passes_that_see_single_files_only(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(), nameless("first"))
    write_log(world.root, "p/t.jsonl", line(id="other"))
    tracker = world.read()

    (projects(world.root) / "z").mkdir()
    moved = path.rename(projects(world.root) / "z" / "s.jsonl")
    assert tracker.refresh(only={str(path)}).new_answers == 0
    changed = tracker.refresh(only={str(moved)})

    assert changed.new_answers == 0
    assert {str(day) for day in changed.days} == {"2026-03-01"}
    assert outputs_by_project(tracker) == {"z": 800, "p": 400}


def test_a_log_that_was_renamed_for_another_is_followed(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(), nameless("first"))
    world.read()

    path.rename(projects(world.root) / "p" / "old.jsonl")
    path.write_bytes(line(id="next"))

    assert total(world.read()).answers == 3


def test_a_log_with_the_old_name_of_a_moved_one_is_followed(world: World) -> None:
    first = write_log(world.root, "p/s.jsonl", line(), nameless("first"))
    second = write_log(world.root, "q/t.jsonl", line(id="m2"), nameless("second"))
    world.read()

    (projects(world.root) / "z").mkdir()
    first.rename(projects(world.root) / "z" / "s.jsonl")
    second.rename(first)
    tracker = world.read()

    assert outputs_by_project(tracker) == {"z": 800, "p": 800}
    assert tracker.verify().is_good


@pytest.mark.parametrize("moved", ["best", "other"])
def test_a_copy_counts_in_its_folder_after_a_move(world: World, moved: str) -> None:
    other = world.make_root("other")
    logs = {
        "best": write_log(world.root, "p/s.jsonl", line(), line(id="mine")),
        "other": write_log(world.root, "q/t.jsonl", line(output_tokens=9), line(id="its own")),
    }
    world.read(world.root, other)

    (projects(other) / "p").mkdir()
    logs[moved].rename(projects(other) / "p" / logs[moved].name)
    both = world.read(world.root, other)

    assert total(both).answers == 3
    assert [total(world.tracker(root)).answers for root in (world.root, other)] == [2, 2]
    assert both.verify().is_good


def test_another_log_with_a_deleted_ones_inode_is_not_confused_with_it(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(output_tokens=1))
    world.read()
    path.unlink()
    write_log(world.root, "q/t.jsonl", line(id="new", output_tokens=2))

    assert outputs_by_project(world.read()) == {"p": 1, "q": 2}


def test_a_copy_beside_the_original_moves_nothing(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line())
    before = figures(world.read())
    shutil.copytree(world.root, world.place / "copy")

    both = world.read(world.root, world.place / "copy")

    assert figures(both) == before
    assert figures(world.read()) == before
    assert len(both.health().roots) == 2


def test_a_moved_folder_is_reported_at_its_current_path(world: World) -> None:
    logs = [write_log(world.root, f"p/{name}.jsonl", line(id=name), BROKEN) for name in "ab"]
    box = world.root / "vms" / "box"
    logs.append(write_log(box, "p/c.jsonl", line(id="c"), BROKEN))
    world.read()
    logs[1].unlink()  # which leaves its history
    moved = world.root.rename(world.place / "moved")

    health = world.read(moved).health()

    now = [str(moved / log.relative_to(world.root)) for log in logs]
    assert sorted(problem.path for problem in health.problems) == now
    assert {root.folder for root in health.roots} == {str(moved), str(moved / "vms" / "box")}


@pytest.mark.parametrize("is_copied", [False, True])
def test_a_moved_folder_keeps_its_history(world: World, *, is_copied: bool) -> None:
    deleted = write_log(world.root, "p/old.jsonl", line(id="old"))
    write_log(world.root, "p/s.jsonl", line(), nameless("first"))
    write_log(world.root, "q/t.jsonl", line(id="t"))
    vm = write_log(world.root / "vms" / "box", "p/s.jsonl", line(id="vm"))
    before = figures(world.read())
    deleted.unlink()
    vm.unlink()
    moved = world.place / "moved"
    if is_copied:
        shutil.copytree(world.root, moved)
        shutil.rmtree(world.root)
    else:
        world.root.rename(moved)

    tracker = world.read(moved)

    assert figures(tracker) == before
    assert tracker.folder_notes() == FolderNotes(is_listed=True)
    assert outputs_by_day(world.tracker(moved, with_vms=False)) == {"2026-03-01": 1600}
    assert tracker.verify().is_good
    append(moved / "projects" / "p" / "s.jsonl", nameless("second"))
    assert tracker.refresh().new_answers == 1


def test_a_moved_folder_joins_what_is_known_at_its_new_place(world: World) -> None:
    deleted = write_log(world.root, "p/old.jsonl", line(id="old"))
    write_log(world.root, "p/s.jsonl", line())
    write_log(world.root, "p/both.jsonl", line(id="both"))
    world.read()
    deleted.unlink()
    moved = world.make_root("moved")
    write_log(moved, "p/new.jsonl", line(id="new"))
    shutil.copy2(projects(world.root) / "p" / "both.jsonl", projects(moved) / "p" / "both.jsonl")
    world.read(moved)
    (projects(world.root) / "p" / "s.jsonl").rename(projects(moved) / "p" / "s.jsonl")
    shutil.rmtree(world.root)

    tracker = world.read(moved)

    assert total(tracker).answers == 4
    assert outputs_by_project(tracker) == {"p": 1600}
    assert tracker.folder_notes().left == ()
    assert tracker.verify().is_good


def test_a_folder_moved_between_two_roots_counts_once(world: World) -> None:
    environ = {"HOME": str(world.place)}
    new, old = world.place / ".claude", world.place / ".config" / "claude"
    deleted = write_log(old, "p/old.jsonl", line(id="old"))
    write_log(old, "p/s.jsonl", line(), nameless("first"))
    before = figures(world.read(environ=environ))
    deleted.unlink()
    old.rename(new)

    tracker = world.read(environ=environ)

    assert figures(tracker) == before
    assert total(tracker).answers == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_a_folder_keeps_its_history_when_its_other_name_is_dropped(world: World) -> None:
    link = world.place / "link"
    link.symlink_to(world.root.name)
    deleted = write_log(world.root, "p/old.jsonl", line(id="old"))
    write_log(world.root, "p/s.jsonl", line())
    before = figures(world.read(link))
    deleted.unlink()
    link.unlink()

    assert figures(world.read()) == before


def test_equal_copies_are_distinguished_by_their_paths_after_a_move(world: World) -> None:
    other = world.make_root("other")
    for root in (world.root, other):
        write_log(root, "p/s.jsonl", line(), line(id="second"))
    world.read(world.root, other)
    moved = other.rename(world.place / "a")

    both = world.read(world.root, moved)

    assert figures(both) == figures(world.read(world.root, moved, data="new"))
    assert figures(world.tracker(moved)) == figures(world.read(moved, data="alone"))


def test_a_folder_moved_before_all_logs_are_read_again_is_followed(
    world: World,
) -> None:
    deleted = write_log(world.root, "p/old.jsonl", line(id="old"))
    write_log(world.root, "p/s.jsonl", line(), nameless("first"))
    before = figures(world.read())
    deleted.unlink()
    with sqlite3.connect(world.place / "data" / "ledger.sqlite3") as connection:
        connection.execute("UPDATE files SET size = -1, read_to = 0, fingerprint = 0")
    connection.close()

    moved = world.root.rename(world.place / "moved")

    assert figures(world.read(moved)) == before


MOVES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcdef"), st.booleans()), max_size=6
)


@settings(max_examples=10, deadline=None)
@given(MOVES)
def test_no_answer_is_lost_or_doubled_whatever_is_renamed(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, str, bool]]
) -> None:
    world = World(tmp_path_factory.mktemp("moves"))
    for name in "abcd":
        write_log(world.root, f"{name}/{name}.jsonl", line(id=name), nameless(name))
    tracker = world.read()
    for old, new, is_seen in moves:
        source, target = projects(world.root) / old, projects(world.root) / new
        if source.exists() and not target.exists():
            source.rename(target)
        if is_seen:
            tracker.refresh()
    tracker.refresh()

    assert total(tracker).answers == 8
    assert outputs_by_project(tracker) == {
        path.name: 800 for path in projects(world.root).iterdir()
    }

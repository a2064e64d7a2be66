from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.logs.listers import list_in_python
from tests.makers import append, line, write_log
from tests.tracker.worlds import World, at

BAD = line(input_tokens=-1)


def test_a_bad_line_is_kept_with_its_place_and_reason(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", line(), BAD, line(id="b"))
    tracker = world.tracker()

    refreshed = tracker.refresh()
    (problem,) = tracker.health().problems

    assert refreshed.problems == 1
    assert (problem.path, problem.offset) == (str(path), len(line()))
    assert "input_tokens" in problem.reason
    assert not problem.is_counted


def test_a_line_with_a_problem_that_counts_is_marked(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(speed="warp"))

    (problem,) = world.read().health().problems

    assert problem.is_counted
    assert "warp" in problem.reason


def test_problems_of_a_rewritten_log_are_forgotten(world: World) -> None:
    path = write_log(world.root, "p/s.jsonl", BAD, BAD)
    tracker = world.read()
    append(path, BAD)
    tracker.refresh()
    assert len(tracker.health().problems) == 3

    path.write_bytes(line())
    tracker.refresh()

    assert tracker.health().problems == ()


def test_roots_have_the_number_of_their_logs_and_of_missing_ones(world: World) -> None:
    other = world.make_root("claude-2")
    write_log(other, "p/s.jsonl", line())
    path = write_log(world.root, "p/s.jsonl", line())
    write_log(world.root, "p/t.jsonl", line())
    tracker = world.read(world.root, other)

    path.unlink()
    tracker.refresh()
    first, second = tracker.health().roots

    assert (first.folder, first.files, first.gone, first.exists) == (str(world.root), 1, 1, True)
    assert (second.folder, second.files, second.gone) == (str(other), 1, 0)


def test_virtual_machines_are_named(world: World) -> None:
    (world.root / "vms" / "box" / "projects").mkdir(parents=True)

    roots = world.read().health().roots

    assert [root.machine for root in roots] == ["", "box"]


def test_a_root_without_its_folder_does_not_exist(world: World) -> None:
    tracker = world.read()

    shutil.rmtree(world.root)

    assert [root.exists for root in tracker.health().roots] == [False]


def test_the_archive_reports_its_size_and_extent(world: World) -> None:
    write_log(world.root, "p/s.jsonl", line(), line(id="b", timestamp=at(30)))

    health = world.read().health()

    assert health.answers == 2
    assert health.first_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert health.last_at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert Path(health.ledger_path).stat().st_size <= health.ledger_bytes
    assert health.prices.name == str(world.prices_file)


def test_models_without_a_price_are_named(world: World) -> None:
    unknown = [line(id=name, model=name) for name in ("zebra", "aardvark", "<synthetic>")]
    write_log(world.root, "p/s.jsonl", line(), *unknown)

    assert world.read().health().unpriced == ("aardvark", "zebra")


def test_an_empty_archive_has_no_extent(world: World) -> None:
    health = world.tracker().health()

    assert (health.answers, health.first_at, health.last_at) == (0, None, None)
    assert health.warnings == ()


def test_logs_in_an_unreadable_folder_are_not_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_log(world.root, "p/s.jsonl", line()).parent
    tracker = world.read()
    list_in_python(monkeypatch)
    scan = os.scandir

    def guarded(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path) == str(folder):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", guarded)
    tracker.refresh()
    (root,) = tracker.health().roots

    assert (root.files, root.gone) == (0, 0)
